//! When is it too early to mount something, and when too late?
//!
//! Five children, each root of a user namespace of its own, take two steps in
//! the wrong order. Watch how alike the answers are.

use std::fs::create_dir;

use anyhow::{Result, ensure};
use demos::{become_root, in_child, say};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, pivot_root};

const MOUNT: CloneFlags = CloneFlags::CLONE_NEWNS;
const PID: CloneFlags = CloneFlags::CLONE_NEWPID;

fn main() -> Result<()> {
    for wrong_order in [
        mount_before_namespace,
        sysfs_before_network,
        proc_before_child,
        proc_after_old_root,
        pivot_before_mount,
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

fn mount_new(kind: &str, place: &str) -> nix::Result<()> {
    let none = None::<&str>;
    mount(none, place, Some(kind), MsFlags::empty(), none)
}
