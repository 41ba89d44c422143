//! The namespaces and processes of a session, drawn and in words.

use sandbox::census::Census;

use crate::map::Map;
use crate::map::layout::{Show, layout};
use crate::map::svg::{Described, svg};
use crate::map::words::{self, Entry, Part, summary, words};
use crate::parse::view::Drawing;
use crate::plan::{Block, Kind, Session};
use crate::render::html::{self, escape};
use crate::render::{Content, Viewed, markdown as fence, terminal_name};
use crate::transcript::Transcript;

/// The letters of a command that a map shows at most.
const LONGEST: usize = 44;

/// A map, or two: before and after.
pub(super) struct Picture<'a> {
    viewed: &'a Viewed<'a>,
    drawing: &'a Drawing,
    terminals: Vec<u8>,
    after: usize,
    since: Option<usize>,
}

/// One moment of it.
struct Moment {
    /// `Before` or `After`, if there are two.
    name: Option<&'static str>,
    map: Map,
    /// What is shown, and when it was.
    caption: Vec<Part>,
}

impl<'a> Picture<'a> {
    /// What a view shows right behind a block and, perhaps, behind one
    /// before.
    pub(super) fn new(
        viewed: &'a Viewed<'a>,
        drawing: &'a Drawing,
        after: usize,
        since: Option<usize>,
    ) -> Self {
        let terminals = terminals(viewed.session);
        Self { viewed, drawing, terminals, after, since }
    }

    /// The lines of a figure. None is blank.
    pub(super) fn html(&self) -> Vec<String> {
        let class = match self.viewed.content {
            Content::Ran { .. } => "session map",
            Content::CannotRun(_) => "session map cannot-run",
        };
        let name = escape(&self.viewed.session.name);
        let mut lines =
            vec![format!("<figure class=\"{class}\" data-session=\"{name}\">")];
        match &self.viewed.content {
            Content::Ran { transcript, source } => {
                let moments = self.moments(transcript);
                lines.append(&mut drawings(&moments, &self.show()));
                lines.push(format!(
                    "<figcaption>{}; {}</figcaption>",
                    parts_html(&self.caption(&moments)),
                    html::ran_on(source)
                ));
            }
            Content::CannotRun(reason) => lines.push(html::notice(reason)),
        }
        lines.push("</figure>".to_owned());
        lines
    }

    /// A list in lists.
    pub(super) fn markdown(&self) -> Vec<String> {
        let transcript = match self.viewed.content {
            Content::Ran { transcript, .. } => transcript,
            Content::CannotRun(reason) => return vec![fence::notice(reason)],
        };
        let mut lines = Vec::new();
        for moment in self.moments(transcript) {
            let caption = parts_markdown(&moment.caption);
            lines.extend([format!("{caption}:"), String::new()]);
            for entry in &words(&moment.map, &self.show()) {
                list_markdown(entry, 0, &mut lines);
            }
            lines.push(String::new());
        }
        lines.pop();
        lines
    }

    fn show(&self) -> Show<'_> {
        Show { terminals: &self.terminals, longest: LONGEST }
    }

    fn moments(&self, transcript: &Transcript) -> Vec<Moment> {
        let now = census(transcript, self.after);
        let mut map = grow(now, self.drawing);
        let Some(since) = self.since else {
            return vec![self.moment(None, map, self.after)];
        };
        let before = census(transcript, since);
        let mut earlier = grow(before, self.drawing);
        earlier.mark_until(now);
        map.mark_since(before);
        vec![
            self.moment(Some("Before"), earlier, since),
            self.moment(Some("After"), map, self.after),
        ]
    }

    fn moment(
        &self,
        name: Option<&'static str>,
        map: Map,
        after: usize,
    ) -> Moment {
        let what = if map.is_empty() {
            "No process is left".to_owned()
        } else {
            format!("{} and their processes", words::kinds(&map.panels))
        };
        let mut caption = vec![Part::Plain(format!("{what} right after "))];
        caption.extend(command(self.viewed.session, after));
        Moment { name, map, caption }
    }

    /// What is shown, and of which moments.
    fn caption(&self, moments: &[Moment]) -> Vec<Part> {
        let mut parts = Vec::new();
        for (position, moment) in moments.iter().enumerate() {
            if position == 0 {
                parts.extend_from_slice(&moment.caption);
            } else {
                parts.push(Part::Plain(", and then right after ".to_owned()));
                parts.extend(command(self.viewed.session, self.after));
            }
        }
        if self.drawing.owners {
            let lines = "; lines lead from user namespaces, at the dots, to \
                         the namespaces that they own";
            parts.push(Part::Plain(lines.to_owned()));
        }
        parts
    }
}

/// What was there at the end of a block.
pub(super) fn census(transcript: &Transcript, after: usize) -> &Census {
    const NOBODY: &Census =
        &Census { processes: Vec::new(), namespaces: Vec::new() };
    let block = transcript.blocks.get(after);
    block.and_then(|block| block.census.as_ref()).unwrap_or(NOBODY)
}

pub(super) fn grow(census: &Census, drawing: &Drawing) -> Map {
    Map::of(census, &drawing.kinds, drawing.owners)
}

/// The terminals as the author counts them.
pub(super) fn terminals(session: &Session) -> Vec<u8> {
    session.terminals.iter().map(|terminal| terminal.number).collect()
}

/// The last command up to the end of a block that a page shows, and where it
/// was typed.
fn command(session: &Session, block: usize) -> Vec<Part> {
    let blocks = &session.blocks[..=block];
    let shown = blocks.iter().rev().find(|block| !block.hidden);
    let block = shown.unwrap_or(&session.blocks[block]);
    let mut parts = vec![Part::Literal(last_command(block))];
    if session.terminals.len() > 1 {
        let name = terminal_name(session, block);
        parts.push(Part::Plain(format!(" in {name}")));
    }
    parts
}

/// The last command of a block, of several lines the first; `^C` if it has
/// none.
fn last_command(block: &Block) -> String {
    let mut commands = block.actions.iter().rev();
    let lines = commands.find_map(|action| match &action.kind {
        Kind::Run(command) => Some(command.lines.as_slice()),
        Kind::Resume { .. } => None,
    });
    match lines {
        Some([line]) => line.trim().to_owned(),
        Some([first, ..]) => {
            format!("{} …", first.trim_end_matches('\\').trim())
        }
        _ => "^C".to_owned(),
    }
}

/// Drawings, and behind them the same in words.
fn drawings(moments: &[Moment], show: &Show) -> Vec<String> {
    let mut lines = vec!["<div class=\"drawings\">".to_owned()];
    for Moment { name, map, caption } in moments {
        let title: String = caption.iter().map(Part::text).collect();
        lines.append(&mut drawing(map, show, *name, &title));
    }
    lines.push("</div>".to_owned());
    lines.push("<details><summary>In words</summary>".to_owned());
    for Moment { name, map, .. } in moments {
        lines.extend(name.map(|name| format!("<p>{name}:</p>")));
        list_html(&words(map, show), &mut lines);
    }
    lines.push("</details>".to_owned());
    lines
}

/// One drawing. It can be scrolled if it is wider than the page.
pub(super) fn drawing(
    map: &Map,
    show: &Show,
    name: Option<&str>,
    title: &str,
) -> Vec<String> {
    let prefix = name.map(|name| format!("{name}: ")).unwrap_or_default();
    let title = format!("{prefix}{title}");
    let described = Described { title: &title, text: &summary(map) };
    let mut lines = vec![
        "<div class=\"drawing\" role=\"group\" tabindex=\"0\">".to_owned(),
    ];
    let head = |name| format!("<div class=\"moment\">{name}</div>");
    lines.extend(name.map(head));
    lines.append(&mut svg(&layout(map, show), &described));
    lines.push("</div>".to_owned());
    lines
}

pub(super) fn list_html(entries: &[Entry], lines: &mut Vec<String>) {
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
