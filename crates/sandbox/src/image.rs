//! The program that a world's PID 1 and its guard execute.
//!
//! It is `init/main.rs`, compiled by `build.rs` and carried as bytes. It is
//! executed from a sealed memory file, so that a guest that reads
//! `/proc/1/exe` finds it and not the caller's program, and nobody can
//! overwrite it: CVE-2019-5736 did that to runc.
#![allow(unsafe_code, reason = "arguments of a program as pointers")]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};

use crate::bare;

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
/// takes back the memory this runs on. Does not allocate, and does without the
/// C library.
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
    let image = bare::duplicate_above(image, ASIDE)?;
    // Its number may be one of those that are about to be taken.
    bare::duplicate_above(alive, ASIDE)?;
    for (aside, given) in aside.iter_mut().zip(given) {
        *aside = bare::duplicate_above(*given, ASIDE)?;
    }
    let mut next = FIRST;
    for aside in aside.iter().take(given.len()) {
        bare::duplicate_to(*aside, next)?;
        next += 1;
    }
    bare::close_range(0, FIRST - 1, 0)?;
    bare::close_range(next, i32::MAX, libc::CLOSE_RANGE_CLOEXEC)?;
    let mut arguments = [std::ptr::null(); 5];
    let all = std::iter::once(&name).chain(about).map(|one| one.as_ptr());
    for (argument, text) in arguments.iter_mut().take(4).zip(all) {
        *argument = text;
    }
    let environment = [std::ptr::null()];
    // SAFETY: the texts end with a NUL, and the lists with a null pointer.
    unsafe { bare::execute_at(image, &arguments, &environment) }
}
