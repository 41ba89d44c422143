//! Shows a folder once more, with user 1000's files as user 2000's.

#![allow(unsafe_code, reason = "nix has no calls of the new mount API")]

use std::env;
use std::ffi::CString;
use std::fs::{self, File};
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use anyhow::{Context, Result};
use demos::start_resident;
use nix::errno::Errno;
use nix::libc::{
    AT_EMPTY_PATH, AT_FDCWD, MOUNT_ATTR_IDMAP, MOVE_MOUNT_F_EMPTY_PATH,
    OPEN_TREE_CLONE, SYS_mount_setattr, SYS_move_mount, SYS_open_tree,
    mount_attr, syscall,
};
use nix::sched::{CloneFlags, unshare};

pub(crate) fn main() -> Result<()> {
    let mut words = env::args().skip(1);
    let folder = CString::new(words.next().context("which folder?")?)?;
    let place = CString::new(words.next().context("shown where?")?)?;

    // A map of ids is what a user namespace has; this one is for nothing else.
    let mapped = start_resident(|| Ok(unshare(CloneFlags::CLONE_NEWUSER)?))?;
    for file in ["uid_map", "gid_map"] {
        fs::write(format!("/proc/{mapped}/{file}"), "1000 2000 1")?;
    }
    let map = File::open(format!("/proc/{mapped}/ns/user"))?;

    let wish = mount_attr {
        attr_set: MOUNT_ATTR_IDMAP,
        attr_clr: 0,
        propagation: 0,
        userns_fd: map.as_raw_fd().try_into()?,
    };
    let empty = c"".as_ptr();
    // SAFETY: paths, wish and descriptors live through the calls, which only
    // read them; the first one's answer is a descriptor that is ours alone.
    unsafe {
        let copy =
            syscall(SYS_open_tree, AT_FDCWD, folder.as_ptr(), OPEN_TREE_CLONE);
        let copy = Errno::result(copy)?.try_into()?;
        let copy = OwnedFd::from_raw_fd(copy);
        Errno::result(syscall(
            SYS_mount_setattr,
            copy.as_raw_fd(),
            empty,
            AT_EMPTY_PATH,
            &raw const wish,
            size_of::<mount_attr>(),
        ))?;
        Errno::result(syscall(
            SYS_move_mount,
            copy.as_raw_fd(),
            empty,
            AT_FDCWD,
            place.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        ))?;
    }
    Ok(())
}
