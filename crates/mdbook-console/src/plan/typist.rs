//! Goes through a session block by block, knowing what each terminal does.

use std::collections::BTreeMap;
use std::time::Duration;

use sandbox::session::{Command, Input};
use sandbox::world::User;

use crate::diagnostics::{Fault, Place, faults as complain};
use crate::parse::script::{Entry, Prompt, Typed};
use crate::parse::{self, Span};
use crate::plan::{
    Action, Block, Chapter, Draft, Expect, Kind, Session, Terminal,
};

/// One session while it is planned.
pub(super) struct Typist {
    chapter: usize,
    timeout: Duration,
    terminals: BTreeMap<u8, Seat>,
    faults: Vec<(usize, Fault)>,
}

/// A terminal while its session is planned.
struct Seat {
    user: User,
    /// The command that has been left running, if any.
    running: Option<Place>,
}

impl Typist {
    /// At the beginning of a session.
    pub(super) fn new(chapter: usize, timeout: Duration) -> Self {
        let (terminals, faults) = Default::default();
        Self { chapter, timeout, terminals, faults }
    }

    /// The session, or its faults and the blocks they are in.
    pub(super) fn session(
        mut self,
        draft: Draft,
        chapter: &Chapter,
    ) -> Result<Session, Vec<(usize, Fault)>> {
        let blocks: Vec<(u8, Block)> = draft
            .blocks
            .iter()
            .map(|&index| self.block(index, &chapter.blocks[index]))
            .collect();
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let terminals: Vec<Terminal> = self
            .terminals
            .iter()
            .map(|(&number, seat)| Terminal { number, user: seat.user })
            .collect();
        let position =
            |number| terminals.iter().position(|t| t.number == number);
        let blocks = blocks
            .into_iter()
            .map(|(number, block)| {
                let terminal = position(number).unwrap_or_default();
                Block { terminal, ..block }
            })
            .collect();
        let (name, stem) = (draft.name, chapter.stem.clone());
        let chapter = self.chapter;
        Ok(Session { name, chapter, stem, terminals, blocks })
    }

    /// A block, and the number of its terminal.
    fn block(&mut self, index: usize, block: &parse::Block) -> (u8, Block) {
        let info = &block.info;
        let number = info.terminal.as_ref().map_or(1, |number| number.value);
        let seat = self.terminals.entry(number).or_insert_with(|| Seat {
            user: first_prompt(&block.entries).user(),
            running: None,
        });
        let mut hand = Hand {
            chapter: self.chapter,
            block,
            timeout: info.timeout.as_ref().map_or(self.timeout, |t| t.value),
            running: seat.running.take(),
            actions: Vec::new(),
            faults: Vec::new(),
        };
        hand.type_block();
        seat.running = hand.running;
        self.faults.extend(hand.faults.into_iter().map(|f| (index, f)));
        let expect = match (&info.exit, &info.fails) {
            (Some(exit), _) if exit.value > 0 => Expect::Status(exit.value),
            (None, Some(_)) => Expect::Failure,
            _ => Expect::Success,
        };
        let block = Block {
            index,
            id: info.id.as_ref().map(|id| id.value.clone()),
            terminal: 0,
            hidden: info.hidden.is_some(),
            needs: info.needs.clone(),
            expect,
            census: false,
            actions: hand.actions,
        };
        (number, block)
    }
}

/// The first prompt in a terminal chooses its user.
fn first_prompt(entries: &[Entry]) -> Prompt {
    entries
        .iter()
        .find_map(|entry| match entry.typed {
            Typed::Command { prompt, .. } => Some(prompt),
            Typed::Input(_) => None,
        })
        .unwrap_or(Prompt::Root)
}

/// Types the lines of one block.
struct Hand<'a> {
    chapter: usize,
    block: &'a parse::Block,
    timeout: Duration,
    /// The command that reads what is typed next, if it was left running.
    running: Option<Place>,
    actions: Vec<Action>,
    faults: Vec<Fault>,
}

impl Hand<'_> {
    fn type_block(&mut self) {
        let block = self.block;
        let last = block
            .entries
            .iter()
            .rposition(|entry| matches!(entry.typed, Typed::Command { .. }));
        if let (None, Some(until)) = (last, &block.info.until) {
            let span = until.span.clone();
            self.faults.push(complain::until_without_command(span));
        }
        for (position, entry) in block.entries.iter().enumerate() {
            let span = entry.span.clone();
            match &entry.typed {
                Typed::Command { prompt, lines } => {
                    let is_last = last == Some(position);
                    self.type_command(*prompt, lines, span, is_last);
                }
                Typed::Input(input) => {
                    if !self.type_input(input, span.clone()) {
                        self.faults.push(complain::nothing_runs(span));
                        return;
                    }
                }
            }
        }
    }

    fn type_command(
        &mut self,
        prompt: Prompt,
        lines: &[String],
        span: Span,
        is_last: bool,
    ) {
        if let Some(running) = self.running.take() {
            self.faults.push(complain::still_running(span.clone(), running));
        }
        let until = self.block.info.until.as_ref().filter(|_| is_last);
        if until.is_some() {
            self.running = Some(Place {
                chapter: self.chapter,
                fence: self.block.span.clone(),
                span: span.clone(),
            });
        }
        let command = Command {
            prompt: prompt.text().to_owned(),
            lines: lines.to_vec(),
            input: Vec::new(),
            until: until.map(|until| until.value.clone()),
            timeout: self.timeout,
        };
        self.actions.push(Action { span, kind: Kind::Run(command) });
    }

    /// Adds input to the action it belongs to. A command that stays until a
    /// text has come gets its lines before, and `^C` or `^D`, and all behind
    /// them, after that. False if nothing could read it.
    fn type_input(&mut self, input: &Input, span: Span) -> bool {
        let is_line = matches!(input, Input::Line(_));
        match self.actions.last_mut().map(|action| &mut action.kind) {
            Some(Kind::Run(command)) if command.until.is_none() || is_line => {
                command.input.push(input.clone());
            }
            Some(Kind::Resume { input: typed, .. }) => {
                typed.push(input.clone());
            }
            _ if self.running.take().is_some() => {
                let (input, timeout) = (vec![input.clone()], self.timeout);
                let kind = Kind::Resume { input, timeout };
                self.actions.push(Action { span, kind });
            }
            _ => return false,
        }
        true
    }
}
