//! Makes a UTS namespace, posts its open file, and ends.

use std::fs::File;
use std::io::IoSlice;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

use anyhow::Result;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use nix::unistd::sethostname;

pub(crate) fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUTS)?;
    sethostname("posted")?;
    let namespace = File::open("/proc/self/ns/uts")?;
    let files = [namespace.as_raw_fd()];
    let socket = UnixDatagram::unbound()?;
    socket.connect("/root/letterbox")?;
    let letter = [IoSlice::new(b"for you")];
    let enclosed = [ControlMessage::ScmRights(&files)];
    let flags = MsgFlags::empty();
    sendmsg::<()>(socket.as_raw_fd(), &letter, &enclosed, flags, None)?;
    Ok(())
}
