//! Matches the rows of sets, which may stand in any order.
//!
//! Things are told apart by where they occur: each gets a colour from the
//! colours of the rows that name it, and each row one from the things that it
//! names, again and again, until no more can be told apart (colour
//! refinement, as in tests for the isomorphism of graphs). What is left to
//! search is who is who among rows that look alike in all of the recording,
//! and there the first guess is nearly always right: a search that has to
//! take back more than [`PATIENCE`] guesses gives up.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::rename::Renaming;

/// How many pairs of rows are tried.
const PATIENCE: usize = 1 << 20;

/// A row of a set.
pub(super) struct Row {
    /// The line.
    pub(super) line: usize,
    /// The pair of sets, one of each side, between whose rows we choose.
    pub(super) set: usize,
    pub(super) shape: u32,
    /// The things it names, in order.
    pub(super) things: Vec<usize>,
    /// The parts after which they no longer existed.
    pub(super) ends: Vec<Option<usize>>,
}

/// Pairs of lines, old and new, that are the same up to a renaming that holds
/// for all of them. It extends the one given.
pub(super) fn pair(
    old: &[Row],
    new: &[Row],
    renaming: &mut Renaming,
) -> Vec<(usize, usize)> {
    let colours = refine(old, new, renaming);
    let old_islands = islands(old, |it| renaming.of_old(it).is_none());
    let new_islands = islands(new, |it| renaming.of_new(it).is_none());
    // Among islands that look alike, those are better whose namespaces end
    // with the same steps: their names are free again at the same time.
    let ending = |(row, colour): (&Row, &u64)| hash((colour, &row.ends));
    let precise = Colours {
        old: old.iter().zip(&colours.old).map(ending).collect(),
        new: new.iter().zip(&colours.new).map(ending).collect(),
    };
    let mut search =
        Search { old, new, colours: precise, renaming, patience: PATIENCE };
    let mut pairs = Vec::new();
    let rest = search.match_all(old_islands, new_islands, &mut pairs);
    search.colours = colours;
    search.match_all(rest.0, rest.1, &mut pairs);
    let line = |(a, b): (usize, usize)| (old[a].line, new[b].line);
    pairs.into_iter().map(line).collect()
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The colours of the rows of both sides.
struct Colours {
    old: Vec<u64>,
    new: Vec<u64>,
}

/// A colour for each thing that is named.
type Palette = BTreeMap<usize, u64>;

/// Tells apart as much as can be, and binds the things that look like no
/// other on their side and like one of the other side.
fn refine(old: &[Row], new: &[Row], renaming: &mut Renaming) -> Colours {
    let named = |rows: &[Row], name: &dyn Fn(usize) -> Option<usize>| {
        let things = rows.iter().flat_map(|row| row.things.iter().copied());
        things.map(|it| (it, hash(name(it)))).collect::<Palette>()
    };
    let of_old = |it| renaming.of_old(it).map(|_| it);
    let mut olds = named(old, &of_old);
    let mut news = named(new, &|it| renaming.of_new(it));
    let mut told_apart = 0;
    loop {
        let rows =
            Colours { old: colours(old, &olds), new: colours(new, &news) };
        recolour(old, &rows.old, &mut olds);
        recolour(new, &rows.new, &mut news);
        let all: BTreeSet<_> = olds.values().chain(news.values()).collect();
        if all.len() <= told_apart {
            bind_singles(&olds, &news, renaming);
            return rows;
        }
        told_apart = all.len();
    }
}

fn bind_singles(olds: &Palette, news: &Palette, renaming: &mut Renaming) {
    let singles = |palette: &Palette| {
        let mut singles: HashMap<u64, Option<usize>> = HashMap::new();
        for (&thing, &colour) in palette {
            singles
                .entry(colour)
                .and_modify(|single| *single = None)
                .or_insert(Some(thing));
        }
        singles
    };
    let news = singles(news);
    for (colour, old) in singles(olds) {
        let new = news.get(&colour).copied().flatten();
        if let (Some(old), Some(new)) = (old, new) {
            renaming.bind(old, new);
        }
    }
}

/// A row's colour: its set, its form, what it names, and what of that twice.
fn colours(rows: &[Row], things: &Palette) -> Vec<u64> {
    let colour = |row: &Row| {
        let named: Vec<_> = row
            .things
            .iter()
            .map(|thing| {
                let first = row.things.iter().position(|it| it == thing);
                (things[thing], first)
            })
            .collect();
        hash((row.set, row.shape, named))
    };
    rows.iter().map(colour).collect()
}

fn recolour(rows: &[Row], colours: &[u64], things: &mut Palette) {
    // A sum, because the order of the rows says nothing.
    let mut sums: HashMap<usize, u64> = HashMap::new();
    for (row, colour) in rows.iter().zip(colours) {
        for (place, thing) in row.things.iter().enumerate() {
            let sum = sums.entry(*thing).or_default();
            *sum = sum.wrapping_add(hash((colour, place)));
        }
    }
    for (thing, sum) in sums {
        things.entry(thing).and_modify(|it| *it = hash((*it, sum)));
    }
}

/// Rows that hang together by things whose counterpart is not known yet; in
/// each, every row but the first names a thing of one before it. What one
/// island becomes does not bear on the others.
fn islands(rows: &[Row], open: impl Fn(usize) -> bool) -> Vec<Island> {
    let mut namers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        for &thing in row.things.iter().filter(|it| open(**it)) {
            namers.entry(thing).or_default().push(at);
        }
    }
    let mut seen = vec![false; rows.len()];
    let mut islands = Vec::new();
    for first in 0..rows.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut island = vec![first];
        let mut next = 0;
        while let Some(&at) = island.get(next) {
            next += 1;
            for thing in &rows[at].things {
                for other in namers.remove(thing).unwrap_or_default() {
                    if !std::mem::replace(&mut seen[other], true) {
                        island.push(other);
                    }
                }
            }
        }
        islands.push(island);
    }
    islands
}

/// The colours of an island.
fn look(island: &[usize], colours: &[u64]) -> Vec<u64> {
    let mut look: Vec<_> = island.iter().map(|row| colours[*row]).collect();
    look.sort_unstable();
    look
}

struct Search<'a> {
    old: &'a [Row],
    new: &'a [Row],
    colours: Colours,
    renaming: &'a mut Renaming,
    patience: usize,
}

/// A row that was given a counterpart.
struct Guess {
    /// The row of the new side.
    row: usize,
    /// Which that is of those that look like it.
    candidate: usize,
    /// What that has bound.
    bound: Vec<(usize, usize)>,
}

/// Rows that hang together.
type Island = Vec<usize>;

impl Search<'_> {
    /// Pairs islands, and returns those that are left. If an island matches
    /// one, it is no loss to another that looks like it: that one matches
    /// whatever else is like the first.
    fn match_all(
        &mut self,
        old: Vec<Island>,
        new: Vec<Island>,
        pairs: &mut Vec<(usize, usize)>,
    ) -> (Vec<Island>, Vec<Island>) {
        let mut unclaimed: HashMap<Vec<u64>, Vec<Island>> = HashMap::new();
        // The last is the first to be tried.
        for island in new.into_iter().rev() {
            let look = look(&island, &self.colours.new);
            unclaimed.entry(look).or_default().push(island);
        }
        let mut left = Vec::new();
        for island in old {
            let alike = unclaimed.get_mut(&look(&island, &self.colours.old));
            let found = alike.and_then(|alike| {
                let mut last_first = (0..alike.len()).rev();
                last_first.find_map(|at| {
                    let found = self.match_island(&island, &alike[at])?;
                    alike.remove(at);
                    Some(found)
                })
            });
            match found {
                Some(found) => pairs.extend(found),
                None => left.push(island),
            }
        }
        let mut rest: Vec<_> = unclaimed.into_values().flatten().collect();
        rest.sort_unstable();
        (left, rest)
    }

    /// Pairs the rows of two islands that look alike, and extends the
    /// renaming; or changes nothing.
    fn match_island(
        &mut self,
        old: &[usize],
        new: &[usize],
    ) -> Option<Vec<(usize, usize)>> {
        let mut alike: HashMap<u64, Alike> = HashMap::new();
        for &row in new {
            let alike = alike.entry(self.colours.new[row]).or_default();
            alike.rows.push((row, false));
        }
        let mut guesses: Vec<Guess> = Vec::new();
        let mut from = 0;
        while let Some(&row) = old.get(guesses.len()) {
            let colour = self.colours.old[row];
            let alike_row = alike.get_mut(&colour)?;
            if let Some(guess) = self.guess(row, alike_row, from) {
                alike_row.take(guess.candidate);
                guesses.push(guess);
                from = 0;
                continue;
            }
            // None is left: the guess before was wrong.
            let wrong = guesses.pop()?;
            self.renaming.release(&wrong.bound);
            let colour = self.colours.old[old[guesses.len()]];
            alike.get_mut(&colour)?.give_back(wrong.candidate);
            from = wrong.candidate + 1;
        }
        let found = guesses.iter().map(|guess| guess.row);
        Some(old.iter().copied().zip(found).collect())
    }

    fn guess(
        &mut self,
        row: usize,
        alike: &Alike,
        from: usize,
    ) -> Option<Guess> {
        let old = &self.old[row];
        let from = from.max(alike.taken);
        for (candidate, &(row, taken)) in
            alike.rows.iter().enumerate().skip(from)
        {
            if taken {
                continue;
            }
            self.patience = self.patience.checked_sub(1)?;
            let new = &self.new[row];
            let fits = (old.set, old.shape, old.things.len())
                == (new.set, new.shape, new.things.len());
            if !fits {
                continue;
            }
            if let Some(bound) =
                self.renaming.bind_all(&old.things, &new.things)
            {
                return Some(Guess { row, candidate, bound });
            }
        }
        None
    }
}

/// Rows of one colour, and which of them are taken.
#[derive(Default)]
struct Alike {
    rows: Vec<(usize, bool)>,
    /// That many at the start are.
    taken: usize,
}

impl Alike {
    fn take(&mut self, candidate: usize) {
        self.rows[candidate].1 = true;
        while self.rows.get(self.taken).is_some_and(|row| row.1) {
            self.taken += 1;
        }
    }

    fn give_back(&mut self, candidate: usize) {
        self.rows[candidate].1 = false;
        self.taken = self.taken.min(candidate);
    }
}
