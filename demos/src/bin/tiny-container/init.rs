//! Process 1 of the container, and what is expected of it.

use std::process::exit;

use anyhow::Result;
use demos::start_child;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Forks process 1, which prepares everything, and forks process 2, which
/// runs the program. The caller waits, and ends as the program does.
pub(crate) fn boot(
    prepare: impl FnOnce() -> Result<()>,
    program: impl FnOnce() -> Result<()>,
) -> Result<()> {
    // Signals that are blocked wait until somebody asks for them. Process 1
    // would otherwise never hear of SIGTERM.
    let signals = SigSet::from_iter([Signal::SIGCHLD, Signal::SIGTERM]);
    signals.thread_block()?;
    let init = start_child(|| {
        prepare()?;
        let program = start_child(program)?;
        exit(stand_by(program, signals)?)
    })?;
    exit(stand_by(init, signals)?)
}

/// Hands SIGTERM on to a child, and buries all children that die, until it
/// is that one. Returns the status as a shell would tell it.
fn stand_by(child: Pid, signals: SigSet) -> Result<i32> {
    loop {
        if signals.wait()? != Signal::SIGCHLD {
            kill(child, Signal::SIGTERM)?;
            continue;
        }
        // One SIGCHLD may stand for several children.
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(dead, status)) if dead == child => {
                    return Ok(status);
                }
                Ok(WaitStatus::Signaled(dead, by, _)) if dead == child => {
                    return Ok(128 + by as i32);
                }
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => break,
                other => drop(other?),
            }
        }
    }
}
