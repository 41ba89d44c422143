//! Step 4 of a container: what is left of the machine?
//!
//! The four other namespaces: network, IPC, cgroup, time. Watch how long
//! this machine has been up.

use std::fs;

use anyhow::{Context, Result, ensure};
use demos::{become_root, cannot_run, net, say};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::sethostname;

#[path = "tiny-container/clocks.rs"]
mod clocks;
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
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWCGROUP
            | CloneFlags::from_bits_retain(libc::CLONE_NEWTIME),
    )
    .unwrap_or_else(cannot_run);
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NONE, "/", NONE, private, NONE)?;
    clocks::start_at_zero()?;
    init::boot(prepare, || {
        program::run()?;
        look()
    })
}

const NONE: Option<&str> = None;

fn prepare() -> Result<()> {
    sethostname("box")?;
    net::ip("link set lo up")?;
    root::build()?;
    root::mount_new("sysfs", "sys", "")?;
    root::enter()
}

fn look() -> Result<()> {
    let devices = fs::read_dir("/sys/class/net")?.count();
    say!("box", "network devices: {devices}");
    ensure!(devices == 1);
    let uptime = fs::read_to_string("/proc/uptime")?;
    let seconds = uptime.split('.').next().context("no uptime")?;
    say!("box", "minutes since the start: {}", seconds.parse::<u64>()? / 60);
    ensure!(seconds.parse::<u64>()? < 60);
    Ok(())
}
