//! What does setns accept as a namespace to join?
//!
//! The call takes an open file and the kind that its caller expects. Watch
//! what happens when the two do not agree, and when the file is none.

#![allow(unsafe_code, reason = "nix cannot pass a number that is no file")]

use std::fs::File;
use std::os::fd::AsRawFd;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
        .unwrap_or_else(cannot_run);

    let uts = File::open("/proc/self/ns/uts")?;
    let user = File::open("/proc/self/ns/user")?;
    let ordinary = File::open("/proc/self/status")?;
    let closed = -1;

    // ANCHOR: tries
    let tries = [
        ("uts as uts", uts.as_raw_fd(), libc::CLONE_NEWUTS, Ok(())),
        ("uts as any kind", uts.as_raw_fd(), 0, Ok(())),
        ("uts as net", uts.as_raw_fd(), libc::CLONE_NEWNET, INVALID),
        ("an ordinary file", ordinary.as_raw_fd(), 0, INVALID),
        ("no open file", closed, 0, Err(Errno::EBADF)),
        ("my own user", user.as_raw_fd(), libc::CLONE_NEWUSER, INVALID),
    ];
    // ANCHOR_END: tries
    for (what, file, kind, expected) in tries {
        // SAFETY: setns takes two numbers and touches no memory of ours.
        let answer = Errno::result(unsafe { libc::setns(file, kind) });
        let answer = answer.map(drop);
        say!("setns", "{what:<16}  {}", in_words(answer));
        ensure!(answer == expected, "{what}: {answer:?}");
    }
    Ok(())
}

const INVALID: nix::Result<()> = Err(Errno::EINVAL);

fn in_words(answer: nix::Result<()>) -> String {
    match answer {
        Ok(()) => "done".to_owned(),
        Err(errno) => format!("{errno:?}"),
    }
}
