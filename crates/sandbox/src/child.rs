//! Children that share their parent's memory until they execute something.
//!
//! A process of a large program is expensive to copy, some 36 µs a MiB, so
//! nothing is copied: `CLONE_VM`, as in vfork(2). What runs in such a child
//! must not allocate, lock or panic, and the parent must not run on before the
//! child has executed or ended, but to answer it while it waits: they share
//! their thread-local storage, too.
#![allow(unsafe_code, reason = "children that share the caller's memory")]

use std::ffi::c_void;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use nix::sched::CpuSet;
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus};
use nix::unistd::Pid;

/// A child, as its parent knows it.
pub(crate) struct Child {
    pub(crate) pid: Pid,
    /// A pidfd.
    pub(crate) descriptor: OwnedFd,
}

/// What a child begins with: [`start`]'s argument is its own.
pub(crate) type Main = extern "C" fn(*mut c_void) -> libc::c_int;

/// Families are made one at a time: children change a property of the memory
/// they share with the caller, whether it may be dumped, and must find it
/// changed back.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static MAKING: Mutex<()> = Mutex::new(());
    lock(&MAKING)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a child in new namespaces of the kinds in `flags`: clone(2). With
/// `CLONE_VFORK` this thread sleeps until the child has executed or ended.
///
/// # Safety
///
/// `main` must be written for `argument`. Stack and argument must live until
/// the child has executed or ended, and this thread must wait for that, or for
/// a message of the child, before it does anything else.
pub(crate) unsafe fn start<T>(
    main: Main,
    stack: &Stack,
    flags: libc::c_int,
    argument: &T,
) -> nix::Result<Child> {
    let flags = flags | libc::CLONE_VM | libc::CLONE_PIDFD | libc::SIGCHLD;
    let argument = std::ptr::from_ref(argument).cast_mut().cast::<c_void>();
    let mut descriptor: libc::c_int = -1;
    let _quiet = Quiet::new();
    // SAFETY: the stack is the child's alone; the rest is the caller's
    // promise. The descriptor is new, and nobody else has it.
    unsafe {
        let address = &raw mut descriptor;
        let pid = libc::clone(main, stack.top(), flags, argument, address);
        let pid = Pid::from_raw(Errno::result(pid)?);
        Ok(Child { pid, descriptor: OwnedFd::from_raw_fd(descriptor) })
    }
}

/// Has a child that has just been started run on another CPU than this
/// process, if it may: the scheduler leaves it on this one, where it would
/// wait until this process does, since waking another one looks dear to it.
/// Where it may run in the long run, the child has to say again.
pub(crate) fn send_away(child: &Child, cpus: &CpuSet) {
    let mut cpu: libc::c_uint = 0;
    let none = std::ptr::null::<c_void>();
    // The C library would tell where the caller runs, with which this process
    // shares its thread-local storage: rseq(2).
    // SAFETY: the kernel writes one number.
    let known = unsafe {
        libc::syscall(libc::SYS_getcpu, &raw mut cpu, none, none) == 0
    };
    let mut others = *cpus;
    if known && others.unset(cpu as usize).is_ok() {
        // Refused where there is no other one.
        let _ = nix::sched::sched_setaffinity(child.pid, &others);
    }
}

/// Waits for a child, and gives its status as a shell would.
pub(crate) fn wait_for(child: Pid) -> u8 {
    status(end_of(child))
}

/// Waits until a child has ended.
pub(crate) fn end_of(child: Pid) -> WaitStatus {
    loop {
        match nix::sys::wait::waitpid(child, None) {
            Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {}
            Ok(status) => return status,
            // Somebody else has waited for it.
            Err(_) => return WaitStatus::Exited(child, i32::MAX),
        }
    }
}

/// Waits until a child has ended, and leaves it to be waited for.
pub(crate) fn await_end(child: Pid) -> Option<WaitStatus> {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    loop {
        match nix::sys::wait::waitid(Id::Pid(child), flags) {
            Err(Errno::EINTR) => {}
            result => return result.ok(),
        }
    }
}

/// As a shell would give it: 128 and the number of a signal that killed it.
pub(crate) fn status(end: WaitStatus) -> u8 {
    let status = match end {
        WaitStatus::Exited(_, status) => status,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        _ => i32::MAX,
    };
    u8::try_from(status).unwrap_or(u8::MAX)
}

/// Where stacks are that nobody is on.
static LEFT: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// Memory for a child to run on, with a page below it that nobody may touch.
pub(crate) struct Stack {
    bottom: std::ptr::NonNull<c_void>,
}

impl Stack {
    const SIZE: std::num::NonZeroUsize =
        std::num::NonZeroUsize::new(128 * 1024).expect("it is not zero");
    /// As many as one family needs.
    const MOST_LEFT: usize = 3;
    /// The largest page there is on the machines this runs on.
    const GUARD: usize = 64 * 1024;

    /// One that an earlier family has left, or a new one.
    pub(crate) fn new() -> Self {
        let left = lock(&LEFT).pop();
        left.map_or_else(Self::map, Self::at)
    }

    fn at(address: usize) -> Self {
        let bottom = std::ptr::with_exposed_provenance_mut(address);
        let bottom = std::ptr::NonNull::new(bottom);
        Self { bottom: bottom.expect("a mapping is not at 0") }
    }

    fn map() -> Self {
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
        let mut left = lock(&LEFT);
        if left.len() < Self::MOST_LEFT {
            left.push(self.bottom.as_ptr().expose_provenance());
            return;
        }
        // SAFETY: mapped by `map`, with this size; no child is on it any
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
