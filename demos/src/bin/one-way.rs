//! Can a process go back to the PID namespace that it comes from?
//!
//! Process 1 of one namespace, the upper, makes another below it. Watch who
//! may join which of the two, and who it is that moves.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getpid, getppid};

fn main() -> Result<()> {
    // The experiment needs two PID namespaces whose owner we are.
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    in_child(be_upper)
}

fn be_upper() -> Result<()> {
    let upper = File::open("/proc/self/ns/pid")?;
    unshare(CloneFlags::CLONE_NEWPID)?;
    let (mut here, mut there) = UnixStream::pair()?;

    // ANCHOR: joins
    let init = start_child(|| {
        ensure!(join(&upper) == Err(Errno::EINVAL));
        say!("lower", "join the namespace I come from: EINVAL");
        join(&File::open("/proc/self/ns/pid")?)?;
        say!("lower", "join the namespace I am in: done");
        there.write_all(b"!")?;
        Ok(there.read_exact(&mut [0])?)
    })?;
    here.read_exact(&mut [0])?;

    let lower = File::open("/proc/self/ns/pid_for_children")?;
    join(&upper)?;
    say!("upper", "join the namespace I am in: done");
    in_child(|| introduce(3, 1))?;

    join(&lower)?;
    ensure!(getpid().as_raw() == 1);
    say!("upper", "join the lower one: done, and I am still {}", getpid());
    in_child(|| introduce(2, 0))?;
    // ANCHOR_END: joins

    here.write_all(b"!")?;
    ensure!(waitpid(init, None)? == WaitStatus::Exited(init, 0));
    Ok(())
}

fn join(namespace: &File) -> nix::Result<()> {
    setns(namespace, CloneFlags::CLONE_NEWPID)
}

fn introduce(me: i32, parent: i32) -> Result<()> {
    say!("child", "I am {}, my parent is {}", getpid(), getppid());
    ensure!((getpid().as_raw(), getppid().as_raw()) == (me, parent));
    Ok(())
}
