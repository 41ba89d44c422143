//! Performs sessions, several at a time.
//!
//! Outcomes have the order of the sessions, whichever finishes first.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sandbox::session::{Failure, Step as Answer};
use sandbox::world::{User, World};

use crate::diagnostics::{Fault, faults as complain};
use crate::judge::{self, Here, Reason, Verdict};
use crate::parallel;
use crate::plan::{Action, Block, Kind, Session};
use crate::stage::{Scene, Stage};
use crate::transcript::{BlockTranscript, Step, Transcript};

/// What came of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All went as the author expects.
    Held(Transcript),
    /// The machine lacks something.
    CannotRun {
        /// What.
        reason: Reason,
        /// The author has said that it might, by `needs=`.
        is_foreseen: bool,
    },
    /// A step did not go as the author expects. Nothing behind it was run.
    Broken {
        /// Which of the session's blocks, by position.
        block: usize,
        /// What went wrong.
        fault: Box<Fault>,
    },
}

/// Where and with what sessions are performed.
pub struct Theatre<'a> {
    /// Who answers.
    pub stage: &'a dyn Stage,
    /// What every session finds.
    pub world: &'a World,
    /// The names of the demos in the world.
    pub demos: &'a BTreeSet<String>,
    /// How many sessions run at a time; as many as there are cores if unset.
    pub jobs: Option<NonZeroUsize>,
    /// Is told how many sessions are over.
    pub progress: &'a (dyn Fn(usize) + Sync),
}

impl Theatre<'_> {
    /// Performs every session.
    pub fn perform(&self, sessions: &[Session]) -> Vec<Outcome> {
        let over = AtomicUsize::new(0);
        parallel::map(sessions, self.jobs, |session| {
            let outcome = self.perform_one(session);
            (self.progress)(over.fetch_add(1, Ordering::Relaxed) + 1);
            outcome
        })
    }

    fn perform_one(&self, session: &Session) -> Outcome {
        let here = Here {
            demos: self.demos,
            kernel: self.stage.kernel(),
            has_program: &|name| self.stage.has_program(name),
            has_cgroups: self.stage.has_cgroups(),
        };
        let needs = session.blocks.iter().map(|block| &block.needs);
        for needs in needs {
            if let Some(reason) = judge::unmet(needs, &here) {
                return Outcome::CannotRun { reason, is_foreseen: true };
            }
        }
        let users: Vec<User> =
            session.terminals.iter().map(|t| t.user).collect();
        let mut scene = match self.stage.start(self.world, &users) {
            Ok(scene) => scene,
            Err(refusal) => {
                let reason = Reason::Refused(refusal);
                return Outcome::CannotRun { reason, is_foreseen: false };
            }
        };
        let started = Instant::now();
        let mut transcript = Transcript::default();
        let mut named = BTreeSet::new();
        for (index, block) in session.blocks.iter().enumerate() {
            match perform_block(scene.as_mut(), block, &here, &mut named) {
                Ok(block) => transcript.blocks.push(block),
                Err(Stop::CannotRun(reason)) => {
                    return Outcome::CannotRun { reason, is_foreseen: false };
                }
                Err(Stop::Broken(fault)) => {
                    let fault = complain::with_rest(*fault, session, index);
                    return Outcome::Broken {
                        block: index,
                        fault: Box::new(fault),
                    };
                }
            }
        }
        transcript.took = started.elapsed();
        Outcome::Held(transcript)
    }
}

/// Why a session is not continued.
enum Stop {
    CannotRun(Reason),
    Broken(Box<Fault>),
}

fn perform_block(
    scene: &mut dyn Scene,
    block: &Block,
    here: &Here,
    named: &mut BTreeSet<u64>,
) -> Result<BlockTranscript, Stop> {
    let mut steps = Vec::new();
    for (position, action) in block.actions.iter().enumerate() {
        let answer = perform_action(scene, block.terminal, action);
        match judge::judge(block, position, &answer, here) {
            Verdict::Holds => {}
            Verdict::CannotRun(reason) => return Err(Stop::CannotRun(reason)),
            Verdict::Broken(fault) => return Err(Stop::Broken(fault)),
        }
        steps.extend(answer.map(|step| {
            let mut step = Step::new(&action.kind, step);
            step.gone = gone(scene, &step.output, named);
            step
        }));
    }
    let census = block.census.then(|| scene.census());
    Ok(BlockTranscript { steps, census })
}

/// The namespaces that have been named until now and are no more. Those that
/// are stay in `named`.
fn gone(
    scene: &mut dyn Scene,
    output: &[u8],
    named: &mut BTreeSet<u64>,
) -> Vec<u64> {
    named.extend(namespace_numbers(output));
    if named.is_empty() {
        return Vec::new();
    }
    let alive = scene.namespaces();
    named.extract_if(.., |number| !alive.contains(number)).collect()
}

/// What may be numbers of namespaces, those of the machine's first
/// namespaces apart: the kernel counts them from 0xF0000000 on
/// (`PROC_DYNAMIC_FIRST` in fs/proc/generic.c).
fn namespace_numbers(output: &[u8]) -> impl Iterator<Item = u64> {
    output
        .split(|byte| !byte.is_ascii_digit())
        .filter(|digits| digits.len() == 10)
        .filter_map(|digits| str::from_utf8(digits).ok()?.parse().ok())
        .filter(|number| (0xf000_0000..=0xffff_ffff).contains(number))
}

fn perform_action(
    scene: &mut dyn Scene,
    terminal: usize,
    action: &Action,
) -> Result<Answer, Failure> {
    match &action.kind {
        Kind::Run(command) => scene.run(terminal, command),
        Kind::Resume { input, timeout } => {
            scene.resume(terminal, input, *timeout)
        }
    }
}
