//! Can one look into a mount namespace without being in it?
//!
//! A child mounts something where nobody else sees it. Its parent looks
//! through /proc first, and then joins the namespace. Watch what becomes of
//! the parent's working directory, and what a second thread is told.

use std::env::{current_dir, set_current_dir};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::scope;

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, stage};
use demos::{say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::wait::{WaitStatus, waitpid};

fn main() -> Result<()> {
    stage()?;
    let (mut here, mut there) = UnixStream::pair()?;
    let child = start_child(|| {
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount_tmpfs("/mnt")?;
        fs::write("/mnt/note", "found")?;
        say!("child", "I have a note in a filesystem of my own");
        there.write_all(b"!")?;
        Ok(there.read_exact(&mut [0])?)
    })?;
    here.read_exact(&mut [0])?;

    // ANCHOR: look
    ensure!(!fs::exists("/mnt/note")?);
    say!("parent", "/mnt/note: not there");

    let through = format!("/proc/{child}/root/mnt/note");
    ensure!(fs::read_to_string(through)? == "found");
    say!("parent", "/proc/CHILD/root/mnt/note: found");

    set_current_dir("/mnt")?;
    let its_mounts = File::open(format!("/proc/{child}/ns/mnt"))?;
    setns(&its_mounts, CloneFlags::CLONE_NEWNS)?;
    ensure!(fs::read_to_string("/mnt/note")? == "found");
    say!("parent", "after setns, /mnt/note: found");
    ensure!(current_dir()? == Path::new("/"));
    say!("parent", "I was in /mnt, and setns has put me into /");
    // ANCHOR_END: look

    // A second thread shares our root and working directory.
    scope(|threads| {
        let second = threads.spawn(|| setns(&its_mounts, CloneFlags::empty()));
        ensure!(second.join().is_ok_and(|end| end == Err(Errno::EINVAL)));
        say!("second", "I am a thread, and join nothing: EINVAL");
        Ok(())
    })?;

    here.write_all(b"!")?;
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}
