//! Joining, asking the kernel, the order of operations, a container.

mod errors;

use std::fs::{self, File};

use anyhow::Result;
use demos::{become_root, start_resident};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl::set_name;

use crate::examine::{Report, become_user_1000, for_user_1000};
use crate::look::{
    answer, at_home, elsewhere, is_zombie, link, numbers, ours, processes, sh,
};
use crate::table::Check;

/// A rootless container: whoever made it is root there and nowhere else.
pub(crate) fn only_net() -> Result<Check> {
    for_user_1000()?;
    let container = start_resident(|| {
        become_user_1000()?;
        become_root()?;
        Ok(unshare(
            CloneFlags::CLONE_NEWNET
                | CloneFlags::CLONE_NEWNS
                | CloneFlags::CLONE_NEWUTS,
        )?)
    })?
    .as_raw();
    fs::write("container", container.to_string())?;
    let network = link(container, "net");
    Ok(Box::new(move |report| {
        let mut all = processes();
        all.retain(|pid| *pid != container && link(*pid, "net") == network);
        report.expect(
            !all.is_empty(),
            "another process is in the container's network",
        );
        all.retain(|pid| at_home(*pid, &["uts", "mnt", "pid", "ipc"]));
        report.expect(
            !all.is_empty(),
            "and nowhere else in the container, its users aside",
        );
        Ok(())
    }))
}

/// Four processes, each in a user namespace that another one may have made
/// room for. Who started them says nothing about that.
pub(crate) fn tree() -> Result<Check> {
    let mut names = ["ash", "birch", "cedar", "elm"];
    names.rotate_left(std::process::id() as usize / 7 % 4);
    let below = [None, Some(0), Some(0), Some(2)];
    let mut members: Vec<i32> = Vec::new();
    let mut right = Vec::new();
    for (name, parent) in names.into_iter().zip(below) {
        let door = match parent {
            Some(at) => {
                Some(File::open(format!("/proc/{}/ns/user", members[at]))?)
            }
            None => None,
        };
        let member = start_resident(|| {
            set_name(&std::ffi::CString::new(name)?)?;
            if let Some(door) = &door {
                setns(door, CloneFlags::CLONE_NEWUSER)?;
            }
            become_root()
        })?;
        members.push(member.as_raw());
        let parent = parent.map_or("-", |at: usize| names[at]);
        right.push(format!("{name} {parent}"));
    }
    right.sort();
    Ok(Box::new(move |report| {
        let mut given = answer();
        for line in &mut given {
            let words: Vec<&str> = line.split_whitespace().collect();
            *line = words.join(" ");
        }
        given.sort();
        if !report.expect(given.len() == 4, "`answer` has four lines") {
            return Ok(());
        }
        let good = given.iter().filter(|line| right.contains(line)).count();
        report.expect(
            given == right,
            format!("{good} of the 4 are as the kernel has them"),
        );
        Ok(())
    }))
}

/// What is really answered, is found out at the moment of the check.
pub(crate) fn ten_errors(report: &mut Report) -> Result<()> {
    let given = answer();
    if !report.expect(given.len() == 10, "`answer` has ten lines") {
        return Ok(());
    }
    for (number, attempt) in (1..).zip(errors::ATTEMPTS) {
        let right = errors::answer_to(attempt)?;
        let line = format!("{number} {right}");
        let holds = given
            .iter()
            .any(|given| given.split_whitespace().eq(line.split_whitespace()));
        // The answer itself is the reader's to find.
        report.expect(holds, format!("the error of attempt {number}"));
    }
    Ok(())
}

/// A container whose network is empty.
pub(crate) fn cable() -> Result<Check> {
    let container = start_resident(|| {
        Ok(unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS)?)
    })?
    .as_raw();
    fs::write("container", container.to_string())?;
    Ok(Box::new(move |report| {
        let inside = format!("nsenter --target {container} --net");
        let links = "ip -oneline link show type veth";
        let has = sh(&format!("{inside} {links}"))?.out;
        report.expect(!has.is_empty(), "the container has an end of a cable");
        let list = "ip -4 -oneline address show scope global";
        let ours = sh(&format!("{list} | grep -o 'inet [0-9.]*'"))?.out;
        let addresses = ours.lines().filter_map(|l| l.split(' ').nth(1));
        let addresses: Vec<&str> = addresses.collect();
        report.expect(!addresses.is_empty(), "there is an address out here");
        let mut reached = false;
        for address in addresses {
            let knock = format!(
                "{inside} timeout 2 bash -c ': > /dev/tcp/{address}/1'"
            );
            reached |= sh(&knock)?.err.contains("refused");
        }
        report.expect(reached, "the container reaches it");
        Ok(())
    }))
}

/// Looks for a container that began at another time.
pub(crate) fn other_time(report: &mut Report) -> Result<()> {
    let mut all = elsewhere("pid");
    all.retain(|pid| {
        let kinds = ["mnt", "uts"];
        numbers(*pid).last() == Some(&1)
            && !is_zombie(*pid)
            && kinds.iter().all(|kind| link(*pid, kind) != ours(kind))
    });
    report.expect(
        !all.is_empty(),
        "there is a container: a process 1 with mounts and a name of its \
             own",
    );
    let older = |pid: &i32| {
        let asked = format!("nsenter --target {pid} --time cat /proc/uptime");
        let said = sh(&asked).ok()?.out;
        said.split(' ').next()?.parse::<f64>().ok()
    };
    all.retain(|pid| link(*pid, "time") != ours("time"));
    report.expect(!all.is_empty(), "which has clocks of its own");
    report.expect(
        all.iter().filter_map(older).any(|uptime| uptime > 86400.0),
        "that say it has been up for more than a day",
    );
    Ok(())
}
