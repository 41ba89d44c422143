//! Who in a world is waiting for someone to type.

use std::fs;

use nix::unistd::Pid;

use crate::census;

/// A process that is blocked reading its terminal. The number of times it has
/// gone to sleep tells one wait from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pid: i32,
    switches: u64,
}

impl Reader {
    /// It is a shell.
    pub(crate) fn is_shell(self) -> bool {
        is_shell(self.pid)
    }
}

/// What is known of the processes in a terminal's foreground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// This one reads.
    For(Reader),
    /// None of them reads.
    Nobody,
    /// The kernel does not tell.
    Unknown,
}

/// Looks at the processes of `group` in the world of `guard`.
pub(crate) fn look(guard: Pid, group: Pid) -> Waiting {
    let mut unknown = true;
    for pid in census::below(guard.as_raw()) {
        if process_group(pid) != Some(group.as_raw()) {
            continue;
        }
        let Some(reading) = is_reading(pid) else { continue };
        unknown = false;
        if reading && let Some(switches) = voluntary_switches(pid) {
            return Waiting::For(Reader { pid, switches });
        }
    }
    if unknown { Waiting::Unknown } else { Waiting::Nobody }
}

fn process_group(pid: i32) -> Option<i32> {
    census::fields_of_stat(pid)?.get(2)?.parse().ok()
}

/// `None` where the kernel does not tell.
fn is_reading(pid: i32) -> Option<bool> {
    if let Ok(call) = fs::read_to_string(format!("/proc/{pid}/syscall")) {
        return Some(is_read_call(pid, &call));
    }
    // That file is only for the process's own user, which in a range of
    // subordinate ids is not ours. This one is for everybody who could trace
    // the process, and names the kernel function that it sleeps in: reading a
    // terminal it is the first, and a shell with line editing waits in the
    // second until there is something to read.
    let place = fs::read_to_string(format!("/proc/{pid}/wchan")).ok()?;
    let waits = place == "wait_woken"
        || place.starts_with("poll_schedule_timeout") && is_shell(pid);
    (place != "0").then_some(waits)
}

/// It is a program that people know as a shell.
fn is_shell(pid: i32) -> bool {
    let shells = ["ash", "bash", "busybox", "dash", "ksh", "sh", "zsh"];
    fs::read_to_string(format!("/proc/{pid}/comm"))
        .is_ok_and(|name| shells.contains(&name.trim_end()))
}

/// `/proc/PID/syscall` begins with the number of the call a process is
/// blocked in, and its first argument. Reading, that is a descriptor; a
/// program that waits for one of several things first, like a shell with line
/// editing, waits with select or poll, and its terminal is descriptor 0.
fn is_read_call(pid: i32, call: &str) -> bool {
    let mut fields = call.split_whitespace();
    let number = fields.next().and_then(|n| n.parse::<i64>().ok());
    let first = fields.next().and_then(|n| n.strip_prefix("0x"));
    let first = first.and_then(|n| i32::from_str_radix(n, 16).ok());
    let waits = [
        libc::SYS_pselect6,
        libc::SYS_ppoll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
    ];
    match (number, first) {
        (Some(libc::SYS_read), Some(descriptor)) => {
            is_terminal(pid, descriptor)
        }
        (Some(call), _) => waits.contains(&call) && is_terminal(pid, 0),
        _ => false,
    }
}

/// Slaves of pseudoterminals have the major numbers 136 to 143, `/dev/tty` has
/// 5 (kernel, admin-guide/devices.txt).
fn is_terminal(pid: i32, descriptor: i32) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    fs::metadata(format!("/proc/{pid}/fd/{descriptor}")).is_ok_and(|file| {
        let major = libc::major(file.rdev());
        file.file_type().is_char_device()
            && (major == 5 || (136..=143).contains(&major))
    })
}

fn voluntary_switches(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}
