//! A cgroup for an ordinary user, as systemd would give it.

use std::path::{Path, PathBuf};

use anyhow::Result;

/// A cgroup that a user may make others in. Gone when dropped.
pub(crate) struct Cgroup(PathBuf);

impl Cgroup {
    /// `None` where the caller cannot make cgroups.
    pub(crate) fn of(user: u32) -> Option<Self> {
        let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
        let mounts = mounts.lines().map(|line| line.split(' '));
        let root = mounts
            .filter_map(|mut fields| Some((fields.nth(1)?, fields.next()?)))
            .find_map(|(at, kind)| (kind == "cgroup2").then_some(at))?;
        let name = format!("ci-{}-{user}", std::process::id());
        let folder = Path::new(root).join(name);
        std::fs::create_dir(&folder).ok()?;
        let cgroup = Self(folder);
        cgroup.give(user).ok().map(|()| cgroup)
    }

    /// What delegation gives away: cgroups(7), "Cgroups delegation".
    fn give(&self, user: u32) -> Result<()> {
        let files = ["", "cgroup.procs", "cgroup.threads"];
        for file in files.into_iter().chain(["cgroup.subtree_control"]) {
            std::os::unix::fs::chown(self.0.join(file), Some(user), None)?;
        }
        Ok(())
    }

    /// The file that takes processes.
    pub(crate) fn processes(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}
