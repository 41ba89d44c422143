//! A whole session: its steps in the order in which they happened, each
//! with its terminal, and with a map wherever that has changed.
//!
//! One list, in the order in which it is read. A style sheet may set the
//! terminals side by side, and a script may show one step after the other,
//! with the map of that moment beside it.

use crate::map::layout::Show;
use crate::map::words::{kinds, words};
use crate::parse::view::Drawing;
use crate::plan::{Block, Session};
use crate::render::html::{self, escape};
use crate::render::map::{self, list_html};
use crate::render::{Content, Row, Viewed, markdown};
use crate::render::{action_rows, step_rows, terminal_name};
use crate::transcript::Transcript;

/// More terminals are not set side by side.
const MOST_COLUMNS: usize = 3;

/// The letters of a command that a map beside steps shows at most.
const LONGEST: usize = 30;

/// One step, as it is shown.
struct Scene<'a> {
    block: &'a Block,
    /// Its block, by position, if it is the last step of that.
    ends: Option<usize>,
    rows: Vec<Row<'a>>,
}

/// The lines of a figure. None is blank.
pub(super) fn html(
    viewed: &Viewed<'_>,
    drawing: Option<&Drawing>,
) -> Vec<String> {
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
    let scenes = scenes(viewed);
    let mut maps = maps(viewed, drawing, &scenes).into_iter();
    for scene in &scenes {
        let name = terminal_name(session, scene.block);
        let column = column(session, scene.block);
        lines.push(format!("<li data-column=\"{column}\">"));
        lines.push(format!("<div class=\"terminal\">{name}</div>"));
        lines.append(&mut html::terminal(&scene.rows));
        lines.append(&mut maps.next().unwrap_or_default());
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

/// The map behind each step, or nothing where it is the same as before. It
/// also shows what hidden blocks have done before the next step.
fn maps(
    viewed: &Viewed<'_>,
    drawing: Option<&Drawing>,
    scenes: &[Scene<'_>],
) -> Vec<Vec<String>> {
    let (Some(drawing), Content::Ran { transcript, .. }) =
        (drawing, &viewed.content)
    else {
        return Vec::new();
    };
    let session = viewed.session;
    let terminals = map::terminals(session);
    let show = Show { terminals: &terminals, longest: LONGEST };
    let mut last = None;
    let shown = |(number, scene): (usize, &Scene)| {
        let hidden = |block: &usize| session.blocks[*block].hidden;
        let ends = scene.ends?;
        let at = (ends + 1..session.blocks.len()).take_while(hidden).last();
        let census = map::census(transcript, at.unwrap_or(ends));
        let map = map::grow(census, drawing);
        if last.as_ref() == Some(&map) {
            return None;
        }
        let what = kinds(&map.panels);
        let title = format!("{what} after step {}", number + 1);
        let mut lines = vec!["<div class=\"state\">".to_owned()];
        lines.append(&mut map::drawing(&map, &show, None, &title));
        lines.push("<details><summary>In words</summary>".to_owned());
        list_html(&words(&map, &show), &mut lines);
        lines.extend(["</details>".to_owned(), "</div>".to_owned()]);
        last = Some(map);
        Some(lines)
    };
    let shown = scenes.iter().enumerate().map(shown);
    shown.map(Option::unwrap_or_default).collect()
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
                rows.map(move |rows| Scene { block, ends: None, rows })
            })
            .filter(|scene| !scene.block.hidden && !scene.rows.is_empty())
            .collect(),
    }
}

fn ran<'a>(session: &'a Session, transcript: &'a Transcript) -> Vec<Scene<'a>> {
    let blocks = session.blocks.iter().zip(&transcript.blocks).enumerate();
    blocks
        .filter(|(_, (block, _))| !block.hidden)
        .flat_map(|(at, (block, said))| {
            let last = said.steps.len();
            let steps = (1..).zip(&said.steps);
            steps.map(move |(number, step)| {
                let ends = (number == last).then_some(at);
                Scene { block, ends, rows: step_rows(step) }
            })
        })
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
