//! One process, eight namespaces; three system calls.

use std::fs;

use anyhow::Result;
use demos::{become_root, start_resident};
use nix::sys::prctl::set_name;

use crate::examine::Report;
use crate::look::{
    answer, answered_words, link, ours, processes, program, sh, succeeds,
};
use crate::table::Check;

/// Three masters have an apprentice each, and one of these is elsewhere.
pub(crate) fn who_moved() -> Result<Check> {
    let masters = [c"baker", c"mason", c"potter"];
    let chosen = std::process::id() as usize / 7 % masters.len();
    for (at, master) in masters.into_iter().enumerate() {
        start_resident(|| {
            set_name(master)?;
            start_resident(|| {
                set_name(c"apprentice")?;
                if at == chosen { become_root() } else { Ok(()) }
            })?;
            Ok(())
        })?;
    }
    let right = masters[chosen].to_str()?;
    Ok(Box::new(move |report| {
        let given = answer();
        if report.expect(!given.is_empty(), "`answer` names a master") {
            report.expect(
                given == [right],
                "the apprentice of that one is in another user namespace",
            );
        }
        Ok(())
    }))
}

/// Which links differ, is found out at the moment of the check.
pub(crate) fn which_links(report: &mut Report) -> Result<()> {
    let given = answered_words();
    if !report.expect(!given.is_empty(), "`answer` names some entries") {
        return Ok(());
    }
    let list = "cd /proc/self/ns && for entry in *; do \
                    echo $entry $(readlink $entry); done";
    let inside = sh(&format!("unshare --user --net bash -c '{list}'"))?;
    let (mut both, mut missing) = (Vec::new(), 0);
    for line in inside.out.lines() {
        let Some((entry, now)) = line.split_once(' ') else { continue };
        // `readlink` and the shell are processes of one namespace.
        let differs = ours(entry).as_deref() != Some(now);
        match (differs, given.iter().any(|g| g == entry)) {
            (true, true) => both.push(entry),
            (true, false) => missing += 1,
            _ => {}
        }
    }
    report.expect(both.len() == given.len(), "all that it names differ");
    report.expect(missing == 0, "all that differ are named");
    Ok(())
}

/// The reader's program is run in place of `unshare --uts`.
pub(crate) fn own_unshare(report: &mut Report) -> Result<()> {
    let program = program();
    report.expect(program.is_some(), "there is `answer`, and it can be run");
    let Some(program) = program else { return Ok(()) };
    let name = "cat /proc/sys/kernel/hostname";
    let before = sh(name)?.out;
    let run = sh(&format!(
        "{program} sh -c 'hostname crater; readlink /proc/self/ns/uts; \
             {name}; exit 7'"
    ))?;
    let mut lines = run.out.lines();
    let link = lines.next().map(str::to_owned);
    report.expect(
        link.is_some() && link != ours("uts"),
        "what it starts is in another UTS namespace",
    );
    report.expect(
        lines.next() == Some("crater"),
        "which can be given another name",
    );
    report.expect(sh(name)?.out == before, "the name out here is what it was");
    report.expect(run.status == 7, "its exit status is the command's");
    Ok(())
}

/// Looks for a process of which two threads are in two UTS namespaces.
pub(crate) fn two_threads(report: &mut Report) -> Result<()> {
    let pairs = processes().into_iter().filter_map(two_of_one_process);
    let pairs: Vec<(i32, i32)> = pairs.collect();
    report.expect(
        !pairs.is_empty(),
        "two threads of one process are in two UTS namespaces",
    );
    for (leader, thread) in pairs {
        let names = format!(
            "name() {{ nsenter --uts=/proc/$1/ns/uts hostname; }}; \
                 [ $(name {leader}) != $(name {leader}/task/{thread}) ]"
        );
        report.expect(succeeds(&names)?, "and have two hostnames");
    }
    Ok(())
}

fn two_of_one_process(pid: i32) -> Option<(i32, i32)> {
    let leader = link(pid, "uts")?;
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut threads =
        tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok());
    let other = threads.find(|thread: &i32| {
        let link = fs::read_link(format!("/proc/{pid}/task/{thread}/ns/uts"));
        link.is_ok_and(|link| link.to_string_lossy() != leader)
    });
    Some((pid, other?))
}
