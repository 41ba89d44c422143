//! A whole session: its steps in the order in which they happened, each
//! with its terminal.
//!
//! One list, in the order in which it is read. A style sheet may set the
//! terminals side by side, and a script may show one step after the other.

use crate::plan::{Block, Session};
use crate::render::html::{self, escape};
use crate::render::{Content, Row, Viewed, markdown};
use crate::render::{action_rows, step_rows, terminal_name};
use crate::transcript::Transcript;

/// More terminals are not set side by side.
const MOST_COLUMNS: usize = 3;

/// One step, as it is shown.
struct Scene<'a> {
    block: &'a Block,
    rows: Vec<Row<'a>>,
}

/// The lines of a figure. None is blank.
pub(super) fn html(viewed: &Viewed<'_>) -> Vec<String> {
    let session = viewed.session;
    let class = match viewed.content {
        Content::Ran { .. } => "session replay",
        Content::CannotRun(_) => "session replay cannot-run",
    };
    let name = escape(&session.name);
    let columns = session.terminals.len();
    let mut lines = vec![
        format!("<figure class=\"{class}\" data-session=\"{name}\">"),
        format!(
            "<ol class=\"steps\" role=\"list\" data-terminals=\"{columns}\">"
        ),
    ];
    for scene in scenes(viewed) {
        let name = terminal_name(session, scene.block);
        let column = column(session, scene.block);
        lines.push(format!("<li data-column=\"{column}\">"));
        lines.push(format!("<div class=\"terminal\">{name}</div>"));
        lines.append(&mut html::terminal(&scene.rows));
        lines.push("</li>".to_owned());
    }
    lines.push("</ol>".to_owned());
    lines.push(match &viewed.content {
        Content::Ran { source, .. } => {
            format!("<figcaption>{}</figcaption>", html::ran_on(source))
        }
        Content::CannotRun(reason) => html::notice(reason),
    });
    lines.push("</figure>".to_owned());
    lines
}

/// Fences, each with the name of its terminal before it.
pub(super) fn markdown(viewed: &Viewed<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (position, scene) in scenes(viewed).iter().enumerate() {
        let name = terminal_name(viewed.session, scene.block);
        lines.push(format!("*Step {}, {name}:*", position + 1));
        lines.push(String::new());
        lines.append(&mut markdown::terminal(&scene.rows));
        lines.push(String::new());
    }
    match &viewed.content {
        Content::Ran { .. } => drop(lines.pop()),
        Content::CannotRun(reason) => lines.push(markdown::notice(reason)),
    }
    lines
}

/// The steps of all blocks that are not hidden.
fn scenes<'a>(viewed: &Viewed<'a>) -> Vec<Scene<'a>> {
    let session = viewed.session;
    match viewed.content {
        Content::Ran { transcript, .. } => ran(session, transcript),
        Content::CannotRun(_) => session
            .blocks
            .iter()
            .flat_map(|block| {
                let rows = block.actions.iter().map(action_rows);
                rows.map(move |rows| Scene { block, rows })
            })
            .filter(|scene| !scene.block.hidden && !scene.rows.is_empty())
            .collect(),
    }
}

fn ran<'a>(session: &'a Session, transcript: &'a Transcript) -> Vec<Scene<'a>> {
    let blocks = session.blocks.iter().zip(&transcript.blocks);
    blocks
        .filter(|(block, _)| !block.hidden)
        .flat_map(|(block, said)| said.steps.iter().map(move |s| (block, s)))
        .map(|(block, step)| Scene { block, rows: step_rows(step) })
        .collect()
}

/// Which of the columns a step belongs into.
fn column(session: &Session, block: &Block) -> &'static str {
    match (session.terminals.len(), block.terminal) {
        (0 | 1, _) | (_, 0) => "first",
        (columns, at) if columns <= MOST_COLUMNS && at + 1 < columns => {
            "middle"
        }
        (columns, _) if columns <= MOST_COLUMNS => "last",
        _ => "first",
    }
}
