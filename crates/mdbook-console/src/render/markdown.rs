//! A block as a plain fence, for renderers that know no HTML.

use crate::render::{Content, Row, Shown, commands, rows, terminal_name};

/// The lines of a fence, and of what must be said before it.
pub fn fence(shown: &Shown<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(name) = terminal_name(shown) {
        lines.extend([format!("*{name}:*"), String::new()]);
    }
    let rows = match &shown.content {
        Content::Ran { transcript, .. } => rows(transcript),
        Content::CannotRun(_) => commands(shown.block),
    };
    let text: Vec<String> = rows.iter().map(row).collect();
    let marks = "`".repeat(longest_run_of_backticks(&text).max(2) + 1);
    lines.push(format!("{marks}console"));
    lines.extend(text);
    lines.push(marks);
    if let Content::CannotRun(reason) = &shown.content {
        let cause = reason.cause();
        lines.extend([String::new(), format!("*Not run here:* {cause}.")]);
    }
    lines
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

fn longest_run_of_backticks(lines: &[String]) -> usize {
    lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`'))
        .map(str::len)
        .max()
        .unwrap_or(0)
}
