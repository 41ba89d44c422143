#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::fmt::Write as _;

use snapbox::{assert_data_eq, str};

use super::layout::{Label, Layout, Line, Rect, Role, layout};
use super::words::{Entry, words};
use super::*;

fn process(
    pids: &[i32],
    parent: i32,
    namespace: u64,
    command: &str,
) -> Process {
    let mut namespaces = [None; 8];
    namespaces[1] = Some(namespace);
    Process {
        pids: pids.to_vec(),
        parent,
        command: command.to_owned(),
        terminal: None,
        namespaces,
    }
}

fn at(terminal: u32, process: Process) -> Process {
    Process { terminal: Some(terminal), ..process }
}

/// Two terminals, and in the first a namespace that somebody else has
/// entered from the second.
fn walk() -> Vec<Process> {
    vec![
        process(&[1], 0, 100, "init"),
        at(0, process(&[2], 1, 100, "bash")),
        at(1, process(&[3], 1, 100, "bash")),
        at(0, process(&[14], 2, 100, "unshare --fork --pid /bin/bash")),
        at(0, process(&[15, 1], 14, 200, "/bin/bash")),
        at(0, process(&[16, 2], 15, 200, "sleep 1000")),
        at(1, process(&[21], 3, 100, "nsenter --target 15 --pid bash")),
        at(1, process(&[22, 5], 21, 200, "bash")),
        at(1, process(&[23, 6], 22, 200, "")),
    ]
}

fn show(entries: &[Entry], depth: usize) -> String {
    let mut shown = String::new();
    for entry in entries {
        let text: String = entry.parts.iter().map(words::Part::text).collect();
        let _ = writeln!(shown, "{}{text}", "  ".repeat(depth));
        shown.push_str(&show(&entry.entries, depth + 1));
    }
    shown
}

#[test]
fn words_tell_every_number_and_every_parent() {
    assert_data_eq!(
        show(&words(&Map::of(&walk()), &[1, 2]), 0),
        str![[r#"
PID namespace pid:[100]
  process 1: init
    process 2: bash, Terminal 1
      process 14: unshare --fork --pid /bin/bash
        PID namespace pid:[200]
          process 1, which is 15 in pid:[100]: /bin/bash
            process 2, which is 16 in pid:[100]: sleep 1000
          process 5, which is 22 in pid:[100]: bash, Terminal 2, a child of process 21 in pid:[100]
            process 6, which is 23 in pid:[100]: <defunct>
    process 3: bash, Terminal 2
      process 21: nsenter --target 15 --pid bash

"#]]
    );
}

#[test]
fn a_sentence_tells_how_many_are_where() {
    assert_data_eq!(
        words::summary(&Map::of(&walk())),
        str![
            "pid:[100] has 5 processes; pid:[200], inside pid:[100], has 4 processes"
        ]
    );
    assert_eq!(words::summary(&Map::of(&[])), "");
}

#[test]
fn a_drawing_has_a_row_a_process_and_a_column_a_namespace() {
    let drawn = layout(&Map::of(&walk()), &[1, 2]);
    assert_data_eq!(
        sketch(&drawn),
        str![[r#"
|----------------------------------------|
|PID  pid:[100]                          |
|                                        |
|  1  init                               |
|                                        |
|  2    bash  Terminal 1                 |
|                                        |
| 14       unshare --fork --pid /bin/bash|
|           |---------------------------||
|           | PID  pid:[200]            ||
|           |                           ||
| 15        |   1  /bin/bash            ||
|           |                           ||
| 16        |   2    sleep 1000         ||
|           |                           ||
| 22        |   5  bash  Terminal 2     ||
|           |                           ||
| 23        |   6    <defunct>          ||
|           |                           ||
|           |---------------------------||
|  3    bash  Terminal 2                 |
|                                        |
| 21       nsenter --target 15 --pid bash|
|----------------------------------------|
"#]]
    );
}

/// A drawing in letters, one for every letter and every half row.
fn sketch(drawn: &Layout) -> String {
    let (letter, half) = (layout::LETTER, layout::ROW / 2);
    let size = |n: i32, unit: i32| usize::try_from(n / unit).unwrap_or(0) + 1;
    let columns = size(drawn.width, letter);
    let mut grid = vec![vec![' '; columns]; size(drawn.height, half)];
    let mut put = |x: i32, y: i32, c: char| {
        grid[size(y, half) - 1][size(x, letter) - 1] = c;
    };
    for Rect { x, y, width, height } in &drawn.boxes {
        for (y, c) in [(*y, '-'), (y + height, '-')] {
            (0..=*width).for_each(|dx| put(x + dx, y, c));
        }
        for x in [*x, x + width] {
            (0..=*height).for_each(|dy| put(x, y + dy, '|'));
        }
    }
    for Label { place, text, .. } in &drawn.labels {
        for (x, c) in (place.x..).step_by(8).zip(text.chars()) {
            put(x + letter / 2, place.y + half, c);
        }
    }
    let lines = grid
        .into_iter()
        .map(|line| line.into_iter().collect::<String>().trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_terminal_that_has_no_other_beside_it_is_not_named() {
    let drawn = layout(&Map::of(&walk()), &[1]);
    assert!(drawn.labels.iter().all(|l| l.role != Role::Terminal));
}

#[test]
fn nobody_is_drawn_as_nothing() {
    let drawn = layout(&Map::of(&[]), &[]);
    assert_eq!((drawn.boxes.len(), drawn.labels.len()), (0, 0));
}

#[test]
fn a_namespace_whose_first_process_is_not_seen_has_a_place() {
    let census = [
        process(&[1], 0, 100, "init"),
        process(&[7, 3], 6, 200, "orphan"),
        process(&[9, 4, 2], 8, 300, "orphan"),
    ];
    let map = Map::of(&census);
    assert_eq!(map.namespaces.len(), 1);
    check_places(&layout(&map, &[]), &census);
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // https://en.wikipedia.org/wiki/Xorshift
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or(0)
    }
}

/// A census as it could be: every process is in the namespace of its
/// parent, in a new one inside that, or in one further inside.
fn generated(dice: &mut Dice, size: usize) -> Vec<Process> {
    let mut census = vec![process(&[1], 0, 1, "init")];
    // The members so far and the last number of each namespace, and the one
    // around it.
    let mut last = vec![(1_i32, None::<usize>)];
    let mut homes = vec![0];
    while census.len() < size {
        let parent = match dice.below(2) {
            0 => census.len() - 1,
            _ => dice.below(census.len()),
        };
        let depth = census[parent].pids.len();
        let home = match dice.below(4) {
            0 if depth < 8 => {
                last.push((0, Some(homes[parent])));
                last.len() - 1
            }
            1 => {
                let inner = homes
                    .iter()
                    .rev()
                    .find(|&&home| last[home].1 == Some(homes[parent]));
                inner.copied().unwrap_or(homes[parent])
            }
            _ => homes[parent],
        };
        let mut pids = Vec::new();
        let mut level = Some(home);
        while let Some(at) = level {
            last[at].0 += 1 + i32::try_from(dice.below(900)).unwrap_or(0)
                * i32::from(last[at].0 > 0);
            pids.insert(0, last[at].0);
            level = last[at].1;
        }
        let command = "wörd ".repeat(1 + dice.below(20));
        let parent = census[parent].pids[0];
        let terminal = u32::try_from(dice.below(4)).ok();
        let process = process(&pids, parent, home as u64 + 1, command.trim());
        census.push(Process { terminal, ..process });
        homes.push(home);
    }
    census
}

#[test]
fn boxes_nest_and_labels_stay_inside_whatever_the_census() {
    let mut dice = Dice(2026);
    let mut deepest = 0;
    for round in 0..400 {
        let census = generated(&mut dice, 2 + round % 39);
        let depths = census.iter().map(|process| process.pids.len());
        deepest = depths.max().unwrap_or(0).max(deepest);
        let map = Map::of(&census);
        let drawn = layout(&map, &[1, 2, 3]);
        check_places(&drawn, &census);
        assert_eq!(drawn, layout(&map, &[1, 2, 3]), "the same every time");
    }
    assert_eq!(deepest, 8, "the dice have been there");
}

fn check_places(drawn: &Layout, census: &[Process]) {
    let page = Rect { x: 0, y: 0, width: drawn.width, height: drawn.height };
    for (position, one) in drawn.boxes.iter().enumerate() {
        assert!(is_inside(one, &page), "{one:?} in {page:?}");
        for other in &drawn.boxes[..position] {
            let fits = is_inside(one, other) || is_apart(one, other);
            assert!(fits, "{one:?} and {other:?}");
        }
    }
    for (position, one) in drawn.labels.iter().enumerate() {
        let (text, place) = (&one.text, &one.place);
        let is_in = |rect: &&Rect| is_inside(place, rect);
        assert!(drawn.boxes.iter().any(|rect| is_in(&rect)), "{text}");
        for rect in &drawn.boxes {
            let fits = is_inside(place, rect) || is_apart(place, rect);
            assert!(fits, "{text}: {place:?} and {rect:?}");
        }
        for other in &drawn.labels[..position] {
            let fits = is_apart(place, &other.place);
            assert!(fits, "{text} and {}", other.text);
        }
    }
    for line in &drawn.lines {
        let (Line::Kin { from, to } | Line::Leader { from, to }) = line;
        assert!(from.0 < to.0 && from.1 <= to.1, "{line:?}");
    }
    let count = |role| drawn.labels.iter().filter(|l| l.role == role).count();
    let outer: usize = census.iter().map(|p| p.pids.len() - 1).sum();
    assert_eq!(count(Role::Command), census.len());
    assert_eq!(count(Role::Own), census.len());
    assert_eq!(count(Role::Outer), outer, "of every process, every number");
    assert_eq!(count(Role::Namespace), drawn.boxes.len());
}

fn is_inside(inner: &Rect, outer: &Rect) -> bool {
    inner.x > outer.x
        && inner.y > outer.y - 1
        && inner.x + inner.width < outer.x + outer.width
        && inner.y + inner.height < outer.y + outer.height
}

fn is_apart(one: &Rect, other: &Rect) -> bool {
    one.x + one.width <= other.x
        || other.x + other.width <= one.x
        || one.y + one.height <= other.y
        || other.y + other.height <= one.y
}
