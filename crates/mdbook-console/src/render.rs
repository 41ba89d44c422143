//! Turns blocks, views and what came of them into fragments of a page.

pub mod citations;
pub mod date;
pub mod html;
pub mod map;
pub mod markdown;
pub mod replay;

use std::iter;
use std::ops::Range;

use sandbox::session::Input;

use crate::judge::Reason;
use crate::parse;
use crate::parse::needs::Release;
use crate::plan::{Action, Block, Kind, Session, Subject};
use crate::screen::{self, Line, Place};
use crate::splice::Patch;
use crate::transcript::{BlockTranscript, Step, Transcript, Typed};
use citations::Cited;

/// A block, and all that is shown of it.
pub struct Shown<'a> {
    /// Its session.
    pub session: &'a Session,
    /// The block.
    pub block: &'a Block,
    /// What came of it.
    pub content: Content<'a, BlockTranscript>,
    /// The command that does the same at the reader's own terminal.
    pub hint: Option<String>,
    /// The lines that sentences cite.
    pub cited: Cited,
}

/// A view, and all that is shown of it.
pub struct Viewed<'a> {
    /// The session it shows.
    pub session: &'a Session,
    /// What of it.
    pub subject: Subject,
    /// What came of the session.
    pub content: Content<'a, Transcript>,
}

/// What came of a block, or of a whole session.
pub enum Content<'a, T> {
    /// It was run.
    Ran {
        /// What it said.
        transcript: &'a T,
        /// Where and when.
        source: Provenance,
    },
    /// It could not be run.
    CannotRun(&'a Reason),
}

/// Where and when a session was performed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The kernel that answered.
    pub kernel: Option<Release>,
    /// The day, in UTC: `2026-11-23`.
    pub date: String,
    /// It is a recording, and not of the build that shows it.
    pub is_recorded: bool,
}

/// Which form of a page the renderer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// HTML with classes, for mdBook's own pages.
    Html,
    /// A plain fence, for everything else.
    Markdown,
}

impl Form {
    /// The form that suits a renderer.
    pub fn of_renderer(name: &str) -> Self {
        if name == "html" { Self::Html } else { Self::Markdown }
    }
}

/// What to write into a chapter in place of a block.
pub fn patch(
    text: &str,
    block: &parse::Block,
    shown: &Shown<'_>,
    form: Form,
) -> Patch {
    let span = block.span.clone();
    if shown.block.hidden {
        return Patch { span, text: String::new() };
    }
    let lines = match form {
        Form::Html => html::figure(shown),
        Form::Markdown => markdown::fence(shown),
    };
    Patch { text: fragment(lines, &text[span.end..], &block.prefix), span }
}

/// What to write into a chapter in place of a view.
pub fn patch_view(
    text: &str,
    view: &parse::view::View,
    viewed: &Viewed<'_>,
    form: Form,
) -> Patch {
    let span = view.span.clone();
    let lines = match (&viewed.subject, form) {
        (Subject::Replay { drawing }, Form::Html) => {
            replay::html(viewed, drawing.as_ref())
        }
        (Subject::Replay { .. }, Form::Markdown) => replay::markdown(viewed),
        (Subject::Map { after, since, drawing }, form) => {
            let picture = map::Picture::new(viewed, drawing, *after, *since);
            match form {
                Form::Html => picture.html(),
                Form::Markdown => picture.markdown(),
            }
        }
    };
    Patch { text: fragment(lines, &text[span.end..], &view.prefix), span }
}

/// Joins lines into a text that `rest` can follow.
fn fragment(mut lines: Vec<String>, rest: &str, prefix: &str) -> String {
    let is_fence = lines.last().is_some_and(|line| line.starts_with("```"));
    if !is_fence && is_followed_by_text(rest, prefix) {
        lines.push(String::new());
    }
    let mut fragment = lines.remove(0);
    for line in &lines {
        fragment.push('\n');
        fragment.push_str(format!("{prefix}{line}").trim_end());
    }
    fragment
}

/// A fence ends at its last line; HTML goes on to the next blank line. Text
/// outside the list or quote that the block is in needs no such line.
fn is_followed_by_text(rest: &str, prefix: &str) -> bool {
    let mut lines = rest.lines().skip(1);
    lines.next().is_some_and(|line| {
        line.strip_prefix(prefix).is_some_and(|line| !line.trim().is_empty())
    })
}

/// One line of a transcript.
enum Row<'a> {
    /// Typed at a prompt.
    Command { prompt: &'a str, text: &'a str },
    /// Printed, but for a part that was typed.
    Output { line: Line, typed: Option<Range<usize>> },
    /// The exit status, where it is not 0.
    Status(i32),
}

/// The lines of a transcript, from top to bottom.
fn rows(transcript: &BlockTranscript) -> Vec<Row<'_>> {
    transcript.steps.iter().flat_map(step_rows).collect()
}

fn step_rows(step: &Step) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> =
        step.command.iter().flat_map(command_rows).collect();
    let mut typed = echoes(step).peekable();
    for (position, line) in screen::lines(&step.output).into_iter().enumerate()
    {
        let typed = typed.next_if(|typed| typed.line == position);
        rows.push(Row::Output { line, typed: typed.map(|typed| typed.part) });
    }
    let status = step.status().filter(|status| *status != 0);
    rows.extend(status.map(Row::Status));
    rows
}

fn command_rows(typed: &Typed) -> impl Iterator<Item = Row<'_>> {
    let prompts = iter::once(typed.prompt.as_str()).chain(iter::repeat(">"));
    prompts
        .zip(&typed.lines)
        .map(|(prompt, text)| Row::Command { prompt, text })
}

/// Where a terminal shows what was typed while a command ran.
fn echoes(step: &Step) -> impl Iterator<Item = Place> {
    step.input.iter().zip(&step.typed).filter_map(|(input, &at)| {
        let behind = step.output.get(at..)?;
        let (at, text) = match input {
            Input::Line(line) if behind.starts_with(line.as_bytes()) => {
                (at, line.as_str())
            }
            // A command that does not read may have printed more meanwhile.
            Input::Interrupt => (at + find(behind, b"^C")?, "^C"),
            Input::Line(_) | Input::EndOfInput => return None,
        };
        screen::place(&step.output, at..at + text.len())
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

/// The commands of a block that has not been run.
fn commands(block: &Block) -> Vec<Row<'_>> {
    block.actions.iter().flat_map(action_rows).collect()
}

fn action_rows(action: &Action) -> Vec<Row<'_>> {
    let Kind::Run(command) = &action.kind else { return Vec::new() };
    let prompts = iter::once(command.prompt.as_str()).chain(iter::repeat(">"));
    prompts
        .zip(&command.lines)
        .map(|(prompt, text)| Row::Command { prompt, text })
        .collect()
}

/// `Terminal 2`.
fn terminal_name(session: &Session, block: &Block) -> String {
    let number = session.terminals.get(block.terminal).map(|t| t.number);
    format!("Terminal {}", number.unwrap_or(1))
}

/// The terminal of a block, where a session has more than one.
fn terminal_of(shown: &Shown<'_>) -> Option<String> {
    (shown.session.terminals.len() > 1)
        .then(|| terminal_name(shown.session, shown.block))
}

#[cfg(test)]
mod tests;
