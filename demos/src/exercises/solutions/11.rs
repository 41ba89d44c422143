//! A process 1: starts its arguments as a command, waits for whoever ends,
//! passes SIGTERM on, and exits with the command's status.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

pub(crate) fn main() -> Result<()> {
    let mut words = env::args_os().skip(1);
    let mut command = Command::new(words.next().context("which command?")?);
    // Blocked signals wait for us, also the one that would else be ignored.
    let ours = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD]);
    ours.thread_block()?;
    unblock_in(&mut command);
    let child = command.args(words).spawn()?.id().try_into()?;
    let child = Pid::from_raw(child);
    loop {
        if ours.wait()? == Signal::SIGTERM {
            kill(child, Signal::SIGTERM)?;
        }
        // One SIGCHLD may stand for several children.
        while let Ok(end) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            match end {
                WaitStatus::StillAlive => break,
                WaitStatus::Exited(who, status) if who == child => exit(status),
                WaitStatus::Signaled(who, signal, _) if who == child => {
                    exit(128 + signal as i32)
                }
                _ => {}
            }
        }
    }
}

/// A mask survives execve(2), and the command is to begin with none.
#[allow(unsafe_code, reason = "pre_exec runs between fork and execve")]
fn unblock_in(command: &mut Command) {
    // SAFETY: setting the mask is safe there (signal-safety(7)).
    unsafe {
        command.pre_exec(|| Ok(SigSet::empty().thread_set_mask()?));
    }
}
