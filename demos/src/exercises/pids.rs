//! PID namespaces, three terminals, PID namespaces in depth.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::examine::{Report, for_user_1000};
use crate::look::{
    answered_words, at_home, elsewhere, inode, is_zombie, link, number_in,
    numbers, ours, owner, processes, program, sh, status, wait_until, words,
};
use crate::table::Check;

/// Looks for a process that has five numbers.
pub(crate) fn five_numbers(report: &mut Report) -> Result<()> {
    let all = processes();
    let most = all.iter().map(|pid| numbers(*pid).len()).max();
    let has_five = all.iter().any(|pid| numbers(*pid).len() == 5);
    let most = most.unwrap_or_default();
    report.expect(
        has_five,
        format!("a process has five numbers (most have {most} or less)"),
    );
    report.expect(most == 5, "and none has more");
    Ok(())
}

/// The reader's program is process 1 four times.
pub(crate) fn own_init(report: &mut Report) -> Result<()> {
    let program = program();
    report.expect(program.is_some(), "there is `answer`, and it can be run");
    let Some(program) = program else { return Ok(()) };
    let inside = format!("unshare --pid --fork --mount-proc {program}");
    let run = sh(&format!("{inside} sh -c 'echo $$; exit 7'"))?;
    report.expect(
        run.out == "2",
        "what it starts is a process of its own, number 2",
    );
    report.expect(run.status == 7, "it exits with the command's status");
    // The orphan may be a zombie for a moment. It may not stay one.
    let orphan = "orphan=$(sh -c \"true & echo \\$!\"); \
                      timeout 2 sh -c \"while [ -d /proc/$orphan ]; \
                  do :; done\"";
    let run = sh(&format!("{inside} bash -c '{orphan}'"))?;
    report.expect(run.status == 0, "it waits for orphans");
    report.expect(
        sh(&terminated(&inside))?.status == 9,
        "it passes `SIGTERM` on to the command",
    );
    Ok(())
}

/// Starts a command that ends with 9 when it gets SIGTERM, sends that to
/// process 1, and waits for the end.
fn terminated(inside: &str) -> String {
    format!(
        "mkfifo /run/ready-$$ && {{ \
         {inside} bash -c 'trap \"exit 9\" TERM; sleep 1000 & \
         echo > /run/ready-'$$'; wait' & \
         read < /run/ready-$$; \
         kill -TERM $(cat /proc/$!/task/$!/children); wait $!; }}"
    )
}

/// A container in which three processes sleep, and its process 1.
fn container() -> Result<i32> {
    let story = "sleep 1000 & sleep 1000 & sleep 1000 & wait";
    let container = Command::new("unshare")
        .args(["--pid", "--fork", "--mount-proc", "bash", "-c", story])
        .stdin(Stdio::null())
        .spawn()?;
    let outside = container.id().try_into()?;
    let sleeping = || sleeps_below(outside);
    wait_until("three sleeps", || sleeping().len() == 3)?;
    let init = children(outside)[0];
    fs::write("container", init.to_string())?;
    Ok(init)
}

/// What lsns counts out here, and what it counts where it is itself one of
/// those that it counts.
pub(crate) fn who_looks() -> Result<Check> {
    let init = container()?;
    Ok(Box::new(move |report| {
        let count = "lsns --type pid --noheadings --output NPROCS";
        let said = sh(&format!(
            "{count} --task {init}; \
             nsenter --target {init} --pid --mount {count}"
        ))?;
        let counted = words(&said.out);
        ensure!(counted.len() == 2, "{} {}", said.out, said.err);
        let given = answered_words();
        report.expect(given.len() == 2, "`answer` has two numbers");
        for (at, place) in ["out here", "inside"].into_iter().enumerate() {
            report.expect(
                given.get(at) == counted.get(at),
                format!("lsns counts as many {place}"),
            );
        }
        Ok(())
    }))
}

/// A fourth one is to come.
pub(crate) fn fourth_sleep() -> Result<Check> {
    let init = container()?;
    let home = link(init, "pid");
    Ok(Box::new(move |report| {
        let mut all = elsewhere("pid");
        all.retain(|pid| link(*pid, "pid") == home && name(*pid) == "sleep");
        let count = all.len();
        report.expect(count == 4, format!("{count} of 4 sleeps are inside"));
        let parent = |pid| status(pid, "PPid").and_then(|n| n.parse().ok());
        let new = all.into_iter().find(|pid| {
            parent(*pid).is_some_and(|parent| link(parent, "pid") != home)
        });
        let Some(new) = new else {
            report.expect(false, "one of them has come from outside");
            return Ok(());
        };
        let number = numbers(new).last().copied().unwrap_or_default();
        report.expect(
            true,
            format!(
                "one has come from outside: inside it is process {number}, \
                 and its parent process 0"
            ),
        );
        Ok(())
    }))
}

fn children(pid: i32) -> Vec<i32> {
    let children = format!("/proc/{pid}/task/{pid}/children");
    let children = fs::read_to_string(children).unwrap_or_default();
    children.split_whitespace().filter_map(|n| n.parse().ok()).collect()
}

fn sleeps_below(outside: i32) -> Vec<i32> {
    let inside = children(outside).into_iter().flat_map(children);
    inside.filter(|pid| name(*pid) == "sleep").collect()
}

fn name(pid: i32) -> String {
    status(pid, "Name").unwrap_or_default()
}

/// Looks for the walk-through's container, in namespaces of its own user.
pub(crate) fn without_root() -> Result<Check> {
    for_user_1000()?;
    Ok(Box::new(|report| {
        let mut all = elsewhere("pid");
        report.expect(!all.is_empty(), "there is another PID namespace");
        let mine = inode(std::process::id().try_into()?, "user")?;
        all.retain(|pid| owner(*pid, "pid").is_ok_and(|user| user != mine));
        report.expect(
            !all.is_empty(),
            "which belongs to a user namespace of its own",
        );
        let sleeps = all.iter().filter(|pid| name(**pid) == "sleep").count();
        report.expect(sleeps == 3, format!("{sleeps} of 3 sleeps are in it"));
        let sees = all.iter().any(|pid| {
            sh(&format!(
                "nsenter --target {pid} --user --preserve-credentials \
                 --mount --pid ps -e -o comm="
            ))
            .is_ok_and(|said| {
                said.out.lines().filter(|name| *name == "sleep").count() == 3
                    && !said.out.contains("exercise")
            })
        });
        report.expect(sees, "`ps -e` inside lists them, and nobody else");
        Ok(())
    }))
}

/// Looks for two processes that are number 4242 of their namespaces.
pub(crate) fn number_4242(report: &mut Report) -> Result<()> {
    let mut all = processes();
    all.retain(|pid| numbers(*pid).last() == Some(&4242));
    report.expect(!all.is_empty(), "a process is number 4242 of its namespace");
    let mut homes: Vec<_> =
        all.iter().filter_map(|pid| link(*pid, "pid")).collect();
    homes.sort();
    homes.dedup();
    report.expect(
        homes.len() >= 2,
        "another one is number 4242 of another namespace",
    );
    Ok(())
}

/// The reader's program runs beside a process 1 that would sleep.
pub(crate) fn end_from_inside(report: &mut Report) -> Result<()> {
    let program = program();
    report.expect(program.is_some(), "there is `answer`, and it can be run");
    let Some(program) = program else { return Ok(()) };
    let run = sh(&format!(
        "unshare --pid --fork --mount-proc \
             sh -c '{program} & sleep 3; exit 1'; echo status $?"
    ))?;
    // 128 and the number of SIGHUP or SIGINT: reboot(2).
    let by_reboot = ["status 129", "status 130"];
    report.expect(
        by_reboot.iter().any(|status| run.out.ends_with(status)),
        "process 1 of its namespace ends as it does by reboot(2)",
    );
    Ok(())
}

/// The reader's shell itself is the scene.
pub(crate) fn undo(report: &mut Report) -> Result<()> {
    let shell = number_in("shell").filter(|pid| !is_zombie(*pid));
    let shell = shell.filter(|pid| link(*pid, "pid").is_some());
    report.expect(shell.is_some(), "the shell you began with is there");
    let Some(shell) = shell else { return Ok(()) };
    report.expect(
        link(shell, "pid_for_children") == ours("pid"),
        "its children are born where it lives itself",
    );
    report.expect(at_home(shell, &["pid"]), "in the first PID namespace");
    Ok(())
}
