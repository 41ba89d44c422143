//! The program that a world's PID 1 and its guard execute.
//!
//! It is `init/main.rs`, compiled by `build.rs` and carried as bytes. It is
//! executed from a sealed memory file, so that a guest that reads
//! `/proc/1/exe` finds it and not the caller's program, and nobody can
//! overwrite it: CVE-2019-5736 did that to runc.
#![allow(unsafe_code, reason = "execveat and descriptors by number")]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};

/// Empty on machines that no world can be made on.
static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/init"));

/// The memory file, made at the first call.
pub(crate) fn descriptor() -> nix::Result<RawFd> {
    static FILE: OnceLock<nix::Result<OwnedFd>> = OnceLock::new();
    match FILE.get_or_init(make) {
        Ok(file) => Ok(file.as_raw_fd()),
        Err(errno) => Err(*errno),
    }
}

fn make() -> nix::Result<OwnedFd> {
    if IMAGE.is_empty() {
        return Err(Errno::ENOSYS);
    }
    let file = create()?;
    let mut rest = IMAGE;
    while !rest.is_empty() {
        let count = nix::unistd::write(&file, rest)?;
        rest = &rest[count..];
    }
    let seals = SealFlag::F_SEAL_SEAL
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_WRITE;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file)
}

/// memfd_create(2). Kernels before 6.3 do not know `MFD_EXEC`, later ones may
/// be told to want it (`vm.memfd_noexec`).
fn create() -> nix::Result<OwnedFd> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    memfd_create(c"init", flags | MFdFlags::from_bits_retain(libc::MFD_EXEC))
        .or_else(|_| memfd_create(c"init", flags))
}

/// The first descriptor that the program gets.
const FIRST: RawFd = 3;
/// Above all descriptors that the program gets.
const ASIDE: RawFd = 32;

/// Executes it under a name, with `given` as descriptors 3 and up, no other
/// descriptor and no environment. `about` are up to three further arguments.
/// `alive` closes when that has happened, and not before: whoever waits for it
/// takes back the memory this runs on. Does not allocate.
///
/// # Errors
///
/// Returns only when something has failed.
pub(crate) fn execute(
    image: RawFd,
    name: &CStr,
    about: &[&CStr],
    given: &[RawFd],
    alive: RawFd,
) -> nix::Result<()> {
    let mut aside = [-1; 16];
    // SAFETY: these calls take numbers. Every descriptor belongs to this
    // process alone, which ends here, one way or the other.
    unsafe {
        let image = move_aside(image)?;
        // Its number may be one of those that are about to be taken.
        move_aside(alive)?;
        for (aside, given) in aside.iter_mut().zip(given) {
            *aside = move_aside(*given)?;
        }
        let mut next = FIRST;
        for aside in aside.iter().take(given.len()) {
            Errno::result(libc::dup2(*aside, next))?;
            next += 1;
        }
        close_range(0, FIRST - 1, 0)?;
        close_range(next, i32::MAX, libc::CLOSE_RANGE_CLOEXEC)?;
        let mut arguments = [std::ptr::null(); 5];
        let all = std::iter::once(&name).chain(about).map(|one| one.as_ptr());
        for (argument, text) in arguments.iter_mut().take(4).zip(all) {
            *argument = text;
        }
        let environment = [std::ptr::null::<libc::c_char>()];
        Errno::result(libc::syscall(
            libc::SYS_execveat,
            image,
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH,
        ))
        .map(drop)
    }
}

unsafe fn move_aside(descriptor: RawFd) -> nix::Result<RawFd> {
    // SAFETY: takes numbers.
    Errno::result(unsafe {
        libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, ASIDE)
    })
}

unsafe fn close_range(
    first: RawFd,
    last: RawFd,
    flags: libc::c_uint,
) -> nix::Result<()> {
    // SAFETY: takes numbers; whose descriptors they are, the caller knows.
    Errno::result(unsafe {
        libc::syscall(libc::SYS_close_range, first, last, flags)
    })
    .map(drop)
}
