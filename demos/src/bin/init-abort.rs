//! Can process 1 end itself by a signal?
//!
//! abort is meant to end a process with SIGABRT. Watch what the same call
//! does in process 1 of a PID namespace.

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};

fn main() -> Result<()> {
    let ordinary = end_of_abort()?;
    ensure!(ordinary == Some(Signal::SIGABRT));
    say!("parent", "abort in an ordinary child: it died of SIGABRT");

    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    let init = end_of_abort()?;
    ensure!(init.is_some() && init != ordinary);
    say!("parent", "abort in process 1: it died of another signal");
    Ok(())
}

fn end_of_abort() -> Result<Option<Signal>> {
    let child = start_child(|| std::process::abort())?;
    match waitpid(child, None)? {
        WaitStatus::Signaled(_, signal, _) => Ok(Some(signal)),
        _ => Ok(None),
    }
}
