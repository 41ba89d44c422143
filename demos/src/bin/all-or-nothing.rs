//! Can several namespaces be joined at once, and what if one is refused?
//!
//! Since Linux 5.8 setns takes a process instead of a namespace, and a set of
//! kinds. Watch whose PID namespace is meant, and what the visitor has after
//! the refusal.

#![allow(unsafe_code, reason = "nix has no pidfd_open")]

use std::fs::{self};
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, give_up_capabilities, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Pid, getpid, pause};

fn main() -> Result<()> {
    give_up_capabilities()?;
    let (asker, init) = asker_and_init()?;
    let (asker, init) = (open_process(asker)?, open_process(init)?);

    // ANCHOR: at-once
    let two = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS;
    let three = two | CloneFlags::CLONE_NEWPID;

    let before = my_namespaces()?;
    ensure!(setns(&asker, three) == Err(Errno::EPERM));
    ensure!(my_namespaces()? == before);
    say!("visitor", "user, uts, pid of the one who asked: EPERM");
    say!("visitor", "I am where I was, in user and uts, too");

    setns(&init, three)?;
    let after = my_namespaces()?;
    ensure!(after[0] != before[0] && after[1] != before[1]);
    say!("visitor", "user, uts, pid of its child: done");
    in_child(|| {
        ensure!(getpid().as_raw() == 2);
        say!("child", "I am process 2");
        Ok(())
    })?;
    // ANCHOR_END: at-once
    Ok(())
}

fn my_namespaces() -> Result<[PathBuf; 2]> {
    Ok([
        fs::read_link("/proc/self/ns/user")?,
        fs::read_link("/proc/self/ns/uts")?,
    ])
}

/// A file that stands for a process, and for no other one later.
fn open_process(process: Pid) -> Result<OwnedFd> {
    // SAFETY: the call takes two numbers, and the descriptor it returns is
    // ours alone.
    unsafe {
        let file = libc::syscall(libc::SYS_pidfd_open, process.as_raw(), 0);
        Ok(OwnedFd::from_raw_fd(Errno::result(file)?.try_into()?))
    }
}

/// Starts a process that asks for three namespaces, and has a child in them.
fn asker_and_init() -> Result<(Pid, Pid)> {
    let (mut here, mut there) = UnixStream::pair()?;
    let asker = start_child(move || {
        unshare(
            CloneFlags::CLONE_NEWUSER
                | CloneFlags::CLONE_NEWUTS
                | CloneFlags::CLONE_NEWPID,
        )
        .unwrap_or_else(cannot_run);
        let init = start_child(|| {
            pause();
            Ok(())
        })?;
        there.write_all(&init.as_raw().to_ne_bytes())?;
        pause();
        Ok(())
    })?;
    let mut init = [0; 4];
    here.read_exact(&mut init)?;
    Ok((asker, Pid::from_raw(i32::from_ne_bytes(init))))
}
