//! A cgroup for each world, where its caller may make one: cgroups(7),
//! "Cgroups delegation: delegating a hierarchy to a less privileged user".
//!
//! A guest whose id outside is its caller's could otherwise write into the
//! caller's own cgroup: stop it, kill it, change its limits. So where the
//! caller's cgroup is the caller's to write, a world gets one below it:
//!
//! ```text
//! the caller's own
//! └── console-PID-N   limits, out of the guest's reach
//!     └── world       all processes of the world; `/` in its /sys/fs/cgroup
//! ```
//!
//! The guard makes both before it has a guest, and takes them away in the end
//! (`init/cgroup.rs`), whatever became of the caller. Elsewhere a guest's id
//! may write no cgroup, and none is made.

use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::{AccessFlags, Pid, UnlinkatFlags};

use crate::error::{self, Refusal};
use crate::ids::Ids;
use crate::raw;
use crate::world::Limits;

/// Whether a session can make cgroups: the caller may, and the world's root
/// is the caller.
pub fn is_delegated() -> bool {
    Ids::of_caller().is_ok_and(|ids| parent(&ids).is_some())
}

/// What a world's own cgroup is called, below the one that limits it.
const WORLD: &str = "world";
/// The same, below the folder that both are in, for [`Cgroup::give_up`].
const OWN: &[u8] = b"/world";
/// The first part of the names of those that limit worlds.
const PREFIX: &str = "console-";

/// A cgroup that a world is to have.
#[derive(Debug)]
pub(crate) struct Cgroup {
    /// The folder that it is in, kept open for the guard.
    parent: File,
    /// What it is called there.
    name: CString,
    folder: PathBuf,
    /// A file and a number to write into it, for each limit.
    limits: Vec<(&'static str, u64)>,
}

impl Cgroup {
    /// One, if the guest could write into the caller's.
    pub(crate) fn of_caller(
        ids: &Ids,
        limits: &Limits,
    ) -> Result<Option<Self>, Refusal> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Some(above) = parent(ids) else { return Ok(None) };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{count}", std::process::id());
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let parent = fcntl::open(&above, flags, Mode::empty())
            .map_err(error::failed("open the caller's cgroup"))?;
        Ok(Some(Self {
            parent: parent.into(),
            folder: above.join(&name),
            name: CString::new(name).unwrap_or_default(),
            limits: files(&above, limits),
        }))
    }

    /// The one that limits the world.
    pub(crate) fn outer(&self) -> &Path {
        &self.folder
    }

    /// The files of that, and the number that goes into each.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (PathBuf, u64)> {
        let at = |(file, most): &(_, u64)| (self.folder.join(file), *most);
        self.limits.iter().map(at)
    }

    /// The one that the guest sees as the root of all.
    pub(crate) fn inner(&self) -> PathBuf {
        self.folder.join(WORLD)
    }

    /// The file that takes the processes of the world.
    pub(crate) fn processes(&self) -> PathBuf {
        self.inner().join(PROCESSES)
    }

    /// The open folder that the outer one is in.
    pub(crate) fn parent(&self) -> BorrowedFd<'_> {
        self.parent.as_fd()
    }

    /// What the outer one is called there.
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// Takes it away when no guest has been in it, and nobody is. Does not
    /// allocate.
    pub(crate) fn give_up(&self) {
        let mut inner = raw::Text::<64>::new();
        inner.push(self.name.to_bytes());
        inner.push(OWN);
        let Some(inner) = inner.as_c_str() else { return };
        let remove = |path| {
            let flag = UnlinkatFlags::RemoveDir;
            nix::unistd::unlinkat(self.parent(), path, flag)
        };
        // Whoever has just ended may be in there for some moments more.
        for _ in 0..ATTEMPTS {
            let _ = remove(inner);
            if remove(&self.name) != Err(Errno::EBUSY) {
                return;
            }
            let _ = nix::poll::poll(&mut [], PAUSE_MS);
        }
    }

    /// Takes it away when its guard has been killed and could not do it.
    pub(crate) fn clear(&self) {
        let _ = remove(&self.folder);
    }
}

/// How often to try to take a cgroup away.
const ATTEMPTS: u32 = 200;
/// The milliseconds between two attempts.
const PAUSE_MS: u8 = 5;

/// What can be limited in a cgroup below this one. Memory and processes only
/// where controllers have been enabled for it, which nobody can do who is in
/// the cgroup above: cgroups(7), "The no internal processes rule".
fn files(above: &Path, limits: &Limits) -> Vec<(&'static str, u64)> {
    let enabled = fs::read_to_string(above.join("cgroup.subtree_control"));
    let enabled = enabled.unwrap_or_default();
    let has = |name| enabled.split_whitespace().any(|one| one == name);
    let mut files = vec![
        ("cgroup.max.depth", MOST_DEPTH),
        ("cgroup.max.descendants", MOST_DESCENDANTS),
    ];
    if has("memory") {
        files.push(("memory.max", limits.all_memory));
    }
    if has("pids") {
        files.push(("pids.max", limits.processes));
    }
    files
}

/// The file of the world's cgroup that its joiners write to, if it is one of
/// ours.
pub(crate) fn processes_of(init: Pid) -> Option<PathBuf> {
    let folder = folder_of(&format!("/proc/{init}"))?;
    let above = folder.parent()?.file_name()?.to_str()?;
    let is_ours = folder.ends_with(WORLD) && above.starts_with(PREFIX);
    is_ours.then(|| folder.join(PROCESSES))
}

const PROCESSES: &str = "cgroup.procs";
/// How many cgroups a guest may nest. The guard counts on it.
const MOST_DEPTH: u64 = 16;
/// How many cgroups a guest may make.
const MOST_DESCENDANTS: u64 = 256;

/// The caller's own cgroup, if guests with these ids could write to it.
fn parent(ids: &Ids) -> Option<PathBuf> {
    /// The text of `/proc/self/cgroup`, and what came of it.
    type Known = (String, Option<PathBuf>);
    // Asked of the kernel once, as long as nobody moves us.
    static LAST: Mutex<Option<Known>> = Mutex::new(None);
    let Ids::Caller { .. } = ids else { return None };
    let cgroup = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, folder)) = &*last
        && *known == cgroup
    {
        return folder.clone();
    }
    let may_write = |path: &Path| {
        let flags = fcntl::AtFlags::AT_EACCESS;
        let here = fcntl::AT_FDCWD;
        nix::unistd::faccessat(here, path, AccessFlags::W_OK, flags).is_ok()
    };
    let folder = folder_of("/proc/self").filter(|folder| {
        may_write(folder) && may_write(&folder.join(PROCESSES))
    });
    *last = Some((cgroup, folder.clone()));
    folder
}

/// The folder of the cgroup of a process: cgroups(7), `/proc/PID/cgroup`, and
/// proc(5), `/proc/PID/mountinfo`.
fn folder_of(process: &str) -> Option<PathBuf> {
    let cgroup = fs::read_to_string(format!("{process}/cgroup")).ok()?;
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "))?;
    let fields: Vec<&str> = mount.split(' ').collect();
    let below = path.strip_prefix(fields.get(3)?.trim_end_matches('/'))?;
    Some(Path::new(fields.get(4)?).join(below.trim_start_matches('/')))
}

/// Takes away a cgroup and all below it.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}
