//! The program that runs in the container.

use std::env::{args_os, var_os};
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::SigSet;

/// Becomes the program that the caller was given as arguments, if there are
/// any; returns if there are none.
pub(crate) fn run() -> Result<()> {
    let mut arguments = args_os().skip(1);
    let Some(name) = arguments.next() else { return Ok(()) };

    // A program starts with the signals blocked that its maker had blocked.
    SigSet::all().thread_unblock()?;
    let mut program = Command::new(&name);
    program.args(arguments).env_clear();
    program.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/");
    program.envs(var_os("TERM").map(|kind| ("TERM", kind)));
    Err(program.exec()).with_context(|| name.display().to_string())
}
