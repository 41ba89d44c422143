//! Until when can the clocks of a time namespace be set?
//!
//! Offsets are written to a file, and the kernel is particular about what
//! and when. Watch the same line be taken once and refused once.

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::libc::CLONE_NEWTIME;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    // ANCHOR: offsets
    ensure!(set("boottime 86400 0").is_err());
    say!("parent", "in a time namespace with processes: EACCES");

    let new_time = CloneFlags::from_bits_retain(CLONE_NEWTIME);
    unshare(CloneFlags::CLONE_NEWUSER | new_time).unwrap_or_else(cannot_run);

    ensure!(set("realtime 86400 0") == Err(Errno::EINVAL));
    say!("parent", "realtime, the date: EINVAL");
    ensure!(set("boottime -9000000000 0") == Err(Errno::ERANGE));
    say!("parent", "a time before the machine was started: ERANGE");
    ensure!(set("boottime 86400 0") == Ok(()));
    say!("parent", "boottime, a day: done");

    in_child(|| {
        say!("child", "I live in the new time namespace");
        Ok(())
    })?;
    ensure!(set("boottime 86400 0") == Err(Errno::EACCES));
    say!("parent", "boottime, a day: EACCES");
    // ANCHOR_END: offsets
    Ok(())
}

fn set(offset: &str) -> nix::Result<()> {
    fs::write("/proc/self/timens_offsets", offset)
        .map_err(|refused| Errno::from_raw(refused.raw_os_error().unwrap_or(0)))
}
