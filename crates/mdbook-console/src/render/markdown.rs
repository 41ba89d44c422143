//! A block as a plain fence, for renderers that know no HTML.

use crate::judge::Reason;
use crate::render::{Content, Row, Shown, commands, rows, terminal_of};

/// The lines of a fence, and of what must be said before it.
pub fn fence(shown: &Shown<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(name) = terminal_of(shown) {
        lines.extend([format!("*{name}:*"), String::new()]);
    }
    let rows = match &shown.content {
        Content::Ran { transcript, .. } => rows(transcript),
        Content::CannotRun(_) => commands(shown.block),
    };
    lines.append(&mut terminal(&rows));
    if let Content::CannotRun(reason) = &shown.content {
        lines.extend([String::new(), notice(reason)]);
    }
    lines
}

/// What a terminal shows.
pub(super) fn terminal(rows: &[Row<'_>]) -> Vec<String> {
    let text: Vec<String> = rows.iter().map(row).collect();
    let marks = "`".repeat(longest_run_of_backticks(&text).max(2) + 1);
    let opening = format!("{marks}console");
    [vec![opening], text, vec![marks]].concat()
}

pub(super) fn notice(reason: &Reason) -> String {
    format!("*Not run here:* {}.", reason.cause())
}

fn row(row: &Row<'_>) -> String {
    match row {
        Row::Command { prompt, text } => {
            format!("{prompt} {text}").trim_end().to_owned()
        }
        Row::Output { line, .. } => line.text(),
        Row::Status(status) => format!("[exit status {status}]"),
    }
}

/// A code span.
pub(super) fn literal(text: &str) -> String {
    let longest = longest_run_of_backticks(&[text.to_owned()]);
    let marks = "`".repeat(longest + 1);
    // Blanks keep backticks at the edges apart from the marks.
    let blank = if longest > 0 { " " } else { "" };
    format!("{marks}{blank}{text}{blank}{marks}")
}

fn longest_run_of_backticks(lines: &[String]) -> usize {
    lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`'))
        .map(str::len)
        .max()
        .unwrap_or(0)
}
