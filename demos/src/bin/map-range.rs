//! Who is user 5 of a user namespace, when seen from outside?
//!
//! The parent maps the ids 0 to 999 of its child's user namespace to its own
//! ids 10000 to 10999. Both look at the same files. Watch which one the child
//! may chmod and yet not read.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::process::exit;

use anyhow::{Result, ensure};
use demos::{say, start_child};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
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
    for (file, id) in [("born", 10033), ("given", 10005)] {
        let owner = fs::metadata(format!("/tmp/{file}"))?.uid();
        say!("parent", "{file:7} is of {owner}");
        ensure!(owner == id);
    }
    Ok(())
}

/// Three files that differ in which of their ids the child will have.
fn prepare_files() -> Result<()> {
    // A /tmp of our own, which ends with us.
    unshare(CloneFlags::CLONE_NEWNS).unwrap_or_else(no_range);
    let (none, private) = (None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE);
    mount(none, "/", none, private, none)?;
    mount(none, "/tmp", Some("tmpfs"), MsFlags::empty(), none)?;

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
    // ANCHOR: child
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
        let mode = Permissions::from_mode(0o600);
        let chmod = errno(fs::set_permissions(&path, mode));
        // ANCHOR_END: child
        let owner = format!("{}:{}", file.uid(), file.gid());
        let (can_read, can_chmod) = (word(read), word(chmod));
        say!(
            "child",
            "{name:7} is of {owner:11}  read: {can_read:6}  chmod: {can_chmod}"
        );
        ensure!((file.uid(), file.gid(), read, chmod) == expected);
    }

    seteuid(33.into())?;
    File::create("/tmp/born")?;
    seteuid(0.into())?;
    File::create("/tmp/given")?;
    chown("/tmp/given", Some(5.into()), None)?;
    for (file, id) in [("born", 33), ("given", 5)] {
        let owner = fs::metadata(format!("/tmp/{file}"))?.uid();
        say!("child", "{file:7} is of {owner}");
        ensure!(owner == id);
    }
    Ok(())
}

fn errno(answer: io::Result<()>) -> nix::Result<()> {
    let raw = |refused: io::Error| refused.raw_os_error().unwrap_or_default();
    answer.map_err(|refused| Errno::from_raw(raw(refused)))
}

fn word(answer: nix::Result<()>) -> String {
    answer.map_or_else(|errno| format!("{errno:?}"), |()| "done".to_owned())
}

fn no_range<T>(refused: Errno) -> T {
    eprintln!("cannot run here: not all ids up to 10999 are ours: {refused}");
    exit(77)
}
