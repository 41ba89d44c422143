//! Can two processes on one machine disagree about its name?
//!
//! A child takes a UTS namespace of its own and picks a new hostname and a
//! new NIS domain name. Watch the last line: it is the parent speaking again.

#![allow(unsafe_code, reason = "nix has no setdomainname")]

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::utsname::uname;
use nix::unistd::{gethostname, sethostname};

fn main() -> Result<()> {
    let before = (hostname()?, domainname()?);
    let file = fs::read("/etc/hostname").ok();
    say!("parent", "I remember our two names");

    in_child(|| {
        // ANCHOR: rename
        // Without a user namespace of our own we may not create any other.
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWUTS)
            .unwrap_or_else(cannot_run);
        ensure!((hostname()?, domainname()?) == before);
        say!("child", "my new namespace begins with a copy of both");

        sethostname("crater")?;
        set_domainname("lunar")?;
        // ANCHOR_END: rename

        let read = fs::read_to_string("/proc/sys/kernel/hostname")?;
        say!("child", "uname        says {}", uname()?.nodename().display());
        say!("child", "gethostname  says {}", gethostname()?.display());
        say!("child", "/proc/sys    says {}", read.trim_end());
        say!("child", "my domain name is {}", domainname()?);
        ensure!(hostname()? == "crater" && read == "crater\n");
        ensure!(gethostname()? == "crater" && domainname()? == "lunar");

        ensure!(fs::read("/etc/hostname").ok() == file);
        say!("child", "/etc/hostname is what it was");
        Ok(())
    })?;

    ensure!((hostname()?, domainname()?) == before);
    say!("parent", "both names are what they were");
    Ok(())
}

fn hostname() -> Result<String> {
    Ok(uname()?.nodename().display().to_string())
}

fn domainname() -> Result<String> {
    Ok(uname()?.domainname().display().to_string())
}

fn set_domainname(name: &str) -> Result<()> {
    // SAFETY: pointer and length describe one string that outlives the call.
    let status =
        unsafe { libc::setdomainname(name.as_ptr().cast(), name.len()) };
    Errno::result(status)?;
    Ok(())
}
