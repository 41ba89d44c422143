//! Network namespaces.

use anyhow::Result;

use crate::examine::Report;
use crate::look::{
    ask, copy_of, descriptors, elsewhere, inode, is_ordinary, processes, read,
    sh, succeeds,
};

/// Looks at three named namespaces, and closes the middle one for a moment.
pub(crate) fn three_in_a_row(report: &mut Report) -> Result<()> {
    for name in ["first", "second", "third"] {
        if !report.expect(
            succeeds(&format!("ip netns exec {name} true"))?,
            format!("there is a network `{name}`"),
        ) {
            return Ok(());
        }
    }
    let list = "ip -netns third -4 -oneline address show scope global";
    let said = sh(&format!("{list} | grep -o 'inet [0-9.]*'"))?.out;
    let address = said.split_whitespace().nth(1).map(str::to_owned);
    report.expect(address.is_some(), "`third` has an address");
    let Some(address) = address else { return Ok(()) };
    report.expect(
        reaches(&address)?,
        format!("a packet from `first` reaches {address}"),
    );
    let forward = "/proc/sys/net/ipv4/ip_forward";
    let way = format!(
        "ip netns exec second sh -c 'cat {forward}; echo 0 > {forward}'"
    );
    let before = sh(&way)?.out;
    let closed = !reaches(&address)?;
    sh(&format!("ip netns exec second sh -c 'echo {before} > {forward}'"))?;
    report.expect(closed, "and none does if `second` stops forwarding");
    Ok(())
}

/// Nobody listens there, which only who has received the packet can say.
fn reaches(address: &str) -> Result<bool> {
    let knock = format!(
        "ip netns exec first timeout 2 bash -c ': > /dev/tcp/{address}/1'"
    );
    Ok(sh(&knock)?.err.contains("refused"))
}

/// Looks for somebody without capabilities who listens on port 80.
pub(crate) fn port_80(report: &mut Report) -> Result<()> {
    let mut all = processes();
    all.retain(|pid| listens_on_80(*pid));
    if report.expect(!all.is_empty(), "a process listens on port 80") {
        all.retain(|pid| is_ordinary(*pid));
        report.expect(!all.is_empty(), "it has no capability");
    }
    if let [pid, ..] = all[..] {
        let asked = sh(&format!(
            "nsenter --target {pid} --net bash -c '\
                 exec 3<>/dev/tcp/127.0.0.1/80 && \
                 printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3 && \
                 timeout 3 head -n 1 <&3'"
        ))?;
        report.expect(
            asked.out.starts_with("HTTP/1."),
            "it answers in HTTP at 127.0.0.1",
        );
    }
    Ok(())
}

fn listens_on_80(pid: i32) -> bool {
    let tables = ["net/tcp", "net/tcp6"].map(|file| read(pid, file));
    let sockets: Vec<String> = tables
        .iter()
        .flatten()
        .flat_map(|table| table.lines())
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let port_80 = words.next()?.ends_with(":0050");
            // State 0A is TCP_LISTEN.
            let listens = words.nth(1)? == "0A";
            let inode = words.nth(5)?;
            (port_80 && listens).then(|| format!("socket:[{inode}]"))
        })
        .collect();
    descriptors(pid).iter().any(|(_, link)| sockets.contains(link))
}

/// Looks for a process with a socket of another network.
pub(crate) fn remembers(report: &mut Report) -> Result<()> {
    let all = elsewhere("net");
    report.expect(!all.is_empty(), "a process is in another network");
    let has = all.into_iter().any(|pid| {
        descriptors(pid).into_iter().any(|(number, link)| {
            link.starts_with("socket:")
                && is_of_another(pid, number).unwrap_or(false)
        })
    });
    report.expect(has, "and has a socket that is not of that network");
    Ok(())
}

fn is_of_another(pid: i32, descriptor: i32) -> Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let socket = copy_of(pid, descriptor)?;
    let network = ask(&socket, libc::SIOCGSKNS)?;
    Ok(network.metadata()?.ino() != inode(pid, "net")?)
}
