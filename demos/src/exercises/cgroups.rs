//! Cgroup namespaces.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use demos::cannot_run_here;
use demos::cgroup::{mine, path_in, path_of};

use crate::examine::Report;
use crate::look::{elsewhere, sh};
use crate::table::Check;

/// An empty cgroup of the world's own, in which the reader may make more.
pub(crate) fn in_and_out() -> Result<Check> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let mut mounts = mounts.lines().filter(|line| line.contains(" - cgroup2 "));
    if mounts.any(|line| line.contains("nsdelegate")) {
        cannot_run_here(
            "the machine's cgroup2 is mounted with `nsdelegate`, which keeps \
             everybody in",
        );
    }
    let folder = mine()?;
    let trial = folder.join("trial");
    if let Err(refused) = fs::create_dir(&trial) {
        cannot_run_here(&format!(
            "this world has no cgroup that it may write to: {refused} (try \
             `systemd-run --user --scope`)"
        ));
    }
    fs::remove_dir(trial)?;
    Ok(Box::new(move |report| check(report, &folder)))
}

/// Looks for one that is out, and has somebody beside the others try to
/// follow.
fn check(report: &mut Report, folder: &Path) -> Result<()> {
    let all = elsewhere("cgroup");
    report.expect(
        all.iter().any(|pid| own_path(*pid).as_deref() == Some("/..")),
        "a process is out: its cgroup is `/..`, as it sees it",
    );
    let inside = all.iter().filter(|pid| {
        own_path(**pid).as_deref() == Some("/") && at(**pid).is_some()
    });
    let inside: Vec<i32> = inside.copied().collect();
    report.expect(
        !inside.is_empty(),
        "another one is where its cgroup namespace begins",
    );
    let mut locked_in = false;
    for pid in inside {
        let cgroup = at(pid).context("a cgroup")?;
        locked_in |= !gets_out(pid, &folder.join(cgroup))?;
    }
    report.expect(locked_in, "and whoever is put beside it finds no way out");
    Ok(())
}

/// The cgroup of a process, as a member of its cgroup namespace sees it.
fn own_path(pid: i32) -> Option<String> {
    let said =
        sh(&format!("nsenter --target {pid} --cgroup cat /proc/{pid}/cgroup"));
    path_in(&said.ok()?.out).map(str::to_owned)
}

/// The cgroup of a process below the world's, if it is below.
fn at(pid: i32) -> Option<String> {
    let path = path_of(pid).ok()?;
    let below = path.strip_prefix('/')?;
    (!below.is_empty() && !below.starts_with("..")).then(|| below.to_owned())
}

/// All that the chapter knows: another mount, one that is covered, a new one.
const ATTEMPTS: &str = "\
    paths() { while read _ _ _ _ at rest; do \
    [[ $rest == *cgroup2* ]] && echo $at; done < /proc/self/mountinfo; }; \
    try() { for at in $(paths); do echo 0 > $at/cgroup.procs; done; }; \
    try; \
    mount -t cgroup2 none /mnt && try; \
    for at in $(paths); do while umount $at; do try; done; done; \
    cat /proc/self/cgroup";

/// Puts a shell into a process's cgroup and namespaces, with its rights, and
/// has it try.
fn gets_out(pid: i32, cgroup: &Path) -> Result<bool> {
    let members = cgroup.join("cgroup.procs");
    let said = sh(&format!(
        "echo 0 > {} && exec nsenter --target {pid} --user \
         --preserve-credentials --mount --cgroup \
         unshare --mount bash -c '{{ {ATTEMPTS}; }} 2> /dev/null'",
        members.display()
    ))?;
    Ok(path_in(&said.out) != Some("/"))
}
