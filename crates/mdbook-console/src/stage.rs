//! Where sessions are performed: the seam between the book and the kernel.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::census::Census;
use sandbox::error::Refusal;
use sandbox::session::{Command, Failure, Input, Session, Step};
use sandbox::world::{User, World};

use crate::cache::stamp;
use crate::parse::needs::Release;

/// Where a world's programs are, below `/usr`.
pub(crate) const FOLDERS: [&str; 4] =
    ["local/bin", "local/sbin", "bin", "sbin"];

/// A place where sessions can be performed.
pub trait Stage: Sync {
    /// Makes a world with one terminal for each user.
    fn start(
        &self,
        world: &World,
        terminals: &[User],
    ) -> Result<Box<dyn Scene>, Refusal>;

    /// The release of the kernel that answers.
    fn kernel(&self) -> Option<Release>;

    /// Whether a session would find this program in `PATH`.
    fn has_program(&self, name: &str) -> bool;

    /// Whether a session could make cgroups.
    fn has_cgroups(&self) -> bool;

    /// The time, since 1970.
    fn now(&self) -> Duration;

    /// Whatever on this machine can change what a session says, as a text
    /// that is another one then; `None` if nothing can be said about that.
    fn fingerprint(&self) -> Option<String>;
}

/// A world that is running, with its terminals.
pub trait Scene {
    /// Types a command at a terminal, and waits for its end.
    fn run(
        &mut self,
        terminal: usize,
        command: &Command,
    ) -> Result<Step, Failure>;

    /// Types into a command that is running, and waits for its end.
    fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure>;

    /// What is in the world now.
    fn census(&mut self) -> Census;

    /// The numbers of the namespaces that live in the world now.
    fn namespaces(&mut self) -> BTreeSet<u64>;
}

/// The kernel of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Live;

impl Stage for Live {
    fn start(
        &self,
        world: &World,
        terminals: &[User],
    ) -> Result<Box<dyn Scene>, Refusal> {
        Ok(Box::new(Session::start(world, terminals)?))
    }

    fn kernel(&self) -> Option<Release> {
        let text = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
        Release::leading(&text)
    }

    fn has_program(&self, name: &str) -> bool {
        // The world shows the machine's `/usr`, and nothing else of it.
        FOLDERS
            .iter()
            .any(|folder| Path::new("/usr").join(folder).join(name).exists())
    }

    fn has_cgroups(&self) -> bool {
        sandbox::cgroup::is_delegated()
    }

    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn fingerprint(&self) -> Option<String> {
        let mut lines = vec![stamp(&env::current_exe().ok()?)];
        lines.extend(PACKAGES.iter().map(|path| stamp(Path::new(path))));
        let proc = fs::metadata("/proc/self").ok()?;
        lines.push(format!("as {}:{}", proc.uid(), proc.gid()));
        for path in POWERS {
            let value = fs::read_to_string(path).unwrap_or_default();
            lines.push(format!("{path} {}", value.trim()));
        }
        Some(lines.join("\n") + "\n")
    }
}

/// What a package manager or an administrator changes.
const PACKAGES: [&str; 11] = [
    "/var/lib/dpkg/status",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/pacman/local",
    "/lib/apk/db/installed",
    "/etc/ld.so.cache",
    "/etc/subuid",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/bin",
    "/usr/sbin",
];

/// Which kernel answers, and what it allows.
const POWERS: [&str; 12] = [
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/version",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/user/max_user_namespaces",
    "/proc/sys/user/max_pid_namespaces",
    "/proc/sys/user/max_mnt_namespaces",
    "/proc/sys/user/max_net_namespaces",
    "/proc/sys/user/max_uts_namespaces",
    "/proc/sys/user/max_ipc_namespaces",
    "/proc/sys/user/max_cgroup_namespaces",
    "/proc/sys/user/max_time_namespaces",
];

impl Scene for Session {
    fn run(
        &mut self,
        terminal: usize,
        command: &Command,
    ) -> Result<Step, Failure> {
        Self::run(self, terminal, command)
    }

    fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure> {
        Self::resume(self, terminal, input, timeout)
    }

    fn census(&mut self) -> Census {
        Self::census(self)
    }

    fn namespaces(&mut self) -> BTreeSet<u64> {
        Self::namespaces(self)
    }
}
