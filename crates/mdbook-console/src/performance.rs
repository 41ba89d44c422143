//! What came of every session: now, earlier, or on another machine.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use sandbox::world::World;

use crate::archive::{Archive, Kept};
use crate::cache::Cache;
use crate::config::{Config, Mode};
use crate::demos::{self, Programs};
use crate::judge::Reason;
use crate::judge::citations::Evidence;
use crate::parse::needs::Release;
use crate::perform::{Outcome, Theatre};
use crate::plan::Session;
use crate::recording::{self, Header};
use crate::render::{Provenance, date};
use crate::same::Comparison;
use crate::stage::Stage;
use crate::transcript::Transcript;

/// What came of all sessions of a book.
#[derive(Clone, Debug)]
pub struct Performance {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// What came of each.
    pub played: Vec<Played>,
    /// The programs that they found in `PATH`.
    pub programs: Programs,
}

/// What came of a session.
#[derive(Clone, Debug)]
pub struct Played {
    /// What came of performing it; `None` if it was not to be performed.
    pub outcome: Option<Outcome>,
    /// Where and when it was performed.
    pub source: Provenance,
    /// What there was of it before.
    pub kept: Kept,
}

/// How a session stands to its recording.
#[derive(Clone, Debug)]
pub enum Drift {
    /// Up to renaming it says the same.
    Same,
    /// It says something else.
    Differs(Comparison),
    /// There is nothing to compare it with.
    Unrecorded,
    /// It was recorded when its commands were others.
    OtherCommands,
    /// The recording cannot be read.
    Unreadable,
}

/// A book's sessions, and what it takes to perform them.
pub struct Request<'a> {
    /// Who answers.
    pub stage: &'a dyn Stage,
    /// The folder of `book.toml`.
    pub root: &'a Path,
    /// What the author has set.
    pub config: &'a Config,
    /// Where recordings are.
    pub archive: &'a Archive,
    /// Whether an earlier run that nothing has changed since may stand in.
    pub reuse: bool,
    /// Is told how many sessions are over, and of how many.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl Request<'_> {
    /// Performs the sessions, as far as the mode asks for it.
    pub fn perform(&self, sessions: Vec<Session>) -> Result<Performance> {
        let kept: Vec<Kept> = sessions
            .iter()
            .map(|session| self.archive.kept(session))
            .collect::<Result<_>>()?;
        if sessions.is_empty() || self.config.mode == Mode::Recorded {
            let played = kept.into_iter().map(|kept| Played {
                outcome: None,
                source: Provenance::default(),
                kept,
            });
            let (played, programs) = (played.collect(), Programs::default());
            return Ok(Performance { sessions, played, programs });
        }
        let (programs, lacks) = self.programs()?;
        let outcomes = match lacks {
            Some(reason) => sessions
                .iter()
                .map(|_| (cannot_run(reason.clone()), self.now()))
                .collect(),
            None => self.outcomes(&sessions, &programs),
        };
        let played = outcomes.into_iter().zip(kept);
        let played = played.map(|((outcome, source), kept)| Played {
            outcome: Some(outcome),
            source,
            kept,
        });
        Ok(Performance { played: played.collect(), sessions, programs })
    }

    /// The demos, and what is missing to have them.
    fn programs(&self) -> Result<(Programs, Option<Reason>)> {
        let demos = self.config.demos.as_ref();
        let programs = demos::programs(self.root, demos);
        match programs {
            Err(error) if demos::is_without_cargo(&error) => {
                let reason = Reason::NoProgram("cargo".to_owned());
                Ok((Programs::default(), Some(reason)))
            }
            programs => Ok((programs?, None)),
        }
    }

    /// Takes what may be taken from earlier runs, and performs the rest.
    fn outcomes(
        &self,
        sessions: &[Session],
        programs: &Programs,
    ) -> Vec<(Outcome, Provenance)> {
        let folder = programs.folder.clone();
        let world = World { programs: folder, ..World::default() };
        let cache = Cache::new(self.stage, self.root, &world, programs);
        let mut known: Vec<Option<(Outcome, Provenance)>> = sessions
            .iter()
            .map(|session| {
                let found = cache.get(session).filter(|_| self.reuse)?;
                let source = Provenance::of(&found.header, false);
                Some((Outcome::Held(found.transcript), source))
            })
            .collect();
        let is_new = |at: usize| known[at].is_none();
        let new: Vec<usize> =
            (0..sessions.len()).filter(|at| is_new(*at)).collect();
        let to_perform: Vec<Session> =
            new.iter().map(|at| sessions[*at].clone()).collect();
        let theatre = Theatre {
            stage: self.stage,
            world: &world,
            demos: &programs.names,
            jobs: self.config.jobs,
            progress: &|over| (self.progress)(over, to_perform.len()),
        };
        let outcomes = theatre.perform(&to_perform);
        let now = self.now();
        for (at, outcome) in new.into_iter().zip(outcomes) {
            if let Outcome::Held(transcript) = &outcome {
                cache.put(&sessions[at], transcript, &now);
            }
            known[at] = Some((outcome, now.clone()));
        }
        known.into_iter().flatten().collect()
    }

    fn now(&self) -> Provenance {
        Provenance {
            kernel: self.stage.kernel(),
            date: date::day(self.stage.now()),
            is_recorded: false,
        }
    }
}

impl Performance {
    /// Whether a name is that of a program of the book's own: here, or where
    /// a recording was made.
    pub fn is_demo(&self, name: &str) -> bool {
        let recorded = |played: &Played| match &played.kept {
            Kept::Recording(recording) => {
                recording.header.demos.iter().any(|demo| demo == name)
            }
            _ => false,
        };
        self.programs.names.contains(name) || self.played.iter().any(recorded)
    }

    /// What every session has said, as far as that is known.
    pub fn evidence(&self) -> Evidence<'_> {
        let shown = self.played.iter().map(Played::shown);
        Evidence {
            sessions: &self.sessions,
            transcripts: shown.map(|shown| Some(shown?.0)).collect(),
            instead: BTreeMap::new(),
            read: RefCell::default(),
        }
    }
}

impl Provenance {
    /// Where a recording comes from.
    pub fn of(header: &Header, is_recorded: bool) -> Self {
        let release = header.kernel.strip_prefix("Linux ");
        Self {
            kernel: release.and_then(Release::leading),
            date: header.date.clone(),
            is_recorded,
        }
    }
}

impl Played {
    /// What a page shows of the session, and where it comes from.
    pub fn shown(&self) -> Option<(&Transcript, Provenance)> {
        match (&self.outcome, &self.kept) {
            (Some(Outcome::Held(transcript)), _) => {
                Some((transcript, self.source.clone()))
            }
            (Some(Outcome::Broken { .. }), _) => None,
            (_, Kept::Recording(recording)) => {
                let source = Provenance::of(&recording.header, true);
                Some((&recording.transcript, source))
            }
            _ => None,
        }
    }

    /// How what it says now stands to what it has said. `None` if it was
    /// not performed, or not to its end.
    pub fn drift(&self) -> Option<Drift> {
        let Some(Outcome::Held(transcript)) = &self.outcome else {
            return None;
        };
        Some(match &self.kept {
            Kept::Nothing => Drift::Unrecorded,
            Kept::OtherCommands(_) => Drift::OtherCommands,
            Kept::Unreadable(_) => Drift::Unreadable,
            Kept::Recording(kept) => {
                let old = &kept.transcript;
                let comparison = recording::compare(old, transcript);
                if comparison.is_same() {
                    Drift::Same
                } else {
                    Drift::Differs(comparison)
                }
            }
        })
    }
}

fn cannot_run(reason: Reason) -> Outcome {
    Outcome::CannotRun { reason, is_foreseen: false }
}
