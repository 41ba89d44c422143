//! What may root of a user namespace not do?
//!
//! The child has every capability, in a user namespace of its own, and has
//! nothing else of its own. Watch which of its twelve wishes come true once
//! it has made the namespaces that they are about, and which never do.

use anyhow::{Result, ensure};
use demos::deeds::{
    give_away, make_device, open_raw_socket, raise_priority, set_clock,
    swap_off, unmute_console, word,
};
use demos::{become_root, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::reboot::set_cad_enabled;
use nix::unistd::{setgroups, sethostname, setuid};

type Wish = (&'static str, fn() -> nix::Result<()>, Errno);

fn main() -> Result<()> {
    in_child(|| {
        become_root()?;
        say!("child", "I am root, with every capability");

        for (wish, try_it, expected) in
            [&OTHERS[..], &NOBODYS, &UNMAPPED].concat()
        {
            let answer = try_it();
            say!("child", "{wish:23} {}", word(answer));
            ensure!(answer == Err(expected));
        }

        let four = CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWPID;
        unshare(four)?;
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
