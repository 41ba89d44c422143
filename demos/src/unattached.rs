//! Mounts that are not in the file tree yet: a copy of one that is, and the
//! way back.

#![allow(unsafe_code, reason = "nix has no calls for such mounts")]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use libc::{AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH, OPEN_TREE_CLONE, syscall};
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
