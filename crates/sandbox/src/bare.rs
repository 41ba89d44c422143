//! System calls without the C library, whose wrappers leave their error in a
//! place that belongs to the thread: a child that shares its memory with one
//! that runs at the same time shares that place, too. syscall(2)
#![allow(unsafe_code, reason = "the instruction that makes a system call")]

use std::arch::asm;
use std::ffi::CStr;

use libc::{c_char, c_long};
use nix::errno::Errno;

/// What the kernel says to a call, with up to five arguments.
///
/// # Safety
///
/// What the manual page of the call asks of its arguments.
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn call(
    number: c_long,
    arguments: [usize; 5],
) -> nix::Result<usize> {
    let [first, second, third, fourth, fifth] = arguments;
    let mut result = number;
    // SAFETY: the kernel keeps all registers but rax, rcx and r11; what the
    // call does to memory is the caller's business.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") result,
            in("rdi") first, in("rsi") second, in("rdx") third,
            in("r10") fourth, in("r8") fifth,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    checked(result)
}

/// What the kernel says to a call, with up to five arguments.
///
/// # Safety
///
/// What the manual page of the call asks of its arguments.
#[cfg(target_arch = "aarch64")]
pub(crate) unsafe fn call(
    number: c_long,
    arguments: [usize; 5],
) -> nix::Result<usize> {
    let [first, second, third, fourth, fifth] = arguments;
    let mut result = first as c_long;
    // SAFETY: the kernel keeps all registers but x0; what the call does to
    // memory is the caller's business.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") result,
            in("x1") second, in("x2") third, in("x3") fourth, in("x4") fifth,
            options(nostack),
        );
    }
    checked(result)
}

/// On other machines no world is made.
///
/// # Safety
///
/// None: it does nothing.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) unsafe fn call(_: c_long, _: [usize; 5]) -> nix::Result<usize> {
    Err(Errno::ENOSYS)
}

fn checked(result: c_long) -> nix::Result<usize> {
    usize::try_from(result).map_err(|_| {
        let errno = i32::try_from(-result).unwrap_or(i32::MAX);
        Errno::from_raw(errno)
    })
}

/// A number that may be -1, or a descriptor.
fn word(number: i32) -> usize {
    number.cast_unsigned() as usize
}

/// fcntl(2), `F_DUPFD_CLOEXEC`: a copy with the lowest free number that is at
/// least `least`.
pub(crate) fn duplicate_above(descriptor: i32, least: i32) -> nix::Result<i32> {
    let arguments =
        [word(descriptor), word(libc::F_DUPFD_CLOEXEC), word(least), 0, 0];
    // SAFETY: takes numbers.
    let copy = unsafe { call(libc::SYS_fcntl, arguments) }?;
    i32::try_from(copy).map_err(|_| Errno::EBADF)
}

/// dup3(2), to a number that may be open: that is closed first. The copy
/// outlives execve(2).
pub(crate) fn duplicate_to(descriptor: i32, number: i32) -> nix::Result<()> {
    let arguments = [word(descriptor), word(number), 0, 0, 0];
    // SAFETY: takes numbers; whose descriptors they are, the caller knows.
    unsafe { call(libc::SYS_dup3, arguments) }.map(drop)
}

/// close_range(2).
pub(crate) fn close_range(
    first: i32,
    last: i32,
    flags: libc::c_uint,
) -> nix::Result<()> {
    let arguments = [word(first), word(last), flags as usize, 0, 0];
    // SAFETY: takes numbers; whose descriptors they are, the caller knows.
    unsafe { call(libc::SYS_close_range, arguments) }.map(drop)
}

/// execveat(2), of a file by its descriptor.
///
/// # Safety
///
/// Both are lists of strings that end with a NUL, closed by a null pointer.
pub(crate) unsafe fn execute_at(
    file: i32,
    arguments: &[*const c_char],
    environment: &[*const c_char],
) -> nix::Result<()> {
    let arguments = [
        word(file),
        c"".as_ptr() as usize,
        arguments.as_ptr() as usize,
        environment.as_ptr() as usize,
        word(libc::AT_EMPTY_PATH),
    ];
    // SAFETY: the caller's promise; the path is empty.
    unsafe { call(libc::SYS_execveat, arguments) }.map(drop)
}

/// close(2), in a process that has descriptors of its own, as copies.
pub(crate) fn close(descriptor: i32) {
    // SAFETY: takes a number; the caller knows that nobody else in this
    // process uses it.
    let _ = unsafe { call(libc::SYS_close, [word(descriptor), 0, 0, 0, 0]) };
}

/// chdir(2).
pub(crate) fn change_directory(path: &CStr) -> nix::Result<()> {
    let path = path.as_ptr() as usize;
    // SAFETY: the kernel reads a path that ends with a NUL.
    unsafe { call(libc::SYS_chdir, [path, 0, 0, 0, 0]) }.map(drop)
}

/// unshare(2), with any flag.
pub(crate) fn unshare(flag: libc::c_int) -> nix::Result<()> {
    // SAFETY: takes a number. Every descriptor and path is looked up anew
    // after it.
    unsafe { call(libc::SYS_unshare, [word(flag), 0, 0, 0, 0]) }.map(drop)
}

/// sethostname(2).
pub(crate) fn set_hostname(name: &CStr) -> nix::Result<()> {
    let (address, length) = (name.as_ptr() as usize, name.count_bytes());
    // SAFETY: the kernel reads `length` bytes of the name.
    unsafe { call(libc::SYS_sethostname, [address, length, 0, 0, 0]) }.map(drop)
}

/// setdomainname(2).
pub(crate) fn set_domain_name(name: &CStr) -> nix::Result<()> {
    let (address, length) = (name.as_ptr() as usize, name.count_bytes());
    // SAFETY: the kernel reads `length` bytes of the name.
    unsafe { call(libc::SYS_setdomainname, [address, length, 0, 0, 0]) }
        .map(drop)
}

/// Writes into a file that is there, at once.
pub(crate) fn write_file(path: &CStr, text: &[u8]) -> nix::Result<()> {
    let here = word(libc::AT_FDCWD);
    let flags = (libc::O_WRONLY | libc::O_CLOEXEC) as usize;
    let path = path.as_ptr() as usize;
    // SAFETY: the kernel reads a path that ends with a NUL, and `len` bytes
    // of the text; the descriptor is closed once.
    unsafe {
        let file = call(libc::SYS_openat, [here, path, flags, 0, 0])?;
        let address = text.as_ptr() as usize;
        let written = call(libc::SYS_write, [file, address, text.len(), 0, 0]);
        let _ = call(libc::SYS_close, [file, 0, 0, 0, 0]);
        written.map(drop)
    }
}

/// netdevice(7), `SIOCSIFFLAGS`: sets `IFF_UP` on `lo`.
pub(crate) fn loopback_up() -> nix::Result<()> {
    let family = libc::AF_INET as usize;
    #[allow(clippy::cast_possible_truncation, reason = "a small number")]
    let set = libc::SIOCSIFFLAGS as usize;
    let kind = (libc::SOCK_DGRAM | libc::SOCK_CLOEXEC) as usize;
    // SAFETY: `ifreq` is plain numbers, for which zero is a value; the kernel
    // reads one. The descriptor is closed once.
    unsafe {
        let socket = call(libc::SYS_socket, [family, kind, 0, 0, 0])?;
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = from.cast_signed() as c_char;
        }
        #[allow(clippy::cast_possible_truncation, reason = "a small flag")]
        let up = libc::IFF_UP as libc::c_short;
        request.ifr_ifru.ifru_flags = up;
        let address = &raw const request as usize;
        let result = call(libc::SYS_ioctl, [socket, set, address, 0, 0]);
        let _ = call(libc::SYS_close, [socket, 0, 0, 0, 0]);
        result.map(drop)
    }
}

/// sigaction(2): every signal that can be ignored does again what it does by
/// itself.
pub(crate) fn heed_signals() {
    // What the kernel calls `struct sigaction`, with `SIG_DFL` and no flags.
    let default = [0_usize; 4];
    let size = size_of::<u64>();
    for signal in 1..=64 {
        let arguments = [signal, default.as_ptr() as usize, 0, size, 0];
        // SAFETY: the kernel reads one action. Refused for SIGKILL and
        // SIGSTOP, which nobody can ignore.
        let _ = unsafe { call(libc::SYS_rt_sigaction, arguments) };
    }
}

/// send(2), of one message on a socket that keeps them apart, whose other end
/// is there: no signal is asked for and none wanted.
pub(crate) fn send(socket: i32, message: &[u8]) -> nix::Result<()> {
    let address = message.as_ptr() as usize;
    let flags = libc::MSG_NOSIGNAL as usize;
    let arguments = [word(socket), address, message.len(), flags, 0];
    // SAFETY: the kernel reads `len` bytes of the message. The sixth
    // argument, the length of an address, is not looked at without one.
    unsafe { call(libc::SYS_sendto, arguments) }.map(drop)
}

/// recv(2), of one message; 0 when the other side is gone.
pub(crate) fn receive(socket: i32, buffer: &mut [u8]) -> nix::Result<usize> {
    let address = buffer.as_mut_ptr() as usize;
    // SAFETY: the kernel writes at most `len` bytes into the buffer.
    unsafe { call(libc::SYS_read, [word(socket), address, buffer.len(), 0, 0]) }
}

/// seccomp(2): from here on the program decides on every system call of this
/// process and of all that it starts. It takes `CAP_SYS_ADMIN` in the user
/// namespace; privileges may still be gained by executing something.
pub(crate) fn filter_calls(program: &[libc::sock_filter]) -> nix::Result<()> {
    let len = u16::try_from(program.len()).map_err(|_| Errno::E2BIG)?;
    let filter = program.as_ptr().cast_mut();
    let program = libc::sock_fprog { len, filter };
    let set = libc::SECCOMP_SET_MODE_FILTER as usize;
    // Guests are not slowed down to protect them from each other.
    let flags = usize::try_from(libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW);
    let flags = flags.map_err(|_| Errno::EINVAL)?;
    let address = &raw const program as usize;
    // SAFETY: the kernel reads the program, which has `len` instructions.
    unsafe { call(libc::SYS_seccomp, [set, flags, address, 0, 0]) }.map(drop)
}
