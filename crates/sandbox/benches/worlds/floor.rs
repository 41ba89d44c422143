//! What no world can be cheaper than: clone3(2) with the eight flags, three
//! maps, execve(2), and waiting for the end. The child shares our memory, as
//! the children of the library do.
#![allow(unsafe_code, reason = "clone3 has no wrapper in any library")]

use std::arch::asm;
use std::ffi::{CStr, CString, c_void};
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use sandbox::namespace::Kind;

/// Runs a program in fresh namespaces of all eight kinds, and nothing more.
pub(crate) struct Floor {
    program: CString,
    maps: [CString; 2],
    stack: Vec<u8>,
}

impl Floor {
    pub(crate) fn new(program: &Path) -> Self {
        let text = |bytes: Vec<u8>| CString::new(bytes).expect("no NUL");
        let map = |id: u32| text(format!("0 {id} 1").into_bytes());
        Self {
            program: text(program.as_os_str().as_bytes().to_vec()),
            maps: [
                map(nix::unistd::geteuid().as_raw()),
                map(nix::unistd::getegid().as_raw()),
            ],
            stack: vec![0; 256 * 1024],
        }
    }

    /// From its start to the end of its program.
    pub(crate) fn run(&mut self) -> nix::Result<()> {
        let flags = Kind::ALL.iter().fold(0, |all, kind| all | kind.flag);
        let flags =
            flags | libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD;
        let mut descriptor = -1_i32;
        let request = Request {
            flags: u64::from(flags.cast_unsigned()),
            pidfd: &raw mut descriptor as u64,
            exit_signal: u64::from(libc::SIGCHLD.cast_unsigned()),
            stack: self.stack.as_mut_ptr() as u64,
            stack_size: self.stack.len() as u64 / 16 * 16,
            ..Request::default()
        };
        // SAFETY: `child` takes a `Floor`. The stack is its alone, and this
        // thread sleeps until it has executed or ended (CLONE_VFORK).
        let pid = unsafe {
            let argument = std::ptr::from_ref(self).cast_mut().cast();
            clone3(&request, child, argument)
        };
        let pid = Pid::from_raw(Errno::result(pid)?);
        // SAFETY: the kernel has just made it for us.
        drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
        match waitpid(pid, None)? {
            WaitStatus::Exited(_, 0) => Ok(()),
            _ => Err(Errno::ECHILD),
        }
    }
}

/// clone3(2), `struct clone_args` of its first version.
#[repr(C)]
#[derive(Default)]
struct Request {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

extern "C" fn child(floor: *mut c_void) -> ! {
    // SAFETY: `run` passes itself, and sleeps.
    let floor = unsafe { &*floor.cast::<Floor>() };
    let status = i32::from(become_program(floor).is_err());
    // SAFETY: ends this process alone.
    unsafe { libc::_exit(status) }
}

fn become_program(floor: &Floor) -> nix::Result<()> {
    write(c"/proc/self/setgroups", c"deny")?;
    write(c"/proc/self/uid_map", &floor.maps[0])?;
    write(c"/proc/self/gid_map", &floor.maps[1])?;
    let arguments = [floor.program.as_ptr(), std::ptr::null()];
    let environment = [std::ptr::null()];
    // SAFETY: texts that end with a NUL, and lists that end with a null.
    let result = unsafe {
        libc::execve(
            floor.program.as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    };
    Errno::result(result).map(drop)
}

fn write(path: &CStr, text: &CStr) -> nix::Result<()> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    nix::unistd::write(&file, text.to_bytes()).map(drop)
}

/// # Safety
///
/// As clone(2) with a stack and a function.
#[cfg(target_arch = "x86_64")]
unsafe fn clone3(
    request: &Request,
    main: extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> i32 {
    let mut result = libc::SYS_clone3;
    // SAFETY: the child has all registers but the stack's and rax; it calls
    // `main` and does not come back.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r13",
            "call r12",
            "2:",
            inlateout("rax") result,
            in("rdi") std::ptr::from_ref(request),
            in("rsi") size_of::<Request>(),
            in("r12") main,
            in("r13") argument,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    i32::try_from(result).unwrap_or(-1)
}

/// # Safety
///
/// As clone(2) with a stack and a function.
#[cfg(target_arch = "aarch64")]
unsafe fn clone3(
    request: &Request,
    main: extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> i32 {
    let mut result = std::ptr::from_ref(request) as libc::c_long;
    // SAFETY: as on the other machine.
    unsafe {
        asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x29, #0",
            "mov x0, x22",
            "blr x21",
            "2:",
            inlateout("x0") result,
            in("x1") size_of::<Request>(),
            in("x8") libc::SYS_clone3,
            in("x21") main,
            in("x22") argument,
        );
    }
    i32::try_from(result).unwrap_or(-1)
}
