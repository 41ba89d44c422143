//! What namespaces do not isolate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::examine::Report;
use crate::look::{answer, sh, words};

/// Looks at three files from here, and from namespaces that are all new.
pub(crate) fn facts(report: &mut Report) -> Result<()> {
    let named =
        answer().into_iter().filter_map(|path| fs::canonicalize(path).ok());
    let named: BTreeSet<PathBuf> = named.filter(|p| p.is_file()).collect();
    report.expect(
        named.len() >= 3,
        format!("`answer` names three files ({} so far)", named.len()),
    );
    for path in &named {
        let name = path.display();
        let is_kernels = path.starts_with("/proc") || path.starts_with("/sys");
        report.expect(is_kernels, format!("{name} comes from the kernel"));
        report.expect(
            !is_one_process(path),
            format!("{name} is not about a process"),
        );
        report.expect(
            !is_release(path),
            format!("{name} is not what `uname` says"),
        );
        if let Some(kind) = covered_by(path) {
            report.expect(
                false,
                format!("{name} is what a {kind} namespace covers"),
            );
            continue;
        }
        report.expect(
            is_same_inside(path)?,
            format!("{name} says the same in new namespaces"),
        );
    }
    Ok(())
}

/// `/proc/1/status`, and where `/proc/self` and `/proc/net` lead.
fn is_one_process(path: &Path) -> bool {
    let below = path.strip_prefix("/proc").ok();
    let first = below.and_then(|path| path.iter().next()?.to_str());
    first.is_some_and(|name| name.chars().all(|c| c.is_ascii_digit()))
}

fn is_release(path: &Path) -> bool {
    ["/proc/version", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version"]
        .iter()
        .any(|known| path == Path::new(known))
}

/// The files that say something else in other namespaces, if not at once.
fn covered_by(path: &Path) -> Option<&'static str> {
    const COVERED: [(&str, &str); 15] = [
        ("/proc/loadavg", "PID"),
        ("/proc/stat", "time"),
        ("/proc/sys/fs/mqueue", "IPC"),
        ("/proc/sys/kernel/domainname", "UTS"),
        ("/proc/sys/kernel/hostname", "UTS"),
        ("/proc/sys/kernel/msg", "IPC"),
        ("/proc/sys/kernel/ns_last_pid", "PID"),
        ("/proc/sys/kernel/pid_max", "PID"),
        ("/proc/sys/kernel/sem", "IPC"),
        ("/proc/sys/kernel/shm", "IPC"),
        ("/proc/sys/net", "network"),
        ("/proc/sys/user", "user"),
        ("/proc/sysvipc", "IPC"),
        ("/proc/uptime", "time"),
        ("/sys/devices/virtual/net", "network"),
    ];
    let path = path.to_str().unwrap_or_default();
    let covers = |(known, _): &&(&str, &str)| path.starts_with(known);
    COVERED.iter().find(covers).map(|(_, kind)| *kind)
}

/// Compares by words, without the numbers: those may be others a moment later.
fn is_same_inside(path: &Path) -> Result<bool> {
    let path = path.display();
    let here = sh(&format!("cat {path}"))?;
    let inside = sh(&format!(
        "unshare --user --map-root-user --mount --uts --ipc --net --pid \
         --cgroup --time --boottime 864000 --fork --mount-proc cat {path}"
    ))?;
    let is_word = |word: &String| !word.chars().all(|c| c.is_ascii_digit());
    let said = |text: &str| -> Vec<String> {
        words(text).into_iter().filter(is_word).collect()
    };
    Ok(here.status == 0
        && !here.out.is_empty()
        && said(&inside.out) == said(&here.out))
}
