//! The book around the current folder, read and not run.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use mdbook_renderer::{RenderContext, Renderer};

use crate::command::{book_root, log};
use crate::manuscript::Manuscript;
use crate::preprocessor::NAME;

/// Loads the book, and has mdBook's own preprocessors run.
pub(super) fn book_here() -> Result<Manuscript> {
    log::to_stderr();
    book_in(&book_root()?)
}

fn book_in(root: &Path) -> Result<Manuscript> {
    let mut book = MDBook::load(root)?;
    let seen = Arc::new(Mutex::new(None));
    book.with_preprocessor(Look(Arc::clone(&seen)));
    book.preprocess_book(&Page)?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    Manuscript::read(root, &book.config, &seen.unwrap_or(book.book))
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
