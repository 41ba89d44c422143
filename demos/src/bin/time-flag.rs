//! Which call makes a time namespace?
//!
//! The same flag, given to three calls. All three succeed. Watch in whose
//! time namespace the child finds itself.

#![allow(unsafe_code, reason = "this demo teaches clone and clone3")]

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    let outside = my_namespace()?;

    // ANCHOR: calls
    // For clone the lowest byte of the flags is the number of a signal, and
    // 0x80 is in it.
    let flags = libc::CLONE_NEWTIME | libc::SIGCHLD;
    // SAFETY: without CLONE_VM this is fork, with one more bit.
    let answer = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    let moved = child_moved(answer, &outside)?;
    ensure!(!moved, "clone knows CLONE_NEWTIME now");
    say!("clone", "succeeds: the child is in our time namespace");

    // SAFETY: all fields are numbers or addresses that may be 0.
    let mut wish: libc::clone_args = unsafe { std::mem::zeroed() };
    wish.flags = u64::from(libc::CLONE_NEWTIME.cast_unsigned());
    wish.exit_signal = u64::from(libc::SIGCHLD.cast_unsigned());
    let size = size_of::<libc::clone_args>();
    // SAFETY: as above; the kernel only reads `wish`.
    let answer =
        unsafe { libc::syscall(libc::SYS_clone3, &raw const wish, size) };
    let moved = child_moved(answer, &outside)?;
    ensure!(moved, "clone3 did not make a time namespace");
    say!("clone3", "succeeds: the child is in another one");

    unshare(CloneFlags::from_bits_retain(libc::CLONE_NEWTIME))?;
    ensure!(my_namespace()? == outside);
    in_child(|| {
        ensure!(my_namespace()? != outside);
        Ok(())
    })?;
    say!("unshare", "succeeds: its caller stays, the next child moves");
    // ANCHOR_END: calls
    Ok(())
}

/// Whether the child, of which `answer` tells, is in another time namespace.
/// The child itself never comes back from here.
fn child_moved(answer: libc::c_long, outside: &PathBuf) -> Result<bool> {
    if answer == 0 {
        let moved = my_namespace().is_ok_and(|inside| inside != *outside);
        // SAFETY: _exit only ends the process.
        unsafe { libc::_exit(i32::from(moved)) }
    }
    let child = Pid::from_raw(Errno::result(answer)?.try_into()?);
    // A child whose exit signal is not SIGCHLD is waited for on request only.
    match waitpid(child, Some(WaitPidFlag::__WALL))? {
        WaitStatus::Exited(_, moved) => Ok(moved == 1),
        end => anyhow::bail!("the child ended badly: {end:?}"),
    }
}

fn my_namespace() -> Result<PathBuf> {
    Ok(fs::read_link("/proc/self/ns/time")?)
}
