//! A session: one world with one or more terminals, each with a shell.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::birth::MOST_TERMINALS;
use crate::census::{self, Census, Process};
use crate::error::{self, Refusal};
use crate::life::{Course, Life, Purpose, Seat};
use crate::marks::Marks;
use crate::pty::Manners;
use crate::terminal::Terminal;
use crate::world::{User, World};

/// A session that runs. Dropping it ends every process in its world.
pub struct Session {
    terminals: Vec<Terminal>,
    /// Dropped last, when the terminals have been hung up.
    life: Life,
}

/// One command as an author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The prompt it is to be typed at, without the blank behind it.
    pub prompt: String,
    /// The line typed, and its continuations (without `> `).
    pub lines: Vec<String>,
    /// What is typed afterwards, each when the command reads the terminal.
    pub input: Vec<Input>,
    /// The step is over as soon as the output holds this text, with the
    /// command still running.
    pub until: Option<String>,
    /// The wall-clock time the command may take.
    pub timeout: Duration,
}

/// Something typed while a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line, ended with the return key. Waits until the command reads.
    Line(String),
    /// `^C`: SIGINT to the foreground process group.
    Interrupt,
    /// `^D`: end of input. Waits until the command reads.
    EndOfInput,
}

/// What came of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The prompt it was typed at, as the shell printed it, with its blank.
    pub prompt: String,
    /// What the terminal received from the start of the command to its
    /// end, byte for byte: `\r\n` line ends, colours, echoed input.
    pub output: Vec<u8>,
    /// Where in the output what was typed begins: the echo of each line of
    /// input, if the program lets the terminal echo.
    pub typed: Vec<usize>,
    /// How it ended.
    pub end: End,
    /// Wall-clock time.
    pub duration: Duration,
    /// Programs the shell looked for and did not find.
    pub missing: Vec<String>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The shell prompts again.
    Prompt {
        /// What its `$?` holds.
        status: i32,
    },
    /// The text waited for has come; the command goes on.
    Running,
    /// The terminal's first shell has ended, and nobody holds the terminal.
    HangUp,
}

/// Why a step could not be finished. The session goes on only after
/// [`Failure::Prompt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command was still running when its time was up.
    TimedOut {
        /// What it had printed until then.
        output: Vec<u8>,
        /// It was waiting for someone to type.
        waits_for_input: bool,
    },
    /// The command printed more than [`crate::world::Limits::output`].
    TooMuchOutput {
        /// What it had printed until then.
        output: Vec<u8>,
    },
    /// The shell's prompt is not the one the author wrote.
    Prompt {
        /// The prompt as printed, without the blank behind it.
        printed: String,
    },
    /// The shell asks for more where the author's lines end: an open quote,
    /// a here-document without its end.
    Incomplete,
    /// The command was complete before the author's continued lines were.
    NotContinued {
        /// How many lines the shell took.
        taken: usize,
    },
    /// A shell waits at a prompt of its own, and does not say when a command
    /// is over: one that reads no start file, or has reset its prompt.
    NoMarks {
        /// What was printed until then, the prompt included.
        output: Vec<u8>,
    },
    /// Lines of input were left over when the shell prompted again.
    UnreadInput {
        /// The step as it was.
        step: Box<Step>,
        /// How many lines of [`Command::input`] were not typed.
        left: usize,
    },
    /// There is no shell (any more) at this terminal.
    Ended,
    /// The world ended under the session, or the kernel refused the
    /// terminal an operation.
    Lost {
        /// In words.
        reason: String,
    },
}

impl Session {
    /// The most terminals that one session has.
    pub const MOST_TERMINALS: usize = MOST_TERMINALS;

    /// Makes the world and starts one shell a terminal.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] that names the step the kernel refused.
    pub fn start(world: &World, terminals: &[User]) -> Result<Self, Refusal> {
        if !std::path::Path::new("/bin/bash").exists() {
            return Err(error::no_shell());
        }
        let seats: Vec<Seat> =
            terminals.iter().map(|user| Seat::shell(*user)).collect();
        let marks = Marks::draw()?;
        let manners =
            Manners { window: world.window, returns: true, echoes: true };
        let course = Course {
            seats: &seats,
            manners,
            start_files: &marks.start_files(),
            purpose: Purpose::Session,
        };
        let mut life = Life::start(world, &course)?;
        let terminals = std::mem::take(&mut life.terminals)
            .into_iter()
            .map(|master| {
                let marks = marks.clone();
                let most = world.limits.output;
                Terminal::new(master, marks, life.guard(), most)
            })
            .collect();
        Ok(Self { terminals, life })
    }

    /// Types `command` at a terminal (counted from 0) and waits until its
    /// shell says that it is over.
    pub fn run(
        &mut self,
        terminal: usize,
        command: &Command,
    ) -> Result<Step, Failure> {
        // What is typed first may list the processes: none of the shells is
        // half-way started then.
        let started =
            self.terminals.iter_mut().try_for_each(Terminal::wait_for_start);
        let result =
            started.and_then(|()| self.terminal(terminal)?.run(command));
        self.unless_lost(result)
    }

    /// Types `input` at a terminal whose last step ended as
    /// [`End::Running`], and waits for the shell's prompt.
    pub fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure> {
        let result = self.terminal(terminal)?.resume(input, timeout);
        self.unless_lost(result)
    }

    /// The processes of the world as they are now, in the order of their
    /// numbers.
    pub fn processes(&self) -> Vec<Process> {
        self.census().processes
    }

    /// The processes of the world and its namespaces, with what the kernel
    /// says of how these are related. Waits for processes that are being
    /// started.
    pub fn census(&self) -> Census {
        census::take(self.life.guard())
    }

    /// The numbers of all namespaces that live in the world now, also of
    /// those without a process: see [`Census::namespaces`]. Waits for
    /// nothing. The kernel gives a number to another namespace as soon as
    /// the one that had it is gone.
    pub fn namespaces(&self) -> BTreeSet<u64> {
        census::namespaces::numbers(self.life.guard())
    }

    /// What the machine refused that the world can do without: a clock of
    /// its own on kernels without time namespaces, for example.
    pub fn missing(&self) -> Vec<Refusal> {
        self.life.missing()
    }

    /// The PID of the world's guard, whose only child is the world's PID 1.
    pub fn guard(&self) -> i32 {
        self.life.guard().as_raw()
    }

    /// A terminal does not know why nobody is left.
    fn unless_lost(
        &self,
        result: Result<Step, Failure>,
    ) -> Result<Step, Failure> {
        let over = match &result {
            Ok(step) => step.end == End::HangUp,
            Err(failure) => {
                matches!(failure, Failure::Ended | Failure::Lost { .. })
            }
        };
        match self.life.end() {
            Some(reason) if over => Err(Failure::Lost { reason }),
            _ => result,
        }
    }

    fn terminal(&mut self, at: usize) -> Result<&mut Terminal, Failure> {
        self.terminals.get_mut(at).ok_or(Failure::Ended)
    }
}
