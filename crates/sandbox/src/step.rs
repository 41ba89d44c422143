//! The steps by which a world is made, as data, and how each is taken.
//!
//! A step is taken in a process that shares its memory with the caller of the
//! library until it executes something else (see [`crate::birth`]). So
//! nothing here may allocate, lock, or panic: a step brings its strings along,
//! and makes system calls.

use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::mount::{MntFlags, MsFlags};
use nix::sys::resource::{self, Resource};
use nix::sys::stat::{self, Mode, SFlag};
use nix::unistd;

use crate::bare;
use crate::error::{self, Act, Refusal};
use crate::namespace::Kind;
use crate::raw;

/// One thing to do, with what it needs.
#[derive(Debug)]
pub(crate) enum Step {
    /// Go to a folder by a descriptor, so that nothing above it needs to be
    /// reachable. A new mount namespace takes its process along, unlike a
    /// descriptor, which stays in the old one.
    Enter(i32),
    /// Leave the namespace of this kind for a new one.
    Unshare(Kind),
    /// Take id 0 of the user namespace, with no other groups.
    BecomeRoot,
    /// Leave the caller's session keyring for a new, empty one.
    NewKeyring,
    /// Lower a limit, soft and hard.
    Limit(Resource, u64),
    /// Write into a file that is there.
    Tell { path: CString, text: Vec<u8> },
    /// Go to a cgroup, by the file that takes its processes.
    Join(CString),
    /// Make a file.
    File { path: CString, text: Arc<[u8]>, mode: Mode },
    /// Make a folder.
    Directory { path: CString, mode: Mode },
    /// Make a symbolic link.
    Symlink { path: CString, target: CString },
    /// Give a file to another user and its group.
    Owner { path: CString, id: u32 },
    /// Mount a filesystem of the kernel's own.
    Mount { kind: CString, at: CString, flags: MsFlags, data: CString },
    /// Show a folder of the machine, read-only: by its path from the folder
    /// that the process is in.
    Show { folder: CString, at: CString },
    /// Show a device of the machine.
    Device { source: CString, at: CString },
    /// Make the world's root `/`, and drop everything else.
    Root,
    /// Subtract these bits from the modes of new files.
    Umask(Mode),
    /// Go to a folder, where the paths of later steps begin.
    Go(&'static CStr),
    /// Name the machine, and leave it without a NIS domain.
    Hostname(CString),
    /// Let the clocks that count from the start begin here.
    Clocks { uptime_ns: i64 },
    /// Bring up the loopback device.
    LoopbackUp,
    /// Ignore no signal, whatever the caller does: that outlives execve(2).
    HeedSignals,
    /// Have system calls refused from here on, by this program.
    Filter(&'static [libc::sock_filter]),
}

/// A step, and whether a world can do without it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) step: Step,
    pub(crate) optional: bool,
    /// The errno of a step that was refused, 0 until then. Whoever takes it
    /// shares the memory of whoever planned it.
    refused: AtomicI32,
}

impl Planned {
    pub(crate) fn new(step: Step, optional: bool) -> Self {
        Self { step, optional, refused: AtomicI32::new(0) }
    }

    /// Takes the step, and notes whether it was refused. An error only if a
    /// world cannot do without it.
    pub(crate) fn perform(&self) -> nix::Result<()> {
        let Err(errno) = self.step.perform() else { return Ok(()) };
        self.refused.store(errno as i32, Ordering::SeqCst);
        if self.optional { Ok(()) } else { Err(errno) }
    }

    /// Why it was refused, if it was.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self.refused.load(Ordering::SeqCst) {
            0 => None,
            errno => {
                let step = &self.step;
                let errno = Errno::from_raw(errno);
                Some(error::refusal(step.act(), &step.describe(), errno))
            }
        }
    }
}

/// Where the world's `/` is while it is put together. Every machine has this
/// folder, and what is mounted on it stays in the guard's mount namespace.
pub(crate) const ROOT: &CStr = c"/tmp";
/// A folder that stays empty, the second layer that overlayfs asks for: what
/// is below the world's `/proc`.
const EMPTY: &CStr = c"/tmp/proc";

impl Step {
    /// What it does, for a message that begins with "cannot".
    pub(crate) fn describe(&self) -> String {
        let path = |path: &CString| path.to_string_lossy().into_owned();
        match self {
            Self::Enter(_) => "enter the folder of programs".into(),
            Self::Unshare(kind) => format!("make a {} namespace", kind.name),
            Self::BecomeRoot => "become root of the user namespace".into(),
            Self::NewKeyring => "leave the session keyring".into(),
            Self::Limit(resource, _) => format!("limit {resource:?}"),
            Self::Tell { path: file, .. } => format!("write {}", path(file)),
            Self::Join(_) => "enter the cgroup of the world".into(),
            Self::File { path: file, .. } => format!("make {}", path(file)),
            Self::Directory { path: folder, .. } => {
                format!("make {}", path(folder))
            }
            Self::Symlink { path: link, .. } => format!("make {}", path(link)),
            Self::Owner { path: file, .. } => format!("give {}", path(file)),
            Self::Mount { kind, .. } => format!("mount {}", path(kind)),
            Self::Show { at, .. } => format!("show {}", path(at)),
            Self::Device { source, .. } => format!("show {}", path(source)),
            Self::Root => "change the root".into(),
            Self::Umask(_) => "set the umask".into(),
            Self::Go(folder) => format!("enter {}", folder.to_string_lossy()),
            Self::Hostname(_) => "set the host name".into(),
            Self::Clocks { .. } => "set the clocks".into(),
            Self::LoopbackUp => "bring up the loopback device".into(),
            Self::HeedSignals => "heed signals".into(),
            Self::Filter(_) => "filter system calls".into(),
        }
    }

    /// What it is, as far as a machine may restrict it.
    pub(crate) fn act(&self) -> Act {
        match self {
            Self::Unshare(kind) => Act::Make(*kind),
            Self::Mount { kind, .. } if is_view(kind) => Act::MountView,
            Self::Mount { .. } | Self::Show { .. } | Self::Device { .. } => {
                Act::Mount
            }
            Self::Root => Act::ChangeRoot,
            _ => Act::Other,
        }
    }

    /// Takes it. No allocation, no lock, no panic.
    pub(crate) fn perform(&self) -> nix::Result<()> {
        match self {
            Self::Enter(folder) => raw::change_directory(*folder),
            Self::Unshare(kind) => bare::unshare(kind.flag),
            Self::BecomeRoot => become_root(),
            Self::NewKeyring => raw::new_session_keyring(),
            Self::Limit(resource, most) => lower_limit(*resource, *most),
            Self::Tell { path, text } => bare::write_file(path, text),
            // 0 is whoever writes: cgroups(7).
            Self::Join(processes) => bare::write_file(processes, b"0"),
            Self::File { path, text, mode } => make_file(path, text, *mode),
            Self::Directory { path, mode } => {
                unistd::mkdir(path.as_c_str(), *mode)
            }
            Self::Symlink { path, target } => unistd::symlinkat(
                target.as_c_str(),
                fcntl::AT_FDCWD,
                path.as_c_str(),
            ),
            Self::Owner { path, id } => unistd::chown(
                path.as_c_str(),
                Some(unistd::Uid::from_raw(*id)),
                Some(unistd::Gid::from_raw(*id)),
            ),
            Self::Mount { kind, at, flags, data } => {
                mount(Some(kind), at, Some(kind), *flags, Some(data))
            }
            Self::Show { folder, at } => show(folder, at),
            Self::Device { source, at } => {
                let mode = Mode::from_bits_truncate(0o666);
                stat::mknod(at.as_c_str(), SFlag::S_IFREG, mode, 0)?;
                mount(Some(source), at, None, MsFlags::MS_BIND, None)
            }
            Self::Root => change_root(),
            Self::Umask(mode) => {
                stat::umask(*mode);
                Ok(())
            }
            Self::Go(folder) => bare::change_directory(folder),
            Self::Hostname(name) => {
                bare::set_hostname(name)?;
                bare::set_domain_name(c"(none)")
            }
            Self::Clocks { uptime_ns } => set_clocks(*uptime_ns),
            Self::LoopbackUp => bare::loopback_up(),
            Self::HeedSignals => {
                bare::heed_signals();
                Ok(())
            }
            Self::Filter(program) => bare::filter_calls(program),
        }
    }
}

/// Filesystems that show what the kernel knows are mounted only where one that
/// shows all of it is in sight: user_namespaces(7).
fn is_view(kind: &CStr) -> bool {
    kind == c"proc" || kind == c"sysfs"
}

/// A privileged caller came with its own ids; from here on nothing of it is
/// left: its global uid is one that nobody on the machine has.
fn become_root() -> nix::Result<()> {
    raw::set_ids_to_root()?;
    // The kernel takes a change of uid for the start of a privileged program
    // and gives `/proc/self` to the machine's root; the caller's memory is
    // affected too, since it is shared: prctl(2), PR_SET_DUMPABLE.
    nix::sys::prctl::set_dumpable(true)
}

fn lower_limit(resource: Resource, most: u64) -> nix::Result<()> {
    let (_, hard) = resource::getrlimit(resource)?;
    let most = most.min(hard);
    resource::setrlimit(resource, most, most)
}

fn make_file(path: &CStr, text: &[u8], mode: Mode) -> nix::Result<()> {
    let new = OFlag::O_CREAT | OFlag::O_EXCL;
    let flags = new | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    let file = fcntl::open(path, flags, mode)?;
    let mut rest = text;
    while !rest.is_empty() {
        let count = unistd::write(&file, rest)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(())
}

fn mount(
    source: Option<&CStr>,
    at: &CStr,
    kind: Option<&CStr>,
    flags: MsFlags,
    data: Option<&CStr>,
) -> nix::Result<()> {
    nix::mount::mount(source, at, kind, flags, data)
}

/// A read-only overlay rather than a bind mount: its files have a device
/// number and locks of their own, and with relative layers the list of mounts
/// names no path of the machine. Where the kernel has no overlayfs for user
/// namespaces (before 5.11) or refuses this lower layer, a bind mount.
fn show(folder: &CStr, at: &CStr) -> nix::Result<()> {
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let mut layers = raw::Text::<512>::new();
    layers.push(b"lowerdir=");
    layers.push(folder.to_bytes());
    layers.push(b":");
    layers.push(EMPTY.to_bytes());
    let data = layers.as_c_str().ok_or(Errno::ENAMETOOLONG)?;
    let overlay = Some(c"overlay");
    if mount(overlay, at, overlay, flags, Some(data)).is_ok() {
        return Ok(());
    }
    let bind = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(folder), at, None, bind, None)?;
    // A bind mount takes its flags in a second step: mount(2).
    let remount = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | flags;
    mount(None, at, None, remount, None)
}

/// pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the
/// new one, and is unmounted from there with all that is below it.
fn change_root() -> nix::Result<()> {
    unistd::chdir(ROOT)?;
    unistd::pivot_root(c".", c".")?;
    nix::mount::umount2(c".", MntFlags::MNT_DETACH)?;
    unistd::chdir(c"/")
}

/// The offsets may be written until the first process enters the namespace:
/// time_namespaces(7). A process that shares its memory with its parent
/// enters only when it executes something.
fn set_clocks(uptime_ns: i64) -> nix::Result<()> {
    use nix::time::{ClockId, clock_gettime};
    let mut text = raw::Text::<160>::new();
    for (name, clock) in [
        (b"monotonic ", ClockId::CLOCK_MONOTONIC),
        (b"boottime  ", ClockId::CLOCK_BOOTTIME),
    ] {
        let now = clock_gettime(clock)?;
        let now_ns = now.tv_sec() * 1_000_000_000 + now.tv_nsec();
        let offset = uptime_ns - now_ns;
        text.push(name);
        text.push_number(offset.div_euclid(1_000_000_000));
        text.push(b" ");
        text.push_number(offset.rem_euclid(1_000_000_000));
        text.push(b"\n");
    }
    bare::write_file(c"/proc/self/timens_offsets", text.as_bytes())
}
