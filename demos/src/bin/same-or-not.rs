//! Do a parent and its child live in the same namespaces?
//!
//! The child compares its eight namespaces with its parent's: once when it
//! is born, and once more after it has asked for two of its own. Watch which
//! signs change, and which do not.

use std::fs;
use std::os::unix::fs::MetadataExt;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::sched::{CloneFlags, unshare};

const KINDS: [&str; 8] =
    ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

fn main() -> Result<()> {
    let parent = my_namespaces()?;

    in_child(|| {
        let born = my_namespaces()?;
        say!("born", "{}", compare(&parent, &born));
        ensure!(born == parent, "a child is born where its parent lives");

        // ANCHOR: leave
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
            .unwrap_or_else(cannot_run);
        // ANCHOR_END: leave

        let grown = my_namespaces()?;
        say!("grown", "{}", compare(&parent, &grown));
        for (i, kind) in KINDS.iter().enumerate() {
            let asked_for = ["user", "uts"].contains(kind);
            ensure!((parent[i] != grown[i]) == asked_for, "{kind}");
        }
        Ok(())
    })?;

    ensure!(my_namespaces()? == parent);
    say!("parent", "I am where I was");
    Ok(())
}

/// Two namespaces are one if they are the same file: device and inode.
fn my_namespaces() -> Result<Vec<(u64, u64)>> {
    let mut mine = Vec::new();
    for kind in KINDS {
        let file = fs::metadata(format!("/proc/self/ns/{kind}"))?;
        mine.push((file.dev(), file.ino()));
    }
    Ok(mine)
}

fn compare(theirs: &[(u64, u64)], mine: &[(u64, u64)]) -> String {
    let mut signs = Vec::new();
    for (i, kind) in KINDS.iter().enumerate() {
        let sign = if theirs[i] == mine[i] { '=' } else { '≠' };
        signs.push(format!("{kind} {sign}"));
    }
    signs.join("  ")
}
