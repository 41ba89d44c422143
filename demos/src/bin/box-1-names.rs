//! Step 1 of a container: who am I, and where?
//!
//! A user namespace, to be root, and a UTS namespace, to have a name. Watch
//! which of the two is true for the files.

use std::fs;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, say};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getuid, sethostname};

#[path = "tiny-container/program.rs"]
mod program;

fn main() -> Result<()> {
    become_root()?;
    unshare(CloneFlags::CLONE_NEWUTS).unwrap_or_else(cannot_run);
    sethostname("box")?;
    program::run()?;
    look()
}

fn look() -> Result<()> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")?;
    say!("box", "I am user {} on {}", getuid(), name.trim_end());
    ensure!(getuid().is_root() && name == "box\n");
    Ok(())
}
