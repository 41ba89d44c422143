//! `list`: everything that would run.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::session::Input;

use crate::command::survey;
use crate::manuscript::Manuscript;
use crate::plan::{Action, Block, Kind, Session};

pub(super) fn run() -> Result<ExitCode> {
    let manuscript = survey::book_here()?;
    let plan = &manuscript.plan;
    let mut stdout = io::stdout().lock();
    for session in &plan.sessions {
        for position in 0..session.blocks.len() {
            show_block(&mut stdout, &manuscript, session, position)?;
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
    manuscript: &Manuscript,
    session: &Session,
    position: usize,
) -> Result<()> {
    let source = manuscript.source(&manuscript.opening(session, position));
    let block: &Block = &session.blocks[position];
    let terminal = session.terminals[block.terminal].number;
    let hidden = if block.hidden { ", hidden" } else { "" };
    writeln!(
        out,
        "{}:{}: session {}, terminal {terminal}{hidden}",
        source.path,
        source.line(),
        session.name
    )?;
    for action in &block.actions {
        show_action(out, action)?;
    }
    Ok(())
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
