//! `list`: everything that would run.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::session::Input;

use crate::command::survey;
use crate::diagnostics::report::Source;
use crate::plan::{Action, Block, Kind, Session};

pub(super) fn run() -> Result<ExitCode> {
    let manuscript = survey::book_here()?;
    let plan = &manuscript.plan;
    let mut stdout = io::stdout().lock();
    let mut lines = Lines::default();
    for session in &plan.sessions {
        for position in 0..session.blocks.len() {
            let opening = manuscript.opening(session, position);
            let source = manuscript.source(&opening);
            let line = lines.line(&source);
            let place = format!("{}:{line}", source.path);
            show_block(&mut stdout, &place, session, position)?;
        }
    }
    if plan.complaints.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        io::stderr(),
        "some blocks have faults, and are not listed; a build names them"
    )?;
    Ok(ExitCode::FAILURE)
}

fn show_block(
    out: &mut impl Write,
    place: &str,
    session: &Session,
    position: usize,
) -> Result<()> {
    let block: &Block = &session.blocks[position];
    let terminal = session.terminals[block.terminal].number;
    let hidden = if block.hidden { ", hidden" } else { "" };
    writeln!(
        out,
        "{place}: session {}, terminal {terminal}{hidden}",
        session.name
    )?;
    for action in &block.actions {
        show_action(out, action)?;
    }
    Ok(())
}

/// Counts the lines of a file on from the place before.
#[derive(Default)]
struct Lines {
    path: String,
    at: usize,
    line: usize,
}

impl Lines {
    /// The line in which a place begins, from 1.
    fn line(&mut self, source: &Source) -> usize {
        let start = source.span.start;
        if self.path != source.path || start < self.at {
            *self = Self { path: source.path.clone(), at: 0, line: 1 };
        }
        self.line += source.text[self.at..start].matches('\n').count();
        self.at = start;
        self.line
    }
}

fn show_action(out: &mut impl Write, action: &Action) -> Result<()> {
    let input = match &action.kind {
        Kind::Run(command) => {
            let mut prompt = command.prompt.as_str();
            for line in &command.lines {
                writeln!(out, "    {prompt} {line}")?;
                prompt = ">";
            }
            &command.input
        }
        Kind::Resume { input, .. } => input,
    };
    for input in input {
        let text = match input {
            Input::Line(line) => line,
            Input::Interrupt => "^C",
            Input::EndOfInput => "^D",
        };
        writeln!(out, "    {text}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_on_and_anew() {
        let source = |path: &str, start: usize| Source {
            path: path.to_owned(),
            text: "a\nb\n\nc\n".into(),
            span: start..start,
            note: None,
        };
        let mut lines = Lines::default();
        for (path, start) in
            [("a", 0), ("a", 2), ("a", 5), ("a", 3), ("b", 5), ("a", 5)]
        {
            let source = source(path, start);
            assert_eq!(lines.line(&source), source.line(), "{path} {start}");
        }
    }
}
