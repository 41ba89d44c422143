//! How much more of the kernel can be reached in a user namespace?
//!
//! Somebody without any capability tries to open six doors, and then does
//! the same as root of a user namespace that anybody can make. Watch which
//! doors stay closed.

#![allow(unsafe_code, reason = "nix has no fsopen")]

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, give_up_capabilities, in_child};
use demos::{nftables, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType};

type Door = (&'static str, fn() -> Result<()>);

// ANCHOR: doors
const DOORS: [Door; 6] = [
    ("filesystems: begin a mount", open_filesystem),
    ("filesystems: mount one in memory", mount_tmpfs),
    ("filesystems: bind a folder", bind_folder),
    ("network: send packets of any shape", open_raw_socket),
    ("network: see what others send", open_packet_socket),
    ("firewall: add a rule", nftables::masquerade),
];
// ANCHOR_END: doors

fn main() -> Result<()> {
    in_child(|| {
        give_up_capabilities()?;
        ensure!(try_all("before") == 0);
        Ok(())
    })?;
    in_child(|| {
        become_root()?;
        unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)
            .unwrap_or_else(cannot_run);
        ensure!(try_all("after") == DOORS.len());
        Ok(())
    })
}

fn try_all(when: &str) -> usize {
    let mut opened = 0;
    for (door, try_it) in DOORS {
        let open = try_it().is_ok();
        say!(when, "{door:35} {}", if open { "open" } else { "closed" });
        opened += usize::from(open);
    }
    opened
}

fn open_filesystem() -> Result<()> {
    // SAFETY: the name lives through the call; fsopen(2) takes no more.
    let opened =
        unsafe { libc::syscall(libc::SYS_fsopen, c"tmpfs".as_ptr(), 0) };
    Errno::result(opened)?;
    Ok(())
}

fn mount_tmpfs() -> Result<()> {
    let none = None::<&str>;
    Ok(mount(none, "/tmp", Some("tmpfs"), MsFlags::empty(), none)?)
}

fn bind_folder() -> Result<()> {
    let none = None::<&str>;
    Ok(mount(Some("/usr"), "/mnt", none, MsFlags::MS_BIND, none)?)
}

fn open_raw_socket() -> Result<()> {
    open_socket(AddressFamily::Inet, SockProtocol::Icmp)
}

fn open_packet_socket() -> Result<()> {
    open_socket(AddressFamily::Packet, SockProtocol::EthAll)
}

fn open_socket(family: AddressFamily, protocol: SockProtocol) -> Result<()> {
    let (kind, flags) = (SockType::Raw, SockFlag::empty());
    nix::sys::socket::socket(family, kind, flags, protocol)?;
    Ok(())
}
