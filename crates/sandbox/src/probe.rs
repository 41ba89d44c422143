//! What this machine allows, kind by kind: behind `doctor`.
#![allow(unsafe_code, reason = "a child that shares the caller's memory")]

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::errno::Errno;

use crate::child::{self, Stack};
use crate::error::{self, Refusal};
use crate::ids::Ids;
use crate::namespace::Kind;
use crate::raw;
use crate::session::Session;
use crate::world::{User, World};

/// One thing tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried: a kind of namespace by name (`user`, `pid`, …),
    /// `a second id`, or `a world`.
    pub subject: String,
    /// Nothing can be run without it.
    pub essential: bool,
    /// What there is, in words, or the kernel's answer.
    pub result: Result<String, Refusal>,
}

/// Tries each of the eight kinds, a second id, and a whole world with a
/// shell.
pub fn probe() -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        Kind::ALL.into_iter().map(probe_kind).collect();
    findings.push(probe_second_id());
    findings.push(probe_world());
    findings
}

/// One kind, in a user namespace of its own, by a process that then ends.
fn probe_kind(kind: Kind) -> Finding {
    let result = match try_kind(kind) {
        Ok(()) => Ok(format!("{} (since Linux {})", kind.isolates, kind.since)),
        Err(errno) => {
            let step = format!("make a {} namespace", kind.name);
            Err(error::refusal(&step, errno))
        }
    };
    Finding { subject: kind.name.into(), essential: kind.essential, result }
}

/// Tries whether a namespace of this kind can be made together with a user
/// namespace, by a process that does nothing else.
pub(crate) fn try_kind(kind: Kind) -> nix::Result<()> {
    let _turn = child::turn();
    let stack = Stack::new();
    let attempt = Attempt { kind, result: AtomicI32::new(0) };
    let flags = Kind::USER.flag | libc::CLONE_VFORK;
    // SAFETY: `attempt_one` takes an `Attempt`, and this thread sleeps until
    // it has ended (CLONE_VFORK).
    let child = unsafe { child::start(attempt_one, &stack, flags, &attempt) }?;
    child::wait_for(child.pid);
    match attempt.result.load(Ordering::SeqCst) {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}

/// What [`try_kind`]'s child shall try, and where it says what came of it.
struct Attempt {
    kind: Kind,
    result: AtomicI32,
}

extern "C" fn attempt_one(attempt: *mut c_void) -> libc::c_int {
    // SAFETY: `try_kind` passes an `Attempt` and sleeps.
    let attempt = unsafe { &*attempt.cast::<Attempt>() };
    if attempt.kind != Kind::USER
        && let Err(errno) = raw::unshare(attempt.kind.flag)
    {
        attempt.result.store(errno as i32, Ordering::SeqCst);
    }
    0
}

fn probe_second_id() -> Finding {
    let result = match Ids::of_caller() {
        Ok(ids) if ids.count() > 1 => Ok(format!("{} ids", ids.count())),
        Ok(_) => Err(error::no_second_id()),
        Err(refusal) => Err(refusal),
    };
    Finding { subject: "a second id".into(), essential: false, result }
}

fn probe_world() -> Finding {
    let result = Session::start(&World::default(), &[User::Root])
        .map(|_| "made, and ended".to_owned());
    Finding { subject: "a world".into(), essential: true, result }
}
