//! What keeps a namespace alive that nobody is in?
//!
//! In each row a process makes a namespace, puts one thing in place, and
//! leaves. Watch in which rows the namespace can still be found by its file
//! handle. When the thing is taken away, it never can.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::UdpSocket;
use std::os::unix::net::UnixStream;
use std::thread::yield_now;

use anyhow::{Result, ensure};
use demos::handle::Handle;
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount, umount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{getgid, getuid, pause};

const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const UTS: CloneFlags = CloneFlags::CLONE_NEWUTS;
const NET: CloneFlags = CloneFlags::CLONE_NEWNET;
const IPC: CloneFlags = CloneFlags::CLONE_NEWIPC;
const PID: CloneFlags = CloneFlags::CLONE_NEWPID;
const NONE: Option<&str> = None;

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    // Whoever wants to come back must own what it comes back to.
    unshare(USER | UTS | NET | IPC | PID | CloneFlags::CLONE_NEWNS)
        .unwrap_or_else(cannot_run);
    // Whoever has no id in a user namespace can own no file.
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    in_child(|| {
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(NONE, "/", NONE, private, NONE)?;
        mount_over("/proc", "proc")?.stays();
        mount_over("/tmp", "tmpfs")?.stays();
        fs::write("/tmp/file", "")?;
        fs::create_dir("/tmp/folder")?;
        rows()
    })
}

// ANCHOR: rows
fn rows() -> Result<()> {
    let open = || Ok(File::open("/proc/self/ns/uts")?);
    let bind = || bind("/proc/self/ns/uts", "/tmp/file");
    let socket = || Ok(UdpSocket::bind("0.0.0.0:0")?);
    let queues = || mount_over("/tmp/folder", "mqueue");

    ensure!(!lives("uts", UTS, "nothing", || Ok(()))?);
    ensure!(lives("uts", UTS, "an open file", open)?);
    ensure!(lives("uts", UTS, "a bind mount", bind)?);
    ensure!(lives("net", NET, "a socket", socket)?);
    ensure!(lives("pid_for_children", PID, "a mount of proc", proc_of_dead)?);
    ensure!(!lives("ipc", IPC, "a mount of mqueue", queues)?);
    owner_lives()
}

fn lives<T>(
    link: &str,
    kind: CloneFlags,
    what: &str,
    put: impl FnOnce() -> Result<T>,
) -> Result<bool> {
    let name = link.trim_end_matches("_for_children");
    let home = File::open(format!("/proc/self/ns/{name}"))?;
    unshare(kind)?;
    let thing = put()?;
    let mut handle = Handle::of(&File::open(format!("/proc/self/ns/{link}"))?)?;
    setns(home, kind)?;

    let alive = handle.open().is_ok();
    drop(thing);
    wait_for_end_of(handle)?;
    say!(name, "{what}: {}", if alive { "alive" } else { "gone" });
    Ok(alive)
}
// ANCHOR_END: rows

/// Mounts the process numbers of a new PID namespace, by its process 1, which
/// then ends.
fn proc_of_dead() -> Result<Mounted> {
    in_child(|| {
        mount_over("/tmp/folder", "proc")?.stays();
        Ok(())
    })?;
    Ok(Mounted("/tmp/folder"))
}

fn owner_lives() -> Result<()> {
    let (mut here, mut there) = UnixStream::pair()?;
    let child = start_child(move || {
        unshare(USER | UTS)?;
        there.write_all(b"!")?;
        pause();
        Ok(())
    })?;
    here.read_exact(&mut [0])?;
    let owned = File::open(format!("/proc/{child}/ns/uts"))?;
    let owner = File::open(format!("/proc/{child}/ns/user"))?;
    let mut handle = Handle::of(&owner)?;
    drop(owner);
    kill(child, Signal::SIGKILL)?;
    waitpid(child, None)?;

    ensure!(handle.open().is_ok());
    drop(owned);
    wait_for_end_of(handle)?;
    say!("user", "a namespace that it owns, kept by an open file: alive");
    Ok(())
}

/// The kernel takes some namespaces apart a moment later.
fn wait_for_end_of(mut handle: Handle) -> Result<()> {
    loop {
        match handle.open() {
            Ok(_) => yield_now(),
            Err(refused) => return Ok(ensure!(refused == Errno::ESTALE)),
        }
    }
}

/// A mount that ends with this value.
struct Mounted(&'static str);

fn bind(from: &str, to: &'static str) -> Result<Mounted> {
    mount(Some(from), to, NONE, MsFlags::MS_BIND, NONE)?;
    Ok(Mounted(to))
}

fn mount_over(place: &'static str, filesystem: &str) -> Result<Mounted> {
    let kind = Some(filesystem);
    mount(kind, place, kind, MsFlags::empty(), NONE)?;
    Ok(Mounted(place))
}

impl Mounted {
    fn stays(self) {
        std::mem::forget(self);
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = umount(self.0);
    }
}
