//! How is a view of a folder made read-only?
//!
//! A folder with another filesystem mounted inside is bound to a second
//! place, in three ways. Watch which of the two can still be written there.

#![allow(unsafe_code, reason = "this demo teaches a raw system call")]

use std::fs;
use std::mem::size_of;

use anyhow::{Result, ensure};
use demos::say;
use demos::stage::{mount_tmpfs, stage};
use nix::errno::Errno;
use nix::libc::{
    AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY, SYS_mount_setattr, mount_attr,
    syscall,
};
use nix::mount::{MntFlags, MsFlags as Ms, mount, umount2};

fn main() -> Result<()> {
    stage()?;
    fs::create_dir("/mnt/folder")?;
    fs::create_dir("/mnt/folder/inner")?;
    mount_tmpfs("/mnt/folder/inner")?;
    fs::create_dir("/mnt/view")?;

    // ANCHOR: ways
    bind(Ms::MS_BIND | Ms::MS_REC | Ms::MS_RDONLY)?;
    ensure!(report("bind read-only") == ["written", "written"]);
    umount2("/mnt/view", MntFlags::MNT_DETACH)?;

    bind(Ms::MS_BIND | Ms::MS_REC)?;
    bind(Ms::MS_REMOUNT | Ms::MS_BIND | Ms::MS_RDONLY)?;
    ensure!(report("bind, then read-only") == ["EROFS", "written"]);
    umount2("/mnt/view", MntFlags::MNT_DETACH)?;

    bind(Ms::MS_BIND | Ms::MS_REC)?;
    make_all_read_only(c"/mnt/view")?;
    ensure!(report("bind, then mount_setattr") == ["EROFS", "EROFS"]);
    // ANCHOR_END: ways
    Ok(())
}

fn bind(how: Ms) -> nix::Result<()> {
    mount(Some("/mnt/folder"), "/mnt/view", None::<&str>, how, None::<&str>)
}

fn make_all_read_only(view: &std::ffi::CStr) -> nix::Result<()> {
    let wish = mount_attr {
        attr_set: MOUNT_ATTR_RDONLY,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the path and the wish live through the call, which writes to
    // neither.
    let answer = unsafe {
        syscall(
            SYS_mount_setattr,
            AT_FDCWD,
            view.as_ptr(),
            AT_RECURSIVE,
            &raw const wish,
            size_of::<mount_attr>(),
        )
    };
    Errno::result(answer).map(drop)
}

/// Tries to write below the view, in the folder and in the inner mount.
fn report(way: &str) -> [String; 2] {
    let [folder, inner] = ["/mnt/view/x", "/mnt/view/inner/x"].map(|file| {
        match fs::write(file, "x") {
            Ok(()) => "written".to_owned(),
            Err(refused) => {
                let errno = refused.raw_os_error().unwrap_or(0);
                format!("{:?}", Errno::from_raw(errno))
            }
        }
    });
    say!("view", "{way}: folder {folder}, inner {inner}");
    [folder, inner]
}
