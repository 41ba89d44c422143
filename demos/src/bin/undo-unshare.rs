//! Can a process take back its wish for a new PID namespace?
//!
//! The manual says that a process may ask for one only once. Watch what the
//! kernel says after the process has joined the namespace it is in already.

use std::fs::File;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getpid, getppid};

fn main() -> Result<()> {
    // The experiment needs a PID namespace whose owner we are: a first one.
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);

    in_child(|| {
        // ANCHOR: undo
        unshare(CloneFlags::CLONE_NEWPID)?;
        ensure!(unshare(CloneFlags::CLONE_NEWPID) == Err(Errno::EINVAL));
        say!("init", "unshare a second time: EINVAL");

        let home = File::open("/proc/self/ns/pid")?;
        setns(home, CloneFlags::CLONE_NEWPID)?;
        say!("init", "I have joined the PID namespace I am in");
        in_child(|| introduce("first", 2, 1))?;

        unshare(CloneFlags::CLONE_NEWPID)?;
        say!("init", "unshare yet again: done");
        in_child(|| introduce("second", 1, 0))
        // ANCHOR_END: undo
    })
}

fn introduce(who: &str, me: i32, parent: i32) -> Result<()> {
    say!(who, "I am process {}, my parent is {}", getpid(), getppid());
    ensure!((getpid().as_raw(), getppid().as_raw()) == (me, parent));
    Ok(())
}
