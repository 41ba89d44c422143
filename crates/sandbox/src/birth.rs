//! Making a world: from the caller's process to a guard and a PID 1.
//!
//! ```text
//! caller ──clone──▶ guard-to-be
//!    ├────── maps ──────▶
//!    │                  │ limits
//!    │                  └────clone────▶ init-to-be
//!    │                  │ maps              │
//!    │                  │ outer steps       │ own steps
//!    │                  │ root ◀─── "v" ────┤
//!    │                  │  │                │ meanwhile
//!    │                  │  └─── "d" ───────▶│
//!    │                  │ bounds            │ inner steps
//!    │ ◀────────────────│──── terminals ────┤
//!    │ ◀── end of file ─┴─ executes guard   │
//!    │ ◀── end of file ─────────────────────┴─ executes init
//! ```
//!
//! The *views* are the world's `/proc` and `/sys`: they show its PID and
//! network namespaces, and are yet mounted from the guard's side, so that the
//! guest cannot unmount them and can always mount more of them (the kernel
//! allows that only where one is in sight).
//!
//! Both children share the caller's memory (see [`crate::child`]) until they
//! execute the small program of [`crate::image`]. The caller waits for the end
//! of file on a socket, which closes by itself when its last owner executes or
//! dies. No guest runs before that: init reads what to start from a pipe whose
//! end the guard-to-be holds, so a guest is guarded from its first moment.
//!
//! The two children work side by side, on two CPUs if there are two, and share
//! the place where the C library leaves its errors. So one of them does
//! without that library ([`crate::bare`]) whenever both are at work: the
//! init-to-be while it makes its namespaces (the *own* steps, of which that of
//! a network namespace takes longest by far) and the guard-to-be puts the
//! world's tree together, the guard-to-be after that.
#![allow(unsafe_code, reason = "children that share the caller's memory")]

use std::ffi::{CStr, c_void};
use std::io::IoSliceMut;
use std::os::fd::{AsFd as _, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{self, CloneFlags, CpuSet};
use nix::sys::socket::{
    self, AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType,
};
use nix::sys::stat::Mode;
use nix::sys::wait::WaitStatus;
use nix::unistd::{self, Pid};

use crate::bare;
use crate::boot;
use crate::cgroup::Cgroup;
use crate::child::{self, Child, Stack};
use crate::error::{self, Act, Refusal};
use crate::ids::Ids;
use crate::image;
use crate::namespace::Kind;
use crate::plan::Plan;
use crate::pty::{self, Manners};
use crate::raw;
use crate::step::Planned;

/// A world that has been made.
pub(crate) struct Born {
    /// The guard; it is the caller's child.
    pub(crate) guard: Pid,
    /// Closing it ends the world.
    pub(crate) lifeline: OwnedFd,
    /// Our side of each terminal.
    pub(crate) terminals: Vec<OwnedFd>,
}

/// What a world's children need, besides the plan.
pub(crate) struct Needs<'a> {
    pub(crate) ids: &'a Ids,
    pub(crate) manners: Manners,
    /// The user id of each terminal's owner.
    pub(crate) owners: &'a [u32],
    /// Says what PID 1 is to start.
    pub(crate) boot: boot::Pipe,
    /// What the world is for, in the guard's command line.
    pub(crate) purpose: &'static CStr,
    /// The KiB of memory that the machine must keep, in decimal.
    pub(crate) kept: &'a CStr,
    /// What the guard takes away in the end.
    pub(crate) cgroup: Option<&'a Cgroup>,
}

/// No session has more terminals.
pub(crate) const MOST_TERMINALS: usize = 8;

/// Makes the namespaces, takes the steps, and leaves a guard and an init.
pub(crate) fn make(plan: &Plan, needs: Needs<'_>) -> Result<Born, Refusal> {
    let _turn = child::turn();
    let image = image::descriptor().map_err(error::failed("carry init"))?;
    let (ours, theirs) = seqpacket().map_err(error::failed("open a socket"))?;
    let (lifeline_read, lifeline) = unistd::pipe2(OFlag::O_CLOEXEC)
        .map_err(error::failed("open a pipe"))?;
    let memory = fcntl::open("/proc/meminfo", OFlag::O_CLOEXEC, Mode::empty())
        .map_err(error::failed("open /proc/meminfo"))?;
    let (inner_stack, views_stack) = (Stack::new(), Stack::new());
    let shared = Shared {
        plan,
        image,
        callers: [ours.as_raw_fd(), lifeline.as_raw_fd()],
        socket: theirs.as_raw_fd(),
        lifeline: lifeline_read.as_raw_fd(),
        memory: memory.as_raw_fd(),
        boot: needs.boot.read.as_raw_fd(),
        purpose: needs.purpose,
        kept: needs.kept,
        cgroup: needs.cgroup,
        manners: needs.manners,
        owners: needs.owners,
        ids: needs.ids.count(),
        takes_ids: matches!(needs.ids, Ids::Range { .. }),
        cpus: sched::sched_getaffinity(Pid::from_raw(0)).ok(),
        inner_stack: &inner_stack,
        views_stack: &views_stack,
        inner_socket: AtomicI32::new(-1),
        failed: AtomicUsize::new(NOTHING),
        errno: AtomicI32::new(0),
        took_number: AtomicBool::new(false),
    };

    let outer_stack = Stack::new();
    let flags = Kind::USER.flag | Kind::PID.flag;
    // SAFETY: `guard_to_be` takes a `Shared`; `serve` waits for the end of
    // file that says that it has executed or ended.
    let guard =
        unsafe { child::start(guard_to_be, &outer_stack, flags, &shared) };
    let guard = guard.map_err(error::refused_namespaces)?.pid;
    drop((theirs, lifeline_read, needs.boot));

    // Until it has its ids, the child waits.
    let mapped = needs.ids.write_maps(guard.as_raw());
    let told = answer(&ours, mapped.is_ok());
    let terminals = serve(&ours);
    let mapped = mapped.map_err(|error| error::refused_maps(&error));
    let told = told.map_err(error::failed("answer the guard"));
    match mapped.and(told).map(|()| terminals) {
        Ok(terminals) if !shared.has_failed() => {
            Ok(Born { guard, lifeline, terminals })
        }
        served => {
            drop(lifeline);
            child::wait_for(guard);
            // Why the maps were refused, only this side knows.
            Err(served.err().unwrap_or_else(|| shared.refusal()))
        }
    }
}

/// Waits until the children have executed or ended. Returns the terminals they
/// sent.
fn serve(socket: &OwnedFd) -> Vec<OwnedFd> {
    // Waking up for each message would take a CPU away from whoever sent it.
    let mut polled = [PollFd::new(socket.as_fd(), PollFlags::empty())];
    while poll(&mut polled, PollTimeout::NONE) == Err(Errno::EINTR) {}
    let mut terminals = Vec::new();
    loop {
        let mut byte = [0_u8];
        let mut slices = [IoSliceMut::new(&mut byte)];
        let mut space = nix::cmsg_space!([RawFd; MOST_TERMINALS]);
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let received = socket::recvmsg::<()>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut space),
            flags,
        );
        let message = match received {
            Err(Errno::EINTR) => continue,
            Err(_) => break,
            Ok(message) if message.bytes == 0 => break,
            Ok(message) => message,
        };
        for control in message.cmsgs().into_iter().flatten() {
            if let ControlMessageOwned::ScmRights(received) = control {
                terminals.extend(received.into_iter().map(|descriptor| {
                    // SAFETY: the kernel has just made it for us.
                    unsafe { OwnedFd::from_raw_fd(descriptor) }
                }));
            }
        }
    }
    terminals
}

/// "Here are the terminals."
const TERMINALS: [u8; 1] = *b"t";
/// "Mount what shows my namespaces."
const VIEWS: [u8; 1] = *b"v";
/// "It is done."
const DONE: [u8; 1] = *b"d";
/// "It could not be done."
const REFUSED: [u8; 1] = *b"r";

/// Nothing has failed.
const NOTHING: usize = usize::MAX;
/// A step of the plan has failed, which knows it.
const PLANNED: usize = usize::MAX - 1;

/// What the children do besides the steps of the plan.
const ODD_JOBS: [(Act, &str); 7] = [
    (Act::MapIds, "map the ids of the world"),
    (Act::Begin, "make the world's user and PID namespaces"),
    (Act::MapIds, "map the ids of the world's own user namespace"),
    (Act::Other, "open the terminals"),
    (Act::Other, "start the world's PID 1"),
    (Act::Other, "start the guard"),
    (Act::Other, "enter the world's namespaces"),
];

/// What the caller and both children see.
struct Shared<'a> {
    plan: &'a Plan,
    image: RawFd,
    /// What only the caller may hold, so that its death is noticed.
    callers: [RawFd; 2],
    socket: RawFd,
    lifeline: RawFd,
    memory: RawFd,
    boot: RawFd,
    purpose: &'static CStr,
    kept: &'a CStr,
    cgroup: Option<&'a Cgroup>,
    manners: Manners,
    owners: &'a [u32],
    ids: u32,
    takes_ids: bool,
    /// Where the caller may run, and so the world. `None` on a machine with
    /// more CPUs than fit.
    cpus: Option<CpuSet>,
    inner_stack: &'a Stack,
    views_stack: &'a Stack,
    /// Written by the guard-to-be before its child exists.
    inner_socket: AtomicI32,
    /// One of [`ODD_JOBS`], [`PLANNED`], or [`NOTHING`].
    failed: AtomicUsize,
    /// Of the odd job.
    errno: AtomicI32,
    /// Mounting the views took a process, and so a number.
    took_number: AtomicBool,
}

impl Shared<'_> {
    fn odd_job<T>(&self, job: usize, result: nix::Result<T>) -> nix::Result<T> {
        result.inspect_err(|errno| self.note(job, *errno))
    }

    /// Takes steps until one is refused that a world needs.
    fn take(&self, steps: &[Planned]) -> nix::Result<()> {
        for planned in steps {
            if let Err(errno) = planned.perform() {
                self.note(PLANNED, errno);
                return Err(errno);
            }
        }
        Ok(())
    }

    /// The first failure counts: what one process fails at, the other one
    /// may fail at in turn.
    fn note(&self, failed: usize, errno: Errno) {
        let order = Ordering::SeqCst;
        let first = self.failed.compare_exchange(NOTHING, failed, order, order);
        if first.is_ok() {
            self.errno.store(errno as i32, order);
        }
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst) != NOTHING
    }

    /// What has failed.
    fn refusal(&self) -> Refusal {
        let job = self.failed.load(Ordering::SeqCst);
        if let Some((act, words)) = ODD_JOBS.get(job) {
            let errno = self.errno.load(Ordering::SeqCst);
            return error::refusal(*act, words, Errno::from_raw(errno));
        }
        self.plan.essential_refusal().unwrap_or_else(|| {
            error::failed("make a world")(Errno::UnknownErrno)
        })
    }
}

/// The first child: PID 1 of the outer PID namespace.
extern "C" fn guard_to_be(shared: *mut c_void) -> libc::c_int {
    // SAFETY: `make` passes its `Shared`, and waits until this process has
    // executed or ended.
    let shared = unsafe { &*shared.cast::<Shared<'_>>() };
    let _ = become_guard(shared);
    if let Some(cgroup) = shared.cgroup {
        leave_alone();
        cgroup.give_up();
    }
    1
}

/// Ends all that the guard-to-be, a PID 1, has started.
fn leave_alone() {
    let everybody = Pid::from_raw(-1);
    let _ = nix::sys::signal::kill(everybody, nix::sys::signal::SIGKILL);
    while nix::sys::wait::wait().is_ok() {}
}

fn become_guard(shared: &Shared<'_>) -> nix::Result<()> {
    // A child begins with copies of all descriptors. With these it would wait
    // for a caller that has been killed meanwhile.
    for descriptor in shared.callers {
        bare::close(descriptor);
    }
    shared.odd_job(0, await_answer(shared.socket))?;
    if shared.takes_ids {
        let step = crate::step::Step::BecomeRoot;
        shared.odd_job(0, step.perform())?;
    }
    shared.take(&shared.plan.limits)?;

    let (ours, theirs) = shared.odd_job(1, seqpacket())?;
    shared.inner_socket.store(theirs.as_raw_fd(), Ordering::SeqCst);
    let flags = Kind::USER.flag | Kind::PID.flag;
    // SAFETY: as in `make`, with `serve_inner`.
    let child =
        unsafe { child::start(init_to_be, shared.inner_stack, flags, shared) };
    let child = shared.odd_job(1, child)?;
    if let Some(cpus) = &shared.cpus {
        child::send_away(&child, cpus);
    }
    drop(theirs);
    shared.odd_job(2, map_all(&child, shared.ids))?;
    shared.take(&shared.plan.outer)?;
    mount_proc(&child, shared)?;
    serve_inner(&ours, &child, shared)?;
    // From here on the init-to-be uses the C library, and this process must
    // not.
    shared.take(&shared.plan.bounds)?;

    let init = child.descriptor.as_raw_fd();
    // Without a cgroup it is told no name, and does nothing with the last.
    let cgroups = shared
        .cgroup
        .map_or(shared.memory, |cgroup| cgroup.parent().as_raw_fd());
    let given = [shared.lifeline, init, shared.memory, cgroups];
    let alive = shared.socket;
    let cgroup = shared.cgroup.map_or(c"", Cgroup::name);
    let about = [shared.purpose, shared.kept, cgroup];
    let guard = image::execute(shared.image, c"guard", &about, &given, alive);
    shared.odd_job(5, guard)
}

/// The second child: PID 1 of the world.
extern "C" fn init_to_be(shared: *mut c_void) -> libc::c_int {
    // SAFETY: as for `guard_to_be`, which waits in turn.
    let shared = unsafe { &*shared.cast::<Shared<'_>>() };
    let _ = become_init(shared);
    1
}

fn become_init(shared: &Shared<'_>) -> nix::Result<()> {
    let socket = shared.inner_socket.load(Ordering::SeqCst);
    shared.take(&shared.plan.own)?;
    // What was refused, the guard-to-be has already noted.
    bare::send(socket, &VIEWS)?;
    shared.take(&shared.plan.meanwhile)?;
    await_answer(socket)?;
    if let Some(cpus) = &shared.cpus {
        let _ = sched::sched_setaffinity(Pid::from_raw(0), cpus);
    }
    shared.take(&shared.plan.inner)?;
    if shared.took_number.load(Ordering::SeqCst) {
        shared.take(&shared.plan.number)?;
    }

    let mut given = [-1; 1 + MOST_TERMINALS];
    let count = shared.owners.len();
    given[0] = shared.boot;
    let opened = pty::open_all(
        shared.owners,
        shared.manners,
        shared.socket,
        &TERMINALS,
        &mut given[1..=count],
    );
    shared.odd_job(3, opened)?;
    let given = &given[..=count];
    let init = image::execute(shared.image, c"init", &[], given, socket);
    shared.odd_job(4, init)
}

fn await_answer(socket: RawFd) -> nix::Result<()> {
    let mut answer = [0_u8];
    match bare::receive(socket, &mut answer)? {
        1 if answer == DONE => Ok(()),
        1 => Err(Errno::EPERM),
        _ => Err(Errno::EPIPE),
    }
}

/// Does for the init-to-be what that cannot do, when its network namespace is
/// there.
fn serve_inner(
    socket: &OwnedFd,
    child: &Child,
    shared: &Shared<'_>,
) -> nix::Result<()> {
    let mut message = [0_u8];
    // It has noted why it is not, and has ended.
    if bare::receive(socket.as_raw_fd(), &mut message)? == 0 {
        return Err(Errno::EPIPE);
    }
    let network = CloneFlags::CLONE_NEWNET;
    let done = shared
        .odd_job(6, sched::setns(&child.descriptor, network))
        .and_then(|()| shared.take(&shared.plan.root));
    answer(socket, done.is_ok())?;
    done
}

fn answer(socket: &OwnedFd, is_done: bool) -> nix::Result<()> {
    unistd::write(socket, if is_done { &DONE } else { &REFUSED }).map(drop)
}

/// Maps the ids of the outer user namespace into the inner one, all of them,
/// one to one. Only a process of the outer one may: user_namespaces(7),
/// "Defining user and group ID mappings".
fn map_all(child: &Child, ids: u32) -> nix::Result<()> {
    let mut buffer = [0_u8; 256];
    let pid = pid_in_proc(&child.descriptor, &mut buffer)?;
    let mut map = raw::Text::<32>::new();
    map.push(b"0 0 ");
    map.push_number(i64::from(ids));
    for file in [b"/uid_map", b"/gid_map"] {
        let mut path = raw::Text::<48>::new();
        path.push(b"/proc/");
        path.push(pid);
        path.push(file);
        let path = path.as_c_str().ok_or(Errno::ENAMETOOLONG)?;
        let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC;
        let file = fcntl::open(path, flags, Mode::empty())?;
        unistd::write(&file, map.as_bytes())?;
    }
    Ok(())
}

/// The number of a process in the machine's /proc, which a process in a PID
/// namespace of its own cannot know otherwise: pidfd_open(2), "fdinfo".
fn pid_in_proc<'a>(
    process: &OwnedFd,
    buffer: &'a mut [u8; 256],
) -> nix::Result<&'a [u8]> {
    let mut path = raw::Text::<48>::new();
    path.push(b"/proc/self/fdinfo/");
    path.push_number(i64::from(process.as_raw_fd()));
    let path = path.as_c_str().ok_or(Errno::ENAMETOOLONG)?;
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let file = fcntl::open(path, flags, Mode::empty())?;
    let length = unistd::read(&file, buffer)?;
    let pid = buffer
        .get(..length)
        .unwrap_or_default()
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"Pid:\t"));
    pid.ok_or(Errno::ESRCH)
}

/// Mounts what shows the world's PID namespace. Where the kernel cannot mount
/// the `/proc` of another one, a process does it that is in the guard's user
/// and mount namespaces and in the world's PID namespace: for the time of a
/// mount the world has a second process. setns(2)
fn mount_proc(child: &Child, shared: &Shared<'_>) -> nix::Result<()> {
    if raw::mount_proc_of(child.descriptor.as_raw_fd(), c"proc").is_ok() {
        return Ok(());
    }
    shared.took_number.store(true, Ordering::SeqCst);
    let numbers = CloneFlags::CLONE_NEWPID;
    shared.odd_job(6, sched::setns(&child.descriptor, numbers))?;
    let flags = libc::CLONE_VFORK;
    // SAFETY: this process sleeps until the viewer has ended (CLONE_VFORK).
    let viewer =
        unsafe { child::start(viewer, shared.views_stack, flags, shared) };
    let viewer = shared.odd_job(6, viewer)?;
    let status = nix::sys::wait::waitpid(viewer.pid, None);
    match shared.odd_job(6, status)? {
        WaitStatus::Exited(_, 0) => Ok(()),
        _ => Err(Errno::EPERM),
    }
}

extern "C" fn viewer(shared: *mut c_void) -> libc::c_int {
    // SAFETY: as for `guard_to_be`; the guard-to-be sleeps (CLONE_VFORK).
    let shared = unsafe { &*shared.cast::<Shared<'_>>() };
    libc::c_int::from(shared.take(&shared.plan.views).is_err())
}

fn seqpacket() -> nix::Result<(OwnedFd, OwnedFd)> {
    socket::socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
}
