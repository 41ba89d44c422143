//! Does an IPC namespace keep two processes from sharing memory?
//!
//! The parent makes POSIX shared memory and a named semaphore. The child has
//! an IPC namespace of its own, and opens both by their names. Watch how many
//! of its four attempts to reach the parent are refused.

#![allow(unsafe_code, reason = "the standard library has no semaphores")]

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::process;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use libc::sem_t;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::getppid;

fn main() -> Result<()> {
    let name = format!("misses-{}", process::id());
    // What shm_open(3) makes of the name.
    let memory = format!("/dev/shm/{name}");
    fs::write(&memory, "from the parent")?;
    let semaphore = open_semaphore(&name, true)?;
    say!("parent", "I have shared memory and a semaphore");
    let (mut reader, mut writer) = pipe_of_files()?;

    let outcome = in_child(|| {
        // ANCHOR: meet
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWIPC)
            .unwrap_or_else(cannot_run);
        ensure!(fs::read_to_string(&memory)? == "from the parent");
        say!("child", "shared memory, by its name: found");
        fs::write(&memory, "from the child")?;
        // SAFETY: the semaphore stays open until the process ends.
        Errno::result(unsafe {
            libc::sem_post(open_semaphore(&name, false)?)
        })?;
        say!("child", "semaphore, by its name: raised");
        writer.write_all(b"!")?;
        say!("child", "pipe, from before: written to");
        kill(getppid(), Signal::SIGCONT)?;
        say!("child", "signal, to the parent: sent");
        // ANCHOR_END: meet
        Ok(())
    });
    let found = fs::read_to_string(&memory)?;
    fs::remove_file(&memory)?;
    fs::remove_file(format!("/dev/shm/sem.{name}"))?;
    outcome?;

    ensure!(found == "from the child");
    // SAFETY: the semaphore is open.
    Errno::result(unsafe { libc::sem_trywait(semaphore) })?;
    reader.read_exact(&mut [0])?;
    say!("parent", "memory, semaphore and pipe: all have come from the child");
    Ok(())
}

/// Opens the named semaphore, or makes it, at 0 (sem_open(3)).
fn open_semaphore(name: &str, new: bool) -> Result<*mut sem_t> {
    let name = CString::new(format!("/{name}"))?;
    let flags = if new { libc::O_CREAT | libc::O_EXCL } else { 0 };
    // SAFETY: the name ends with a zero byte.
    let semaphore = unsafe { libc::sem_open(name.as_ptr(), flags, 0o600, 0) };
    ensure!(semaphore != libc::SEM_FAILED, "sem_open: {}", Errno::last());
    Ok(semaphore)
}

fn pipe_of_files() -> Result<(File, File)> {
    let (reader, writer) = nix::unistd::pipe()?;
    Ok((reader.into(), writer.into()))
}
