//! Decides whether two recordings of a session say the same.
//!
//! Hardly two runs print the same bytes: the kernel numbers namespaces by
//! what happens to be free, and a clock is never twice the same. So what
//! varies is of a kind that [`kinds()`] lists with a reason. Of *measurements*
//! any value will do. *Identities* may be renamed, one-to-one and throughout
//! the session: the same number in two places must stay the same, and two
//! different numbers must stay different. Everything else is text.
//!
//! ```text
//! read (scan by kinds) ▶ pairs (align, rows) ▶ rename ▶ show
//! ```
//!
//! That is an equivalence: what is compared is the form of the lines, which
//! each side has by itself, and whether a one-to-one renaming exists. With
//! one exception: if rows that may stand in any order look alike in all of
//! the recording but are not, and a million guesses do not tell who is who,
//! the answer is that they differ.

mod align;
mod kinds;
mod pairs;
mod read;
mod rename;
mod rows;
mod scan;
mod show;

use std::ops::Range;

use kinds::{Class, KINDS, Kind, SORTED, Sorted};
use pairs::{Match, Pairs};
use read::{Numbers, Side, read};
use rename::Renaming;

/// The text of one step, as a recording has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Lines without their ends: prompt and command, output, status, census.
    pub lines: Vec<String>,
    /// Numbers of namespaces that this or an earlier part has named and that
    /// no longer existed when the part was over. A number that is named
    /// again later is that of another namespace.
    pub gone: Vec<u64>,
}

/// What [`compare`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// For each part of the longer side: whether both sides have it and it is
    /// the same.
    pub same: Vec<bool>,
    /// The new side in the terms of the old: identities renamed, measurements
    /// and the padding that follows them taken over wherever only they
    /// differ. A line that is the same up to renaming is here the old line,
    /// byte for byte.
    ///
    /// With [`Comparison::gone`], it is always the same as the new side. An
    /// identity that has no counterpart on the old side keeps its value,
    /// unless that means another thing there.
    pub renamed: Vec<Vec<String>>,
    /// [`Part::gone`] of each part of the new side, in the terms of the old.
    ///
    /// Where two sides differ only in whether a number was given out again,
    /// it shows here, and the lines are equal.
    pub gone: Vec<Vec<u64>>,
}

impl Comparison {
    /// Whether the whole session is the same.
    pub fn is_same(&self) -> bool {
        self.same.iter().all(|same| *same)
    }
}

/// What may vary from run to run: for each kind its name, whether its values
/// are told apart, and why it varies. Then the rows whose order may.
pub fn kinds() -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    let kind = |it: &Kind| (it.name, it.class == Class::Identity, it.reason);
    let rows = |it: &Sorted| (it.name, false, it.reason);
    KINDS.iter().map(kind).chain(SORTED.iter().map(rows))
}

/// Compares two recordings of a session, part by part.
pub fn compare(old: &[Part], new: &[Part]) -> Comparison {
    let mut shapes = Numbers::new();
    let left = read(old, &mut shapes);
    let right = read(new, &mut shapes);
    let (pairs, renaming) = pairs::pair(&left, &right);
    let length = old.len().max(new.len());
    let same: Vec<_> = (0..length)
        .map(|part| {
            let parts = left.parts.get(part).zip(right.parts.get(part));
            parts.is_some_and(|(old, new)| {
                same_part(&left, old, &right, new, &pairs, &renaming)
            })
        })
        .collect();
    if same.iter().all(|same| *same) {
        let renamed = old.iter().map(|part| part.lines.clone()).collect();
        let gone = old.iter().map(|part| part.gone.clone()).collect();
        return Comparison { same, renamed, gone };
    }
    in_terms_of(old, &left, &right, &pairs, &renaming, same)
}

fn in_terms_of(
    old: &[Part],
    left: &Side<'_>,
    right: &Side<'_>,
    pairs: &Pairs,
    renaming: &Renaming,
    mut same: Vec<bool>,
) -> Comparison {
    let names = show::names(left, right, renaming);
    let parts = 0..right.parts.len();
    let renamed: Vec<_> = parts
        .clone()
        .map(|part| show::part(part, left, right, pairs, &names))
        .collect();
    for (at, same) in same.iter_mut().enumerate() {
        // A number of the old side may not have been free for its
        // counterpart.
        *same &= old.get(at).map(|part| &part.lines) == renamed.get(at);
    }
    let gone = parts.map(|part| show::gone(part, right, &names)).collect();
    Comparison { same, renamed, gone }
}

/// Whether all lines of two parts are paired in their order, apart from rows
/// of sets, and name the same things.
fn same_part(
    left: &Side<'_>,
    old: &Range<usize>,
    right: &Side<'_>,
    new: &Range<usize>,
    pairs: &Pairs,
    renaming: &Renaming,
) -> bool {
    let same_line = |at: usize| {
        let Some((row, Match::SameForm)) = pairs.of_new(at) else {
            return false;
        };
        let (line, other) = (&left.lines[row], &right.lines[at]);
        let same_place = row.checked_sub(old.start) == Some(at - new.start);
        let same_set = line.set.is_some() && old.contains(&row);
        let mut things = line.things().zip(other.things());
        (same_place || same_set)
            && things.all(|(old, new)| renaming.has(old, new))
    };
    old.len() == new.len() && new.clone().all(same_line)
}

#[cfg(test)]
mod tests;
