//! Does it matter in which order one joins namespaces?
//!
//! An ordinary user wants to join a user, a UTS and a mount namespace that it
//! owns. Watch which order is refused, and what cannot be opened any more
//! when the mounts have changed.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, give_up_capabilities, say, start_child};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Pid, pause};

const ANY: CloneFlags = CloneFlags::empty();
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    give_up_capabilities()?;
    let target = target()?;

    // ANCHOR: order
    let open = |kind| File::open(format!("/proc/{target}/ns/{kind}"));
    let (user, mnt, uts) = (open("user")?, open("mnt")?, open("uts")?);

    ensure!(setns(&uts, ANY) == Err(Errno::EPERM));
    say!("visitor", "uts: EPERM");
    setns(&user, ANY)?;
    say!("visitor", "user: done");
    setns(&mnt, ANY)?;
    say!("visitor", "mnt: done");

    let late = open("uts").map_err(|reason| reason.kind());
    ensure!(late.err() == Some(ErrorKind::NotFound));
    say!("visitor", "opening uts now: ENOENT");
    setns(&uts, ANY)?;
    say!("visitor", "uts, which I have opened before: done");
    // ANCHOR_END: order
    Ok(())
}

/// Starts a process with namespaces of its own, and nothing in its /proc.
fn target() -> Result<Pid> {
    let (mut here, mut there) = UnixStream::pair()?;
    let child = start_child(move || {
        unshare(
            CloneFlags::CLONE_NEWUSER
                | CloneFlags::CLONE_NEWUTS
                | CloneFlags::CLONE_NEWNS,
        )
        .unwrap_or_else(cannot_run);
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(NONE, "/", NONE, private, NONE)?;
        let tmpfs = Some("tmpfs");
        mount(tmpfs, "/proc", tmpfs, MsFlags::empty(), NONE)?;
        there.write_all(b"!")?;
        pause();
        Ok(())
    })?;
    here.read_exact(&mut [0])?;
    Ok(child)
}
