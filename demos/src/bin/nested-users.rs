//! How deep can user namespaces be nested?
//!
//! A diver makes one user namespace inside of the other. Watch what it has
//! to do at each level before the kernel lets it go on, and which error it
//! gets where it is too deep.

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

fn main() -> Result<()> {
    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        let next = unshare(CloneFlags::CLONE_NEWUSER);
        ensure!(next == Err(Errno::EPERM));
        say!("diver", "no id at this level, so no next level: EPERM");
        Ok(())
    })?;

    in_child(|| {
        // ANCHOR: dive
        let mut levels = 0;
        let end = loop {
            let (user, group) = (getuid(), getgid());
            if let Err(refused) = unshare(CloneFlags::CLONE_NEWUSER) {
                break refused;
            }
            fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
            fs::write("/proc/self/setgroups", "deny")?;
            fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
            levels += 1;
        };
        // ANCHOR_END: dive
        if levels == 0 {
            cannot_run::<()>(end);
        }
        ensure!(end == Errno::ENOSPC && levels <= 33);
        say!("diver", "an id at each level: {levels} levels, then {end:?}");
        Ok(())
    })
}
