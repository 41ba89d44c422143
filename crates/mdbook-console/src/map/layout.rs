//! Finds a place for every box, label and line of a map.
//!
//! The first kind is drawn with a row for every process. Every namespace is
//! a box, and at its left edge stands a column with the numbers that
//! processes have in it. A PID namespace has those of its members and,
//! further down, those of the members of boxes inside. So a process has as
//! many numbers in its row as it has in the kernel.
//!
//! Of every further kind, a namespace is a bar with the numbers of its
//! members, below the drawing of the first.

mod bars;
mod links;

use sandbox::namespace::Kind;

use crate::map::{Item, Map, Mark, Namespace, Node};

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
/// In a namespace that only a mount, a descriptor, or one inside keeps alive.
const NOBODY: &str = "no process";

/// How a map is to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Show<'a> {
    /// The numbers by which the author calls the terminals; none are named
    /// if there is only one.
    pub terminals: &'a [u8],
    /// The letters of a command that are shown at most.
    pub longest: usize,
}

/// A drawing, in pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// From edge to edge.
    pub width: i32,
    /// From top to bottom.
    pub height: i32,
    /// Outer before inner.
    pub boxes: Vec<Frame>,
    /// All text.
    pub labels: Vec<Label>,
    /// From parents to children, from numbers to boxes, and from owners to
    /// what they own.
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

/// The box of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it is.
    pub place: Rect,
    /// The kind of the namespace.
    pub kind: Kind,
    /// Its number.
    pub number: Option<u64>,
    /// The user namespace that owns it, where that is drawn.
    pub owner: Option<u64>,
    /// What sets it apart from another moment.
    pub mark: Mark,
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
    /// The kind of the namespace whose box it is in.
    pub kind: Kind,
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
    /// Whose child it is, where no line shows that.
    Parent,
    /// Numbers of members, in a bar; or that there are none.
    Members,
    /// Where a namespace is mounted.
    Mounted,
    /// What sets it apart from another moment.
    Mark,
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
    /// From a user namespace to the left, up or down beside all boxes, and
    /// to the right to a namespace that it owns.
    Owner {
        /// Where it begins.
        from: (i32, i32),
        /// How far to the left it goes.
        x: i32,
        /// Where it ends.
        to: (i32, i32),
    },
}

/// Lays a map out.
pub fn layout(map: &Map, show: &Show) -> Layout {
    let tracks = map.owners();
    let (drawn, open) = (Layout::default(), Vec::new());
    let mut pen = Pen { show, drawn, open, y: 1, room: 0, has_levels: true };
    let left = 1 + links::room(tracks.len());
    let mut shapes = Vec::new();
    let mut panels = map.panels.iter();
    if let Some(first) = panels.next() {
        pen.has_levels = first.kind == Kind::PID;
        for namespace in &first.namespaces {
            shapes.push(pen.namespace(namespace, left));
            pen.y += SPACE;
        }
    }
    let right = shapes.iter().map(|shape| shape.right).max().unwrap_or(left);
    pen.room = right.max(left + bars::LEAST_WIDTH);
    for panel in panels {
        pen.y += SPACE;
        for namespace in &panel.namespaces {
            shapes.push(pen.bar(namespace, left));
            pen.y += SPACE;
        }
    }
    let right = shapes.iter().map(|shape| shape.right).max().unwrap_or(0);
    for shape in &shapes {
        pen.stretch(shape, right);
    }
    pen.drawn.lines.extend(links::lines(&pen.drawn.boxes, &tracks));
    let places = pen.drawn.boxes.iter().map(|frame| frame.place);
    let bottom = places.map(|place| place.y + place.height).max();
    Layout { width: right + 1, height: bottom.unwrap_or(0) + 1, ..pen.drawn }
}

/// A box that is being filled.
struct Open {
    kind: Kind,
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
    show: &'a Show<'a>,
    drawn: Layout,
    /// The boxes that are being filled, outer before inner.
    open: Vec<Open>,
    /// Where the next row begins.
    y: i32,
    /// How far to the right a bar may go without need.
    room: i32,
    /// Every box has a column for the numbers that processes have in it.
    /// Else, all numbers of a process stand in one.
    has_levels: bool,
}

impl Pen<'_> {
    fn namespace(&mut self, namespace: &Namespace, left: i32) -> Shape {
        let head = self.head(namespace);
        let letters = self.letters(&namespace.items, self.open.len());
        let column = left + PAD + span(letters.max(head.len()));
        let (position, top) = self.open(namespace, left, column);
        self.number(column, head.to_owned(), Role::Head);
        self.name(column + GAP, namespace);
        self.y += ROW;
        if namespace.items.is_empty() {
            self.label(column + GAP, NOBODY.to_owned(), Role::Members);
            self.y += ROW;
        }
        self.items(&namespace.items, column + GAP, None);
        self.y += SPACE;
        self.close(position, top)
    }

    /// Begins a box.
    fn open(
        &mut self,
        namespace: &Namespace,
        left: i32,
        column: i32,
    ) -> (usize, i32) {
        let (position, top) = (self.drawn.boxes.len(), self.y);
        let Namespace { kind, number, owner, mark, .. } = namespace;
        self.drawn.boxes.push(Frame {
            place: Rect { x: left, y: top, width: 0, height: 0 },
            kind: *kind,
            number: *number,
            owner: *owner,
            mark: mark.clone(),
        });
        if let Some(around) = self.open.last_mut() {
            around.inner_left = left;
        }
        let (kind, right, inner) = (namespace.kind, 0, Vec::new());
        self.open.push(Open { kind, column, inner_left: 0, right, inner });
        (position, top)
    }

    /// Ends the box that was begun last.
    fn close(&mut self, position: usize, top: i32) -> Shape {
        self.drawn.boxes[position].place.height = self.y - top;
        let content = self.open.pop();
        let (right, inner) = content.map(|c| (c.right, c.inner)).unzip();
        let right = right.unwrap_or(0) + PAD;
        if let Some(around) = self.open.last_mut() {
            around.right = around.right.max(right);
        }
        Shape { position, right, inner: inner.unwrap_or_default() }
    }

    fn add_inner(&mut self, shape: Shape) {
        if let Some(around) = self.open.last_mut() {
            around.inner.push(shape);
        }
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
                    self.add_inner(shape);
                    self.y += SPACE;
                }
            }
        }
    }

    fn process(&mut self, node: &Node, x: i32) {
        self.numbers(node);
        let command = shorten(&node.command, self.show.longest);
        let mut end = self.label(x, command, Role::Command);
        if let Some(name) = node.terminal_name(self.show.terminals) {
            end = self.label(end + GAP, name, Role::Terminal);
        }
        let parent = node.far_parent.filter(|_| !self.has_levels);
        if let Some(parent) = parent {
            end = self.label(
                end + GAP,
                format!("child of {parent}"),
                Role::Parent,
            );
        }
        if let Some(mark) = node.mark.text() {
            self.label(end + GAP, mark, Role::Mark);
        }
        self.y += ROW;
        let below = (x + LETTER / 2, self.y - 3);
        self.items(&node.items, x + INDENT, Some(below));
    }

    /// Writes a process's numbers, each into the column of its namespace.
    fn numbers(&mut self, node: &Node) {
        let own = self.open.len().saturating_sub(1);
        if !self.has_levels {
            let column = self.open[own].column;
            self.number(column, all_numbers(node), Role::Own);
            return;
        }
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

    /// Writes the name of a namespace, and returns where that ends.
    fn name(&mut self, x: i32, namespace: &Namespace) -> i32 {
        let mut end = self.label(x, namespace.name(), Role::Namespace);
        if let Some(path) = namespace.mounted_at.first() {
            let path = shorten(path, self.show.longest);
            end = self.label(end + GAP, path, Role::Mounted);
        }
        match namespace.mark.text() {
            Some(mark) => self.label(end + GAP, mark, Role::Mark),
            None => end,
        }
    }

    /// Writes into the row, and returns where the text ends.
    fn label(&mut self, x: i32, text: String, role: Role) -> i32 {
        let width = width(&text);
        let place = Rect { x, y: self.y, width, height: ROW };
        if let Some(open) = self.open.last_mut() {
            open.right = open.right.max(x + width);
            let kind = open.kind;
            self.drawn.labels.push(Label { place, text, role, kind });
        }
        x + width
    }

    fn number(&mut self, right: i32, text: String, role: Role) {
        self.label(right - width(&text), text, role);
    }

    /// Lets a box and those inside reach as far to the right as there is
    /// room.
    fn stretch(&mut self, shape: &Shape, right: i32) {
        let place = &mut self.drawn.boxes[shape.position].place;
        place.width = right - place.x;
        for inner in &shape.inner {
            self.stretch(inner, right - PAD);
        }
    }

    /// What stands over the column of numbers: the name that ps(1) has for
    /// one, or that proc(5) has for all of them.
    fn head(&self, namespace: &Namespace) -> &'static str {
        let mut has_several = false;
        namespace.each_member(&mut |node| has_several |= node.pids.len() > 1);
        if has_several && !self.has_levels { "NSpid" } else { "PID" }
    }

    /// How long the longest text is in the column of a box of this depth.
    fn letters(&self, items: &[Item], depth: usize) -> usize {
        let own = |node: &Node| match node.pids.get(depth) {
            _ if !self.has_levels => all_numbers(node).len(),
            Some(pid) => pid.to_string().len(),
            None => 0,
        };
        items
            .iter()
            .map(|item| match item {
                Item::Process(node) => {
                    own(node).max(self.letters(&node.items, depth))
                }
                // Its members have a row of their own in there.
                Item::Namespace(_) if !self.has_levels => 0,
                Item::Namespace(inner) => self.letters(&inner.items, depth),
            })
            .max()
            .unwrap_or(0)
    }
}

/// As `NSpid` has them: proc(5).
fn all_numbers(node: &Node) -> String {
    let numbers: Vec<String> = node.pids.iter().map(i32::to_string).collect();
    numbers.join(" ")
}

fn span(letters: usize) -> i32 {
    i32::try_from(letters).unwrap_or(0) * LETTER
}

/// How wide a text can be. Letters of other scripts may take two places.
fn width(text: &str) -> i32 {
    text.chars().map(|c| if c.is_ascii() { LETTER } else { 2 * LETTER }).sum()
}

/// A command line that is not longer than a row should be.
fn shorten(command: &str, longest: usize) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut letters = command.chars().map(visible);
    let mut short: String = letters.by_ref().take(longest).collect();
    if letters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}
