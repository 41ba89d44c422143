//! What goes wrong if the steps of a container are taken in another order?
//!
//! Seven children, each root of a user namespace of its own, take two steps
//! in the wrong order. Watch how little the errors tell about that.

use std::fs::{self, File};

use anyhow::{Result, ensure};
use demos::deeds::errno;
use demos::stage::mount_tmpfs;
use demos::{become_root, give_up_capabilities, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chroot, sethostname};

const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const MOUNT: CloneFlags = CloneFlags::CLONE_NEWNS;
const PID: CloneFlags = CloneFlags::CLONE_NEWPID;
const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;

fn main() -> Result<()> {
    for wrong_order in [
        user_last,
        user_twice_before_maps,
        pid_twice_before_child,
        time_after_child,
        hostname_after_capability,
        link_after_proc,
        devpts_before_group,
    ] {
        in_child(|| {
            become_root()?;
            wrong_order()
        })?;
    }
    Ok(())
}

fn refused(what: &str, by: nix::Result<()>, expected: Errno) -> Result<()> {
    ensure!(by == Err(expected), "{what}: {by:?}");
    say!("child", "{what:46} {expected:?}");
    Ok(())
}

// ANCHOR: user
fn user_last() -> Result<()> {
    unshare(UTS)?;
    unshare(USER)?;
    let by = sethostname("crater");
    refused("hostname, user namespace made after the UTS", by, Errno::EPERM)
}

fn user_twice_before_maps() -> Result<()> {
    unshare(USER)?;
    let by = unshare(USER);
    refused("a user namespace, before the last one's map", by, Errno::EPERM)
}
// ANCHOR_END: user

// ANCHOR: others
fn pid_twice_before_child() -> Result<()> {
    unshare(PID)?;
    let by = unshare(PID);
    refused("a PID namespace, before the last one's child", by, Errno::EINVAL)
}

fn time_after_child() -> Result<()> {
    unshare(CloneFlags::from_bits_retain(libc::CLONE_NEWTIME))?;
    in_child(|| Ok(()))?;
    let by = fs::write("/proc/self/timens_offsets", "boottime 3600 0");
    let by = errno(by);
    refused("an offset of time, after the first child", by, Errno::EACCES)
}

fn hostname_after_capability() -> Result<()> {
    unshare(UTS)?;
    give_up_capabilities()?;
    let by = sethostname("crater");
    refused("hostname, after giving up capabilities", by, Errno::EPERM)
}

fn link_after_proc() -> Result<()> {
    unshare(MOUNT)?;
    mount_tmpfs("/tmp")?;
    chroot("/tmp")?;
    let by = errno(File::open("/proc/self/ns/uts").map(drop));
    refused("a link in /proc, after /proc is out of sight", by, Errno::ENOENT)
}

fn devpts_before_group() -> Result<()> {
    unshare(MOUNT)?;
    let (none, plain) = (None::<&str>, MsFlags::empty());
    let by = mount(none, "/tmp", Some("devpts"), plain, Some("gid=5"));
    refused("devpts for group 5, before the map has a 5", by, Errno::EINVAL)
}
// ANCHOR_END: others
