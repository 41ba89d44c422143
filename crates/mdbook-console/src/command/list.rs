//! `list`: everything that would run.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::session::Input;

use crate::command::survey::Survey;
use crate::plan::{self, Action, Block, Kind, Session};

pub(super) fn run() -> Result<ExitCode> {
    let survey = Survey::of_book_here()?;
    let plan = plan::plan(&survey.parsed, survey.config.timeout.0);
    let mut stdout = io::stdout().lock();
    for session in &plan.sessions {
        for block in &session.blocks {
            show_block(&mut stdout, &survey, session, block)?;
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
    survey: &Survey,
    session: &Session,
    block: &Block,
) -> Result<()> {
    let written = &survey.parsed[session.chapter].blocks[block.index];
    let position = survey.position(session.chapter, written);
    let terminal = session.terminals[block.terminal].number;
    let hidden = if block.hidden { ", hidden" } else { "" };
    writeln!(
        out,
        "{position}: session {}, terminal {terminal}{hidden}",
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
