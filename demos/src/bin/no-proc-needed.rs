//! Can namespaces be opened where there is no `/proc`?
//!
//! The visitor has a pidfd, a file that stands for a process, and nothing
//! mounted on `/proc`. Watch it open the process's namespaces all the same.

#![allow(unsafe_code, reason = "nix has neither pidfd_open nor its ioctls")]

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::exit;

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_resident};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Pid, getgid, gethostname, getuid, sethostname};

// From include/uapi/linux/pidfd.h; libc has no names for them.
const PIDFD_GET_USER_NAMESPACE: libc::Ioctl = 0xff09;
const PIDFD_GET_UTS_NAMESPACE: libc::Ioctl = 0xff0a;
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .unwrap_or_else(cannot_run);
    // Whoever has no id in a user namespace may not make another in it.
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NONE, "/", NONE, private, NONE)?;
    mount(Some("tmpfs"), "/proc", Some("tmpfs"), MsFlags::empty(), NONE)?;
    let target = start_resident(settle)?;

    // ANCHOR: open
    let link = File::open(format!("/proc/{target}/ns/uts"));
    ensure!(link.map_err(|no| no.kind()).err() == Some(ErrorKind::NotFound));
    say!("visitor", "its link below /proc: ENOENT");

    let process = open_process(target)?;
    let user = namespace_of(&process, PIDFD_GET_USER_NAMESPACE)?;
    let uts = namespace_of(&process, PIDFD_GET_UTS_NAMESPACE)?;
    say!("visitor", "its user and UTS namespace, by ioctl: open");

    setns(user, CloneFlags::CLONE_NEWUSER)?;
    setns(uts, CloneFlags::CLONE_NEWUTS)?;
    ensure!(gethostname()? == "target");
    say!("visitor", "I have joined both, and the hostname is target");
    // ANCHOR_END: open
    Ok(())
}

fn open_process(process: Pid) -> Result<OwnedFd> {
    // SAFETY: the call takes two numbers, and the descriptor it returns is
    // ours alone.
    unsafe {
        let file = libc::syscall(libc::SYS_pidfd_open, process.as_raw(), 0);
        Ok(OwnedFd::from_raw_fd(Errno::result(file)?.try_into()?))
    }
}

fn namespace_of(process: &OwnedFd, ask: libc::Ioctl) -> Result<OwnedFd> {
    // SAFETY: the question takes no argument, and the descriptor that is the
    // answer is ours alone.
    let file = unsafe { libc::ioctl(process.as_raw_fd(), ask, 0) };
    match Errno::result(file) {
        Err(Errno::ENOTTY | Errno::EINVAL) => {
            eprintln!("cannot run here: this needs Linux 6.11");
            exit(77)
        }
        // SAFETY: as above.
        file => Ok(unsafe { OwnedFd::from_raw_fd(file?) }),
    }
}

/// Moves into a user and a UTS namespace of our own.
fn settle() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)?;
    sethostname("target")?;
    Ok(())
}
