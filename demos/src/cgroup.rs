//! What the demos about cgroups share: cgroups to play in, below the one that
//! the demo was started in.

use std::fmt::Display;
use std::fs;
use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
use std::path::{Path, PathBuf};
use std::process;
use std::thread::yield_now;

use anyhow::{Context, Result};

use crate::cannot_run_here;

/// A cgroup of our own. It ends with its value, and so do its members.
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// Makes one below the caller's cgroup, named after `name` and the caller.
    pub fn new(name: &str) -> Result<Self> {
        let folder = mine()?.join(format!("{name}-{}", process::id()));
        match fs::create_dir(&folder) {
            Err(refused)
                if [PermissionDenied, ReadOnlyFilesystem]
                    .contains(&refused.kind()) =>
            {
                cannot_run_here(
                    "we may make no cgroup (try `systemd-run --user --scope`)",
                );
            }
            made => made.with_context(|| folder.display().to_string())?,
        }
        Ok(Self(folder))
    }

    /// The file that lists the members by number, and moves here whose number
    /// is written to it (cgroups(7)).
    pub fn members(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::write(self.0.join("cgroup.kill"), "1");
        let busy = |e: std::io::Error| e.kind() == ResourceBusy;
        while fs::remove_dir(&self.0).is_err_and(busy) {
            yield_now();
        }
    }
}

/// The folder of the caller's cgroup.
pub fn mine() -> Result<PathBuf> {
    let mut mine = mounts()?.into_iter().filter_map(|mount| mount.mine);
    let nowhere = || cannot_run_here("our cgroup is in no mounted cgroup2");
    Ok(mine.next().unwrap_or_else(nowhere))
}

/// A mounted cgroup2 filesystem, as a line of `/proc/self/mountinfo` has it.
pub struct Mount {
    /// The cgroup that the mount begins with, as seen from the caller's root.
    pub root: String,
    /// Where it is mounted.
    pub at: PathBuf,
    /// The folder of the caller's cgroup, if it is in there.
    pub mine: Option<PathBuf>,
}

/// The mounted cgroup2 filesystems (proc(5)).
pub fn mounts() -> Result<Vec<Mount>> {
    let path = path_of("self")?;
    let mut mounts = Vec::new();
    for line in fs::read_to_string("/proc/self/mountinfo")?.lines() {
        // number parent device root mount-point … - type …
        let Some((mount, kind)) = line.split_once(" - ") else { continue };
        let fields: Vec<&str> = mount.split(' ').collect();
        if let [_, _, _, root, at, ..] = fields[..]
            && kind.starts_with("cgroup2 ")
        {
            let at = PathBuf::from(at);
            let rest = Path::new(&path).strip_prefix(root).ok();
            let mine = rest.map(|rest| at.join(rest));
            mounts.push(Mount { root: root.to_owned(), at, mine });
        }
    }
    Ok(mounts)
}

/// The path of a process's cgroup, as the caller sees it
/// (`/proc/PID/cgroup`, cgroups(7)).
pub fn path_of(process: impl Display) -> Result<String> {
    let text = fs::read_to_string(format!("/proc/{process}/cgroup"))?;
    let nowhere = || cannot_run_here("there is no cgroup2");
    Ok(path_in(&text).unwrap_or_else(nowhere).to_owned())
}

/// The path in the text of such a file: the tree of version 2 is number 0.
pub fn path_in(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("0::"))
}
