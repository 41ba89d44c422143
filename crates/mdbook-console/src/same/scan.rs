//! Finds the tokens of a line, and the rows of a set.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::kinds::{Found, KINDS, SORTED, Table};
use super::read::Token;

/// The table of kinds, ready for use.
static PLACES: LazyLock<Places> = LazyLock::new(Places::new);

struct Places {
    /// The kind of each place.
    kinds: Vec<usize>,
    /// Places in lines: their numbers, and whether they must stand alone.
    lines: Vec<(usize, bool, Regex)>,
    /// Which of them occur.
    occur: RegexSet,
    /// Places in tables.
    cells: Vec<Cell>,
    /// The headers of tables.
    headers: Vec<(Table, Regex)>,
    sorted: Vec<(Option<Regex>, Regex)>,
}

struct Cell {
    place: usize,
    table: Table,
    head: &'static str,
    pattern: Regex,
}

fn regex(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .expect("a pattern of the table is valid")
}

impl Places {
    fn new() -> Self {
        let found = KINDS
            .iter()
            .enumerate()
            .flat_map(|(kind, it)| it.found.iter().map(move |at| (kind, at)));
        let mut kinds = Vec::new();
        let mut patterns = Vec::new();
        let mut lines = Vec::new();
        let mut cells = Vec::new();
        for (place, (kind, found)) in found.enumerate() {
            kinds.push(kind);
            let alone = matches!(found, Found::Alone(_));
            match *found {
                Found::In(pattern) | Found::Alone(pattern) => {
                    patterns.push(pattern);
                    lines.push((place, alone, regex(pattern)));
                }
                Found::Under { table, head, cell } => {
                    let pattern = regex(&format!("^(?:{cell})$"));
                    cells.push(Cell { place, table, head, pattern });
                }
            }
        }
        let occur = RegexSetBuilder::new(patterns)
            .unicode(false)
            .build()
            .expect("the patterns of the table are valid");
        let header = |table: Table| (table, regex(table.header()));
        let headers = Table::ALL.into_iter().map(header).collect();
        let sorted = SORTED
            .iter()
            .map(|sorted| (sorted.header.map(regex), regex(sorted.row)))
            .collect();
        Self { kinds, lines, occur, cells, headers, sorted }
    }
}

/// Goes through the lines of one part.
pub(super) struct Scanner {
    /// Columns of the table that we are in: the number of the word, and what
    /// to find there.
    columns: Vec<(usize, &'static Cell)>,
    /// The entry whose rows we are among.
    among: Option<usize>,
    /// What the last row's group was.
    group: Option<(usize, Vec<u8>)>,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self { columns: Vec::new(), among: None, group: None }
    }

    /// The kind of what was found at a place.
    pub(super) fn kind(place: usize) -> usize {
        PLACES.kinds[place]
    }

    /// The tokens of the next line; and if it is a row of a set, the entry
    /// that says so and whether it is of the same set as the line before.
    pub(super) fn scan(
        &mut self,
        line: &str,
    ) -> (Vec<Token>, Option<(usize, bool)>) {
        let mut tokens = self.cells(line);
        in_line(line, &mut tokens);
        tokens.sort_by_key(|token| token.span.start);
        // What is the same in every run has kept others from its place.
        tokens.retain(|token| {
            let kind = &KINDS[Self::kind(token.place)];
            !(kind.constant)(&line[token.span.clone()])
        });
        (tokens, self.row(line))
    }

    fn cells(&mut self, line: &str) -> Vec<Token> {
        let is_header =
            |(_, header): &&(_, Regex)| header.is_match(line.as_bytes());
        if let Some((table, _)) = PLACES.headers.iter().find(is_header) {
            let cells: Vec<_> =
                PLACES.cells.iter().filter(|it| it.table == *table).collect();
            let column = |(at, word): (usize, Range<usize>)| {
                let cell =
                    cells.iter().find(|it| it.head == &line[word.clone()]);
                cell.map(|cell| (at, *cell))
            };
            self.columns = words(line)
                .into_iter()
                .enumerate()
                .filter_map(column)
                .collect();
            return Vec::new();
        }
        if self.columns.is_empty() {
            return Vec::new();
        }
        let words = words(line);
        let cell = |&(at, cell): &(usize, &Cell)| {
            let word: &Range<usize> = words.get(at)?;
            let text = line[word.clone()].as_bytes();
            let groups = cell.pattern.captures(text)?;
            Some((cell.place, word.start, inner(&groups)))
        };
        let Some(found) = self.columns.iter().map(cell).collect() else {
            self.columns.clear();
            return Vec::new();
        };
        let found: Vec<(usize, usize, Option<Range<usize>>)> = found;
        found
            .into_iter()
            .filter_map(|(place, start, inner)| {
                let inner = inner?;
                let span = start + inner.start..start + inner.end;
                Some(Token { span, place, thing: None })
            })
            .collect()
    }

    fn row(&mut self, line: &str) -> Option<(usize, bool)> {
        let line = line.as_bytes();
        let before = self.group.take();
        for (index, (header, row)) in PLACES.sorted.iter().enumerate() {
            if header.as_ref().is_some_and(|header| header.is_match(line)) {
                self.among = Some(index);
                return None;
            }
            if header.is_some() && self.among != Some(index) {
                continue;
            }
            let Some(groups) = row.captures(line) else {
                continue;
            };
            let group = groups.get(1).map_or(&[][..], |it| it.as_bytes());
            let group = Some((index, group.to_vec()));
            let continues = before == group;
            self.group = group;
            return Some((index, continues));
        }
        self.among = None;
        None
    }
}

/// The group of a cell's pattern, or all of it where there is none. A group
/// that took no part leaves nothing.
fn inner(groups: &Captures<'_>) -> Option<Range<usize>> {
    let group = if groups.len() > 1 { groups.get(1) } else { groups.get(0) };
    group.map(|group| group.range())
}

/// The words of a row. The branches that draw a tree are none.
fn words(line: &str) -> Vec<Range<usize>> {
    let branch = |c| matches!(c, '│' | '├' | '└' | '─' | '|' | '`' | '-');
    let mut words = Vec::new();
    let mut at = 0;
    for piece in line.split([' ', '\t']) {
        let word = at..at + piece.len();
        at = word.end + 1;
        if !piece.is_empty() && (piece == "-" || !piece.chars().all(branch)) {
            words.push(word);
        }
    }
    words
}

fn in_line(line: &str, tokens: &mut Vec<Token>) {
    let bytes = line.as_bytes();
    for index in &PLACES.occur.matches(bytes) {
        let (place, alone, ref pattern) = PLACES.lines[index];
        for groups in pattern.captures_iter(bytes) {
            for group in groups.iter().skip(1).flatten() {
                let span = group.range();
                let apart = !alone || stands_alone(bytes, &span);
                let free = tokens.iter().all(|token| {
                    token.span.end <= span.start || span.end <= token.span.start
                });
                if apart && free && line.get(span.clone()).is_some() {
                    tokens.push(Token { span, place, thing: None });
                }
            }
        }
    }
}

/// Whether neither side goes on with a letter or digit, or with one after a
/// sign that joins numbers.
fn stands_alone(line: &[u8], span: &Range<usize>) -> bool {
    let word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let joint = |byte: Option<&u8>| {
        byte.is_some_and(|byte| matches!(byte, b':' | b'.' | b'-'))
    };
    let before = |back: usize| line.get(span.start.wrapping_sub(back));
    let after = |on: usize| line.get(span.end + on);
    let goes_on = word(after(0)) || joint(after(0)) && word(after(1));
    let went_on = word(before(1)) || joint(before(1)) && word(before(2));
    !(goes_on || went_on)
}
