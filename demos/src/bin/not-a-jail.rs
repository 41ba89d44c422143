//! Does a cgroup namespace keep a process in its cgroup?
//!
//! The member is in the cgroup `box` and has a cgroup namespace of its own. It
//! holds an open file from before: the list of members of its parent's cgroup.
//! Watch what it can do with it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::cgroup::{Cgroup, mine, path_of};
use demos::{become_root, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};

fn main() -> Result<()> {
    become_root()?;
    let cgroup = Cgroup::new("box")?;

    let (mut here, mut there) = UnixStream::pair()?;
    // ANCHOR: member
    let member = start_child(move || {
        let members = mine()?.join("cgroup.procs");
        let mut above = File::options().write(true).open(members)?;
        there.write_all(b"!")?;
        there.read_exact(&mut [0])?;

        unshare(CloneFlags::CLONE_NEWCGROUP)?;
        say!("member", "in my namespace, my cgroup is {}", path_of("self")?);
        ensure!(path_of("self")? == "/");

        // 0 stands for whoever writes.
        above.write_all(b"0")?;
        say!("member", "I have moved, and my cgroup is {}", path_of("self")?);
        ensure!(path_of("self")? == "/..");
        Ok(())
    })?;
    // ANCHOR_END: member

    here.read_exact(&mut [0])?;
    fs::write(cgroup.members(), member.to_string())?;
    say!("parent", "I have put the member into the box");
    here.write_all(b"!")?;
    ensure!(waitpid(member, None)? == WaitStatus::Exited(member, 0));
    ensure!(fs::read_to_string(cgroup.members())?.is_empty());
    say!("parent", "there is nobody in the box");
    Ok(())
}
