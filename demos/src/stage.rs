//! A stage for demos about mounts: what is mounted there, nobody else sees.

use std::fs;

use anyhow::Result;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use crate::cannot_run;

/// Makes the caller root of a user and a mount namespace of its own, makes
/// all mounts private there, and mounts an empty filesystem on `/mnt`.
pub fn stage() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;

    make_private()?;
    mount_tmpfs("/mnt")?;
    Ok(())
}

/// Sees to it that no mount of ours is seen in other mount namespaces.
pub fn make_private() -> nix::Result<()> {
    let all_private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, all_private, None::<&str>)
}

/// Mounts a new, empty filesystem that is kept in memory.
pub fn mount_tmpfs(target: &str) -> nix::Result<()> {
    let plain = MsFlags::empty();
    mount(Some("none"), target, Some("tmpfs"), plain, Some("mode=755"))
}

/// The caller's list of mounts, one line of `/proc/self/mountinfo` each
/// (proc(5)).
pub fn mounts() -> Result<Vec<String>> {
    let list = fs::read_to_string("/proc/self/mountinfo")?;
    Ok(list.lines().map(str::to_owned).collect())
}

/// The line of what is mounted at this very place, on top of all else.
pub fn mounted_at(place: &str) -> Result<Option<String>> {
    let mut all = mounts()?;
    all.retain(|line| line.split(' ').nth(4) == Some(place));
    Ok(all.pop())
}
