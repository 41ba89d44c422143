//! Which flags of clone exclude each other?
//!
//! A flag that shares something with the child, beside a flag that gives the
//! child another one: the kernel refuses what contradicts itself. Watch the
//! last pair, which the manual forbids.

#![allow(unsafe_code, reason = "nix has no clone3")]

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

const SHARE_THREAD: i32 =
    libc::CLONE_THREAD | libc::CLONE_SIGHAND | libc::CLONE_VM;

// ANCHOR: pairs
const REFUSED: [(&str, i32, &str, i32); 5] = [
    ("NEWUSER", libc::CLONE_NEWUSER, "THREAD", SHARE_THREAD),
    ("NEWPID", libc::CLONE_NEWPID, "THREAD", SHARE_THREAD),
    ("NEWUSER", libc::CLONE_NEWUSER, "FS", libc::CLONE_FS),
    ("NEWNS", libc::CLONE_NEWNS, "FS", libc::CLONE_FS),
    ("NEWIPC", libc::CLONE_NEWIPC, "SYSVSEM", libc::CLONE_SYSVSEM),
];
// ANCHOR_END: pairs

fn main() -> Result<()> {
    // With every right there is, so that no refusal is about rights.
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);

    for (new, new_flag, shared, shared_flag) in REFUSED {
        // A thread has no exit signal, and clone3 insists on that.
        let thread = shared_flag == SHARE_THREAD;
        let signal = if thread { 0 } else { libc::SIGCHLD };
        let refused = clone3(new_flag | shared_flag, signal);
        ensure!(refused == Err(Errno::EINVAL), "{new} with {shared}");
        say!("clone3", "{new} with {shared}: EINVAL");
    }

    in_child(|| {
        clone3(libc::CLONE_NEWPID | libc::CLONE_PARENT, 0)?;
        say!("clone3", "NEWPID with PARENT: done");
        Ok(())
    })?;
    // It was made our child, and not our child's.
    let sibling = waitpid(None::<Pid>, None)?;
    ensure!(matches!(sibling, WaitStatus::Exited(_, 0)));
    say!("parent", "and the new process is a child of mine");
    Ok(())
}

/// Asks for a child that does nothing but end.
fn clone3(flags: i32, exit_signal: i32) -> nix::Result<i64> {
    // SAFETY: all fields are numbers or addresses that may be 0.
    let mut wish: libc::clone_args = unsafe { std::mem::zeroed() };
    wish.flags = u64::from(flags.cast_unsigned());
    wish.exit_signal = u64::from(exit_signal.cast_unsigned());
    // SAFETY: the kernel checks flags before it makes anything. The one child
    // that is made has a copy of our memory, and ends at once.
    unsafe {
        let size = size_of::<libc::clone_args>();
        match libc::syscall(libc::SYS_clone3, &raw const wish, size) {
            0 => libc::_exit(0),
            answer => Errno::result(answer),
        }
    }
}
