//! Which way does a mount travel between two namespaces?
//!
//! Four mounts are shared between a parent and its child in another mount
//! namespace. The child changes three of its copies; then both mount
//! something in all four places. Watch what arrives on the other side.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, mounted_at, stage};
use demos::{say, start_child};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};

const TYPES: [(&str, MsFlags); 4] = [
    ("shared", MsFlags::MS_SHARED),
    ("slave", MsFlags::MS_SLAVE),
    ("private", MsFlags::MS_PRIVATE),
    ("unbindable", MsFlags::MS_UNBINDABLE),
];

fn main() -> Result<()> {
    stage()?;
    for (name, _) in TYPES {
        fs::create_dir(format!("/mnt/{name}"))?;
        mount_tmpfs(&format!("/mnt/{name}"))?;
        change_type(name, MsFlags::MS_SHARED)?;
        fs::create_dir(format!("/mnt/{name}/by-parent"))?;
        fs::create_dir(format!("/mnt/{name}/by-child"))?;
    }
    fs::create_dir("/mnt/copy")?;

    // ANCHOR: both
    let (mut here, mut there) = UnixStream::pair()?;
    let child = start_child(|| {
        unshare(CloneFlags::CLONE_NEWNS)?;
        for (name, propagation) in TYPES {
            change_type(name, propagation)?;
            mount_tmpfs(&format!("/mnt/{name}/by-child"))?;
        }
        there.write_all(b"!")?;
        there.read_exact(&mut [0])?;

        let arrived = all_mounted_at("by-parent")?;
        say!("child", "my parent's mounts arrived at: {arrived}");
        ensure!(arrived == "shared slave");
        try_to_bind()
    })?;

    here.read_exact(&mut [0])?;
    let arrived = all_mounted_at("by-child")?;
    say!("parent", "my child's mounts arrived at: {arrived}");
    ensure!(arrived == "shared");
    for (name, _) in TYPES {
        mount_tmpfs(&format!("/mnt/{name}/by-parent"))?;
    }
    here.write_all(b"!")?;
    // ANCHOR_END: both
    ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
    Ok(())
}

fn change_type(name: &str, propagation: MsFlags) -> nix::Result<()> {
    let place = format!("/mnt/{name}");
    mount(None::<&str>, &*place, None::<&str>, propagation, None::<&str>)
}

fn all_mounted_at(folder: &str) -> Result<String> {
    let mut found = Vec::new();
    for (name, _) in TYPES {
        if mounted_at(&format!("/mnt/{name}/{folder}"))?.is_some() {
            found.push(name);
        }
    }
    Ok(found.join(" "))
}

fn try_to_bind() -> Result<()> {
    for (name, expected) in
        [("private", Ok(())), ("unbindable", Err(Errno::EINVAL))]
    {
        let place = format!("/mnt/{name}");
        let bind = MsFlags::MS_BIND;
        let bound =
            mount(Some(&*place), "/mnt/copy", None::<&str>, bind, None::<&str>);
        ensure!(bound == expected);
        say!("child", "bind {name} elsewhere: {}", outcome(bound));
    }
    Ok(())
}

fn outcome(result: nix::Result<()>) -> String {
    result.map_or_else(|refused| format!("{refused:?}"), |()| "done".into())
}
