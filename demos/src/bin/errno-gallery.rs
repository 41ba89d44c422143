//! What do errors say when namespaces are the reason?
//!
//! Each child is refused something, and says the error's number and its words.
//! Watch what the words are about: memory, space, data types.

use std::fs::{self, File};
use std::io;
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use demos::{become_root, in_child, say, start_child};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::waitpid;
use nix::unistd::pivot_root;

const PID: CloneFlags = CloneFlags::CLONE_NEWPID;
const MOUNT: CloneFlags = CloneFlags::CLONE_NEWNS;
const TIME: CloneFlags = CloneFlags::from_bits_retain(libc::CLONE_NEWTIME);

fn main() -> Result<()> {
    // ANCHOR: rows
    row("EPERM", "mounts of another owner", || mount_tmpfs("/tmp"))?;
    row("ENOENT", "a PID namespace without a process", || {
        unshare(PID)?;
        File::open("/proc/self/ns/pid_for_children").map(drop)
    })?;
    row("ENOMEM", "a PID namespace after its process 1", || {
        unshare(PID)?;
        waitpid(start_child(|| Ok(()))?, None)?;
        Ok(start_child(|| Ok(())).map(drop)?)
    })?;
    row("EACCES", "clocks that somebody lives by", || {
        unshare(TIME)?;
        waitpid(start_child(|| Ok(()))?, None)?;
        fs::write("/proc/self/timens_offsets", "boottime 1 0")
    })?;
    row("EBUSY", "an old root that goes to where it is", || {
        unshare(MOUNT)?;
        mount_tmpfs("/tmp")?;
        Ok(pivot_root("/tmp", "/")?)
    })?;
    row("EINVAL", "a second PID namespace at once", || {
        unshare(PID)?;
        Ok(unshare(PID)?)
    })?;
    row("ENOSPC", "a limit", || {
        fs::write("/proc/sys/user/max_uts_namespaces", "0")?;
        Ok(unshare(CloneFlags::CLONE_NEWUTS)?)
    })?;
    row("EOVERFLOW", "an owner without a number", || {
        unshare(CloneFlags::CLONE_NEWUSER | MOUNT)?;
        mount_tmpfs("/tmp")?;
        File::create("/tmp/letter").map(drop)
    })?;
    row("ENETUNREACH", "a loopback device that is down", || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        TcpStream::connect("127.0.0.1:80").map(drop)
    })?;
    // ANCHOR_END: rows
    Ok(())
}

/// A child that is root of a user namespace is refused something, and it is
/// the error of that name.
fn row(
    name: &str,
    because_of: &str,
    attempt: impl FnOnce() -> io::Result<()>,
) -> Result<()> {
    in_child(|| {
        become_root()?;
        let refused = attempt().err().context("nothing was refused")?;
        let errno = refused.raw_os_error().map(Errno::from_raw);
        let errno = errno.context("an error of no system call")?;
        ensure!(format!("{errno:?}") == name, "{because_of}: {refused}");
        // What `perror` would say, without the number that Rust adds.
        let words = refused.to_string();
        let words = words.split(" (os error").next().unwrap_or_default();
        say!(errno as i32, "{words}: {because_of}");
        Ok(())
    })
}

fn mount_tmpfs(place: &str) -> io::Result<()> {
    let none = None::<&str>;
    Ok(mount(none, place, Some("tmpfs"), MsFlags::empty(), none)?)
}
