//! How do two network namespaces talk to each other?
//!
//! Two new ones are joined by a cable, a pair of virtual devices. Watch whom
//! the server sees, and where the end of a cable may not be put.

use std::net::{TcpListener, TcpStream};

use anyhow::{Result, ensure};
use demos::net::{Network, ip};
use demos::{become_root, say};

fn main() -> Result<()> {
    let first = Network::current()?;
    become_root()?;

    // ANCHOR: cable
    let left = Network::new()?;
    let right = Network::new()?;
    let server = TcpListener::bind("0.0.0.0:80")?;
    say!("right", "I listen on port 80");

    left.enter()?;
    let far = right.path();
    ip(&format!("link add cable type veth peer name cable netns {far}"))?;
    ip("address add 10.9.0.1/24 dev cable")?;
    ip("link set cable up")?;
    say!("left", "I have laid a cable to you; I am 10.9.0.1");

    right.enter()?;
    ip("address add 10.9.0.2/24 dev cable")?;
    ip("link set cable up")?;
    say!("right", "I am 10.9.0.2");

    left.enter()?;
    let me = TcpStream::connect("10.9.0.2:80")?;
    let (_, client) = server.accept()?;
    say!("right", "a client calls: {}", client.ip());
    // ANCHOR_END: cable
    ensure!(client == me.local_addr()?);
    ensure!(client.ip().to_string() == "10.9.0.1");

    // ANCHOR: refused
    let far = first.path();
    let wish = format!("link add loose type veth peer name in netns {far}");
    let refused =
        ip(&wish).is_err_and(|e| e.to_string().ends_with("not permitted"));
    ensure!(refused);
    say!("left", "a cable to the network we came from: not permitted");
    // ANCHOR_END: refused
    Ok(())
}
