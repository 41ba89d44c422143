//! The life of a world: from its first program to the last.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use nix::unistd::Pid;

use crate::birth::{self, Born, Needs};
use crate::boot::{self, Program};
use crate::error::{self, Refusal};
use crate::ids::Ids;
use crate::marks::Marks;
use crate::plan::{Plan, READER};
use crate::pty::Manners;
use crate::world::{User, World};

/// A world that runs. Dropping it ends every process in it, and returns when
/// they are gone.
pub(crate) struct Life {
    guard: Pid,
    /// `None` once it has been closed, and the guard waited for.
    lifeline: Option<OwnedFd>,
    /// Our side of each program's terminal.
    pub(crate) terminals: Vec<OwnedFd>,
    /// What its shells print around prompts.
    pub(crate) marks: Marks,
}

/// What runs at a terminal, and as whom.
pub(crate) struct Seat {
    pub(crate) user: User,
    pub(crate) path: String,
    pub(crate) arguments: Vec<String>,
}

impl Seat {
    /// An interactive shell.
    pub(crate) fn shell(user: User) -> Self {
        let arguments = vec!["bash".into()];
        Self { user, path: "/bin/bash".into(), arguments }
    }
}

impl Life {
    /// Makes a world and starts a program at each seat. With
    /// `ends_with_first`, it is over when the first program is.
    pub(crate) fn start(
        world: &World,
        seats: &[Seat],
        manners: Manners,
        ends_with_first: bool,
    ) -> Result<Self, Refusal> {
        let ids = Ids::of_caller()?;
        if seats.iter().any(|seat| seat.user == User::Reader)
            && ids.count() <= READER
        {
            return Err(error::no_second_id());
        }
        let io = |step| move |errno| error::refusal(step, errno);
        let programs = match &world.programs {
            None => None,
            Some(folder) => Some(open(folder)?),
        };
        let mut random = [0_u8; 8];
        raw_random(&mut random).map_err(io("draw a random number"))?;
        let marks = Marks::new(&random);
        let descriptor = programs.as_ref().map(AsRawFd::as_raw_fd);
        let plan = Plan::new(world, &ids, &marks, descriptor);
        let boot = boot::pipe(&programs_at(world, seats), ends_with_first)
            .ok_or_else(|| io("describe PID 1")(nix::errno::Errno::E2BIG))?;
        let owners: Vec<u32> =
            seats.iter().map(|seat| number(seat.user)).collect();
        let needs = Needs { ids: &ids, manners, owners: &owners, boot };
        let Born { guard, lifeline, terminals } = birth::make(&plan, &needs)?;
        Ok(Self { guard, lifeline: Some(lifeline), terminals, marks })
    }

    /// Waits until the world ends by itself; the status of its first program.
    pub(crate) fn wait(mut self) -> u8 {
        let status = birth::wait_for(self.guard);
        self.lifeline = None;
        status
    }

    /// The guard, whose only child is the world's PID 1.
    pub(crate) fn guard(&self) -> Pid {
        self.guard
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if self.lifeline.take().is_some() {
            birth::wait_for(self.guard);
        }
    }
}

fn number(user: User) -> u32 {
    match user {
        User::Root => 0,
        User::Reader => READER,
    }
}

/// A path is enough to show a folder, and must be opened by the caller: a
/// world's own ids may not be allowed to walk to it.
fn open(folder: &Path) -> Result<OwnedFd, Refusal> {
    match File::open(folder) {
        Ok(file) => Ok(file.into()),
        Err(error) => Err(Refusal {
            step: format!("open {}", folder.display()),
            errno: error.to_string(),
            cause: "the folder of demos cannot be read".into(),
            remedy: "build the demos again".into(),
        }),
    }
}

fn raw_random(bytes: &mut [u8]) -> nix::Result<()> {
    use std::io::Read as _;
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(bytes))
        .map_err(|_| nix::errno::Errno::EIO)
}

fn programs_at(world: &World, seats: &[Seat]) -> Vec<Program> {
    seats
        .iter()
        .map(|seat| Program {
            id: number(seat.user),
            path: seat.path.clone(),
            arguments: seat.arguments.clone(),
            environment: environment(world, seat.user),
        })
        .collect()
}

/// The environment of a world's programs, with nothing of the caller's.
fn environment(world: &World, user: User) -> Vec<(String, String)> {
    let (name, home) = match user {
        User::Root => ("root", "/root"),
        User::Reader => ("reader", "/home/reader"),
    };
    let path = "/demos:/usr/local/sbin:/usr/local/bin:\
                /usr/sbin:/usr/bin:/sbin:/bin";
    let mut environment: Vec<(String, String)> = [
        ("ENV", "/etc/shrc"),
        ("HOME", home),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", name),
        ("PATH", path),
        ("SHELL", "/bin/bash"),
        ("TERM", "xterm-256color"),
        ("TZ", "UTC"),
        ("USER", name),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect();
    environment.extend(world.environment.iter().cloned());
    environment
}
