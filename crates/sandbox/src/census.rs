//! Who is in a world, and in which namespaces: what the kernel says, seen
//! from outside.

pub(crate) mod namespaces;

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use nix::poll::{PollTimeout, poll};
use nix::unistd::Pid;

use crate::namespace::Kind;

pub use namespaces::Namespace;

/// What is in a world at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// Its processes, in the order of their numbers.
    pub processes: Vec<Process>,
    /// Its namespaces, those without a process included, in the order of
    /// their numbers.
    ///
    /// Seen are those that a thread is in or gives to its children, those
    /// that are mounted where a process sees them, those that a descriptor
    /// stands for, and those that these come from. Not seen are those that
    /// only a socket or a mounted `/proc` keeps alive, and descriptors of
    /// processes that the caller may not look into: where a world has
    /// subordinate ids, they are another user's.
    pub namespaces: Vec<Namespace>,
}

/// A process of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its numbers, from the world's own PID namespace to the innermost one
    /// that it is in: proc(5), `NSpid`.
    pub pids: Vec<i32>,
    /// The number that its parent has in the world's PID namespace; 0 for the
    /// world's PID 1.
    pub parent: i32,
    /// The command line, its parts with blanks between them.
    pub command: String,
    /// The number of the terminal it belongs to, from 0.
    pub terminal: Option<u32>,
    /// The inode number of its namespace of each kind, in the order of
    /// [`Kind::ALL`]; `None` where the kernel has no such kind.
    pub namespaces: [Option<u64>; 8],
}

/// What is in the world of `guard`. A process that is being started is not
/// yet what it will be: so all of them are given the time to come to rest, if
/// they do.
pub(crate) fn take(guard: Pid) -> Census {
    const MOST_LOOKS: u32 = 1000;
    for _ in 0..MOST_LOOKS {
        if below(guard.as_raw()).into_iter().all(rests) {
            break;
        }
        let _ = poll(&mut [], PollTimeout::from(1_u8));
    }
    let mut processes: Vec<Process> = below(guard.as_raw())
        .into_iter()
        .filter_map(|pid| look_at(pid, guard))
        .collect();
    processes.sort_by(|a, b| a.pids.cmp(&b.pids));
    Census { processes, namespaces: namespaces::take(guard) }
}

/// PID 1 of the world of `guard`, its only child.
pub(crate) fn init(guard: Pid) -> Option<Pid> {
    children(guard.as_raw()).first().map(|pid| Pid::from_raw(*pid))
}

/// All descendants of a process, as we number them.
pub(crate) fn below(pid: i32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut to_visit = children(pid);
    while let Some(pid) = to_visit.pop() {
        found.push(pid);
        to_visit.extend(children(pid));
    }
    found
}

/// proc(5), `/proc/PID/task/TID/children`: each thread has children of its
/// own.
fn children(pid: i32) -> Vec<i32> {
    let mut children = Vec::new();
    for thread in numbers_in(&format!("/proc/{pid}/task")) {
        let list = format!("/proc/{pid}/task/{thread}/children");
        let list = fs::read_to_string(list).unwrap_or_default();
        let listed = list.split_whitespace();
        children.extend(listed.filter_map(|child| child.parse::<i32>().ok()));
    }
    children
}

/// The entries of a folder whose names are numbers.
pub(crate) fn numbers_in(folder: &str) -> impl Iterator<Item = i32> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// It has ended, or is about to: the kernel sets `PF_EXITING`
/// (linux/sched.h) before it ends the processes of a namespace whose PID 1
/// this was.
pub(crate) fn is_ending(pid: i32) -> bool {
    const PF_EXITING: u32 = 4;
    let flags = fields_of_stat(pid).and_then(|fields| {
        let flags: u32 = fields.get(6)?.parse().ok()?;
        Some(flags)
    });
    flags.is_none_or(|flags| flags & PF_EXITING != 0)
}

/// It waits for something, and has the command line of a program.
fn rests(pid: i32) -> bool {
    let stat = fields_of_stat(pid).unwrap_or_default();
    let waits = stat.first().is_none_or(|s| !["R", "D"].contains(&&**s));
    let command = fs::read(format!("/proc/{pid}/cmdline"));
    waits && command.is_ok_and(|command| !command.is_empty())
}

/// `None` if it has ended meanwhile.
fn look_at(pid: i32, guard: Pid) -> Option<Process> {
    let levels = numbers(guard.as_raw())?.len();
    let inside = |numbers: Vec<i32>| numbers.get(levels..).map(<[_]>::to_vec);
    let stat = fields_of_stat(pid)?;
    let parent: i32 = stat.get(1)?.parse().ok()?;
    let parent = numbers(parent).and_then(inside);
    let parent = parent.and_then(|numbers| numbers.first().copied());
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    Some(Process {
        pids: inside(numbers(pid)?)?,
        parent: parent.unwrap_or(0),
        command: command.trim_end().to_owned(),
        terminal: terminal(stat.get(4)?),
        namespaces: Kind::ALL.map(|kind| {
            let link = format!("/proc/{pid}/ns/{}", kind.name);
            fs::metadata(link).ok().map(|namespace| namespace.ino())
        }),
    })
}

/// proc(5), `NSpid` of `/proc/PID/status`: from our own namespace inwards.
fn numbers(pid: i32) -> Option<Vec<i32>> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    line.split_whitespace().map(|number| number.parse().ok()).collect()
}

/// The fields of `/proc/PID/stat` from the third on, the state; the second is
/// a name in parentheses that may hold blanks and parentheses itself.
pub(crate) fn fields_of_stat(pid: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// The `tty_nr` of stat: slaves of pseudoterminals begin at major 136, and
/// the lowest minor bits are below the major's: proc(5).
fn terminal(field: &str) -> Option<u32> {
    let number: u32 = field.parse().ok()?;
    let (major, minor) = ((number >> 8) & 0xfff, number & 0xff);
    (136..=143).contains(&major).then(|| (major - 136) * 256 + minor)
}
