//! May somebody who is root in there take off what covers a secret?
//!
//! The parent covers a folder, and makes another read-only. Its child gets a
//! copy of these mounts in a mount namespace that belongs to another user
//! namespace. Watch what the child may undo, and what it may add.

use std::fs;

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, stage};
use demos::{in_child, say};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount, umount2};
use nix::sched::{CloneFlags, unshare};

use MsFlags as Ms;

fn main() -> Result<()> {
    stage()?;
    for name in ["cover", "rules", "copy"] {
        fs::create_dir(format!("/mnt/{name}"))?;
    }
    fs::write("/mnt/cover/secret", "covered")?;
    mount_tmpfs("/mnt/cover")?;
    mount_tmpfs("/mnt/rules")?;
    change("/mnt/rules", Ms::MS_REMOUNT | Ms::MS_BIND | Ms::MS_RDONLY)?;

    in_child(|| {
        // ANCHOR: attempts
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        ensure!(umount("/mnt/cover") == Err(Errno::EINVAL));
        say!("child", "unmount the cover: EINVAL");
        ensure!(bind(Ms::MS_BIND) == Err(Errno::EINVAL));
        say!("child", "bind the folder without what covers it: EINVAL");
        let writable = change("/mnt/rules", Ms::MS_REMOUNT | Ms::MS_BIND);
        ensure!(writable == Err(Errno::EPERM));
        say!("child", "make the read-only mount writable: EPERM");

        bind(Ms::MS_BIND | Ms::MS_REC)?;
        ensure!(!fs::exists("/mnt/copy/cover/secret")?);
        say!("child", "bind the folder and all that covers it: done");
        umount2("/mnt/copy", MntFlags::MNT_DETACH)?;
        say!("child", "take off this copy as a whole: done");
        mount_tmpfs("/mnt/cover")?;
        umount("/mnt/cover")?;
        say!("child", "put another cover on, and take it off: done");
        // ANCHOR_END: attempts
        Ok(())
    })?;

    ensure!(!fs::exists("/mnt/cover/secret")?);
    umount("/mnt/cover")?;
    ensure!(fs::exists("/mnt/cover/secret")?);
    say!("parent", "unmount my own cover: done, and there is the secret");
    Ok(())
}

fn bind(how: Ms) -> nix::Result<()> {
    mount(Some("/mnt"), "/mnt/copy", None::<&str>, how, None::<&str>)
}

fn change(place: &str, how: Ms) -> nix::Result<()> {
    mount(None::<&str>, place, None::<&str>, how, None::<&str>)
}
