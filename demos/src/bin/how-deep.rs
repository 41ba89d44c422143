//! How deep can PID namespaces be nested?
//!
//! Every process makes a namespace inside of the one before, until the kernel
//! refuses. Watch the error: it sounds like a full disk.

use anyhow::{Result, bail, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::getpid;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    live_at(0)
}

fn live_at(level: usize) -> Result<()> {
    let who = format!("level {level}");
    match unshare(CloneFlags::CLONE_NEWPID) {
        Ok(()) => in_child(|| {
            ensure!(getpid().as_raw() == 1);
            live_at(level + 1)
        }),
        Err(Errno::ENOSPC) => {
            // We may have started somewhere below the first namespace.
            ensure!(level <= 32);
            say!(who, "I am process 1, and one more is refused: ENOSPC");
            Ok(())
        }
        Err(other) => bail!("{who}: {other}"),
    }
}
