//! `mdbook build`, as anybody has it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{captured, cargo, console, read, root, run, target};

/// The release that the driver in the workspace is pinned to.
const VERSION: &str = "0.5.4";

/// Builds the book with stock mdbook and with our command, and compares every
/// page, with numbers masked: the kernel names namespaces anew each time, and
/// time passes.
pub(crate) fn check() -> Result<()> {
    let mdbook = install()?;
    let scratch = tempfile::tempdir()?;
    let theirs = scratch.path().join("stock");
    run(Command::new(mdbook)
        .current_dir(root())
        .arg("build")
        .arg("--dest-dir")
        .arg(&theirs))?;
    let ours = read(Command::new(console()?).current_dir(root()).arg("build"))?;
    let ours = root().join(ours.trim());
    let ours = ours.parent().context("a page is in a folder")?;
    let pages = files(ours)?;
    ensure!(
        pages.len() > 5,
        "there are hardly any pages in {}",
        ours.display()
    );
    ensure!(pages == files(&theirs)?, "the builds have different files");
    for page in &pages {
        let read = |folder: &Path| std::fs::read(folder.join(page));
        let (ours, theirs) = (read(ours)?, read(&theirs)?);
        ensure!(
            masked(&ours) == masked(&theirs),
            "{} is not the same",
            page.display()
        );
    }
    eprintln!("{} files are the same", pages.len());
    Ok(())
}

fn install() -> Result<PathBuf> {
    let tools = target()?.join("tools");
    let mdbook = tools.join("bin/mdbook");
    let installed = captured(Command::new(&mdbook).arg("--version"));
    let is_it = installed.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim()
            == format!("mdbook v{VERSION}")
    });
    if !is_it {
        run(cargo()
            .args(["install", "mdbook", "--version", VERSION, "--locked"])
            .args(["--no-default-features", "--features", "search"])
            .arg("--root")
            .arg(&tools))?;
    }
    Ok(mdbook)
}

/// Every file below a folder, but for search indexes: their names are made
/// of what is in them.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with("searchindex") {
                found.push(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Every run of digits becomes one `0`, every run of blanks one blank; the
/// name of the search index, which carries a hash, is cut.
fn masked(page: &[u8]) -> String {
    let mut masked = String::new();
    for piece in String::from_utf8_lossy(page).split("searchindex-") {
        let rest = if masked.is_empty() {
            piece
        } else {
            piece.trim_start_matches(|c: char| c.is_ascii_hexdigit())
        };
        for character in rest.chars() {
            let next = match character {
                '0'..='9' => '0',
                other => other,
            };
            let repeats =
                (next == '0' || next == ' ') && masked.ends_with(next);
            if !repeats {
                masked.push(next);
            }
        }
    }
    masked
}
