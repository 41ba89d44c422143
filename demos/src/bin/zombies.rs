//! What is left of a process that has ended, until somebody waits for it?
//!
//! Process 1 of a new PID namespace has three children that end at once.
//! Watch when the number of each becomes free.

#![allow(unsafe_code, reason = "the disposition of a signal is process-wide")]

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, sched_yield, unshare};
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::Pid;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    in_child(|| {
        // ANCHOR: zombies
        let first = ended_child()?;
        let second = ended_child()?;
        ensure!(kill(first, None) == Ok(()));
        say!("init", "{first} and {second} have ended, and still exist");

        waitpid(first, None)?;
        ensure!(kill(first, None) == Err(Errno::ESRCH));
        say!("init", "waited for {first}: no such process");

        // SAFETY: ignoring a signal installs no handler.
        unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn)? };
        let third = start_child(|| Ok(()))?;
        ensure!(waitpid(third, None) == Err(Errno::ECHILD));
        // Its number becomes free a moment after that.
        while kill(third, None) != Err(Errno::ESRCH) {
            sched_yield()?;
        }
        say!("init", "SIGCHLD ignored: {third} went without being waited for");

        ensure!(kill(second, None) == Ok(()));
        say!("init", "{second} had ended before that, and still exists");
        // ANCHOR_END: zombies
        Ok(())
    })
}

/// A child that has ended, and that nobody has waited for.
fn ended_child() -> Result<Pid> {
    let child = start_child(|| Ok(()))?;
    let leave_it = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    waitid(Id::Pid(child), leave_it)?;
    Ok(child)
}
