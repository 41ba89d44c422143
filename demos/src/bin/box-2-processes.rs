//! Step 2 of a container: who else is here?
//!
//! A PID namespace with a process 1 that does its duties, and a mount
//! namespace for a `/proc` that shows it. Watch how many we are.

use std::fs;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, say};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getpid, sethostname};

#[path = "tiny-container/init.rs"]
mod init;
#[path = "tiny-container/program.rs"]
mod program;

fn main() -> Result<()> {
    become_root()?;
    unshare(
        CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWPID,
    )
    .unwrap_or_else(cannot_run);
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NONE, "/", NONE, private, NONE)?;
    init::boot(prepare, || {
        program::run()?;
        look()
    })
}

const NONE: Option<&str> = None;

fn prepare() -> Result<()> {
    sethostname("box")?;
    Ok(mount(NONE, "/proc", Some("proc"), MsFlags::empty(), NONE)?)
}

fn look() -> Result<()> {
    let names = fs::read_dir("/proc")?.flatten().map(|e| e.file_name());
    let is_number = |name: &str| name.parse::<u32>().is_ok();
    let all = names.filter(|name| name.to_str().is_some_and(is_number));
    let all = all.count();
    say!("box", "I am process {} of {all}", getpid());
    ensure!(getpid().as_raw() == 2 && all == 2);
    Ok(())
}
