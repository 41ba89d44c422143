//! Which programs on this machine run in namespaces of their own?
//!
//! Processes that agree in all eight namespaces are a group, and a group has
//! a fingerprint: the kinds in which it is elsewhere than we are. Watch what
//! each tool leaves out.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use demos::say;
use procfs::process::all_processes;

const KINDS: [&str; 8] =
    ["user", "mnt", "pid", "net", "uts", "ipc", "cgroup", "time"];

fn main() -> Result<()> {
    let mine = tuple_of("self")?;
    // ANCHOR: groups
    let mut groups: BTreeMap<_, Vec<i32>> = BTreeMap::new();
    let mut hidden = 0;
    for process in all_processes()?.flatten() {
        match tuple_of(&process.pid.to_string()) {
            Ok(tuple) => groups.entry(tuple).or_default().push(process.pid),
            Err(_) => hidden += 1,
        }
    }
    // ANCHOR_END: groups
    ensure!(groups.contains_key(&mine), "we did not find ourselves");

    let mut lines = Vec::new();
    for (tuple, members) in groups {
        let other = |place: &usize| tuple[*place] != mine[*place];
        let places: Vec<usize> = (0..KINDS.len()).filter(other).collect();
        let kinds: Vec<_> = places.iter().map(|&place| KINDS[place]).collect();
        let newest = command_of(*members.iter().max().context("nobody")?);
        lines.push((places, kinds.join(" "), members.len(), newest));
    }
    lines.sort_by_key(|(places, ..)| (places.len(), places.clone()));
    for (places, kinds, count, newest) in lines {
        let kinds = if places.is_empty() { "as we are" } else { &kinds };
        say!(places.len(), "{kinds:36}  {count}, newest: {newest}");
    }
    say!("hidden", "processes whose links we may not read: {hidden}");
    Ok(())
}

/// The first words of a process's command line, or the name of a thread of
/// the kernel, which has none.
fn command_of(process: i32) -> String {
    let of = |file| fs::read_to_string(format!("/proc/{process}/{file}"));
    let mut line = of("cmdline").unwrap_or_default().replace('\0', " ");
    if line.is_empty() {
        line = of("comm").unwrap_or_default();
    }
    line.trim_end().chars().take(16).collect()
}

fn tuple_of(process: &str) -> io::Result<Vec<PathBuf>> {
    let link = |kind| fs::read_link(format!("/proc/{process}/ns/{kind}"));
    KINDS.into_iter().map(link).collect()
}
