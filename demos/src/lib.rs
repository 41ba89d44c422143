//! What the demos share: a voice for each process, and a fork.
//!
//! Everything a chapter teaches is in the demo itself.

#![allow(unsafe_code, reason = "fork is unsafe, and kept in one place")]

pub mod cgroup;
pub mod deeds;
pub mod net;
pub mod nftables;
pub mod stage;
pub mod unattached;

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::exit;

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getgid, getuid, pause};

/// Prints one line that begins with who speaks.
#[macro_export]
macro_rules! say {
    ($who:expr, $($words:tt)*) => {
        println!("{:>8} | {}", $who, format_args!($($words)*))
    };
}

/// The exit status that means *cannot run here*.
const CANNOT_RUN: i32 = 77;

/// Lets a child live through `story`, and waits until it has.
pub fn in_child(story: impl FnOnce() -> Result<()>) -> Result<()> {
    match waitpid(start_child(story)?, None)? {
        WaitStatus::Exited(_, 0) => Ok(()),
        WaitStatus::Exited(_, CANNOT_RUN) => exit(CANNOT_RUN),
        end => bail!("a child ended badly: {end:?}"),
    }
}

/// Forks a child that lives through `story` and ends; the parent goes on.
pub fn start_child(story: impl FnOnce() -> Result<()>) -> nix::Result<Pid> {
    // What is still in the buffer would be printed by both processes.
    let _ = io::stdout().flush();
    // SAFETY: a demo has one thread, so nothing that the child may need is
    // locked by a thread that the child does not have.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            // A demo that fails half-way leaves nobody behind.
            let _ = set_pdeathsig(Signal::SIGKILL);
            let status = match story() {
                Ok(()) => 0,
                Err(reason) => {
                    eprintln!("Error: {reason:#}");
                    1
                }
            };
            let _ = io::stdout().flush();
            // SAFETY: _exit only ends the process; what the parent has set
            // up to run at its own end does not run here.
            unsafe { libc::_exit(status) }
        }
    }
}

/// Forks a child that lives through `arrive` and then stays until somebody
/// ends it, or until the demo does. Returns when it has arrived.
pub fn start_resident(arrive: impl FnOnce() -> Result<()>) -> Result<Pid> {
    let (mut here, mut there) = UnixStream::pair()?;
    let child = start_child(|| {
        arrive()?;
        there.write_all(b"!")?;
        pause();
        Ok(())
    })?;
    drop(there);
    match here.read(&mut [0])? {
        1 => Ok(child),
        // The end of the stream is the end of the child.
        _ => match waitpid(child, None)? {
            WaitStatus::Exited(_, CANNOT_RUN) => exit(CANNOT_RUN),
            end => bail!("a child ended badly: {end:?}"),
        },
    }
}

/// Becomes root of a new user namespace. With an id there, programs that we
/// start keep our capabilities.
pub fn become_root() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    Ok(())
}

/// Ends the demo with status 77: this machine refuses what the demo needs.
pub fn cannot_run<T>(refused: Errno) -> T {
    eprintln!("cannot run here: the kernel refuses new namespaces: {refused}");
    eprintln!("see /proc/sys/user/max_user_namespaces, seccomp and AppArmor");
    exit(CANNOT_RUN)
}

/// Makes an ordinary user of this process, whatever its number: somebody
/// without capabilities.
pub fn give_up_capabilities() -> nix::Result<()> {
    keep_capabilities(0)
}

/// Gives up all capabilities but those whose bits are set (capset(2)).
pub fn keep_capabilities(bits: u64) -> nix::Result<()> {
    const VERSION_3: u32 = 0x2008_0522;
    let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
    let (low, high) = (half(bits), half(bits >> 32));
    // Effective, permitted and inheritable, the low halves first.
    let (myself, kept) = ([VERSION_3, 0], [low, low, 0, high, high, 0]);
    // SAFETY: the arrays have the layout of the two structures of capset(2),
    // and the kernel only reads them.
    Errno::result(unsafe {
        libc::syscall(libc::SYS_capset, myself.as_ptr(), kept.as_ptr())
    })?;
    Ok(())
}

/// Ends the demo with status 77: this machine lacks something.
pub fn cannot_run_here(reason: &str) -> ! {
    eprintln!("cannot run here: {reason}");
    exit(CANNOT_RUN)
}
