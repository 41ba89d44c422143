//! What is the same inside of eight new namespaces?
//!
//! We ask twenty questions about the machine, and ask them again in a child
//! that is in new namespaces of all kinds. Watch how many answers are new.

use std::fs::read_to_string;

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, in_child, say};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::sethostname;

// ANCHOR: questions
/// The path, the beginning of a line, and whether the answer is another.
const QUESTIONS: [(&str, &str, bool); 20] = [
    ("/proc/sys/kernel/hostname", "", true),
    ("/proc/self/stat", "", true),
    ("/proc/self/mountinfo", "", true),
    ("/proc/self/timens_offsets", "boottime", true),
    ("/proc/stat", "btime", true),
    ("/proc/self/status", "NSpid", true),
    ("/proc/version", "", false),
    ("/proc/cmdline", "", false),
    ("/proc/sys/kernel/random/boot_id", "", false),
    ("/proc/filesystems", "", false),
    ("/proc/devices", "", false),
    ("/proc/partitions", "", false),
    ("/proc/cpuinfo", "processor", false),
    ("/proc/meminfo", "MemTotal", false),
    ("/proc/meminfo", "SwapTotal", false),
    ("/proc/sys/fs/file-max", "", false),
    ("/proc/sys/kernel/threads-max", "", false),
    ("/proc/sys/kernel/core_pattern", "", false),
    ("/proc/sys/vm/overcommit_memory", "", false),
    ("/proc/sys/vm/swappiness", "", false),
];
// ANCHOR_END: questions

fn main() -> Result<()> {
    let outside = QUESTIONS.map(|(path, line, _)| answer(path, line));
    become_root()?;
    let all = CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWCGROUP
        | CloneFlags::from_bits_retain(libc::CLONE_NEWTIME);
    unshare(all).unwrap_or_else(cannot_run);
    std::fs::write("/proc/self/timens_offsets", "boottime 31536000 0")?;

    in_child(|| {
        sethostname("crater")?;
        let none = None::<&str>;
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(none, "/", none, private, none)?;
        mount(none, "/proc", Some("proc"), MsFlags::empty(), none)?;

        let mut same = 0;
        for ((path, line, is_other), before) in QUESTIONS.iter().zip(outside) {
            let other = answer(path, line) != before;
            let word = if other { "another" } else { "the same" };
            say!("inside", "{word:8}  {}", format!("{path} {line}").trim());
            ensure!(other == *is_other && before.is_some());
            same += usize::from(!other);
        }
        say!("inside", "{same} of {} are the same", QUESTIONS.len());
        Ok(())
    })
}

/// The lines that begin so; of a file that has to be read as a whole, all.
fn answer(path: &str, begin: &str) -> Option<Vec<String>> {
    let text = read_to_string(path).ok()?;
    let lines = text.lines().filter(|line| line.starts_with(begin));
    Some(lines.map(str::to_owned).collect())
}
