//! Can a namespace be kept by a name in the file tree?
//!
//! A bind mount puts the namespace's own file over an empty file. Watch what
//! that file is before, while, and after it is mounted over.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount, umount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::statfs::{NSFS_MAGIC, statfs};
use nix::unistd::{getgid, gethostname, getuid, sethostname};
use procfs::process::Process;

const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .unwrap_or_else(cannot_run);
    // Whoever has no id in a user namespace can own no file.
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    // A /tmp that is seen here only, and ends with this program.
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    mount(Some("tmpfs"), "/tmp", Some("tmpfs"), MsFlags::empty(), NONE)?;

    let kept = Path::new("/tmp/kept");
    fs::write(kept, "")?;
    ensure!(setns(File::open(kept)?, UTS) == Err(Errno::EINVAL));
    say!("before", "an ordinary file: EINVAL");

    // ANCHOR: pin
    in_child(|| {
        unshare(UTS)?;
        sethostname("ghost")?;
        let mine = Some("/proc/self/ns/uts");
        mount(mine, kept, NONE, MsFlags::MS_BIND, NONE)?;
        say!("child", "I mount my UTS namespace on it, and end");
        Ok(())
    })?;

    ensure!(statfs(kept)?.filesystem_type() == NSFS_MAGIC);
    say!("kept", "on nsfs, and in mountinfo: {}", source(kept)?);
    in_child(|| {
        setns(File::open(kept)?, UTS)?;
        ensure!(gethostname()? == "ghost");
        say!("visitor", "joined: the hostname is ghost");
        Ok(())
    })?;

    umount(kept)?;
    ensure!(fs::metadata(kept)?.is_file() && fs::read(kept)?.is_empty());
    ensure!(setns(File::open(kept)?, UTS) == Err(Errno::EINVAL));
    // ANCHOR_END: pin
    say!("after", "an ordinary file, and empty: EINVAL");
    Ok(())
}

/// The root of the mount at `place`, whose digits are not the point.
fn source(place: &Path) -> Result<String> {
    let mounts = Process::myself()?.mountinfo()?;
    let mut here = mounts.into_iter().filter(|at| at.mount_point == place);
    let root = here.next().context("nothing is mounted")?.root;
    ensure!(root.starts_with("uts:["));
    Ok("uts:[a number]".to_owned())
}
