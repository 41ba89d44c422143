//! Can a PID namespace outlive its process 1?
//!
//! An open file keeps the namespace when process 1 has ended. Watch what
//! joining it is still good for.

use std::fs::File;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getpid, pause};

const PID: CloneFlags = CloneFlags::CLONE_NEWPID;

fn main() -> Result<()> {
    // The experiment needs a PID namespace whose owner we are: a first one.
    unshare(CloneFlags::CLONE_NEWUSER | PID).unwrap_or_else(cannot_run);
    in_child(|| {
        let home = File::open("/proc/self/ns/pid")?;
        // ANCHOR: undead
        unshare(PID)?;
        let init = start_child(|| {
            pause();
            Ok(())
        })?;
        let kept = File::open("/proc/self/ns/pid_for_children")?;
        in_child(|| introduce(2))?;

        setns(&home, PID)?;
        kill(init, Signal::SIGKILL)?;
        let killed = WaitStatus::Signaled(init, Signal::SIGKILL, false);
        ensure!(waitpid(init, None)? == killed);
        say!("parent", "process 1 is dead, and the file is still open");

        setns(&kept, PID)?;
        say!("parent", "setns: done");
        ensure!(start_child(|| Ok(())) == Err(Errno::ENOMEM));
        say!("parent", "fork: ENOMEM");
        // ANCHOR_END: undead
        Ok(())
    })
}

fn introduce(number: i32) -> Result<()> {
    ensure!(getpid().as_raw() == number);
    say!("member", "I am process {number}, and process 1 is alive");
    Ok(())
}
