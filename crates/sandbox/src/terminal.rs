//! One terminal of a session: typing, and telling what belongs to which
//! command.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use crate::heard::{Heard, LOOK};
use crate::marks::{Marks, Piece};
use crate::pty;
use crate::session::{Command, End, Failure, Input, Step};
use crate::watch::{self, Reader, Waiting};

/// Our side of a terminal with a shell.
pub(crate) struct Terminal {
    master: OwnedFd,
    marks: Marks,
    guard: Pid,
    most_output: usize,
    /// Received, and not yet told apart.
    received: Vec<u8>,
    state: State,
    /// Who read last, when we typed.
    typed_to: Option<Reader>,
    /// The process group of the shell that prompted last.
    shell: Option<Pid>,
    /// The terminal's first shell, once it has prompted.
    first_shell: Option<OwnedFd>,
}

/// What the terminal's shell is doing.
enum State {
    /// It has not prompted yet.
    Starting,
    /// It waits for a command.
    Prompting { prompt: String },
    /// It runs a command, since then.
    Running { prompt: String, since: Instant },
    /// It has ended.
    Ended,
}

/// The time a shell has for its first prompt.
const START: Duration = Duration::from_secs(20);
/// How long a `^C` has to show an effect before it is typed again.
const INSIST: Duration = Duration::from_millis(500);

/// What ended a wait.
enum Event {
    Piece(Piece),
    TimeIsUp,
    HangUp,
}

impl Terminal {
    pub(crate) fn new(
        master: OwnedFd,
        marks: Marks,
        guard: Pid,
        most_output: usize,
    ) -> Self {
        // A read is tried only after poll(2), but another thread's child
        // could share the terminal.
        let _ = fcntl(&master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK));
        Self {
            master,
            marks,
            guard,
            most_output,
            received: Vec::new(),
            state: State::Starting,
            typed_to: None,
            shell: None,
            first_shell: None,
        }
    }

    /// See [`crate::session::Session::run`].
    pub(crate) fn run(&mut self, command: &Command) -> Result<Step, Failure> {
        let prompt = self.prompt()?;
        let printed = prompt.trim_end();
        if printed != command.prompt {
            return Err(Failure::Prompt { printed: printed.to_owned() });
        }
        let since = Instant::now();
        let deadline = since + command.timeout;
        self.state = State::Running { prompt, since };
        let mut heard = Heard::default();
        self.type_lines(&command.lines, &mut heard, deadline)?;
        let until = command.until.as_deref();
        self.finish(heard, &command.input, until, deadline, command.lines.len())
    }

    /// See [`crate::session::Session::resume`].
    pub(crate) fn resume(
        &mut self,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure> {
        match &mut self.state {
            State::Running { since, .. } => *since = Instant::now(),
            _ => return Err(Failure::Ended),
        }
        let mut heard = Heard::default();
        heard.output_began = true;
        self.finish(heard, input, None, Instant::now() + timeout, 0)
    }

    /// Waits for the first prompt.
    pub(crate) fn wait_for_start(&mut self) -> Result<(), Failure> {
        if !matches!(self.state, State::Starting) {
            return Ok(());
        }
        let deadline = Instant::now() + START;
        let mut heard = Heard::default();
        while !self.has_prompted(&mut heard) {
            let patience = heard.patience(deadline);
            match self.next(patience)? {
                Event::Piece(piece) => heard.take(piece),
                Event::TimeIsUp if Instant::now() < deadline => {}
                Event::TimeIsUp => return Err(no_shell("says nothing")),
                Event::HangUp => return Err(no_shell("ends at once")),
            }
        }
        self.prompting(&mut heard);
        Ok(())
    }

    /// The prompt at which the shell waits. Drops what has come since it
    /// began to wait: it belongs to no command.
    fn prompt(&mut self) -> Result<String, Failure> {
        let State::Prompting { prompt } = &self.state else {
            return Err(Failure::Ended);
        };
        let prompt = prompt.clone();
        let now = Instant::now();
        while let Event::Piece(_) = self.next(now)? {}
        Ok(prompt)
    }

    /// Types the lines of a command, each when the shell asks for it.
    fn type_lines(
        &mut self,
        lines: &[String],
        heard: &mut Heard,
        deadline: Instant,
    ) -> Result<(), Failure> {
        for (index, line) in lines.iter().enumerate() {
            while index > 0 && !heard.continued {
                if heard.output_began || heard.prompted {
                    return Err(Failure::NotContinued { taken: index });
                }
                match self.next(deadline)? {
                    Event::Piece(piece) => heard.take(piece),
                    Event::TimeIsUp => return Err(heard.timed_out(false)),
                    Event::HangUp => return Err(Failure::Ended),
                }
            }
            heard.continued = false;
            self.type_bytes(line.as_bytes(), deadline)?;
            self.type_bytes(b"\n", deadline)?;
        }
        Ok(())
    }

    /// Listens until the step is over.
    fn finish(
        &mut self,
        mut heard: Heard,
        input: &[Input],
        until: Option<&str>,
        deadline: Instant,
        lines: usize,
    ) -> Result<Step, Failure> {
        let mut typing = Typing::new(input);
        loop {
            if self.has_prompted(&mut heard) {
                return self.end_at_prompt(heard, typing.left.len(), lines);
            }
            if heard.continued && !heard.output_began {
                self.state = State::Ended;
                return Err(Failure::Incomplete);
            }
            if until.is_some_and(|text| heard.output_holds(text)) {
                return Ok(self.step(&mut heard, End::Running));
            }
            if typing.left.is_empty() && self.has_no_marks(&mut typing, &heard)
            {
                self.state = State::Ended;
                let output = std::mem::take(&mut heard.output);
                return Err(Failure::NoMarks { output });
            }
            self.type_what_is_due(&mut typing, &mut heard, deadline)?;
            let patience = if typing.is_over() && !heard.ends_like_a_prompt() {
                heard.patience(deadline)
            } else {
                deadline.min(Instant::now() + LOOK)
            };
            match self.next(patience)? {
                Event::Piece(piece) => heard.take(piece),
                Event::HangUp => {
                    heard.strip_echo(lines);
                    let step = self.step(&mut heard, End::HangUp);
                    self.state = State::Ended;
                    return Ok(step);
                }
                Event::TimeIsUp if Instant::now() >= deadline => {
                    self.state = State::Ended;
                    heard.strip_echo(lines);
                    return Err(heard.timed_out(self.somebody_reads()));
                }
                Event::TimeIsUp => {}
            }
            if heard.output.len().max(heard.echo.len()) > self.most_output {
                self.state = State::Ended;
                let output = std::mem::take(&mut heard.output);
                return Err(Failure::TooMuchOutput { output });
            }
        }
    }

    fn end_at_prompt(
        &mut self,
        mut heard: Heard,
        left: usize,
        lines: usize,
    ) -> Result<Step, Failure> {
        heard.strip_echo(lines);
        let end = End::Prompt { status: heard.status };
        let step = self.step(&mut heard, end);
        self.prompting(&mut heard);
        if left > 0 {
            let step = Box::new(step);
            return Err(Failure::UnreadInput { step, left });
        }
        Ok(step)
    }

    fn step(&self, heard: &mut Heard, end: End) -> Step {
        let (prompt, duration) = match &self.state {
            State::Running { prompt, since } => {
                (prompt.clone(), since.elapsed())
            }
            _ => (String::new(), Duration::ZERO),
        };
        Step {
            prompt,
            output: std::mem::take(&mut heard.output),
            typed: std::mem::take(&mut heard.typed),
            end,
            duration,
            missing: std::mem::take(&mut heard.missing),
        }
    }

    fn prompting(&mut self, heard: &mut Heard) {
        self.shell = pty::foreground(&self.master);
        if self.first_shell.is_none() {
            self.first_shell = pty::leader(&self.master);
        }
        let prompt = heard.prompt.take().unwrap_or_default();
        let prompt = String::from_utf8_lossy(&prompt).into_owned();
        self.state = State::Prompting { prompt };
    }

    /// Anybody can print a prompt's marks. It counts when someone in the
    /// foreground then reads, and nothing more has come.
    fn has_prompted(&mut self, heard: &mut Heard) -> bool {
        if !heard.prompted || !self.received.is_empty() {
            return false;
        }
        match self.waiting() {
            Waiting::For(reader) => {
                self.typed_to = Some(reader);
                true
            }
            Waiting::Unknown => true,
            Waiting::Nobody => false,
        }
    }

    /// A shell waits behind what looks like a prompt, and has not marked it.
    /// It is given some time to do so: a mark could be on its way.
    fn has_no_marks(&self, typing: &mut Typing<'_>, heard: &Heard) -> bool {
        if !heard.ends_like_a_prompt() || !self.received.is_empty() {
            return false;
        }
        let Waiting::For(reader) = self.waiting() else { return false };
        let looks = typing.look(pty::foreground(&self.master), Some(reader));
        looks >= Typing::STEADY_SHELL && reader.is_shell()
    }

    fn waiting(&self) -> Waiting {
        match pty::foreground(&self.master) {
            Some(group) => watch::look(self.guard, group),
            None => Waiting::Unknown,
        }
    }

    fn somebody_reads(&self) -> bool {
        matches!(self.waiting(), Waiting::For(_))
    }

    /// Types the next of the input, if the command is ready for it.
    fn type_what_is_due(
        &mut self,
        typing: &mut Typing<'_>,
        heard: &mut Heard,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let Some((next, rest)) = typing.left.split_first() else {
            return self.insist(typing, deadline);
        };
        if !self.received.is_empty() {
            return Ok(());
        }
        let Readiness { reader, reads, runs } = self.readiness(typing, heard);
        let bytes: &[u8] = match next {
            Input::Line(line) if reads => line.as_bytes(),
            Input::EndOfInput if reads => &[0x04],
            Input::Interrupt if reads || runs => &[0x03],
            _ => return Ok(()),
        };
        self.typed_to = reader.or(self.typed_to);
        heard.typed.push(heard.output.len());
        self.type_bytes(bytes, deadline)?;
        match next {
            Input::Line(_) => self.type_bytes(b"\n", deadline)?,
            Input::Interrupt => typing.interrupted = Some(Instant::now()),
            Input::EndOfInput => {}
        }
        typing.left = rest;
        Ok(())
    }

    /// What the command is ready for.
    fn readiness(&self, typing: &mut Typing<'_>, heard: &Heard) -> Readiness {
        let foreground = pty::foreground(&self.master);
        let (reader, is_known) = match self.waiting() {
            Waiting::For(reader) => (Some(reader), true),
            Waiting::Nobody => (None, true),
            Waiting::Unknown => (None, false),
        };
        let looks = typing.look(foreground, reader);
        let steady = looks >= Typing::STEADY;
        let long_steady = looks >= Typing::STEADY_SHELL;
        let reads = if is_known {
            // The one we typed to before may not have woken up yet.
            reader.is_some() && reader != self.typed_to && steady
        } else {
            heard.output_began && long_steady
        };
        // A shell that is about to give its terminal to a command must not
        // be interrupted: it would take the terminal back too early.
        let is_shells = foreground == self.shell;
        let runs = heard.output_began && (long_steady || steady && !is_shells);
        Readiness { reader, reads, runs }
    }

    /// A `^C` can come too early: a shell that has not yet put its command
    /// into the foreground gets it instead.
    fn insist(
        &mut self,
        typing: &mut Typing<'_>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        match typing.interrupted {
            Some(when) if when.elapsed() > INSIST => {
                typing.interrupted = Some(Instant::now());
                self.type_bytes(&[0x03], deadline)
            }
            _ => Ok(()),
        }
    }

    fn type_bytes(
        &mut self,
        bytes: &[u8],
        deadline: Instant,
    ) -> Result<(), Failure> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match nix::unistd::write(&self.master, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    // Whoever reads the terminal is behind; so may we be.
                    self.receive()?;
                    let flags = PollFlags::POLLOUT | PollFlags::POLLIN;
                    if !self.poll(flags, deadline)? {
                        return Err(Failure::TimedOut {
                            output: Vec::new(),
                            waits_for_input: false,
                        });
                    }
                }
                Err(errno) => return Err(lost(errno)),
            }
        }
        Ok(())
    }

    /// The next piece, if it comes in time.
    fn next(&mut self, deadline: Instant) -> Result<Event, Failure> {
        let mut open = true;
        loop {
            if let Some(piece) = self.marks.split(&mut self.received) {
                return Ok(Event::Piece(piece));
            }
            if !open {
                let rest = std::mem::take(&mut self.received);
                return Ok(if rest.is_empty() {
                    Event::HangUp
                } else {
                    Event::Piece(Piece::Text(rest))
                });
            }
            open = match self.poll(PollFlags::POLLIN, deadline) {
                Ok(false) => return Ok(Event::TimeIsUp),
                Ok(true) => self.receive()?,
                Err(Failure::Ended) => false,
                Err(failure) => return Err(failure),
            };
        }
    }

    /// Takes what there is. False when nobody holds the other side any more,
    /// which a terminal reports as EIO.
    fn receive(&mut self) -> Result<bool, Failure> {
        let mut buffer = [0_u8; 16 * 1024];
        match nix::unistd::read(&self.master, &mut buffer) {
            Ok(0) | Err(Errno::EIO) => Ok(false),
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                Ok(true)
            }
            Err(Errno::EINTR | Errno::EAGAIN) => Ok(true),
            Err(errno) => Err(lost(errno)),
        }
    }

    /// True if the terminal is ready before the deadline.
    fn poll(
        &self,
        flags: PollFlags,
        deadline: Instant,
    ) -> Result<bool, Failure> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut polled = vec![PollFd::new(self.master.as_fd(), flags)];
            if let Some(shell) = &self.first_shell {
                let ended = PollFlags::POLLIN;
                polled.push(PollFd::new(shell.as_fd(), ended));
            }
            match poll(&mut polled, timeout(left)) {
                Ok(0) if left > LONGEST_POLL => continue,
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(lost(errno)),
            }
            if polled[0].any().unwrap_or(false) {
                return Ok(true);
            }
            // The shell has ended. What it printed last may be on its way.
            polled.truncate(1);
            let more = poll(&mut polled, timeout(ON_ITS_WAY));
            return match more {
                Ok(0) | Err(_) => Err(Failure::Ended),
                Ok(_) => Ok(true),
            };
        }
    }
}

/// The longest that one poll(2) waits.
const LONGEST_POLL: Duration = Duration::from_mins(1);
/// How long what a program has printed is on its way through the kernel.
const ON_ITS_WAY: Duration = Duration::from_millis(50);

/// Rounded up, so that waiting until a deadline does not spin before it.
fn timeout(left: Duration) -> PollTimeout {
    let left = left.min(LONGEST_POLL).as_micros().div_ceil(1000);
    PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO)
}

/// What a command is ready for.
struct Readiness {
    /// Who reads the terminal, if the kernel tells.
    reader: Option<Reader>,
    /// A line, or the end of input.
    reads: bool,
    /// A `^C`.
    runs: bool,
}

/// What of a command's input is still to be typed.
struct Typing<'a> {
    left: &'a [Input],
    interrupted: Option<Instant>,
    /// The foreground group and who in it reads, and how many times in a row
    /// it was these.
    seen: (Option<Pid>, Option<Reader>, u32),
}

impl<'a> Typing<'a> {
    /// What a program prints takes a moment through the kernel's queue, and
    /// what it prints last may be a prompt: then it was not our line that it
    /// waits for. (Typing too early would run a line of input as a command,
    /// and only where an author wrote one too many.)
    const STEADY: u32 = 5;
    /// The same for a shell that runs something by itself, a loop perhaps.
    const STEADY_SHELL: u32 = 50;

    fn new(input: &'a [Input]) -> Self {
        Self { left: input, interrupted: None, seen: (None, None, 0) }
    }

    /// Notes what is seen now; how often it has been seen in a row.
    fn look(&mut self, group: Option<Pid>, reader: Option<Reader>) -> u32 {
        let (last_group, last_reader, looks) = self.seen;
        let same = (last_group, last_reader) == (group, reader);
        let looks = if same { looks.saturating_add(1) } else { 1 };
        self.seen = (group, reader, looks);
        looks
    }

    fn is_over(&self) -> bool {
        self.left.is_empty() && self.interrupted.is_none()
    }
}

fn no_shell(what: &str) -> Failure {
    Failure::Lost { reason: format!("the shell {what}") }
}

fn lost(errno: Errno) -> Failure {
    Failure::Lost { reason: format!("the terminal failed: {errno}") }
}
