//! Is a process that cannot name the old root cut off from it?
//!
//! Two children move into an empty folder: one by chroot, one by pivot_root.
//! Then both walk upwards from the only folder they have. Watch where each
//! of them arrives.

use std::fs;

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, stage};
use demos::{in_child, say};
use nix::errno::Errno;
use nix::mount::{MntFlags, umount2};
use nix::unistd::{chdir, chroot, pivot_root};

fn main() -> Result<()> {
    stage()?;
    fs::create_dir("/mnt/cell")?;

    in_child(|| {
        // ANCHOR: chroot
        chroot("/mnt/cell")?;
        chdir("/")?;
        ensure!(!fs::exists("/usr")?);
        say!("chroot", "my / is an empty folder");

        walk_out()?;
        ensure!(fs::exists("/usr")?);
        say!("chroot", "and yet I have walked out: there is /usr");
        // ANCHOR_END: chroot
        Ok(())
    })?;

    in_child(|| {
        // ANCHOR: pivot
        chdir("/mnt/cell")?;
        ensure!(pivot_root(".", ".") == Err(Errno::EINVAL));
        say!("pivot", "pivot_root into what is no mount: EINVAL");

        mount_tmpfs("/mnt/cell")?;
        chdir("/mnt/cell")?;
        // The old root ends up on top of the new one, and we take it off.
        pivot_root(".", ".")?;
        umount2(".", MntFlags::MNT_DETACH)?;
        chdir("/")?;
        ensure!(!fs::exists("/usr")?);
        say!("pivot", "my / is an empty filesystem");

        walk_out()?;
        ensure!(!fs::exists("/usr")? && fs::exists("/deeper")?);
        say!("pivot", "I have walked up, and am where I was");
        // ANCHOR_END: pivot
        Ok(())
    })
}

// ANCHOR: walk
/// Leaves a chroot: a second one moves the root, and not the process.
fn walk_out() -> Result<()> {
    fs::create_dir("/deeper")?;
    chroot("/deeper")?;
    for _ in 0..100 {
        chdir("..")?;
    }
    chroot(".")?;
    Ok(())
}
// ANCHOR_END: walk
