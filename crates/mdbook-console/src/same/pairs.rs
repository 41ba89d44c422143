//! Finds for each line of the new side the line of the old that it is to be
//! compared with, and learns the renaming from them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::align::align;
use super::read::{Line, Side};
use super::rename::Renaming;
use super::rows::{self, Row};

/// Between so many pairs of rows, we look for those that are most alike.
const SMALL: usize = 1 << 14;

/// How alike two paired lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// They have the same form.
    SameForm,
    /// They have tokens of the same kinds, found in the same ways.
    SameTokens,
}

/// Lines beside lines.
pub(super) struct Pairs {
    of_new: Vec<Option<(usize, Match)>>,
    of_old: Vec<Option<usize>>,
}

impl Pairs {
    /// The line of the old side.
    pub(super) fn of_new(&self, new: usize) -> Option<(usize, Match)> {
        self.of_new[new]
    }

    fn add(&mut self, old: usize, new: usize, how: Match) {
        self.of_new[new] = Some((old, how));
        self.of_old[old] = Some(new);
    }

    fn open_old(&self, rows: Range<usize>) -> Vec<usize> {
        rows.filter(|row| self.of_old[*row].is_none()).collect()
    }

    fn open_new(&self, rows: Range<usize>) -> Vec<usize> {
        rows.filter(|row| self.of_new[*row].is_none()).collect()
    }
}

/// Pairs lines, and things.
pub(super) fn pair(old: &Side<'_>, new: &Side<'_>) -> (Pairs, Renaming) {
    let mut it = Pairing {
        old,
        new,
        pairs: Pairs {
            of_new: vec![None; new.lines.len()],
            of_old: vec![None; old.lines.len()],
        },
        renaming: Renaming::new(old.things.len(), new.things.len()),
        sets: Vec::new(),
        gaps: Vec::new(),
    };
    it.pair_lines();
    it.learn(Match::SameForm);
    it.pair_rows();
    it.pair_what_is_left();
    it.learn(Match::SameTokens);
    (it.pairs, it.renaming)
}

/// What is compared in order: lines, and sets as wholes.
#[derive(Clone, Copy)]
enum Piece {
    Line(usize),
    Set(usize),
}

/// Lines that are between the same pairs.
struct Gap {
    old: Vec<usize>,
    new: Vec<usize>,
}

struct Pairing<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    pairs: Pairs,
    renaming: Renaming,
    /// Sets beside sets.
    sets: Vec<(usize, usize)>,
    gaps: Vec<Gap>,
}

impl Pairing<'_> {
    /// Where the steps are the same, each is compared with its counterpart;
    /// otherwise all that was said with all that was said.
    fn pair_lines(&mut self) {
        let (old, new) = (self.old, self.new);
        let opens = |side: &Side<'_>, part: &Range<usize>| {
            side.lines[part.clone()].first().map(|line| line.shape)
        };
        let mut parts = old.parts.iter().zip(&new.parts);
        let same_steps = old.parts.len() == new.parts.len()
            && parts.all(|(left, right)| opens(old, left) == opens(new, right));
        if same_steps {
            for (left, right) in old.parts.iter().zip(&new.parts) {
                self.pair_between(left.clone(), right.clone());
            }
        } else {
            self.pair_between(0..old.lines.len(), 0..new.lines.len());
        }
    }

    fn pair_between(&mut self, left: Range<usize>, right: Range<usize>) {
        let left = pieces(self.old, left);
        let right = pieces(self.new, right);
        let mut pairs =
            align(&forms(self.old, &left), &forms(self.new, &right));
        pairs.push((left.len(), right.len()));
        let (mut from, mut to) = (0, 0);
        for (at, other) in pairs {
            if from < at && to < other {
                let old = lines(&left[from..at]);
                let new = lines(&right[to..other]);
                self.gaps.push(Gap { old, new });
            }
            (from, to) = (at + 1, other + 1);
            match (left.get(at), right.get(other)) {
                (Some(&Piece::Line(old)), Some(&Piece::Line(new))) => {
                    self.pairs.add(old, new, Match::SameForm);
                }
                (Some(&Piece::Set(old)), Some(&Piece::Set(new))) => {
                    self.sets.push((old, new));
                }
                _ => {}
            }
        }
    }

    /// Binds things that stand at the same place in paired lines. Where the
    /// lines do not agree, the majority is believed, then the first. A pair of
    /// sets that name both is for it, too.
    fn learn(&mut self, how: Match) {
        let mut votes: HashMap<(usize, usize), usize> = HashMap::new();
        let mut order = Vec::new();
        for (new, beside) in self.pairs.of_new.iter().enumerate() {
            let Some((old, _)) = beside.filter(|it| it.1 == how) else {
                continue;
            };
            let old = self.old.lines[old].things();
            for vote in old.zip(self.new.lines[new].things()) {
                let count = votes.entry(vote).or_default();
                if *count == 0 {
                    order.push(vote);
                }
                *count += 1;
            }
        }
        let old_sets = named_in(self.old, self.sets.iter().map(|it| it.0));
        let new_sets = named_in(self.new, self.sets.iter().map(|it| it.1));
        let both = |old, new| {
            let sets = old_sets.get(&old).zip(new_sets.get(&new));
            sets.map_or(0, |(old, new)| old.intersection(new).count())
        };
        order.sort_by_cached_key(|&vote| {
            Reverse(votes[&vote] + both(vote.0, vote.1))
        });
        for (old, new) in order {
            self.renaming.bind(old, new);
        }
    }

    fn pair_rows(&mut self) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (set, &(old, new)) in self.sets.iter().enumerate() {
            left.extend(rows_of(self.old, old, set));
            right.extend(rows_of(self.new, new, set));
        }
        for (old, new) in rows::pair(&left, &right, &mut self.renaming) {
            self.pairs.add(old, new, Match::SameForm);
        }
    }

    /// Pairs lines that are not the same, so that only what differs shows.
    fn pair_what_is_left(&mut self) {
        for (old, new) in std::mem::take(&mut self.sets) {
            let old = self.pairs.open_old(self.old.sets[old].rows.clone());
            let new = self.pairs.open_new(self.new.sets[new].rows.clone());
            self.pair_most_alike(&old, &new);
        }
        for gap in std::mem::take(&mut self.gaps) {
            if gap.old.len() * gap.new.len() > SMALL {
                continue;
            }
            let places = |side: &Side<'_>, lines: &[usize]| -> Vec<_> {
                lines.iter().map(|it| places(&side.lines[*it])).collect()
            };
            let old = places(self.old, &gap.old);
            let new = places(self.new, &gap.new);
            for (at, other) in align(&refs(&old), &refs(&new)) {
                let (old, new) = (gap.old[at], gap.new[other]);
                self.pairs.add(old, new, Match::SameTokens);
            }
        }
    }

    fn pair_most_alike(&mut self, old: &[usize], new: &[usize]) {
        if old.len() * new.len() > SMALL {
            return;
        }
        let mut scores = Vec::new();
        for &left in old {
            for &right in new {
                let score = self.likeness(left, right);
                scores.extend(score.map(|score| (score, left, right)));
            }
        }
        scores.sort_by_key(|(score, ..)| Reverse(*score));
        for (_, left, right) in scores {
            let open = self.pairs.of_old[left].is_none()
                && self.pairs.of_new[right].is_none();
            if !open {
                continue;
            }
            let (old, new) = (&self.old.lines[left], &self.new.lines[right]);
            let how = if old.shape == new.shape {
                Match::SameForm
            } else {
                Match::SameTokens
            };
            self.pairs.add(left, right, how);
            for (old, new) in old.things().zip(new.things()) {
                self.renaming.bind(old, new);
            }
        }
    }

    /// How many things two rows have in common, and how many words; nothing
    /// if their tokens are not of the same kinds.
    fn likeness(&self, left: usize, right: usize) -> Option<(usize, usize)> {
        let (old, new) = (&self.old.lines[left], &self.new.lines[right]);
        (places(old) == places(new)).then_some(())?;
        let things = old.things().zip(new.things());
        let same = things.filter(|it| self.renaming.has(it.0, it.1)).count();
        let words = old.text.split_whitespace();
        let words = words.zip(new.text.split_whitespace());
        Some((same, words.filter(|(a, b)| a == b).count()))
    }
}

/// For each thing, which of the sets name it.
fn named_in(
    side: &Side<'_>,
    sets: impl Iterator<Item = usize>,
) -> HashMap<usize, BTreeSet<usize>> {
    let mut named: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    for (pair, set) in sets.enumerate() {
        for line in &side.lines[side.sets[set].rows.clone()] {
            for thing in line.things() {
                named.entry(thing).or_default().insert(pair);
            }
        }
    }
    named
}

/// The rows of a set that is one of a pair of sets.
fn rows_of<'a>(
    side: &'a Side<'_>,
    set: usize,
    pair: usize,
) -> impl Iterator<Item = Row> + 'a {
    side.sets[set].rows.clone().map(move |line| {
        let things: Vec<_> = side.lines[line].things().collect();
        let ends = things.iter().map(|it| side.things[*it].died).collect();
        let shape = side.lines[line].shape;
        Row { line, set: pair, shape, things, ends }
    })
}

/// The ways in which a line's tokens were found.
fn places(line: &Line<'_>) -> Vec<usize> {
    line.tokens.iter().map(|token| token.place).collect()
}

fn refs(places: &[Vec<usize>]) -> Vec<&[usize]> {
    places.iter().map(Vec::as_slice).collect()
}

fn pieces(side: &Side<'_>, range: Range<usize>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut last = None;
    for at in range {
        let set = side.lines[at].set;
        match set {
            None => pieces.push(Piece::Line(at)),
            Some(set) if last != Some(set) => pieces.push(Piece::Set(set)),
            Some(_) => {}
        }
        last = set;
    }
    pieces
}

/// The form of each piece. All sets of an entry are alike.
fn forms(side: &Side<'_>, pieces: &[Piece]) -> Vec<(bool, usize)> {
    let form = |piece: &Piece| match *piece {
        Piece::Line(line) => (false, side.lines[line].shape as usize),
        Piece::Set(set) => (true, side.sets[set].sorted),
    };
    pieces.iter().map(form).collect()
}

fn lines(pieces: &[Piece]) -> Vec<usize> {
    let line = |piece: &Piece| match *piece {
        Piece::Line(line) => Some(line),
        Piece::Set(_) => None,
    };
    pieces.iter().filter_map(line).collect()
}
