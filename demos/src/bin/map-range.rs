//! Who is user 5 of a user namespace, when seen from outside?
//!
//! The parent maps the ids 0 to 999 of its child's user namespace to its own
//! ids 10000 to 10999. Both look at the same files. Watch which one the child
//! may chmod and yet not read.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::deeds::{errno, word};
use demos::stage::{make_private, mount_tmpfs};
use demos::{cannot_run_here, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{chown, seteuid, setgid, setuid};

fn main() -> Result<()> {
    prepare_files()?;
    let (mut here, there) = UnixStream::pair()?;
    let child = start_child(move || live_inside(there))?;

    // ANCHOR: parent
    here.read_exact(&mut [0])?;
    let map = "0 10000 1000";
    fs::write(format!("/proc/{child}/uid_map"), map)?;
    fs::write(format!("/proc/{child}/gid_map"), map)?;
    say!("parent", "the maps of my child: {map}");
    here.write_all(b"!")?;
    // ANCHOR_END: parent
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    look("parent", 10033, 10005)
}

/// Three files that differ in which of their ids the child will have, in a
/// /tmp that ends with us.
fn prepare_files() -> Result<()> {
    let no_range = |_: Errno| -> () {
        cannot_run_here("not all ids up to 10999 are ours");
    };
    unshare(CloneFlags::CLONE_NEWNS).unwrap_or_else(no_range);
    make_private()?;
    mount_tmpfs("/tmp")?;
    fs::set_permissions("/tmp", Permissions::from_mode(0o777))?;
    // ANCHOR: files
    let files =
        [("mapped", 10005, 10005), ("mixed", 10005, 0), ("foreign", 0, 0)];
    // ANCHOR_END: files
    for (name, user, group) in files {
        let path = format!("/tmp/{name}");
        File::create(&path)?.set_permissions(Permissions::from_mode(0o600))?;
        chown(path.as_str(), Some(user.into()), Some(group.into()))
            .unwrap_or_else(no_range);
    }
    Ok(())
}

fn live_inside(mut outside: UnixStream) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER)?;
    outside.write_all(b"!")?;
    outside.read_exact(&mut [0])?;
    // Until here it was somebody who is not in the maps.
    setgid(0.into())?;
    setuid(0.into())?;

    for (name, expected) in [
        ("mapped", (5, 5, Ok(()), Ok(()))),
        ("mixed", (5, 65534, Err(Errno::EACCES), Ok(()))),
        ("foreign", (65534, 65534, Err(Errno::EACCES), Err(Errno::EPERM))),
    ] {
        let path = format!("/tmp/{name}");
        let file = fs::metadata(&path)?;
        let read = errno(fs::read(&path).map(drop));
        let chmod = errno(fs::set_permissions(&path, file.permissions()));
        ensure!((file.uid(), file.gid(), read, chmod) == expected);
        let ids = format!("{}:{}", file.uid(), file.gid());
        let (read, chmod) = (word(read), word(chmod));
        say!("child", "{name:7} is of {ids:11} read: {read:6} chmod: {chmod}");
    }

    seteuid(33.into())?;
    File::create("/tmp/born")?;
    seteuid(0.into())?;
    File::create("/tmp/given")?;
    chown("/tmp/given", Some(5.into()), None)?;
    look("child", 33, 5)
}

/// Whose are the two files that the child has made?
fn look(who: &str, born: u32, given: u32) -> Result<()> {
    for (file, id) in [("born", born), ("given", given)] {
        let owner = fs::metadata(format!("/tmp/{file}"))?.uid();
        say!(who, "{file:7} is of {owner}");
        ensure!(owner == id);
    }
    Ok(())
}
