//! What does an ordinary user become in a user namespace of its own?
//!
//! A child makes a user namespace and looks at itself: before, after, and
//! once it has been given an id. Each time it also starts a program, and the
//! program looks at itself, too. Watch the one moment at which they differ.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{geteuid, getgid};

fn main() -> Result<()> {
    in_child(|| {
        let (user, group) = (geteuid(), getgid());

        // ANCHOR: box
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        say!("unmapped", "I am user {}", geteuid());
        say!("unmapped", "I have {}", capabilities(&my_status()?)?);
        say!("exec", "I have {}", capabilities(&status_of_a_program()?)?);
        // ANCHOR_END: box
        ensure!(geteuid().as_raw() == 65534);
        ensure!(capabilities(&my_status()?)? == ALL);
        ensure!(capabilities(&status_of_a_program()?)? == NONE);

        // ANCHOR: map
        fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
        say!("mapped", "I am user {}", geteuid());
        say!("mapped", "I have {}", capabilities(&my_status()?)?);
        say!("exec", "I have {}", capabilities(&status_of_a_program()?)?);
        // ANCHOR_END: map
        ensure!(geteuid().is_root());
        ensure!(capabilities(&my_status()?)? == ALL);
        ensure!(capabilities(&status_of_a_program()?)? == ALL);
        Ok(())
    })?;

    say!("parent", "I have what I had");
    Ok(())
}

const ALL: &str = "every capability";
const NONE: &str = "no capability";

fn my_status() -> Result<String> {
    Ok(fs::read_to_string("/proc/self/status")?)
}

/// The same file, read by a program that was started by execve.
fn status_of_a_program() -> Result<String> {
    let output = Command::new("cat").arg("/proc/self/status").output()?;
    Ok(String::from_utf8(output.stdout)?)
}

fn capabilities(status: &str) -> Result<&'static str> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let held = u64::from_str_radix(line.context("no CapEff")?.trim(), 16)?;
    let last = fs::read_to_string("/proc/sys/kernel/cap_last_cap")?;
    let all = (2 << last.trim().parse::<u32>()?) - 1;
    ensure!(held == 0 || held == all, "some capabilities: {held:x}");
    Ok(if held == 0 { NONE } else { ALL })
}
