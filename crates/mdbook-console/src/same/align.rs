//! Finds what two sequences have in common, in order.

use std::collections::HashMap;
use std::ops::Range;

/// Up to so many pairs, every pair is looked at.
const SMALL: usize = 1 << 18;

/// Pairs of places whose values are equal, ascending on both sides; as many
/// as there can be, except between long stretches without a landmark.
pub(super) fn align<T: PartialEq + Copy + Eq + std::hash::Hash>(
    old: &[T],
    new: &[T],
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    between(old, 0..old.len(), new, 0..new.len(), &mut pairs);
    pairs
}

fn between<T: Copy + Eq + std::hash::Hash>(
    old: &[T],
    mut left: Range<usize>,
    new: &[T],
    mut right: Range<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    while !left.is_empty()
        && !right.is_empty()
        && old[left.start] == new[right.start]
    {
        pairs.push((left.start, right.start));
        left.start += 1;
        right.start += 1;
    }
    let mut tail = 0;
    while tail < left.len().min(right.len())
        && old[left.end - tail - 1] == new[right.end - tail - 1]
    {
        tail += 1;
    }
    left.end -= tail;
    right.end -= tail;
    if left.len().saturating_mul(right.len()) <= SMALL {
        longest(old, &left, new, &right, pairs);
    } else {
        let (mut from, mut to) = (left.start, right.start);
        for (at, other) in landmarks(old, &left, new, &right) {
            between(old, from..at, new, to..other, pairs);
            pairs.push((at, other));
            (from, to) = (at + 1, other + 1);
        }
        if from > left.start {
            between(old, from..left.end, new, to..right.end, pairs);
        }
    }
    let end = |offset| (left.end + offset, right.end + offset);
    pairs.extend((0..tail).map(end));
}

/// The longest common subsequence.
fn longest<T: Copy + Eq>(
    old: &[T],
    left: &Range<usize>,
    new: &[T],
    right: &Range<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let width = right.len() + 1;
    // How long it is from each place on.
    let mut best = vec![0_u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            let equal = old[left.start + i] == new[right.start + j];
            best[i * width + j] = if equal {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if old[left.start + i] == new[right.start + j] {
            pairs.push((left.start + i, right.start + j));
            i += 1;
            j += 1;
        } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

/// Values that each side has once, as many as are in the same order.
fn landmarks<T: Copy + Eq + std::hash::Hash>(
    old: &[T],
    left: &Range<usize>,
    new: &[T],
    right: &Range<usize>,
) -> Vec<(usize, usize)> {
    let (old, new) = (once(old, left), once(new, right));
    let mut both: Vec<_> = old
        .iter()
        .filter_map(|(value, at)| Some(((*at)?, (*new.get(value)?)?)))
        .collect();
    both.sort_unstable();
    ascending(&both)
}

/// Where each value is, if it is at one place only.
fn once<T: Copy + Eq + std::hash::Hash>(
    values: &[T],
    range: &Range<usize>,
) -> HashMap<T, Option<usize>> {
    let mut places = HashMap::new();
    for at in range.clone() {
        let place = places.entry(values[at]).or_insert(Some(at));
        if *place != Some(at) {
            *place = None;
        }
    }
    places
}

/// The longest run of pairs that ascends on the other side, too.
fn ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The last pair of the best run of each length, and who precedes whom.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pairs.len()];
    for (at, &(_, value)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < value);
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut run = Vec::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        run.push(pairs[at]);
        next = before[at];
    }
    run.reverse();
    run
}
