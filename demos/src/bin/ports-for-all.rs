//! Does it take a privilege to have port 80?
//!
//! The child has given up its capabilities over the network that it is in. It
//! tries port 80 twice, and in between its parent moves a limit. Watch what
//! the same call answers.

use std::fs;
use std::io::ErrorKind::PermissionDenied;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};

/// The first port that anybody may have.
const LIMIT: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";

fn main() -> Result<()> {
    become_root()?;
    unshare(CloneFlags::CLONE_NEWNET).unwrap_or_else(cannot_run);
    let (mut here, mut there) = UnixStream::pair()?;

    // ANCHOR: limit
    let child = start_child(move || {
        // In a user namespace below, we have no capability over this network.
        unshare(CloneFlags::CLONE_NEWUSER)?;

        let refused = TcpListener::bind("0.0.0.0:80");
        ensure!(refused.is_err_and(|e| e.kind() == PermissionDenied));
        say!("child", "port 80: EACCES");

        there.write_all(b"!")?;
        there.read_exact(&mut [0])?;
        TcpListener::bind("0.0.0.0:80")?;
        say!("child", "port 80: mine");
        Ok(())
    })?;

    here.read_exact(&mut [0])?;
    ensure!(fs::read_to_string(LIMIT)? == "1024\n");
    fs::write(LIMIT, "80")?;
    say!("parent", "the first port for everybody was 1024 and is 80");
    // ANCHOR_END: limit

    here.write_all(b"!")?;
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}
