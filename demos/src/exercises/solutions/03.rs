//! `unshare --uts COMMAND…`, in twenty lines.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, unshare};

pub(crate) fn main() -> Result<()> {
    let mut words = env::args_os().skip(1);
    let command = words.next().context("which command?")?;
    unshare(CloneFlags::CLONE_NEWUTS)?;
    // It returns only if there is no such command.
    Err(Command::new(command).args(words).exec().into())
}
