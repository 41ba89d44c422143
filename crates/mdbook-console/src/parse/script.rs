//! Reads the lines of a block: commands at their prompts, and what is typed
//! into them.

use sandbox::session::Input;
use sandbox::world::User;

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::Span;

/// One thing typed, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// All its lines.
    pub span: Span,
    /// What is typed.
    pub typed: Typed,
}

/// What is typed at a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A command at a shell's prompt, and its continuations.
    Command {
        /// Whose prompt it is.
        prompt: Prompt,
        /// The lines, without prompts.
        lines: Vec<String>,
    },
    /// Something for the command that is running.
    Input(Input),
}

/// The prompts of a world's shells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// `#`, of root.
    Root,
    /// `$`, of everybody else.
    Other,
}

impl Prompt {
    /// As the shell prints it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Root => "#",
            Self::Other => "$",
        }
    }

    /// Who sits at a terminal whose first prompt this is.
    pub fn user(self) -> User {
        match self {
            Self::Root => User::Root,
            Self::Other => User::Reader,
        }
    }
}

/// Groups the lines of a block.
pub fn read<'a>(
    lines: impl Iterator<Item = (&'a str, Span)>,
    faults: &mut Vec<Fault>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut blank: Vec<Span> = Vec::new();
    for (line, span) in lines {
        if line.trim().is_empty() {
            blank.push(span);
            continue;
        }
        let entry = match read_line(line) {
            Line::Entry(typed) => Entry { span: span.clone(), typed },
            Line::Continuation(line) => {
                match entries.last_mut() {
                    Some(Entry {
                        span: whole,
                        typed: Typed::Command { lines, .. },
                    }) if blank.is_empty() => {
                        whole.end = span.end;
                        lines.push(line);
                    }
                    _ => faults.push(complain::nothing_to_continue(span)),
                }
                continue;
            }
            Line::BarePrompt => {
                faults.push(complain::bare_prompt(span));
                continue;
            }
        };
        flush(&mut blank, &entry, &mut entries);
        entries.push(entry);
    }
    entries
}

/// Blank lines between commands separate them for the eye; before further
/// input to a command they are input themselves.
fn flush(blank: &mut Vec<Span>, next: &Entry, entries: &mut Vec<Entry>) {
    let lines = blank.drain(..);
    if !entries.is_empty()
        && matches!(&next.typed, Typed::Input(Input::Line(_)))
    {
        entries.extend(lines.map(|span| Entry {
            span,
            typed: Typed::Input(Input::Line(String::new())),
        }));
    }
}

enum Line {
    Entry(Typed),
    Continuation(String),
    BarePrompt,
}

fn read_line(line: &str) -> Line {
    for prompt in [Prompt::Root, Prompt::Other] {
        if let Some(rest) = behind(line, prompt.text()) {
            return match rest.trim() {
                "" => Line::BarePrompt,
                _ => Line::Entry(Typed::Command {
                    prompt,
                    lines: vec![rest.to_owned()],
                }),
            };
        }
    }
    if let Some(rest) = behind(line, ">") {
        return Line::Continuation(rest.to_owned());
    }
    Line::Entry(Typed::Input(match line.trim_end() {
        "^C" => Input::Interrupt,
        "^D" => Input::EndOfInput,
        _ => Input::Line(line.to_owned()),
    }))
}

/// What stands behind a prompt and its blank.
fn behind<'a>(line: &'a str, prompt: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(prompt)?;
    rest.strip_prefix(' ').or_else(|| rest.is_empty().then_some(""))
}
