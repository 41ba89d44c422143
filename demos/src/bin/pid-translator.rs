//! Which number has a process for somebody else?
//!
//! The kernel translates process numbers between a PID namespace and the
//! caller's own. Watch both directions, and a process that has no number in
//! there at all.

#![allow(unsafe_code, reason = "this demo teaches two ioctls of nsfs")]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::exit;

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, getpid, pause};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    let wait = || {
        pause();
        Ok(())
    };
    let (first, second) = (start_child(wait)?, start_child(wait)?);

    // ANCHOR: translate
    let inside = File::open("/proc/self/ns/pid_for_children")?;
    for (child, name) in [(first, "first"), (second, "second")] {
        let there = ask(&inside, libc::NS_GET_PID_IN_PIDNS, child)?;
        let back = ask(&inside, libc::NS_GET_PID_FROM_PIDNS, there)?;
        ensure!(back == child);
        say!("parent", "my {name} child is process {there} in there");
        say!("parent", "and process {there} of there is my {name} child");
    }

    let refused = ask(&inside, libc::NS_GET_PID_IN_PIDNS, getpid());
    ensure!(refused == Err(Errno::ESRCH));
    say!("parent", "I am nobody in there: ESRCH");
    // ANCHOR_END: translate
    Ok(())
}

fn ask(namespace: &File, what: libc::Ioctl, process: Pid) -> nix::Result<Pid> {
    // SAFETY: the question takes a number; its answer is the return value.
    let answer =
        unsafe { libc::ioctl(namespace.as_raw_fd(), what, process.as_raw()) };
    match Errno::result(answer) {
        Err(Errno::ENOTTY) => {
            eprintln!("cannot run here: this needs Linux 6.11");
            exit(77)
        }
        answer => answer.map(Pid::from_raw),
    }
}
