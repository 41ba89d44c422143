//! `record`: keeps what the book says now as what it is to say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::command::check::{difference, perform};
use crate::command::survey;
use crate::command::versions::{self, Versions};
use crate::config::Mode;
use crate::manuscript::Manuscript;
use crate::perform::Outcome;
use crate::performance::{Drift, Performance, Played};
use crate::plan::Session;
use crate::preprocessor::findings::{Findings, Tone, count};
use crate::recording::Header;
use crate::recording::write::{passages, write_passages};
use crate::render::Provenance;
use crate::similar;

/// The exit status where something cannot run.
const CANNOT_RUN: u8 = 3;

/// What the caller asks for.
pub(super) struct Options {
    /// Sessions by name; all if there are none.
    pub(super) sessions: Vec<String>,
    /// Ask before each.
    pub(super) interactive: bool,
    /// Remove recordings that nobody uses.
    pub(super) prune: bool,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let mut manuscript = survey::book_here()?;
    manuscript.config.mode = Mode::Auto;
    let wanted = wanted(&manuscript, &options.sessions)?;
    let mut performance = perform(&manuscript, &wanted)?;
    complete(&mut performance, &manuscript)?;
    let findings = Findings::new(&manuscript, &performance);
    let report = findings.report(Tone::Check);
    io::stderr().write_all(report.text().as_bytes())?;
    if report.errors() > 0 {
        bail!("nothing is recorded: {}", count(report.errors(), "fault"));
    }
    let tally = keep(&manuscript, &performance, &wanted, options.interactive)?;
    let mut stdout = io::stdout().lock();
    if options.prune {
        for orphan in manuscript.archive.orphans(&manuscript.plan.sessions)? {
            manuscript.archive.remove(&orphan)?;
            writeln!(stdout, "removed {}", manuscript.display(&orphan))?;
        }
    }
    writeln!(stdout, "{}", tally.line())?;
    Ok(match tally.cannot_run {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(CANNOT_RUN),
    })
}

/// The sessions of these names.
fn wanted(manuscript: &Manuscript, names: &[String]) -> Result<Vec<Session>> {
    let sessions = &manuscript.plan.sessions;
    if names.is_empty() {
        return Ok(sessions.clone());
    }
    let mut wanted = Vec::new();
    for name in names {
        let fits = |s: &&Session| s.name == *name || s.path() == *name;
        let Some(session) = sessions.iter().find(fits) else {
            let known = sessions.iter().map(|s| s.name.as_str());
            match similar::closest(name, known) {
                Some(meant) => bail!(
                    "there is no session `{name}`: did you mean `{meant}`?"
                ),
                None => {
                    bail!("there is no session `{name}`; `list` names them all")
                }
            }
        };
        wanted.push(session.clone());
    }
    Ok(wanted)
}

/// Adds the sessions that are not to be recorded, with their recordings, so
/// that citations can be judged.
fn complete(
    performance: &mut Performance,
    manuscript: &Manuscript,
) -> Result<()> {
    let done = performance.sessions.iter().map(|s| s.name.clone());
    let mut done: BTreeMap<String, Played> =
        done.zip(performance.played.drain(..)).collect();
    let mut played = Vec::new();
    for session in &manuscript.plan.sessions {
        played.push(match done.remove(&session.name) {
            Some(played) => played,
            None => Played {
                outcome: None,
                source: Provenance::default(),
                kept: manuscript.archive.kept(session)?,
            },
        });
    }
    performance.sessions.clone_from(&manuscript.plan.sessions);
    performance.played = played;
    Ok(())
}

/// What has been done with the sessions.
#[derive(Default)]
struct Tally {
    recorded: usize,
    unchanged: usize,
    declined: usize,
    cannot_run: usize,
}

impl Tally {
    /// `3 recorded, 40 unchanged`
    fn line(&self) -> String {
        let mut line =
            format!("{} recorded, {} unchanged", self.recorded, self.unchanged);
        for (number, what) in
            [(self.declined, "declined"), (self.cannot_run, "cannot run here")]
        {
            if number > 0 {
                // Writing to a string does not fail.
                let _ = write!(line, ", {number} {what}");
            }
        }
        line
    }
}

/// Writes what is not the same.
fn keep(
    manuscript: &Manuscript,
    performance: &Performance,
    wanted: &[Session],
    interactive: bool,
) -> Result<Tally> {
    let wanted: BTreeSet<&str> =
        wanted.iter().map(|session| session.name.as_str()).collect();
    let mut tally = Tally::default();
    let recorder =
        Recorder { manuscript, performance, versions: Versions::default() };
    let mut is_over = false;
    for (session, played) in
        performance.sessions.iter().zip(&performance.played)
    {
        if !wanted.contains(session.name.as_str()) {
            continue;
        }
        match played.drift() {
            None => tally.cannot_run += 1,
            Some(Drift::Same) => tally.unchanged += 1,
            Some(drift) => {
                recorder.show(session, played, &drift)?;
                let answer = match (is_over, interactive) {
                    (true, _) => Answer::No,
                    (false, true) => ask(session)?,
                    (false, false) => Answer::Yes,
                };
                is_over |= answer == Answer::Quit;
                if answer == Answer::Yes {
                    recorder.keep(session, played, &drift)?;
                    tally.recorded += 1;
                } else {
                    tally.declined += 1;
                }
            }
        }
    }
    Ok(tally)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Quit,
}

/// Asks until there is an answer; the end of input is a no to all.
fn ask(session: &Session) -> Result<Answer> {
    loop {
        write!(io::stderr(), "record `{}`? [y, n, q] ", session.name)?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            writeln!(io::stderr())?;
            return Ok(Answer::Quit);
        }
        match line.trim() {
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" => return Ok(Answer::No),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => {}
        }
    }
}

struct Recorder<'a> {
    manuscript: &'a Manuscript,
    performance: &'a Performance,
    versions: Versions,
}

impl Recorder<'_> {
    /// Shows what is going to change.
    fn show(
        &self,
        session: &Session,
        played: &Played,
        drift: &Drift,
    ) -> Result<()> {
        let path = self.manuscript.archive.path(session);
        let path = self.manuscript.display(&path);
        let what = match drift {
            Drift::Unrecorded => "new",
            Drift::OtherCommands => "other commands",
            Drift::Unreadable => "in place of one that cannot be read",
            Drift::Same | Drift::Differs(_) => "changed",
        };
        let mut stderr = io::stderr().lock();
        writeln!(stderr, "{path}: {what}")?;
        stderr.write_all(difference(played).as_bytes())?;
        Ok(())
    }

    fn keep(
        &self,
        session: &Session,
        played: &Played,
        drift: &Drift,
    ) -> Result<()> {
        let Some(Outcome::Held(transcript)) = &played.outcome else {
            return Ok(());
        };
        let chapter = &self.manuscript.chapters[session.chapter].path;
        let mut demos = versions::words(session);
        demos.retain(|word| self.performance.programs.names.contains(word));
        demos.sort();
        demos.dedup();
        let header = Header {
            session: session.name.clone(),
            chapter: chapter.display().to_string(),
            record: format!("mdbook-console record {}", session.name),
            kernel: self.versions.kernel().to_owned(),
            system: self.versions.system().to_owned(),
            tools: self.versions.tools(session),
            demos,
            date: played.source.date.clone(),
            took: transcript.took,
        };
        let mut passages = passages(transcript);
        if let Drift::Differs(comparison) = drift {
            // What is the same up to renaming keeps the names it had, so that
            // a change of the recording shows what has really changed.
            let renamed = comparison.renamed.iter().zip(&comparison.gone);
            for (passage, (lines, gone)) in passages.iter_mut().zip(renamed) {
                passage.part.lines.clone_from(lines);
                passage.part.gone.clone_from(gone);
            }
        }
        let text = write_passages(&header, &passages, session);
        self.manuscript.archive.keep(session, &text)
    }
}
