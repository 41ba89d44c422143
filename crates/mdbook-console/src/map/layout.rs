//! Finds a place for every box, label and line of a map.
//!
//! Every namespace is a box. At its left edge stands a column with the
//! numbers that processes have in it: those of its members, and further down
//! those of the members of boxes inside. So a process has as many numbers in
//! its row as it has in the kernel.

use crate::map::{Item, Map, Namespace, Node, label};

/// The size of the letters.
pub const FONT: i32 = 13;
/// The width of a letter. Monospaced faces have 0.6 of their size.
pub const LETTER: i32 = 8;
/// The height of a row.
pub const ROW: i32 = 22;

/// Between the edge of a box and what is in it.
const PAD: i32 = 10;
/// Between columns.
const GAP: i32 = 14;
/// Between a process and its children.
const INDENT: i32 = 18;
/// Above and below a box.
const SPACE: i32 = 5;
/// The letters of a command that are shown at most.
const LONGEST: usize = 44;

/// A drawing, in pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// From edge to edge.
    pub width: i32,
    /// From top to bottom.
    pub height: i32,
    /// Outer before inner.
    pub boxes: Vec<Rect>,
    /// All text.
    pub labels: Vec<Label>,
    /// From parents to children, and from numbers to boxes.
    pub lines: Vec<Line>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// From left to right.
    pub width: i32,
    /// From top to bottom.
    pub height: i32,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place that is kept for it.
    pub place: Rect,
    /// What it says.
    pub text: String,
    /// What it is.
    pub role: Role,
}

/// What a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The name of a namespace.
    Namespace,
    /// The head of a column of numbers.
    Head,
    /// A process's number in the namespace that it is a member of.
    Own,
    /// Its number in a namespace around that.
    Outer,
    /// A command line.
    Command,
    /// Which terminal.
    Terminal,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// From below a parent down, and to the right to its child.
    Kin {
        /// Where it begins.
        from: (i32, i32),
        /// Where it ends.
        to: (i32, i32),
    },
    /// From a number to the box whose member has it.
    Leader {
        /// Where it begins.
        from: (i32, i32),
        /// Where it ends.
        to: (i32, i32),
    },
}

/// Lays a map out. `terminals` are the numbers by which the author calls
/// them; none are named if there is only one.
pub fn layout(map: &Map, terminals: &[u8]) -> Layout {
    let (drawn, open) = (Layout::default(), Vec::new());
    let mut pen = Pen { terminals, drawn, open, y: 1 };
    let mut right = 0;
    for namespace in &map.namespaces {
        let shape = pen.namespace(namespace, 1);
        right = right.max(shape.right);
        pen.stretch(&shape, right);
        pen.y += SPACE;
    }
    let bottom = pen.drawn.boxes.iter().map(|b| b.y + b.height).max();
    Layout { width: right + 1, height: bottom.unwrap_or(0) + 1, ..pen.drawn }
}

/// A box that is being filled.
struct Open {
    /// Where its column of numbers ends.
    column: i32,
    /// Where the box inside it that is being filled begins.
    inner_left: i32,
    /// How far to the right its content reaches.
    right: i32,
    /// The boxes inside it that are full.
    inner: Vec<Shape>,
}

/// A box that is full, and may still be widened.
struct Shape {
    position: usize,
    right: i32,
    inner: Vec<Shape>,
}

struct Pen<'a> {
    terminals: &'a [u8],
    drawn: Layout,
    /// The boxes that are being filled, outer before inner.
    open: Vec<Open>,
    /// Where the next row begins.
    y: i32,
}

impl Pen<'_> {
    fn namespace(&mut self, namespace: &Namespace, left: i32) -> Shape {
        let (position, top) = (self.drawn.boxes.len(), self.y);
        self.drawn.boxes.push(Rect::default());
        let digits = digits(&namespace.items, self.open.len()).max(HEAD.len());
        let column = left + PAD + span(digits);
        if let Some(around) = self.open.last_mut() {
            around.inner_left = left;
        }
        let (right, inner) = (0, Vec::new());
        self.open.push(Open { column, inner_left: 0, right, inner });
        self.number(column, HEAD.to_owned(), Role::Head);
        self.label(column + GAP, label(namespace.number), Role::Namespace);
        self.y += ROW;
        self.items(&namespace.items, column + GAP, None);
        self.y += SPACE;
        let (width, height) = (0, self.y - top);
        self.drawn.boxes[position] = Rect { x: left, y: top, width, height };
        let content = self.open.pop();
        let (right, inner) = content.map(|c| (c.right, c.inner)).unzip();
        let right = right.unwrap_or(0) + PAD;
        if let Some(around) = self.open.last_mut() {
            around.right = around.right.max(right);
        }
        Shape { position, right, inner: inner.unwrap_or_default() }
    }

    /// Draws items below each other. `parent` is where the lines from their
    /// parent begin.
    fn items(&mut self, items: &[Item], x: i32, parent: Option<(i32, i32)>) {
        for item in items {
            match item {
                Item::Process(node) => {
                    self.kin(parent, (x - 3, self.y + ROW / 2));
                    self.process(node, x);
                }
                Item::Namespace(namespace) => {
                    self.y += SPACE;
                    self.kin(parent, (x, self.y + ROW + ROW / 2));
                    let shape = self.namespace(namespace, x);
                    if let Some(around) = self.open.last_mut() {
                        around.inner.push(shape);
                    }
                    self.y += SPACE;
                }
            }
        }
    }

    fn process(&mut self, node: &Node, x: i32) {
        self.numbers(node);
        let end = self.label(x, shorten(&node.command), Role::Command);
        if let Some(name) = node.terminal_name(self.terminals) {
            self.label(end + GAP, name, Role::Terminal);
        }
        self.y += ROW;
        let below = (x + LETTER / 2, self.y - 4);
        self.items(&node.items, x + INDENT, Some(below));
    }

    /// Writes a process's numbers, each into the column of its namespace.
    fn numbers(&mut self, node: &Node) {
        let own = self.open.len().saturating_sub(1);
        for (level, pid) in (0..self.open.len()).zip(&node.pids) {
            let Open { column, inner_left, .. } = self.open[level];
            let role = if level == own { Role::Own } else { Role::Outer };
            self.number(column, pid.to_string(), role);
            if level < own {
                let y = self.y + ROW / 2;
                let (from, to) = ((column + 4, y), (inner_left - 2, y));
                self.drawn.lines.push(Line::Leader { from, to });
            }
        }
    }

    fn kin(&mut self, from: Option<(i32, i32)>, to: (i32, i32)) {
        let lines = &mut self.drawn.lines;
        lines.extend(from.map(|from| Line::Kin { from, to }));
    }

    /// Writes into the row, and returns where the text ends.
    fn label(&mut self, x: i32, text: String, role: Role) -> i32 {
        let width = width(&text);
        let place = Rect { x, y: self.y, width, height: ROW };
        self.drawn.labels.push(Label { place, text, role });
        if let Some(open) = self.open.last_mut() {
            open.right = open.right.max(x + width);
        }
        x + width
    }

    fn number(&mut self, right: i32, text: String, role: Role) {
        self.label(right - width(&text), text, role);
    }

    /// Lets a box and those inside reach as far to the right as there is
    /// room.
    fn stretch(&mut self, shape: &Shape, right: i32) {
        let rect = &mut self.drawn.boxes[shape.position];
        rect.width = right - rect.x;
        for inner in &shape.inner {
            self.stretch(inner, right - PAD);
        }
    }
}

/// Over a column of numbers.
const HEAD: &str = "PID";

/// The longest number that the processes among `items` have in the
/// namespace of this depth.
fn digits(items: &[Item], depth: usize) -> usize {
    let own = |node: &Node| {
        node.pids.get(depth).map_or(0, |pid| pid.to_string().len())
    };
    items
        .iter()
        .map(|item| match item {
            Item::Process(node) => own(node).max(digits(&node.items, depth)),
            Item::Namespace(inner) => digits(&inner.items, depth),
        })
        .max()
        .unwrap_or(0)
}

fn span(letters: usize) -> i32 {
    i32::try_from(letters).unwrap_or(0) * LETTER
}

/// How wide a text can be. Letters of other scripts may take two places.
fn width(text: &str) -> i32 {
    text.chars().map(|c| if c.is_ascii() { LETTER } else { 2 * LETTER }).sum()
}

/// A command line that is not longer than a row should be.
fn shorten(command: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut letters = command.chars().map(visible);
    let mut short: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}
