//! What becomes of a queue when the last process has left its namespace?
//!
//! We may have no more than one message queue. Watch when a queue can be made
//! in a second namespace.

#![allow(unsafe_code, reason = "nix's message queues are a feature apart")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread::yield_now;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, say, start_child};
use libc::{O_CREAT, O_EXCL, O_RDWR, c_long, mq_attr, rlimit};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};

fn main() -> Result<()> {
    become_root()?;
    let limit = rlimit { rlim_cur: 50_000, rlim_max: 50_000 };
    // SAFETY: the kernel reads one limit.
    Errno::result(unsafe {
        libc::setrlimit(libc::RLIMIT_MSGQUEUE, &raw const limit)
    })?;

    // ANCHOR: last
    let (mut here, mut there) = UnixStream::pair()?;
    let member = start_child(move || {
        unshare(CloneFlags::CLONE_NEWIPC).unwrap_or_else(cannot_run);
        make_queue()?;
        say!("member", "I have made a queue, and nobody has it open");
        there.write_all(b"!")?;
        ensure!(there.read(&mut [0])? == 1);
        Ok(())
    })?;
    here.read_exact(&mut [0])?;

    unshare(CloneFlags::CLONE_NEWIPC)?;
    ensure!(make_queue() == Err(Errno::EMFILE));
    say!("parent", "I make a queue elsewhere: EMFILE, one too many");

    here.write_all(b"!")?;
    ensure!(waitpid(member, None)? == WaitStatus::Exited(member, 0));
    say!("parent", "the only member of the first namespace has ended");

    // The kernel takes a namespace down in its own time.
    while make_queue() == Err(Errno::EMFILE) {
        yield_now();
    }
    say!("parent", "I make a queue: done");
    // ANCHOR_END: last
    Ok(())
}

/// Makes a queue for ten messages of 4 KiB, and closes it.
fn make_queue() -> nix::Result<()> {
    // SAFETY: an mq_attr is numbers, and may be all zero.
    let mut attributes: mq_attr = unsafe { std::mem::zeroed() };
    (attributes.mq_maxmsg, attributes.mq_msgsize) = (10, 4096 as c_long);
    let flags = O_CREAT | O_EXCL | O_RDWR;
    // SAFETY: the name ends with a zero byte, and the attributes are there.
    let queue = Errno::result(unsafe {
        libc::mq_open(c"/queue".as_ptr(), flags, 0o600, &raw const attributes)
    })?;
    // SAFETY: nobody else has the descriptor.
    Errno::result(unsafe { libc::mq_close(queue) })?;
    Ok(())
}
