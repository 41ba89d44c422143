//! Writes a laid-out map as SVG, in the colour of the text around it. What
//! belongs to a namespace has the class of its kind, `ns-pid`, for which a
//! style sheet may have a hue.

use std::fmt::Write as _;

use sandbox::namespace::Kind;

use crate::map::Mark;
use crate::map::layout::{FONT, Frame, Label, Layout, Line, ROW, Rect, Role};
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
             fill=\"currentColor\" \
             style=\"font-family:var(--mono-font,monospace)\">"
        ),
        format!("<title>{}</title>", escape(described.title)),
        format!("<desc>{}</desc>", escape(described.text)),
    ];
    lines.extend(Kind::ALL.iter().filter_map(|kind| boxes(layout, *kind)));
    lines.extend(lines_of(layout));
    lines.extend(STYLES.iter().filter_map(|style| labels(layout, style)));
    lines.push("</svg>".to_owned());
    lines
}

/// The boxes of a kind and their names, if there are any.
fn boxes(layout: &Layout, kind: Kind) -> Option<String> {
    let is_name =
        |label: &&Label| label.kind == kind && label.role == Role::Namespace;
    let names: String =
        layout.labels.iter().filter(is_name).map(label).collect();
    let paths: String = EDGES
        .iter()
        .filter_map(|(mark, edge)| {
            let is_it =
                |frame: &&Frame| frame.kind == kind && frame.mark == *mark;
            let boxes = layout.boxes.iter().filter(is_it);
            let outlines: String = boxes.map(outline).collect();
            (!outlines.is_empty())
                .then(|| format!("<path d=\"{outlines}\"{edge}></path>"))
        })
        .collect();
    (!paths.is_empty()).then(|| {
        format!(
            "<g class=\"ns-{}\"><g fill-opacity=\"0.05\" \
             stroke=\"currentColor\" stroke-opacity=\"0.7\">{paths}</g>\
             <g font-weight=\"700\">{names}</g></g>",
            kind.name
        )
    })
}

/// What is new has a heavier edge, and what ends a broken one. A word beside
/// its name says so, too.
const EDGES: [(Mark, &str); 3] = [
    (Mark::Same, ""),
    (Mark::New, " stroke-width=\"2.5\""),
    (Mark::Ends, " stroke-dasharray=\"5 4\""),
];

/// A rectangle with round corners. As a part of a path it takes a third of
/// the room of an element.
fn outline(frame: &Frame) -> String {
    let Rect { x, y, width, height } = frame.place;
    let (left, wide, high) = (x + 6, width - 12, height - 12);
    format!(
        "M{left} {y}h{wide}q6 0 6 6v{high}q0 6-6 6h-{wide}q-6 0-6-6\
         v-{high}q0-6 6-6z"
    )
}

/// One path for all lines of a sort: solid ones between parents and
/// children, dotted ones from numbers to boxes, and those of owners, which
/// begin with a dot.
fn lines_of(layout: &Layout) -> Vec<String> {
    let (mut kin, mut leaders) = (String::new(), String::new());
    let (mut owners, mut dots) = (String::new(), String::new());
    let mut trunk = None;
    for line in &layout.lines {
        // Writing to a string does not fail.
        let _ = match line {
            Line::Kin { from: (x, y), to: (right, bottom) } => {
                write!(kin, "M{x} {y}V{bottom}H{right}")
            }
            Line::Leader { from: (x, y), to: (right, _) } => {
                write!(leaders, "M{x} {y}H{right}")
            }
            // The next line of an owner begins where the last one turned.
            Line::Owner { from, x, to: (right, bottom) } => {
                if trunk == Some(*from) {
                    write!(owners, "H{x}V{bottom}H{right}")
                } else {
                    trunk = Some(*from);
                    let (left, top) = from;
                    let _ = write!(
                        dots,
                        "<circle cx=\"{left}\" cy=\"{top}\" r=\"4\"></circle>"
                    );
                    write!(owners, "M{left} {top}H{x}V{bottom}H{right}")
                }
            }
        };
    }
    let mut lines = vec![format!(
        "<g fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.6\" \
         shape-rendering=\"crispEdges\">\
         <path d=\"{kin}\"></path>\
         <path d=\"{leaders}\" stroke-dasharray=\"1 3\"></path></g>"
    )];
    if !owners.is_empty() {
        lines.push(format!(
            "<g class=\"ns-user\"><path d=\"{owners}\" fill=\"none\" \
             stroke=\"currentColor\" shape-rendering=\"crispEdges\"></path>\
             {dots}</g>"
        ));
    }
    lines
}

/// Labels that look the same.
struct Style {
    roles: &'static [Role],
    attributes: &'static str,
}

const STYLES: [Style; 4] = [
    Style { roles: &[Role::Own], attributes: " font-weight=\"700\"" },
    Style {
        roles: &[Role::Head, Role::Terminal, Role::Parent, Role::Mounted],
        attributes: " class=\"quiet\"",
    },
    Style {
        roles: &[Role::Outer, Role::Command, Role::Members],
        attributes: "",
    },
    Style {
        roles: &[Role::Mark],
        attributes: " class=\"mark\" font-style=\"italic\" \
                     font-weight=\"700\"",
    },
];

fn labels(layout: &Layout, style: &Style) -> Option<String> {
    let is_it = |label: &&Label| style.roles.contains(&label.role);
    let labels: String =
        layout.labels.iter().filter(is_it).map(label).collect();
    let attributes = style.attributes;
    (!labels.is_empty()).then(|| format!("<g{attributes}>{labels}</g>"))
}

fn label(label: &Label) -> String {
    let Label { place: Rect { x, y, .. }, text, .. } = label;
    let baseline = y + ROW / 2 + FONT / 3;
    format!("<text x=\"{x}\" y=\"{baseline}\">{}</text>", escape(text))
}
