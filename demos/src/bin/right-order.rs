//! In which order do the steps of a container work?
//!
//! The steps that failed in `wrong-order`, and the ones around them. A parent
//! prepares what has to be there before the first child, and the child does
//! what only somebody inside can. Watch who does what.

use std::fs::{self, create_dir};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, getgid, getpid, getuid, pivot_root, sethostname};

fn main() -> Result<()> {
    let (user, group) = (getuid(), getgid());

    // ANCHOR: parent
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    say!("parent", "user namespace, then its maps, groups denied first");

    let seven = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWCGROUP
        | CloneFlags::from_bits_retain(libc::CLONE_NEWTIME);
    unshare(seven).unwrap_or_else(cannot_run);
    say!("parent", "the seven others, which it owns");

    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NONE, "/", NONE, private, NONE)?;
    say!("parent", "all mounts private, before there are new ones");

    fs::write("/proc/self/timens_offsets", "boottime 31536000 0")?;
    say!("parent", "a year of uptime, before the first child");
    // ANCHOR_END: parent

    in_child(be_init)
}

const NONE: Option<&str> = None;

// ANCHOR: child
fn be_init() -> Result<()> {
    ensure!(getpid().as_raw() == 1);
    sethostname("crater")?;
    say!("child", "hostname, while I have capabilities");

    mount_new("tmpfs", "/tmp")?;
    for folder in ["proc", "sys", "usr"] {
        create_dir(format!("/tmp/{folder}"))?;
    }
    let tree = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some("/usr"), "/tmp/usr", NONE, tree, NONE)?;
    for folder in ["bin", "lib", "lib64"] {
        let place = format!("/tmp/{folder}");
        std::os::unix::fs::symlink(format!("usr/{folder}"), place)?;
    }
    mount_new("proc", "/tmp/proc")?;
    mount_new("sysfs", "/tmp/sys")?;
    say!("child", "proc and sysfs, while the old ones are in sight");

    chdir("/tmp")?;
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    say!("child", "the new root, and nothing of the old one");
    // ANCHOR_END: child

    let uptime = fs::read_to_string("/proc/uptime")?;
    let uptime = uptime.split('.').next().unwrap_or_default();
    ensure!(uptime.parse::<u64>()? >= 31_536_000);
    let me = fs::read_link("/proc/self")?;
    ensure!(me.as_os_str() == "1");
    let devices = fs::read_dir("/sys/class/net")?.count();
    say!("child", "process {}, with {devices} network device", me.display());
    ensure!(devices == 1);

    // This root has no /dev/null, which output() would want for an input.
    let mut uname = Command::new("/bin/uname");
    let name = uname.arg("-n").stdin(Stdio::inherit()).output()?.stdout;
    ensure!(name == b"crater\n");
    say!("program", "my hostname is {}", String::from_utf8(name)?.trim_end());
    Ok(())
}

fn mount_new(kind: &str, place: &str) -> nix::Result<()> {
    mount(NONE, place, Some(kind), MsFlags::empty(), NONE)
}
