//! The life of a world: from its first program to the last.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

use crate::birth::{self, Born, Needs};
use crate::boot::{self, Program};
use crate::census;
use crate::cgroup::Cgroup;
use crate::child;
use crate::error::{self, Refusal};
use crate::ids::Ids;
use crate::plan::{Plan, READER};
use crate::pty::Manners;
use crate::world::{User, World};

/// A world that runs. Dropping it ends every process in it, and returns when
/// they are gone.
pub(crate) struct Life {
    guard: Pid,
    /// `None` once it has been closed, and the guard waited for.
    lifeline: Option<OwnedFd>,
    /// The steps that made it.
    plan: Plan,
    cgroup: Option<Cgroup>,
    /// Our side of each program's terminal.
    pub(crate) terminals: Vec<OwnedFd>,
}

/// What makes the life of one world differ from another's.
pub(crate) struct Course<'a> {
    /// What runs at each terminal.
    pub(crate) seats: &'a [Seat],
    pub(crate) manners: Manners,
    /// What shells read when they start, by path.
    pub(crate) start_files: &'a [(&'static str, String)],
    pub(crate) purpose: Purpose,
}

/// What a world is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Blocks of a book: it is over when the caller says so.
    Session,
    /// One program: it is over when that is.
    Demo,
    /// People at their terminals: it is over when the last one leaves.
    Shell,
}

impl Purpose {
    /// In a word, for the guard's command line.
    pub(crate) fn name(self) -> &'static CStr {
        match self {
            Self::Session => c"session",
            Self::Demo => c"demo",
            Self::Shell => c"shell",
        }
    }
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

    /// What PID 1 is told to start.
    pub(crate) fn program(&self, world: &World) -> Program {
        Program {
            id: number(self.user),
            path: self.path.clone(),
            arguments: self.arguments.clone(),
            environment: environment(world, self.user),
        }
    }
}

impl Life {
    /// Makes a world and starts a program at each seat.
    pub(crate) fn start(
        world: &World,
        course: &Course<'_>,
    ) -> Result<Self, Refusal> {
        let seats = course.seats;
        let ids = match course.purpose {
            Purpose::Shell => Ids::of_caller_alone()?,
            Purpose::Session | Purpose::Demo => Ids::of_caller()?,
        };
        if seats.iter().any(|seat| seat.user == User::Reader)
            && ids.count() <= READER
        {
            return Err(error::no_second_id());
        }
        let folder = world.programs.as_deref().map(open).transpose()?;
        let descriptor = folder.as_ref().map(AsRawFd::as_raw_fd);
        let cgroup = Cgroup::of_caller(&ids, &world.limits)?;
        let plan = Plan::new(
            world,
            &ids,
            course.start_files,
            descriptor,
            cgroup.as_ref(),
        );
        let programs: Vec<Program> =
            seats.iter().map(|seat| seat.program(world)).collect();
        let boot = boot::pipe(&programs, course.purpose == Purpose::Demo, &[])
            .ok_or(nix::errno::Errno::E2BIG)
            .map_err(error::failed("describe PID 1"))?;
        let owners: Vec<u32> =
            seats.iter().map(|seat| number(seat.user)).collect();
        let kept = (world.limits.machine_keeps / 1024).to_string();
        let kept = CString::new(kept).unwrap_or_default();
        let needs = Needs {
            ids: &ids,
            manners: course.manners,
            owners: &owners,
            boot,
            purpose: course.purpose.name(),
            kept: &kept,
            cgroup: cgroup.as_ref(),
        };
        let Born { guard, lifeline, terminals } = birth::make(&plan, needs)?;
        let lifeline = Some(lifeline);
        Ok(Self { guard, lifeline, plan, cgroup, terminals })
    }

    /// Waits until the world ends by itself; the status of its first program.
    pub(crate) fn wait(mut self) -> Result<u8, Refusal> {
        let end = child::end_of(self.guard);
        self.lifeline = None;
        if is_for_memory(end) {
            return Err(error::short_of_memory());
        }
        Ok(child::status(end))
    }

    /// Why the world has ended under its caller, if it has: its guard, or its
    /// PID 1, for which the guard waits.
    pub(crate) fn end(&self) -> Option<String> {
        let init = census::init(self.guard);
        let ends = |pid: Option<Pid>| {
            pid.is_none_or(|pid| census::is_ending(pid.as_raw()))
        };
        if !ends(Some(self.guard)) && !ends(init) {
            return None;
        }
        let end = child::await_end(self.guard)?;
        Some(if is_for_memory(end) {
            error::short_of_memory().cause
        } else {
            format!("its guard ended with {}", child::status(end))
        })
    }

    /// Leaves the world to those who have joined it, if there are any; ends
    /// it otherwise.
    pub(crate) fn leave(mut self, joined: bool) {
        if joined {
            self.lifeline = None;
        }
    }

    /// What the world has had to do without.
    pub(crate) fn missing(&self) -> Vec<Refusal> {
        self.plan.refusals()
    }

    /// The guard, whose only child is the world's PID 1.
    pub(crate) fn guard(&self) -> Pid {
        self.guard
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if self.lifeline.take().is_some() {
            child::wait_for(self.guard);
            if let Some(cgroup) = &self.cgroup {
                cgroup.clear();
            }
        }
    }
}

/// How a guard ends when the machine runs short of memory: init/main.rs.
fn is_for_memory(end: WaitStatus) -> bool {
    matches!(end, WaitStatus::Signaled(_, Signal::SIGINT, _))
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
