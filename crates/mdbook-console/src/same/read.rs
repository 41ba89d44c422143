//! Reads a side: its lines, their tokens, and the form of each line without
//! the values of its tokens.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use super::Part;
use super::kinds::{Class, KINDS, NAMESPACES, Width};
use super::scan::Scanner;

/// A recording, read.
pub(super) struct Side<'a> {
    /// The lines of all parts.
    pub(super) lines: Vec<Line<'a>>,
    /// Which of the lines are a part's.
    pub(super) parts: Vec<Range<usize>>,
    /// Sets of rows, whose order says nothing.
    pub(super) sets: Vec<Set>,
    /// What the identities among the tokens stand for.
    pub(super) things: Vec<Thing<'a>>,
}

/// A line of a recording.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    /// Number of its form: the same for lines that differ at most in the
    /// values of their tokens.
    pub(super) shape: u32,
    /// The set of rows that it belongs to.
    pub(super) set: Option<usize>,
}

impl Line<'_> {
    /// The tokens that stand for a thing, and the things.
    pub(super) fn things(&self) -> impl Iterator<Item = usize> {
        self.tokens.iter().filter_map(|token| token.thing)
    }

    /// What stands at a token.
    pub(super) fn value(&self, token: &Token) -> &str {
        &self.text[token.span.clone()]
    }
}

/// A value that varies.
pub(super) struct Token {
    pub(super) span: Range<usize>,
    /// The way in which it was recognised.
    pub(super) place: usize,
    /// What it stands for, if it is an identity.
    pub(super) thing: Option<usize>,
}

/// Rows that follow each other and may stand in any order.
pub(super) struct Set {
    pub(super) rows: Range<usize>,
    /// Which entry of the table says so.
    pub(super) sorted: usize,
}

/// What an identity stands for. A number that was free in between stands for
/// another thing.
pub(super) struct Thing<'a> {
    pub(super) kind: usize,
    pub(super) name: &'a str,
    /// The part that names it first.
    pub(super) born: usize,
    /// The part after which it no longer existed.
    pub(super) died: Option<usize>,
}

/// Gives equal things equal numbers.
pub(super) struct Numbers<T>(HashMap<T, u32>);

impl<T: Hash + Eq> Numbers<T> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(super) fn of(&mut self, it: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(it).or_insert(next)
    }
}

/// Reads one side.
pub(super) fn read<'a>(
    parts: &'a [Part],
    shapes: &mut Numbers<Vec<u8>>,
) -> Side<'a> {
    let mut side = Side {
        lines: Vec::new(),
        parts: Vec::new(),
        sets: Vec::new(),
        things: Vec::new(),
    };
    let mut alive = HashMap::new();
    for (index, part) in parts.iter().enumerate() {
        let start = side.lines.len();
        let mut scanner = Scanner::new();
        for text in &part.lines {
            let (tokens, sorted) = scanner.scan(text);
            side.join_set(sorted);
            let mut line = Line { text, tokens, shape: 0, set: None };
            side.name_things(&mut line, index, &mut alive);
            line.set = sorted.map(|_| side.sets.len() - 1);
            side.lines.push(line);
        }
        side.parts.push(start..side.lines.len());
        let lines = &mut side.lines[start..];
        let loose = lines.iter().flat_map(|line| &line.tokens).any(|token| {
            KINDS[Scanner::kind(token.place)].width == Width::Varies
        });
        for line in lines {
            line.shape = shapes.of(shape(line, loose));
        }
        side.bury(&part.gone, index, &mut alive);
    }
    side
}

/// Things by kind and name, of those that may be named again.
type Alive<'a> = HashMap<(usize, &'a str), usize>;

impl<'a> Side<'a> {
    /// Adds the next line to the set that it says it belongs to.
    fn join_set(&mut self, sorted: Option<(usize, bool)>) {
        let next = self.lines.len();
        let Some((sorted, continues)) = sorted else { return };
        match self.sets.last_mut() {
            Some(set) if continues => set.rows.end += 1,
            _ => self.sets.push(Set { rows: next..next + 1, sorted }),
        }
    }

    fn name_things(
        &mut self,
        line: &mut Line<'a>,
        part: usize,
        alive: &mut Alive<'a>,
    ) {
        for token in &mut line.tokens {
            let kind = Scanner::kind(token.place);
            if KINDS[kind].class == Class::Measurement {
                continue;
            }
            let name = &line.text[token.span.clone()];
            let things = &mut self.things;
            token.thing =
                Some(*alive.entry((kind, name)).or_insert_with(|| {
                    things.push(Thing { kind, name, born: part, died: None });
                    things.len() - 1
                }));
        }
    }

    fn bury(&mut self, gone: &[u64], part: usize, alive: &mut Alive<'a>) {
        for number in gone {
            let name = number.to_string();
            let dead = alive.get(&(NAMESPACES, name.as_str())).copied();
            if let Some(dead) = dead {
                let thing = &mut self.things[dead];
                thing.died = Some(part);
                alive.remove(&(NAMESPACES, thing.name));
            }
        }
    }
}

/// The form of a line: its text, with a mark that no text holds in the place
/// of each token. Where columns may move, a run of blanks is one blank, and
/// at the ends of a line it is none.
fn shape(line: &Line<'_>, loose: bool) -> Vec<u8> {
    const MARK: u8 = 0xff;
    let mut shape = Vec::with_capacity(line.text.len() + 1);
    shape.push(u8::from(loose));
    shape.extend(line.set.map(|_| MARK));
    let mut at = 0;
    for token in &line.tokens {
        literal(&mut shape, &line.text[at..token.span.start], loose);
        shape.push(MARK);
        shape.push(u8::try_from(token.place).unwrap_or(u8::MAX));
        at = token.span.end;
    }
    literal(&mut shape, &line.text[at..], loose);
    if loose && shape.last() == Some(&b' ') {
        shape.pop();
    }
    shape
}

fn literal(shape: &mut Vec<u8>, text: &str, loose: bool) {
    if !loose {
        shape.extend(text.bytes());
        return;
    }
    for byte in text.bytes() {
        let blank = byte == b' ' || byte == b'\t';
        let first = shape.len() == 1;
        if !blank {
            shape.push(byte);
        } else if !first && shape.last() != Some(&b' ') {
            shape.push(b' ');
        }
    }
}
