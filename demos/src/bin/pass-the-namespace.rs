//! Can one process hand a namespace to another?
//!
//! The child makes a user and a UTS namespace, opens both, and sends the open
//! files through a socket. It ends before anybody receives them. Watch what
//! the receiver can find out, and what it can do.

#![allow(unsafe_code, reason = "descriptors that arrive are plain numbers")]

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, bail, ensure};
use demos::{cannot_run, give_up_capabilities, in_child, say};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg,
};
use nix::unistd::{gethostname, sethostname};

fn main() -> Result<()> {
    give_up_capabilities()?;
    let (here, there) = UnixStream::pair()?;

    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
            .unwrap_or_else(cannot_run);
        sethostname("parcel")?;
        send(&there)?;
        say!("child", "I have sent two open files, and end");
        Ok(())
    })?;

    // ANCHOR: receive
    let (user, uts) = receive(&here)?;
    for (which, file) in [("first", &user), ("second", &uts)] {
        // SAFETY: NS_GET_NSTYPE takes no argument and writes no memory; its
        // answer is the return value.
        let flag = Errno::result(unsafe {
            libc::ioctl(file.as_raw_fd(), libc::NS_GET_NSTYPE)
        })?;
        let flag = CloneFlags::from_bits_retain(flag);
        let name = flag.iter_names().next().context("no such kind")?.0;
        say!("parent", "the {which} one is of the kind {name}");
    }

    setns(user, CloneFlags::CLONE_NEWUSER)?;
    setns(uts, CloneFlags::CLONE_NEWUTS)?;
    ensure!(gethostname()? == "parcel");
    say!("parent", "I have joined both, and the hostname is parcel");
    // ANCHOR_END: receive
    Ok(())
}

fn send(socket: &UnixStream) -> Result<()> {
    let user = File::open("/proc/self/ns/user")?;
    let uts = File::open("/proc/self/ns/uts")?;
    let files = [user.as_raw_fd(), uts.as_raw_fd()];
    let parcel = [ControlMessage::ScmRights(&files)];
    let letter = [IoSlice::new(b"!")];
    let flags = MsgFlags::empty();
    sendmsg::<()>(socket.as_raw_fd(), &letter, &parcel, flags, None)?;
    Ok(())
}

fn receive(socket: &UnixStream) -> Result<(OwnedFd, OwnedFd)> {
    let mut letter = [0];
    let mut letter = [IoSliceMut::new(&mut letter)];
    let mut room = cmsg_space!([RawFd; 2]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message =
        recvmsg::<()>(socket.as_raw_fd(), &mut letter, Some(&mut room), flags)?;
    match message.cmsgs()?.next() {
        Some(ControlMessageOwned::ScmRights(files)) => {
            let [user, uts] = files[..] else {
                bail!("{} files instead of two", files.len())
            };
            // SAFETY: the kernel has made both descriptors for us alone.
            unsafe {
                Ok((OwnedFd::from_raw_fd(user), OwnedFd::from_raw_fd(uts)))
            }
        }
        _ => bail!("no files came"),
    }
}
