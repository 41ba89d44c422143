//! Which kinds of namespace may somebody without privileges ask for?
//!
//! Each row is one kind, asked for twice by a process without capabilities:
//! alone, and together with a user namespace. The last row is all kinds in
//! one call. Watch the one kind that can be had alone.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, give_up_capabilities, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const OTHERS: [(&str, CloneFlags); 7] = [
    ("cgroup", CloneFlags::CLONE_NEWCGROUP),
    ("ipc", CloneFlags::CLONE_NEWIPC),
    ("mnt", CloneFlags::CLONE_NEWNS),
    ("net", CloneFlags::CLONE_NEWNET),
    ("pid", CloneFlags::CLONE_NEWPID),
    // The bits library has no name for this one.
    ("time", CloneFlags::from_bits_retain(libc::CLONE_NEWTIME)),
    ("uts", CloneFlags::CLONE_NEWUTS),
];

fn main() -> Result<()> {
    give_up_capabilities()?;

    // ANCHOR: ask
    for (kind, flag) in OTHERS {
        in_child(|| {
            ensure!(unshare(flag) == Err(Errno::EPERM), "{kind} alone");
            unshare(USER | flag).unwrap_or_else(cannot_run);
            say!(kind, "alone: EPERM    with a user namespace: done");
            Ok(())
        })?;
    }
    in_child(|| {
        unshare(USER).unwrap_or_else(cannot_run);
        say!("user", "alone: done");
        Ok(())
    })?;

    let outside = my_namespaces()?;
    let all = OTHERS.iter().fold(USER, |flags, (_, flag)| flags | *flag);
    unshare(all).unwrap_or_else(cannot_run);
    // ANCHOR_END: ask
    in_child(|| {
        let inside = my_namespaces()?;
        let new = inside.iter().filter(|link| !outside.contains(link));
        let new = new.count();
        say!("all", "in one call: {new} new namespaces");
        ensure!(new == 8, "{new} of 8 kinds are new");
        Ok(())
    })
}

fn my_namespaces() -> Result<Vec<PathBuf>> {
    let mut mine = vec![fs::read_link("/proc/self/ns/user")?];
    for (kind, _) in OTHERS {
        mine.push(fs::read_link(format!("/proc/self/ns/{kind}"))?);
    }
    Ok(mine)
}
