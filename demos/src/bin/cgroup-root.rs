//! In which cgroup is a process?
//!
//! A member is in the cgroup `box`, a neighbor in the cgroup `other`, both of
//! them below the parent's. Watch how the answers change when the member has
//! its own cgroup namespace (the dots are the path of the parent's cgroup).

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, ensure};
use demos::cgroup::{Cgroup, mounts, path_of};
use demos::{become_root, say, start_child};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Pid, getpid, getppid, pause};

fn main() -> Result<()> {
    let above = path_of("self")?;
    let number = format!("-{}", getpid());
    let short = |path: String| {
        let from_above = path.strip_prefix(above.trim_end_matches('/'));
        let dots = from_above.map(|rest| format!("…{rest}"));
        dots.unwrap_or(path).replace(&number, "")
    };

    become_root()?;
    let (cgroup, other) = (Cgroup::new("box")?, Cgroup::new("other")?);
    let neighbor = start_child(|| {
        pause();
        Ok(())
    })?;
    let (mut here, mut there) = UnixStream::pair()?;
    let (short, number) = (&short, &number);
    let member = start_child(move || {
        there.read_exact(&mut [0])?;
        let before = short(path_of("self")?);
        say!("member", "my cgroup is {before}");
        ensure!(before == "…/box");
        live_inside(neighbor, number)?;
        there.write_all(b"!")?;
        pause();
        Ok(())
    })?;
    fs::write(cgroup.members(), member.to_string())?;
    fs::write(other.members(), neighbor.to_string())?;
    here.write_all(b"!")?;
    here.read_exact(&mut [0])?;

    // ANCHOR: outside
    let outside = short(path_of(member)?);
    say!("parent", "the member's cgroup is {outside}");
    ensure!(outside == "…/box");
    let namespace = fs::File::open(format!("/proc/{member}/ns/cgroup"))?;
    setns(namespace, CloneFlags::CLONE_NEWCGROUP)?;
    let mine = path_of("self")?;
    say!("parent", "I join its namespace: my cgroup is {mine}");
    ensure!(mine == "/..");
    // ANCHOR_END: outside
    Ok(())
}

// ANCHOR: inside
fn live_inside(neighbor: Pid, number: &str) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWCGROUP | CloneFlags::CLONE_NEWNS)?;
    let mine = path_of("self")?;
    say!("member", "in my namespace, my cgroup is {mine}");
    let parents = path_of(getppid())?;
    say!("member", "in my namespace, my parent's is {parents}");
    let neighbors = path_of(neighbor)?.replace(number, "");
    say!("member", "in my namespace, my neighbor's is {neighbors}");
    ensure!([mine, parents, neighbors] == ["/", "/..", "/../other"]);

    let old = mounts()?.remove(0);
    ensure!(old.root.starts_with("/.."));
    say!("member", "the old mount begins above my root");
    let (cgroup2, none) = (Some("cgroup2"), None::<&str>);
    mount(cgroup2, "/tmp", cgroup2, MsFlags::empty(), none)?;
    let new = mounts()?.pop().context("no mount")?;
    ensure!(new.root == "/" && *new.at == *"/tmp");
    say!("member", "a mount of my own begins at {}", new.root);
    // ANCHOR_END: inside
    let members = fs::read_to_string("/tmp/cgroup.procs")?;
    ensure!(members == format!("{}\n", getpid()));
    say!("member", "it has one member, me");
    Ok(())
}
