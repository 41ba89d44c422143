//! What does a new mount namespace keep to itself?
//!
//! A child takes a mount namespace of its own, leaves a note on the desk,
//! and then covers the desk with a new, empty filesystem. Watch what its
//! parent finds on the desk.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, ensure};
use demos::stage::{mount_tmpfs, mounts, stage};
use demos::{in_child, say};
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    stage()?;
    fs::create_dir("/mnt/desk")?;
    let before = mounts()?;

    in_child(|| {
        // ANCHOR: cover
        unshare(CloneFlags::CLONE_NEWNS)?;
        let copy = mounts()?;
        ensure!(places(&copy) == places(&before));
        say!("child", "my list of mounts begins as a copy");
        ensure!(numbers(&copy).is_disjoint(&numbers(&before)));
        say!("child", "the copies have other mount numbers");

        fs::write("/mnt/desk/note", "I was here")?;
        say!("child", "on the desk: {}", names_on_the_desk()?);

        mount_tmpfs("/mnt/desk")?;
        fs::write("/mnt/desk/secret", "nobody sees this")?;
        // ANCHOR_END: cover
        ensure!(mounts()?.len() == before.len() + 1);
        say!("child", "one mount more, on the desk: {}", names_on_the_desk()?);
        Ok(())
    })?;

    ensure!(mounts()? == before);
    say!("parent", "my list of mounts is what it was");
    ensure!(names_on_the_desk()? == "note");
    say!("parent", "on the desk: {}", names_on_the_desk()?);
    Ok(())
}

fn names_on_the_desk() -> Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir("/mnt/desk")? {
        names.push(entry?.file_name().display().to_string());
    }
    Ok(names.join(" "))
}

/// Where the mounts are, in the order of the list.
fn places(list: &[String]) -> Vec<Option<&str>> {
    list.iter().map(|line| line.split(' ').nth(4)).collect()
}

/// The numbers by which the kernel tells mounts apart.
fn numbers(list: &[String]) -> BTreeSet<Option<&str>> {
    list.iter().map(|line| line.split(' ').next()).collect()
}
