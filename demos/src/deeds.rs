//! Deeds that take a privilege, for demos about who may do them. What there
//! is to be learned is the answer, and not how one asks.

#![allow(unsafe_code, reason = "nix has no call for three of the deeds")]

use std::io;
use std::ptr::null_mut;

use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, socket,
};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::time::{ClockId, clock_gettime, clock_settime};
use nix::unistd::fchown;

/// `done`, or the name of the error.
pub fn word(answer: nix::Result<()>) -> String {
    answer.map_or_else(|errno| format!("{errno:?}"), |()| "done".to_owned())
}

/// The error of a system call that the standard library has made.
pub fn errno<T>(answer: io::Result<T>) -> nix::Result<T> {
    let raw = |refused: io::Error| refused.raw_os_error().unwrap_or_default();
    answer.map_err(|refused| Errno::from_raw(raw(refused)))
}

/// A socket that sees all ICMP packets (raw(7)).
pub fn open_raw_socket() -> nix::Result<()> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::empty());
    socket(family, SockType::Raw, flags, SockProtocol::Icmp).map(drop)
}

/// Sets the machine's clock to what it shows, so that nothing would happen.
pub fn set_clock() -> nix::Result<()> {
    let clock = ClockId::CLOCK_REALTIME;
    clock_settime(clock, clock_gettime(clock)?)
}

/// Gives up swap space that does not exist (swapoff(2)).
pub fn swap_off() -> nix::Result<()> {
    // SAFETY: the path is a string that ends with a zero byte.
    Errno::result(unsafe { libc::swapoff(c"/no/such/file".as_ptr()) }).map(drop)
}

/// Makes what /dev/null is: character device 1, 3.
pub fn make_device() -> nix::Result<()> {
    let null = makedev(1, 3);
    mknod("/tmp/null-of-mine", SFlag::S_IFCHR, Mode::S_IRUSR, null)
}

/// Lets the kernel print its messages on the console (syslog(2)).
pub fn unmute_console() -> nix::Result<()> {
    const SYSLOG_ACTION_CONSOLE_ON: i32 = 7;
    // SAFETY: this action reads and writes no memory of ours.
    let done =
        unsafe { libc::klogctl(SYSLOG_ACTION_CONSOLE_ON, null_mut(), 0) };
    Errno::result(done).map(drop)
}

/// Asks for more of the processors than others get (setpriority(2)).
pub fn raise_priority() -> nix::Result<()> {
    // SAFETY: three numbers, of which 0 means the caller.
    let done = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -5) };
    Errno::result(done).map(drop)
}

/// Makes a file, and gives it to user 1 (chown(2)).
pub fn give_away() -> nix::Result<()> {
    let file = memfd_create("mine", MFdFlags::empty())?;
    fchown(&file, Some(1.into()), None)
}
