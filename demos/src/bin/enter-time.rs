//! Can a process move to another time namespace by itself?
//!
//! unshare leaves its caller where it is. Watch what setns does, and what it
//! says to a process with two threads.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::libc::CLONE_NEWTIME;
use nix::sched::{CloneFlags, setns, unshare};

fn main() -> Result<()> {
    let new_time = CloneFlags::from_bits_retain(CLONE_NEWTIME);
    let old = namespace("time")?;
    // ANCHOR: enter
    unshare(CloneFlags::CLONE_NEWUSER | new_time).unwrap_or_else(cannot_run);
    ensure!(namespace("time")? == old);
    ensure!(namespace("time_for_children")? != old);
    say!("me", "after unshare: in the old one, my children in the new");

    let new = File::open("/proc/self/ns/time_for_children")?;
    let (stop, until_stopped) = channel::<()>();
    let second = thread::spawn(move || until_stopped.recv());
    ensure!(setns(&new, new_time) == Err(Errno::EUSERS));
    say!("me", "setns, with a second thread: EUSERS");

    drop(stop);
    let _ = second.join();
    setns(&new, new_time)?;
    ensure!(namespace("time")? == namespace("time_for_children")?);
    ensure!(namespace("time")? != old);
    say!("me", "setns, alone: done, and I am in the new one myself");
    // ANCHOR_END: enter
    Ok(())
}

/// The number of the namespace behind one of our links.
fn namespace(link: &str) -> Result<u64> {
    Ok(fs::metadata(format!("/proc/self/ns/{link}"))?.ino())
}
