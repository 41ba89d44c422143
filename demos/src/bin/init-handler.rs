//! What does process 1 learn about a signal that it does handle?
//!
//! Process 1 sets up a handler for SIGTERM, which notes the number of the
//! sender. Watch which number the process outside has.

#![allow(unsafe_code, reason = "this demo teaches a raw signal handler")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, Signal::SIGTERM, kill, sigaction,
};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};

static SENDER: AtomicI32 = AtomicI32::new(-1);

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    let (mut here, mut there) = UnixStream::pair()?;

    // ANCHOR: handler
    let init = start_child(move || {
        handle_sigterm()?;
        in_child(|| {
            say!("member", "I am process {}, and send SIGTERM", getpid());
            Ok(kill(Pid::from_raw(1), SIGTERM)?)
        })?;
        say!("init", "SIGTERM from process {}", SENDER.load(Relaxed));
        ensure!(SENDER.load(Relaxed) == 2);

        there.write_all(b"!")?;
        there.read_exact(&mut [0])?;
        say!("init", "SIGTERM from process {}", SENDER.load(Relaxed));
        ensure!(SENDER.load(Relaxed) == 0);
        Ok(())
    })?;

    here.read_exact(&mut [0])?;
    say!("parent", "I am outside, and send SIGTERM");
    kill(init, SIGTERM)?;
    here.write_all(b"?")?;
    // ANCHOR_END: handler
    ensure!(waitpid(init, None)? == WaitStatus::Exited(init, 0));
    Ok(())
}

fn handle_sigterm() -> Result<()> {
    extern "C" fn note_the_sender(
        _: libc::c_int,
        details: *mut libc::siginfo_t,
        _: *mut libc::c_void,
    ) {
        // SAFETY: with SA_SIGINFO the kernel passes the signal's details.
        SENDER.store(unsafe { (*details).si_pid() }, Relaxed);
    }
    let handler = SigAction::new(
        SigHandler::SigAction(note_the_sender),
        SaFlags::SA_SIGINFO | SaFlags::SA_RESTART,
        SigSet::empty(),
    );
    // SAFETY: the handler only stores to an atomic.
    unsafe { sigaction(SIGTERM, &handler)? };
    Ok(())
}
