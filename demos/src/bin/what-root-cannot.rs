//! What may root of a user namespace not do?
//!
//! The child has every capability, in a user namespace of its own, and has
//! nothing else of its own. Watch which of its twelve wishes come true once
//! it has made the namespaces that they are about, and which never do.

#![allow(unsafe_code, reason = "nix has no call for three of the wishes")]

use std::{fs, ptr};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::reboot::set_cad_enabled;
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::time::{ClockId, clock_gettime, clock_settime};
use nix::unistd::{fchown, getgid, getuid, setgroups, sethostname, setuid};

type Wish = (&'static str, fn() -> nix::Result<()>, Errno);

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
        say!("child", "I am root, with every capability");

        for (wish, try_it, expected) in
            [&OTHERS[..], &NOBODYS, &UNMAPPED].concat()
        {
            let answer = try_it();
            say!("child", "{wish:23} {}", word(answer));
            ensure!(answer == Err(expected));
        }

        // ANCHOR: own
        let four = CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWPID;
        unshare(four)?;
        // ANCHOR_END: own
        say!("child", "I own four namespaces, and have a child in them");

        in_child(|| {
            let answers = OTHERS.map(|(wish, try_it, _)| {
                let answer = try_it();
                say!("inner", "{wish:23} {}", word(answer));
                answer
            });
            ensure!(answers == [Ok(()), Ok(()), Ok(()), Err(Errno::EINVAL)]);
            Ok(())
        })
    })
}

// ANCHOR: wishes
/// What belongs to a namespace, and that namespace to somebody else.
const OTHERS: [Wish; 4] = [
    ("set the hostname", || sethostname("crater"), Errno::EPERM),
    ("mount a tmpfs", mount_tmpfs, Errno::EPERM),
    ("open a raw socket", open_raw_socket, Errno::EPERM),
    ("switch Ctrl-Alt-Del", || set_cad_enabled(true), Errno::EPERM),
];

/// What there is once for the whole machine.
const NOBODYS: [Wish; 5] = [
    ("set the clock", set_clock, Errno::EPERM),
    ("switch off swapping", swap_off, Errno::EPERM),
    ("make a device file", make_device, Errno::EPERM),
    ("unmute the console", unmute_console, Errno::EPERM),
    ("raise my priority", raise_priority, Errno::EACCES),
];

/// What takes ids that this user namespace does not have.
const UNMAPPED: [Wish; 3] = [
    ("become user 1", || setuid(1.into()), Errno::EINVAL),
    ("give a file to user 1", give_away, Errno::EINVAL),
    ("leave all groups", || setgroups(&[]), Errno::EPERM),
];
// ANCHOR_END: wishes

fn mount_tmpfs() -> nix::Result<()> {
    let none = None::<&str>;
    mount(none, "/tmp", Some("tmpfs"), MsFlags::empty(), none)
}

fn open_raw_socket() -> nix::Result<()> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::empty());
    let icmp = socket::SockProtocol::Icmp;
    socket::socket(family, SockType::Raw, flags, icmp).map(drop)
}

fn set_clock() -> nix::Result<()> {
    // To what it shows, so that nothing would happen.
    let clock = ClockId::CLOCK_REALTIME;
    clock_settime(clock, clock_gettime(clock)?)
}

fn swap_off() -> nix::Result<()> {
    // SAFETY: the path is a string that ends with a zero byte.
    Errno::result(unsafe { libc::swapoff(c"/no/such/file".as_ptr()) }).map(drop)
}

fn make_device() -> nix::Result<()> {
    // What /dev/null is: character device 1, 3.
    let null = makedev(1, 3);
    mknod("/tmp/null-of-mine", SFlag::S_IFCHR, Mode::S_IRUSR, null)
}

fn unmute_console() -> nix::Result<()> {
    const SYSLOG_ACTION_CONSOLE_ON: i32 = 7;
    // SAFETY: this action reads and writes no memory of ours.
    let done =
        unsafe { libc::klogctl(SYSLOG_ACTION_CONSOLE_ON, ptr::null_mut(), 0) };
    Errno::result(done).map(drop)
}

fn raise_priority() -> nix::Result<()> {
    // SAFETY: three numbers, of which 0 means the caller.
    let done = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -5) };
    Errno::result(done).map(drop)
}

fn give_away() -> nix::Result<()> {
    let file = memfd_create("mine", MFdFlags::empty())?;
    fchown(&file, Some(1.into()), None)
}

fn word(answer: nix::Result<()>) -> String {
    answer.map_or_else(|errno| format!("{errno:?}"), |()| "done".to_owned())
}
