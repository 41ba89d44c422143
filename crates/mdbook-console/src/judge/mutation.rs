//! Tries whether claims bite: a claim that still holds when the output says
//! something else binds nothing.
//!
//! The output is changed, one way at a time, as if the kernel had answered
//! otherwise. A claim ought to notice.

use crate::judge::citations::{Evidence, Line, Proof, Row};
use crate::parse::citation::{Piece, Statement};
use crate::plan::{Citation, Spot};

/// A change of the output that a claim does not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unnoticed {
    /// A line that shows it is taken away.
    LostLine,
    /// A line that shows it comes twice, and the claim counts.
    DoubledLine,
    /// Two words that are equal become different.
    Split,
    /// Two words that differ become equal.
    Merged,
    /// What is never shown is shown nowhere else either: perhaps it is
    /// misspelt.
    NeverAnywhere,
}

impl Unnoticed {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::LostLine => "holds without one of its lines",
            Self::DoubledLine => "holds with one of its lines twice",
            Self::Split => "holds when one of its words becomes another",
            Self::Merged => "holds when its words become the same",
            Self::NeverAnywhere => {
                "names what no block of the chapter shows at all"
            }
        }
    }
}

/// The changes that a citation does not notice. Nothing, if it does not hold
/// to begin with.
pub fn unnoticed(
    evidence: &Evidence<'_>,
    citation: &Citation,
) -> Vec<Unnoticed> {
    let Some(Ok(proof)) = evidence.judge(citation) else { return Vec::new() };
    let trial = Trial { evidence, citation, proof };
    let mut found = match &citation.statement {
        Statement::Shows { count, .. } => {
            let mut found = trial.lost();
            if count.is_some() {
                found.extend(trial.doubled());
            }
            found
        }
        Statement::Value(_) => Vec::new(),
        Statement::Equals(one, other) => trial.split(one, other),
        Statement::Differs(one, other) => trial.merged(one, other),
        Statement::Never(piece) => trial.never(piece),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// A word that no output has.
const OTHER: &str = "4294967295000";

/// A citation that holds, and the output it is tried with.
struct Trial<'a> {
    evidence: &'a Evidence<'a>,
    citation: &'a Citation,
    proof: Proof,
}

impl Trial<'_> {
    /// Judges again, with other lines in one block.
    fn holds_with(&self, line: &Line, rows: Vec<Row>) -> bool {
        let mut evidence = self.evidence.clone();
        evidence.instead.insert((line.session, line.block), rows);
        matches!(evidence.judge(self.citation), Some(Ok(_)))
    }

    fn rows(&self, line: &Line) -> Vec<Row> {
        let (session, block) = (line.session, line.block);
        let spot = Spot { session, block, ..Spot::default() };
        self.evidence.rows(&spot).map(|rows| rows.to_vec()).unwrap_or_default()
    }

    fn lost(&self) -> Vec<Unnoticed> {
        let mut lines = self.proof.lines.iter();
        let is_unnoticed = lines.any(|line| {
            let mut rows = self.rows(line);
            if let Some(at) = position(&rows, line) {
                rows.remove(at);
            }
            self.holds_with(line, rows)
        });
        is_unnoticed.then_some(Unnoticed::LostLine).into_iter().collect()
    }

    fn doubled(&self) -> Option<Unnoticed> {
        let mut lines = self.proof.lines.iter();
        let is_unnoticed = lines.any(|line| {
            let mut rows = self.rows(line);
            if let Some(at) = position(&rows, line) {
                rows.insert(at, rows[at].clone());
            }
            self.holds_with(line, rows)
        });
        is_unnoticed.then_some(Unnoticed::DoubledLine)
    }

    /// Puts another word into each line, one line at a time.
    fn split(&self, one: &Piece<Spot>, other: &Piece<Spot>) -> Vec<Unnoticed> {
        let mut lines = self.proof.lines.iter();
        let is_unnoticed = lines.any(|line| {
            let mut rows = self.rows(line);
            for piece in [one, other] {
                replace_in(&mut rows, line, piece, OTHER);
            }
            self.holds_with(line, rows)
        });
        is_unnoticed.then_some(Unnoticed::Split).into_iter().collect()
    }

    /// Puts the other side's word into all lines of one side.
    fn merged(&self, one: &Piece<Spot>, other: &Piece<Spot>) -> Vec<Unnoticed> {
        let mut found = Vec::new();
        for (piece, opposite) in [(one, other), (other, one)] {
            let Some(word) = self.word(opposite) else { continue };
            let mut edited: Option<(&Line, Vec<Row>)> = None;
            for line in self.proof.lines.iter().filter(|l| is_of(l, piece)) {
                let (_, rows) =
                    edited.get_or_insert_with(|| (line, self.rows(line)));
                replace_in(rows, line, piece, &word);
            }
            if let Some((line, rows)) = edited
                && self.holds_with(line, rows)
            {
                found.push(Unnoticed::Merged);
            }
        }
        found
    }

    /// The word that one side of a comparison stands for.
    fn word(&self, piece: &Piece<Spot>) -> Option<String> {
        let mut lines = self.proof.lines.iter().filter(|l| is_of(l, piece));
        lines.find_map(|line| {
            let rows = self.rows(line);
            let Row::Output(text) = &rows[position(&rows, line)?] else {
                return None;
            };
            let word = *piece.pattern.value.take(text)?.first()?;
            Some(word.to_owned())
        })
    }

    /// Whether some other place of the chapter shows it.
    fn never(&self, piece: &Piece<Spot>) -> Vec<Unnoticed> {
        let sessions = self.evidence.sessions.iter().enumerate();
        let here = sessions.filter(|(_, s)| s.chapter == self.citation.chapter);
        let mut rows = here.flat_map(|(session, s)| {
            (0..s.blocks.len()).flat_map(move |block| {
                let spot = Spot { session, block, ..Spot::default() };
                let rows = self.evidence.rows(&spot);
                rows.map(|rows| rows.to_vec()).unwrap_or_default()
            })
        });
        let is_shown = rows.any(|row| match row {
            Row::Output(text) => piece.pattern.value.matches(&text),
            Row::Command(_) => false,
        });
        (!is_shown).then_some(Unnoticed::NeverAnywhere).into_iter().collect()
    }
}

/// Where a line of output is among all lines of its block.
fn position(rows: &[Row], line: &Line) -> Option<usize> {
    let outputs = rows.iter().enumerate();
    let mut outputs = outputs.filter(|(_, row)| matches!(row, Row::Output(_)));
    outputs.nth(line.number.checked_sub(1)?).map(|(at, _)| at)
}

/// Whether a line is of the block that a piece looks at.
fn is_of(line: &Line, piece: &Piece<Spot>) -> bool {
    (line.session, line.block) == (piece.place.session, piece.place.block)
}

/// Puts a word in the place of the one that a piece takes out of a line.
fn replace_in(rows: &mut [Row], line: &Line, piece: &Piece<Spot>, word: &str) {
    let at = position(rows, line).filter(|_| is_of(line, piece));
    let Some(Row::Output(text)) = at.map(|at| &mut rows[at]) else { return };
    if let Some(range) = piece.pattern.value.place(text) {
        text.replace_range(range, word);
    }
}

#[cfg(test)]
mod tests;
