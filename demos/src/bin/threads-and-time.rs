//! May a process with two threads join a time namespace?
//!
//! The process asks twice, first while a second thread exists and then when
//! it has ended. Watch the error: setns(2) does not list it.

use std::fs::File;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Result, anyhow, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};

const TIME: CloneFlags = CloneFlags::from_bits_retain(libc::CLONE_NEWTIME);

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | TIME).unwrap_or_else(cannot_run);
    let time = File::open("/proc/self/ns/time_for_children")?;

    let (end, wait) = channel::<()>();
    let second = thread::spawn(move || wait.recv());
    ensure!(setns(&time, TIME) == Err(Errno::EUSERS));
    say!("setns", "with two threads: EUSERS");

    drop(end);
    let _ = second.join().map_err(|_| anyhow!("the thread panicked"))?;
    alone()?;
    setns(&time, TIME)?;
    say!("setns", "with one thread: done");
    Ok(())
}

/// A thread that has been joined may still be on its way out of the kernel.
fn alone() -> Result<()> {
    while std::fs::read_dir("/proc/self/task")?.count() > 1 {
        thread::yield_now();
    }
    Ok(())
}
