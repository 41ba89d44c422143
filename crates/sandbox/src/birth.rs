//! Making a world: from the caller's process to a guard and a PID 1.
//!
//! ```text
//! caller ──clone──▶ guard-to-be
//!    │   maps ◀── "m" ──┤
//!    │                  │ outer steps
//!    │                  └────clone────▶ init-to-be
//!    │                  │ maps ◀── PID ─────┤
//!    │                  │                   │ own steps
//!    │                  │ views ◀── "v" ────┤
//!    │                  │                   │ inner steps
//!    │ ◀────────────────│──── terminals ────┤
//!    │                  │ ◀─ end of file ───┴─ executes init
//!    │ ◀── end of file ─┴─ executes guard
//! ```
//!
//! The *views* are the world's `/proc` and `/sys`: they show its PID and
//! network namespaces, and are yet mounted from the guard's side, so that the
//! guest cannot unmount them and can always mount more of them (the kernel
//! allows that only where one is in sight).
//!
//! A process of a large program is expensive to copy (some 36 µs a MiB), so
//! nothing is copied: both children share the caller's memory (`CLONE_VM`)
//! until they execute the small program of [`crate::image`]. One of the three
//! runs at a time; the others wait for a message or the end of file on a
//! socket, which closes by itself when its owner executes or dies. What runs
//! in the children allocates nothing and takes no lock, and no guest runs
//! before all sharing is over.
#![allow(unsafe_code, reason = "children that share the caller's memory")]

use std::ffi::{CStr, c_void};
use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::socket::{
    self, AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType,
};
use nix::sys::stat::Mode;
use nix::sys::wait::WaitStatus;
use nix::unistd::{self, Pid};

use crate::error::{self, Refusal};
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
    pub(crate) boot: OwnedFd,
    /// What the world is for, in the guard's command line.
    pub(crate) purpose: &'static CStr,
}

/// No session has more terminals.
pub(crate) const MOST_TERMINALS: usize = 8;

/// Worlds are made one at a time: the children change a property of the
/// memory they share with the caller, whether it may be dumped, and find it
/// changed back.
static MAKING: Mutex<()> = Mutex::new(());

/// Makes the namespaces, takes the steps, and leaves a guard and an init.
pub(crate) fn make(plan: &Plan, needs: &Needs<'_>) -> Result<Born, Refusal> {
    let _turn = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let system =
        |step: &'static str| move |errno: Errno| error::refusal(step, errno);
    let image = image::descriptor().map_err(system("carry init"))?;
    let (ours, theirs) = seqpacket().map_err(system("open a socket"))?;
    let (lifeline_read, lifeline) =
        unistd::pipe2(OFlag::O_CLOEXEC).map_err(system("open a pipe"))?;
    let (inner_stack, views_stack) = (Stack::new(), Stack::new());
    let shared = Shared {
        plan,
        image,
        socket: theirs.as_raw_fd(),
        lifeline: lifeline_read.as_raw_fd(),
        boot: needs.boot.as_raw_fd(),
        purpose: needs.purpose,
        manners: needs.manners,
        owners: needs.owners,
        ids: needs.ids.count(),
        takes_ids: matches!(needs.ids, Ids::Range { .. }),
        inner_stack: &inner_stack,
        views_stack: &views_stack,
        inner_socket: AtomicI32::new(-1),
        failed_side: AtomicU32::new(NOWHERE),
        failed_step: AtomicU32::new(0),
        errno: AtomicI32::new(0),
    };

    let outer_stack = Stack::new();
    let flags = Kind::USER.flag | Kind::PID.flag;
    let guard = {
        let _quiet = Quiet::new();
        share_memory_with(guard_to_be, &outer_stack, flags, &shared)
    }
    .map_err(error::refused_namespaces)?
    .pid;
    drop((theirs, lifeline_read));

    let terminals = serve(&ours, guard, needs.ids);
    if shared.failed_side.load(Ordering::SeqCst) != NOWHERE {
        wait_for(guard);
        return Err(shared.refusal(plan));
    }
    match terminals {
        Ok(terminals) => Ok(Born { guard, lifeline, terminals }),
        Err(refusal) => {
            drop(lifeline);
            wait_for(guard);
            Err(refusal)
        }
    }
}

/// Tries whether a namespace of this kind can be made together with a user
/// namespace, by a process that does nothing else.
pub(crate) fn try_kind(kind: Kind) -> nix::Result<()> {
    let _turn = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let stack = Stack::new();
    let result = AtomicI32::new(0);
    let attempt = Attempt { kind, result: &result };
    let argument = std::ptr::from_ref(&attempt).cast_mut().cast::<c_void>();
    let flags = Kind::USER.flag | libc::CLONE_VM | libc::CLONE_VFORK;
    let child = {
        let _quiet = Quiet::new();
        // SAFETY: the child has a stack of its own, and this thread sleeps
        // until it has ended (CLONE_VFORK).
        let child = unsafe {
            libc::clone(
                attempt_one,
                stack.top(),
                flags | libc::SIGCHLD,
                argument,
            )
        };
        Pid::from_raw(Errno::result(child)?)
    };
    wait_for(child);
    match result.load(Ordering::SeqCst) {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}

/// What [`try_kind`]'s child shall try, and where it says what came of it.
struct Attempt<'a> {
    kind: Kind,
    result: &'a AtomicI32,
}

extern "C" fn attempt_one(attempt: *mut c_void) -> libc::c_int {
    // SAFETY: `try_kind` passes an `Attempt` and sleeps.
    let attempt = unsafe { &*attempt.cast::<Attempt<'_>>() };
    if attempt.kind != Kind::USER
        && let Err(errno) = raw::unshare(attempt.kind.flag)
    {
        attempt.result.store(errno as i32, Ordering::SeqCst);
    }
    0
}

/// What a program that joins a world is started with.
pub(crate) struct Joiner<'a> {
    /// Taken before anything else.
    pub(crate) steps: &'a [Planned],
    /// Says what it is to start.
    pub(crate) boot: OwnedFd,
    /// The world's side of its terminal.
    pub(crate) terminal: OwnedFd,
    /// A pidfd of the world's PID 1.
    pub(crate) world: OwnedFd,
}

/// Starts the small program that enters a world. It ends with the status of
/// what it starts there, 126 if it cannot enter.
pub(crate) fn join(joiner: &Joiner<'_>) -> nix::Result<Pid> {
    let _turn = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let request = JoinRequest { joiner, image: image::descriptor()? };
    let stack = Stack::new();
    let argument = std::ptr::from_ref(&request).cast_mut().cast::<c_void>();
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let _quiet = Quiet::new();
    // SAFETY: the child has a stack of its own, and this thread sleeps until
    // it has executed or ended (CLONE_VFORK).
    let child =
        unsafe { libc::clone(joiner_to_be, stack.top(), flags, argument) };
    Errno::result(child).map(Pid::from_raw)
}

/// What [`join`]'s child sees.
struct JoinRequest<'a> {
    joiner: &'a Joiner<'a>,
    image: RawFd,
}

extern "C" fn joiner_to_be(request: *mut c_void) -> libc::c_int {
    // SAFETY: `join` passes its request and sleeps.
    let JoinRequest { joiner, image } =
        unsafe { &*request.cast::<JoinRequest<'_>>() };
    for planned in joiner.steps {
        if planned.step.perform().is_err() && !planned.optional {
            return 125;
        }
    }
    let boot = joiner.boot.as_raw_fd();
    let given = [boot, joiner.terminal.as_raw_fd(), joiner.world.as_raw_fd()];
    let _ = image::execute(*image, c"join", None, &given, boot);
    125
}

/// Waits for the guard; every process of its world is gone then. The status
/// is that of the world's first program, if the world ended by itself.
pub(crate) fn wait_for(guard: Pid) -> u8 {
    loop {
        match nix::sys::wait::waitpid(guard, None) {
            Ok(WaitStatus::Exited(_, status)) => {
                return u8::try_from(status).unwrap_or(u8::MAX);
            }
            Err(Errno::EINTR) => {}
            _ => return 128 + 9,
        }
    }
}

/// Answers the guard-to-be until it executes or ends. Returns the terminals
/// it sent.
fn serve(
    socket: &OwnedFd,
    guard: Pid,
    ids: &Ids,
) -> Result<Vec<OwnedFd>, Refusal> {
    let mut terminals = Vec::new();
    let mut outcome = Ok(());
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
        if byte == MAPS {
            let written = ids.write_maps(guard.as_raw());
            let answer = if written.is_ok() { DONE } else { REFUSED };
            outcome = written.map_err(|error| error::refused_maps(&error));
            let _ = unistd::write(socket, &answer);
        }
    }
    outcome.map(|()| terminals)
}

/// "Write my maps."
const MAPS: [u8; 1] = *b"m";
/// "Here are the terminals."
const TERMINALS: [u8; 1] = *b"t";
/// "Mount what shows my namespaces."
const VIEWS: [u8; 1] = *b"v";
/// "It is done."
const DONE: [u8; 1] = *b"d";
/// "It could not be done."
const REFUSED: [u8; 1] = *b"r";

/// No step has failed.
const NOWHERE: u32 = 0;
/// A step of [`Plan::outer`].
const OUTER: u32 = 1;
/// A step of [`Plan::inner`].
const INNER: u32 = 2;
/// A step of [`Plan::own`].
const OWN: u32 = 3;
/// A step of [`Plan::views`].
const VIEW: u32 = 4;
/// One of [`ODD_JOBS`].
const BETWEEN: u32 = 5;

/// What the children do besides the steps of the plan.
const ODD_JOBS: [&str; 7] = [
    "map the ids of the world",
    "make the world's user and PID namespaces",
    "map the ids of the world's own user namespace",
    "open the terminals",
    "start the world's PID 1",
    "start the guard",
    "enter the world's PID and network namespaces",
];

/// What the caller and both children see.
struct Shared<'a> {
    plan: &'a Plan,
    image: RawFd,
    socket: RawFd,
    lifeline: RawFd,
    boot: RawFd,
    purpose: &'static CStr,
    manners: Manners,
    owners: &'a [u32],
    ids: u32,
    takes_ids: bool,
    inner_stack: &'a Stack,
    views_stack: &'a Stack,
    /// Written by the guard-to-be before its child exists.
    inner_socket: AtomicI32,
    failed_side: AtomicU32,
    failed_step: AtomicU32,
    errno: AtomicI32,
}

impl Shared<'_> {
    fn fail(&self, side: u32, step: usize, errno: Errno) -> Errno {
        let step = u32::try_from(step).unwrap_or(u32::MAX);
        self.errno.store(errno as i32, Ordering::SeqCst);
        self.failed_step.store(step, Ordering::SeqCst);
        self.failed_side.store(side, Ordering::SeqCst);
        errno
    }

    fn odd_job<T>(&self, job: usize, result: nix::Result<T>) -> nix::Result<T> {
        result.map_err(|errno| self.fail(BETWEEN, job, errno))
    }

    fn take(&self, side: u32, steps: &[Planned]) -> nix::Result<()> {
        for (index, planned) in steps.iter().enumerate() {
            match planned.step.perform() {
                Err(errno) if !planned.optional => {
                    return Err(self.fail(side, index, errno));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn refusal(&self, plan: &Plan) -> Refusal {
        let errno = Errno::from_raw(self.errno.load(Ordering::SeqCst));
        let index = self.failed_step.load(Ordering::SeqCst) as usize;
        let steps = match self.failed_side.load(Ordering::SeqCst) {
            OUTER => &plan.outer,
            INNER => &plan.inner,
            OWN => &plan.own,
            VIEW => &plan.views,
            _ => {
                let job = ODD_JOBS.get(index).unwrap_or(&"make a world");
                return error::refusal(job, errno);
            }
        };
        let step = steps.get(index).map(|planned| planned.step.describe());
        error::refusal(step.as_deref().unwrap_or("make a world"), errno)
    }
}

/// The first child: PID 1 of the outer PID namespace.
extern "C" fn guard_to_be(shared: *mut c_void) -> libc::c_int {
    // SAFETY: `make` passes its `Shared`, and waits until this process has
    // executed or ended.
    let shared = unsafe { &*shared.cast::<Shared<'_>>() };
    let _ = become_guard(shared);
    1
}

fn become_guard(shared: &Shared<'_>) -> nix::Result<()> {
    shared.odd_job(0, ask(shared.socket, &MAPS))?;
    if shared.takes_ids {
        let step = crate::step::Step::BecomeRoot;
        shared.odd_job(0, step.perform())?;
    }
    shared.take(OUTER, &shared.plan.outer)?;

    let (ours, theirs) = shared.odd_job(1, seqpacket())?;
    shared.inner_socket.store(theirs.as_raw_fd(), Ordering::SeqCst);
    let flags = Kind::USER.flag | Kind::PID.flag;
    let child =
        share_memory_with(init_to_be, shared.inner_stack, flags, shared);
    let child = shared.odd_job(1, child)?;
    drop(theirs);
    shared.odd_job(2, serve_inner(&ours, &child, shared))?;
    if shared.failed_side.load(Ordering::SeqCst) != NOWHERE {
        return Err(Errno::UnknownErrno);
    }

    // The machine's mounts are not the guard's to keep busy.
    shared.odd_job(5, crate::step::change_root(c"/tmp"))?;
    let given = [shared.lifeline, child.descriptor.as_raw_fd()];
    let alive = shared.socket;
    let about = Some(shared.purpose);
    let guard = image::execute(shared.image, c"guard", about, &given, alive);
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
    // The machine's /proc is still mounted; there, this is our PID.
    let mut pid = [0_u8; 16];
    let length = raw::read_link(c"/proc/self", &mut pid);
    let length = shared.odd_job(2, length)?;
    shared.odd_job(2, ask(socket, &pid[..length]))?;
    shared.take(OWN, &shared.plan.own)?;
    // What was refused, the guard-to-be has already noted.
    ask(socket, &VIEWS)?;
    shared.take(INNER, &shared.plan.inner)?;

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
    let init = image::execute(shared.image, c"init", None, given, socket);
    shared.odd_job(4, init)
}

fn ask(socket: RawFd, question: &[u8]) -> nix::Result<()> {
    let mut answer = [0_u8];
    raw::send(socket, question)?;
    match raw::receive(socket, &mut answer)? {
        1 if answer == DONE => Ok(()),
        1 => Err(Errno::EPERM),
        _ => Err(Errno::EPIPE),
    }
}

/// Answers the init-to-be until it executes or ends.
fn serve_inner(
    socket: &OwnedFd,
    child: &Child,
    shared: &Shared<'_>,
) -> nix::Result<()> {
    let mut message = [0_u8; 16];
    loop {
        let message = match unistd::read(socket, &mut message) {
            Ok(0) => return Ok(()),
            Ok(length) => &message[..length],
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(errno),
        };
        let done = if message == VIEWS {
            mount_views(child, shared)
        } else {
            map_all(message, shared.ids)
        };
        unistd::write(socket, if done.is_ok() { &DONE } else { &REFUSED })?;
    }
}

/// Maps the ids of the outer user namespace into the inner one, all of them,
/// one to one. Only a process of the outer one may: user_namespaces(7),
/// "Defining user and group ID mappings".
fn map_all(pid: &[u8], ids: u32) -> nix::Result<()> {
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

/// A process that is in the guard's user and mount namespaces, and in the
/// world's PID and network namespaces, takes the steps: for the time of a
/// mount the world has a second process. setns(2)
fn mount_views(child: &Child, shared: &Shared<'_>) -> nix::Result<()> {
    use nix::sched::CloneFlags;
    let kinds = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNET;
    shared.odd_job(6, nix::sched::setns(&child.descriptor, kinds))?;
    let flags = libc::CLONE_VFORK;
    let viewer = share_memory_with(viewer, shared.views_stack, flags, shared);
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
    libc::c_int::from(shared.take(VIEW, &shared.plan.views).is_err())
}

fn seqpacket() -> nix::Result<(OwnedFd, OwnedFd)> {
    socket::socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
}

/// A child, as its parent knows it.
struct Child {
    pid: Pid,
    /// A pidfd.
    descriptor: OwnedFd,
}

/// Starts `child` in new namespaces of the kinds in `flags`, sharing memory
/// but nothing else: clone(2).
fn share_memory_with(
    child: extern "C" fn(*mut c_void) -> libc::c_int,
    stack: &Stack,
    flags: libc::c_int,
    shared: &Shared<'_>,
) -> nix::Result<Child> {
    let flags = flags | libc::CLONE_VM | libc::CLONE_PIDFD | libc::SIGCHLD;
    let mut descriptor: libc::c_int = -1;
    let argument = std::ptr::from_ref(shared).cast_mut().cast::<c_void>();
    // SAFETY: the stack is the child's alone and outlives its use of our
    // memory, for whoever calls this waits for the child's end of a socket.
    // The child shares our thread-local storage, too, so only one of us runs
    // at a time: we wait in a system call from here on, and it does while we
    // answer it.
    let pid = unsafe {
        libc::clone(child, stack.top(), flags, argument, &raw mut descriptor)
    };
    let pid = Pid::from_raw(Errno::result(pid)?);
    // SAFETY: the kernel has just made it for us.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    Ok(Child { pid, descriptor })
}

/// Memory for a child to run on, with a page below it that nobody may touch.
struct Stack {
    bottom: std::ptr::NonNull<c_void>,
}

impl Stack {
    const SIZE: std::num::NonZeroUsize =
        std::num::NonZeroUsize::new(128 * 1024).expect("it is not zero");
    /// The largest page there is on the machines this runs on.
    const GUARD: usize = 64 * 1024;

    fn new() -> Self {
        use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect};
        let flags = MapFlags::MAP_PRIVATE
            | MapFlags::MAP_STACK
            | MapFlags::MAP_NORESERVE;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping, of which nobody else knows.
        unsafe {
            let bottom = mmap_anonymous(None, Self::SIZE, access, flags)
                .expect("there is address space for a stack");
            mprotect(bottom, Self::GUARD, ProtFlags::PROT_NONE)
                .expect("a page of our own can be protected");
            Self { bottom }
        }
    }

    /// Stacks grow downwards on all machines this runs on.
    fn top(&self) -> *mut c_void {
        // SAFETY: one past the end of the mapping.
        unsafe { self.bottom.as_ptr().byte_add(Self::SIZE.get()) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, with this size; no child is on it any
        // more.
        let _ =
            unsafe { nix::sys::mman::munmap(self.bottom, Self::SIZE.get()) };
    }
}

/// Blocks every signal in this thread for as long as it lives: a child begins
/// with the mask of its parent, and a handler of the caller's program that
/// ran in the child would work on the caller's memory. The program that the
/// child executes sets its own mask.
struct Quiet(SigSet);

impl Quiet {
    fn new() -> Self {
        let mut before = SigSet::empty();
        let all = SigSet::all();
        let _ = nix::sys::signal::pthread_sigmask(
            SigmaskHow::SIG_SETMASK,
            Some(&all),
            Some(&mut before),
        );
        Self(before)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = self.0.thread_set_mask();
    }
}
