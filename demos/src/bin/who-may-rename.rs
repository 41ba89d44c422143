//! Who may set a hostname: whoever is root, or whoever owns the namespace?
//!
//! The child holds every capability there is, in a user namespace of its own.
//! Watch its two attempts, and then what its parent may do from outside.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getgid, gethostname, getuid, sethostname};

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
        .unwrap_or_else(cannot_run);
    // Whoever has no id in a user namespace may not make another in it.
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    sethostname("parents-own")?;
    say!("parent", "I own this UTS namespace, and may name it");

    let (mut here, mut there) = UnixStream::pair()?;
    // ANCHOR: attempts
    let child = start_child(move || {
        unshare(CloneFlags::CLONE_NEWUSER)?;
        ensure!(sethostname("mine") == Err(Errno::EPERM));
        say!("child", "all capabilities, old UTS namespace: EPERM");

        unshare(CloneFlags::CLONE_NEWUTS)?;
        sethostname("childs-own")?;
        say!("child", "all capabilities, own UTS namespace: done");

        there.write_all(b"!")?;
        there.read_exact(&mut [0])?;
        say!("child", "my hostname is {}", gethostname()?.display());
        ensure!(gethostname()? == "from-above");
        Ok(())
    })?;

    here.read_exact(&mut [0])?;
    let below = File::open(format!("/proc/{child}/ns/uts"))?;
    setns(below, CloneFlags::CLONE_NEWUTS)?;
    ensure!(gethostname()? == "childs-own");
    sethostname("from-above")?;
    // ANCHOR_END: attempts
    say!("parent", "capabilities of an ancestor, my child's: done");

    here.write_all(b"!")?;
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}
