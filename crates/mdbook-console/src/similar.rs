//! Finds the name that was probably meant.

use std::cell::Cell;

/// Guesses for faults of one kind, in the order of the text. To compare every
/// name with every other takes its time, so no more is guessed than a report
/// shows.
pub struct Guesses {
    left: Cell<usize>,
}

impl Guesses {
    /// So many guesses.
    pub fn new(most: usize) -> Self {
        Self { left: Cell::new(most) }
    }

    /// [`closest`], while there are guesses left.
    pub fn closest<'a>(
        &self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        self.left.set(self.left.get().checked_sub(1)?);
        closest(word, candidates)
    }
}

/// The candidate closest to `word`, if it is close enough to be a slip.
pub fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let slips = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours between two
/// words.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let substituted = rows[i][j] + usize::from(a != b);
            let mut cost = substituted.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from[i - 1] == *b && *a == to[j - 1] {
                cost = cost.min(rows[i - 1][j - 1] + 1);
            }
            row.push(cost);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::{Guesses, closest};

    #[test]
    fn guesses_come_to_an_end() {
        let guesses = Guesses::new(2);
        assert_eq!(guesses.closest("idd", ["id"]), Some("id"));
        assert_eq!(guesses.closest("idd", ["id"]), Some("id"));
        assert_eq!(guesses.closest("idd", ["id"]), None);
    }

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["timeout", "terminal", "until", "id", "exit"];
        assert_eq!(closest("timout", known), Some("timeout"));
        assert_eq!(closest("tiemout", known), Some("timeout"));
        assert_eq!(closest("exti", known), Some("exit"));
        assert_eq!(closest("colour", known), None);
        assert_eq!(closest("", known), None);
    }
}
