//! The system calls that `init` makes, without any library.
//!
//! The calling conventions and the exit from the kernel's stack layout into
//! Rust are the only lines that know the architecture: syscall(2). The
//! numbers are those of `asm/unistd.h`.

use core::arch::{asm, global_asm};
use core::ffi::CStr;
use core::mem::MaybeUninit;

/// A call has failed. `init` never acts on the reason.
pub struct Errno;

/// signal(7); the same number on x86_64 and aarch64.
pub const SIGCHLD: u32 = 17;

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call start",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".globl _start",
    "_start:",
    "mov x29, #0",
    "mov x0, sp",
    "bl start",
);

#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
mod number {
    pub(super) const READ: usize = 0;
    pub(super) const WRITE: usize = 1;
    pub(super) const CLOSE: usize = 3;
    pub(super) const RT_SIGACTION: usize = 13;
    pub(super) const RT_SIGPROCMASK: usize = 14;
    pub(super) const IOCTL: usize = 16;
    pub(super) const PREAD64: usize = 17;
    pub(super) const CLONE: usize = 56;
    pub(super) const EXECVE: usize = 59;
    pub(super) const WAIT4: usize = 61;
    pub(super) const CHDIR: usize = 80;
    pub(super) const SETSID: usize = 112;
    pub(super) const SETGROUPS: usize = 116;
    pub(super) const SETRESUID: usize = 117;
    pub(super) const SETRESGID: usize = 119;
    pub(super) const RT_SIGTIMEDWAIT: usize = 128;
    pub(super) const PRCTL: usize = 157;
    pub(super) const REBOOT: usize = 169;
    pub(super) const GETDENTS64: usize = 217;
    pub(super) const EXIT_GROUP: usize = 231;
    pub(super) const OPENAT: usize = 257;
    pub(super) const UNLINKAT: usize = 263;
    pub(super) const PPOLL: usize = 271;
    pub(super) const DUP3: usize = 292;
    pub(super) const SETNS: usize = 308;
    pub(super) const SECCOMP: usize = 317;
    pub(super) const PIDFD_SEND_SIGNAL: usize = 424;
    pub(super) const CLOSE_RANGE: usize = 436;
}

#[cfg(target_arch = "aarch64")]
#[rustfmt::skip]
mod number {
    pub(super) const DUP3: usize = 24;
    pub(super) const IOCTL: usize = 29;
    pub(super) const UNLINKAT: usize = 35;
    pub(super) const CHDIR: usize = 49;
    pub(super) const OPENAT: usize = 56;
    pub(super) const CLOSE: usize = 57;
    pub(super) const GETDENTS64: usize = 61;
    pub(super) const READ: usize = 63;
    pub(super) const WRITE: usize = 64;
    pub(super) const PREAD64: usize = 67;
    pub(super) const PPOLL: usize = 73;
    pub(super) const EXIT_GROUP: usize = 94;
    pub(super) const RT_SIGACTION: usize = 134;
    pub(super) const RT_SIGPROCMASK: usize = 135;
    pub(super) const RT_SIGTIMEDWAIT: usize = 137;
    pub(super) const REBOOT: usize = 142;
    pub(super) const SETRESUID: usize = 147;
    pub(super) const SETRESGID: usize = 149;
    pub(super) const SETSID: usize = 157;
    pub(super) const SETGROUPS: usize = 159;
    pub(super) const PRCTL: usize = 167;
    pub(super) const CLONE: usize = 220;
    pub(super) const EXECVE: usize = 221;
    pub(super) const WAIT4: usize = 260;
    pub(super) const SETNS: usize = 268;
    pub(super) const SECCOMP: usize = 277;
    pub(super) const PIDFD_SEND_SIGNAL: usize = 424;
    pub(super) const CLOSE_RANGE: usize = 436;
}

/// One system call, with up to five arguments.
///
/// # Safety
///
/// What the manual page of the call asks of its arguments.
#[cfg(target_arch = "x86_64")]
unsafe fn call(number: usize, arguments: [usize; 5]) -> isize {
    let [a, b, c, d, e] = arguments;
    let result;
    // SAFETY: the kernel keeps all registers but rax, rcx and r11; what the
    // call does to memory is the caller's business.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    result
}

/// One system call, with up to five arguments.
///
/// # Safety
///
/// What the manual page of the call asks of its arguments.
#[cfg(target_arch = "aarch64")]
unsafe fn call(number: usize, arguments: [usize; 5]) -> isize {
    let [a, b, c, d, e] = arguments;
    let result;
    // SAFETY: the kernel keeps all registers but x0; what the call does to
    // memory is the caller's business.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e,
            options(nostack),
        );
    }
    result
}

fn checked(result: isize) -> Result<usize, Errno> {
    usize::try_from(result).map_err(|_| Errno)
}

/// exit_group(2).
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: takes a number and does not return.
        unsafe { call(number::EXIT_GROUP, [status as usize, 0, 0, 0, 0]) };
    }
}

/// read(2).
pub fn read(
    descriptor: i32,
    buffer: &mut [MaybeUninit<u8>],
) -> Result<usize, Errno> {
    let address = buffer.as_mut_ptr() as usize;
    // SAFETY: the kernel writes at most `len` bytes into the buffer.
    checked(unsafe {
        call(number::READ, [descriptor as usize, address, buffer.len(), 0, 0])
    })
}

/// pread(2), from the start.
pub fn read_again(descriptor: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    let address = buffer.as_mut_ptr() as usize;
    // SAFETY: the kernel writes at most `len` bytes into the buffer.
    checked(unsafe {
        call(
            number::PREAD64,
            [descriptor as usize, address, buffer.len(), 0, 0],
        )
    })
}

/// Ends this PID namespace, of which the caller is PID 1, so that its parent
/// sees a death by SIGINT, which nothing else causes: reboot(2), "Behavior
/// inside PID namespaces".
pub fn halt() -> ! {
    const MAGIC: [usize; 2] = [0xfee1_dead, 0x2812_1969];
    const HALT: usize = 0xcdef_0123;
    // SAFETY: takes numbers. In the first PID namespace it would halt the
    // machine; there this program has no CAP_SYS_BOOT, being nobody's root.
    unsafe { call(number::REBOOT, [MAGIC[0], MAGIC[1], HALT, 0, 0]) };
    exit(125)
}

/// Opens a folder in an open folder: openat(2). A link is not followed.
pub fn open_folder(parent: i32, name: &CStr) -> Result<i32, Errno> {
    const O_DIRECTORY_NOFOLLOW_CLOEXEC: usize = DIRECTORY | 0o2_000_000;
    #[cfg(target_arch = "x86_64")]
    const DIRECTORY: usize = 0o600_000;
    #[cfg(target_arch = "aarch64")]
    const DIRECTORY: usize = 0o140_000;
    let address = name.as_ptr() as usize;
    let flags = O_DIRECTORY_NOFOLLOW_CLOEXEC;
    // SAFETY: the name ends with a NUL.
    checked(unsafe {
        call(number::OPENAT, [parent as usize, address, flags, 0, 0])
    })
    .map(|descriptor| descriptor as i32)
}

/// Writes into a file that is there: openat(2), write(2). What is refused is
/// left as it was.
pub fn tell(path: &CStr, text: &[u8]) {
    const AT_FDCWD: usize = -100_isize as usize;
    const O_WRONLY: usize = 1;
    let address = path.as_ptr() as usize;
    // SAFETY: the path ends with a NUL.
    let opened = checked(unsafe {
        call(number::OPENAT, [AT_FDCWD, address, O_WRONLY, 0, 0])
    });
    if let Ok(file) = opened {
        write(file as i32, text);
        close(file as i32);
    }
}

/// The next entries of an open folder, as bytes: getdents(2). 0 at the end.
pub fn entries(folder: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    let address = buffer.as_mut_ptr() as usize;
    // SAFETY: the kernel writes at most `len` bytes into the buffer.
    checked(unsafe {
        let arguments = [folder as usize, address, buffer.len(), 0, 0];
        call(number::GETDENTS64, arguments)
    })
}

/// Takes away a folder in an open folder: unlinkat(2).
pub fn remove_folder(parent: i32, name: &CStr) -> Result<usize, Errno> {
    const AT_REMOVEDIR: usize = 0x200;
    let address = name.as_ptr() as usize;
    // SAFETY: the name ends with a NUL.
    checked(unsafe {
        call(number::UNLINKAT, [parent as usize, address, AT_REMOVEDIR, 0, 0])
    })
}

/// close(2).
pub fn close(descriptor: i32) {
    // SAFETY: takes a number; nothing of this program uses it any more.
    unsafe { call(number::CLOSE, [descriptor as usize, 0, 0, 0, 0]) };
}

/// Kills the process behind a pidfd: pidfd_send_signal(2).
pub fn kill(process: i32) {
    const SIGKILL: usize = 9;
    let process = process as usize;
    // SAFETY: takes numbers, and no information to read.
    unsafe { call(number::PIDFD_SEND_SIGNAL, [process, SIGKILL, 0, 0, 0]) };
}

/// Does nothing for so many milliseconds: ppoll(2), of no descriptor.
pub fn sleep(milliseconds: u64) {
    let time = timespec(milliseconds);
    // SAFETY: the kernel reads a time.
    unsafe { call(number::PPOLL, [0, 0, time.as_ptr() as usize, 0, 0]) };
}

/// Seconds and nanoseconds, as the kernel reads them: timespec(3).
fn timespec(milliseconds: u64) -> [u64; 2] {
    [milliseconds / 1000, milliseconds % 1000 * 1_000_000]
}

/// write(2); what could not be written is lost.
pub fn write(descriptor: i32, text: &[u8]) {
    let address = text.as_ptr() as usize;
    // SAFETY: the kernel reads `len` bytes of the text.
    unsafe {
        call(number::WRITE, [descriptor as usize, address, text.len(), 0, 0])
    };
}

/// Starts a child that runs `main` in our memory, and sleeps until that has
/// executed something or ended: clone(2), with the flags that vfork(2) has. Its
/// PID; a failure gives a negative number, which is nobody's.
///
/// Nothing is copied for a child that needs nothing of ours but a few strings.
pub fn start<T>(main: extern "C" fn(&T) -> !, argument: &T) -> i32 {
    const CLONE_VM: usize = 0x100;
    const CLONE_VFORK: usize = 0x4000;
    /// Aligned as the ABI wants a stack.
    #[repr(align(16))]
    struct Stack([MaybeUninit<u8>; 16 * 1024]);

    let mut stack = Stack([const { MaybeUninit::uninit() }; 16 * 1024]);
    let top = stack.0.as_mut_ptr_range().end;
    let flags = CLONE_VM | CLONE_VFORK | SIGCHLD as usize;
    // SAFETY: the stack is the child's alone. It lives, like the argument, in
    // the frame of this function, which sleeps as long as the child uses them.
    unsafe { clone(flags, top, main, argument) }
}

/// # Safety
///
/// As clone(2) with a stack: whatever the child uses must live on.
#[cfg(target_arch = "x86_64")]
unsafe fn clone<T>(
    flags: usize,
    stack: *mut MaybeUninit<u8>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> i32 {
    let mut result = number::CLONE;
    // SAFETY: the child has all registers but rax and the stack's; it calls
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
            in("rdi") flags, in("rsi") stack, in("rdx") 0, in("r10") 0,
            in("r8") 0, in("r12") main,
            in("r13") core::ptr::from_ref(argument),
            lateout("rcx") _, lateout("r11") _,
        );
    }
    result as i32
}

/// # Safety
///
/// As clone(2) with a stack: whatever the child uses must live on.
#[cfg(target_arch = "aarch64")]
unsafe fn clone<T>(
    flags: usize,
    stack: *mut MaybeUninit<u8>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> i32 {
    let mut result = flags;
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
            in("x1") stack, in("x2") 0, in("x3") 0, in("x4") 0,
            in("x8") number::CLONE, in("x21") main,
            in("x22") core::ptr::from_ref(argument),
        );
    }
    result as i32
}

/// execve(2); returns only when it fails.
pub fn execute(
    path: &[u8],
    arguments: &[*const u8],
    environment: &[*const u8],
) {
    // SAFETY: the path ends with a NUL, and so does what each pointer but
    // the last, null, points to.
    unsafe {
        call(
            number::EXECVE,
            [
                path.as_ptr() as usize,
                arguments.as_ptr() as usize,
                environment.as_ptr() as usize,
                0,
                0,
            ],
        )
    };
}

/// wait4(2) for any child that has ended: its PID and wait status, or 0 while
/// all live on.
fn wait(options: usize) -> Result<(i32, i32), Errno> {
    let mut status = 0_i32;
    let address = &raw mut status as usize;
    // SAFETY: the kernel writes one status.
    let child = checked(unsafe {
        call(number::WAIT4, [usize::MAX, address, options, 0, 0])
    })?;
    Ok((child as i32, status))
}

/// A child that has ended; PID 0 while all live on.
pub fn poll_children() -> Result<(i32, i32), Errno> {
    const WNOHANG: usize = 1;
    wait(WNOHANG)
}

/// Waits until a child ends.
pub fn wait_for_child() -> Result<(i32, i32), Errno> {
    wait(0)
}

/// Sets the signals that are blocked, as bits: rt_sigprocmask(2).
fn set_blocked(signals: u64) {
    const SIG_SETMASK: usize = 2;
    let address = &raw const signals as usize;
    // SAFETY: the kernel reads one set of eight bytes.
    unsafe {
        call(number::RT_SIGPROCMASK, [SIG_SETMASK, address, 0, 8, 0]);
    }
}

/// Blocks one signal, and no other.
pub fn block_only(signal: u32) {
    set_blocked(1 << (signal - 1));
}

/// Blocks no signal.
pub fn block_none() {
    set_blocked(0);
}

/// Blocks no signal and ignores none: the caller of the crate may have left
/// SIGPIPE ignored, which outlives execve(2).
pub fn default_signals() {
    let default = [0_usize; 4];
    for signal in 1..=64_usize {
        let address = default.as_ptr() as usize;
        // SAFETY: the kernel reads one action, all of it zero: the default.
        unsafe { call(number::RT_SIGACTION, [signal, address, 0, 8, 0]) };
    }
    block_none();
}

/// Waits for a blocked signal: sigtimedwait(2), without a time.
pub fn wait_for_signal(signal: u32) {
    let signals = 1_u64 << (signal - 1);
    let address = &raw const signals as usize;
    // SAFETY: the kernel reads one set of eight bytes.
    unsafe { call(number::RT_SIGTIMEDWAIT, [address, 0, 0, 8, 0]) };
}

/// Waits until one of two descriptors hangs up or can be read, but no longer
/// than so many milliseconds: ppoll(2). The index of the one that can.
pub fn wait_for_either(
    first: i32,
    second: i32,
    patience: u64,
) -> Option<usize> {
    const POLLIN: u32 = 1;
    #[repr(C)]
    struct Poll {
        descriptor: i32,
        // Two 16-bit fields in one: what is asked for, and the answer above
        // it (both machines are little-endian).
        events: u32,
    }
    let mut polls =
        [first, second].map(|descriptor| Poll { descriptor, events: POLLIN });
    let address = polls.as_mut_ptr() as usize;
    let time = timespec(patience);
    let time = time.as_ptr() as usize;
    // SAFETY: the kernel reads and writes two entries, and reads a time.
    unsafe { call(number::PPOLL, [address, 2, time, 0, 0]) };
    // The second one first: when both are ready, it tells more.
    [1, 0].into_iter().find(|&index| polls[index].events >> 16 != 0)
}

/// setsid(2).
pub fn set_session() {
    // SAFETY: takes nothing.
    unsafe { call(number::SETSID, [0; 5]) };
}

/// Makes a terminal the controlling one of this session: ioctl_tty(2).
pub fn take_terminal(descriptor: i32) {
    const TIOCSCTTY: usize = 0x540e;
    // SAFETY: takes a descriptor and a number.
    unsafe {
        call(number::IOCTL, [descriptor as usize, TIOCSCTTY, 0, 0, 0]);
    }
}

/// dup3(2).
pub fn duplicate(from: i32, to: i32) {
    // SAFETY: takes two descriptors; nobody else uses the second.
    unsafe { call(number::DUP3, [from as usize, to as usize, 0, 0, 0]) };
}

/// Closes every descriptor from `first` on: close_range(2).
pub fn close_from(first: usize) {
    // SAFETY: nothing of this program uses a descriptor behind its back.
    unsafe {
        call(number::CLOSE_RANGE, [first, u32::MAX as usize, 0, 0, 0]);
    }
}

/// Enters every namespace of the process behind a pidfd: setns(2). A kernel
/// without time namespaces has one kind less.
pub fn enter(process: i32) -> Result<usize, Errno> {
    // CLONE_NEWUSER, NEWPID, NEWNS, NEWUTS, NEWIPC, NEWNET, NEWCGROUP.
    const ALL_BUT_TIME: usize = 0x7e02_0000;
    const CLONE_NEWTIME: usize = 0x80;
    // SAFETY: takes two numbers.
    let set = |kinds| unsafe {
        call(number::SETNS, [process as usize, kinds, 0, 0, 0])
    };
    checked(set(ALL_BUT_TIME | CLONE_NEWTIME))
        .or_else(|Errno| checked(set(ALL_BUT_TIME)))
}

/// Has a program decide on every system call from here on: seccomp(2).
pub fn filter_calls(program: &[u8]) -> Result<usize, Errno> {
    const SECCOMP_SET_MODE_FILTER: usize = 1;
    const SECCOMP_FILTER_FLAG_SPEC_ALLOW: usize = 4;
    #[repr(C)]
    struct Program {
        count: u16,
        address: *const u8,
    }
    let count = (program.len() / crate::boot::INSTRUCTION) as u16;
    let program = Program { count, address: program.as_ptr() };
    let (set, flags) =
        (SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
    let address = &raw const program as usize;
    // SAFETY: the kernel reads one structure, and the instructions in it.
    checked(unsafe { call(number::SECCOMP, [set, flags, address, 0, 0]) })
}

/// Takes `id` as its user and only group, and with it loses every
/// capability: capabilities(7).
pub fn become_user(id: u32) {
    let id = id as usize;
    // SAFETY: take numbers; an empty list of groups needs no address.
    unsafe {
        call(number::SETGROUPS, [0; 5]);
        call(number::SETRESGID, [id, id, id, 0, 0]);
        call(number::SETRESUID, [id, id, id, 0, 0]);
    }
}

/// chdir(2).
pub fn change_directory(path: &[u8]) {
    // SAFETY: the path ends with a NUL.
    unsafe { call(number::CHDIR, [path.as_ptr() as usize, 0, 0, 0, 0]) };
}

/// Names this process: prctl(2), PR_SET_NAME.
pub fn set_name(name: &[u8]) {
    const PR_SET_NAME: usize = 15;
    // SAFETY: the name ends with a NUL.
    unsafe {
        call(number::PRCTL, [PR_SET_NAME, name.as_ptr() as usize, 0, 0, 0])
    };
}
