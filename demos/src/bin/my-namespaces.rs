//! Which namespaces am I in?
//!
//! The kernel keeps a folder of links for every process. Watch how many links
//! there are, and to how many namespaces they lead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result, ensure};
use demos::say;

fn main() -> Result<()> {
    let mut namespaces = BTreeMap::new();
    let mut devices = BTreeSet::new();
    let mut entries = 0;

    // ANCHOR: links
    for name in names_in("/proc/self/ns")? {
        let link = format!("/proc/self/ns/{name}");
        // The text of the link: a kind, and a number in brackets.
        let text = fs::read_link(&link)?.display().to_string();
        let (kind, number) =
            text.split_once(':').context("a link without a kind")?;
        // The file it leads to: the number is that file's inode number.
        let file = fs::metadata(&link)?;
        ensure!(number == format!("[{}]", file.ino()));

        let first = namespaces.insert(file.ino(), kind.to_owned()).is_none();
        let which = if first { "my" } else { "the same" };
        say!("me", "{name:<17}  leads to {which} {kind} namespace");

        ensure!(kind == name.trim_end_matches("_for_children"));
        devices.insert(file.dev());
        entries += 1;
    }
    // ANCHOR_END: links

    let kinds = namespaces.values().collect::<BTreeSet<_>>().len();
    ensure!(kinds == namespaces.len(), "two namespaces of one kind");
    ensure!(devices.len() == 1, "namespaces on more than one device");
    ensure!((entries, kinds) == (10, 8), "{entries} links, {kinds} kinds");
    say!("me", "{entries} links, {kinds} kinds, one namespace of each");
    Ok(())
}

/// The names of the entries of a folder, in order.
fn names_in(folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
