//! Whose process numbers does /proc show: the reader's, or its own?
//!
//! A new process 1 compares what getpid says with what /proc says. Before it
//! mounts a /proc that fits, we mount one three times at a wrong moment.
//! Watch what is missing each time.

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::getpid;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);

    // ANCHOR: wrong
    in_child(|| {
        unshare(CloneFlags::CLONE_NEWPID)?;
        in_child(|| {
            ensure!(mount_proc() == Err(Errno::EPERM));
            say!("child", "PID namespace mine, mount namespace not: EPERM");
            Ok(())
        })
    })?;

    unshare(CloneFlags::CLONE_NEWNS)?;
    ensure!(mount_proc() == Err(Errno::EPERM));
    say!("parent", "mount namespace mine, PID namespace not: EPERM");

    unshare(CloneFlags::CLONE_NEWPID)?;
    ensure!(mount_proc() == Err(Errno::EPERM));
    say!("parent", "asked for a PID namespace, and still outside: EPERM");
    // ANCHOR_END: wrong

    in_child(|| {
        // ANCHOR: right
        ensure!(getpid().as_raw() == 1 && number_in_proc()? != "1");
        say!("child", "getpid says 1, and /proc/self leads elsewhere");

        mount_proc().unwrap_or_else(cannot_run);
        say!("child", "both namespaces mine, and in both: mounted");

        ensure!(getpid().as_raw() == 1 && number_in_proc()? == "1");
        say!("child", "getpid says 1, and /proc/self leads to 1");
        // ANCHOR_END: right
        Ok(())
    })
}

/// Mounts a new proc filesystem over /proc.
fn mount_proc() -> nix::Result<()> {
    let hardened = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), hardened, None::<&str>)
}

/// The text of the link /proc/self: a process number.
fn number_in_proc() -> Result<String> {
    Ok(fs::read_link("/proc/self")?.display().to_string())
}
