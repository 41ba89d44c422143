//! A namespace's **file handle**: a name for it that keeps nothing alive.
//!
//! Since Linux 6.18 namespaces have file handles, like the files of other
//! filesystems (name_to_handle_at(2), `fs/nsfs.c`). A handle is bytes; whoever
//! has them can ask for the namespace again, and learns whether it is there.

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::process::exit;

use nix::errno::Errno;

/// Stands for the root of nsfs, which has no path (`FD_NSFS_ROOT` in
/// `include/uapi/linux/fcntl.h`).
const NSFS_ROOT: i32 = -10003;

/// What `struct file_handle` is, with the body that nsfs fills in.
#[repr(C)]
pub struct Handle {
    bytes: u32,
    kind: i32,
    /// The namespace's 64-bit id.
    pub id: u64,
    kind_of_namespace: u32,
    /// The inode number that `/proc/PID/ns` shows.
    pub inode: u32,
}

// ANCHOR: calls
impl Handle {
    /// The handle of an open namespace.
    pub fn of(namespace: &File) -> nix::Result<Self> {
        let mut handle =
            Self { bytes: 16, kind: 0, id: 0, kind_of_namespace: 0, inode: 0 };
        let mut mount = 0;
        // SAFETY: the structure has room for the 16 bytes that it announces.
        let answer = unsafe {
            libc::name_to_handle_at(
                namespace.as_raw_fd(),
                c"".as_ptr(),
                (&raw mut handle).cast(),
                &raw mut mount,
                libc::AT_EMPTY_PATH,
            )
        };
        match Errno::result(answer) {
            Err(Errno::EOPNOTSUPP) => too_old(),
            answer => answer.map(|_| handle),
        }
    }

    /// Opens the namespace again, if it still exists.
    pub fn open(&mut self) -> nix::Result<File> {
        // SAFETY: the kernel reads the handle, and a descriptor that it
        // returns is ours alone.
        unsafe {
            let handle = (&raw mut *self).cast();
            let file =
                libc::open_by_handle_at(NSFS_ROOT, handle, libc::O_RDONLY);
            Ok(File::from_raw_fd(Errno::result(file)?))
        }
    }
}
// ANCHOR_END: calls

fn too_old() -> ! {
    eprintln!("cannot run here: file handles of namespaces need Linux 6.18");
    exit(crate::CANNOT_RUN)
}
