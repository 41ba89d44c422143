//! Reads the options of a block: `console,run id=x exit=3`.

use std::time::Duration;

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::needs::{self, Need};
use crate::parse::words::{self, Word, Written};
use crate::parse::{Span, duration};
use crate::similar;

/// Every option a block may carry.
pub const OPTIONS: [&str; 9] = [
    "id", "session", "terminal", "hidden", "fails", "exit", "timeout", "until",
    "needs",
];

/// The most terminals a session may have.
pub const MOST_TERMINALS: u8 = 8;

/// A block's options, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// `id=NAME`: a name for values, claims and maps.
    pub id: Option<Written<String>>,
    /// `session=NAME`: continues in the session of that name.
    pub session: Option<Written<String>>,
    /// `terminal=N`: which of the session's terminals; 1 unless said.
    pub terminal: Option<Written<u8>>,
    /// `hidden`: is run, and not shown.
    pub hidden: Option<Span>,
    /// `fails`: the last command ends with any status but 0.
    pub fails: Option<Span>,
    /// `exit=N`: the last command ends with this status.
    pub exit: Option<Written<u8>>,
    /// `timeout=5s`: how long each command may take.
    pub timeout: Option<Written<Duration>>,
    /// `until="text"`: the last command stays; go on when it has said this.
    pub until: Option<Written<String>>,
    /// `needs="kernel 6.18, nft"`: what the block cannot do without.
    pub needs: Vec<Need>,
}

impl Info {
    /// Reads the options of a fence.
    pub(super) fn read(words: &[&Word], faults: &mut Vec<Fault>) -> Self {
        let mut info = Self::default();
        words::each(words.iter().copied(), faults, |word| info.set(word));
        info.contradictions(faults);
        info
    }

    fn set(&mut self, word: &Word) -> Result<(), Fault> {
        match word.key {
            "hidden" => self.hidden = Some(word.flag()?),
            "fails" => self.fails = Some(word.flag()?),
            "id" => self.id = Some(word.name()?),
            "session" => self.session = Some(word.name()?),
            "terminal" => self.terminal = Some(terminal(word)?),
            "exit" => self.exit = Some(exit(word)?),
            "timeout" => self.timeout = Some(timeout(word)?),
            "until" => {
                self.until = Some(word.written(word.value()?.to_owned()));
            }
            "needs" => self.needs = needs(word)?,
            key => {
                let meant = similar::closest(key, OPTIONS);
                let span = word.span.clone();
                return Err(complain::unknown_option(key, meant, span));
            }
        }
        Ok(())
    }

    fn contradictions(&self, faults: &mut Vec<Fault>) {
        if let (Some(fails), Some(exit)) = (&self.fails, &self.exit)
            && exit.value == 0
        {
            faults.push(complain::fails_with_exit_0(
                exit.span.clone(),
                fails.clone(),
            ));
        }
        if let (Some(terminal), None) = (&self.terminal, &self.session) {
            faults.push(complain::terminal_without_session(
                terminal.span.clone(),
            ));
        }
    }
}

fn terminal(word: &Word) -> Result<Written<u8>, Fault> {
    let number = word.value()?.parse().ok();
    number
        .filter(|number| (1..=MOST_TERMINALS).contains(number))
        .map(|number| word.written(number))
        .ok_or_else(|| complain::not_a_terminal(word.span.clone()))
}

fn exit(word: &Word) -> Result<Written<u8>, Fault> {
    let status = word.value()?.parse().ok();
    status
        .map(|status| word.written(status))
        .ok_or_else(|| complain::not_a_status(word.span.clone()))
}

fn timeout(word: &Word) -> Result<Written<Duration>, Fault> {
    let text = word.value()?;
    duration::parse(text)
        .map(|duration| word.written(duration))
        .ok_or_else(|| complain::not_a_duration(text, word.span.clone()))
}

fn needs(word: &Word) -> Result<Vec<Need>, Fault> {
    word.value()?
        .split(',')
        .map(|item| {
            needs::parse(item).ok_or_else(|| {
                complain::not_a_need(item.trim(), word.span.clone())
            })
        })
        .collect()
}
