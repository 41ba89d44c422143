//! By which calls does a process get into another namespace?
//!
//! Three system calls change who is in which UTS namespace, and each has
//! another effect on the process that calls it. Watch where the parent is
//! after each of them.

#![allow(unsafe_code, reason = "this demo teaches clone")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::sched::{CloneFlags, clone, setns, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{gethostname, sethostname};

fn main() -> Result<()> {
    // A user namespace of our own gives us the right to do all that follows.
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
        .unwrap_or_else(cannot_run);
    sethostname("home")?;
    let home = my_namespace()?;
    say!("parent", "I am in a UTS namespace, and its hostname is home");

    let (mut here, mut there) = UnixStream::pair()?;
    let mut stack = vec![0; 64 * 1024];
    let life = || isize::from(live(&mut there).is_err());

    // ANCHOR: calls
    // SAFETY: without CLONE_VM the child works on a copy of our memory, and
    // its stack is large enough for the few lines of `live`.
    let child = unsafe {
        let sigchld = Some(libc::SIGCHLD);
        clone(Box::new(life), &mut stack, CloneFlags::CLONE_NEWUTS, sigchld)
    }?;
    here.read_exact(&mut [0])?;
    ensure!(my_namespace()? == home && gethostname()? == "home");
    say!("parent", "clone: I am where I was, and it is called home");

    unshare(CloneFlags::CLONE_NEWUTS)?;
    ensure!(my_namespace()? != home && gethostname()? == "home");
    say!("parent", "unshare: I am in another one, a copy called home");

    let childs = format!("/proc/{child}/ns/uts");
    setns(File::open(&childs)?, CloneFlags::CLONE_NEWUTS)?;
    ensure!(my_namespace()? == fs::read_link(&childs)?);
    ensure!(gethostname()? == "cloned");
    say!("parent", "setns: I am where my child is, and it is called cloned");
    // ANCHOR_END: calls

    here.write_all(b"!")?;
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}

fn live(there: &mut UnixStream) -> Result<()> {
    set_pdeathsig(Signal::SIGKILL)?;
    ensure!(gethostname()? == "home");
    sethostname("cloned")?;
    say!("child", "clone: I was born in a copy, and call it cloned");
    there.write_all(b"!")?;
    there.read_exact(&mut [0])?;
    Ok(())
}

fn my_namespace() -> Result<PathBuf> {
    Ok(fs::read_link("/proc/self/ns/uts")?)
}
