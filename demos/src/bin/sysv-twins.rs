//! Whose is the queue with a given key?
//!
//! The parent makes a message queue, a set of semaphores and a piece of shared
//! memory, all with one key. Watch what the child finds by that key before and
//! after it has left, and what it may make.

#![allow(unsafe_code, reason = "nix has no System V IPC")]

use std::io;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use libc::{IPC_CREAT, IPC_EXCL, IPC_NOWAIT, c_int, key_t, msgrcv, msgsnd};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

const KEY: key_t = 42;
const NEW: c_int = IPC_CREAT | IPC_EXCL | 0o600;

fn main() -> Result<()> {
    // A namespace to play in, so that nothing is left on the machine.
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWIPC)
        .unwrap_or_else(cannot_run);
    let parents = get(NEW)?;
    say!("parent", "queue, semaphores, memory: key 42, ids {parents:?}");
    send(parents[0], 7)?;

    in_child(|| {
        ensure!(get(0)? == parents);
        say!("child", "key 42 leads to your three objects");

        // ANCHOR: leave
        unshare(CloneFlags::CLONE_NEWIPC)?;

        ensure!(get(0) == Err(Errno::ENOENT));
        say!("child", "in my namespace, key 42: ENOENT");
        let mine = get(NEW)?;
        say!("child", "I make three, with key 42 and ids {mine:?}");
        ensure!(mine == parents);

        ensure!(receive(mine[0]) == Err(Errno::ENOMSG));
        say!("child", "there is no message in queue {}", mine[0]);
        // ANCHOR_END: leave
        Ok(())
    })?;

    let message = receive(parents[0])?;
    ensure!(message == 7);
    say!("parent", "there is a message in queue {}", parents[0]);
    Ok(())
}

/// The ids of the three objects that have the key, or, with `NEW`, of three
/// new ones (msgget(2), semget(2), shmget(2)).
fn get(flags: c_int) -> nix::Result<[c_int; 3]> {
    // SAFETY: the calls take numbers and return one.
    let ids = unsafe {
        [
            libc::msgget(KEY, flags),
            libc::semget(KEY, 1, flags),
            libc::shmget(KEY, 4096, flags),
        ]
    };
    for id in ids {
        Errno::result(id)?;
    }
    Ok(ids)
}

/// A message that is nothing but its type, a number.
fn send(queue: c_int, kind: libc::c_long) -> io::Result<()> {
    // SAFETY: a message begins with its type, and no text follows it.
    Errno::result(unsafe { msgsnd(queue, (&raw const kind).cast(), 0, 0) })?;
    Ok(())
}

fn receive(queue: c_int) -> nix::Result<libc::c_long> {
    let mut kind = 0;
    let message = (&raw mut kind).cast();
    // SAFETY: the kernel writes the type, and no text.
    Errno::result(unsafe { msgrcv(queue, message, 0, 0, IPC_NOWAIT) })?;
    Ok(kind)
}
