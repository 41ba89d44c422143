//! Whatever a world looks like, its map is legible and says what lsns(8)
//! says.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;
use crate::map::layout::{FONT, Frame, Line};
use crate::map::svg::{Described, svg};

/// How many worlds are drawn.
const WORLDS: u32 = 200;
/// The deepest nesting of user and of PID namespaces.
const DEEPEST: usize = 8;
/// The most that a drawing may weigh…
const MOST_BYTES: usize = 20 * 1024;
/// …if it has not more boxes than this.
const MANY_BOXES: usize = 60;

/// Dice for a process: who its parent is, and where it lives.
#[derive(Clone, Debug)]
struct Birth {
    parent: u16,
    homes: [u8; 8],
    other: u16,
    skipped: u16,
    words: usize,
    terminal: Option<u32>,
}

fn birth() -> impl Strategy<Value = Birth> {
    let dice = (any::<u16>(), any::<[u8; 8]>(), any::<u16>(), 0..2000_u16);
    let looks = (1..20_usize, proptest::option::of(0..4_u32));
    (dice, looks).prop_map(|(dice, (words, terminal))| {
        let (parent, homes, other, skipped) = dice;
        Birth { parent, homes, other, skipped, words, terminal }
    })
}

/// The kinds to draw, in any order.
fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    let shuffled = Just(Kind::ALL.to_vec()).prop_shuffle();
    (shuffled, 1..=8_usize).prop_map(|(mut kinds, length)| {
        kinds.truncate(length);
        kinds
    })
}

/// A world as the kernel would let it come about.
struct World {
    census: Census,
    /// The last number that each PID namespace has given.
    last: BTreeMap<u64, i32>,
}

impl World {
    fn grown(births: &[Birth]) -> Self {
        let census = only(vec![process(&[1], 0, "init")]);
        let mut world = Self { census, last: BTreeMap::new() };
        let mut owner = None;
        let namespaces = Kind::ALL.map(|kind| {
            let number = world.fresh(kind, None, owner);
            owner = owner.or(Some(number));
            Some(number)
        });
        world.census.processes[0].namespaces = namespaces;
        world.last.extend(namespaces[1].map(|number| (number, 1)));
        for birth in births {
            world.add(birth);
        }
        world
    }

    /// A namespace that is new.
    fn fresh(
        &mut self,
        kind: Kind,
        parent: Option<u64>,
        owner: Option<u64>,
    ) -> u64 {
        let number = 4_026_532_000 + self.census.namespaces.len() as u64;
        self.census.namespaces.push(told_of(kind, number, parent, owner));
        number
    }

    /// A namespace and those around it, the inner first.
    fn chain(&self, kind: Kind, number: Option<u64>) -> Vec<u64> {
        let around = |number: &u64| {
            told(&self.census, kind, Some(*number)).and_then(|it| it.parent)
        };
        std::iter::successors(number, around).collect()
    }

    fn add(&mut self, birth: &Birth) {
        let processes = &self.census.processes;
        let anyone =
            |dice: u16| &processes[usize::from(dice) % processes.len()];
        let parent = match birth.parent % 3 {
            0 => anyone(birth.parent),
            _ => &processes[processes.len() - 1],
        };
        let (parent, other) = (parent.clone(), anyone(birth.other).clone());
        let mut homes = parent.namespaces;
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let is_tree = kind == Kind::USER || kind == Kind::PID;
            let around = homes[at].filter(|_| is_tree);
            let is_deepest = self.chain(kind, homes[at]).len() >= DEEPEST;
            let owner = if kind == Kind::USER { around } else { homes[0] };
            match birth.homes[at] % 8 {
                0..2 if !is_deepest => {
                    homes[at] = Some(self.fresh(kind, around, owner));
                }
                2 if is_tree && !is_deepest => {
                    homes[at] = Some(self.fresh(kind, around, owner));
                }
                // Nobody gets out of a PID namespace.
                3 if kind == Kind::PID => {
                    let inner = self.chain(kind, other.namespaces[at]);
                    if homes[at].is_some_and(|home| inner.contains(&home)) {
                        homes[at] = other.namespaces[at];
                    }
                }
                3 => homes[at] = other.namespaces[at],
                _ => {}
            }
        }
        if birth.words == 7 {
            let number = self.fresh(Kind::NETWORK, None, homes[0]);
            let told = self.census.namespaces.last_mut();
            let path = format!("/run/netns/{number}");
            told.expect("just added").mounted_at.insert(path);
        }
        let pids = self.numbers(homes[1], birth.skipped);
        let command = "wörd ".repeat(birth.words);
        let process = process(&pids, parent.pids[0], command.trim());
        let terminal = birth.terminal;
        let process = Process { namespaces: homes, terminal, ..process };
        self.census.processes.push(process);
    }

    /// The next numbers of a PID namespace and of those around it.
    fn numbers(&mut self, home: Option<u64>, skipped: u16) -> Vec<i32> {
        let mut pids: Vec<i32> = self
            .chain(Kind::PID, home)
            .into_iter()
            .map(|number| {
                let last = self.last.entry(number).or_default();
                let skipped = if *last > 0 { i32::from(skipped) } else { 0 };
                *last += 1 + skipped;
                *last
            })
            .collect();
        pids.reverse();
        pids
    }
}

#[test]
fn a_map_is_legible_and_agrees_with_lsns_whatever_the_world() {
    let failure_persistence = None;
    let config =
        Config { cases: WORLDS, failure_persistence, ..Config::default() };
    // The same worlds in every run: a failure is not a matter of luck.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let births = proptest::collection::vec(birth(), 1..40);
    let (deepest, most) = (Cell::new(0), Cell::new(0));
    let worlds = (births, kinds(), any::<bool>());
    let result = runner.run(&worlds, |(births, kinds, owners)| {
        let World { census, .. } = World::grown(&births);
        let depths = census.processes.iter().map(|it| it.pids.len());
        deepest.set(depths.max().unwrap_or(0).max(deepest.get()));
        most.set(census.processes.len().max(most.get()));
        check(&census, &kinds, owners);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(deepest.get(), DEEPEST, "the dice have been there");
    assert_eq!(most.get(), 40, "and have filled a world");
}

fn check(census: &Census, kinds: &[Kind], owners: bool) {
    let show = Show { terminals: &[1, 2, 3], longest: 44 };
    let map = Map::of(census, kinds, owners);
    let drawn = layout(&map, &show);
    check_places(&drawn);
    check_numbers(&drawn, census, kinds[0]);
    assert_eq!(counted(&drawn, kinds), lsns(census, kinds));
    check_owners(&drawn, census, owners && kinds.contains(&Kind::USER));
    assert_eq!(drawn, layout(&map, &show), "the same every time");
    let text = summary(&map);
    let described = Described { title: "a world", text: &text };
    let bytes = svg(&drawn, &described).join("\n").len() - text.len();
    let is_light = bytes < MOST_BYTES || drawn.boxes.len() > MANY_BOXES;
    assert!(is_light, "{bytes} bytes for {} boxes", drawn.boxes.len());
}

/// The number of processes in each namespace: lsns(8), `NPROCS`. Those
/// without are there, too.
fn lsns(census: &Census, kinds: &[Kind]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        let at = Kind::ALL.iter().position(|known| known == kind);
        for told in census.namespaces.iter().filter(|it| it.kind == kind.name) {
            let is_in = |process: &&Process| {
                process.namespaces[at.expect("one of them")]
                    == Some(told.number)
            };
            let members = census.processes.iter().filter(is_in).count();
            counts.insert(label(*kind, Some(told.number)), members);
        }
    }
    counts
}

/// The same, as it can be read from a drawing.
fn counted(drawn: &Layout, kinds: &[Kind]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for frame in &drawn.boxes {
        let inside = drawn.labels.iter().filter(|label| {
            innermost(drawn, &label.place).is_some_and(|it| it == frame)
        });
        let mut name = None;
        let mut members = 0;
        for label in inside {
            match label.role {
                Role::Namespace => name = Some(label.text.clone()),
                Role::Own if frame.kind == kinds[0] => members += 1,
                Role::Members if label.text != "no process" => {
                    let numbers = label.text.split([',', ' ']);
                    members += numbers.filter(|it| !it.is_empty()).count();
                }
                _ => {}
            }
        }
        counts.insert(name.expect("every box has a name"), members);
    }
    counts
}

/// The smallest box that a place is in.
fn innermost<'a>(drawn: &'a Layout, place: &Rect) -> Option<&'a Frame> {
    let around = drawn.boxes.iter().filter(|it| is_inside(place, &it.place));
    around.min_by_key(|frame| frame.place.width * frame.place.height)
}

/// Of every process, every number.
fn check_numbers(drawn: &Layout, census: &Census, first: Kind) {
    let count = |role| drawn.labels.iter().filter(|l| l.role == role).count();
    let outer: usize = census.processes.iter().map(|p| p.pids.len() - 1).sum();
    assert_eq!(count(Role::Command), census.processes.len());
    assert_eq!(count(Role::Own), census.processes.len());
    assert_eq!(count(Role::Namespace), drawn.boxes.len());
    if first == Kind::PID {
        assert_eq!(count(Role::Outer), outer);
    } else {
        let own = drawn.labels.iter().filter(|l| l.role == Role::Own);
        let numbers = own.map(|label| label.text.split(' ').count());
        assert_eq!(numbers.sum::<usize>(), outer + census.processes.len());
    }
}

/// Every box but those of user namespaces has a line from its owner's.
fn check_owners(drawn: &Layout, census: &Census, asked: bool) {
    let mut expected = Vec::new();
    for frame in drawn.boxes.iter().filter(|it| it.kind != Kind::USER) {
        let told = told(census, frame.kind, frame.number).expect("it is told");
        let is_owner =
            |it: &&Frame| it.kind == Kind::USER && it.number == told.owner;
        let owner = drawn.boxes.iter().find(is_owner).filter(|_| asked);
        expected.extend(owner.map(|owner| (corner(owner), corner(frame))));
    }
    let near = |(x, y): (i32, i32)| {
        let corners = drawn.boxes.iter().map(corner);
        let mut here = corners.filter(|at| at.0 == x && at.1 < y);
        here.find(|at| y - at.1 < 10).expect("a line ends at a box")
    };
    let mut found = Vec::new();
    for line in &drawn.lines {
        if let Line::Owner { from, to, .. } = line {
            found.push((near(*from), near(*to)));
        }
    }
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

fn corner(frame: &Frame) -> (i32, i32) {
    (frame.place.x, frame.place.y)
}

/// Nothing lies over anything else.
pub(super) fn check_places(drawn: &Layout) {
    let page = Rect { x: 0, y: 0, width: drawn.width, height: drawn.height };
    for (position, frame) in drawn.boxes.iter().enumerate() {
        let one = &frame.place;
        assert!(is_inside(one, &page), "{one:?} in {page:?}");
        for other in &drawn.boxes[..position] {
            let other = &other.place;
            let fits = is_inside(one, other) || is_apart(one, other);
            assert!(fits, "{one:?} and {other:?}");
        }
    }
    for (position, one) in drawn.labels.iter().enumerate() {
        let (text, place) = (&one.text, &one.place);
        assert!(innermost(drawn, place).is_some(), "{text}");
        for frame in &drawn.boxes {
            let rect = &frame.place;
            let fits = is_inside(place, rect) || is_apart(place, rect);
            assert!(fits, "{text}: {place:?} and {rect:?}");
        }
        for other in &drawn.labels[..position] {
            let fits = is_apart(place, &other.place);
            assert!(fits, "{text} and {}", other.text);
        }
    }
    for segment in drawn.lines.iter().flat_map(segments) {
        for label in &drawn.labels {
            let (text, place) = (&label.text, &ink(label));
            assert!(is_apart(&segment, place), "{segment:?} through {text}");
        }
    }
}

/// What the letters of a label cover: a row has some air.
fn ink(label: &Label) -> Rect {
    let air = (ROW - FONT) / 2;
    let Rect { x, y, width, height } = label.place;
    Rect { x, y: y + air, width, height: height - air - 3 }
}

/// The straight parts of a line.
fn segments(line: &Line) -> Vec<Rect> {
    let points = match line {
        Line::Kin { from, to } => vec![*from, (from.0, to.1), *to],
        Line::Leader { from, to } => vec![*from, *to],
        Line::Owner { from, x, to } => {
            vec![*from, (*x, from.1), (*x, to.1), *to]
        }
    };
    points
        .windows(2)
        .map(|ends| {
            let ((ax, ay), (bx, by)) = (ends[0], ends[1]);
            let (width, height) = ((ax - bx).abs(), (ay - by).abs());
            Rect { x: ax.min(bx), y: ay.min(by), width, height }
        })
        .collect()
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
