//! Does a user namespace keep a user's processes apart?
//!
//! A child reaches for its parent, which stays the same user all the time:
//! once before it has a user namespace of its own, and once after. Watch
//! what still works.

use std::fs;
use std::io::{self, ErrorKind};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

fn main() -> Result<()> {
    let parent = getpid();
    in_child(|| {
        reach_for(parent, "before", Ok(()))?;
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        reach_for(parent, "after", Err(ErrorKind::PermissionDenied))?;

        ensure!(ptrace::attach(parent) == Err(Errno::EPERM));
        say!("after", "trace it:            EPERM");
        Ok(())
    })
}

fn reach_for(
    parent: Pid,
    when: &str,
    look: Result<(), ErrorKind>,
) -> Result<()> {
    // ANCHOR: reach
    kill(parent, Signal::SIGCONT)?;
    say!(when, "send it a signal:    done");
    let link = fs::read_link(format!("/proc/{parent}/ns/uts"));
    say!(when, "read its links:      {}", word(&link));
    let environment = fs::read(format!("/proc/{parent}/environ"));
    say!(when, "read its environ:    {}", word(&environment));
    // ANCHOR_END: reach
    ensure!(link.map(drop).map_err(|refused| refused.kind()) == look);
    ensure!(environment.map(drop).map_err(|refused| refused.kind()) == look);
    Ok(())
}

fn word<T>(answer: &io::Result<T>) -> String {
    match answer {
        Ok(_) => "done".to_owned(),
        Err(refused) => {
            let raw = refused.raw_os_error().unwrap_or_default();
            format!("{:?}", Errno::from_raw(raw))
        }
    }
}
