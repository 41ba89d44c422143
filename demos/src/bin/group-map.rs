//! Why does a group map want a word with setgroups first?
//!
//! A child writes its two maps. The first is taken at once, the second is
//! not. Watch what has to be given up for it, and whether it comes back.

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid, setgroups};

fn main() -> Result<()> {
    if fs::read_to_string("/proc/self/setgroups")? != "allow\n" {
        eprintln!("cannot run here: setgroups is denied already, above");
        std::process::exit(77);
    }
    let (user, group) = (getuid(), getgid());

    in_child(|| {
        // ANCHOR: groups
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        try_to_write("uid_map", &format!("0 {user} 1"), Ok(()))?;
        try_to_write("gid_map", &format!("0 {group} 1"), Err(Errno::EPERM))?;

        try_to_write("setgroups", "deny", Ok(()))?;
        try_to_write("gid_map", &format!("0 {group} 1"), Ok(()))?;

        try_to_write("setgroups", "allow", Err(Errno::EPERM))?;
        ensure!(setgroups(&[]) == Err(Errno::EPERM));
        say!("child", "calling setgroups:    EPERM");
        // ANCHOR_END: groups
        Ok(())
    })
}

fn try_to_write(
    file: &str,
    text: &str,
    expected: nix::Result<()>,
) -> Result<()> {
    let answer = fs::write(format!("/proc/self/{file}"), text);
    let answer = answer.map_err(|refused| {
        Errno::from_raw(refused.raw_os_error().unwrap_or_default())
    });
    let word = answer.map_or_else(|e| format!("{e:?}"), |()| "done".into());
    // The numbers of a map are whatever the caller's are.
    let what = if file == "setgroups" { text } else { "a map" };
    say!("child", "{:21} {word}", format!("{what} to {file}:"));
    ensure!(answer == expected, "{file}: {answer:?}");
    Ok(())
}
