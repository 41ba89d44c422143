//! What the relation is, by example; the folder has the kinds one by one, and
//! the properties.

mod kinds;
mod made;
mod oracle;
mod properties;
mod recordings;
mod rules;

use std::fmt::Write as _;

use super::{Comparison, Part, compare};

/// Reads a session: its parts are separated by lines of dashes, and a line
/// such as `gone 4026532184` says what is gone.
fn session(text: &str) -> Vec<Part> {
    let part = |text: &str| {
        let (gone, lines) = text
            .lines()
            .filter(|line| !line.is_empty())
            .partition::<Vec<_>, _>(|line| line.starts_with("gone "));
        let number =
            |line: &str| line["gone ".len()..].parse().expect("a number");
        Part {
            lines: lines.into_iter().map(str::to_owned).collect(),
            gone: gone.into_iter().map(number).collect(),
        }
    };
    text.split("\n----\n").map(part).collect()
}

/// Compares two sessions both ways; both must say the same.
fn both_ways(old: &[Part], new: &[Part]) -> Comparison {
    let there = compare(old, new);
    let back = compare(new, old);
    assert_eq!(there.is_same(), back.is_same(), "{old:#?}\n{new:#?}");
    there
}

#[track_caller]
fn same(old: &str, new: &str) {
    let (old, new) = (session(old), session(new));
    let comparison = both_ways(&old, &new);
    assert!(comparison.is_same(), "{comparison:#?}");
    for (old, renamed) in old.iter().zip(&comparison.renamed) {
        assert_eq!(&old.lines, renamed);
    }
}

/// Says which lines differ, and how, once the new side is renamed.
#[track_caller]
fn differ(old: &str, new: &str) -> String {
    let (old, new) = (session(old), session(new));
    let comparison = both_ways(&old, &new);
    assert!(!comparison.is_same());
    let of = |parts: Vec<Vec<String>>| parts.concat();
    let old = of(old.into_iter().map(|part| part.lines).collect());
    let new = of(comparison.renamed);
    let mut told = String::new();
    for at in 0..old.len().max(new.len()) {
        if old.get(at) != new.get(at) {
            for (sign, side) in [('-', &old), ('+', &new)] {
                if let Some(line) = side.get(at) {
                    let _ = writeln!(told, "{sign}{line}");
                }
            }
        }
    }
    told
}
