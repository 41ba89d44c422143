//! Do mounts in a new mount namespace stay there?
//!
//! Three children each take a mount namespace and mount something on the
//! same shared place. Watch after which of them the parent has a new mount.

use std::fs;

use anyhow::{Context, Result, ensure};
use demos::stage::{mount_tmpfs, mounted_at, stage};
use demos::{in_child, say};
use nix::mount::{MsFlags, mount, umount};
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    stage()?;
    // Most machines have all their mounts shared. This makes one.
    change_type("/mnt", MsFlags::MS_SHARED)?;
    fs::create_dir("/mnt/door")?;

    // ANCHOR: three
    in_child(|| {
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount_tmpfs("/mnt/door")?;
        Ok(())
    })?;
    ensure!(mounted_at("/mnt/door")?.is_some());
    say!("parent", "a new mount namespace: the mount is here, too");
    umount("/mnt/door")?;

    in_child(|| {
        unshare(CloneFlags::CLONE_NEWNS)?;
        change_type("/", MsFlags::MS_REC | MsFlags::MS_PRIVATE)?;
        mount_tmpfs("/mnt/door")?;
        Ok(())
    })?;
    ensure!(mounted_at("/mnt/door")?.is_none());
    say!("parent", "all mounts made private first: nothing here");

    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        let mine = mounted_at("/mnt")?.context("no mount")?;
        ensure!(mine.contains(" master:") && !mine.contains(" shared:"));
        say!("child", "with a user namespace, my copy is a slave");
        mount_tmpfs("/mnt/door")?;
        Ok(())
    })?;
    ensure!(mounted_at("/mnt/door")?.is_none());
    say!("parent", "a new user namespace as well: nothing here");
    // ANCHOR_END: three
    Ok(())
}

fn change_type(place: &str, propagation: MsFlags) -> nix::Result<()> {
    mount(None::<&str>, place, None::<&str>, propagation, None::<&str>)
}
