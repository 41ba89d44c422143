//! A stage without a kernel: every command has the answer that its test
//! gives it, and all others succeed in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use mdbook_console::parse::needs::Release;
use mdbook_console::stage::{Scene, Stage};
use sandbox::census::{Census, Process};
use sandbox::error::Refusal;
use sandbox::session::{Command, End, Failure, Input, Step};
use sandbox::world::{User, World};

/// What comes of a command.
type Answer = Result<Step, Failure>;

/// A stage that plays answers.
#[derive(Clone, Default)]
pub(crate) struct Fake {
    answers: BTreeMap<String, Answer>,
    refusal: Option<Refusal>,
    programs: BTreeSet<String>,
    census: Vec<Process>,
    namespaces: BTreeSet<u64>,
    fingerprint: Option<String>,
    log: Arc<Mutex<Vec<String>>>,
    present: Arc<(Mutex<usize>, Condvar)>,
}

/// The command that succeeds once it runs in two sessions at a time.
pub(crate) const MEET: &str = "meet";

/// How long it waits for the other.
const PATIENCE: Duration = Duration::from_secs(30);

impl Fake {
    /// Gives the command with this first line an answer.
    #[must_use]
    pub(crate) fn answer(mut self, line: &str, step: Step) -> Self {
        self.answers.insert(line.to_owned(), Ok(step));
        self
    }

    /// Lets the command with this first line fail to come to an end.
    #[must_use]
    pub(crate) fn failure(mut self, line: &str, failure: Failure) -> Self {
        self.answers.insert(line.to_owned(), Err(failure));
        self
    }

    /// Refuses every world.
    #[must_use]
    pub(crate) fn refuse(mut self, refusal: Refusal) -> Self {
        self.refusal = Some(refusal);
        self
    }

    /// Has a program.
    #[must_use]
    pub(crate) fn program(mut self, name: &str) -> Self {
        self.programs.insert(name.to_owned());
        self
    }

    /// Has processes: their numbers, their parent, their namespace and
    /// their command.
    #[must_use]
    pub(crate) fn process(
        mut self,
        pids: &[i32],
        parent: i32,
        namespace: u64,
        command: &str,
    ) -> Self {
        let mut namespaces = [None; 8];
        namespaces[1] = Some(namespace);
        self.census.push(Process {
            pids: pids.to_vec(),
            parent,
            command: command.to_owned(),
            terminal: None,
            namespaces,
        });
        self
    }

    /// Has a namespace that goes on living.
    #[must_use]
    pub(crate) fn namespace(mut self, number: u64) -> Self {
        self.namespaces.insert(number);
        self
    }

    /// Is a machine that can be told from others.
    #[must_use]
    pub(crate) fn machine(mut self, fingerprint: &str) -> Self {
        self.fingerprint = Some(fingerprint.to_owned());
        self
    }

    /// Everything that was typed, in the order in which it was.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("no test panics while it logs").clone()
    }

    fn meets(&self) -> bool {
        let (present, arrival) = &*self.present;
        let mut present = present.lock().expect("no test panics in here");
        *present += 1;
        arrival.notify_all();
        let alone = |present: &mut usize| *present < 2;
        let waited = arrival.wait_timeout_while(present, PATIENCE, alone);
        waited.is_ok_and(|(_, waited)| !waited.timed_out())
    }

    fn say(&self, line: String) {
        self.log.lock().expect("no test panics while it logs").push(line);
    }
}

impl Stage for Fake {
    fn start(
        &self,
        _: &World,
        terminals: &[User],
    ) -> Result<Box<dyn Scene>, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        self.say(format!("start {terminals:?}"));
        Ok(Box::new(self.clone()))
    }

    fn kernel(&self) -> Option<Release> {
        Release::leading("6.18.44-fake")
    }

    fn has_program(&self, name: &str) -> bool {
        self.programs.contains(name)
    }

    fn has_cgroups(&self) -> bool {
        false
    }

    fn now(&self) -> Duration {
        Duration::from_hours(498_720)
    }

    fn fingerprint(&self) -> Option<String> {
        self.fingerprint.clone()
    }
}

impl Scene for Fake {
    fn run(&mut self, terminal: usize, command: &Command) -> Answer {
        let line = &command.lines[0];
        self.say(format!("{terminal} {} {line}", command.prompt));
        if line == MEET && !self.meets() {
            return Ok(fails(1, "nobody came\n"));
        }
        if command.until.is_some() {
            return Ok(step(b"", End::Running));
        }
        self.answers.get(line).cloned().unwrap_or_else(|| Ok(says("")))
    }

    fn census(&mut self) -> Census {
        self.say("census".to_owned());
        let processes = self.census.clone();
        Census { processes, namespaces: Vec::new() }
    }

    fn namespaces(&mut self) -> BTreeSet<u64> {
        self.namespaces.clone()
    }

    fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        _: Duration,
    ) -> Answer {
        self.say(format!("{terminal} {input:?}"));
        Ok(step(b"^C\r\n", End::Prompt { status: 130 }))
    }
}

/// A command that prints lines and succeeds.
pub(crate) fn says(output: &str) -> Step {
    says_bytes(output.replace('\n', "\r\n").as_bytes())
}

/// A command that prints bytes and succeeds.
pub(crate) fn says_bytes(output: &[u8]) -> Step {
    step(output, End::Prompt { status: 0 })
}

/// A command that prints lines and fails.
pub(crate) fn fails(status: i32, output: &str) -> Step {
    let output = output.replace('\n', "\r\n");
    step(output.as_bytes(), End::Prompt { status })
}

/// A command that the shell does not find.
pub(crate) fn misses(program: &str) -> Step {
    let missing = vec![program.to_owned()];
    Step { missing, ..step(b"", End::Prompt { status: 127 }) }
}

/// A command that does not end.
pub(crate) fn hangs(output: &str) -> Failure {
    let output = output.replace('\n', "\r\n").into_bytes();
    Failure::TimedOut { output, waits_for_input: false }
}

fn step(output: &[u8], end: End) -> Step {
    Step {
        prompt: "#".to_owned(),
        output: output.to_vec(),
        typed: Vec::new(),
        end,
        duration: Duration::ZERO,
        missing: Vec::new(),
    }
}
