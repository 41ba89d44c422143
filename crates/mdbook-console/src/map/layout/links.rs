//! Lines from user namespaces to the namespaces that they own: in a strip at
//! the left of all boxes, where each owner has a track of its own.

use sandbox::namespace::Kind;

use crate::map::layout::{Frame, Line};

/// Between tracks.
const TRACK: i32 = 9;

/// Below the upper edge of a box, where its round corner has ended and no
/// line from a process arrives.
const BELOW: i32 = 7;

/// The width of the strip.
pub(super) fn room(tracks: usize) -> i32 {
    match i32::try_from(tracks) {
        Ok(0) | Err(_) => 0,
        Ok(tracks) => (tracks + 1) * TRACK,
    }
}

/// A line for everything that is owned. `tracks` are the numbers of owners.
pub(super) fn lines(boxes: &[Frame], tracks: &[u64]) -> Vec<Line> {
    let edge = |frame: &Frame| (frame.place.x, frame.place.y + BELOW);
    let mut lines = Vec::new();
    for (x, number) in (1..).map(|track| track * TRACK).zip(tracks) {
        let is_it = |frame: &&Frame| {
            frame.kind == Kind::USER && frame.number == Some(*number)
        };
        let Some(owner) = boxes.iter().find(is_it) else { continue };
        let from = edge(owner);
        let theirs = boxes.iter().filter(|it| it.owner == Some(*number));
        lines.extend(theirs.map(|it| Line::Owner { from, x, to: edge(it) }));
    }
    lines
}
