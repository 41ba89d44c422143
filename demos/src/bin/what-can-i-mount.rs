//! Which filesystems may root of a user namespace mount?
//!
//! One process has a user and a mount namespace of its own, another has all
//! the kinds. Both try the same list. Watch what the second may do more.

use std::fs;

use anyhow::{Result, ensure};
use demos::stage::stage;
use demos::{in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount, umount};
use nix::sched::{CloneFlags, unshare};

const MEMORY: [&str; 3] = ["tmpfs", "ramfs", "devpts"];
const VIEWS: [&str; 4] = ["proc", "sysfs", "mqueue", "cgroup2"];
const MACHINE: [&str; 4] = ["devtmpfs", "debugfs", "tracefs", "securityfs"];

fn main() -> Result<()> {
    stage()?;
    fs::create_dir("/mnt/point")?;

    // ANCHOR: try
    say!("two", "I have a user and a mount namespace");
    try_all("two", &MEMORY, true)?;
    try_all("two", &VIEWS, false)?;
    try_all("two", &MACHINE, false)?;

    unshare(
        CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWCGROUP,
    )?;
    in_child(|| {
        say!("six", "and a pid, a net, an ipc and a cgroup namespace");
        try_all("six", &VIEWS, true)?;
        try_all("six", &MACHINE, false)
    })
    // ANCHOR_END: try
}

fn try_all(who: &str, types: &[&str], allowed: bool) -> Result<()> {
    for kind in types {
        let outcome = try_one(kind);
        ensure!(outcome.is_ok() == allowed, "{kind}: {outcome:?}");
    }
    let outcome = if allowed { "mounted" } else { "refused" };
    say!(who, "{outcome}: {}", types.join(", "));
    Ok(())
}

fn try_one(kind: &str) -> nix::Result<()> {
    let hardened = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let point = "/mnt/point";
    match mount(Some("none"), point, Some(kind), hardened, None::<&str>) {
        Ok(()) => umount(point),
        // A kernel that was built without it refuses in its own way.
        Err(Errno::ENODEV) => Err(Errno::EPERM),
        refused => refused,
    }
}
