//! Who becomes process 1 of a new PID namespace?
//!
//! The parent asks for a new PID namespace and then has children. Watch the
//! numbers the children see, and what happens once the first of them is dead.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getpid, getppid};

fn main() -> Result<()> {
    let number = getpid();
    // ANCHOR: unshare
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    ensure!(getpid() == number);
    say!("parent", "unshare done, my own number has not changed");

    // Where will my children live? The namespace is not there to be read.
    let link = fs::read_link("/proc/self/ns/pid_for_children");
    ensure!(link.is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound));
    say!("parent", "pid_for_children, before any child: ENOENT");
    ensure!(unshare(CloneFlags::CLONE_NEWPID) == Err(Errno::EINVAL));
    say!("parent", "unshare a second time: EINVAL");
    // ANCHOR_END: unshare

    let (mut here, mut there) = UnixStream::pair()?;
    let first = start_child(move || {
        ensure!(getpid().as_raw() == 1 && getppid().as_raw() == 0);
        say!("first", "I am process 1, my parent is process 0");
        there.write_all(b"!")?;
        // Stay until the parent hangs up.
        ensure!(there.read(&mut [0])? == 1);
        Ok(())
    })?;
    here.read_exact(&mut [0])?;
    fs::read_link("/proc/self/ns/pid_for_children")?;
    say!("parent", "pid_for_children now leads to a namespace");

    in_child(|| {
        ensure!(getpid().as_raw() == 2 && getppid().as_raw() == 0);
        say!("second", "I am process 2, my parent is process 0");
        Ok(())
    })?;

    // ANCHOR: without_init
    here.write_all(b"!")?;
    ensure!(waitpid(first, None)? == WaitStatus::Exited(first, 0));
    say!("parent", "process 1 has ended");
    ensure!(start_child(|| Ok(())) == Err(Errno::ENOMEM));
    say!("parent", "fork once more: ENOMEM");
    // ANCHOR_END: without_init
    Ok(())
}
