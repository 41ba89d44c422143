//! What goes wrong if the steps of a container are taken in another order?
//!
//! Twelve children, each root of a user namespace of its own, take two steps
//! in the wrong order. Watch how little the errors tell about that.

#![allow(unsafe_code, reason = "nix has no call to give up capabilities")]

use std::fs::{self, File, create_dir};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, chroot, getgid, getuid, pivot_root, sethostname};

const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const MOUNT: CloneFlags = CloneFlags::CLONE_NEWNS;
const PID: CloneFlags = CloneFlags::CLONE_NEWPID;
const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    for wrong_order in [
        user_last,
        user_twice_before_maps,
        mount_before_namespace,
        sysfs_before_network,
        proc_before_child,
        proc_after_old_root,
        pivot_before_mount,
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

// ANCHOR: mounts
fn mount_before_namespace() -> Result<()> {
    let by = mount_new("tmpfs", "/tmp");
    refused("a mount, before a mount namespace", by, Errno::EPERM)
}

fn sysfs_before_network() -> Result<()> {
    unshare(MOUNT)?;
    let by = mount_new("sysfs", "/sys");
    refused("sysfs, before a network namespace", by, Errno::EPERM)
}

fn proc_before_child() -> Result<()> {
    unshare(MOUNT | PID)?;
    let by = mount_new("proc", "/proc");
    refused("proc, before the PID namespace has a child", by, Errno::EPERM)
}

fn proc_after_old_root() -> Result<()> {
    unshare(MOUNT | PID)?;
    in_child(|| {
        mount_new("tmpfs", "/tmp")?;
        create_dir("/tmp/proc")?;
        chdir("/tmp")?;
        pivot_root(".", ".")?;
        umount2(".", MntFlags::MNT_DETACH)?;
        let by = mount_new("proc", "/proc");
        refused("proc, after the old root is gone", by, Errno::EPERM)
    })
}

fn pivot_before_mount() -> Result<()> {
    unshare(MOUNT)?;
    mount_new("tmpfs", "/tmp")?;
    create_dir("/tmp/root")?;
    chdir("/tmp/root")?;
    let by = pivot_root(".", ".");
    refused("pivot_root, before the new root is a mount", by, Errno::EINVAL)
}
// ANCHOR_END: mounts

// ANCHOR: others
fn pid_twice_before_child() -> Result<()> {
    unshare(PID)?;
    let by = unshare(PID);
    refused("a PID namespace, before the last one's child", by, Errno::EINVAL)
}

fn time_after_child() -> Result<()> {
    unshare(CloneFlags::from_bits_retain(libc::CLONE_NEWTIME))?;
    in_child(|| Ok(()))?;
    let by = write("/proc/self/timens_offsets", "boottime 3600 0");
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
    mount_new("tmpfs", "/tmp")?;
    chroot("/tmp")?;
    let by = File::open("/proc/self/ns/uts")
        .map(drop)
        .map_err(|refused| errno(&refused));
    refused("a link in /proc, after /proc is out of sight", by, Errno::ENOENT)
}

fn devpts_before_group() -> Result<()> {
    unshare(MOUNT)?;
    let pts = Some("devpts");
    let by = mount(NONE, "/tmp", pts, MsFlags::empty(), Some("gid=5"));
    refused("devpts for group 5, before the map has a 5", by, Errno::EINVAL)
}
// ANCHOR_END: others

fn become_root() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(USER).unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    Ok(())
}

fn mount_new(kind: &str, place: &str) -> nix::Result<()> {
    mount(NONE, place, Some(kind), MsFlags::empty(), NONE)
}

fn write(path: &str, text: &str) -> nix::Result<()> {
    fs::write(path, text).map_err(|refused| errno(&refused))
}

fn errno(refused: &std::io::Error) -> Errno {
    Errno::from_raw(refused.raw_os_error().unwrap_or_default())
}

fn give_up_capabilities() -> nix::Result<()> {
    // Version 3 of the call, about the caller; three sets of 64 bits.
    let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
    // SAFETY: the two arrays have the layout that version 3 asks for.
    let done = unsafe {
        libc::syscall(libc::SYS_capset, &raw const header, &raw const none)
    };
    Errno::result(done).map(drop)
}
