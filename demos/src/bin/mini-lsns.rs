//! Which namespaces are in use around me, and by how many processes?
//!
//! This is `lsns` in one loop: read every process's links and count. Watch
//! the last line: it counts the processes whose links we may not read.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::PermissionDenied;

use anyhow::{Context, Result, ensure};
use demos::say;
use procfs::process::all_processes;

const KINDS: [&str; 8] =
    ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

fn main() -> Result<()> {
    let mut seen: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let mut processes = 0;
    let mut unreadable = 0;

    // ANCHOR: walk
    for process in all_processes()?.flatten() {
        match links_of(process.pid) {
            Ok(links) => {
                processes += 1;
                for namespace in links {
                    seen.entry(namespace).or_default().push(process.pid);
                }
            }
            Err(refused) if refused.kind() == PermissionDenied => {
                unreadable += 1;
            }
            // It ended while we walked.
            Err(_) => {}
        }
    }
    // ANCHOR_END: walk

    for (namespace, members) in &seen {
        let first = members.iter().min().context("nobody is in it")?;
        let command = fs::read_to_string(format!("/proc/{first}/comm"));
        let command = command.unwrap_or_default();
        let count = members.len();
        say!("lsns", "{namespace:<19} {count:>3}  {}", command.trim_end());
    }
    say!("lsns", "processes: {processes} read, {unreadable} not readable");

    for mine in links_of(std::process::id().try_into()?)? {
        ensure!(seen.contains_key(&mine), "we did not find ourselves");
    }
    for kind in KINDS {
        let of_kind = seen.iter().filter(|(name, _)| name.starts_with(kind));
        let members: usize = of_kind.map(|(_, members)| members.len()).sum();
        ensure!(members == processes, "{kind}: {members} of {processes}");
    }
    Ok(())
}

fn links_of(pid: i32) -> std::io::Result<Vec<String>> {
    let mut links = Vec::new();
    for kind in KINDS {
        let link = fs::read_link(format!("/proc/{pid}/ns/{kind}"))?;
        links.push(link.display().to_string());
    }
    Ok(links)
}
