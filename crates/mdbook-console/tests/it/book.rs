//! A book in a folder of its own, built in this process.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use mdbook_console::preprocessor::Console;
use mdbook_console::stage::Stage;
use mdbook_driver::MDBook;
use tempfile::TempDir;

/// A book of one chapter, `a.md`, and whatever else a test adds.
pub(crate) struct Book {
    folder: TempDir,
}

/// What came of a build.
pub(crate) struct Built {
    /// `Err` with the message if the build failed.
    pub(crate) result: Result<(), String>,
    /// What was said on standard error.
    pub(crate) stderr: String,
}

impl Book {
    /// A book with the least of a configuration.
    pub(crate) fn new(chapter: &str) -> Result<Self> {
        Self::with_config(chapter, "")
    }

    /// A book with more of it: lines of `[preprocessor.console]`, and tables
    /// behind them.
    pub(crate) fn with_config(chapter: &str, config: &str) -> Result<Self> {
        let book = Self { folder: tempfile::tempdir()? };
        book.write(
            "book.toml",
            &format!(
                "[preprocessor.console]\nafter = [\"links\"]\n\
                 command = \"false\"\n{config}"
            ),
        )?;
        book.write("src/SUMMARY.md", "- [A](a.md)\n")?;
        book.write("src/a.md", chapter)?;
        Ok(book)
    }

    /// Adds a file.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    /// The folder of `book.toml`.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Builds it on a stage.
    pub(crate) fn build(&self, stage: impl Stage + 'static) -> Result<Built> {
        let stderr = Shared::default();
        let mut book = MDBook::load(self.root())?;
        book.with_preprocessor(Console::with_stderr(
            stage,
            Box::new(stderr.clone()),
        ));
        let result = book.build().map_err(|error| format!("{error:#}"));
        Ok(Built { result, stderr: stderr.text() })
    }

    /// A page of the build, or another file of it.
    pub(crate) fn page(&self, path: &str) -> Result<String> {
        let path = self.root().join("book").join(path);
        fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))
    }

    /// What the book's own part of page `a.html` holds.
    pub(crate) fn main(&self) -> Result<String> {
        let page = self.page("a.html")?;
        let (_, rest) = page.split_once("<main>").context("a main part")?;
        let (main, _) = rest.split_once("</main>").context("its end")?;
        Ok(main.to_owned())
    }
}

/// A place to write to that can be read.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("no writer panics");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
