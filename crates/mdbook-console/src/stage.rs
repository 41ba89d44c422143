//! Where sessions are performed: the seam between the book and the kernel.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::census::Process;
use sandbox::error::Refusal;
use sandbox::session::{Command, Failure, Input, Session, Step};
use sandbox::world::{User, World};

use crate::parse::needs::Release;

/// A place where sessions can be performed.
pub trait Stage: Sync {
    /// Makes a world with one terminal for each user.
    fn start(
        &self,
        world: &World,
        terminals: &[User],
    ) -> Result<Box<dyn Scene>, Refusal>;

    /// The release of the kernel that answers.
    fn kernel(&self) -> Option<Release>;

    /// Whether a session would find this program in `PATH`.
    fn has_program(&self, name: &str) -> bool;

    /// The time, since 1970.
    fn now(&self) -> Duration;
}

/// A world that is running, with its terminals.
pub trait Scene {
    /// Types a command at a terminal, and waits for its end.
    fn run(
        &mut self,
        terminal: usize,
        command: &Command,
    ) -> Result<Step, Failure>;

    /// Types into a command that is running, and waits for its end.
    fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure>;

    /// The processes of the world as they are now.
    fn processes(&mut self) -> Vec<Process>;
}

/// The kernel of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Live;

impl Stage for Live {
    fn start(
        &self,
        world: &World,
        terminals: &[User],
    ) -> Result<Box<dyn Scene>, Refusal> {
        Ok(Box::new(Session::start(world, terminals)?))
    }

    fn kernel(&self) -> Option<Release> {
        let text = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
        Release::leading(&text)
    }

    fn has_program(&self, name: &str) -> bool {
        // The world shows the machine's `/usr`, and nothing else of it.
        ["local/bin", "local/sbin", "bin", "sbin"]
            .iter()
            .any(|folder| Path::new("/usr").join(folder).join(name).exists())
    }

    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

impl Scene for Session {
    fn run(
        &mut self,
        terminal: usize,
        command: &Command,
    ) -> Result<Step, Failure> {
        Self::run(self, terminal, command)
    }

    fn resume(
        &mut self,
        terminal: usize,
        input: &[Input],
        timeout: Duration,
    ) -> Result<Step, Failure> {
        Self::resume(self, terminal, input, timeout)
    }

    fn processes(&mut self) -> Vec<Process> {
        Self::processes(self)
    }
}
