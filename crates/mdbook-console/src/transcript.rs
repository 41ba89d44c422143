//! What a session said, step by step.

use std::time::Duration;

use sandbox::census::Census;
use sandbox::session::{End, Input, Step as Answer};

use crate::plan::Kind;

/// Everything a session said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// One for each of the session's blocks.
    pub blocks: Vec<BlockTranscript>,
    /// Wall-clock time, from the first command to the end of the last.
    pub took: Duration,
}

/// What the commands of one block said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockTranscript {
    /// In order.
    pub steps: Vec<Step>,
    /// What is in the world at the end of the block, if a map shows it.
    pub census: Option<Census>,
}

/// One command, or further input to one, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was typed at the shell's prompt; `None` where input went on to
    /// a command that was running.
    pub command: Option<Typed>,
    /// What was typed while the command ran.
    pub input: Vec<Input>,
    /// What the terminal received, byte for byte.
    pub output: Vec<u8>,
    /// Where in the output the echo of each input begins, if there is one.
    pub typed: Vec<usize>,
    /// How it ended.
    pub end: End,
    /// Namespaces that this step or one before it has named by number, and
    /// that were no more when it was over. The kernel gives their numbers to
    /// others.
    pub gone: Vec<u64>,
}

/// A command, and the prompt it was typed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Without the blank behind it.
    pub prompt: String,
    /// The line, and its continuations.
    pub lines: Vec<String>,
}

impl Step {
    /// Joins what was typed with what came of it.
    pub fn new(kind: &Kind, answer: Answer) -> Self {
        let (command, input) = match kind {
            Kind::Run(command) => {
                let prompt = answer.prompt.trim_end().to_owned();
                let lines = command.lines.clone();
                (Some(Typed { prompt, lines }), command.input.clone())
            }
            Kind::Resume { input, .. } => (None, input.clone()),
        };
        let Answer { output, typed, end, .. } = answer;
        Self { command, input, output, typed, end, gone: Vec::new() }
    }

    /// The exit status, if the shell told it.
    pub fn status(&self) -> Option<i32> {
        match self.end {
            End::Prompt { status } => Some(status),
            End::Running | End::HangUp => None,
        }
    }
}
