//! How can the kernel deny somebody a user namespace?
//!
//! It takes no privilege to make one, and still none of these four children
//! gets one. Watch how few of the errors are about rights.

use std::fs;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chroot, getgid, getuid};

fn main() -> Result<()> {
    in_child(|| {
        become_root()?;
        chroot("/proc")?;
        expect("in a chroot", Errno::EPERM)
    })?;

    in_child(|| {
        become_root()?;
        unshare(CloneFlags::CLONE_NEWUSER)?;
        expect("without an id", Errno::EPERM)
    })?;

    in_child(|| {
        let (go_on, wait) = channel::<()>();
        let second = thread::spawn(move || wait.recv());
        expect("with a second thread", Errno::EINVAL)?;
        drop(go_on);
        ensure!(second.join().is_ok());
        Ok(())
    })?;

    in_child(|| {
        become_root()?;
        fs::write("/proc/sys/user/max_user_namespaces", "0")?;
        expect("with a limit of 0", Errno::ENOSPC)
    })
}

// ANCHOR: expect
fn expect(when: &str, error: Errno) -> Result<()> {
    let answer = unshare(CloneFlags::CLONE_NEWUSER);
    ensure!(answer == Err(error), "{when}: {answer:?}");
    say!("child", "{when:20}  {error:?}, \"{}\"", error.desc());
    Ok(())
}
// ANCHOR_END: expect

/// Root of a user namespace, which is what it takes to call chroot, and to
/// set limits.
fn become_root() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    Ok(())
}
