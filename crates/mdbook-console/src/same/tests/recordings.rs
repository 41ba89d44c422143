//! What must hold of texts as tools print them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::kinds::{Class, KINDS};
use super::super::scan::Scanner;
use super::super::{Part, compare};
use super::{both_ways, session};

/// Sessions to try: one made up of what tools print. Recordings belong here,
/// too.
fn parts_of_every_recording() -> Vec<Vec<Part>> {
    vec![session(include_str!("tools.txt"))]
}

/// Where tokens are: part, line, span; and the kind.
type Place = (usize, usize, Range<usize>, usize);

fn tokens(parts: &[Part]) -> Vec<Place> {
    let mut places = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut scanner = Scanner::new();
        for (line, text) in part.lines.iter().enumerate() {
            places.extend(scanner.scan(text).0.into_iter().map(|token| {
                (at, line, token.span, Scanner::kind(token.place))
            }));
        }
    }
    places
}

fn text<'a>(parts: &'a [Part], at: &Place) -> &'a str {
    &parts[at.0].lines[at.1][at.2.clone()]
}

/// Puts other values in some places. Those of a line come in order.
fn put(parts: &[Part], values: &[(&Place, String)]) -> Vec<Part> {
    let mut new = parts.to_vec();
    for ((part, line, span, _), value) in values.iter().rev() {
        new[*part].lines[*line].replace_range(span.clone(), value);
    }
    new
}

/// Another value of the same form, and for another value another.
fn other(value: &str, by: u64) -> String {
    if let Ok(number) = value.parse::<u64>() {
        return (number + 5000 + by).to_string();
    }
    let (head, last) = value.split_at(value.len() - 2);
    let last = u64::from_str_radix(last, 16).expect("hexadecimal");
    format!("{head}{:02x}", (last + 0x51 + by) % 256)
}

fn identities(parts: &[Part]) -> Vec<Place> {
    let mut places = tokens(parts);
    places.retain(|place| KINDS[place.3].class == Class::Identity);
    places
}

#[test]
fn renamed_they_are_the_same() {
    for parts in parts_of_every_recording() {
        let places = identities(&parts);
        let value = |at| (at, other(text(&parts, at), 0));
        let new = put(&parts, &places.iter().map(value).collect::<Vec<_>>());
        assert_ne!(new, parts);
        let comparison = both_ways(&parts, &new);
        let old: Vec<_> = parts.iter().map(|part| part.lines.clone()).collect();
        assert!(comparison.is_same(), "{comparison:#?}");
        assert_eq!(comparison.renamed, old);
    }
}

#[test]
fn one_place_renamed_differs_and_alone_shows() {
    for parts in parts_of_every_recording() {
        let places = identities(&parts);
        for place in &places {
            let value = text(&parts, place);
            let named = places
                .iter()
                .filter(|it| (it.3, text(&parts, it)) == (place.3, value));
            let named = named.count();
            let new = put(&parts, &[(place, other(value, 0))]);
            let comparison = both_ways(&parts, &new);
            assert_eq!(comparison.is_same(), named == 1, "{place:?} {value}");
            let changed = comparison.same.iter().filter(|same| !**same);
            assert!(changed.count() <= 1, "{place:?} {value}");
            let shown = comparison.renamed.iter().flatten();
            let old = parts.iter().flat_map(|part| &part.lines);
            let lines = shown.zip(old).filter(|(new, old)| new != old).count();
            // Of two, nobody can say which is the one that changed.
            assert!(lines <= 1, "{place:?} {value} {comparison:#?}");
        }
    }
}

#[test]
fn two_made_one_differ() {
    for parts in parts_of_every_recording() {
        let places = identities(&parts);
        let mut things: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for place in &places {
            things.entry(place.3).or_default().insert(text(&parts, place));
        }
        for (kind, names) in things {
            for (one, two) in names.iter().zip(names.iter().skip(1)) {
                let named =
                    |at: &&Place| at.3 == kind && text(&parts, at) == *two;
                let value = |at| (at, (*one).to_owned());
                let values: Vec<_> =
                    places.iter().filter(named).map(value).collect();
                let new = put(&parts, &values);
                assert!(!both_ways(&parts, &new).is_same(), "{one} {two}");
            }
        }
    }
}

#[test]
fn every_other_character_counts() {
    for parts in parts_of_every_recording() {
        let places = tokens(&parts);
        for (at, part) in parts.iter().enumerate() {
            for (line, text) in part.lines.iter().enumerate() {
                for (index, c) in text.char_indices() {
                    let token = places.iter().any(|it| {
                        (it.0, it.1) == (at, line) && it.2.contains(&index)
                    });
                    if token || c == ' ' {
                        continue;
                    }
                    let mut new = parts.clone();
                    let by = if c == 'z' { "y" } else { "z" };
                    let span = index..index + c.len_utf8();
                    new[at].lines[line].replace_range(span, by);
                    let same = compare(&parts[at..=at], &new[at..=at]);
                    assert!(!same.is_same(), "{text}: {c} is {by}");
                }
            }
        }
    }
}
