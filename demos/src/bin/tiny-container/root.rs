//! The container's files: programs of the machine, and nothing else of it.

#![allow(unsafe_code, reason = "nix has no mount_setattr")]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::Result;
use nix::errno::Errno;
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};

/// Puts a new root together, in a folder that every machine has, and stays
/// in it. The names below have no leading `/`: they are in there.
pub(crate) fn build() -> Result<()> {
    mount_new("tmpfs", "/tmp", "mode=755")?;
    chdir("/tmp")?;
    for folder in ["dev", "dev/pts", "etc", "proc", "sys", "tmp"] {
        fs::create_dir(folder)?;
    }
    fs::write("etc/passwd", "root:x:0:0:root:/:/bin/sh\n")?;

    for name in ["usr", "bin", "sbin", "lib", "lib64"] {
        let machines = Path::new("/").join(name);
        if let Ok(target) = fs::read_link(&machines) {
            symlink(target, name)?;
        } else if machines.is_dir() {
            fs::create_dir(name)?;
            bind(&machines, name)?;
            make_read_only(name)?;
        }
    }
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        let name = format!("dev/{name}");
        File::create(&name)?;
        bind(&Path::new("/").join(&name), &name)?;
    }
    mount_new("devpts", "dev/pts", "newinstance,ptmxmode=666")?;
    symlink("pts/ptmx", "dev/ptmx")?;
    symlink("/proc/self/fd", "dev/fd")?;
    Ok(mount_new("proc", "proc", "")?)
}

/// Makes the new root `/`, and drops the old one with all that is in it.
pub(crate) fn enter() -> Result<()> {
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    Ok(chdir("/")?)
}

pub(crate) fn mount_new(
    kind: &str,
    at: &str,
    options: &str,
) -> nix::Result<()> {
    mount(Some(kind), at, Some(kind), MsFlags::empty(), Some(options))
}

fn bind(from: &Path, to: &str) -> nix::Result<()> {
    let tree = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(from), to, None::<&str>, tree, None::<&str>)
}

/// For a whole tree of mounts, which takes mount_setattr(2).
fn make_read_only(tree: &str) -> Result<()> {
    let path = std::ffi::CString::new(tree)?;
    let wish = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let (path, size) = (path.as_ptr(), size_of_val(&wish));
    // SAFETY: path and wish live through the call, which only reads them.
    let done = unsafe {
        let (call, here) = (libc::SYS_mount_setattr, libc::AT_FDCWD);
        libc::syscall(call, here, path, libc::AT_RECURSIVE, &wish, size)
    };
    Errno::result(done)?;
    Ok(())
}
