//! Everything there is to say about a book, in the order of its text.

use std::env;
use std::io::{self, IsTerminal};

use crate::config::Mode;
use crate::diagnostics::report::{Colour, Located, Remark, Report, Source};
use crate::diagnostics::{Complaint, Place, Related};
use crate::judge::Reason;
use crate::locate::{Expanded, Files};
use crate::parse::Span;
use crate::perform::Outcome;
use crate::plan::{self, Session};
use crate::preprocessor::ChapterText;

/// What is known after all sessions are over.
pub struct Findings<'a> {
    /// The author's files.
    pub files: Files<'a>,
    /// The book.
    pub chapters: &'a [ChapterText],
    /// Its blocks.
    pub parsed: &'a [plan::Chapter],
    /// What was wrong with them before any ran.
    pub complaints: Vec<Complaint>,
    /// What was to run.
    pub sessions: &'a [Session],
    /// What came of it.
    pub outcomes: &'a [Outcome],
    /// Whether a session that cannot run is an error.
    pub mode: Mode,
}

/// A report, ready to be shown.
pub struct Written {
    /// All of it.
    pub text: String,
    /// How many of its items fail the build.
    pub errors: usize,
}

impl Findings<'_> {
    /// Writes the report.
    pub fn report(&self) -> Written {
        let report = Report::new(colour());
        let mut complaints = self.complaints.clone();
        complaints.extend(self.broken());
        complaints.sort_by_key(|c| (c.chapter, c.fault.span.start));
        let mut texts: Vec<String> = complaints
            .iter()
            .map(|complaint| report.fault(&self.located(complaint)))
            .collect();
        let remarks = self.remarks();
        texts.extend(remarks.iter().map(|remark| report.remark(remark)));
        let refused = remarks.iter().filter(|remark| remark.is_error).count();
        let mut text = texts.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        Written { text, errors: complaints.len() + refused }
    }

    fn broken(&self) -> impl Iterator<Item = Complaint> {
        self.sessions.iter().zip(self.outcomes).filter_map(
            |(session, outcome)| {
                let Outcome::Broken { block, fault } = outcome else {
                    return None;
                };
                let chapter = session.chapter;
                let index = session.blocks[*block].index;
                let fence = self.parsed[chapter].blocks[index].span.clone();
                Some(Complaint { chapter, fence, fault: (**fault).clone() })
            },
        )
    }

    fn located(&self, complaint: &Complaint) -> Located {
        let here = |span: &Span| Place {
            chapter: complaint.chapter,
            fence: complaint.fence.clone(),
            span: span.clone(),
        };
        let fault = complaint.fault.clone();
        let source = self.source(&here(&fault.span));
        let related = fault
            .related
            .iter()
            .map(|(related, _)| match related {
                Related::Here(span) => self.source(&here(span)),
                Related::Elsewhere(place) => self.source(place),
            })
            .collect();
        Located { fault, source, related }
    }

    fn source(&self, place: &Place) -> Source {
        let ChapterText { path, text } = &self.chapters[place.chapter];
        let chapter = Expanded { path, text };
        self.files.locate(chapter, &place.fence, &place.span)
    }

    /// One remark for each thing that is missing, however many sessions it
    /// is missing to.
    fn remarks(&self) -> Vec<Remark> {
        let mut reasons: Vec<(&Reason, Vec<&Session>)> = Vec::new();
        for (session, outcome) in self.sessions.iter().zip(self.outcomes) {
            let Outcome::CannotRun(reason) = outcome else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, sessions)) => sessions.push(session),
                None => reasons.push((reason, vec![session])),
            }
        }
        reasons.iter().map(|(r, sessions)| self.remark(r, sessions)).collect()
    }

    fn remark(&self, reason: &Reason, sessions: &[&Session]) -> Remark {
        let mut notes: Vec<String> = reason.details().into_iter().collect();
        let places = self.places(sessions);
        notes.push(match self.mode {
            Mode::Auto => format!("a notice is shown in place of\n{places}"),
            Mode::Live => format!(
                "`mode = \"live\"` allows no notice in place of\n{places}"
            ),
        });
        Remark {
            title: format!(
                "{} cannot run here: {}",
                count(sessions.len(), "session"),
                reason.cause()
            ),
            notes,
            help: reason.remedy(),
            is_error: self.mode == Mode::Live,
        }
    }

    /// The lines in which sessions begin, file by file.
    fn places(&self, sessions: &[&Session]) -> String {
        let mut files: Vec<(String, Vec<String>)> = Vec::new();
        for session in sessions {
            let block = session.blocks[0].index;
            let block = &self.parsed[session.chapter].blocks[block];
            let source = self.source(&Place {
                chapter: session.chapter,
                fence: block.span.clone(),
                span: block.opening.clone(),
            });
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

/// `1 fault`, `2 faults`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// See <https://no-color.org>.
fn colour() -> Colour {
    let refused = env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    if io::stderr().is_terminal() && !refused {
        Colour::Always
    } else {
        Colour::Never
    }
}
