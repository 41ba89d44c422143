//! `mdbook build`, as anybody has it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{captured, cargo, console, read, root, run, target};

/// The release that the driver in the workspace is pinned to.
const VERSION: &str = "0.5.4";

/// Builds the book with stock mdbook and with our command, and compares every
/// page, but for what the kernel names anew each time, and for time.
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
            lines(&ours) == lines(&theirs),
            "{} is not the same",
            page.display()
        );
    }
    eprintln!("{} files are the same", pages.len());
    Ok(())
}

pub(crate) fn install() -> Result<PathBuf> {
    let tools = target()?.join("tools");
    let mdbook = tools.join("bin/mdbook");
    let says = |argument: &str| {
        let output = captured(Command::new(&mdbook).arg(argument));
        let output = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).into_owned()
    };
    let is_it = says("--version").trim() == format!("mdbook v{VERSION}");
    if !is_it || !says("help").contains("serve") {
        run(cargo()
            .args([
                "install",
                "--force",
                "mdbook",
                "--version",
                VERSION,
                "--locked",
            ])
            .args(["--no-default-features"])
            .args(["--features", "search,serve,watch"])
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

/// The lines and tags of a page, masked, in an order of their own: lsns(8) sorts by the
/// numbers of namespaces, which the kernel gives anew.
fn lines(page: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> =
        masked(page).split(['\n', '>']).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Numbers become `0`, decimal and, behind `0x`, hexadecimal; a run of blanks
/// becomes one blank; the name of the search index, which is made of what is
/// in it, is cut.
fn masked(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    let mut masked = String::new();
    let mut rest = page.as_ref();
    while let Some(character) = rest.chars().next() {
        let (shown, length) = if rest.starts_with("searchindex-") {
            let name = "searchindex-".len();
            ("searchindex-", name + hexadecimal(&rest[name..]))
        } else if let Some(digits) = rest.strip_prefix("0x") {
            ("0", 2 + hexadecimal(digits))
        } else if character.is_ascii_digit() {
            ("0", length_of(rest, |c| c.is_ascii_digit()))
        } else if character == ' ' {
            (" ", length_of(rest, |c| c == ' '))
        } else {
            (&rest[..character.len_utf8()], character.len_utf8())
        };
        masked.push_str(shown);
        rest = &rest[length..];
    }
    masked
}

fn hexadecimal(text: &str) -> usize {
    length_of(text, |c| c.is_ascii_hexdigit())
}

/// How many bytes at the start are characters of a kind.
fn length_of(text: &str, is_one: fn(char) -> bool) -> usize {
    text.find(|c| !is_one(c)).unwrap_or(text.len())
}
