//! What becomes of a PID namespace when its process 1 dies?
//!
//! Four processes wait for a signal in a new PID namespace. The parent kills
//! only the first, from outside. Watch what the other three die of.

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, pause};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);

    let wait = || {
        pause();
        Ok(())
    };
    let init = start_child(wait)?;
    let members = [start_child(wait)?, start_child(wait)?, start_child(wait)?];
    say!("parent", "process 1 and three more are alive");

    // ANCHOR: kill
    kill(init, Signal::SIGKILL)?;
    say!("parent", "I have killed process 1, and nobody else");

    for (member, inside) in members.into_iter().zip(2..) {
        // Process 1 is the last to go: its end waits for all the others'.
        ensure!(has_not_ended(init)?);
        ensure!(killed(member)?);
        ensure!(kill(member, None) == Err(Errno::ESRCH));
        say!("parent", "process {inside} was ended by SIGKILL");
    }
    ensure!(killed(init)?);
    // ANCHOR_END: kill
    say!("parent", "process 1 was ended by SIGKILL, last of all");
    Ok(())
}

fn has_not_ended(process: Pid) -> Result<bool> {
    let end = waitpid(process, Some(WaitPidFlag::WNOHANG))?;
    Ok(end == WaitStatus::StillAlive)
}

fn killed(process: Pid) -> Result<bool> {
    let end = waitpid(process, None)?;
    Ok(matches!(end, WaitStatus::Signaled(_, Signal::SIGKILL, _)))
}
