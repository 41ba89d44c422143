//! A world to try things in by hand, with a shell at each of one or more
//! terminals of the caller.
//!
//! A world is open as long as somebody holds its lifeline: whoever opened it,
//! and everybody who joined. Open worlds are found through their guards in
//! `/proc`, so that there is no list that could be wrong.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::SystemTime;

use nix::errno::Errno;
use nix::unistd::Pid;

use crate::boot;
use crate::caller;
use crate::census;
use crate::cgroup;
use crate::child;
use crate::error::{self, Refusal};
use crate::filter;
use crate::joiner::{self, Joiner};
use crate::life::{Course, Life, Purpose, Seat};
use crate::plan;
use crate::pty;
use crate::raw;
use crate::world::{User, World};

/// A world that somebody has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Names it; the PID of its guard.
    pub id: i32,
    /// When it was made.
    pub since: SystemTime,
    /// How many processes are in it, PID 1 included.
    pub processes: usize,
}

/// Why a world could not be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// There is none.
    #[error("no world is open")]
    NoneOpen,
    /// There is none of that name.
    #[error("there is no open world {0}")]
    Unknown(i32),
    /// It is not clear which.
    #[error("{} worlds are open", .0.len())]
    Several(Vec<i32>),
    /// The kernel refused a step.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Opens a world with an interactive shell at the caller's terminal, and
/// returns when the caller leaves it. `opened` is told the world's id before
/// the shell has the terminal.
///
/// The world ends when nobody is left in it.
///
/// # Errors
///
/// A [`Refusal`] when no world can be made.
pub fn open(world: &World, opened: impl FnOnce(i32)) -> Result<(), Refusal> {
    let course = Course {
        seats: &[Seat::shell(User::Root)],
        manners: caller::manners(world),
        start_files: &start_files(),
        purpose: Purpose::Shell,
    };
    let mut life = Life::start(world, &course)?;
    opened(life.guard().as_raw());
    if let Some(terminal) = life.terminals.pop() {
        caller::connect(&terminal);
    }
    let joined = has_joined(life.guard());
    life.leave(joined);
    Ok(())
}

/// Starts one more shell in a world that is open: the one named, or the only
/// one. Returns its exit status.
///
/// # Errors
///
/// See [`JoinError`].
pub fn join(world: &World, id: Option<i32>) -> Result<u8, JoinError> {
    let guard = Pid::from_raw(choose(id)?);
    let gone = || JoinError::Unknown(guard.as_raw());
    let refused = error::failed;
    // A pipe that is opened anew has one more end to write to.
    let lifeline = fs::OpenOptions::new()
        .write(true)
        .open(format!("/proc/{guard}/fd/{LIFELINE}"))
        .map_err(|_| gone())?;
    let init = census::init(guard).ok_or_else(gone)?;
    let owner =
        fs::metadata(format!("/proc/{init}")).map_err(|_| gone())?.uid();
    let (ours, theirs) = pty::open_in(init, owner, caller::manners(world))
        .map_err(refused("open a terminal of the world"))?;
    let seat = Seat::shell(User::Root);
    let filter = filter::program();
    let boot = boot::pipe(&[seat.program(world)], true, filter)
        .ok_or_else(|| refused("describe the shell")(Errno::E2BIG))?;
    // All is there already that the shell waits for.
    drop(boot.write);
    let cgroup = cgroup::processes_of(init);
    let joiner = joiner::join(&Joiner {
        steps: &plan::joining(world, cgroup.as_deref()),
        boot: boot.read,
        terminal: theirs,
        world: raw::open_process(init.as_raw())
            .map_err(refused("find the world's PID 1"))?,
    })
    .map_err(refused("start a shell in the world"))?;
    let stopped_with = caller::connect(&ours);
    // The shell is hung up on.
    drop(ours);
    if let Some(status) = stopped_with {
        return Ok(status);
    }
    let status = child::wait_for(joiner);
    drop(lifeline);
    match status {
        126 => Err(refused("enter the world")(Errno::EPERM).into()),
        status => Ok(status),
    }
}

/// The worlds that are open, the caller's own, oldest first.
pub fn list() -> Vec<Open> {
    let mut worlds: Vec<Open> = machine().filter_map(look_at).collect();
    worlds.sort_by_key(|world| (world.since, world.id));
    worlds
}

/// Every process that the caller can see.
fn machine() -> impl Iterator<Item = i32> {
    census::numbers_in("/proc")
}

/// The number that its lifeline has in a guard.
const LIFELINE: i32 = 3;

/// What an interactive shell reads when it starts: only a prompt that is the
/// book's.
fn start_files() -> Vec<(&'static str, String)> {
    let bash = "PS1='\\$ '\nunset HISTFILE MAILCHECK\n";
    let posix = "case $(id -u) in 0) PS1='# ' ;; *) PS1='$ ' ;; esac\n";
    vec![
        ("root/.bashrc", bash.into()),
        ("home/reader/.bashrc", bash.into()),
        ("etc/shrc", posix.into()),
    ]
}

/// `None` if the process is not the guard of a world that the caller may
/// join.
fn look_at(pid: i32) -> Option<Open> {
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let purpose = Purpose::Shell.name().to_bytes();
    if !command.starts_with(&[b"guard\0", purpose, b"\0"].concat()) {
        return None;
    }
    // Whoever may not look at its descriptors may not join, either.
    let pipe = fs::metadata(format!("/proc/{pid}/fd/{LIFELINE}")).ok()?;
    let since = fs::metadata(format!("/proc/{pid}")).ok()?.modified().ok()?;
    let processes = census::below(pid).len();
    (pipe.uid() == nix::unistd::geteuid().as_raw() && processes > 0)
        .then_some(Open { id: pid, since, processes })
}

fn choose(id: Option<i32>) -> Result<i32, JoinError> {
    let open: Vec<i32> = list().into_iter().map(|world| world.id).collect();
    match (id, open.as_slice()) {
        (Some(id), open) if open.contains(&id) => Ok(id),
        (Some(id), _) => Err(JoinError::Unknown(id)),
        (None, []) => Err(JoinError::NoneOpen),
        (None, [only]) => Ok(*only),
        (None, _) => Err(JoinError::Several(open)),
    }
}

/// Those who have joined came from outside, and have no parent in the world.
fn has_joined(guard: Pid) -> bool {
    let namespace = |pid| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
    let Some(ours) =
        census::init(guard).and_then(|init| namespace(init.as_raw()))
    else {
        return false;
    };
    let below = census::below(guard.as_raw());
    machine()
        .filter(|pid| !below.contains(pid))
        .any(|pid| namespace(pid).is_some_and(|theirs| theirs == ours))
}
