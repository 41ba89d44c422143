//! If one of the kinds that we ask for is refused, do we get the others?
//!
//! A process may make no network namespace, and asks for three kinds in one
//! call, that one among them. Watch what it has got afterwards.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    // The limit is set in a user namespace of our own, and counts only there.
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    fs::write("/proc/sys/user/max_net_namespaces", "0")?;

    let two = CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWIPC;
    // ANCHOR: ask
    let before = my_namespaces()?;
    let refused = unshare(two | CloneFlags::CLONE_NEWNET);
    ensure!(refused == Err(Errno::ENOSPC));
    ensure!(my_namespaces()? == before);
    say!("asked", "uts, ipc, net: ENOSPC, and I have none of them");

    unshare(two)?;
    ensure!(my_namespaces()?.iter().all(|link| !before.contains(link)));
    say!("asked", "uts, ipc: done, and I have both");
    // ANCHOR_END: ask
    Ok(())
}

fn my_namespaces() -> Result<[PathBuf; 2]> {
    Ok([
        fs::read_link("/proc/self/ns/uts")?,
        fs::read_link("/proc/self/ns/ipc")?,
    ])
}
