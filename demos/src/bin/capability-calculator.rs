//! Which capability does it take, and does it take any?
//!
//! For each of eleven deeds, forty-one children are born into namespaces of
//! their own, each with one single capability, and one child without any.
//! Watch for which deeds one is enough, and which one.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::deeds::{
    errno, make_device, open_raw_socket, raise_priority, set_clock,
};
use demos::stage::{mount_tmpfs, stage};
use demos::{in_child, keep_capabilities, say};
use nix::sched::{CloneFlags as Flags, unshare};
use nix::unistd::{chroot, sethostname};

type Try = fn() -> nix::Result<()>;

// ANCHOR: deeds
const DEEDS: [(&str, Try, &str); 11] = [
    ("make a user namespace", || unshare(Flags::CLONE_NEWUSER), NOTHING),
    ("make a UTS namespace", || unshare(Flags::CLONE_NEWUTS), ADMIN),
    ("set the hostname", || sethostname("crater"), ADMIN),
    ("mount a tmpfs", || mount_tmpfs("/mnt"), ADMIN),
    ("change the root", || chroot("/mnt"), "needs SYS_CHROOT"),
    ("open a raw socket", open_raw_socket, "needs NET_RAW"),
    ("listen on port 80", listen_on_80, "needs NET_BIND_SERVICE"),
    ("read a file of mode 0", read_mode_0, FOR_FILES),
    ("set the clock", set_clock, NONE),
    ("make a device file", make_device, NONE),
    ("raise my priority", raise_priority, NONE),
];
// ANCHOR_END: deeds

const FOR_FILES: &str = "needs DAC_OVERRIDE or DAC_READ_SEARCH";
const NOTHING: &str = "needs nothing";
const ADMIN: &str = "needs SYS_ADMIN";
const NONE: &str = "no capability is enough";

/// In the order of their numbers (capabilities(7), linux/capability.h).
const CAPABILITIES: &str = "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID \
    KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE \
    NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO \
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE \
    SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP \
    MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ \
    PERFMON BPF CHECKPOINT_RESTORE";

fn main() -> Result<()> {
    for (deed, do_it, expected) in DEEDS {
        let enough = if succeeds_with(0, do_it)? {
            NOTHING.to_owned()
        } else {
            let mut enough = Vec::new();
            for (number, name) in CAPABILITIES.split(' ').enumerate() {
                if succeeds_with(1 << number, do_it)? {
                    enough.push(name);
                }
            }
            match enough[..] {
                [] => NONE.to_owned(),
                _ => format!("needs {}", enough.join(" or ")),
            }
        };
        say!("deed", "{deed:21}  {enough}");
        ensure!(enough == expected, "{deed}");
    }
    Ok(())
}

/// Whether a child that has only these capabilities, in a user namespace
/// that owns the others it is in, can do the deed.
fn succeeds_with(capabilities: u64, do_it: Try) -> Result<bool> {
    let (mut here, mut there) = UnixStream::pair()?;
    in_child(|| {
        // A user namespace, and what it is to own.
        stage()?;
        unshare(Flags::CLONE_NEWUTS | Flags::CLONE_NEWNET)?;
        let mode_0 = File::create("/mnt/mode-0")?;
        mode_0.set_permissions(Permissions::from_mode(0o0))?;
        keep_capabilities(capabilities)?;
        Ok(there.write_all(&[u8::from(do_it().is_ok())])?)
    })?;
    let mut done = [0];
    here.read_exact(&mut done)?;
    Ok(done == [1])
}

fn listen_on_80() -> nix::Result<()> {
    errno(TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80)).map(drop))
}

fn read_mode_0() -> nix::Result<()> {
    errno(fs::read("/mnt/mode-0").map(drop))
}
