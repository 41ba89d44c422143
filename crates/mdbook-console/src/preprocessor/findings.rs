//! Everything there is to say about a book, in the order of its text.

use std::env;
use std::io::{self, IsTerminal};

use crate::archive::Kept;
use crate::config::Mode;
use crate::diagnostics::recordings as complain;
use crate::diagnostics::report::{Colour, Located, Remark, Report, Source};
use crate::diagnostics::{Complaint, Fault, Place, Related};
use crate::includes;
use crate::judge::Reason;
use crate::judge::citations::Proof;
use crate::manuscript::Manuscript;
use crate::parallel;
use crate::parse::Span;
use crate::perform::Outcome;
use crate::performance::{Drift, Performance, Played};
use crate::plan::Session;

/// The complaints that are shown at most.
pub const MOST_SHOWN: usize = 100;

/// The places that a remark names at most.
const MOST_PLACES: usize = 1000;

/// What is known after all sessions are over.
pub struct Findings<'a> {
    manuscript: &'a Manuscript,
    performance: &'a Performance,
    citations: Vec<Option<Result<Proof, Fault>>>,
}

/// To whom a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// To who builds: what differs from the recordings is told in a word.
    Build,
    /// To who checks: it is told elsewhere, in full.
    Check,
}

/// A report, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// In the order of the text.
    pub items: Vec<Item>,
}

/// One thing to say.
#[derive(Clone, Debug)]
pub struct Item {
    /// All of it.
    pub text: String,
    /// It fails the build.
    pub is_error: bool,
    /// In one line.
    pub title: String,
    /// Where, if it has a single place.
    pub source: Option<Source>,
}

impl Written {
    /// The whole report.
    pub fn text(&self) -> String {
        let texts: Vec<&str> =
            self.items.iter().map(|item| item.text.as_str()).collect();
        let mut text = texts.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// How many of the items fail the build.
    pub fn errors(&self) -> usize {
        self.items.iter().filter(|item| item.is_error).count()
    }
}

impl<'a> Findings<'a> {
    /// Judges the citations, too.
    pub fn new(
        manuscript: &'a Manuscript,
        performance: &'a Performance,
    ) -> Self {
        let evidence = performance.evidence();
        let citations = &manuscript.plan.citations;
        let citations = citations.iter().map(|c| evidence.judge(c)).collect();
        Self { manuscript, performance, citations }
    }

    /// What came of the citations, in the order of the plan. Those that do
    /// not hold are in the report.
    pub fn proofs(&self) -> Vec<Option<Proof>> {
        let proof = |judged: &Option<Result<Proof, Fault>>| {
            judged.clone().and_then(Result::ok)
        };
        self.citations.iter().map(proof).collect()
    }

    /// Writes the report.
    pub fn report(&self, tone: Tone) -> Written {
        let report = Report::new(colour());
        let mut complaints = self.manuscript.plan.complaints.clone();
        complaints.extend(self.broken());
        complaints.extend(self.untrue());
        complaints.extend(self.unshown());
        complaints.sort_by_key(|c| (c.chapter, c.fault.span.start));
        let missing = includes::missing(self.manuscript);
        let rest = complaints.len().saturating_sub(MOST_SHOWN);
        let shown = complaints.iter().take(MOST_SHOWN);
        let located = shown.map(|complaint| self.located(complaint));
        let mut items: Vec<Item> = missing
            .into_iter()
            .chain(located)
            .map(|located| Item {
                text: report.fault(&located),
                is_error: true,
                title: located.fault.title,
                source: Some(located.source),
            })
            .collect();
        let mut remarks = self.remarks();
        if rest > 0 {
            remarks.push(Remark {
                title: format!("{} more", count(rest, "fault")),
                notes: Vec::new(),
                help: "mend those above first".to_owned(),
                is_error: true,
            });
        }
        if tone == Tone::Build {
            remarks.extend(self.drifted());
        }
        items.extend(remarks.into_iter().map(|remark| Item {
            text: report.remark(&remark),
            is_error: remark.is_error,
            title: remark.title,
            source: None,
        }));
        Written { items }
    }

    fn played(&self) -> impl Iterator<Item = (&'a Session, &'a Played)> {
        self.performance.sessions.iter().zip(&self.performance.played)
    }

    /// The sessions that went wrong.
    fn broken(&self) -> impl Iterator<Item = Complaint> {
        self.played().filter_map(|(session, played)| {
            let Some(Outcome::Broken { block, fault }) = &played.outcome else {
                return None;
            };
            let Place { chapter, fence, .. } =
                self.manuscript.opening(session, *block);
            Some(Complaint { chapter, fence, fault: (**fault).clone() })
        })
    }

    /// The claims and values that do not hold.
    fn untrue(&self) -> impl Iterator<Item = Complaint> {
        let citations = self.manuscript.plan.citations.iter();
        citations.zip(&self.citations).filter_map(|(citation, judged)| {
            let fault = judged.as_ref()?.as_ref().err()?.clone();
            let fence = self.manuscript.definition(citation).fence;
            Some(Complaint { chapter: citation.chapter, fence, fault })
        })
    }

    /// The sessions of which only a recording could be shown, and that have
    /// none that can.
    fn unshown(&self) -> impl Iterator<Item = Complaint> {
        let is_recorded = self.manuscript.config.mode == Mode::Recorded;
        self.played().filter_map(move |(session, played)| {
            let is_run = match played.outcome {
                Some(Outcome::CannotRun { .. }) => false,
                Some(_) => true,
                None => !is_recorded,
            };
            if is_run {
                return None;
            }
            let place = self.manuscript.opening(session, 0);
            let span = place.span.clone();
            let path = self.manuscript.archive.path(session);
            let path = self.manuscript.display(&path);
            let fault = match &played.kept {
                Kept::Nothing if is_recorded => {
                    complain::unrecorded(&session.name, span)
                }
                Kept::OtherCommands(_) => {
                    complain::other_commands(&session.name, &path, span)
                }
                Kept::Unreadable(unreadable) => {
                    complain::unreadable(&path, unreadable, span)
                }
                Kept::Nothing | Kept::Recording(_) => return None,
            };
            let Place { chapter, fence, .. } = place;
            Some(Complaint { chapter, fence, fault })
        })
    }

    fn located(&self, complaint: &Complaint) -> Located {
        let here = |span: &Span| Place {
            chapter: complaint.chapter,
            fence: complaint.fence.clone(),
            span: span.clone(),
        };
        let fault = complaint.fault.clone();
        let source = self.manuscript.source(&here(&fault.span));
        let related = fault
            .related
            .iter()
            .map(|(related, _)| match related {
                Related::Here(span) => self.manuscript.source(&here(span)),
                Related::Elsewhere(place) => self.manuscript.source(place),
            })
            .collect();
        Located { fault, source, related }
    }

    /// One remark for each thing that is missing, however many sessions it
    /// is missing to.
    fn remarks(&self) -> Vec<Remark> {
        let mut reasons: Vec<((&Reason, bool), Vec<Absent>)> = Vec::new();
        for (session, played) in self.played() {
            let Some(Outcome::CannotRun { reason, is_foreseen }) =
                &played.outcome
            else {
                continue;
            };
            let reason = (reason, *is_foreseen);
            let is_recorded = matches!(played.kept, Kept::Recording(_));
            let absent = Absent { session, is_recorded };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, sessions)) => sessions.push(absent),
                None => reasons.push((reason, vec![absent])),
            }
        }
        reasons.iter().map(|(r, sessions)| self.remark(*r, sessions)).collect()
    }

    fn remark(
        &self,
        (reason, is_foreseen): (&Reason, bool),
        absent: &[Absent],
    ) -> Remark {
        // Who writes `needs=` has said that a machine may lack it.
        let is_live = self.manuscript.config.mode == Mode::Live && !is_foreseen;
        let mut notes: Vec<String> = reason.details().into_iter().collect();
        if is_live {
            let places = self.places(absent.iter().map(|a| a.session));
            notes.push(format!(
                "`mode = \"live\"` allows nothing in place of\n{places}"
            ));
        } else {
            for (is_recorded, what) in
                [(true, "a recording"), (false, "a notice")]
            {
                let shown = absent.iter();
                let shown = shown.filter(|a| a.is_recorded == is_recorded);
                let places = self.places(shown.map(|a| a.session));
                if !places.is_empty() {
                    notes
                        .push(format!("{what} is shown in place of\n{places}"));
                }
            }
        }
        Remark {
            title: format!(
                "{} cannot run here: {}",
                count(absent.len(), "session"),
                reason.cause()
            ),
            notes,
            help: reason.remedy(),
            is_error: is_live,
        }
    }

    /// The sessions that say something else than their recordings. A book
    /// without recordings is left alone.
    fn drifted(&self) -> Option<Remark> {
        let has_any =
            self.played().any(|(_, played)| played.kept != Kept::Nothing);
        if !has_any {
            return None;
        }
        let drifts =
            parallel::map(&self.performance.played, None, Played::drift);
        let drifted: Vec<&Session> = self
            .played()
            .zip(drifts)
            .filter(|(_, drift)| drift.as_ref().is_some_and(is_drift))
            .map(|((session, _), _)| session)
            .collect();
        (!drifted.is_empty()).then(|| Remark {
            title: format!(
                "{} not as recorded",
                match drifted.len() {
                    1 => "1 session is".to_owned(),
                    n => format!("{n} sessions are"),
                }
            ),
            notes: vec![format!(
                "they begin at\n{}",
                self.places(drifted.iter().copied())
            )],
            help: "`mdbook-console check` shows what differs, and \
                   `mdbook-console record` accepts it"
                .to_owned(),
            is_error: false,
        })
    }

    /// The lines in which sessions begin, file by file.
    fn places<'b>(
        &self,
        sessions: impl Iterator<Item = &'b Session>,
    ) -> String {
        let mut files: Vec<(String, Vec<String>)> = Vec::new();
        for session in sessions.take(MOST_PLACES) {
            let place = self.manuscript.opening(session, 0);
            let source = self.manuscript.source(&place);
            let line = source.line().to_string();
            match files.iter_mut().find(|(path, _)| *path == source.path) {
                Some((_, lines)) => lines.push(line),
                None => files.push((source.path, vec![line])),
            }
        }
        let files = files.iter();
        let files: Vec<String> = files
            .map(|(path, lines)| format!("  {path}:{}", lines.join(", ")))
            .collect();
        files.join("\n")
    }
}

/// A session that cannot run here.
struct Absent<'a> {
    session: &'a Session,
    is_recorded: bool,
}

fn is_drift(drift: &Drift) -> bool {
    !matches!(drift, Drift::Same)
}

/// `1 fault`, `2 faults`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// See <https://no-color.org>.
pub fn colour() -> Colour {
    let refused = env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    if io::stderr().is_terminal() && !refused {
        Colour::Always
    } else {
        Colour::Never
    }
}
