//! Can one file have two owners?
//!
//! We mount a folder a second time, with a map of ids between the files and
//! those who look at them. Watch the owner of the same file in both places,
//! and what happens to somebody whom the map does not know.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

use anyhow::{Result, ensure};
use demos::deeds::errno;
use demos::stage::stage;
use demos::unattached::{attach, copy_of_mount, set_map};
use demos::{in_child, say, start_resident};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    stage()?;
    fs::create_dir("/mnt/folder")?;
    fs::create_dir("/mnt/view")?;
    fs::write("/mnt/folder/file", "the same")?;
    let map = user_namespace("5 0 1")?;

    // ANCHOR: map
    let view = copy_of_mount(c"/mnt/folder")?;
    set_map(&view, &map)?;
    attach(&view, c"/mnt/view")?;

    let owner = fs::metadata("/mnt/folder/file")?.uid();
    say!("me", "/mnt/folder/file belongs to {owner}");
    ensure!(owner == 0);

    let owner = fs::metadata("/mnt/view/file")?.uid();
    say!("me", "/mnt/view/file belongs to {owner}");
    ensure!(owner == 65534);
    ensure!(fs::read("/mnt/view/file")? == b"the same");

    let created = fs::write("/mnt/view/another", "");
    ensure!(errno(created) == Err(Errno::EOVERFLOW));
    say!("me", "create a file in /mnt/view: EOVERFLOW");
    // ANCHOR_END: map

    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        let view = copy_of_mount(c"/mnt/folder")?;
        ensure!(set_map(&view, &map) == Err(Errno::EPERM));
        say!("child", "map a filesystem that is not mine: EPERM");
        Ok(())
    })
}

/// A user namespace with this map, held open by its file.
fn user_namespace(map: &str) -> Result<File> {
    let resident = start_resident(|| {
        unshare(CloneFlags::CLONE_NEWUSER)?;
        fs::write("/proc/self/uid_map", map)?;
        Ok(fs::write("/proc/self/gid_map", map)?)
    })?;
    Ok(File::open(format!("/proc/{resident}/ns/user"))?)
}
