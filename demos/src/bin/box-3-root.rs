//! Step 3 of a container: what is in `/`?
//!
//! A root of its own, with the machine's programs in it. Watch what the root
//! of this box can do to them.

use std::fs::{self, File};
use std::io::ErrorKind::ReadOnlyFilesystem;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, say};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::sethostname;

#[path = "tiny-container/init.rs"]
mod init;
#[path = "tiny-container/program.rs"]
mod program;
#[path = "tiny-container/root.rs"]
mod root;

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
    root::build()?;
    root::enter()
}

fn look() -> Result<()> {
    let homes = ["/home", "/root", "/var", "/boot"];
    ensure!(homes.iter().all(|home| fs::metadata(home).is_err()));
    say!("box", "there is no {}", homes.join(", no "));
    let refused = File::create("/usr/file").map_err(|e| e.kind());
    ensure!(refused.is_err_and(|kind| kind == ReadOnlyFilesystem));
    say!("box", "and /usr is read-only, also for me");
    Ok(())
}
