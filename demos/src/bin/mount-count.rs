//! How many mounts are there in somebody's mount namespace?
//!
//! The open namespace itself is asked, not a process in it. Watch how the
//! answers for two namespaces differ.

#![allow(unsafe_code, reason = "this demo teaches an ioctl of nsfs")]

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::process::exit;

use anyhow::{Result, ensure};
use demos::{cannot_run, say, start_resident};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

const NS: CloneFlags = CloneFlags::CLONE_NEWNS;

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | NS).unwrap_or_else(cannot_run);
    let child = start_resident(|| {
        unshare(NS)?;
        let tmpfs = Some("tmpfs");
        mount(tmpfs, "/tmp", tmpfs, MsFlags::empty(), None::<&str>)?;
        Ok(())
    })?;

    // ANCHOR: count
    let mine = ask(&File::open("/proc/self/ns/mnt")?)?;
    let lines = fs::read_to_string("/proc/self/mountinfo")?.lines().count();
    ensure!(usize::try_from(mine.nr_mounts)? == lines);
    say!("mine", "as many mounts as my mountinfo has lines");

    let childs = ask(&File::open(format!("/proc/{child}/ns/mnt"))?)?;
    ensure!(childs.nr_mounts == mine.nr_mounts + 1);
    say!("child's", "one mount more");
    ensure!(childs.mnt_ns_id != mine.mnt_ns_id);
    say!("child's", "another 64-bit id");
    // ANCHOR_END: count
    Ok(())
}

fn ask(namespace: &File) -> Result<libc::mnt_ns_info> {
    let size = size_of::<libc::mnt_ns_info>().try_into()?;
    let mut info = libc::mnt_ns_info { size, nr_mounts: 0, mnt_ns_id: 0 };
    // SAFETY: the kernel writes as much as the structure says it has room
    // for.
    let answer = unsafe {
        let ask = libc::NS_MNT_GET_INFO;
        libc::ioctl(namespace.as_raw_fd(), ask, &raw mut info)
    };
    if Errno::result(answer) == Err(Errno::ENOTTY) {
        eprintln!("cannot run here: this needs Linux 6.12");
        exit(77)
    }
    Errno::result(answer)?;
    Ok(info)
}
