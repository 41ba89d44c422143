#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

mod property;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sandbox::census::Process;
use snapbox::{assert_data_eq, str};

use super::layout::{LETTER, Label, Layout, ROW, Rect, Role, Show, layout};
use super::words::{Entry, Part, summary, words};
use super::*;

const WALK: Show = Show { terminals: &[1, 2], longest: 44 };

fn process(pids: &[i32], parent: i32, command: &str) -> Process {
    Process {
        pids: pids.to_vec(),
        parent,
        command: command.to_owned(),
        terminal: None,
        namespaces: [None; 8],
    }
}

fn at(terminal: u32, process: Process) -> Process {
    Process { terminal: Some(terminal), ..process }
}

/// Puts a process into a namespace.
fn within(kind: Kind, number: u64, mut process: Process) -> Process {
    let position = Kind::ALL.iter().position(|known| *known == kind);
    process.namespaces[position.expect("one of them")] = Some(number);
    process
}

fn only(processes: Vec<Process>) -> Census {
    Census { processes, namespaces: Vec::new() }
}

/// Two terminals, and in the first a PID namespace that somebody else has
/// entered from the second.
fn walk() -> Census {
    let outer = |process| within(Kind::PID, 100, process);
    let inner = |process| within(Kind::PID, 200, process);
    only(vec![
        outer(process(&[1], 0, "init")),
        outer(at(0, process(&[2], 1, "bash"))),
        outer(at(1, process(&[3], 1, "bash"))),
        outer(at(0, process(&[14], 2, "unshare --fork --pid /bin/bash"))),
        inner(at(0, process(&[15, 1], 14, "/bin/bash"))),
        inner(at(0, process(&[16, 2], 15, "sleep 1000"))),
        outer(at(1, process(&[21], 3, "nsenter --target 15 --pid bash"))),
        inner(at(1, process(&[22, 5], 21, "bash"))),
        inner(at(1, process(&[23, 6], 22, ""))),
    ])
}

/// A shell with a UTS namespace of its own and, unless it is `early`, one
/// more that has also made a user namespace. A third UTS namespace is only
/// mounted.
fn boxed(early: bool) -> Census {
    let world = |user, uts, process| {
        within(Kind::USER, user, within(Kind::UTS, uts, process))
    };
    let mut processes = vec![
        world(100, 300, process(&[1], 0, "init")),
        world(100, 300, process(&[2], 1, "bash")),
        world(100, 301, process(&[3], 1, "bash")),
    ];
    let mut namespaces = vec![
        told_of(Kind::USER, 100, None, None),
        told_of(Kind::UTS, 300, None, Some(100)),
        told_of(Kind::UTS, 301, None, Some(100)),
    ];
    if !early {
        processes.push(world(200, 302, process(&[8, 1], 3, "bash")));
        processes[1] = world(100, 301, process(&[2], 1, "bash"));
        namespaces.push(told_of(Kind::USER, 200, Some(100), Some(100)));
        namespaces.push(told_of(Kind::UTS, 302, None, Some(200)));
        let mounted_at = BTreeSet::from(["/run/uts".to_owned()]);
        let mounted = told_of(Kind::UTS, 303, None, Some(200));
        namespaces.push(census::Namespace { mounted_at, ..mounted });
    }
    Census { processes, namespaces }
}

fn told_of(
    kind: Kind,
    number: u64,
    parent: Option<u64>,
    owner: Option<u64>,
) -> census::Namespace {
    let mounted_at = BTreeSet::new();
    census::Namespace { number, kind: kind.name, parent, owner, mounted_at }
}

fn pid(census: &Census) -> Map {
    Map::of(census, &[Kind::PID], false)
}

fn show(entries: &[Entry], depth: usize) -> String {
    let mut shown = String::new();
    for entry in entries {
        let text: String = entry.parts.iter().map(Part::text).collect();
        let _ = writeln!(shown, "{}{text}", "  ".repeat(depth));
        shown.push_str(&show(&entry.entries, depth + 1));
    }
    shown
}

#[test]
fn words_tell_every_number_and_every_parent() {
    assert_data_eq!(
        show(&words(&pid(&walk()), &WALK), 0),
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
        summary(&pid(&walk())),
        str![
            "pid:[100] has 5 processes; pid:[200], inside pid:[100], has 4 processes"
        ]
    );
    assert_eq!(summary(&pid(&only(Vec::new()))), "");
}

#[test]
fn a_drawing_has_a_row_a_process_and_a_column_a_namespace() {
    assert_data_eq!(
        sketch(&layout(&pid(&walk()), &WALK)),
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

#[test]
fn further_kinds_are_bars_with_lines_from_their_owners() {
    let map = Map::of(&boxed(false), &[Kind::USER, Kind::UTS], true);
    assert_data_eq!(
        sketch(&layout(&map, &WALK)),
        str![[r#"
   |--------------------------------|
   | PID  user:[100]                |
   |                                |
   |   1  init                      |
   |                                |
   |   2    bash                    |
   |                                |
   |   3    bash                    |
   |     |-------------------------||
   |     | NSpid  user:[200]       ||
   |     |                         ||
   |     |   8 1  bash child of 3  ||
   |     |                         ||
   |-----|-------------------------||
   |--------------------------------|
   |                                |
   | uts:[300]  1                   |
   |--------------------------------|
   | uts:[301]  2, 3                |
   |                                |
   |--------------------------------|
   | uts:[302]  8                   |
   |--------------------------------|
   |--------------------------------|
   | uts:[303]  /run/uts no process |
   |--------------------------------|
"#]]
    );
    assert_data_eq!(
        show(&words(&map, &WALK), 0),
        str![[r#"
User namespace user:[100]
  process 1: init
    process 2: bash
    process 3: bash
  User namespace user:[200]
    process 8, 1 further inside: bash, a child of process 3
UTS namespace uts:[300], owned by user:[100]: process 1
UTS namespace uts:[301], owned by user:[100]: processes 2, 3
UTS namespace uts:[302], owned by user:[200]: process 8
UTS namespace uts:[303], owned by user:[200], mounted at /run/uts: no process

"#]]
    );
}

#[test]
fn what_has_changed_is_marked_in_both_drawings() {
    let (before, after) = (boxed(true), boxed(false));
    let kinds = [Kind::UTS, Kind::USER];
    let mut map = Map::of(&after, &kinds, false);
    map.mark_since(&before);
    assert_data_eq!(
        show(&words(&map, &WALK), 0),
        str![[r#"
UTS namespace uts:[300]
  process 1: init
UTS namespace uts:[301]
  process 2: bash, a child of process 1, moved: uts
  process 3: bash, a child of process 1
UTS namespace uts:[302], new
  process 8, 1 further inside: bash, a child of process 3, new
UTS namespace uts:[303], mounted at /run/uts, new: no process
User namespace user:[100]: processes 1, 2, 3
  User namespace user:[200], new: process 8

"#]]
    );
    let drawn = layout(&map, &WALK);
    let marks = drawn.labels.iter().filter(|label| label.role == Role::Mark);
    let marks: Vec<&str> = marks.map(|label| label.text.as_str()).collect();
    assert_eq!(marks, ["moved: uts", "new", "new", "new", "new"]);

    let mut map = Map::of(&after, &kinds, false);
    map.mark_until(&before);
    assert_data_eq!(
        show(&words(&map, &WALK), 0),
        str![[r#"
UTS namespace uts:[300]
  process 1: init
UTS namespace uts:[301]
  process 2: bash, a child of process 1
  process 3: bash, a child of process 1
UTS namespace uts:[302], ends
  process 8, 1 further inside: bash, a child of process 3, ends
UTS namespace uts:[303], mounted at /run/uts, ends: no process
User namespace user:[100]: processes 1, 2, 3
  User namespace user:[200], ends: process 8

"#]]
    );
}

#[test]
fn a_kind_that_the_kernel_does_not_have_is_left_out() {
    let map = Map::of(&boxed(true), &[Kind::UTS, Kind::TIME], false);
    assert_eq!(map.panels.len(), 1);
}

/// A drawing in letters, one for every letter and every half row.
fn sketch(drawn: &Layout) -> String {
    let (letter, half) = (LETTER, ROW / 2);
    let size = |n: i32, unit: i32| usize::try_from(n / unit).unwrap_or(0) + 1;
    let columns = size(drawn.width, letter);
    let mut grid = vec![vec![' '; columns]; size(drawn.height, half)];
    let mut put = |x: i32, y: i32, c: char| {
        grid[size(y, half) - 1][size(x, letter) - 1] = c;
    };
    for frame in &drawn.boxes {
        let Rect { x, y, width, height } = &frame.place;
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
    let alone = Show { terminals: &[1], ..WALK };
    let drawn = layout(&pid(&walk()), &alone);
    assert!(drawn.labels.iter().all(|l| l.role != Role::Terminal));
}

#[test]
fn nobody_is_drawn_as_nothing() {
    let drawn = layout(&pid(&only(Vec::new())), &WALK);
    assert_eq!((drawn.boxes.len(), drawn.labels.len()), (0, 0));
}

#[test]
fn a_namespace_whose_first_process_is_not_seen_has_a_place() {
    let census = only(vec![
        within(Kind::PID, 100, process(&[1], 0, "init")),
        within(Kind::PID, 200, process(&[7, 3], 6, "orphan")),
        within(Kind::PID, 300, process(&[9, 4, 2], 8, "orphan")),
    ]);
    let map = pid(&census);
    assert_eq!(map.panels[0].namespaces.len(), 1);
    property::check_places(&layout(&map, &WALK));
}
