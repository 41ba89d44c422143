//! Ten attempts in a wrong order.

use std::fs::{self, File};
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::net::UnixStream;

use anyhow::Result;
use demos::{become_root, in_child, start_resident};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{chdir, chroot, pivot_root};

const NONE: Option<&str> = None;
const USER: CloneFlags = CloneFlags::CLONE_NEWUSER;
const MOUNT: CloneFlags = CloneFlags::CLONE_NEWNS;
const PID: CloneFlags = CloneFlags::CLONE_NEWPID;

/// In the order of the task.
pub(crate) const ATTEMPTS: [fn() -> nix::Result<()>; 10] = [
    map_of_two,
    map_twice,
    user_after_chroot,
    user_beside_a_thread,
    join_the_own_user,
    link_before_child,
    child_after_init,
    join_mount_before_user,
    pivot_while_shared,
    thread_into_time,
];

/// The error's name, or `none`.
pub(crate) fn answer_to(attempt: fn() -> nix::Result<()>) -> Result<String> {
    let (mut here, mut there) = UnixStream::pair()?;
    in_child(move || {
        let name = match attempt() {
            Ok(()) => "none".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        Ok(there.write_all(name.as_bytes())?)
    })?;
    let mut name = String::new();
    here.read_to_string(&mut name)?;
    Ok(name)
}

fn map_of_two() -> nix::Result<()> {
    ordinary()?;
    unshare(USER)?;
    write("/proc/self/uid_map", "0 0 2")
}

fn map_twice() -> nix::Result<()> {
    unshare(USER)?;
    write("/proc/self/uid_map", "0 0 1")?;
    write("/proc/self/uid_map", "0 0 1")
}

fn user_after_chroot() -> nix::Result<()> {
    chroot("/mnt")?;
    unshare(USER)
}

fn user_beside_a_thread() -> nix::Result<()> {
    beside_a_thread(|| unshare(USER))
}

fn join_the_own_user() -> nix::Result<()> {
    setns(open("/proc/self/ns/user")?, USER)
}

fn link_before_child() -> nix::Result<()> {
    unshare(PID)?;
    open("/proc/self/ns/pid_for_children").map(drop)
}

fn child_after_init() -> nix::Result<()> {
    unshare(PID)?;
    in_child(|| Ok(())).map_err(|_| Errno::UnknownErrno)?;
    demos::start_child(|| Ok(())).map(drop)
}

fn join_mount_before_user() -> nix::Result<()> {
    let target = start_resident(|| {
        become_root()?;
        Ok(unshare(MOUNT)?)
    })
    .map_err(|_| Errno::UnknownErrno)?;
    let door = open(&format!("/proc/{target}/ns/mnt"))?;
    ordinary()?;
    setns(door, MOUNT)
}

fn pivot_while_shared() -> nix::Result<()> {
    unshare(MOUNT)?;
    let all = MsFlags::MS_REC | MsFlags::MS_SHARED;
    mount(NONE, "/", NONE, all, NONE)?;
    mount(Some("none"), "/mnt", Some("tmpfs"), MsFlags::empty(), NONE)?;
    chdir("/mnt")?;
    pivot_root(".", ".")
}

fn thread_into_time() -> nix::Result<()> {
    let time = CloneFlags::from_bits_retain(libc::CLONE_NEWTIME);
    unshare(time)?;
    let door = open("/proc/self/ns/time_for_children")?;
    beside_a_thread(|| setns(&door, time))
}

/// While there is a second thread.
fn beside_a_thread(
    attempt: impl FnOnce() -> nix::Result<()>,
) -> nix::Result<()> {
    let (mut wait, end) =
        UnixStream::pair().map_err(|_| Errno::UnknownErrno)?;
    std::thread::scope(|scope| {
        scope.spawn(move || wait.read(&mut [0]));
        let result = attempt();
        drop(end);
        result
    })
}

fn ordinary() -> nix::Result<()> {
    demos::give_up_capabilities()
}

fn open(path: &str) -> nix::Result<File> {
    File::open(path).map_err(|refused| errno(&refused))
}

fn write(path: &str, text: &str) -> nix::Result<()> {
    fs::write(path, text).map_err(|refused| errno(&refused))
}

fn errno(refused: &std::io::Error) -> Errno {
    Errno::from_raw(refused.raw_os_error().unwrap_or_default())
}
