//! Namespaces of a further kind: a bar each, with the numbers of its members.

use crate::map::Namespace;
use crate::map::layout::{GAP, INDENT, NOBODY, PAD, ROW, SPACE};
use crate::map::layout::{Pen, Role, Shape, span, width};

/// A map that needs less room for its first kind gives this to bars.
pub(super) const LEAST_WIDTH: i32 = 440;

/// Above and below the text of a bar.
const EDGE: i32 = 2;

/// So many letters of numbers stand beside a name, however deep it is.
const LEAST_LETTERS: usize = 12;

impl Pen<'_> {
    /// Draws a namespace, and below its members those inside.
    pub(super) fn bar(&mut self, namespace: &Namespace, left: i32) -> Shape {
        let (position, top) = self.open(namespace, left, left + PAD);
        self.y += EDGE;
        let x = self.name(left + PAD, namespace) + GAP;
        let room = usize::try_from((self.room - PAD - x) / span(1));
        let room = room.unwrap_or(0).max(LEAST_LETTERS);
        for line in wrapped(&namespace.members(), room) {
            self.label(x, line, Role::Members);
            self.y += ROW;
        }
        for inner in namespace.inner() {
            self.y += EDGE;
            let shape = self.bar(inner, left + INDENT);
            self.add_inner(shape);
            self.y += SPACE - EDGE;
        }
        self.y += EDGE;
        self.close(position, top)
    }
}

/// Numbers with commas between them, in lines that are not longer than this.
fn wrapped(numbers: &[i32], room: usize) -> Vec<String> {
    if numbers.is_empty() {
        return vec![NOBODY.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for (position, number) in numbers.iter().enumerate() {
        let comma = if position + 1 < numbers.len() { "," } else { "" };
        let number = format!("{number}{comma}");
        match lines.last_mut() {
            Some(line)
                if width(line) + span(1) + width(&number) <= span(room) =>
            {
                line.push(' ');
                line.push_str(&number);
            }
            _ => lines.push(number),
        }
    }
    lines
}
