//! Which user id does a message carry from one user namespace to another?
//!
//! Parent and child are the same user. The parent calls it 5, and the child,
//! in a user namespace below, calls it 7. Each asks the kernel who has sent
//! what it receives. Watch whose number it gets: the sender's, or its own.

use std::fs;
use std::io::IoSliceMut;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::cmsg_space;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, UnixCredentials, recvmsg, send, setsockopt,
    sockopt::PassCred,
};
use nix::unistd::{getgid, getuid};

fn main() -> Result<()> {
    become_user(5)?;
    let (here, there) = UnixStream::pair()?;
    setsockopt(&here, PassCred, &true)?;
    setsockopt(&there, PassCred, &true)?;
    send(here.as_raw_fd(), b"hello", MsgFlags::empty())?;

    in_child(|| {
        // ANCHOR: child
        become_user(7)?;
        let sender = who_sent(&there)?;
        say!("child", "I am user {}, and hear user {sender}", getuid());
        ensure!((getuid().as_raw(), sender) == (7, 7));
        send(there.as_raw_fd(), b"hello", MsgFlags::empty())?;
        // ANCHOR_END: child
        Ok(())
    })?;

    let sender = who_sent(&here)?;
    say!("parent", "I am user {}, and hear user {sender}", getuid());
    ensure!((getuid().as_raw(), sender) == (5, 5));
    Ok(())
}

fn become_user(id: u32) -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("{id} {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("{id} {group} 1"))?;
    Ok(())
}

fn who_sent(socket: &UnixStream) -> Result<u32> {
    let mut text = [0; 16];
    let mut control = cmsg_space!(UnixCredentials);
    let mut parts = [IoSliceMut::new(&mut text)];
    let (fd, flags) = (socket.as_raw_fd(), MsgFlags::empty());
    let message = recvmsg::<()>(fd, &mut parts, Some(&mut control), flags)?;
    let credentials = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmCredentials(credentials) => Some(credentials),
        _ => None,
    });
    Ok(credentials.context("no credentials came along")?.uid())
}
