//! What does a process keep when it moves to another IPC namespace?
//!
//! Before it leaves, the child attaches a piece of its parent's shared memory.
//! Watch what it can do afterwards with the address, and what with the id.

#![allow(unsafe_code, reason = "nix has no System V IPC")]

use std::ptr::null;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use libc::{IPC_CREAT, IPC_PRIVATE, c_int};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    // A namespace to play in, so that nothing is left on the machine.
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWIPC)
        .unwrap_or_else(cannot_run);
    // SAFETY: shmget takes numbers and returns one.
    let id = Errno::result(unsafe {
        libc::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0o600)
    })?;
    let mine = attach(id)?;
    say!("parent", "I have made shared memory");

    in_child(|| {
        // ANCHOR: leave
        let yours = attach(id)?;
        say!("child", "I have attached it");

        unshare(CloneFlags::CLONE_NEWIPC)?;
        ensure!(attach(id) == Err(Errno::EINVAL));
        say!("child", "in my namespace, attach it by its id: EINVAL");

        // SAFETY: one page is mapped there, until this process ends.
        unsafe { yours.write_volatile(7) };
        say!("child", "in my namespace, write to what I have: done");
        // ANCHOR_END: leave
        Ok(())
    })?;

    // SAFETY: one page is mapped there, and its only writer has ended.
    ensure!(unsafe { mine.read_volatile() } == 7);
    say!("parent", "I have read what the child has written");
    Ok(())
}

fn attach(id: c_int) -> nix::Result<*mut u64> {
    // SAFETY: with no address given, the kernel chooses one that is free.
    let address = unsafe { libc::shmat(id, null(), 0) };
    match address.addr() {
        usize::MAX => Err(Errno::last()),
        _ => Ok(address.cast()),
    }
}
