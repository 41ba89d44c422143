//! What the demos about networks share: several network namespaces in one
//! process, and the command `ip`.

use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns, unshare};

use crate::{cannot_run, cannot_run_here};

// ANCHOR: network
/// A network namespace, kept by an open file.
pub struct Network(File);

impl Network {
    /// Makes one, and leaves the caller in it.
    pub fn new() -> Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET).unwrap_or_else(cannot_run);
        Self::current()
    }

    /// The one that the caller is in.
    pub fn current() -> Result<Self> {
        Ok(Self(File::open("/proc/self/ns/net")?))
    }

    /// Goes there. Sockets that were made elsewhere stay where they are.
    pub fn enter(&self) -> Result<()> {
        Ok(setns(&self.0, CloneFlags::CLONE_NEWNET)?)
    }

    /// A path by which `ip` can open it.
    pub fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}
// ANCHOR_END: network

/// Runs `ip` in the network namespace that the caller is in. The error is
/// what `ip` says.
pub fn ip(arguments: &str) -> Result<()> {
    let run = Command::new("ip").args(arguments.split(' ')).output();
    let output = match run {
        Err(missing) if missing.kind() == ErrorKind::NotFound => {
            cannot_run_here("there is no `ip`; it comes with iproute2")
        }
        ran => ran.context("running ip")?,
    };
    if !output.status.success() {
        let says = String::from_utf8_lossy(&output.stderr);
        if says.contains("Unknown device type") {
            cannot_run_here("the kernel has no such device type");
        }
        bail!("{}", says.trim_end());
    }
    Ok(())
}
