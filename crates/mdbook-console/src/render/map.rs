//! The processes of a session, drawn and in words.

use sandbox::census::Process;

use crate::map::Map;
use crate::map::layout::layout;
use crate::map::svg::{Described, svg};
use crate::map::words::{Entry, Part, summary, words};
use crate::plan::{Block, Kind};
use crate::render::html::{self, escape};
use crate::render::{Content, Viewed, markdown as fence, terminal_name};
use crate::transcript::Transcript;

/// The lines of a figure. None is blank.
pub(super) fn html(viewed: &Viewed<'_>, after: usize) -> Vec<String> {
    let class = match viewed.content {
        Content::Ran { .. } => "session map",
        Content::CannotRun(_) => "session map cannot-run",
    };
    let name = escape(&viewed.session.name);
    let mut lines =
        vec![format!("<figure class=\"{class}\" data-session=\"{name}\">")];
    match &viewed.content {
        Content::Ran { transcript, source } => {
            let map = Map::of(census(transcript, after));
            let caption = caption(viewed, &map, after);
            lines.append(&mut drawing(viewed, &map, &caption));
            lines.push(format!(
                "<figcaption>{}; {}</figcaption>",
                parts_html(&caption),
                html::ran_on(source)
            ));
        }
        Content::CannotRun(reason) => lines.push(html::notice(reason)),
    }
    lines.push("</figure>".to_owned());
    lines
}

/// A list in lists.
pub(super) fn markdown(viewed: &Viewed<'_>, after: usize) -> Vec<String> {
    let transcript = match viewed.content {
        Content::Ran { transcript, .. } => transcript,
        Content::CannotRun(reason) => return vec![fence::notice(reason)],
    };
    let map = Map::of(census(transcript, after));
    let caption = parts_markdown(&caption(viewed, &map, after));
    let mut lines = vec![format!("{caption}:"), String::new()];
    for entry in &words(&map, &terminals(viewed)) {
        list_markdown(entry, 0, &mut lines);
    }
    lines
}

/// The processes at the end of a block.
fn census(transcript: &Transcript, after: usize) -> &[Process] {
    let block = transcript.blocks.get(after);
    let census = block.and_then(|block| block.census.as_ref());
    census.map(|census| census.processes.as_slice()).unwrap_or_default()
}

fn terminals(viewed: &Viewed<'_>) -> Vec<u8> {
    viewed.session.terminals.iter().map(|t| t.number).collect()
}

/// What is shown, and of which moment.
fn caption(viewed: &Viewed<'_>, map: &Map, after: usize) -> Vec<Part> {
    let what = if map.namespaces.is_empty() {
        "No process is left"
    } else {
        "PID namespaces and their processes"
    };
    let session = viewed.session;
    let block = &session.blocks[after];
    let mut parts = vec![
        Part::Plain(format!("{what} right after ")),
        Part::Literal(last_command(block).to_owned()),
    ];
    if session.terminals.len() > 1 {
        let name = terminal_name(session, block);
        parts.push(Part::Plain(format!(" in {name}")));
    }
    parts
}

/// The first line of the last command of a block; `^C` if it has none.
fn last_command(block: &Block) -> &str {
    let mut commands = block.actions.iter().rev();
    let line = commands.find_map(|action| match &action.kind {
        Kind::Run(command) => command.lines.first(),
        Kind::Resume { .. } => None,
    });
    line.map_or("^C", |line| line.trim())
}

fn drawing(viewed: &Viewed<'_>, map: &Map, caption: &[Part]) -> Vec<String> {
    let terminals = terminals(viewed);
    let title: String = caption.iter().map(Part::text).collect();
    let described = Described { title: &title, text: &summary(map) };
    let mut lines = vec!["<div class=\"drawing\" tabindex=\"0\">".to_owned()];
    lines.append(&mut svg(&layout(map, &terminals), &described));
    lines.push("</div>".to_owned());
    lines.push("<details><summary>In words</summary>".to_owned());
    list_html(&words(map, &terminals), &mut lines);
    lines.push("</details>".to_owned());
    lines
}

fn list_html(entries: &[Entry], lines: &mut Vec<String>) {
    lines.push("<ul>".to_owned());
    for entry in entries {
        let text = parts_html(&entry.parts);
        if entry.entries.is_empty() {
            lines.push(format!("<li>{text}</li>"));
        } else {
            lines.push(format!("<li>{text}"));
            list_html(&entry.entries, lines);
            lines.push("</li>".to_owned());
        }
    }
    lines.push("</ul>".to_owned());
}

fn parts_html(parts: &[Part]) -> String {
    let html = |part: &Part| match part {
        Part::Plain(text) => escape(text),
        Part::Literal(text) => format!("<samp>{}</samp>", escape(text)),
    };
    parts.iter().map(html).collect()
}

fn list_markdown(entry: &Entry, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    lines.push(format!("{indent}- {}", parts_markdown(&entry.parts)));
    for inner in &entry.entries {
        list_markdown(inner, depth + 1, lines);
    }
}

fn parts_markdown(parts: &[Part]) -> String {
    let markdown = |part: &Part| match part {
        Part::Plain(text) => text.clone(),
        Part::Literal(text) => fence::literal(text),
    };
    parts.iter().map(markdown).collect()
}
