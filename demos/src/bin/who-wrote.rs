//! Which number does a message have for a sender that I cannot name?
//!
//! A parent and its child, which is process 1 of a new PID namespace, send
//! each other a message to which the kernel adds the sender's number. Watch
//! the number change on its way up, and vanish on its way down.

use std::io::IoSliceMut;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

use anyhow::{Result, bail, ensure};
use demos::{cannot_run, say, start_child};
use nix::cmsg_space;
use nix::libc::ucred;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::PassCred,
};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::getpid;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    // ANCHOR: messages
    let (here, there) = UnixDatagram::pair()?;
    setsockopt(&here, PassCred, &true)?;
    setsockopt(&there, PassCred, &true)?;

    let child = start_child(|| {
        say!("child", "I am process {}, and write upwards", getpid());
        there.send(b"!")?;
        let sender = sender_of_next(&there)?;
        say!("child", "my message is from process {sender}");
        ensure!(sender == 0);
        Ok(())
    })?;

    let sender = sender_of_next(&here)?;
    ensure!(sender == child.as_raw() && sender != 1);
    say!("parent", "my message is from the number that fork gave me");
    say!("parent", "I write downwards");
    here.send(b"?")?;
    // ANCHOR_END: messages
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}

/// Receives a message, and tells the sender's number from the credentials
/// that the kernel has put beside it.
fn sender_of_next(socket: &UnixDatagram) -> Result<i32> {
    let mut byte = [0];
    let mut body = [IoSliceMut::new(&mut byte)];
    let mut beside = cmsg_space!(ucred);
    let message = recvmsg::<()>(
        socket.as_raw_fd(),
        &mut body,
        Some(&mut beside),
        MsgFlags::empty(),
    )?;
    match message.cmsgs()?.next() {
        Some(ControlMessageOwned::ScmCredentials(sender)) => Ok(sender.pid()),
        other => bail!("no credentials, but {other:?}"),
    }
}
