//! Every exercise: its check refuses the untouched scene and what only looks
//! like a solution, and accepts a solution.

use std::process::{Command, Output};

use anyhow::{Result, ensure};

use crate::run::{captured, console, read, root};
use crate::user::User;

/// Has an exercise said that this caller cannot try it?
const CANNOT_RUN: i32 = 77;

pub(crate) fn check() -> Result<()> {
    let console = console()?;
    let user = User::with_demos(&console, "exercises = \"exercise\"\n")?;
    let by_us = || {
        let mut command = Command::new(&console);
        command.current_dir(root()).arg("exercise");
        command
    };
    let by_user = || {
        let mut command = user.command(user.home().join("mdbook-console"));
        command.arg("exercise");
        command
    };
    let list = read(&mut by_us())?;
    let names: Vec<&str> = list.lines().filter_map(name).collect();
    ensure!(!names.is_empty(), "there are no exercises:\n{list}");
    let mut failures = Vec::new();
    let mut untried = Vec::new();
    let mut left_out = 0;
    for name in &names {
        let ours = captured(by_us().args([name, "--prove"]))?;
        let theirs = captured(by_user().args([name, "--prove"]))?;
        let cannot = |output: &Output| output.status.code() == Some(CANNOT_RUN);
        for (who, output) in [("the caller", &ours), ("a user", &theirs)] {
            if !output.status.success() && !cannot(output) {
                failures.push(format!("{name}, as {who}: {}", said(output)));
            }
        }
        // An ordinary user may have one id, and some exercises need two; for
        // root there may be no cgroup, which one needs.
        left_out += usize::from(cannot(&theirs));
        if cannot(&ours) && cannot(&theirs) {
            untried.push(format!("{name}: {}", said(&ours)));
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    // Without root, there is one user only.
    let may_leave_out = !nix::unistd::geteuid().is_root();
    ensure!(
        untried.is_empty() || may_leave_out,
        "nobody here can try these:\n{}",
        untried.join("\n")
    );
    eprintln!(
        "{} exercises, of which a user with one id can do {}",
        names.len(),
        names.len() - left_out
    );
    Ok(())
}

/// Chapters stand at the edge, and exercises below them.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix("  ")?.split_whitespace().next()
}

fn said(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{}\n{out}{err}", output.status)
}
