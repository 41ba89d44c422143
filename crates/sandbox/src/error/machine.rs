//! What a machine tells about itself, in files and by what it refuses.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::process;

use crate::namespace::Kind;

/// Facts from which causes are derived. Each names its source.
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// `Seccomp:` of /proc/self/status is 2, a filter: proc(5).
    pub(super) filtered: bool,
    /// /.dockerenv or /run/.containerenv are there.
    pub(super) runtime: Runtime,
    /// The kernel allows unprivileged user namespaces no capabilities:
    /// /proc/sys/kernel/apparmor_restrict_unprivileged_userns is 1.
    pub(super) apparmor_restricts: bool,
    /// The profile of a security module that this process is confined by:
    /// /proc/self/attr/current, `docker-default (enforce)`.
    pub(super) profile: Option<String>,
    /// /proc/sys/kernel/unprivileged_userns_clone is 0, on kernels that have
    /// Debian's patch.
    pub(super) userns_clone_off: bool,
    /// Something is mounted below /proc: /proc/self/mountinfo.
    pub(super) masked_proc: bool,
    /// The caller's root is not that of its mount namespace.
    pub(super) chrooted: bool,
    /// /proc/self/uid_map or gid_map have no entry for the caller's id.
    pub(super) unmapped: bool,
    /// A file of the caller's own, /proc/self/comm, may not be opened for
    /// writing.
    pub(super) writes_refused: bool,
    /// Kinds of namespaces whose limit below /proc/sys/user is 0.
    pub(super) none_allowed: Vec<Kind>,
    /// Kinds of namespaces that /proc/self/ns does not have.
    pub(super) missing: Vec<Kind>,
    /// /proc/version names the first subsystem for Linux on Windows.
    pub(super) wsl1: bool,
    /// The kernel is an imitation: it has namespaces, but not the files that
    /// limit them.
    pub(super) imitated: bool,
    /// The soft limit on the processes of the caller's user, if there is
    /// one: getrlimit(2), `RLIMIT_NPROC`.
    pub(super) most_processes: Option<u64>,
}

/// What a container was made by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Runtime {
    /// None that says so.
    #[default]
    Unknown,
    Docker,
    Podman,
}

impl Machine {
    /// This one.
    pub(super) fn look() -> Self {
        let is = |path: &str, value: &str| read(path).trim() == value;
        let missing = missing();
        let limits = fs::exists("/proc/sys/user").unwrap_or(false);
        Self {
            filtered: read("/proc/self/status")
                .lines()
                .filter_map(|line| line.strip_prefix("Seccomp:"))
                .any(|mode| mode.trim() == "2"),
            runtime: runtime(),
            apparmor_restricts: is(
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                "1",
            ),
            profile: profile(),
            userns_clone_off: is(
                "/proc/sys/kernel/unprivileged_userns_clone",
                "0",
            ),
            masked_proc: mounts("self").any(|(_, at)| {
                at.starts_with("/proc/") && !at.contains("binfmt_misc")
            }),
            chrooted: is_chrooted(),
            unmapped: is_unmapped(),
            writes_refused: fs::OpenOptions::new()
                .write(true)
                .open("/proc/self/comm")
                .is_err_and(|error| {
                    error.kind() == ErrorKind::PermissionDenied
                }),
            none_allowed: Kind::ALL
                .into_iter()
                .filter(|kind| {
                    is(&format!("/proc/sys/user/{}", kind.limit), "0")
                })
                .collect(),
            wsl1: read("/proc/version").contains("Microsoft")
                && missing.contains(&Kind::USER),
            imitated: !limits && !missing.contains(&Kind::USER),
            missing,
            most_processes: most_processes(),
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn runtime() -> Runtime {
    let is_there = |path| fs::exists(path).unwrap_or(false);
    if is_there("/.dockerenv") {
        Runtime::Docker
    } else if is_there("/run/.containerenv") {
        Runtime::Podman
    } else {
        Runtime::Unknown
    }
}

/// Security modules that confine nobody say `unconfined`, or nothing.
fn profile() -> Option<String> {
    let text = read("/proc/self/attr/current");
    let profile = text.trim_matches(['\0', '\n', ' ']);
    let is_free = profile.is_empty()
        || profile == "unconfined"
        || profile.contains("unconfined_t")
        || profile == "kernel";
    (!is_free).then(|| profile.to_owned())
}

/// The mounts that a process sees: number and place.
fn mounts(process: &str) -> impl Iterator<Item = (u32, String)> {
    let text = read(&format!("/proc/{process}/mountinfo"));
    let mounts: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let number = fields.next()?.parse().ok()?;
            Some((number, fields.nth(3)?.to_owned()))
        })
        .collect();
    mounts.into_iter()
}

/// A root that is not where a mount begins is a chroot(2). One that is may
/// be: then another process sees the same mount elsewhere.
fn is_chrooted() -> bool {
    let Some((ours, _)) = mounts("self").find(|(_, at)| at == "/") else {
        return fs::exists("/proc/self/mountinfo").unwrap_or(false);
    };
    crate::census::numbers_in("/proc").any(|pid| {
        mounts(&pid.to_string()).any(|(one, at)| one == ours && at != "/")
    })
}

/// Ids that a user namespace does not map show as 65534: user_namespaces(7),
/// "Unmapped user and group IDs".
fn is_unmapped() -> bool {
    let Ok(own) = fs::metadata(format!("/proc/{}", process::id())) else {
        return false;
    };
    let is_in = |file: &str, id: u32| {
        let map = read(file);
        map.is_empty() && !fs::exists(file).unwrap_or(false)
            || map.lines().any(|line| {
                let mut numbers =
                    line.split_whitespace().map(|n| n.parse::<u64>().ok());
                let first = numbers.next().flatten();
                let count = numbers.nth(1).flatten();
                first.zip(count).is_some_and(|(first, count)| {
                    (first..first + count).contains(&u64::from(id))
                })
            })
    };
    !is_in("/proc/self/uid_map", own.uid())
        || !is_in("/proc/self/gid_map", own.gid())
}

fn missing() -> Vec<Kind> {
    let is_there = |name: &str| {
        fs::symlink_metadata(format!("/proc/self/ns/{name}")).is_ok()
    };
    Kind::ALL.into_iter().filter(|kind| !is_there(kind.name)).collect()
}

fn most_processes() -> Option<u64> {
    use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
    let (soft, _) = getrlimit(Resource::RLIMIT_NPROC).ok()?;
    (soft != RLIM_INFINITY).then_some(soft)
}
