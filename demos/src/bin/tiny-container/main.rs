//! How much program is a container?
//!
//! All that `box-1` to `box-4` have, and then rights given up. It runs the
//! program that it is given, and ends as that one does. Without one it looks
//! around; watch what its root is refused.

mod clocks;
mod init;
mod program;
mod rights;
mod root;

use std::fs;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, net, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getuid, sethostname};

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
    root::enter()?;
    rights::give_up()
}

fn look() -> Result<()> {
    let status = fs::read_to_string("/proc/self/status")?;
    ensure!(status.contains("CapEff:\t0000000000000000\n"));
    ensure!(status.contains("NoNewPrivs:\t1\n"));
    say!("box", "I am user {}, with no capability", getuid());

    for (wish, answer, expected) in [
        ("another hostname", sethostname("crater"), Errno::EPERM),
        ("another mount", root::mount_new("tmpfs", "/tmp", ""), Errno::EPERM),
        (
            "back to capabilities",
            unshare(CloneFlags::CLONE_NEWUSER),
            Errno::ENOSPC,
        ),
    ] {
        ensure!(answer == Err(expected));
        say!("box", "{wish}: {expected:?}");
    }
    Ok(())
}
