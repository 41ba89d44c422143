//! How does one find out to which network a socket belongs?
//!
//! The kernel can be asked for a socket's network namespace in two ways. Watch
//! what both say of a socket that was made before we moved.

#![allow(unsafe_code, reason = "this demo teaches raw calls on sockets")]

use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use anyhow::{Result, ensure};
use demos::{cannot_run, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

/// `SIOCGSKNS` of `include/uapi/linux/sockios.h`.
const SIOCGSKNS: libc::Ioctl = 0x894C;

fn main() -> Result<()> {
    let old = UdpSocket::bind("127.0.0.1:0")?;
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)
        .unwrap_or_else(cannot_run);
    let new = UdpSocket::bind("0.0.0.0:0")?;
    let newer = UdpSocket::bind("0.0.0.0:0")?;

    ensure!(cookie(&new)? == cookie(&newer)?);
    say!("me", "two new sockets have the same cookie");
    ensure!(cookie(&new)? != cookie(&old)?);
    say!("me", "the old socket has another");

    let mine = fs::metadata("/proc/self/ns/net")?;
    ensure!(network_of(&new)?.metadata()?.ino() == mine.ino());
    say!("me", "SIOCGSKNS of a new socket: my network namespace");
    let refused = network_of(&old).map_err(|e| e.downcast_ref().copied());
    ensure!(refused.is_err_and(|e| e == Some(Errno::EPERM)));
    say!("me", "SIOCGSKNS of the old socket: EPERM");
    Ok(())
}

// ANCHOR: ask
/// A number that stands for the socket's network namespace, and for no other
/// until the machine is started anew.
fn cookie(socket: &UdpSocket) -> Result<u64> {
    let mut cookie = 0;
    let mut size: libc::socklen_t = 8;
    // SAFETY: the kernel writes at most `size` bytes to a u64.
    Errno::result(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NETNS_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut size,
        )
    })?;
    Ok(cookie)
}

/// The socket's network namespace itself, open as a file.
fn network_of(socket: &UdpSocket) -> Result<File> {
    // SAFETY: SIOCGSKNS takes no argument and returns a new descriptor.
    let file =
        Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), SIOCGSKNS) })?;
    // SAFETY: nobody else knows the descriptor's number.
    Ok(unsafe { OwnedFd::from_raw_fd(file) }.into())
}
// ANCHOR_END: ask
