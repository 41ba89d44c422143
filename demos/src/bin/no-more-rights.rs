//! May the root of a cgroup namespace do as it likes in its cgroup?
//!
//! The child becomes root, with a cgroup namespace and a cgroup filesystem of
//! its own. Watch whether it may do there what its parent may not.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Result, ensure};
use demos::cgroup::{mine, path_of};
use demos::{become_root, cannot_run_here, in_child, say};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    let cgroup = mine()?;
    let number = fs::metadata(&cgroup)?.ino();
    let answers = attempts(&cgroup);
    if answers.contains(&Some(ErrorKind::ReadOnlyFilesystem)) {
        cannot_run_here("the cgroup filesystem is mounted read-only");
    }
    say!("parent", "I try to make a cgroup, and to open the list of members");

    in_child(|| {
        // ANCHOR: rights
        become_root()?;
        unshare(CloneFlags::CLONE_NEWCGROUP | CloneFlags::CLONE_NEWNS)?;
        let (cgroup2, none) = (Some("cgroup2"), None::<&str>);
        mount(cgroup2, "/tmp", cgroup2, MsFlags::empty(), none)?;
        say!("child", "I am root, and my cgroup is {}", path_of("self")?);

        ensure!(fs::metadata("/tmp")?.ino() == number);
        say!("child", "my mount begins at the cgroup that we are in");
        ensure!(attempts(Path::new("/tmp")) == answers);
        say!("child", "I try the same: the same answers");
        // ANCHOR_END: rights
        Ok(())
    })
}

/// What the kernel answers to two attempts.
fn attempts(cgroup: &Path) -> [Option<ErrorKind>; 2] {
    let folder = cgroup.join(format!("attempt-{}", std::process::id()));
    let made = fs::create_dir(&folder);
    if made.is_ok() {
        let _ = fs::remove_dir(&folder);
    }
    let members = cgroup.join("cgroup.procs");
    let opened = File::options().write(true).open(members);
    [made.err(), opened.err()].map(|refused| refused.map(|e| e.kind()))
}
