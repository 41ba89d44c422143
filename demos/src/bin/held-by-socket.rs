//! Does a network namespace end with its last process?
//!
//! A server's socket stays in a network that nobody is in and that no file
//! leads to. Watch who answers, and what happens to the cable afterwards.

use std::fs;
use std::net::UdpSocket;
use std::thread::yield_now;

use anyhow::{Result, ensure};
use demos::net::{Network, ip};
use demos::{become_root, say};

fn main() -> Result<()> {
    become_root()?;

    let far = Network::new()?;
    let server = UdpSocket::bind("0.0.0.0:53")?;
    let home = Network::new()?;
    let path = far.path();
    ip(&format!("link add cable type veth peer name cable netns {path}"))?;
    ip("address add 10.9.0.1/24 dev cable")?;
    ip("link set cable up")?;
    far.enter()?;
    ip("address add 10.9.0.2/24 dev cable")?;
    ip("link set cable up")?;

    // ANCHOR: leave
    home.enter()?;
    drop(far);
    say!("me", "I have left the far network and closed its file");

    let client = UdpSocket::bind("0.0.0.0:0")?;
    client.send_to(b"is anybody there?", "10.9.0.2:53")?;
    let (_, caller) = server.recv_from(&mut [0; 64])?;
    ensure!(caller.ip().to_string() == "10.9.0.1");
    say!("me", "its socket received a message over the cable");
    ensure!(has_cable()?);

    drop(server);
    // The kernel takes a network down in its own time.
    while has_cable()? {
        yield_now();
    }
    say!("me", "I have closed the socket, and my end of the cable is gone");
    // ANCHOR_END: leave
    Ok(())
}

fn has_cable() -> Result<bool> {
    Ok(fs::read_to_string("/proc/net/dev")?.contains("cable:"))
}
