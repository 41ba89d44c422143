//! A block as HTML, for mdBook's own pages.
//!
//! A fragment holds no blank line, because Markdown ends HTML there, and no
//! `code` element, because mdBook's script rewrites those.

use std::fmt::Write;
use std::ops::Range;

use crate::judge::Reason;
use crate::render::citations;
use crate::render::{Content, Provenance, Row, Shown};
use crate::render::{commands, rows, terminal_of};
use crate::screen::{Colour, Line, Style};

/// The lines of a figure. None is blank.
pub fn figure(shown: &Shown<'_>) -> Vec<String> {
    let mut lines = vec![opening(shown)];
    if let Some(name) = terminal_of(shown) {
        lines.push(format!("<div class=\"terminal\">{name}</div>"));
    }
    let rows = match &shown.content {
        Content::Ran { transcript, .. } => rows(transcript),
        Content::CannotRun(_) => commands(shown.block),
    };
    lines.append(&mut cited_terminal(&rows, shown));
    lines.push(match &shown.content {
        Content::Ran { source, .. } => foot(source, shown.hint.as_deref()),
        Content::CannotRun(reason) => notice(reason),
    });
    lines.push("</figure>".to_owned());
    lines
}

/// What a terminal shows.
pub(super) fn terminal(rows: &[Row<'_>]) -> Vec<String> {
    screen(rows.iter().map(row).collect(), "")
}

/// What a terminal shows, with places for sentences to point at.
fn cited_terminal(rows: &[Row<'_>], shown: &Shown<'_>) -> Vec<String> {
    let line_id = |number| citations::line_id(shown.block, number);
    let mut number = 0;
    let lines = rows.iter().map(|row| {
        if let Row::Output { line, typed } = row {
            number += 1;
            if let Some((id, marks)) =
                line_id(number).zip(shown.cited.get(&number))
            {
                let text = output(line, typed.as_ref());
                let ways = citations::ways_back(marks);
                return format!(
                    "<span class=\"line console-line\" id=\"{id}\">{text}\
                     {ways}</span>"
                );
            }
        }
        self::row(row)
    });
    let lines = lines.collect();
    let id = line_id(0).filter(|_| shown.cited.contains_key(&0));
    let id = id.map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
    screen(lines, &id)
}

fn screen(mut lines: Vec<String>, attributes: &str) -> Vec<String> {
    if lines.is_empty() {
        lines.push(String::new());
    }
    if let Some(first) = lines.first_mut() {
        let opening = format!("<pre tabindex=\"0\"{attributes}><samp>");
        first.insert_str(0, &opening);
    }
    if let Some(last) = lines.last_mut() {
        last.push_str("</samp></pre>");
    }
    lines
}

fn opening(shown: &Shown<'_>) -> String {
    let class = match shown.content {
        Content::Ran { .. } => "session",
        Content::CannotRun(_) => "session cannot-run",
    };
    let session = escape(&shown.session.name);
    let mut tag =
        format!("<figure class=\"{class}\" data-session=\"{session}\"");
    if let Some(id) = &shown.block.id {
        // Writing to a string does not fail.
        let _ = write!(tag, " data-block=\"{}\"", escape(id));
    }
    tag.push('>');
    tag
}

fn row(row: &Row<'_>) -> String {
    match row {
        Row::Command { prompt, text } => {
            let (prompt, text) = (escape(prompt), escape(text));
            format!("<span class=\"prompt\">{prompt}</span> <kbd>{text}</kbd>")
        }
        Row::Output { line, typed } => {
            let text = output(line, typed.as_ref());
            format!("<span class=\"line\">{text}</span>")
        }
        Row::Status(status) => {
            format!("<span class=\"status\">exit status {status}</span>")
        }
    }
}

/// A line of output. What was typed is marked as such.
fn output(line: &Line, typed: Option<&Range<usize>>) -> String {
    let end = line.runs.iter().map(|run| run.text.len()).sum();
    let Some(typed) = typed else { return part(line, 0..end) };
    format!(
        "{}<kbd>{}</kbd>{}",
        part(line, 0..typed.start),
        part(line, typed.clone()),
        part(line, typed.end..end)
    )
}

/// The runs of a line, as far as they are in a range.
fn part(line: &Line, range: Range<usize>) -> String {
    let mut part = String::new();
    let mut at = 0;
    for run in &line.runs {
        let inside = |end: usize| end.saturating_sub(at).min(run.text.len());
        let text = &run.text[inside(range.start)..inside(range.end)];
        part.push_str(&styled(text, run.style));
        at += run.text.len();
    }
    part
}

fn styled(text: &str, style: Style) -> String {
    if text.is_empty() || style == Style::default() {
        return escape(text);
    }
    let (classes, css) = attributes(style);
    let mut tag = String::from("<span");
    if !classes.is_empty() {
        let _ = write!(tag, " class=\"{}\"", classes.join(" "));
    }
    if !css.is_empty() {
        let _ = write!(tag, " style=\"{css}\"");
    }
    format!("{tag}>{}</span>", escape(text))
}

/// Classes for what the themes know, and CSS for all other colours.
fn attributes(style: Style) -> (Vec<String>, String) {
    let flags = [
        (style.bold, "bold"),
        (style.dim, "dim"),
        (style.italic, "italic"),
        (style.underline, "underline"),
        (style.inverse, "inverse"),
    ];
    let mut classes: Vec<String> = flags
        .iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, class)| (*class).to_owned())
        .collect();
    let (front, back) = if style.inverse {
        (style.background, style.foreground)
    } else {
        (style.foreground, style.background)
    };
    let mut css = String::new();
    for (colour, class) in [(front, "fg"), (back, "bg")] {
        match colour {
            None => {}
            Some(Colour::Indexed(n @ 0..16)) => {
                classes.push(format!("{class}-{n}"));
            }
            Some(colour) => {
                // The style sheet makes it legible in every theme.
                let (r, g, b) = rgb(colour);
                classes.push(format!("{class}-x"));
                let _ = write!(css, "--{class}-x:#{r:02x}{g:02x}{b:02x};");
            }
        }
    }
    (classes, css)
}

/// The colours behind the first sixteen are the same on every terminal: a
/// cube of six steps a side, and 24 greys.
fn rgb(colour: Colour) -> (u8, u8, u8) {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match colour {
        Colour::Rgb(r, g, b) => (r, g, b),
        Colour::Indexed(n @ 232..) => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
        Colour::Indexed(n) => {
            let n = n.saturating_sub(16);
            (step(n / 36), step(n / 6 % 6), step(n % 6))
        }
    }
}

fn foot(source: &Provenance, hint: Option<&str>) -> String {
    let mut foot = format!("<figcaption>{}", ran_on(source));
    if let Some(hint) = hint {
        let _ = write!(foot, " <kbd class=\"hint\">{}</kbd>", escape(hint));
    }
    foot.push_str("</figcaption>");
    foot
}

/// Where and when.
pub(super) fn ran_on(source: &Provenance) -> String {
    let date = escape(&source.date);
    let verb = if source.is_recorded { "recorded" } else { "ran" };
    let mut text = format!("{verb} on ");
    if let Some(kernel) = &source.kernel {
        let _ = write!(text, "Linux {kernel}, ");
    }
    let _ = write!(text, "<time datetime=\"{date}\">{date}</time>");
    text
}

pub(super) fn notice(reason: &Reason) -> String {
    format!(
        "<figcaption class=\"notice\"><strong>Not run here.</strong> On the \
         machine that built this page, {}. A recording is shown in its place \
         as soon as there is one.</figcaption>",
        code(&reason.cause())
    )
}

/// Names between backticks become elements.
fn code(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(i, part)| match i % 2 {
            0 => escape(part),
            _ => format!("<samp>{}</samp>", escape(part)),
        })
        .collect()
}

/// Makes text inert in HTML, and for preprocessors that look for `{{`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '{' => escaped.push_str("&#123;"),
            c => escaped.push(c),
        }
    }
    escaped
}
