//! `check`: what the book says now, against what it has said, and against
//! its prose.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::archive::Kept;
use crate::command::survey;
use crate::command::versions::Versions;
use crate::config::Mode;
use crate::diagnostics::Fault;
use crate::diagnostics::recordings as complain;
use crate::diagnostics::report::{Located, Report};
use crate::diff::diff;
use crate::manuscript::Manuscript;
use crate::perform::Outcome;
use crate::performance::{Drift, Performance, Played, Request};
use crate::plan::Session;
use crate::preprocessor::findings::{Findings, Item, Tone, colour, count};
use crate::preprocessor::show_progress;
use crate::recording::write::passages;
use crate::same::Comparison;
use crate::similar;
use crate::stage::Live;

/// The exit status where something cannot run.
const CANNOT_RUN: u8 = 3;

pub(super) fn run(chapters: &[String]) -> Result<ExitCode> {
    let mut manuscript = survey::book_here()?;
    // Live, as far as the machine can: what cannot run has its own status.
    manuscript.config.mode = Mode::Auto;
    narrow(&mut manuscript, chapters)?;
    let performance = perform(&manuscript, &manuscript.plan.sessions)?;
    let findings = Findings::new(&manuscript, &performance);
    let mut items = findings.report(Tone::Check).items;
    items.extend(drifts(&manuscript, &performance));
    if chapters.is_empty() {
        items.extend(orphans(&manuscript)?);
    }
    let mut stderr = io::stderr().lock();
    for item in &items {
        writeln!(stderr, "{}", item.text)?;
    }
    if env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        annotate(&items)?;
    }
    let tally = Tally::of(&performance);
    let mut stdout = io::stdout().lock();
    let proofs = findings.proofs();
    let held = proofs.iter().flatten().count();
    if !proofs.is_empty() {
        writeln!(stdout, "{}: {held} hold", claims(&manuscript))?;
    }
    writeln!(stdout, "{}", tally.line())?;
    Ok(if items.iter().any(|item| item.is_error) {
        ExitCode::FAILURE
    } else if tally.unforeseen > 0 {
        ExitCode::from(CANNOT_RUN)
    } else {
        ExitCode::SUCCESS
    })
}

/// Performs sessions afresh.
pub(super) fn perform(
    manuscript: &Manuscript,
    sessions: &[Session],
) -> Result<Performance> {
    let request = Request {
        stage: &Live,
        root: &manuscript.root,
        config: &manuscript.config,
        archive: &manuscript.archive,
        reuse: false,
        progress: &show_progress,
    };
    request.perform(sessions.to_vec())
}

/// Leaves out what is not of these chapters.
fn narrow(manuscript: &mut Manuscript, chapters: &[String]) -> Result<()> {
    if chapters.is_empty() {
        return Ok(());
    }
    let stems: Vec<&str> =
        manuscript.parsed.iter().map(|c| c.stem.as_str()).collect();
    let mut wanted = Vec::new();
    for name in chapters {
        let name = name.trim_end_matches(".md");
        // Also as the shell completes it, from the folder of the book.
        let fits =
            |stem: &str| name == stem || name.ends_with(&format!("/{stem}"));
        match stems.iter().position(|stem| fits(stem)) {
            Some(chapter) => wanted.push(chapter),
            None => match similar::closest(name, stems.iter().copied()) {
                Some(meant) => bail!(
                    "there is no chapter `{name}`: did you mean `{meant}`?"
                ),
                None => bail!(
                    "there is no chapter `{name}`; there are {}",
                    stems.join(", ")
                ),
            },
        }
    }
    let plan = &mut manuscript.plan;
    plan.complaints.retain(|c| wanted.contains(&c.chapter));
    let kept: Vec<usize> = (0..plan.sessions.len())
        .filter(|at| wanted.contains(&plan.sessions[*at].chapter))
        .collect();
    // Citations and views name sessions by position.
    let place = |at: usize| kept.iter().position(|kept| *kept == at);
    plan.citations.retain(|c| wanted.contains(&c.chapter));
    for citation in &mut plan.citations {
        let moved = citation.statement.try_map(|spot| {
            let mut spot = spot.clone();
            spot.session = place(spot.session).ok_or(())?;
            Ok::<_, ()>(spot)
        });
        if let Ok(moved) = moved {
            citation.statement = moved;
        }
    }
    plan.views.clear();
    plan.sessions.retain(|session| wanted.contains(&session.chapter));
    Ok(())
}

/// What differs from the recordings.
fn drifts(manuscript: &Manuscript, performance: &Performance) -> Vec<Item> {
    let sessions = performance.sessions.iter().zip(&performance.played);
    let mut versions = Versions::default();
    sessions
        .flat_map(|(session, played)| match played.drift() {
            Some(drift) => {
                drifted(manuscript, session, played, &drift, &mut versions)
            }
            None => Vec::new(),
        })
        .collect()
}

fn drifted(
    manuscript: &Manuscript,
    session: &Session,
    played: &Played,
    drift: &Drift,
    versions: &mut Versions,
) -> Vec<Item> {
    let path = manuscript.archive.path(session);
    let path = manuscript.display(&path);
    let first = manuscript.opening(session, 0);
    let span = || first.span.clone();
    let fault = match (drift, &played.kept) {
        (Drift::Differs(comparison), Kept::Recording(recording)) => {
            let old = passages(&recording.transcript);
            let note = versions.note(&recording.header, session);
            return differing_blocks(played, comparison)
                .into_iter()
                .map(|block| {
                    let span = manuscript.opening(session, block).span;
                    let fault = complain::drifted(&session.name, &path, span);
                    let fault = fault.with_note(note.clone());
                    let old = lines_of(&old, block, |at| &old[at].part.lines);
                    let new = passages_of(played);
                    let new =
                        lines_of(&new, block, |at| &comparison.renamed[at]);
                    let shown = diff(&old, &new, colour());
                    item(manuscript, session, block, fault, &shown)
                })
                .collect();
        }
        (Drift::Unrecorded, _) => complain::unrecorded(&session.name, span()),
        (Drift::OtherCommands, _) => {
            complain::other_commands(&session.name, &path, span())
        }
        (Drift::Unreadable, Kept::Unreadable(why)) => {
            complain::unreadable(&path, why, span())
        }
        _ => return Vec::new(),
    };
    vec![item(manuscript, session, 0, fault, "")]
}

fn passages_of(played: &Played) -> Vec<crate::recording::Passage> {
    match &played.outcome {
        Some(Outcome::Held(transcript)) => passages(transcript),
        _ => Vec::new(),
    }
}

/// The lines of one block, as `lines` has them by position.
fn lines_of<'a>(
    passages: &[crate::recording::Passage],
    block: usize,
    lines: impl Fn(usize) -> &'a Vec<String>,
) -> Vec<String> {
    let of_block = passages.iter().enumerate();
    of_block
        .filter(|(_, passage)| passage.block == block)
        .flat_map(|(at, _)| lines(at).clone())
        .collect()
}

/// The blocks in which a comparison has found differences.
fn differing_blocks(played: &Played, comparison: &Comparison) -> Vec<usize> {
    let passages = passages_of(played);
    let mut blocks: Vec<usize> = passages
        .iter()
        .zip(&comparison.same)
        .filter(|(_, is_same)| !**is_same)
        .map(|(passage, _)| passage.block)
        .collect();
    blocks.dedup();
    blocks
}

fn item(
    manuscript: &Manuscript,
    session: &Session,
    block: usize,
    fault: Fault,
    diff: &str,
) -> Item {
    let source = manuscript.source(&manuscript.opening(session, block));
    let title = fault.title.clone();
    let located =
        Located { fault, source: source.clone(), related: Vec::new() };
    let mut text = Report::new(colour()).fault(&located);
    text.push_str(diff);
    Item { text, is_error: true, title, source: Some(source) }
}

/// The recordings that nobody uses.
fn orphans(manuscript: &Manuscript) -> Result<Vec<Item>> {
    // A session with a fault is not in the plan, and keeps its recording.
    if !manuscript.plan.complaints.is_empty() {
        return Ok(Vec::new());
    }
    let orphans = manuscript.archive.orphans(&manuscript.plan.sessions)?;
    let item = |path: &std::path::PathBuf| {
        let path = manuscript.display(path);
        let title = format!("no session has the recording {path}");
        let help = "remove it, or have `mdbook-console record --prune` do so";
        let text = format!("error: {title}\n  = help: {help}\n");
        Item { text, is_error: true, title, source: None }
    };
    Ok(orphans.iter().map(item).collect())
}

/// The form in which GitHub shows errors beside the lines of a change.
fn annotate(items: &[Item]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    for item in items {
        let level = if item.is_error { "error" } else { "warning" };
        let place = item.source.as_ref().map(|source| {
            format!(
                " file={},line={},col={}",
                source.path,
                source.line(),
                source.column()
            )
        });
        let place = place.unwrap_or_default();
        let title = item.title.replace('%', "%25").replace('\n', "%0A");
        writeln!(stdout, "::{level}{place}::{title}")?;
    }
    Ok(())
}

/// `61 claims, 12 values`
fn claims(manuscript: &Manuscript) -> String {
    let citations = &manuscript.plan.citations;
    let values = citations.iter().filter(|c| c.is_value()).count();
    let claims = citations.len() - values;
    format!("{}, {}", count(claims, "claim"), count(values, "value"))
}

/// The blocks of a book, counted.
#[derive(Default)]
struct Tally {
    same: usize,
    drifted: usize,
    failed: usize,
    cannot_run: usize,
    /// Of those that cannot run, those whose author has not said so.
    unforeseen: usize,
}

impl Tally {
    fn of(performance: &Performance) -> Self {
        let mut tally = Self::default();
        let sessions = performance.sessions.iter().zip(&performance.played);
        for (session, played) in sessions {
            tally.add(session.blocks.len(), played);
        }
        tally
    }

    fn add(&mut self, blocks: usize, played: &Played) {
        match &played.outcome {
            Some(Outcome::CannotRun { is_foreseen, .. }) => {
                self.cannot_run += blocks;
                if !is_foreseen {
                    self.unforeseen += blocks;
                }
            }
            Some(Outcome::Broken { .. }) | None => self.failed += blocks,
            Some(Outcome::Held(_)) => {
                let drifted = match played.drift() {
                    Some(Drift::Same) => 0,
                    Some(Drift::Differs(comparison)) => {
                        differing_blocks(played, &comparison).len()
                    }
                    _ => blocks,
                };
                self.drifted += drifted;
                self.same += blocks - drifted;
            }
        }
    }

    /// `214 blocks: 210 same, 3 drifted, 1 cannot run here`
    fn line(&self) -> String {
        let all = self.same + self.drifted + self.failed + self.cannot_run;
        let mut line = format!(
            "{}: {} same, {} drifted, {} cannot run here",
            count(all, "block"),
            self.same,
            self.drifted,
            self.cannot_run
        );
        if self.failed > 0 {
            // Writing to a string does not fail.
            let _ = write!(line, ", {} failed", self.failed);
        }
        line
    }
}

/// Shows how one session differs from its recording.
pub(super) fn difference(played: &Played) -> String {
    let (Some(Drift::Differs(comparison)), Kept::Recording(recording)) =
        (played.drift(), &played.kept)
    else {
        return String::new();
    };
    let old = passages(&recording.transcript).into_iter();
    let old: Vec<String> = old.flat_map(|p| p.part.lines).collect();
    diff(&old, &comparison.renamed.concat(), colour())
}
