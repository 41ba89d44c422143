//! Who is in a world, and in which namespaces: what the kernel says, seen
//! from outside.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use nix::poll::{PollTimeout, poll};
use nix::unistd::Pid;

use crate::namespace::Kind;

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

/// The processes of the world of `guard`, in the order of their numbers. A
/// process that is being started is not yet what it will be: so all of them
/// are given the time to come to rest, if they do.
pub(crate) fn take(guard: Pid) -> Vec<Process> {
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
    processes
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

/// proc(5), `/proc/PID/task/TID/children`.
fn children(pid: i32) -> Vec<i32> {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
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
