//! What is a namespace, seen as a file?
//!
//! We open each of our namespaces and ask two questions about the open file:
//! on which filesystem is it, and which flag makes one of its kind? Watch the
//! flags: it is the kernel that answers, not a table in this program.

#![allow(unsafe_code, reason = "this demo teaches a raw ioctl")]

use std::fs::File;
use std::os::fd::AsRawFd;

use anyhow::{Result, ensure};
use demos::say;
use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};

const KINDS: [&str; 8] =
    ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

fn main() -> Result<()> {
    let mut all = CloneFlags::empty();

    for kind in KINDS {
        // ANCHOR: ask
        let namespace = File::open(format!("/proc/self/ns/{kind}"))?;
        let filesystem = fstatfs(&namespace)?.filesystem_type();
        ensure!(filesystem == NSFS_MAGIC, "{kind} is not on nsfs");

        // SAFETY: NS_GET_NSTYPE takes no argument and writes no memory; its
        // answer is the return value.
        let answer = Errno::result(unsafe {
            libc::ioctl(namespace.as_raw_fd(), libc::NS_GET_NSTYPE)
        })?;
        // ANCHOR_END: ask

        say!(kind, "on nsfs, made with {}", name_of(answer));
        all |= CloneFlags::from_bits_retain(answer);
    }

    let bits = all.bits().count_ones();
    ensure!(bits == 8, "two kinds share a flag");
    say!("all", "8 kinds, {bits} different bits");
    Ok(())
}

/// The flag's name. The bits library has no name for the newest, the time
/// namespace's.
fn name_of(flag: libc::c_int) -> String {
    if flag == libc::CLONE_NEWTIME {
        return "CLONE_NEWTIME".to_owned();
    }
    CloneFlags::from_bits_retain(flag)
        .iter_names()
        .map(|(name, _)| name)
        .collect()
}
