//! The blocks of the book around the current folder, found and not run.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use mdbook_renderer::{RenderContext, Renderer};

use crate::command::{book_root, log};
use crate::config::Config;
use crate::locate::{Expanded, Files};
use crate::parse::Block;
use crate::plan;
use crate::preprocessor::{ChapterText, NAME, chapters, parse_all};

/// A book, and its blocks.
pub(super) struct Survey {
    /// The folder of `book.toml`.
    pub(super) root: PathBuf,
    /// The folder of the chapters, relative to it.
    pub(super) src: PathBuf,
    /// What the author has set.
    pub(super) config: Config,
    /// The chapters, with includes expanded.
    pub(super) chapters: Vec<ChapterText>,
    /// The blocks of each.
    pub(super) parsed: Vec<plan::Chapter>,
}

impl Survey {
    /// Loads the book, and has mdBook's own preprocessors run.
    pub(super) fn of_book_here() -> Result<Self> {
        log::to_stderr();
        let root = book_root()?;
        let mut book = MDBook::load(&root)?;
        let config = Config::from_book(&book.config)?;
        let seen = Arc::new(Mutex::new(None));
        book.with_preprocessor(Look(Arc::clone(&seen)));
        book.preprocess_book(&Page)?;
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let chapters = chapters(&seen.unwrap_or(book.book));
        let parsed = parse_all(&chapters, &book.config);
        let src = book.config.book.src;
        Ok(Self { root, src, config, chapters, parsed })
    }

    /// File and line of a block.
    pub(super) fn position(&self, chapter: usize, block: &Block) -> String {
        let files = Files { root: &self.root, src: &self.src };
        let ChapterText { path, text } = &self.chapters[chapter];
        let chapter = Expanded { path, text };
        let source = files.locate(chapter, &block.span, &block.opening);
        format!("{}:{}", source.path, source.line())
    }
}

/// Keeps the book as it would reach the preprocessor.
struct Look(Arc<Mutex<Option<Book>>>);

impl Preprocessor for Look {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&self, _: &PreprocessorContext, book: Book) -> Result<Book> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(book.clone());
        Ok(book)
    }
}

/// The renderer that blocks are written for.
struct Page;

impl Renderer for Page {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, _: &RenderContext) -> Result<()> {
        Ok(())
    }
}
