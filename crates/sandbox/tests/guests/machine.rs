//! The comparison: is the machine as it was?
//!
//! Each kind of state is a set of lines. What other programs of a machine
//! change by themselves is left out: processes and sockets that are theirs,
//! settings that are counters, files in places that are everybody's.
#![allow(unsafe_code, reason = "keyctl(2) has no safe wrapper")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A name that every guest gives to what it leaves behind, if it can.
pub(crate) const PLANTED: &str = "planted";

/// Where the machine's state is read.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) proc: PathBuf,
    pub(crate) cgroups: PathBuf,
    /// Folders that are compared as a whole, with all that is in them.
    pub(crate) trees: Vec<PathBuf>,
    /// Folders that are compared by their entries.
    pub(crate) folders: Vec<PathBuf>,
    /// Folders in which everybody writes.
    pub(crate) shared: Vec<PathBuf>,
    /// Nobody else uses the machine: root's processes are ours, too.
    pub(crate) alone: bool,
}

/// The state of the machine, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine(BTreeMap<&'static str, BTreeSet<String>>);

type Look = fn(&Places) -> BTreeSet<String>;

/// The kinds of state.
pub(crate) const KINDS: [(&str, Look); 14] = [
    ("mounts", mounts),
    ("processes", processes),
    ("links", links),
    ("host name", host_name),
    ("IPC", ipc),
    ("keys", keys),
    ("sysctls", sysctls),
    ("cgroups", cgroups),
    ("files", files),
    ("modules", modules),
    ("listening sockets", listening),
    ("clock", clock),
    ("namespaces", namespaces),
    ("caller", caller),
];

impl Places {
    /// Those of the machine itself. `tree` is a folder that is nobody
    /// else's.
    pub(crate) fn of_machine(tree: &Path) -> Self {
        let all = |paths: &[&str]| {
            paths.iter().map(PathBuf::from).collect::<Vec<_>>()
        };
        Self {
            proc: "/proc".into(),
            cgroups: "/sys/fs/cgroup".into(),
            trees: vec![tree.to_owned()],
            folders: all(&[
                "/",
                "/bin",
                "/boot",
                "/etc",
                "/home",
                "/lib",
                "/opt",
                "/root",
                "/sbin",
                "/srv",
                "/usr",
                "/usr/bin",
                "/usr/local/bin",
                "/var",
                ".",
            ]),
            shared: all(&["/dev", "/dev/shm", "/run", "/tmp", "/var/tmp"]),
            alone: false,
        }
    }

    fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.proc.join(path)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Machine {
    pub(crate) fn look(places: &Places) -> Self {
        let look = |(kind, look): (_, Look)| (kind, look(places));
        Self(KINDS.into_iter().map(look).collect())
    }

    /// Only of some kinds.
    pub(crate) fn look_at(places: &Places, kinds: &[&str]) -> Self {
        let chosen = KINDS.into_iter().filter(|(kind, _)| kinds.contains(kind));
        Self(chosen.map(|(kind, look)| (kind, look(places))).collect())
    }

    /// The same kinds again.
    pub(crate) fn look_again(&self, places: &Places) -> Self {
        let kinds: Vec<&str> = self.0.keys().copied().collect();
        Self::look_at(places, &kinds)
    }

    /// What is another, in words, each line after its kind.
    pub(crate) fn changes(&self, after: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (kind, before) in &self.0 {
            let after = &after.0[kind];
            // Others' may end by themselves; the victim looks after its own.
            let ends = ["processes", "listening sockets"].contains(kind);
            for gone in before.difference(after).filter(|_| !ends) {
                changes.push(format!("{kind}: gone: {gone}"));
            }
            for new in after.difference(before) {
                changes.push(format!("{kind}: new: {new}"));
            }
        }
        changes
    }
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

fn mounts(places: &Places) -> BTreeSet<String> {
    lines(&places.read("thread-self/mountinfo"))
}

/// Those of ours: below us, or left to whoever takes orphans, after us.
fn processes(places: &Places) -> BTreeSet<String> {
    family(places)
        .into_iter()
        .filter(|pid| *pid != std::process::id())
        .map(|pid| {
            let name = places.read(&format!("{pid}/comm"));
            format!("{pid} {}", name.trim())
        })
        .collect()
}

/// Ourselves, all below us, and orphans that began after us and have our
/// user, or one that nobody has.
fn family(places: &Places) -> BTreeSet<u32> {
    let own = std::process::id();
    let mut parents = BTreeMap::new();
    let mut orphans = BTreeSet::new();
    let starts = |pid| field(places, pid, 19).unwrap_or(0);
    let ancestors = ancestors(places);
    for entry in fs::read_dir(&places.proc).into_iter().flatten().flatten() {
        let Some(pid) =
            entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok())
        else {
            continue;
        };
        let Some(parent) = field(places, pid, 1) else { continue };
        let parent = u32::try_from(parent).unwrap_or(0);
        parents.insert(pid, parent);
        let is_later = starts(pid) >= starts(own) && pid != own;
        let is_orphan = is_later && ancestors.contains(&parent);
        let user = fs::metadata(entry.path()).map_or(u32::MAX, |f| f.uid());
        if is_orphan && is_our_user(places, user) {
            orphans.insert(pid);
        }
    }
    let mut family = orphans;
    family.insert(own);
    // Children come after their parents only until numbers wrap around.
    loop {
        let size = family.len();
        for (pid, parent) in &parents {
            if family.contains(parent) {
                family.insert(*pid);
            }
        }
        if family.len() == size {
            return family;
        }
    }
}

/// Whoever an orphan of ours could be left to, but for our parent, which may
/// start others.
fn ancestors(places: &Places) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([1]);
    let mut pid = std::process::id();
    while let Some(parent) = field(places, pid, 1) {
        pid = u32::try_from(parent).unwrap_or(0);
        if pid == 0 {
            break;
        }
        found.insert(pid);
    }
    found.remove(&std::os::unix::process::parent_id());
    found
}

/// Field of `/proc/PID/stat`, from the state on: proc(5).
fn field(places: &Places, pid: u32, index: usize) -> Option<u64> {
    let stat = places.read(&format!("{pid}/stat"));
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(index)?.parse().ok()
}

/// One that worlds of root have, or ours, if that is not everybody's.
fn is_our_user(places: &Places, user: u32) -> bool {
    let own = nix::unistd::geteuid();
    (2_000_000_000..u32::MAX).contains(&user)
        || user == own.as_raw() && (places.alone || !own.is_root())
}

fn links(places: &Places) -> BTreeSet<String> {
    let names = |path: &str, column: usize| -> Vec<String> {
        let text = places.read(path);
        let name = |line: &str| {
            let name = line.split_whitespace().nth(column)?;
            Some(format!("{path} {}", name.split(':').next()?))
        };
        text.lines().filter_map(name).collect()
    };
    let mut all: BTreeSet<String> = names("net/dev", 0).into_iter().collect();
    all.extend(names("net/route", 1));
    all.extend(names("net/if_inet6", 5));
    all.extend(lines(&places.read("net/fib_trie")));
    all
}

fn host_name(_: &Places) -> BTreeSet<String> {
    let name = nix::sys::utsname::uname().expect("there is always one");
    [name.nodename(), name.domainname()]
        .into_iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect()
}

/// Keys, ids, sizes and owners; what follows counts uses.
fn ipc(places: &Places) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for kind in ["shm", "sem", "msg"] {
        for line in places.read(&format!("sysvipc/{kind}")).lines().skip(1) {
            let fields = line.split_whitespace().take(4);
            let fields: Vec<&str> = fields.collect();
            all.insert(format!("{kind} {}", fields.join(" ")));
        }
    }
    all
}

/// Kinds and descriptions, but not the session keyrings of other worlds; and
/// which session keyring we have.
fn keys(places: &Places) -> BTreeSet<String> {
    const KEYCTL_GET_KEYRING_ID: i32 = 0;
    const KEY_SPEC_SESSION_KEYRING: i32 = -3;
    let mut all: BTreeSet<String> = places
        .read("keys")
        .lines()
        .filter(|line| !line.contains("_ses"))
        .filter_map(|line| line.split_whitespace().nth(7).map(str::to_owned))
        .collect();
    // SAFETY: takes numbers.
    let session = unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            KEYCTL_GET_KEYRING_ID,
            KEY_SPEC_SESSION_KEYRING,
            0,
        )
    };
    all.insert(format!("session {session}"));
    all
}

/// Settings, not counters.
fn sysctls(places: &Places) -> BTreeSet<String> {
    const COUNTERS: [&str; 9] = [
        "fs/aio-nr",
        "fs/dentry-state",
        "fs/file-nr",
        "fs/inode-nr",
        "fs/inode-state",
        "kernel/ns_last_pid",
        "kernel/pty/nr",
        "kernel/random/",
        "net/netfilter/nf_conntrack_count",
    ];
    let root = places.proc.join("sys");
    let mut all = BTreeSet::new();
    walk(&root, &mut |path, file| {
        let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy();
        let is_counter = COUNTERS.iter().any(|one| name.starts_with(one));
        // Reading some needs rights, and reading one writes.
        let writes_only = file.mode() & 0o444 == 0;
        if file.is_file() && !is_counter && !writes_only {
            let value = fs::read(path).unwrap_or_default();
            all.insert(format!("{name} {}", String::from_utf8_lossy(&value)));
        }
    });
    all
}

fn walk(path: &Path, visit: &mut impl FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(file) = fs::symlink_metadata(&path) else { continue };
        visit(&path, &file);
        if file.is_dir() {
            walk(&path, visit);
        }
    }
}

fn cgroups(places: &Places) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    walk(&places.cgroups, &mut |path, file| {
        let path = path.to_string_lossy();
        // Others make some for their own processes.
        let is_ours = path.contains(PLANTED) || is_our_user(places, file.uid());
        if file.is_dir() && is_ours {
            all.insert(path.into_owned());
        }
    });
    all.extend(lines(&places.read("self/cgroup")));
    all
}

fn files(places: &Places) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let describe = |path: &Path, file: &fs::Metadata| {
        format!(
            "{} {:o} {}:{} {} {}.{}",
            path.display(),
            file.mode(),
            file.uid(),
            file.gid(),
            file.size(),
            file.mtime(),
            file.mtime_nsec()
        )
    };
    for tree in &places.trees {
        walk(tree, &mut |path, file| {
            let text = fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            all.insert(format!("{} {text}", describe(path, file)));
        });
    }
    let entries = |folder: &PathBuf| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let file = fs::symlink_metadata(entry.path()).ok()?;
            Some((entry.path(), file))
        })
    };
    for (path, file) in places.folders.iter().flat_map(entries) {
        // Others write into folders that are everybody's.
        if file.is_dir() {
            all.insert(format!("{} {:o}", path.display(), file.mode()));
        } else {
            all.insert(describe(&path, &file));
        }
    }
    for (path, file) in places.shared.iter().flat_map(entries) {
        if path.to_string_lossy().contains(PLANTED) {
            all.insert(describe(&path, &file));
        }
    }
    all
}

fn modules(places: &Places) -> BTreeSet<String> {
    let text = places.read("modules");
    let name = |line: &str| line.split(' ').next().map(str::to_owned);
    text.lines().filter_map(name).collect()
}

/// Those of our user that belong to nobody outside of our family.
fn listening(places: &Places) -> BTreeSet<String> {
    let mut all = BTreeMap::new();
    for kind in ["tcp", "tcp6", "udp", "udp6"] {
        for line in places.read(&format!("net/{kind}")).lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (Some(address), Some(state), Some(user), Some(inode)) =
                (fields.get(1), fields.get(3), fields.get(7), fields.get(9))
            else {
                continue;
            };
            let user = user.parse().unwrap_or(u32::MAX);
            let is_ours = is_our_user(places, user);
            if is_ours && ["0A", "07"].contains(state) {
                let inode = (*inode).to_owned();
                all.insert(inode, format!("{kind} {address}"));
            }
        }
    }
    let family = family(places);
    for entry in fs::read_dir(&places.proc).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid: Option<u32> = name.to_str().and_then(|n| n.parse().ok());
        let Some(pid) = pid.filter(|pid| !family.contains(pid)) else {
            continue;
        };
        let folder = places.proc.join(format!("{pid}/fd"));
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let target = fs::read_link(file.path()).unwrap_or_default();
            let target = target.to_string_lossy();
            if let Some(inode) = target.strip_prefix("socket:[") {
                all.remove(inode.trim_end_matches(']'));
            }
        }
    }
    all.into_values().collect()
}

/// By how much the wall clock has been set since the first look, compared
/// with the one that nobody can set.
fn clock(_: &Places) -> BTreeSet<String> {
    static FIRST: OnceLock<i64> = OnceLock::new();
    use nix::time::{ClockId, clock_gettime};
    let now = |clock| clock_gettime(clock).expect("there is one").tv_sec();
    let ahead = now(ClockId::CLOCK_REALTIME) - now(ClockId::CLOCK_BOOTTIME);
    BTreeSet::from([set_by(ahead - FIRST.get_or_init(|| ahead))])
}

/// Clocks are kept right by small steps.
pub(crate) fn set_by(seconds: i64) -> String {
    let set = if seconds.abs() < 5 { 0 } else { seconds };
    format!("set by {set} s")
}

fn namespaces(places: &Places) -> BTreeSet<String> {
    let link = |kind: &sandbox::namespace::Kind| {
        let link = places.proc.join("thread-self/ns").join(kind.name);
        Some(fs::read_link(link).ok()?.to_string_lossy().into_owned())
    };
    sandbox::namespace::Kind::ALL.iter().filter_map(link).collect()
}

/// This thread itself: limits, rights, memory that may be dumped.
fn caller(places: &Places) -> BTreeSet<String> {
    const FIELDS: [&str; 8] = [
        "Uid:",
        "Gid:",
        "Groups:",
        "SigBlk:",
        "SigIgn:",
        "CapEff:",
        "NoNewPrivs:",
        "Seccomp:",
    ];
    let mut all = lines(&places.read("self/limits"));
    let status = places.read("thread-self/status");
    let is_fixed =
        |line: &&str| FIELDS.iter().any(|field| line.starts_with(field));
    all.extend(status.lines().filter(is_fixed).map(str::to_owned));
    all.insert(places.read("self/oom_score_adj"));
    let dumpable = nix::sys::prctl::get_dumpable();
    all.insert(format!("dumpable {dumpable:?}"));
    let here = std::env::current_dir().unwrap_or_default();
    all.insert(here.to_string_lossy().into_owned());
    all
}
