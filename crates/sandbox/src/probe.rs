//! What this machine allows, kind by kind: behind `doctor`.
#![allow(unsafe_code, reason = "a child that shares the caller's memory")]

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use nix::errno::Errno;

use crate::bare;
use crate::child::{self, Stack};
use crate::error::{self, Act, Refusal};
use crate::ids::Ids;
use crate::namespace::Kind;
use crate::session::{Command, End, Session, Step};
use crate::world::{User, World};

/// One thing tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried, in words that follow "cannot": `make a net namespace`.
    pub step: String,
    /// Nothing can be run without it.
    pub essential: bool,
    /// What there is, in words, or the kernel's answer.
    pub result: Result<String, Refusal>,
}

impl Finding {
    fn new(essential: bool, step: &str, result: Result<&str, Refusal>) -> Self {
        let result = result.map(Into::into);
        Self { step: step.into(), essential, result }
    }
}

/// Tries each of the eight kinds, a second id, and a whole world in which a
/// command is run. What the world had to do without is told, too.
pub fn probe() -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        Kind::ALL.into_iter().map(probe_kind).collect();
    findings.push(probe_second_id());
    probe_world(&mut findings);
    findings
}

/// One kind, in a user namespace of its own, by a process that then ends.
fn probe_kind(kind: Kind) -> Finding {
    let step = format!("make a {} namespace", kind.name);
    let act = match kind {
        Kind::USER => Act::Begin,
        kind => Act::Make(kind),
    };
    let result = try_kind(kind)
        .map(|()| kind.isolates)
        .map_err(|errno| error::refusal(act, &step, errno));
    Finding::new(kind.essential, &step, result)
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
        && let Err(errno) = bare::unshare(attempt.kind.flag)
    {
        attempt.result.store(errno as i32, Ordering::SeqCst);
    }
    0
}

fn probe_second_id() -> Finding {
    let result = Ids::of_caller().and_then(|ids| match ids.count() {
        1 => Err(error::no_second_id()),
        count => Ok(format!("{count} ids")),
    });
    let step = "give the user `reader` a second id".into();
    Finding { step, essential: false, result }
}

fn probe_world(findings: &mut Vec<Finding>) {
    let session = Session::start(&World::default(), &[User::Root]);
    let mut session = match session {
        Ok(session) => session,
        Err(refusal) => {
            return findings.push(Finding::new(
                true,
                "make a world",
                Err(refusal),
            ));
        }
    };
    findings.push(Finding::new(true, "make a world", Ok("made")));
    let known: Vec<String> =
        findings.iter().map(|one| one.step.clone()).collect();
    for refusal in session.missing() {
        // What has been tried by itself is told already.
        if !known.contains(&refusal.step) {
            let step = refusal.step.clone();
            findings.push(Finding::new(false, &step, Err(refusal)));
        }
    }
    findings.push(probe_command(&mut session));
}

/// A world in which nobody can type is none.
fn probe_command(session: &mut Session) -> Finding {
    let step = "run a command in it";
    let command = Command {
        prompt: "#".into(),
        lines: vec!["true".into()],
        input: Vec::new(),
        until: None,
        timeout: Duration::from_mins(1),
    };
    let result = match session.run(0, &command) {
        Ok(Step { end: End::Prompt { status: 0 }, .. }) => Ok("ran"),
        other => Err(error::no_command(&other)),
    };
    Finding::new(true, step, result)
}
