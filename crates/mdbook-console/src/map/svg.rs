//! Writes a laid-out map as SVG, in the colour of the text around it.

use std::fmt::Write as _;

use crate::map::layout::{FONT, Label, Layout, Line, ROW, Rect, Role};
use crate::render::html::escape;

/// What a drawing says in a sentence, for those who do not see it.
pub struct Described<'a> {
    /// Its name.
    pub title: &'a str,
    /// What it shows.
    pub text: &'a str,
}

/// The lines of an `svg` element. None is blank.
pub fn svg(layout: &Layout, described: &Described<'_>) -> Vec<String> {
    let Layout { width, height, .. } = layout;
    let mut lines = vec![
        format!(
            "<svg role=\"img\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-size=\"{FONT}\" \
             style=\"font-family:var(--mono-font,monospace)\">"
        ),
        format!("<title>{}</title>", escape(described.title)),
        format!("<desc>{}</desc>", escape(described.text)),
    ];
    lines.extend(layout.boxes.iter().map(rect));
    lines.push(lines_of(layout));
    lines.extend(layout.labels.iter().map(label));
    lines.push("</svg>".to_owned());
    lines
}

fn rect(rect: &Rect) -> String {
    let Rect { x, y, width, height } = rect;
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         rx=\"6\" fill=\"currentColor\" fill-opacity=\"0.05\" \
         stroke=\"currentColor\" stroke-opacity=\"0.7\"></rect>"
    )
}

/// Two paths for all lines: solid ones between parents and children, dotted
/// ones from numbers to boxes.
fn lines_of(layout: &Layout) -> String {
    let (mut kin, mut leaders) = (String::new(), String::new());
    for line in &layout.lines {
        // Writing to a string does not fail.
        let _ = match line {
            Line::Kin { from: (x, y), to: (right, bottom) } => {
                write!(kin, "M{x} {y}V{bottom}H{right}")
            }
            Line::Leader { from: (x, y), to: (right, _) } => {
                write!(leaders, "M{x} {y}H{right}")
            }
        };
    }
    format!(
        "<g fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.6\" \
         shape-rendering=\"crispEdges\">\
         <path d=\"{kin}\"></path>\
         <path d=\"{leaders}\" stroke-dasharray=\"1 3\"></path></g>"
    )
}

fn label(label: &Label) -> String {
    let Label { place: Rect { x, y, .. }, text, role } = label;
    let baseline = y + ROW / 2 + FONT / 3;
    let attribute = match role {
        Role::Namespace | Role::Own => " font-weight=\"700\"",
        Role::Head | Role::Terminal => " class=\"quiet\"",
        Role::Outer | Role::Command => "",
    };
    let text = escape(text);
    format!(
        "<text x=\"{x}\" y=\"{baseline}\" fill=\"currentColor\"{attribute}>\
         {text}</text>"
    )
}
