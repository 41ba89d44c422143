//! The book itself.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{captured, console, git, read, root, target};

/// Builds the book live, twice, and looks at what has been written.
pub(crate) fn check() -> Result<()> {
    let before = untracked()?;
    let console = console()?;
    build(&console)?;
    let page = build(&console)?;
    ensure!(Path::new(&page).is_file(), "{page} was not written");
    let after = untracked()?;
    ensure!(
        before == after,
        "the build has written outside of target/:\n{after}"
    );
    shows_nothing_of_this_machine(Path::new(&page))?;
    Ok(())
}

/// The path of the book's first page.
fn build(console: &Path) -> Result<String> {
    let output = captured(
        Command::new(console)
            .current_dir(root())
            .env("MDBOOK_PREPROCESSOR__CONSOLE__MODE", "live")
            .env("BOOK_CI_SECRET", SECRET)
            .arg("build"),
    )?;
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    ensure!(
        output.status.success(),
        "the book does not build: {}",
        output.status
    );
    let page = String::from_utf8_lossy(&output.stdout);
    Ok(root().join(page.trim()).to_string_lossy().into_owned())
}

/// In the environment of the build, and so nowhere else.
const SECRET: &str = "correct-horse-battery-staple";

/// What git does not know or ignores, but for the one folder that may change.
fn untracked() -> Result<String> {
    let status = read(git().args(["status", "--porcelain", "--ignored"]))?;
    Ok(status
        .lines()
        .filter(|line| *line != "!! target/" && *line != "!! target")
        .collect::<Vec<_>>()
        .join("\n"))
}

/// No page names this machine, its user's home, or what is in the
/// environment.
fn shows_nothing_of_this_machine(page: &Path) -> Result<()> {
    let folder = page.parent().context("a page is in a folder")?;
    let home = std::env::var("HOME").unwrap_or_default();
    let target = target()?.to_string_lossy().into_owned();
    let here = root().to_string_lossy().into_owned();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")?;
    let host = format!("@{}", host.trim());
    let mut foreign = vec![SECRET, &target, &here, &host];
    // A world has a home of this name, too.
    if home.len() > 1 && home != "/root" {
        foreign.push(&home);
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|kind| kind != "html") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        if let Some(found) = foreign.iter().find(|word| text.contains(**word)) {
            bail!("{} shows `{found}`", path.display());
        }
    }
    Ok(())
}
