//! Who may rename which of three hostnames?
//!
//! Three user namespaces, each inside of the one before, and each has made a
//! UTS namespace. Somebody who has every capability in one of the user
//! namespaces sits in one of the UTS namespaces, and tries to set the
//! hostname. Watch the shape of the nine answers.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Pid, getgid, getpid, getuid, sethostname};

/// A user namespace, and a UTS namespace that it owns.
struct Level {
    user: File,
    uts: File,
}

fn main() -> Result<()> {
    go_down()?;
    let mut levels = vec![level_of(getpid())?];

    let (mut here, mut there) = UnixStream::pair()?;
    let diver = start_child(move || {
        for _ in 1..3 {
            go_down()?;
            there.write_all(b"!")?;
            there.read_exact(&mut [0])?;
        }
        Ok(())
    })?;
    for _ in 1..3 {
        here.read_exact(&mut [0])?;
        levels.push(level_of(diver)?);
        here.write_all(b"!")?;
    }

    say!("", "the hostname of level  0      1      2");
    for me in 0..3 {
        let mut answers = Vec::new();
        for owner in 0..3 {
            let answer = try_to_rename(&levels, me, owner)?;
            ensure!(answer == if me <= owner { "done" } else { "EPERM" });
            answers.push(format!("{answer:7}"));
        }
        say!(
            format!("level {me}"),
            "{:22} {}",
            "",
            answers.concat().trim_end()
        );
    }
    Ok(())
}

/// Makes a user namespace, and a UTS namespace that belongs to it.
fn go_down() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
        .unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    Ok(())
}

/// Holds on to both namespaces, also when nobody is left in them.
fn level_of(process: Pid) -> Result<Level> {
    let open = |kind| File::open(format!("/proc/{process}/ns/{kind}"));
    Ok(Level { user: open("user")?, uts: open("uts")? })
}

fn try_to_rename(levels: &[Level], me: usize, owner: usize) -> Result<String> {
    let (mut here, mut there) = UnixStream::pair()?;
    in_child(|| {
        // ANCHOR: try
        // At first we are at level 0, and may join every one of them.
        setns(&levels[owner].uts, CloneFlags::CLONE_NEWUTS)?;
        if me > 0 {
            setns(&levels[me].user, CloneFlags::CLONE_NEWUSER)?;
        }
        let answer = match sethostname("crater") {
            Ok(()) => "done",
            Err(Errno::EPERM) => "EPERM",
            Err(refused) => return Err(refused.into()),
        };
        // ANCHOR_END: try
        Ok(there.write_all(answer.as_bytes())?)
    })?;
    drop(there);
    let mut answer = String::new();
    here.read_to_string(&mut answer)?;
    Ok(answer)
}
