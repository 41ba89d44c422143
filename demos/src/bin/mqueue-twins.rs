//! Can two message queues have the same name?
//!
//! POSIX queues have names that look like paths. Watch what the child finds by
//! its parent's name, and what it still holds by an open descriptor.

#![allow(unsafe_code, reason = "nix's message queues are a feature apart")]

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, in_child, say};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, c_int};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

const NAME: &CStr = c"/demo";

fn main() -> Result<()> {
    // A namespace to play in, so that nothing is left on the machine.
    become_root()?;
    unshare(CloneFlags::CLONE_NEWIPC).unwrap_or_else(cannot_run);
    let parents = open(O_CREAT | O_EXCL)?;
    say!("parent", "I have made the queue /demo");

    in_child(|| {
        // ANCHOR: leave
        unshare(CloneFlags::CLONE_NEWIPC)?;

        ensure!(open(0).is_err_and(|e| e == Errno::ENOENT));
        say!("child", "in my namespace, /demo: ENOENT");
        let mine = open(O_CREAT | O_EXCL)?;
        say!("child", "I have made the queue /demo");

        send(&mine, "to my own")?;
        send(&parents, "to the one I had open")?;
        // ANCHOR_END: leave
        ensure!(receive(&mine)? == "to my own");
        say!("child", "my queue received: to my own");
        Ok(())
    })?;

    let received = receive(&parents)?;
    ensure!(received == "to the one I had open");
    say!("parent", "my queue received: {received}");
    Ok(())
}

/// Opens the queue (mq_open(3)); its descriptor is a file's.
fn open(flags: c_int) -> nix::Result<File> {
    let flags = flags | O_RDWR | O_NONBLOCK;
    let no_limits = std::ptr::null::<libc::mq_attr>();
    // SAFETY: the name ends with a zero byte.
    let queue = Errno::result(unsafe {
        libc::mq_open(NAME.as_ptr(), flags, 0o600, no_limits)
    })?;
    // SAFETY: the descriptor is new.
    Ok(unsafe { OwnedFd::from_raw_fd(queue) }.into())
}

fn send(queue: &File, text: &str) -> io::Result<()> {
    let queue = queue.as_raw_fd();
    // SAFETY: pointer and length describe one string.
    Errno::result(unsafe {
        libc::mq_send(queue, text.as_ptr().cast(), text.len(), 0)
    })?;
    Ok(())
}

fn receive(queue: &File) -> Result<String> {
    let mut text = vec![0_u8; 1 << 16];
    let (start, size) = (text.as_mut_ptr().cast(), text.len());
    let priority = std::ptr::null_mut();
    // SAFETY: the kernel writes at most `size` bytes.
    let length = Errno::result(unsafe {
        libc::mq_receive(queue.as_raw_fd(), start, size, priority)
    })?;
    text.truncate(length.try_into()?);
    Ok(String::from_utf8(text)?)
}
