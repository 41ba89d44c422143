//! How can two namespaces be told apart that did not live at the same time?
//!
//! Namespaces are made and thrown away until one has the number of the first.
//! Watch what the two have in common, and what they have not.

use std::fs::File;

use anyhow::{Result, ensure};
use demos::handle::Handle;
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};

const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | UTS).unwrap_or_else(cannot_run);
    let home = File::open("/proc/self/ns/uts")?;

    // ANCHOR: tell-apart
    let mut first = make_one()?;
    // What we leave has nobody in it, and ends.
    setns(&home, UTS)?;
    let mut second = make_one()?;
    // Somebody else on this machine may have been faster: once more.
    while second.inode != first.inode {
        first = second;
        setns(&home, UTS)?;
        second = make_one()?;
    }
    say!("second", "has the first one's inode number");
    ensure!(second.id != first.id);
    say!("second", "has another 64-bit id");

    second.open()?;
    say!("second", "its handle opens it");
    ensure!(first.open().err() == Some(Errno::ESTALE));
    say!("first", "its handle did so, too, and now answers ESTALE");
    // ANCHOR_END: tell-apart
    Ok(())
}

fn make_one() -> Result<Handle> {
    unshare(UTS)?;
    let mut handle = Handle::of(&File::open("/proc/self/ns/uts")?)?;
    handle.open()?;
    Ok(handle)
}
