//! Which capability does it take, and does it take any?
//!
//! For each of eleven deeds, forty-one children are born into namespaces of
//! their own, each with one single capability, and one child without any.
//! Watch for which deeds one is enough, and which one.

#![allow(unsafe_code, reason = "nix does not set capabilities")]

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, socket,
};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::time::{ClockId, clock_gettime, clock_settime};
use nix::unistd::{chroot, getgid, getuid, sethostname};

type Deed = (&'static str, fn() -> Result<()>, &'static str);

// ANCHOR: deeds
const DEEDS: [Deed; 11] = [
    (
        "make a user namespace",
        || make(CloneFlags::CLONE_NEWUSER),
        "needs nothing",
    ),
    (
        "make a UTS namespace",
        || make(CloneFlags::CLONE_NEWUTS),
        "needs SYS_ADMIN",
    ),
    ("set the hostname", || Ok(sethostname("crater")?), "needs SYS_ADMIN"),
    ("mount a tmpfs", mount_tmpfs, "needs SYS_ADMIN"),
    ("change the root", || Ok(chroot("/tmp")?), "needs SYS_CHROOT"),
    ("open a raw socket", open_raw_socket, "needs NET_RAW"),
    ("listen on port 80", listen_on_80, "needs NET_BIND_SERVICE"),
    (
        "read a file of mode 0",
        read_mode_0,
        "needs DAC_OVERRIDE or DAC_READ_SEARCH",
    ),
    ("set the clock", set_clock, NONE),
    ("make a device file", make_device, NONE),
    ("raise my priority", raise_priority, NONE),
];
// ANCHOR_END: deeds

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
            "needs nothing".to_owned()
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
fn succeeds_with(capabilities: u64, do_it: fn() -> Result<()>) -> Result<bool> {
    let (mut here, mut there) = UnixStream::pair()?;
    in_child(|| {
        prepare()?;
        keep_only(capabilities)?;
        Ok(there.write_all(&[u8::from(do_it().is_ok())])?)
    })?;
    let mut done = [0];
    here.read_exact(&mut done)?;
    Ok(done == [1])
}

fn prepare() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWNET,
    )
    .unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    mount_tmpfs()?;
    let mode_0 = File::create("/tmp/mode-0")?;
    Ok(mode_0.set_permissions(Permissions::from_mode(0o0))?)
}

fn keep_only(capabilities: u64) -> Result<()> {
    let low = u32::try_from(capabilities & 0xffff_ffff)?;
    let high = u32::try_from(capabilities >> 32)?;
    // Version 3 of the call, about the caller: capset(2). Three words each
    // for effective, permitted and inheritable, low half first.
    let header = [0x2008_0522_u32, 0];
    let data = [low, low, 0, high, high, 0];
    // SAFETY: the two arrays have the layout that version 3 asks for.
    let done = unsafe {
        libc::syscall(libc::SYS_capset, &raw const header, &raw const data)
    };
    Errno::result(done)?;
    Ok(())
}

fn make(kind: CloneFlags) -> Result<()> {
    Ok(unshare(kind)?)
}

fn mount_tmpfs() -> Result<()> {
    let none = None::<&str>;
    Ok(mount(none, "/tmp", Some("tmpfs"), MsFlags::empty(), none)?)
}

fn open_raw_socket() -> Result<()> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::empty());
    socket(family, SockType::Raw, flags, SockProtocol::Icmp)?;
    Ok(())
}

fn listen_on_80() -> Result<()> {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80))?;
    Ok(())
}

fn read_mode_0() -> Result<()> {
    fs::read("/tmp/mode-0")?;
    Ok(())
}

fn set_clock() -> Result<()> {
    // To what it shows, so that nothing would happen.
    let clock = ClockId::CLOCK_REALTIME;
    Ok(clock_settime(clock, clock_gettime(clock)?)?)
}

fn make_device() -> Result<()> {
    // What /dev/null is: character device 1, 3.
    let null = makedev(1, 3);
    Ok(mknod("/tmp/null", SFlag::S_IFCHR, Mode::S_IRUSR, null)?)
}

fn raise_priority() -> Result<()> {
    // SAFETY: three numbers, of which 0 means the caller.
    let done = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -5) };
    Errno::result(done)?;
    Ok(())
}
