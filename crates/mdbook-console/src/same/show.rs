//! Writes the new side in the terms of the old.

use std::collections::{HashMap, HashSet};

use super::kinds::KINDS;
use super::pairs::{Match, Pairs};
use super::read::{Line, Side, Thing};
use super::rename::Renaming;

/// What each thing of the new side is called in the terms of the old, in the
/// order of its things: two that are there at the same time never have the
/// same name.
pub(super) fn names(
    old: &Side<'_>,
    new: &Side<'_>,
    renaming: &Renaming,
) -> Vec<String> {
    let key = |thing: &Thing<'_>| (thing.kind, thing.name.to_owned());
    let taken: HashSet<_> = old.things.iter().map(key).collect();
    let coming: HashSet<_> = new.things.iter().map(key).collect();
    // Whose name it was last.
    let mut bearers: HashMap<(usize, String), usize> = HashMap::new();
    let mut names = Vec::new();
    for (at, thing) in new.things.iter().enumerate() {
        let free = |name: &str| {
            let bearer = bearers.get(&(thing.kind, name.to_owned()));
            bearer.is_none_or(|bearer| {
                let died = new.things[*bearer].died;
                died.is_some_and(|died| died < thing.born)
            })
        };
        let old_name = renaming.of_new(at).map(|it| old.things[it].name);
        let is_taken = |name: &str| {
            let name = (thing.kind, name.to_owned());
            taken.contains(&name) || coming.contains(&name)
        };
        let own = Some(thing.name)
            .filter(|own| !taken.contains(&(thing.kind, (*own).to_owned())));
        let name = old_name
            .filter(|name| free(name))
            .or(own.filter(|own| free(own)))
            .map_or_else(
                || another(thing, &|it| is_taken(it) || !free(it)),
                str::to_owned,
            );
        bearers.insert((thing.kind, name.clone()), at);
        names.push(name);
    }
    names
}

/// A name of the thing's kind that nothing has.
fn another(thing: &Thing<'_>, is_taken: &dyn Fn(&str) -> bool) -> String {
    let constant = KINDS[thing.kind].constant;
    let mut name = next(thing.name);
    while constant(&name) || is_taken(&name) {
        name = next(&name);
    }
    name
}

/// The name that follows. Of an address with holes only the last group may
/// become longer; a number that is hexadecimal keeps its width.
fn next(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: u64 = name.parse().unwrap_or_default();
        return number.wrapping_add(1).to_string();
    }
    let start = name.rfind(|c: char| !c.is_ascii_hexdigit());
    let (head, last) = name.split_at(start.map_or(0, |start| start + 1));
    let width = last.len();
    let value = u64::from_str_radix(last, 16).unwrap_or_default() + 1;
    let digits = format!("{value:0width$x}");
    if digits.len() == width || head.contains("::") && width < 4 {
        return format!("{head}{digits}");
    }
    let Some(rest) = head.strip_suffix([':', '-']) else {
        return format!("{head}{:0width$}", 0);
    };
    let separator = &head[rest.len()..];
    format!("{}{separator}{:0width$}", next(rest), 0)
}

/// A line of the new side beside the line of the old that it is paired with.
pub(super) fn line(
    new: &Line<'_>,
    old: Option<(&Line<'_>, Match)>,
    names: &[String],
) -> String {
    // Where the forms are the same, blanks are those of the old line.
    let frame = match old {
        Some((old, Match::SameForm)) => old,
        _ => new,
    };
    let mut text = String::with_capacity(frame.text.len());
    let mut at = 0;
    for (index, token) in frame.tokens.iter().enumerate() {
        text.push_str(&frame.text[at..token.span.start]);
        at = token.span.end;
        let own = &new.tokens[index];
        match (own.thing, old) {
            (Some(thing), _) => text.push_str(&names[thing]),
            (None, Some((old, _))) => {
                text.push_str(old.value(&old.tokens[index]));
            }
            (None, None) => text.push_str(new.value(own)),
        }
    }
    text.push_str(&frame.text[at..]);
    text
}

/// The lines of a part of the new side, in the terms of the old. Rows of a
/// set stand as they do on the old side.
pub(super) fn part(
    index: usize,
    old: &Side<'_>,
    new: &Side<'_>,
    pairs: &Pairs,
    names: &[String],
) -> Vec<String> {
    let mut order: Vec<usize> = new.parts[index].clone().collect();
    for set in &new.sets {
        if let (Some(first), true) = (
            set.rows.start.checked_sub(new.parts[index].start),
            set.rows.end <= new.parts[index].end,
        ) {
            let rows = &mut order[first..first + set.rows.len()];
            rows.sort_by_key(|row| {
                pairs.of_new(*row).map_or(usize::MAX, |(old, _)| old)
            });
        }
    }
    let show = |at: usize| {
        let beside = pairs.of_new(at);
        let beside = beside.map(|(row, how)| (&old.lines[row], how));
        line(&new.lines[at], beside, names)
    };
    order.into_iter().map(show).collect()
}

/// The numbers of the part's dead in the terms of the old side.
pub(super) fn gone(index: usize, new: &Side<'_>, names: &[String]) -> Vec<u64> {
    let dead = |(thing, _): &(&Thing<'_>, _)| thing.died == Some(index);
    let things = new.things.iter().zip(names).filter(dead);
    things.filter_map(|(_, name)| name.parse().ok()).collect()
}
