//! What the preprocessor adds to a build after an edit of prose, next to the
//! same build without it: the commands are those of an earlier run, so that
//! none of them runs again.
//!
//! ```text
//! cargo bench --package mdbook-console --bench rebuild
//! ```
//!
//! Both sides build this repository's book, in turn, from a copy; before each
//! build a sentence of one chapter is another one.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use mdbook_console::config::Config;
use mdbook_console::demos;
use mdbook_driver::MDBook;
use mdbook_renderer::{RenderContext, Renderer};
use tempfile::TempDir;

const ROUNDS: usize = 15;
/// What the book's pages include, besides its own files.
const SOURCES: [&str; 4] = ["book.toml", "book", "demos", "crates/sandbox"];

fn main() -> Result<()> {
    // `cargo test --benches` only asks whether this compiles and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let copy = copy()?;
    // What is to be earlier runs.
    build(copy.path(), Part::Preprocessors)?;
    let mut sides = [Part::Alone, Part::Others, Part::Preprocessors]
        .map(|part| (part, Vec::new()));
    for round in 0..ROUNDS {
        for (part, times) in &mut sides {
            edit(copy.path(), round)?;
            times.push(build(copy.path(), *part)?);
        }
    }
    let [alone, others, all] = sides.map(|(_, mut times)| median(&mut times));
    let added = all.saturating_sub(others);
    let ratio = added.as_secs_f64() / alone.as_secs_f64();
    println!("after an edit of prose, median of {ROUNDS}");
    println!("  1.00  {:>7.1} ms  a build by mdBook alone", ms(alone));
    println!("{ratio:>6.2}  {:>7.1} ms  added by the preprocessor", ms(added));
    Ok(())
}

/// What is measured.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// A whole build, without our preprocessor.
    Alone,
    /// The preprocessors of mdBook itself.
    Others,
    /// All of them, ours included.
    Preprocessors,
}

/// A copy of the book, with the demos that have been built.
fn copy() -> Result<TempDir> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = tempfile::tempdir()?;
    for source in SOURCES {
        let to = copy.path().join(source);
        fs::create_dir_all(to.parent().context("it is in the copy")?)?;
        let mut cp = Command::new("cp");
        let status = cp.arg("-R").arg(root.join(source)).arg(to).status()?;
        ensure!(status.success(), "cannot copy {source}");
    }
    let book = MDBook::load(&root)?;
    let config = Config::from_book(&book.config)?;
    let programs = demos::programs(&root, config.demos.as_ref())?.folder;
    let programs = programs.context("the book has demos")?;
    let at = copy.path().join("programs");
    std::os::unix::fs::symlink(fs::canonicalize(programs)?, at)?;
    Ok(copy)
}

fn edit(copy: &Path, round: usize) -> Result<()> {
    let chapter = copy.join("book/src/uts-namespaces.md");
    let text = fs::read_to_string(&chapter)?;
    let (text, _) = text.split_once("\n\nEdit ").unwrap_or((&text, ""));
    Ok(fs::write(chapter, format!("{text}\n\nEdit {round}.\n"))?)
}

/// Builds the book, or some of it, and tells how long that took.
fn build(copy: &Path, part: Part) -> Result<Duration> {
    let file = copy.join("book.toml");
    let mut config = mdbook_driver::config::Config::from_disk(file)?;
    if part == Part::Preprocessors {
        let command = env!("CARGO_BIN_EXE_mdbook-console");
        let ours = "preprocessor.console";
        config.set(format!("{ours}.command"), command)?;
        config.set(format!("{ours}.demos"), Programs { folder: "programs" })?;
    } else {
        config.set("preprocessor", Nothing {})?;
    }
    let book = MDBook::load_with_config(copy, config)?;
    let start = Instant::now();
    if part == Part::Alone {
        book.build()?;
    } else {
        book.preprocess_book(&Pages)?;
    }
    Ok(start.elapsed())
}

/// What preprocessors take for mdBook's own pages.
struct Pages;

impl Renderer for Pages {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, _: &RenderContext) -> Result<()> {
        Ok(())
    }
}

/// Where demos are.
#[derive(serde::Serialize)]
struct Programs {
    folder: &'static str,
}

/// A table without keys.
#[derive(serde::Serialize)]
struct Nothing {}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
