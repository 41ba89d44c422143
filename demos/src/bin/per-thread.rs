//! Are two threads of one process in the same namespaces?
//!
//! A second thread asks for a UTS and a network namespace. Both threads share
//! all memory and one process number. Watch how each of them is told another
//! hostname, and whose network `/proc/self` shows to the second.

use std::fs;
use std::net::TcpListener;
use std::thread;

use anyhow::{Result, anyhow, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{gethostname, sethostname};

fn main() -> Result<()> {
    // Our own network namespace begins without sockets, so they can be counted.
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWNET,
    )
    .unwrap_or_else(cannot_run);
    sethostname("main-thread")?;
    let _listener = TcpListener::bind("0.0.0.0:0")?;

    let second = thread::spawn(second_thread);
    second.join().map_err(|_| anyhow!("the thread panicked"))??;

    say!("main", "my hostname is {}", gethostname()?.display());
    ensure!(gethostname()? == "main-thread");
    Ok(())
}

// ANCHOR: second
fn second_thread() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWNET)?;
    sethostname("second-thread")?;
    say!("second", "my hostname is {}", gethostname()?.display());

    let leaders = sockets("/proc/self/net/tcp")?;
    let mine = sockets("/proc/thread-self/net/tcp")?;
    say!("second", "TCP sockets in /proc/self: {leaders}");
    say!("second", "TCP sockets in /proc/thread-self: {mine}");
    ensure!((leaders, mine) == (1, 0));

    ensure!(unshare(CloneFlags::CLONE_NEWUSER) == Err(Errno::EINVAL));
    say!("second", "a user namespace, for me alone: EINVAL");
    Ok(())
}
// ANCHOR_END: second

/// The lines of such a file, without its heading.
fn sockets(file: &str) -> Result<usize> {
    Ok(fs::read_to_string(file)?.lines().skip(1).count())
}
