//! Decides whether claims hold, and what values are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diagnostics::Fault;
use crate::diagnostics::citations::{self as complain, Held};
use crate::parse::citation::{Piece, Statement};
use crate::parse::pattern::Pattern;
use crate::plan::{Citation, Session, Spot};
use crate::screen;
use crate::transcript::{BlockTranscript, Transcript};

/// The lines of blocks, by session and position.
pub type Read = BTreeMap<(usize, usize), Rc<[Row]>>;

/// A citation that holds: why, and what it puts into the sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The lines that show it, in the order of the statement.
    pub lines: Vec<Line>,
    /// What the value is.
    pub word: Option<String>,
}

/// A line of a block's output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Which session, by position.
    pub session: usize,
    /// Which of its blocks, by position.
    pub block: usize,
    /// Which of the lines it printed, from 1; 0 is all of them.
    pub number: usize,
}

/// The transcripts that citations are held against.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The sessions.
    pub sessions: &'a [Session],
    /// What each has said, if it has.
    pub transcripts: Vec<Option<&'a Transcript>>,
    /// Blocks, by session and position, that are taken to have said
    /// something else.
    pub instead: BTreeMap<(usize, usize), Vec<Row>>,
    /// The lines of blocks that have been asked for.
    pub read: RefCell<Read>,
}

/// What `{}` stands for.
struct Word {
    text: String,
    /// The lines it is in.
    lines: Vec<Line>,
    /// The output, with arrows at these lines.
    shown: String,
}

impl Word {
    fn lines(words: [Self; 2]) -> Vec<Line> {
        words.into_iter().flat_map(|word| word.lines).collect()
    }
}

/// A line of a block, as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Typed, with its prompt.
    Command(String),
    /// Printed.
    Output(String),
}

/// The part of a block that a citation looks at.
struct View<'a> {
    spot: &'a Spot,
    name: &'a str,
    /// The lines printed, with their numbers.
    lines: Vec<(usize, String)>,
}

impl Evidence<'_> {
    /// Judges a citation. `None` if a block that it names was not run and
    /// has no recording.
    pub fn judge(&self, citation: &Citation) -> Option<Result<Proof, Fault>> {
        let mut is_known = true;
        // To look at all places first is a way to try them.
        let _ = citation.statement.try_map(|spot| {
            is_known &= self.rows(spot).is_some();
            Ok::<_, ()>(())
        });
        is_known.then(|| self.hold(&citation.statement))
    }

    fn hold(&self, statement: &Statement<Spot>) -> Result<Proof, Fault> {
        match statement {
            Statement::Shows { piece, count } => self.shows(piece, *count),
            Statement::Never(piece) => self.never(piece),
            Statement::Value(piece) => {
                let Word { text, lines, .. } = self.word(piece)?;
                Ok(Proof { lines, word: Some(text) })
            }
            Statement::Equals(one, other) => {
                let words = [self.word(one)?, self.word(other)?];
                if words[0].text == words[1].text {
                    return Ok(Proof::of(Word::lines(words)));
                }
                let span = statement_span(statement);
                let [one, other] = &words;
                let note = format!("{}\n{}", one.shown, other.shown);
                let words = [one.text.as_str(), other.text.as_str()];
                Err(complain::not_equal(words, note, span))
            }
            Statement::Differs(one, other) => {
                let words = [self.word(one)?, self.word(other)?];
                if words[0].text != words[1].text {
                    return Ok(Proof::of(Word::lines(words)));
                }
                let span = statement_span(statement);
                let [one, other] = &words;
                let note = format!("{}\n{}", one.shown, other.shown);
                Err(complain::not_different(&one.text, note, span))
            }
        }
    }

    fn shows(
        &self,
        piece: &Piece<Spot>,
        count: Option<usize>,
    ) -> Result<Proof, Fault> {
        let view = self.view(piece)?;
        let Piece { pattern, .. } = piece;
        let lines = view.matching(&pattern.value);
        let span = pattern.span.clone();
        let held = view.texts();
        match count {
            None if lines.is_empty() => Err(complain::not_shown(
                &pattern.value,
                &view.held(&held),
                span,
            )),
            Some(wanted) if wanted != lines.len() => {
                Err(complain::other_count(
                    &pattern.value,
                    lines.len(),
                    wanted,
                    &view.held(&held),
                    span,
                ))
            }
            _ => Ok(Proof::of(lines)),
        }
    }

    fn never(&self, piece: &Piece<Spot>) -> Result<Proof, Fault> {
        let view = self.view(piece)?;
        let Piece { pattern, .. } = piece;
        if view.matching(&pattern.value).is_empty() {
            return Ok(Proof::of(vec![view.line(0)]));
        }
        let held = view.texts();
        let span = pattern.span.clone();
        Err(complain::shown(&pattern.value, &view.held(&held), span))
    }

    /// The word that a pattern takes out, and the lines it is in.
    fn word(&self, piece: &Piece<Spot>) -> Result<Word, Fault> {
        let view = self.view(piece)?;
        let (pattern, span) = (&piece.pattern.value, &piece.pattern.span);
        let mut words: Vec<&str> = Vec::new();
        for (_, line) in &view.lines {
            for word in pattern.take(line).into_iter().flatten() {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        let held = view.texts();
        match words.as_slice() {
            [word] => Ok(Word {
                text: (*word).to_owned(),
                lines: view.matching(pattern),
                shown: view.held(&held).matching(pattern),
            }),
            [] => {
                let held = view.held(&held);
                Err(complain::not_shown(pattern, &held, span.clone()))
            }
            words => {
                let held = view.held(&held);
                Err(complain::ambiguous(pattern, words, &held, span.clone()))
            }
        }
    }

    /// The lines of a block, if it was run.
    pub fn rows(&self, spot: &Spot) -> Option<Rc<[Row]>> {
        let place = (spot.session, spot.block);
        if let Some(rows) = self.instead.get(&place) {
            return Some(rows.as_slice().into());
        }
        if let Some(rows) = self.read.borrow().get(&place) {
            return Some(Rc::clone(rows));
        }
        let transcript = self.transcripts.get(spot.session)?.as_ref()?;
        let rows: Rc<[Row]> =
            transcript.blocks.get(spot.block).map(rows)?.into();
        self.read.borrow_mut().insert(place, Rc::clone(&rows));
        Some(rows)
    }

    fn view<'b>(&'b self, piece: &'b Piece<Spot>) -> Result<View<'b>, Fault> {
        let spot = &piece.place;
        let rows = self.rows(spot).unwrap_or_else(|| [].into());
        let id = self.sessions[spot.session].blocks[spot.block].id.as_deref();
        let name = id.unwrap_or_default();
        let lines = match between(spot, &rows) {
            Ok(lines) => lines,
            Err(missing) => {
                let texts: Vec<String> = rows.iter().map(Row::text).collect();
                let held = Held { block: name, lines: &texts };
                let span = piece.pattern.span.clone();
                return Err(complain::no_such_line(missing, &held, span));
            }
        };
        Ok(View { spot, name, lines })
    }
}

/// The lines printed between those that a place names, or the one of these
/// that there is not.
fn between<'a>(
    spot: &'a Spot,
    rows: &[Row],
) -> Result<Vec<(usize, String)>, &'a Pattern> {
    let mut lines = Vec::new();
    let mut number = 0;
    let mut after = spot.after.as_ref();
    let mut before = spot.before.as_ref();
    for row in rows {
        let (Row::Command(text) | Row::Output(text)) = row;
        let is_inside = after.is_none();
        if is_inside && before.is_some_and(|before| before.matches(text)) {
            before = None;
            break;
        }
        if let Row::Output(_) = row {
            number += 1;
            if is_inside {
                lines.push((number, text.clone()));
            }
        }
        after = after.filter(|after| !after.matches(text));
    }
    match after.or(before) {
        Some(missing) => Err(missing),
        None => Ok(lines),
    }
}

/// The lines of a block, in the order in which a page shows them.
fn rows(block: &BlockTranscript) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in &block.steps {
        if let Some(typed) = &step.command {
            let mut prompt = typed.prompt.as_str();
            for line in &typed.lines {
                rows.push(Row::Command(format!("{prompt} {line}")));
                prompt = ">";
            }
        }
        rows.extend(screen::plain(&step.output).into_iter().map(Row::Output));
    }
    rows
}

impl Row {
    fn text(&self) -> String {
        let (Self::Command(text) | Self::Output(text)) = self;
        text.clone()
    }
}

impl Proof {
    fn of(lines: Vec<Line>) -> Self {
        Self { lines, word: None }
    }
}

impl View<'_> {
    fn line(&self, number: usize) -> Line {
        let Spot { session, block, .. } = *self.spot;
        Line { session, block, number }
    }

    fn matching(&self, pattern: &Pattern) -> Vec<Line> {
        self.lines
            .iter()
            .filter(|(_, text)| pattern.matches(text))
            .map(|(number, _)| self.line(*number))
            .collect()
    }

    fn texts(&self) -> Vec<String> {
        self.lines.iter().map(|(_, text)| text.clone()).collect()
    }

    fn held<'b>(&'b self, lines: &'b [String]) -> Held<'b> {
        Held { block: self.name, lines }
    }
}

/// From the first of its patterns to the last.
fn statement_span(statement: &Statement<Spot>) -> std::ops::Range<usize> {
    let mut spans = Vec::new();
    match statement {
        Statement::Equals(one, other) | Statement::Differs(one, other) => {
            spans.extend([&one.pattern.span, &other.pattern.span]);
        }
        Statement::Shows { piece, .. }
        | Statement::Never(piece)
        | Statement::Value(piece) => spans.push(&piece.pattern.span),
    }
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    start..spans.iter().map(|span| span.end).max().unwrap_or(start)
}

#[cfg(test)]
mod tests;
