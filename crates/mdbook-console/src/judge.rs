//! Decides whether a step went as its block expects.

pub mod citations;
pub mod mutation;

use std::collections::BTreeSet;
use std::time::Duration;

use sandbox::error::Refusal;
use sandbox::session::{End, Failure, Input, Step};

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::Span;
use crate::parse::needs::{Need, Release};
use crate::plan::{Action, Block, Expect, Kind};
use crate::screen;
use crate::tools;

/// What a demo exits with where it cannot run.
const CANNOT_RUN: i32 = 77;

/// What a shell's status is for a program that it has not found.
const NOT_FOUND: i32 = 127;

/// What a shell's status is after `^C`.
const INTERRUPTED: i32 = 130;

/// What is known of the machine that performs.
pub struct Here<'a> {
    /// The names of the demos.
    pub demos: &'a BTreeSet<String>,
    /// The release of the kernel, if it tells.
    pub kernel: Option<Release>,
    /// Whether a program is installed.
    pub has_program: &'a dyn Fn(&str) -> bool,
    /// Whether a world can make cgroups.
    pub has_cgroups: bool,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Holds,
    /// The machine lacks something, and the book is not to blame.
    CannotRun(Reason),
    /// Not as expected.
    Broken(Box<Fault>),
}

/// Why a session cannot run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The kernel refused the world.
    Refused(Refusal),
    /// A program is missing.
    NoProgram(String),
    /// The kernel is too old.
    OldKernel {
        /// What the block needs.
        needed: Release,
        /// What there is.
        running: Option<Release>,
    },
    /// Nobody may make cgroups.
    NoCgroups,
    /// A demo said so.
    Demo {
        /// Its name.
        name: String,
        /// Its last line.
        says: String,
    },
}

impl Reason {
    /// What is missing, as a half-sentence.
    pub fn cause(&self) -> String {
        match self {
            Self::Refused(refusal) => {
                format!("the kernel refused to {}", refusal.step)
            }
            Self::NoProgram(name) => format!("`{name}` is not installed"),
            Self::OldKernel { needed, running: Some(running) } => {
                format!("it needs Linux {needed}, and this is {running}")
            }
            Self::OldKernel { needed, running: None } => {
                format!("it needs Linux {needed}, and this is another system")
            }
            Self::NoCgroups => "no cgroups can be made in it".to_owned(),
            Self::Demo { name, says } => format!("`{name}` says: {says}"),
        }
    }

    /// More of the cause than a page needs.
    pub fn details(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => {
                Some(format!("{}: {}", refusal.errno, refusal.cause))
            }
            _ => None,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.remedy.clone(),
            Self::NoProgram(name) => match tools::package(name) {
                Some(package) => format!(
                    "install it, on Debian and Ubuntu with \
                     `apt-get install {package}`"
                ),
                None => format!("install `{name}` below /usr"),
            },
            Self::OldKernel { needed, .. } => {
                format!("build on Linux {needed} or later")
            }
            Self::NoCgroups => "become an ordinary user with a cgroup of \
                                the own, where systemd runs with \
                                `systemd-run --user --scope -p Delegate=yes`"
                .to_owned(),
            Self::Demo { .. } => {
                "see the demo's message for what it needs".to_owned()
            }
        }
    }
}

/// The first thing that a block needs and this machine does not have.
pub fn unmet(needs: &[Need], here: &Here) -> Option<Reason> {
    needs.iter().find_map(|need| match need {
        Need::Kernel(needed) if here.kernel.as_ref() < Some(needed) => {
            let (needed, running) = (needed.clone(), here.kernel.clone());
            Some(Reason::OldKernel { needed, running })
        }
        Need::Cgroups if !here.has_cgroups => Some(Reason::NoCgroups),
        Need::Program(name)
            if !here.demos.contains(name) && !(here.has_program)(name) =>
        {
            Some(Reason::NoProgram(name.clone()))
        }
        _ => None,
    })
}

/// Judges the answer to one of a block's actions.
pub fn judge(
    block: &Block,
    position: usize,
    answer: &Result<Step, Failure>,
    here: &Here,
) -> Verdict {
    let action = &block.actions[position];
    let case = Case {
        block,
        action,
        is_last: position + 1 == block.actions.len(),
        name: name(block, position),
        here,
    };
    let fault = match answer {
        Ok(step) => match case.step(step) {
            Ok(verdict) => return verdict,
            Err(fault) => fault,
        },
        Err(failure) => match case.excused(failure) {
            Some(reason) => return Verdict::CannotRun(reason),
            None => case.failure(failure),
        },
    };
    Verdict::Broken(Box::new(fault))
}

/// What to call an action in a message: the first line of its command.
fn name(block: &Block, position: usize) -> String {
    let commands = block.actions[..=position].iter().rev();
    let lines = commands.filter_map(|action| match &action.kind {
        Kind::Run(command) => Some(&command.lines),
        Kind::Resume { .. } => None,
    });
    match lines.map(Vec::as_slice).next() {
        Some([line]) => line.trim().to_owned(),
        Some([first, ..]) => format!("{} …", first.trim()),
        _ => "the running command".to_owned(),
    }
}

struct Case<'a> {
    block: &'a Block,
    action: &'a Action,
    is_last: bool,
    name: String,
    here: &'a Here<'a>,
}

impl Case<'_> {
    fn span(&self) -> Span {
        self.action.span.clone()
    }

    fn step(&self, step: &Step) -> Result<Verdict, Fault> {
        if let Some(reason) = self.missing(step).or_else(|| self.says_77(step))
        {
            return Ok(Verdict::CannotRun(reason));
        }
        let status = match step.end {
            End::Running => return Ok(Verdict::Holds),
            End::HangUp if self.expected() == Expect::Success => {
                return Ok(Verdict::Holds);
            }
            End::HangUp => {
                let fault = complain::ended_with_shell(&self.name, self.span());
                return Err(fault);
            }
            End::Prompt { status } => status,
        };
        let interrupted = status == INTERRUPTED && self.interrupts();
        let fault = match (self.expected(), status) {
            (Expect::Success, 0) => return Ok(Verdict::Holds),
            (Expect::Success, _) if interrupted => return Ok(Verdict::Holds),
            (Expect::Failure, 0) => {
                complain::did_not_fail(&self.name, self.span())
            }
            (Expect::Failure, _) => return Ok(Verdict::Holds),
            (Expect::Status(wanted), _) if i32::from(wanted) == status => {
                return Ok(Verdict::Holds);
            }
            (Expect::Status(wanted), _) => {
                complain::wrong_status(&self.name, status, wanted, self.span())
            }
            (Expect::Success, _) => self.failed(step, status),
        };
        Err(fault.with_output(&screen::plain(&step.output)))
    }

    fn failed(&self, step: &Step, status: i32) -> Fault {
        let span = self.span();
        if let (NOT_FOUND, Some(program)) = (status, unfound(step).first()) {
            return complain::not_found(program, span);
        }
        if !self.is_last && self.block.expect != Expect::Success {
            return complain::failed_before_last(&self.name, status, span);
        }
        complain::failed(&self.name, status, span)
    }

    fn expected(&self) -> Expect {
        if self.is_last { self.block.expect } else { Expect::Success }
    }

    fn interrupts(&self) -> bool {
        let input = match &self.action.kind {
            Kind::Run(command) => &command.input,
            Kind::Resume { input, .. } => input,
        };
        input.contains(&Input::Interrupt)
    }

    /// A system tool, or a program the block says it needs, that the step
    /// has looked for in vain.
    fn missing(&self, step: &Step) -> Option<Reason> {
        unfound(step)
            .into_iter()
            .find(|name| {
                let need = Need::Program(name.clone());
                let known = tools::package(name).is_some()
                    || self.block.needs.contains(&need);
                known && !(self.here.has_program)(name)
            })
            .map(Reason::NoProgram)
    }

    fn says_77(&self, step: &Step) -> Option<Reason> {
        let expected = Expect::Status(77) == self.expected();
        if step.end != (End::Prompt { status: CANNOT_RUN }) || expected {
            return None;
        }
        let name = self.name.split_whitespace().next()?.to_owned();
        if !self.here.demos.contains(&name) {
            return None;
        }
        let lines = screen::plain(&step.output);
        let last = lines.into_iter().rev().find(|line| !line.is_empty());
        let says = last.unwrap_or_else(|| "exit status 77".to_owned());
        Some(Reason::Demo { name, says })
    }

    fn excused(&self, failure: &Failure) -> Option<Reason> {
        match failure {
            Failure::UnreadInput { step, .. } => self.missing(step),
            _ => None,
        }
    }

    fn failure(&self, failure: &Failure) -> Fault {
        let (name, span) = (&self.name, self.span());
        match failure {
            Failure::TimedOut { output, waits_for_input } => {
                let (until, limit) = self.patience();
                complain::timed_out(name, *waits_for_input, until, limit, span)
                    .with_output(&screen::plain(output))
            }
            Failure::TooMuchOutput { output } => {
                complain::too_much_output(name, span)
                    .with_output(&screen::plain(output))
            }
            Failure::Prompt { printed } => {
                complain::other_prompt(self.prompt(), printed, span)
            }
            Failure::UnreadInput { step, left } => {
                complain::unread_input(name, *left, span)
                    .with_output(&screen::plain(&step.output))
            }
            Failure::NoMarks { output } => complain::no_marks(name, span)
                .with_output(&screen::plain(output)),
            Failure::Incomplete => complain::incomplete(name, span),
            Failure::NotContinued { taken } => {
                complain::not_continued(name, *taken, span)
            }
            Failure::Ended => complain::terminal_ended(span),
            Failure::Lost { reason } => complain::lost(reason, span),
        }
    }

    fn patience(&self) -> (Option<&str>, Duration) {
        match &self.action.kind {
            Kind::Run(command) => (command.until.as_deref(), command.timeout),
            Kind::Resume { timeout, .. } => (None, *timeout),
        }
    }

    fn prompt(&self) -> &str {
        match &self.action.kind {
            Kind::Run(command) => &command.prompt,
            Kind::Resume { .. } => "",
        }
    }
}

/// The programs that a step has looked for in vain.
fn unfound(step: &Step) -> Vec<String> {
    let not_found = End::Prompt { status: NOT_FOUND };
    if !step.missing.is_empty() || step.end != not_found {
        return step.missing.clone();
    }
    let lines = screen::plain(&step.output);
    lines.iter().filter_map(|line| named_as_missing(line)).collect()
}

/// The program that a shell, `env` or `unshare` has not found: the last word
/// before the reason.
fn named_as_missing(line: &str) -> Option<String> {
    let reasons =
        [": command not found", ": not found", ": No such file or directory"];
    let before = reasons.iter().find_map(|reason| line.strip_suffix(reason))?;
    let word = before.rsplit([' ', ':']).next()?;
    let word = word.trim_matches(['\'', '"', '‘', '’']);
    let name = word.rsplit('/').next().unwrap_or(word);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
