//! What does it take to reach the world outside from a network namespace?
//!
//! Two clients and a router share a bridge; beyond the router is a server
//! that has never heard of the clients. Watch what the router has to do before
//! the server can be reached, and whom the server then sees.

use std::fs;
use std::net::TcpListener;
use std::thread::yield_now;

use anyhow::{Result, ensure};
use demos::net::{LONG, Network, SHORT, call, counters, ip, up};
use demos::{become_root, nftables, say};

const FORWARD: &str = "/proc/sys/net/ipv4/ip_forward";
const WEBSITE: &str = "192.0.2.80:80";

fn main() -> Result<()> {
    become_root()?;
    // ANCHOR: build
    let server = Network::new()?;
    // Do look at packets from senders that no route leads to.
    fs::write("/proc/sys/net/ipv4/conf/all/rp_filter", "0")?;
    fs::write("/proc/sys/net/ipv4/conf/default/rp_filter", "0")?;
    let website = TcpListener::bind("0.0.0.0:80")?;

    let router = Network::new()?;
    ip("link add bridge type bridge")?;
    up("bridge", "10.9.0.1/24")?;
    let far = server.path();
    ip(&format!("link add uplink type veth peer eth0 netns {far}"))?;
    up("uplink", "192.0.2.1/24")?;
    server.enter()?;
    up("eth0", "192.0.2.80/24")?;

    let alice = client(&router, "alice", "10.9.0.2/24")?;
    let bob = client(&router, "bob", "10.9.0.3/24")?;
    // ANCHOR_END: build

    bob.enter()?;
    let bobs = TcpListener::bind("0.0.0.0:80")?;
    router.enter()?;
    fs::write(FORWARD, "0")?;
    alice.enter()?;
    let answer = call("10.9.0.3:80", &bobs, LONG)?;
    say!("alice", "I call bob: {answer}");
    ensure!(answer == "it sees 10.9.0.2");

    // ANCHOR: tries
    let answer = call(WEBSITE, &website, SHORT)?;
    say!("alice", "I call the server: {answer}");
    ensure!(answer == "no answer");
    server.enter()?;
    ensure!(counters()? == (0, 0));
    say!("server", "nothing has come");

    router.enter()?;
    fs::write(FORWARD, "1")?;
    say!("router", "I forward");
    alice.enter()?;
    let answer = call(WEBSITE, &website, SHORT)?;
    say!("alice", "I call the server: {answer}");
    ensure!(answer == "no answer");
    server.enter()?;
    while counters()?.1 == 0 {
        yield_now();
    }
    ensure!(counters()?.0 > 0);
    say!("server", "something has come, and I have no route back");

    router.enter()?;
    nftables::masquerade()?;
    say!("router", "I masquerade");
    alice.enter()?;
    let answer = call(WEBSITE, &website, LONG)?;
    say!("alice", "I call the server: {answer}");
    ensure!(answer == "it sees 192.0.2.1");
    // ANCHOR_END: tries

    for (who, network, count) in [("router", &router, 1), ("alice", &alice, 0)]
    {
        network.enter()?;
        let (tables, tracked) = (nftables::tables()?, nftables::tracked()?);
        ensure!((tables, tracked) == (count, count));
        say!(who, "tables of rules: {count}, tracked connections: {tracked}");
    }
    Ok(())
}

/// A network with one cable, whose other end is in the router's bridge.
fn client(router: &Network, name: &str, address: &str) -> Result<Network> {
    let client = Network::new()?;
    let far = router.path();
    ip(&format!("link add eth0 type veth peer {name} netns {far}"))?;
    up("eth0", address)?;
    ip("route add default via 10.9.0.1")?;
    router.enter()?;
    ip(&format!("link set {name} master bridge up"))?;
    Ok(client)
}
