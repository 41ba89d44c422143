//! What keeps this process from making namespaces?
//!
//! It tries what a container needs, in the order in which a container needs
//! it, and then looks at the usual suspects. Watch for the first `no`.

use std::fs::{self, read_to_string};
use std::path::Path;

use anyhow::Result;
use demos::{in_child, say};
use nix::mount::{MsFlags, mount};
use nix::sched::CloneFlags as Flags;
use nix::sched::unshare;
use nix::unistd::{getgid, getuid};
use procfs::process::Process;

const TIME: Flags = Flags::from_bits_retain(libc::CLONE_NEWTIME);

fn main() -> Result<()> {
    in_child(|| {
        container();
        Ok(())
    })?;
    suspects()
}

// ANCHOR: container
/// Every step needs those before it, so the first refusal is the last line.
fn container() {
    let (user, group) = (getuid(), getgid());
    let steps: [(&str, &dyn Fn() -> Result<()>); 6] = [
        ("a user namespace", &|| Ok(unshare(Flags::CLONE_NEWUSER)?)),
        ("an id in it, by a map", &|| {
            fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
            fs::write("/proc/self/setgroups", "deny")?;
            Ok(fs::write("/proc/self/gid_map", format!("0 {group} 1"))?)
        }),
        ("the other kinds", &|| {
            let ipc_uts = Flags::CLONE_NEWIPC | Flags::CLONE_NEWUTS;
            let net_cgroup = Flags::CLONE_NEWNET | Flags::CLONE_NEWCGROUP;
            let mnt_pid = Flags::CLONE_NEWNS | Flags::CLONE_NEWPID;
            Ok(unshare(ipc_uts | net_cgroup | mnt_pid | TIME)?)
        }),
        ("a mount", &|| mount_new("tmpfs", "/tmp")),
        ("a /sys for that network", &|| mount_new("sysfs", "/sys")),
        ("a process 1 with a /proc", &|| {
            in_child(|| mount_new("proc", "/proc"))
        }),
    ];
    for (what, step) in steps {
        if let Err(refused) = step() {
            say!("no", "{what}: {refused}");
            break;
        }
        say!("yes", "{what}");
    }
}
// ANCHOR_END: container

fn suspects() -> Result<()> {
    let status = Process::myself()?.status()?;
    let is = |file: &str, value: &str| {
        read_to_string(Path::new("/proc/sys").join(file))
            .is_ok_and(|text| text.trim() == value)
    };
    let limits = fs::read_dir("/proc/sys/user")?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with("namespaces"))
        .filter(|path| read_to_string(path).is_ok_and(|n| n.trim() == "0"))
        .count();
    let debian = "kernel/unprivileged_userns_clone";
    let ubuntu = "kernel/apparmor_restrict_unprivileged_userns";
    let dumpable = Process::myself()?.uid()? == getuid().as_raw();
    for (suspect, guilty) in [
        ("a limit of 0 in /proc/sys/user", limits > 0),
        ("more threads than one", status.threads > 1),
        ("a filter of system calls", status.seccomp == Some(2)),
        ("files in /proc that are not ours", !dumpable),
        ("Debian's switch", is(debian, "0")),
        ("Ubuntu's switch", is(ubuntu, "1")),
    ] {
        say!(if guilty { "suspect" } else { "not" }, "{suspect}");
    }
    Ok(())
}

fn mount_new(kind: &str, place: &str) -> Result<()> {
    let none = None::<&str>;
    Ok(mount(none, place, Some(kind), MsFlags::empty(), none)?)
}
