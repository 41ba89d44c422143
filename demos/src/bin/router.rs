//! What does it take to reach the world outside from a network namespace?
//!
//! Two clients and a router share a bridge; beyond the router is a server
//! that has never heard of the clients. Watch what the router has to do before
//! the server can be reached, and whom the server then sees.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::net::{TcpListener, TcpStream};
use std::thread::yield_now;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use demos::net::{Network, ip};
use demos::{become_root, nftables, say};

const FORWARD: &str = "/proc/sys/net/ipv4/ip_forward";
const TRACKED: &str = "/proc/sys/net/netfilter/nf_conntrack_count";

/// How long to wait for an answer that does not come, and for one that does:
/// a new cable may take a second until it carries anything.
const SHORT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(8);

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

    // ANCHOR: bridge
    bob.enter()?;
    let bobs = TcpListener::bind("0.0.0.0:80")?;
    router.enter()?;
    fs::write(FORWARD, "0")?;
    alice.enter()?;
    let seen = call("10.9.0.3:80", &bobs, LONG)?;
    say!("alice", "I call bob: {}", show(seen.as_deref()));
    // ANCHOR_END: bridge
    ensure!(seen == Some("10.9.0.2".to_owned()));

    // ANCHOR: tries
    let seen = call("192.0.2.80:80", &website, SHORT)?;
    say!("alice", "I call the server: {}", show(seen.as_deref()));
    ensure!(seen.is_none());
    server.enter()?;
    ensure!(counters()? == (0, 0));
    say!("server", "nothing has come");

    router.enter()?;
    fs::write(FORWARD, "1")?;
    say!("router", "I forward");
    alice.enter()?;
    let seen = call("192.0.2.80:80", &website, SHORT)?;
    say!("alice", "I call the server: {}", show(seen.as_deref()));
    ensure!(seen.is_none());
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
    let seen = call("192.0.2.80:80", &website, LONG)?;
    say!("alice", "I call the server: {}", show(seen.as_deref()));
    ensure!(seen == Some("192.0.2.1".to_owned()));
    // ANCHOR_END: tries

    // ANCHOR: count
    for (who, network, count) in [("router", &router, 1), ("alice", &alice, 0)]
    {
        network.enter()?;
        let tracked = fs::read_to_string(TRACKED)?.trim().parse()?;
        ensure!((nftables::tables()?, tracked) == (count, count));
        say!(who, "tables of rules: {count}, tracked connections: {tracked}");
    }
    // ANCHOR_END: count
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

fn up(device: &str, address: &str) -> Result<()> {
    ip(&format!("address add {address} dev {device}"))?;
    ip(&format!("link set {device} up"))
}

/// Calls a server from the network we are in: whom does the server see?
fn call(
    address: &str,
    server: &TcpListener,
    patience: Duration,
) -> Result<Option<String>> {
    match TcpStream::connect_timeout(&address.parse()?, patience) {
        Ok(_) => Ok(Some(server.accept()?.1.ip().to_string())),
        Err(e) if [TimedOut, WouldBlock].contains(&e.kind()) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn show(seen: Option<&str>) -> String {
    seen.map_or_else(|| "no answer".to_owned(), |ip| format!("it sees {ip}"))
}

/// Two counters of the network we are in: IPv4 packets that came, and answers
/// that were dropped for want of a route (proc(5), RFC 2011).
fn counters() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/net/snmp")?;
    let mut rows = text.lines().map(str::split_whitespace);
    let (names, numbers) = rows.next().zip(rows.next()).context("no rows")?;
    let all: HashMap<_, _> = names.zip(numbers).collect();
    Ok((all["InReceives"].parse()?, all["OutNoRoutes"].parse()?))
}
