//! A process with the number 4242, by clone3(2).

#![allow(unsafe_code, reason = "nix has no clone3")]

use std::mem::size_of;

use anyhow::{Result, ensure};
use demos::in_child;
use nix::errno::Errno;
use nix::libc::{SIGCHLD, SYS_clone3, clone_args, pid_t, syscall};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::pause;

pub(crate) fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID)?;
    in_child(|| {
        let numbers: [pid_t; 1] = [4242];
        // SAFETY: zero is a valid value of every field, and asks for nothing.
        let mut wish: clone_args = unsafe { std::mem::zeroed() };
        wish.exit_signal = SIGCHLD.cast_unsigned().into();
        wish.set_tid = numbers.as_ptr() as u64;
        wish.set_tid_size = 1;
        // SAFETY: `wish` and `numbers` live through the call, and without
        // flags it works like fork; this program has one thread.
        let answer = Errno::result(unsafe {
            syscall(SYS_clone3, &raw const wish, size_of::<clone_args>())
        })?;
        // The parent is told the number, and the child nothing.
        ensure!(answer == 4242 || answer == 0);
        pause();
        Ok(())
    })
}
