//! What keeps a namespace that nobody is in?
//!
//! In each row a namespace loses its last process, and one thing is left that
//! has to do with it. Watch how that thing leads back to it: to the same
//! namespace, by its number.

#![allow(unsafe_code, reason = "this demo asks a socket by a raw ioctl")]

use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::MetadataExt;

use anyhow::{Result, ensure};
use demos::stage::stage;
use demos::{say, start_resident};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;

const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;
const NET: CloneFlags = CloneFlags::CLONE_NEWNET;
const NONE: Option<&str> = None;
const UTS_LINK: &str = "/proc/self/ns/uts";
const NET_LINK: &str = "/proc/self/ns/net";

fn main() -> Result<()> {
    // A user namespace of our own, and a /mnt that is seen here only.
    stage()?;
    unshare(UTS | NET)?;
    fs::write("/mnt/kept", "")?;

    // ANCHOR: rows
    let open = || Ok(File::open(UTS_LINK)?);
    let (number, file) = make_and_leave(UTS_LINK, UTS, open)?;
    ensure!(file.metadata()?.ino() == number);
    say!("uts", "kept by an open file");

    let bind = || {
        mount(Some(UTS_LINK), "/mnt/kept", NONE, MsFlags::MS_BIND, NONE)?;
        Ok(())
    };
    let (number, ()) = make_and_leave(UTS_LINK, UTS, bind)?;
    ensure!(fs::metadata("/mnt/kept")?.ino() == number);
    say!("uts", "kept by a bind mount");

    let socket = || Ok(UdpSocket::bind("0.0.0.0:0")?);
    let (number, socket) = make_and_leave(NET_LINK, NET, socket)?;
    let back = ask(socket.as_raw_fd(), libc::SIOCGSKNS)?;
    ensure!(back.metadata()?.ino() == number);
    say!("net", "kept by a socket");

    let (number, owned) = owner_and_owned()?;
    let back = ask(owned.as_raw_fd(), libc::NS_GET_USERNS)?;
    ensure!(back.metadata()?.ino() == number);
    say!("user", "kept by a namespace that it owns");
    // ANCHOR_END: rows
    Ok(())
}

/// Makes a namespace and `thing` in it, and leaves. The first value is the
/// namespace's number.
fn make_and_leave<T>(
    link: &str,
    kind: CloneFlags,
    thing: impl FnOnce() -> Result<T>,
) -> Result<(u64, T)> {
    let home = File::open(link)?;
    unshare(kind)?;
    let number = fs::metadata(link)?.ino();
    let thing = thing()?;
    setns(home, kind)?;
    Ok((number, thing))
}

/// A file or a socket answers with another file, which is ours alone.
fn ask(whom: i32, what: impl TryInto<libc::Ioctl>) -> Result<File> {
    let what = what.try_into().map_err(|_| Errno::EINVAL)?;
    // SAFETY: both questions take no argument, and answer with a descriptor.
    unsafe {
        let answer = Errno::result(libc::ioctl(whom, what))?;
        Ok(File::from_raw_fd(answer))
    }
}

/// The number of a user namespace whose only process has ended, and the open
/// UTS namespace that belongs to it.
fn owner_and_owned() -> Result<(u64, File)> {
    let child = start_resident(|| Ok(unshare(USER | UTS)?))?;
    let number = fs::metadata(format!("/proc/{child}/ns/user"))?.ino();
    let owned = File::open(format!("/proc/{child}/ns/uts"))?;
    kill(child, Signal::SIGKILL)?;
    waitpid(child, None)?;
    Ok((number, owned))
}
