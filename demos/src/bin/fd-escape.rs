//! Is a process whose root has no way out locked in?
//!
//! Two children move to an empty root, and what they come from is unmounted.
//! One thing was open before they went. Watch what is in there for the first
//! child, and what the second does beforehand.

#![allow(unsafe_code, reason = "nix has no close_range")]

use std::fs::{self, File};

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, stage};
use demos::{in_child, say};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::mount::{MntFlags, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::Mode;
use nix::unistd::{chdir, chroot, fchdir, pivot_root};

fn main() -> Result<()> {
    stage()?;
    let left_open = File::open("/")?;
    let open = |name| openat(&left_open, name, OFlag::O_PATH, Mode::empty());

    in_child(|| {
        // ANCHOR: out
        move_to_an_empty_root()?;
        ensure!(!fs::exists("/usr")?);
        say!("first", "my / is empty, and there is no /usr");

        open("usr")?;
        say!("first", "and yet I can open usr, by a descriptor");
        fchdir(&left_open)?;
        chroot(".")?;
        ensure!(fs::exists("/usr")?);
        say!("first", "and make what it leads to my / again");
        // ANCHOR_END: out
        Ok(())
    })?;

    in_child(|| {
        // ANCHOR: closed
        move_to_an_empty_root()?;
        // SAFETY: nothing is used afterwards that was open before, but for
        // the descriptor that is to be refused.
        Errno::result(unsafe { libc::close_range(3, u32::MAX, 0) })?;

        ensure!(open("usr").map(drop) == Err(Errno::EBADF));
        say!("second", "I have closed all but three: EBADF");
        // ANCHOR_END: closed
        Ok(())
    })
}

fn move_to_an_empty_root() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount_tmpfs("/mnt")?;
    chdir("/mnt")?;
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    Ok(chdir("/")?)
}
