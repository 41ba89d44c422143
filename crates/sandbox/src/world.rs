//! The sandbox as plain data: what a session finds when it starts.

use std::path::PathBuf;
use std::time::Duration;

/// Everything that decides what a session finds. Two sessions with equal
/// worlds start from the same state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// What `hostname` prints.
    pub hostname: String,
    /// A folder of programs, found first in `PATH`, shown as `/demos`.
    pub programs: Option<PathBuf>,
    /// What every terminal's shell finds in its environment, beyond the
    /// fixed `HOME`, `LANG`, `PATH`, `TERM`, `TZ` and `USER`.
    pub environment: Vec<(String, String)>,
    /// The size of every terminal.
    pub window: Window,
    /// What `CLOCK_BOOTTIME` and `CLOCK_MONOTONIC` read at the start.
    pub uptime: Duration,
    /// What the guest may use up.
    pub limits: Limits,
}

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// What a world's guest may use up before the kernel refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processes and threads of one user.
    pub processes: u64,
    /// Bytes in the world's files, all of which live in memory.
    pub memory: u64,
    /// Bytes of memory that the world has in all, where cgroups can tell.
    pub all_memory: u64,
    /// Bytes of memory that the machine keeps. The world is ended when fewer
    /// are available, whoever has the others.
    pub machine_keeps: u64,
    /// Bytes in one file.
    pub file_size: u64,
    /// Descriptors open in one process.
    pub open_files: u64,
    /// Namespaces of each kind.
    pub namespaces: u32,
    /// Bytes one command may print.
    pub output: usize,
}

/// Who sits at a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum User {
    /// uid 0 of the world: every capability in there, none outside.
    Root,
    /// uid 1000 of the world, without capabilities. Needs a second id.
    Reader,
}

impl Default for World {
    fn default() -> Self {
        Self {
            hostname: "host".into(),
            programs: None,
            environment: Vec::new(),
            window: Window { rows: 24, columns: 80 },
            uptime: Duration::from_secs(1),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 512,
            memory: 256 << 20,
            all_memory: 1 << 30,
            machine_keeps: 128 << 20,
            file_size: 64 << 20,
            open_files: 1024,
            namespaces: 256,
            output: 1 << 20,
        }
    }
}
