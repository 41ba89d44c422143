//! Can a process be given a number of our choice?
//!
//! Whoever owns a PID namespace may, in two ways. Watch the third attempt,
//! and which number comes after the second.

#![allow(unsafe_code, reason = "this demo teaches a raw system call")]

use std::fs;
use std::mem::size_of;
use std::process::exit;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::libc::{SIGCHLD, SYS_clone3, clone_args, pid_t, syscall};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    in_child(|| {
        // ANCHOR: choose
        fs::write("/proc/sys/kernel/ns_last_pid", "999")?;
        in_child(|| introduce("after 999", 1000))?;

        let child = clone_as(4242)?;
        waitpid(child, None)?;
        say!("init", "clone3 with set_tid 4242 made process {child}");
        ensure!(child.as_raw() == 4242);

        in_child(|| introduce("after that", 1001))?;

        ensure!(clone_as(1) == Err(Errno::EEXIST));
        say!("init", "clone3 with set_tid 1, which I have: EEXIST");
        // ANCHOR_END: choose
        Ok(())
    })
}

fn introduce(when: &str, number: i32) -> Result<()> {
    say!("child", "born {when}, I am process {}", getpid());
    ensure!(getpid().as_raw() == number);
    Ok(())
}

/// Forks a child that has this number and ends at once.
fn clone_as(number: pid_t) -> nix::Result<Pid> {
    let numbers = [number];
    // SAFETY: zero is a valid value of every field, and asks for nothing.
    let mut wish: clone_args = unsafe { std::mem::zeroed() };
    wish.exit_signal = SIGCHLD.cast_unsigned().into();
    wish.set_tid = numbers.as_ptr() as u64;
    wish.set_tid_size = 1;
    // SAFETY: `wish` and `numbers` live through the call. Without flags it
    // works like fork, and this program has one thread.
    let answer = unsafe {
        syscall(SYS_clone3, &raw const wish, size_of::<clone_args>())
    };
    match Errno::result(answer)? {
        0 => exit(0),
        child => Ok(Pid::from_raw(child.try_into().unwrap_or(0))),
    }
}
