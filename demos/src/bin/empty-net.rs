//! What is in a new network namespace?
//!
//! We list what there is, and then try to reach ourselves at 127.0.0.1. Watch
//! how the error changes once the only device has been switched on.

use std::fs;
use std::net::TcpStream;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, net, nftables, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    become_root()?;
    unshare(CloneFlags::CLONE_NEWNET).unwrap_or_else(cannot_run);

    // ANCHOR: list
    let mut devices = rows("/proc/net/dev", 2)?;
    devices.retain(|device| !is_tunnel(device));
    ensure!(devices.len() == 1, "{devices:?}");
    let mut words = devices[0].split_whitespace();
    ensure!(words.next() == Some("lo:"));
    say!("inside", "one device, lo");
    ensure!(words.all(|count| count == "0"));
    say!("inside", "bytes and packets that passed through it: 0");

    let routes = rows("/proc/net/route", 1)?.len();
    let sockets = rows("/proc/net/tcp", 1)?.len();
    let tables = nftables::tables()?;
    ensure!((routes, sockets, tables) == (0, 0, 0));
    say!("inside", "IPv4 routes: {routes}, TCP sockets: {sockets}");
    say!("inside", "tables of firewall rules: {tables}");
    // ANCHOR_END: list

    // ANCHOR: loopback
    let refused = connect("127.0.0.1:80");
    say!("inside", "connect to myself: {refused:?}");
    ensure!(refused == Err(Errno::ENETUNREACH));

    net::ip("link set lo up")?;
    say!("inside", "I have switched on lo");

    let refused = connect("127.0.0.1:80");
    say!("inside", "connect to myself: {refused:?}");
    ensure!(refused == Err(Errno::ECONNREFUSED));
    // ANCHOR_END: loopback
    Ok(())
}

/// The lines of a file below its heading.
fn rows(file: &str, heading: usize) -> Result<Vec<String>> {
    let text = fs::read_to_string(file)?;
    Ok(text.lines().skip(heading).map(str::to_owned).collect())
}

/// Some drivers put a device into every network, where others would be made
/// (`fb_tunnels_only_for_init_net` in `/proc/sys/net/core`).
fn is_tunnel(device: &str) -> bool {
    let name = device.trim_start().split(':').next().unwrap_or_default();
    [
        "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0",
        "ip6tnl0", "ip6gre0",
    ]
    .contains(&name)
}

fn connect(address: &str) -> nix::Result<()> {
    let socket = TcpStream::connect(address).map(|_| ());
    socket.map_err(|e| Errno::from_raw(e.raw_os_error().unwrap_or_default()))
}
