//! How does one get into somebody else's namespaces?
//!
//! This is `nsenter` in a few lines: open every door, go through the user
//! namespace's first, and fork. Watch what the visitor's child is called
//! when it has arrived, and who its parent is.

#![allow(unsafe_code, reason = "this demo builds what it enters by clone")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, give_up_capabilities, in_child, say};
use nix::sched::{CloneFlags, clone, setns};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, gethostname, getpid, getppid, pause, sethostname};

fn main() -> Result<()> {
    // The visitor is an ordinary user, who owns what it is about to enter.
    give_up_capabilities()?;
    let target = container()?;

    // ANCHOR: enter
    let mut doors = Vec::new();
    for kind in ["user", "uts", "net", "mnt", "pid"] {
        let door = File::open(format!("/proc/{target}/ns/{kind}"))?;
        doors.push((kind, door));
    }
    for (kind, door) in doors {
        // No flags: any kind will do, we know what we have opened.
        setns(door, CloneFlags::empty())?;
        say!("visitor", "joined {kind}");
    }
    let me = getpid();
    ensure!(gethostname()? == "container");
    say!("visitor", "the hostname is container, my number is what it was");

    in_child(|| {
        ensure!((getpid().as_raw(), getppid().as_raw()) == (2, 0));
        say!("child", "I am process 2, and my parent is process 0");
        Ok(())
    })?;
    ensure!(getpid() == me);
    // ANCHOR_END: enter
    Ok(())
}

/// Starts a process in five new namespaces, and waits until it lives there.
fn container() -> Result<Pid> {
    let five = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID;
    let (mut here, mut there) = UnixStream::pair()?;
    let live = Box::new(|| {
        let ready = set_pdeathsig(Signal::SIGKILL)
            .and_then(|()| sethostname("container"));
        if ready.is_ok() && there.write_all(b"!").is_ok() {
            pause();
        }
        1
    });
    let mut stack = vec![0; 64 * 1024];
    // SAFETY: without CLONE_VM the child works on a copy of our memory, and
    // its stack is large enough for the few lines above.
    let child = unsafe { clone(live, &mut stack, five, Some(libc::SIGCHLD)) }
        .unwrap_or_else(cannot_run);
    drop(there);
    here.read_exact(&mut [0])?;
    say!("target", "I am process 1 of a PID namespace, in four more new ones");
    Ok(child)
}
