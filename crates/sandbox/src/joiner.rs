//! Entering a world that is there.
#![allow(unsafe_code, reason = "a child that shares the caller's memory")]

use std::ffi::c_void;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use nix::unistd::Pid;

use crate::child::{self, Stack};
use crate::image;
use crate::step::Planned;

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
    let _turn = child::turn();
    let request = JoinRequest { joiner, image: image::descriptor()? };
    let stack = Stack::new();
    let flags = libc::CLONE_VFORK;
    // SAFETY: `joiner_to_be` takes a `JoinRequest`, and this thread sleeps
    // until it has executed or ended (CLONE_VFORK).
    let child = unsafe { child::start(joiner_to_be, &stack, flags, &request) };
    child.map(|child| child.pid)
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
        if planned.perform().is_err() {
            return 125;
        }
    }
    let boot = joiner.boot.as_raw_fd();
    let given = [boot, joiner.terminal.as_raw_fd(), joiner.world.as_raw_fd()];
    let _ = image::execute(*image, c"join", &[], &given, boot);
    125
}
