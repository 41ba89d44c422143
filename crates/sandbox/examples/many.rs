//! Makes many sessions, one after the other, and looks whether anything of
//! this process grows.
//!
//! ```text
//! cargo run --release --example many -- 1000
//! ```

use std::fs;
use std::process::ExitCode;

use sandbox::session::Session;
use sandbox::world::{User, World};

/// What could grow.
#[derive(Debug)]
struct Size {
    /// KiB of memory in use: proc(5), `VmRSS`.
    memory: usize,
    descriptors: usize,
    children: usize,
    mounts: usize,
}

fn look() -> Size {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let status = read("/proc/self/status");
    let memory = status.lines().find(|line| line.starts_with("VmRSS:"));
    let memory = memory.and_then(|line| line.split_whitespace().nth(1));
    let children = read("/proc/thread-self/children");
    Size {
        memory: memory.and_then(|kib| kib.parse().ok()).unwrap_or(0),
        descriptors: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
        children: children.split_whitespace().count(),
        mounts: read("/proc/self/mountinfo").lines().count(),
    }
}

fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count: usize = count.unwrap_or(1000);
    // The first ones fill what is kept.
    let warm = count / 10;
    let mut before = look();
    for done in 0..warm + count {
        if done == warm {
            before = look();
        }
        let session = Session::start(&World::default(), &[User::Root]);
        if let Err(refusal) = session {
            eprintln!("after {done}: {refusal}\n{}", refusal.remedy);
            return ExitCode::from(3);
        }
    }
    let after = look();
    println!("{count} sessions: {before:?}, then {after:?}");
    let grows = after.memory > before.memory + 512
        || after.descriptors != before.descriptors
        || after.children != before.children
        || after.mounts != before.mounts;
    ExitCode::from(u8::from(grows))
}
