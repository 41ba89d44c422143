//! Mounts that are not in the file tree yet: a copy of one that is, its map
//! of ids, and the way back.

#![allow(unsafe_code, reason = "nix has no calls for such mounts")]

use std::ffi::CStr;
use std::fs::File;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use libc::{
    AT_EMPTY_PATH, AT_FDCWD, MOUNT_ATTR_IDMAP, MOVE_MOUNT_F_EMPTY_PATH,
    OPEN_TREE_CLONE, mount_attr, syscall,
};
use nix::errno::Errno;

/// A copy of the mount that a folder is on, which shows that folder and is
/// not in the file tree yet (open_tree(2)).
pub fn copy_of_mount(folder: &CStr) -> nix::Result<OwnedFd> {
    // SAFETY: the path lives through the call.
    let fd = unsafe {
        syscall(libc::SYS_open_tree, AT_FDCWD, folder.as_ptr(), OPEN_TREE_CLONE)
    };
    let fd = RawFd::try_from(Errno::result(fd)?).unwrap_or(-1);
    // SAFETY: the kernel has just given us this descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Gives such a copy the map of a user namespace (mount_setattr(2)).
pub fn set_map(mount: &OwnedFd, user_namespace: &File) -> nix::Result<()> {
    let wish = mount_attr {
        attr_set: MOUNT_ATTR_IDMAP,
        attr_clr: 0,
        propagation: 0,
        userns_fd: user_namespace.as_raw_fd().try_into().unwrap_or(u64::MAX),
    };
    // SAFETY: the wish lives through the call, which does not write to it.
    let answer = unsafe {
        syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            AT_EMPTY_PATH,
            &raw const wish,
            size_of::<mount_attr>(),
        )
    };
    Errno::result(answer).map(drop)
}

/// Puts such a copy into the file tree (move_mount(2)).
pub fn attach(mount: &OwnedFd, place: &CStr) -> nix::Result<()> {
    // SAFETY: both paths live through the call.
    let answer = unsafe {
        syscall(
            libc::SYS_move_mount,
            mount.as_raw_fd(),
            c"".as_ptr(),
            AT_FDCWD,
            place.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        )
    };
    Errno::result(answer).map(drop)
}
