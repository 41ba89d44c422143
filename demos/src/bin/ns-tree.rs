//! Who owns a namespace, and which is its parent?
//!
//! A process in the middle of three user namespaces puts three questions to
//! each of five open namespaces. Watch which questions make no sense for a
//! kind, and where the answers end.

#![allow(unsafe_code, reason = "this demo teaches the ioctls of nsfs")]

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::MetadataExt;

use anyhow::{Result, ensure};
use demos::{become_root, say, start_child, start_resident};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::pause;

fn main() -> Result<()> {
    become_root()?;
    let child = start_resident(settle)?.to_string();

    let known = [
        ("my user", open("self", "user")?),
        ("my pid", open("self", "pid")?),
        ("its user", open(&child, "user")?),
    ];
    let pid = open(&child, "pid_for_children")?;
    let asked = [
        ("its uts", open(&child, "uts")?, ["its user", "EINVAL", "EINVAL"]),
        ("its pid", pid, ["its user", "my pid", "EINVAL"]),
        ("its user", open(&child, "user")?, ["my user", "my user", "0"]),
        ("my user", open("self", "user")?, ["EPERM", "EPERM", "0"]),
        ("my uts", open("self", "uts")?, ["EPERM", "EINVAL", "EINVAL"]),
    ];
    for (name, namespace, expected) in &asked {
        let owner = ask_for_file(namespace, libc::NS_GET_USERNS);
        let parent = ask_for_file(namespace, libc::NS_GET_PARENT);
        let uid = owner_uid(namespace).map(|uid| uid.to_string());
        let owner = name_of(owner, &known)?;
        let parent = name_of(parent, &known)?;
        let uid = uid.unwrap_or_else(|errno| format!("{errno:?}"));
        say!(name, "owner {owner:<8}  parent {parent:<7}  made by {uid}");
        ensure!([owner, parent, uid] == *expected, "{name}");
    }
    Ok(())
}

fn open(process: &str, kind: &str) -> Result<File> {
    Ok(File::open(format!("/proc/{process}/ns/{kind}"))?)
}

/// Moves into three namespaces of our own. The PID namespace is our child's.
fn settle() -> Result<()> {
    let user = CloneFlags::CLONE_NEWUSER;
    unshare(user | CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWPID)?;
    start_child(|| {
        pause();
        Ok(())
    })?;
    Ok(())
}

// ANCHOR: ask
fn ask_for_file(namespace: &File, what: libc::Ioctl) -> nix::Result<File> {
    // SAFETY: the question takes no argument; the answer is a descriptor
    // that is ours alone.
    unsafe {
        let answer = libc::ioctl(namespace.as_raw_fd(), what);
        Ok(File::from_raw_fd(Errno::result(answer)?))
    }
}

fn owner_uid(namespace: &File) -> nix::Result<u32> {
    let mut uid = 0;
    // SAFETY: the kernel writes a uid_t, which is what `uid` is.
    let answer = unsafe {
        let ask = libc::NS_GET_OWNER_UID;
        libc::ioctl(namespace.as_raw_fd(), ask, &raw mut uid)
    };
    Errno::result(answer).map(|_| uid)
}
// ANCHOR_END: ask

fn name_of(
    answer: nix::Result<File>,
    known: &[(&str, File)],
) -> Result<String> {
    let asked = match answer {
        Ok(file) => file.metadata()?,
        Err(errno) => return Ok(format!("{errno:?}")),
    };
    for (name, namespace) in known {
        let other = namespace.metadata()?;
        if (other.dev(), other.ino()) == (asked.dev(), asked.ino()) {
            return Ok((*name).to_owned());
        }
    }
    Ok("unknown".to_owned())
}
