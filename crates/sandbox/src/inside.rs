//! Paths of a world, walked from outside.
//!
//! The guest decides what a path of its world leads to, and may change that
//! at any moment. So a path is never followed out of the world, and nothing is
//! opened before it is known to be on the filesystem that it should be on: a
//! device of the machine may do something when it is opened.

use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag, OpenHow, ResolveFlag};
use nix::sys::stat::Mode;
use nix::sys::statfs::{self, FsType};
use nix::unistd::Pid;

/// Where namespaces are files: linux/magic.h, `NSFS_MAGIC`.
pub(crate) const NAMESPACES: FsType = FsType(0x6e73_6673);
/// Where terminals are files: `DEVPTS_SUPER_MAGIC`.
pub(crate) const TERMINALS: FsType = FsType(0x1cd1);

/// What a path names for a process of a world, not yet opened: openat2(2),
/// open(2) `O_PATH`.
pub(crate) fn find(process: Pid, path: &str) -> nix::Result<OwnedFd> {
    let root = format!("/proc/{process}/root");
    let root = fcntl::open(root.as_str(), O_PATH, Mode::empty())?;
    let inside = ResolveFlag::RESOLVE_IN_ROOT
        | ResolveFlag::RESOLVE_NO_SYMLINKS
        | ResolveFlag::RESOLVE_NO_MAGICLINKS;
    let how = OpenHow::new().flags(O_PATH).resolve(inside);
    fcntl::openat2(&root, path, how)
}

/// What a link of `/proc` leads to, not yet opened.
pub(crate) fn follow(link: &str) -> nix::Result<OwnedFd> {
    fcntl::open(link, O_PATH, Mode::empty())
}

/// Opens what was found, if it is on that filesystem.
pub(crate) fn open(
    found: BorrowedFd<'_>,
    filesystem: FsType,
    flags: OFlag,
) -> nix::Result<OwnedFd> {
    if statfs::fstatfs(found)?.filesystem_type() != filesystem {
        return Err(Errno::EXDEV);
    }
    let path = format!("/proc/self/fd/{}", found.as_fd().as_raw_fd());
    fcntl::open(path.as_str(), flags | OFlag::O_CLOEXEC, Mode::empty())
}

const O_PATH: OFlag = OFlag::O_PATH.union(OFlag::O_CLOEXEC);
