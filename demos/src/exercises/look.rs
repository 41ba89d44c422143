//! How to look at namespaces from outside: by the links, files and ioctls
//! that the book's chapters explain.

#![allow(unsafe_code, reason = "the questions of ioctl_nsfs(2) are raw calls")]

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::OnceLock;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;

/// Tells a solution which one it is.
pub(crate) const NUMBER: &str = "EXERCISE";

static CURRENT: OnceLock<u32> = OnceLock::new();

/// Sets the exercise that everything started from here belongs to.
pub(crate) fn begin(number: u32) {
    let _ = CURRENT.set(number);
}

/// The numbers of all processes.
pub(crate) fn processes() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut all: Vec<i32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    all.sort_unstable();
    all
}

/// Where a link in `/proc/PID/ns` leads, `uts:[4026531838]`; `None` if the
/// process is gone.
pub(crate) fn link(pid: i32, kind: &str) -> Option<String> {
    let link = fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()?;
    Some(link.to_string_lossy().into_owned())
}

/// The link of the namespace that the world began with.
pub(crate) fn ours(kind: &str) -> Option<String> {
    link(std::process::id().try_into().ok()?, kind)
}

/// Whether a process is in the world's first namespace of each of these
/// kinds.
pub(crate) fn at_home(pid: i32, kinds: &[&str]) -> bool {
    kinds.iter().all(|kind| link(pid, kind) == ours(kind))
}

/// The processes that have a namespace of another number than the world's.
pub(crate) fn elsewhere(kind: &str) -> Vec<i32> {
    let ours = ours(kind);
    let mut all = processes();
    all.retain(|pid| {
        let theirs = link(*pid, kind);
        theirs.is_some() && theirs != ours && !is_zombie(*pid)
    });
    all
}

/// Who has ended, and is not waited for.
pub(crate) fn is_zombie(pid: i32) -> bool {
    state(pid) == Some('Z')
}

fn state(pid: i32) -> Option<char> {
    status(pid, "State")?.chars().next()
}

/// A field of `/proc/PID/status`.
pub(crate) fn status(pid: i32, field: &str) -> Option<String> {
    let status = read(pid, "status")?;
    let line = status.lines().find_map(|line| {
        line.strip_prefix(field)?.strip_prefix(':').map(str::trim)
    });
    line.map(str::to_owned)
}

/// The numbers that a process has, from the world's PID namespace inwards.
pub(crate) fn numbers(pid: i32) -> Vec<i32> {
    let numbers = status(pid, "NSpid").unwrap_or_default();
    numbers.split_whitespace().filter_map(|n| n.parse().ok()).collect()
}

/// Whether a process may do nothing that others may not.
pub(crate) fn is_ordinary(pid: i32) -> bool {
    status(pid, "CapEff").is_some_and(|set| set.chars().all(|c| c == '0'))
}

/// The file of a process below `/proc`, if it is there and can be read.
pub(crate) fn read(pid: i32, file: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).ok()
}

/// The words of each line of a map of ids.
pub(crate) fn map(pid: i32, file: &str) -> Vec<Vec<u32>> {
    let map = read(pid, file).unwrap_or_default();
    let words = |line: &str| {
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    map.lines().map(words).collect()
}

/// The number in a file that the scene or the reader has written.
pub(crate) fn number_in(file: &str) -> Option<i32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The lines of the file `answer`, without blank ones.
pub(crate) fn answer() -> Vec<String> {
    let text = fs::read_to_string("answer").unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The words of the file `answer`, where lines do not matter.
pub(crate) fn answered_words() -> Vec<String> {
    words(&answer().join(" "))
}

/// What is between the blanks of a text.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The program that the reader has written: one in the home, or
/// `demos/src/bin/answer.rs` in the repository.
pub(crate) fn program() -> Option<&'static str> {
    let can_run = |path: &&str| {
        fs::metadata(path).is_ok_and(|file| file.mode() & 0o111 != 0)
    };
    ["/root/answer", "/demos/answer"].into_iter().find(can_run)
}

/// What a command has printed, and its exit status, 124 if it took longer
/// than five seconds.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Lets a shell do something.
pub(crate) fn sh(script: &str) -> Result<Said> {
    let number = CURRENT.get().copied().unwrap_or_default();
    let output = Command::new("timeout")
        .args(["5", "bash", "-c", script])
        .env(NUMBER, number.to_string())
        .stdin(std::process::Stdio::null())
        .output()
        .context("timeout(1) and bash(1)")?;
    let text =
        |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
    Ok(Said {
        status: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    })
}

/// Whether a shell's command succeeds.
pub(crate) fn succeeds(script: &str) -> Result<bool> {
    Ok(sh(script)?.status == 0)
}

/// An open namespace, or a socket, leads to another namespace by a call
/// without argument: `NS_GET_USERNS`, `SIOCGSKNS`.
pub(crate) fn ask(
    whom: &impl AsRawFd,
    what: impl TryInto<libc::Ioctl>,
) -> Result<File> {
    let what = what.try_into().map_err(|_| Errno::EINVAL)?;
    // SAFETY: the callers' questions take no argument, and answer with a
    // descriptor that is ours alone.
    unsafe {
        let answer = Errno::result(libc::ioctl(whom.as_raw_fd(), what))?;
        Ok(File::from_raw_fd(answer))
    }
}

/// What kind of namespace an open file is, as the flag of clone(2).
pub(crate) fn kind_of(file: &File) -> Option<i32> {
    // SAFETY: the question takes no argument, and the answer is a number.
    let answer = unsafe { libc::ioctl(file.as_raw_fd(), libc::NS_GET_NSTYPE) };
    Errno::result(answer).ok()
}

/// The number of the user namespace that owns a process's namespace.
pub(crate) fn owner(pid: i32, kind: &str) -> Result<u64> {
    let namespace = File::open(format!("/proc/{pid}/ns/{kind}"))?;
    Ok(ask(&namespace, libc::NS_GET_USERNS)?.metadata()?.ino())
}

/// The number that stands for a namespace of a process.
pub(crate) fn inode(pid: i32, kind: &str) -> Result<u64> {
    Ok(fs::metadata(format!("/proc/{pid}/ns/{kind}"))?.ino())
}

/// A copy of another process's descriptor (pidfd_getfd(2)).
pub(crate) fn copy_of(pid: i32, descriptor: i32) -> Result<File> {
    // SAFETY: both calls take numbers, and return a descriptor that is ours
    // alone.
    unsafe {
        let process =
            Errno::result(libc::syscall(libc::SYS_pidfd_open, pid, 0))?;
        let process = File::from_raw_fd(process.try_into()?);
        let copy = libc::syscall(
            libc::SYS_pidfd_getfd,
            process.as_raw_fd(),
            descriptor,
            0,
        );
        Ok(File::from_raw_fd(Errno::result(copy)?.try_into()?))
    }
}

/// A process's descriptors, and where each leads.
pub(crate) fn descriptors(pid: i32) -> Vec<(i32, String)> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    let one = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let link = fs::read_link(entry.path()).ok()?;
        let number = entry.file_name().to_str()?.parse().ok()?;
        Some((number, link.to_string_lossy().into_owned()))
    };
    entries.filter_map(one).collect()
}

/// Waits until something is as it is to be. It is an error if that takes half
/// a minute.
pub(crate) fn wait_until(
    what: &str,
    mut is_so: impl FnMut() -> bool,
) -> Result<()> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > Duration::from_secs(30) {
            bail!("waiting for this took too long: {what}");
        }
        yield_now();
    }
    Ok(())
}

/// Waits until everybody else sleeps: whatever was started is where it stays.
pub(crate) fn wait_for_rest() -> Result<()> {
    let me = std::process::id().try_into().unwrap_or(0);
    let is_busy =
        |pid: &i32| *pid != me && matches!(state(*pid), Some('R' | 'D'));
    // Who is looked at first may be woken by who is looked at last.
    let mut calm = 0;
    wait_until("everybody sleeps", || {
        let before = processes();
        let quiet = !before.iter().any(is_busy) && before == processes();
        calm = if quiet { calm + 1 } else { 0 };
        calm == 3
    })
}
