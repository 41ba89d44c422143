//! Can there be a namespace that nobody is in?
//!
//! One process, which goes out of a UTS namespace and comes back. Watch what
//! it finds when it has kept an open file, and what when it has not.

use std::fs::{File, read_link};
use std::path::PathBuf;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{gethostname, sethostname};

const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | UTS).unwrap_or_else(cannot_run);
    sethostname("home")?;
    let home = File::open("/proc/self/ns/uts")?;

    // ANCHOR: haunt
    unshare(UTS)?;
    sethostname("ghost")?;
    let number = my_namespace()?;
    let kept = File::open("/proc/self/ns/uts")?;

    setns(&home, UTS)?;
    say!("me", "I have left, and nobody is in the namespace I made");
    setns(&kept, UTS)?;
    ensure!(gethostname()? == "ghost" && my_namespace()? == number);
    say!("me", "I am back, and the hostname is ghost");

    setns(&home, UTS)?;
    drop(kept);
    say!("me", "I have left again, and closed the file");

    // The next one gets its number, unless somebody else on this machine is
    // faster: then it is the next one's number that comes back.
    let mut ended = number;
    unshare(UTS)?;
    while my_namespace()? != ended {
        ended = my_namespace()?;
        setns(&home, UTS)?;
        unshare(UTS)?;
    }
    ensure!(gethostname()? == "home");
    say!("me", "a new one has the old number, and the hostname is home");
    // ANCHOR_END: haunt
    Ok(())
}

fn my_namespace() -> Result<PathBuf> {
    Ok(read_link("/proc/self/ns/uts")?)
}
