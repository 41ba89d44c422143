//! The pages, as readers get them: in a browser.
//!
//! The tests are in `ci/page`, in the language of the pages. This installs
//! what they need, builds what they look at, and runs them. All of it is
//! below `target/page`, also the screenshots that they take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{console, read, root, run, target};
use crate::step::tools::{self, Program};

/// The browser, by any of its names, and what the tests are written for.
const NEEDED: [Program; 3] = [
    Program { names: &BROWSERS, package: "chromium" },
    Program { names: &["node"], package: "nodejs" },
    Program { names: &["npm"], package: "npm" },
];
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The tests: what a check must find, and what it does not find in the book.
const TESTS: [&str; 3] =
    ["broken.test.mjs", "behaviours.test.mjs", "pages.test.mjs"];

/// Looks at every page in a browser, and at pages that are broken on purpose.
pub(crate) fn check() -> Result<()> {
    tools::provide(&NEEDED)?;
    let browser = BROWSERS.iter().find_map(|name| tools::find(name));
    let browser = browser.context("there is no browser")?;
    let folder = target()?.join("page");
    let modules = modules(&folder)?;
    let console = console()?;
    let book = book(&console)?;
    let specimen = specimen(&console, &folder)?;
    let shots = folder.join("shots");
    // Two browsers at once: most of the time goes into waiting for one.
    run(Command::new("node")
        .args(["--test", "--test-reporter=spec", "--test-concurrency=2"])
        .args(TESTS.map(|test| here().join(test)))
        .env("PAGE_BOOK", &book)
        .env("PAGE_SPECIMEN", &specimen)
        .env("PAGE_MODULES", &modules)
        .env("PAGE_CHROMIUM", &browser)
        .env("PAGE_SHOTS", &shots))
    .context("the pages are not as they should be")?;
    eprintln!("look at the pages: {}", shots.display());
    Ok(())
}

fn here() -> PathBuf {
    root().join("ci/page")
}

/// Installs the packages that the lock file names, unless they are there.
fn modules(folder: &Path) -> Result<PathBuf> {
    let modules = folder.join("modules");
    let lock = fs::read(here().join("package-lock.json"))?;
    let installed = modules.join("installed");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(modules);
    }
    fs::create_dir_all(&modules)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(here().join(name), modules.join(name))?;
    }
    run(Command::new("npm").current_dir(&modules).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]))?;
    fs::write(installed, lock)?;
    Ok(modules)
}

/// The folder of the book's pages.
fn book(console: &Path) -> Result<PathBuf> {
    let mut build = Command::new(console);
    build.current_dir(root()).arg("build");
    let page = root().join(read(&mut build)?.trim());
    Ok(page.parent().context("a page is in a folder")?.to_owned())
}

/// Builds the book that has one of everything, with the book's theme.
fn specimen(console: &Path, folder: &Path) -> Result<PathBuf> {
    let specimen = folder.join("specimen");
    if specimen.exists() {
        fs::remove_dir_all(&specimen)?;
    }
    copy(&here().join("specimen"), &specimen)?;
    copy(&root().join("book/theme"), &specimen.join("theme"))?;
    let mut build = Command::new(console);
    build.current_dir(&specimen).arg("build").env_remove("CARGO_TARGET_DIR");
    let page = specimen.join(read(&mut build)?.trim());
    Ok(page.parent().context("a page is in a folder")?.to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
