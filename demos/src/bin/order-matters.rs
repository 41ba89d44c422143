//! Does it matter in which order one joins namespaces?
//!
//! An ordinary user wants to join a user, a UTS and a mount namespace that it
//! owns. Watch which order is refused, and what cannot be opened any more
//! when the mounts have changed.

use std::fs::File;
use std::io::ErrorKind;

use anyhow::{Result, ensure};
use demos::{cannot_run, give_up_capabilities, say, start_resident};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};

const ANY: CloneFlags = CloneFlags::empty();
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    give_up_capabilities()?;
    let target = start_resident(settle)?;

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

/// Moves into namespaces of our own, and leaves nothing in their /proc.
fn settle() -> Result<()> {
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
    Ok(())
}
