//! How many numbers does one process have?
//!
//! Three PID namespaces, each inside the one before. Watch how the list of
//! numbers grows by one with every level (N is the number that was there
//! before), and what the innermost process believes about its parent.

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getpgrp, getpid, getppid, getsid, setsid};
use procfs::process::Process;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    let outside = numbers()?.len();
    say!("level 0", "NSpid: {}", show(&numbers()?, outside));
    live_at(1, outside)
}

// ANCHOR: nest
fn live_at(level: usize, outside: usize) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).unwrap_or_else(cannot_run);
    in_child(|| {
        let numbers = numbers()?;
        // The last number is the one that this process itself knows.
        ensure!(numbers.last() == Some(&getpid().as_raw()));
        ensure!(numbers.len() == outside + level);
        say!(format!("level {level}"), "NSpid: {}", show(&numbers, outside));
        if level < 3 { live_at(level + 1, outside) } else { look_up() }
    })
}

/// The numbers of this process, from the outermost namespace that the
/// mounted /proc knows down to its own.
fn numbers() -> Result<Vec<i32>> {
    Process::myself()?.status()?.nspid.context("no NSpid line")
}
// ANCHOR_END: nest

fn show(numbers: &[i32], outside: usize) -> String {
    let mut shown = vec!["N".to_owned(); outside];
    shown.extend(numbers[outside..].iter().map(i32::to_string));
    shown.join(" ")
}

fn look_up() -> Result<()> {
    let me = "level 3";
    ensure!(getppid().as_raw() == 0 && getpgrp().as_raw() == 0);
    ensure!(getsid(None)?.as_raw() == 0);
    say!(me, "my parent, my group and my session are 0: all outside");
    setsid()?;
    ensure!(getpgrp().as_raw() == 1 && getsid(None)?.as_raw() == 1);
    say!(me, "after setsid my group and my session are 1: me");
    Ok(())
}
