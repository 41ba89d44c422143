//! How can two namespaces be told apart that did not live at the same time?
//!
//! Namespaces are made and left until one has the number of the one before.
//! Watch what the two have in common, and what they have not.

#![allow(unsafe_code, reason = "this demo teaches file handles")]

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};

use anyhow::{Result, ensure};
use demos::{cannot_run, cannot_run_here, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};

const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;
/// Stands for the root of nsfs, which has no path (`FD_NSFS_ROOT` in
/// `include/uapi/linux/fcntl.h`).
const NSFS_ROOT: i32 = -10003;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | UTS).unwrap_or_else(cannot_run);
    let home = File::open("/proc/self/ns/uts")?;

    // ANCHOR: tell-apart
    let mut first = make_one()?;
    // What we leave has nobody in it, and ends.
    setns(&home, UTS)?;
    let mut second = make_one()?;
    // Somebody else on this machine may have been faster: once more.
    while second.inode != first.inode {
        first = second;
        setns(&home, UTS)?;
        second = make_one()?;
    }
    say!("second", "has the first one's inode number");
    ensure!(second.id != first.id);
    say!("second", "has another 64-bit id");

    second.open()?;
    say!("second", "its handle opens it");
    ensure!(first.open().err() == Some(Errno::ESTALE));
    say!("first", "its handle did so, too, and now answers ESTALE");
    // ANCHOR_END: tell-apart
    Ok(())
}

fn make_one() -> Result<Handle> {
    unshare(UTS)?;
    let mut handle = Handle::of(&File::open("/proc/self/ns/uts")?)?;
    handle.open()?;
    Ok(handle)
}

/// `struct file_handle`, with the body that nsfs fills in.
#[repr(C)]
struct Handle {
    bytes: u32,
    kind: i32,
    id: u64,
    kind_of_namespace: u32,
    inode: u32,
}

impl Handle {
    fn of(namespace: &File) -> nix::Result<Self> {
        let (bytes, kind, id, kind_of_namespace, inode) = (16, 0, 0, 0, 0);
        let mut handle = Self { bytes, kind, id, kind_of_namespace, inode };
        let mut mount = 0;
        // SAFETY: the structure has room for the 16 bytes that it announces,
        // and `mount` for a number.
        let answer = unsafe {
            libc::name_to_handle_at(
                namespace.as_raw_fd(),
                c"".as_ptr(),
                (&raw mut handle).cast(),
                &raw mut mount,
                libc::AT_EMPTY_PATH,
            )
        };
        if Errno::result(answer) == Err(Errno::EOPNOTSUPP) {
            cannot_run_here("this needs Linux 6.18");
        }
        Errno::result(answer).map(|_| handle)
    }

    fn open(&mut self) -> nix::Result<File> {
        // SAFETY: the kernel reads the handle, and the descriptor that it
        // returns is ours alone.
        unsafe {
            let handle = (&raw mut *self).cast();
            let file =
                libc::open_by_handle_at(NSFS_ROOT, handle, libc::O_RDONLY);
            Ok(File::from_raw_fd(Errno::result(file)?))
        }
    }
}
