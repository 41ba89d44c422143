//! Can user 1000's files be user 2000's, without a chown?
//!
//! A folder of user 1000 is mounted a second time, with a map that calls
//! 1000 by the number 2000. Watch where user 2000 may write, and whose that
//! is which 2000 creates there.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use anyhow::{Result, ensure};
use demos::deeds::{errno, word};
use demos::stage::{make_private, mount_tmpfs};
use demos::unattached::{attach, copy_of_mount, set_map};
use demos::{cannot_run_here, in_child, say, start_resident};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chown, setgid, setuid};

fn main() -> Result<()> {
    prepare_files()?;
    let map = user_namespace("1000 2000 1")?;

    let view = copy_of_mount(c"/mnt/folder")?;
    set_map(&view, &map)?;
    attach(&view, c"/mnt/view")?;
    look("folder", "file", 1000)?;
    look("view", "file", 2000)?;

    in_child(|| {
        setgid(2000.into())?;
        setuid(2000.into())?;
        // ANCHOR: write
        for (path, expected) in [
            ("/mnt/folder/file", Err(Errno::EACCES)),
            ("/mnt/view/file", Ok(())),
            ("/mnt/view/another", Ok(())),
        ] {
            let written = errno(fs::write(path, "by 2000"));
            say!("2000", "I write to {path}: {}", word(written));
            ensure!(written == expected);
        }
        // ANCHOR_END: write
        Ok(())
    })?;
    look("folder", "another", 1000)
}

/// A folder of user 1000 with a file that is for nobody else, in a /mnt that
/// ends with us.
fn prepare_files() -> Result<()> {
    let no_range = |_: Errno| -> () {
        cannot_run_here("not all ids up to 2000 are ours");
    };
    unshare(CloneFlags::CLONE_NEWNS).unwrap_or_else(no_range);
    make_private()?;
    mount_tmpfs("/mnt")?;
    fs::create_dir("/mnt/view")?;
    fs::create_dir("/mnt/folder")?;
    fs::write("/mnt/folder/file", "by 1000")?;
    fs::set_permissions("/mnt/folder/file", Permissions::from_mode(0o600))?;
    for path in ["/mnt/folder", "/mnt/folder/file"] {
        chown(path, Some(1000.into()), Some(1000.into()))
            .unwrap_or_else(no_range);
    }
    Ok(())
}

/// A user namespace with this map, held open by its file.
fn user_namespace(map: &str) -> Result<File> {
    let resident = start_resident(|| Ok(unshare(CloneFlags::CLONE_NEWUSER)?))?;
    fs::write(format!("/proc/{resident}/uid_map"), map)?;
    fs::write(format!("/proc/{resident}/gid_map"), map)?;
    Ok(File::open(format!("/proc/{resident}/ns/user"))?)
}

fn look(folder: &str, name: &str, expected: u32) -> Result<()> {
    let owner = fs::metadata(format!("/mnt/{folder}/{name}"))?.uid();
    say!("me", "/mnt/{folder}/{name} belongs to {owner}");
    ensure!(owner == expected);
    Ok(())
}
