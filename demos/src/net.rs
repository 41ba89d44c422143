//! What the demos about networks share: several network namespaces in one
//! process, and the command `ip`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;

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

// ANCHOR: tools
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

/// Gives a device of the network that we are in an address, and switches it
/// on.
pub fn up(device: &str, address: &str) -> Result<()> {
    ip(&format!("address add {address} dev {device}"))?;
    ip(&format!("link set {device} up"))
}

/// How long to wait for an answer that does not come.
pub const SHORT: Duration = Duration::from_millis(500);
/// And for one that does: a new cable may take a second until it carries
/// anything.
pub const LONG: Duration = Duration::from_secs(8);

/// Calls a server from the network that we are in. Does it answer, and whom
/// does it see?
pub fn call(
    address: &str,
    server: &TcpListener,
    patience: Duration,
) -> Result<String> {
    use ErrorKind::{TimedOut, WouldBlock};
    match TcpStream::connect_timeout(&address.parse()?, patience) {
        Ok(_) => Ok(format!("it sees {}", server.accept()?.1.ip())),
        Err(e) if [TimedOut, WouldBlock].contains(&e.kind()) => {
            Ok("no answer".to_owned())
        }
        Err(e) => Err(e.into()),
    }
}

/// Two counters of the network that we are in: IPv4 packets that came, and
/// answers that were dropped for want of a route (proc(5), RFC 2011).
pub fn counters() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/net/snmp")?;
    let mut rows = text.lines().map(str::split_whitespace);
    let (names, numbers) = rows.next().zip(rows.next()).context("no rows")?;
    let all: HashMap<_, _> = names.zip(numbers).collect();
    Ok((all["InReceives"].parse()?, all["OutNoRoutes"].parse()?))
}
// ANCHOR_END: tools
