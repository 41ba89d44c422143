//! Sessions made up in the form of what tools print.
//!
//! A made session knows nothing of numbers: it names things, and a [`Run`]
//! prints it as one run of the machine would.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::super::Part;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bit {
    /// What is the same in every run.
    Text(String),
    /// What stands for a thing of a kind: the letter says which.
    Thing(char, u32),
    /// What is measured.
    Measure(char),
    /// Where a column ends.
    Tab,
}

/// A line.
pub(super) type Form = Vec<Bit>;

/// A step of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) lines: Vec<Form>,
    /// How many of the last lines the tool sorts.
    pub(super) sorted: usize,
    /// Namespaces that end with it.
    pub(super) gone: Vec<u32>,
}

/// Kinds whose things have names of different widths, and what is measured
/// with different widths.
pub(super) const VARYING: &str = "fipvxqsCDR";

/// Reads a line: `{n3}` is namespace 3, `{T}` a time, a tab ends a column.
pub(super) fn form(text: &str) -> Form {
    let mut form = Vec::new();
    for piece in text.split('{') {
        let rest = if let Some((token, rest)) = piece.split_once('}') {
            let (kind, thing) = token.split_at(1);
            let kind = kind.chars().next().expect("it has a letter");
            form.push(match thing.parse() {
                Ok(thing) => Bit::Thing(kind, thing),
                Err(_) => Bit::Measure(kind),
            });
            rest
        } else {
            piece
        };
        for (at, text) in rest.split('\t').enumerate() {
            form.extend((at > 0).then_some(Bit::Tab));
            if !text.is_empty() {
                form.push(Bit::Text(text.to_owned()));
            }
        }
    }
    form
}

/// What a tool prints about things whose numbers are picked.
fn step(tool: u8, at: &[u32]) -> (Vec<String>, usize) {
    let [a, b, c, d] = [at[0], at[1], at[2], at[3]];
    let mut rows: Vec<u32> = at.to_vec();
    rows.sort_unstable();
    rows.dedup();
    let each = |form: &dyn Fn(usize, u32) -> String| -> Vec<String> {
        rows.iter().enumerate().map(|(at, row)| form(at, *row)).collect()
    };
    let with = |head: &str, body: Vec<String>| {
        let mut lines = vec![head.to_owned()];
        lines.extend(body);
        lines
    };
    match tool {
        0 => {
            let row = |_, it| {
                let owner = it % 2;
                format!("{{n{it}}}\t{{n{owner}}}\tuts\t{}\tinit", 1 + it % 3)
            };
            (with("NS\tONS\tTYPE\tNPROCS\tCOMMAND", each(&row)), rows.len())
        }
        1 => {
            let row = |_, it| format!("    lsns | uts:[{{n{it}}}]   2  bash");
            (each(&row), rows.len())
        }
        2 => {
            let row = |at, it| {
                format!(
                    "lrwxrwxrwx 1 root root 0 {{L}} k{at} -> 'uts:[{{n{it}}}]'"
                )
            };
            (with("total 0", each(&row)), 0)
        }
        3 => {
            let lines = [
                format!("{{x{a}}}: va@if{{x{b}}}: <UP> mtu 1500 qdisc noop"),
                format!(
                    "    link/ether {{m{c}}} brd ff:ff:ff:ff:ff:ff \
                     link-netnsid 0"
                ),
                format!("    inet6 {{f{d}}}/64 scope link"),
            ];
            (lines.to_vec(), 0)
        }
        4 => {
            let row = |_, it| {
                format!(
                    "{{i{it}}} {{i{a}}} 0:{{v{it}}} / /mnt rw \
                     shared:{{p{b}}} - tmpfs none rw"
                )
            };
            (each(&row), 0)
        }
        5 => {
            let row = |at, it: u32| {
                format!("root\t{at}\t{{C}}\t{{T}}\t?\t{{P}}\tsleep {it}")
            };
            (with("UID\tPID\tC\tSTIME\tTTY\tTIME\tCMD", each(&row)), 0)
        }
        6 => {
            let row =
                |_, it| format!("{{k{it}}}\t{{q{it}}}\troot\t644\t{}", it % 2);
            (with("key\tmsqid\towner\tperms\tmessages", each(&row)), 0)
        }
        7 => {
            let lines = [
                "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time={D} ms".into(),
                format!("lr-x 3 -> 'socket:[{{s{a}}}]' and pipe:[{{s{b}}}]"),
                "Linux host {R}".into(),
            ];
            (lines.to_vec(), 0)
        }
        8 => {
            let row = |_, it| format!("{{i{it}}}\t{{i{a}}}\t/{it}\t0:{{v{b}}}");
            (with("ID\tPARENT\tTARGET\tMAJ:MIN", each(&row)), 0)
        }
        9 => {
            let lines =
                [format!("uts:[{{n{a}}}]"), format!("{{n{b}}}  {a} hello")];
            (lines.to_vec(), 0)
        }
        _ => (vec![format!("exit status {a}")], 0),
    }
}

/// Any session.
pub(super) fn sessions() -> impl Strategy<Value = Vec<Step>> {
    let picks = prop::collection::vec(0_u32..5, 6);
    let one = (0_u8..11, picks, prop::option::weighted(0.3, 0_u32..5));
    prop::collection::vec(one, 1..8).prop_map(|steps| {
        let mut ended: HashMap<u32, u32> = HashMap::new();
        let mut session = Vec::new();
        for (tool, picks, ends) in steps {
            let (printed, sorted) = step(tool, &picks);
            let mut lines: Vec<_> = printed.iter().map(|it| form(it)).collect();
            for bit in lines.iter_mut().flatten() {
                if let Bit::Thing('n', it) = bit {
                    *it += 10 * ended.get(it).copied().unwrap_or_default();
                }
            }
            let gone = ends
                .map(|it| {
                    let life = ended.entry(it).or_default();
                    *life += 1;
                    it + 10 * (*life - 1)
                })
                .into_iter()
                .collect();
            session.push(Step { lines, sorted, gone });
        }
        session
    })
}

/// The things that are named.
pub(super) fn things(steps: &[Step]) -> Vec<(char, u32)> {
    let bits = steps.iter().flat_map(|step| step.lines.iter().flatten());
    bits.filter_map(|bit| match bit {
        Bit::Thing(kind, thing) => Some((*kind, *thing)),
        _ => None,
    })
    .collect()
}

/// What one run of a machine makes of a session.
#[derive(Clone, Debug)]
pub(super) struct Run {
    seed: u64,
    /// Whether the number of a namespace that ended is given out again.
    reuses: bool,
}

/// Any run.
pub(super) fn runs() -> impl Strategy<Value = Run> {
    (any::<u64>(), any::<bool>())
        .prop_map(|(seed, reuses)| Run { seed, reuses })
}

/// A line as printed: what is text in it and what varies.
pub(super) type Printed = Vec<(String, bool)>;

impl Run {
    /// What the session prints.
    pub(super) fn print(&self, steps: &[Step]) -> Vec<Part> {
        let (printed, gone) = self.print_bits(steps);
        let line = |bits: Printed| bits.into_iter().map(|bit| bit.0).collect();
        printed
            .into_iter()
            .zip(gone)
            .map(|(lines, gone)| {
                let lines = lines.into_iter().map(line).collect();
                Part { lines, gone }
            })
            .collect()
    }

    pub(super) fn print_bits(
        &self,
        steps: &[Step],
    ) -> (Vec<Vec<Printed>>, Vec<Vec<u64>>) {
        let mut numbers = Numbers::new(self);
        let mut parts = Vec::new();
        let mut dead = Vec::new();
        for step in steps {
            let lines: Vec<_> = step
                .lines
                .iter()
                .map(|form| form.iter().map(|bit| numbers.bit(bit)).collect())
                .collect();
            let mut lines = in_columns(lines);
            let ordered = lines.len() - step.sorted;
            lines[ordered..].sort();
            parts.push(lines);
            dead.push(numbers.bury(&step.gone));
        }
        (parts, dead)
    }
}

struct Numbers<'a> {
    run: &'a Run,
    names: HashMap<(char, u32), String>,
    taken: HashSet<(char, String)>,
    free: Vec<String>,
    drawn: u64,
}

impl<'a> Numbers<'a> {
    fn new(run: &'a Run) -> Self {
        Self {
            run,
            names: HashMap::new(),
            taken: HashSet::new(),
            free: Vec::new(),
            drawn: 0,
        }
    }

    /// The next of the numbers that look random.
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        let mut bits = self.run.seed ^ self.drawn.wrapping_mul(0x9e37_79b9);
        bits = (bits ^ (bits >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits ^ (bits >> 27)
    }

    /// The printed bit; none is the end of a column.
    fn bit(&mut self, bit: &Bit) -> Option<(String, bool)> {
        match bit {
            Bit::Tab => None,
            Bit::Text(text) => Some((text.clone(), false)),
            Bit::Measure(kind) => {
                let drawn = self.draw();
                Some((measured(*kind, drawn), true))
            }
            Bit::Thing(kind, thing) => Some((self.name(*kind, *thing), true)),
        }
    }

    fn name(&mut self, kind: char, thing: u32) -> String {
        if let Some(name) = self.names.get(&(kind, thing)) {
            return name.clone();
        }
        let reused = self.free.pop().filter(|_| kind == 'n');
        let name = reused.unwrap_or_else(|| {
            loop {
                let drawn = self.draw();
                let name = named(kind, drawn);
                if self.taken.insert((kind, name.clone())) {
                    return name;
                }
            }
        });
        self.names.insert((kind, thing), name.clone());
        name
    }

    fn bury(&mut self, gone: &[u32]) -> Vec<u64> {
        let mut dead = Vec::new();
        for thing in gone {
            // Not in the contract: something nobody has named.
            let Some(name) = self.names.get(&('n', *thing)) else { continue };
            dead.push(name.parse().expect("namespaces have numbers"));
            if self.run.reuses {
                self.free.push(name.clone());
            }
        }
        dead
    }
}

/// The name of a thing.
fn named(kind: char, drawn: u64) -> String {
    // Small numbers are frequent, and so are those of other widths.
    let width = usize::try_from(drawn >> 62).unwrap_or_default();
    let wide = [10, 100, 1000, 10_000][width];
    let small = 2 + drawn % wide;
    match kind {
        'n' => (4_026_532_100 + drawn % 40).to_string(),
        'm' => format!("02:fc:00:00:00:{:02x}", drawn % 256),
        'f' => format!("fe80::fc:ff:fe00:{:x}", drawn % 0x1_0000),
        'k' => format!("0x{:08x}", drawn % 0xffff_ffff + 1),
        _ => small.to_string(),
    }
}

fn measured(kind: char, drawn: u64) -> String {
    match kind {
        'T' => format!("{:02}:{:02}", drawn % 24, drawn % 60),
        'P' => format!("00:00:{:02}", drawn % 60),
        'C' => (drawn % 100).to_string(),
        'D' => format!("{}.{:03}", drawn % 3, drawn % 1000),
        'L' => format!("Nov {:2} 16:{:02}", 1 + drawn % 30, drawn % 60),
        'R' => format!("6.{}.{}", drawn % 20, drawn % 100),
        other => unreachable!("nobody measures {other}"),
    }
}

/// Pads the columns of the lines that have some, as tools do.
fn in_columns(lines: Vec<Vec<Option<(String, bool)>>>) -> Vec<Printed> {
    let cells: Vec<Vec<Printed>> = lines
        .into_iter()
        .map(|line| {
            let cells = line.split(Option::is_none);
            cells.map(|it| it.iter().flatten().cloned().collect()).collect()
        })
        .collect();
    let width = |cell: &Printed| -> usize {
        cell.iter().map(|bit| bit.0.chars().count()).sum()
    };
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = cells.iter().filter(|line| line.len() > 1);
            let cells = cells.filter_map(|line| line.get(column));
            cells.map(width).max().unwrap_or(0)
        })
        .collect();
    let pad = |line: Vec<Printed>| -> Printed {
        let last = line.len() - 1;
        let mut printed = Vec::new();
        for (column, cell) in line.into_iter().enumerate() {
            let blanks = widths[column].saturating_sub(width(&cell));
            let padding = (" ".repeat(blanks), false);
            // Numbers to the right, words to the left.
            let number = cell.iter().any(|bit| bit.1) && last > 0;
            printed.extend(number.then(|| padding.clone()));
            printed.extend(cell);
            printed.extend((!number && column < last).then_some(padding));
            printed.extend((column < last).then(|| (" ".to_owned(), false)));
        }
        printed
    };
    cells.into_iter().map(pad).collect()
}
