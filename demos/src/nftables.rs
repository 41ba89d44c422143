//! As much of `nft` as one demo needs: count the tables of a network
//! namespace, and put one rule into it, `masquerade`.
//!
//! The messages are those of `include/uapi/linux/netfilter/nf_tables.h`.

#![allow(unsafe_code, reason = "the standard library has no netlink socket")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};

use anyhow::{Result, bail};
use nix::errno::Errno;

use crate::cannot_run_here;

// Flags of netlink(7). CREATE and APPEND are bits that DUMP uses otherwise.
const REQUEST: u16 = 0x1;
const ACK: u16 = 0x4;
const DUMP: u16 = 0x300;
const CREATE: u16 = 0x400;
const APPEND: u16 = 0x800;
/// The flag of an attribute that holds attributes.
const NESTED: u16 = 1 << 15;

// Kinds of messages: the subsystem and the number in it.
const NFTABLES: u16 = 10;
const NEW_TABLE: u16 = NFTABLES << 8;
const GET_TABLE: u16 = NFTABLES << 8 | 1;
const NEW_CHAIN: u16 = NFTABLES << 8 | 3;
const NEW_RULE: u16 = NFTABLES << 8 | 6;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;

/// The hook of packets that are about to leave, `NF_INET_POST_ROUTING`.
const POST_ROUTING: u32 = 4;
/// The order among the hook's users, `NF_IP_PRI_NAT_SRC`.
const SOURCE_NAT: i32 = 100;
/// The family of rules about IPv4, `NFPROTO_IPV4`.
const IPV4: u8 = 2;

/// How many tables of firewall rules are in the caller's network namespace?
pub fn tables() -> Result<usize> {
    let mut socket = netfilter()?;
    socket.write_all(&message(GET_TABLE, REQUEST | DUMP, &[]))?;
    let mut tables = 0;
    loop {
        for (kind, _) in answers(&mut socket)? {
            match kind {
                NEW_TABLE => tables += 1,
                _ => return Ok(tables),
            }
        }
    }
}

/// How many connections does the caller's network namespace remember?
pub fn tracked() -> Result<usize> {
    let count = "/proc/sys/net/netfilter/nf_conntrack_count";
    Ok(std::fs::read_to_string(count)?.trim().parse()?)
}

/// `nft add table nat`, `nft add chain nat out { type nat hook postrouting
/// priority srcnat; }`, `nft add rule nat out masquerade`.
pub fn masquerade() -> Result<()> {
    // The numbers are those of NFTA_TABLE_NAME, NFTA_CHAIN_NAME and so on: in
    // each message the table, then the name, then what there is to say.
    let table = attribute(1, b"nat\0");
    let hook = [
        attribute(1, &POST_ROUTING.to_be_bytes()),
        attribute(2, &SOURCE_NAT.to_be_bytes()),
    ];
    let chain = [
        table.clone(),
        attribute(3, b"out\0"),
        attribute(4 | NESTED, &hook.concat()),
        attribute(7, b"nat\0"),
    ];
    let masquerade = attribute(1 | NESTED, &attribute(1, b"masq\0"));
    let rule = [
        table.clone(),
        attribute(2, b"out\0"),
        attribute(4 | NESTED, &masquerade),
    ];

    let add = REQUEST | ACK | CREATE;
    let batch = [
        message(BATCH_BEGIN, REQUEST, &[]),
        message(NEW_TABLE, add, &table),
        message(NEW_CHAIN, add, &chain.concat()),
        message(NEW_RULE, add | APPEND, &rule.concat()),
        message(BATCH_END, REQUEST, &[]),
    ];
    let mut socket = netfilter()?;
    socket.write_all(&batch.concat())?;
    let mut done = 0;
    while done < 3 {
        for (_, errno) in answers(&mut socket)? {
            match Errno::from_raw(-errno) {
                Errno::UnknownErrno if errno == 0 => {}
                // The kernel was built without one of the parts.
                Errno::ENOENT | Errno::EOPNOTSUPP => {
                    cannot_run_here("the kernel cannot masquerade")
                }
                refused => bail!("nftables: {refused}"),
            }
            done += 1;
        }
    }
    Ok(())
}

/// A netlink socket is a file that messages are written to and read from.
fn netfilter() -> Result<File> {
    // SAFETY: socket takes three numbers and returns one.
    let made = Errno::result(unsafe {
        libc::socket(
            libc::AF_NETLINK,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC,
            libc::NETLINK_NETFILTER,
        )
    });
    if made == Err(Errno::EPROTONOSUPPORT) {
        cannot_run_here("the kernel has no nftables");
    }
    let socket = made?;
    // SAFETY: the socket was just made, and nobody else knows its number.
    Ok(unsafe { OwnedFd::from_raw_fd(socket) }.into())
}

/// The types of the messages that one read brings, each with the number
/// behind its header: 0 or a negative errno in an acknowledgement.
fn answers(socket: &mut File) -> Result<Vec<(u16, i32)>> {
    let mut buffer = vec![0; 1 << 16];
    let length = socket.read(&mut buffer)?;
    let mut rest = &buffer[..length];
    let mut answers = Vec::new();
    while let [a, b, c, d, e, f, ..] = *rest {
        let length = u32::from_ne_bytes([a, b, c, d]) as usize;
        let Some(body) = rest.get(16..20) else { break };
        let body = [body[0], body[1], body[2], body[3]];
        answers.push((u16::from_ne_bytes([e, f]), i32::from_ne_bytes(body)));
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(answers)
}

/// A netlink header, the header of netfilter's messages, and attributes.
fn message(kind: u16, flags: u16, attributes: &[u8]) -> Vec<u8> {
    // A batch is of no family, and names the subsystem that it is for.
    let (family, subsystem) = match kind {
        BATCH_BEGIN | BATCH_END => (0, NFTABLES),
        _ => (IPV4, 0),
    };
    let length = u32::try_from(20 + attributes.len()).unwrap_or(u32::MAX);
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    // The sequence number, and the sender, which the kernel fills in.
    message.extend([0; 8]);
    message.extend([family, 0]);
    message.extend(subsystem.to_be_bytes());
    message.extend(attributes);
    message
}

/// An attribute: its length, its kind, its value, and padding.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut attribute = length.to_ne_bytes().to_vec();
    attribute.extend(kind.to_ne_bytes());
    attribute.extend(value);
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    attribute
}
