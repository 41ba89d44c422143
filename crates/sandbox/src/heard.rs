//! What a terminal has received for one step, told apart.

use std::time::{Duration, Instant};

use crate::marks::{Kind, Mark, Piece};
use crate::session::Failure;

/// How often a condition is looked at that the kernel does not announce.
pub(crate) const LOOK: Duration = Duration::from_millis(1);

/// What has been received for one step.
#[derive(Default)]
pub(crate) struct Heard {
    /// Before the shell had read the command: our own typing, echoed, and
    /// whatever a background job had to say.
    pub(crate) echo: Vec<u8>,
    pub(crate) output: Vec<u8>,
    /// How much of the output has been searched in vain.
    searched: usize,
    /// Where in the output our typing is echoed.
    pub(crate) typed: Vec<usize>,
    /// The shell has said that the output begins.
    pub(crate) output_began: bool,
    /// The shell asks for a further line of the command.
    pub(crate) continued: bool,
    pub(crate) status: i32,
    /// The prompt, as far as it has been printed.
    pub(crate) prompt: Option<Vec<u8>>,
    /// The shell says that it has printed the whole prompt.
    pub(crate) prompted: bool,
    pub(crate) missing: Vec<String>,
}

impl Heard {
    pub(crate) fn take(&mut self, piece: Piece) {
        if self.prompted {
            // More has come, so that was no prompt but output that looks
            // like one.
            self.prompted = false;
            let prompt = self.prompt.take().unwrap_or_default();
            self.add(&prompt);
        }
        match piece {
            Piece::Text(text) => match &mut self.prompt {
                Some(prompt) => prompt.extend(text),
                None => self.add(&text),
            },
            Piece::Mark(mark) => self.take_mark(mark),
        }
    }

    fn take_mark(&mut self, mark: Mark) {
        match mark.kind {
            Kind::Output => self.output_began = true,
            Kind::Continued => self.continued = true,
            Kind::Done => self.status = mark.status,
            Kind::PromptStart => self.prompt = Some(Vec::new()),
            Kind::PromptEnd => self.prompted = self.prompt.is_some(),
            Kind::NotFound => self.missing.push(mark.name),
        }
    }

    /// How long to listen before looking whether a prompt is one.
    pub(crate) fn patience(&self, deadline: Instant) -> Instant {
        if self.prompted {
            deadline.min(Instant::now() + LOOK)
        } else {
            deadline
        }
    }

    fn add(&mut self, text: &[u8]) {
        if self.output_began {
            self.output.extend_from_slice(text);
        } else {
            self.echo.extend_from_slice(text);
        }
    }

    /// A shell without the mark for the start of output: it began behind the
    /// echo of the lines typed.
    pub(crate) fn strip_echo(&mut self, lines: usize) {
        if self.output_began {
            return;
        }
        let ends = self.echo.iter().enumerate().filter(|(_, b)| **b == b'\n');
        let start = match lines.checked_sub(1) {
            None => 0,
            Some(last) => {
                ends.map(|(at, _)| at + 1).nth(last).unwrap_or(self.echo.len())
            }
        };
        self.output = self.echo.split_off(start);
    }

    /// The last line printed looks like the prompt of some shell.
    pub(crate) fn ends_like_a_prompt(&self) -> bool {
        self.prompt.is_none()
            && (self.output.ends_with(b"# ") || self.output.ends_with(b"$ "))
    }

    /// Looks only at what has come since the last time.
    pub(crate) fn output_holds(&mut self, text: &str) -> bool {
        let text = text.as_bytes();
        let start = self.searched.saturating_sub(text.len());
        self.searched = self.output.len();
        text.is_empty()
            || self.output[start..].windows(text.len()).any(|w| w == text)
    }

    pub(crate) fn timed_out(&mut self, waits_for_input: bool) -> Failure {
        let output = std::mem::take(&mut self.output);
        Failure::TimedOut { output, waits_for_input }
    }
}
