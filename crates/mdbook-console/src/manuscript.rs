//! A book as its author wrote it: chapters, and what is to be done with
//! them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use mdbook_markdown::MarkdownOptions;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::config::Config as BookConfig;

use crate::archive::Archive;
use crate::config::Config;
use crate::diagnostics::Place;
use crate::diagnostics::report::Source;
use crate::locate::{Expanded, Files};
use crate::parallel;
use crate::parse::citation::Citation;
use crate::plan::{self, Plan, Session};

/// A book, read.
#[derive(Clone, Debug)]
pub struct Manuscript {
    /// The folder of `book.toml`.
    pub root: PathBuf,
    /// The folder of the chapters, relative to it.
    pub src: PathBuf,
    /// What the author has set.
    pub config: Config,
    /// Where its recordings are.
    pub archive: Archive,
    /// The chapters, with all includes expanded.
    pub chapters: Vec<ChapterText>,
    /// What was found in each.
    pub parsed: Vec<plan::Chapter>,
    /// What is to be done.
    pub plan: Plan,
}

/// A chapter that is not a draft.
#[derive(Clone, Debug)]
pub struct ChapterText {
    /// Its file, relative to the folder of the chapters.
    pub path: PathBuf,
    /// Its text, with all includes expanded.
    pub text: Arc<str>,
    /// Whether its file has another text.
    pub has_includes: bool,
}

impl Manuscript {
    /// Reads a book that mdBook has loaded.
    pub fn read(root: &Path, config: &BookConfig, book: &Book) -> Result<Self> {
        let own = Config::from_book(config)?;
        let chapters = chapters(book, &root.join(&config.book.src));
        let parsed = parse(&chapters, config);
        let plan = plan::plan(&parsed, own.timeout.0);
        Ok(Self {
            root: root.to_owned(),
            src: config.book.src.clone(),
            archive: Archive::of_book(root, config, &own),
            config: own,
            chapters,
            parsed,
            plan,
        })
    }

    /// Where the author has written this.
    pub fn source(&self, place: &Place) -> Source {
        let files = Files { root: &self.root, src: &self.src };
        let ChapterText { path, text, has_includes } =
            &self.chapters[place.chapter];
        let has_includes = *has_includes;
        let chapter = Expanded { path, text, has_includes };
        files.locate(chapter, &place.fence, &place.span)
    }

    /// Where a session's block begins.
    pub fn opening(&self, session: &Session, block: usize) -> Place {
        let index = session.blocks[block].index;
        let written = &self.parsed[session.chapter].blocks[index];
        Place {
            chapter: session.chapter,
            fence: written.span.clone(),
            span: written.opening.clone(),
        }
    }

    /// A citation, as written.
    pub fn written(&self, citation: &plan::Citation) -> &Citation {
        &self.parsed[citation.chapter].citations[citation.index]
    }

    /// Where a citation is defined.
    pub fn definition(&self, citation: &plan::Citation) -> Place {
        let span = self.written(citation).span.clone();
        Place { chapter: citation.chapter, fence: span.clone(), span }
    }

    /// A file, as the author would name it.
    pub fn display(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The chapters in the order of the book, without drafts.
fn chapters(book: &Book, src: &Path) -> Vec<ChapterText> {
    let path = |chapter: &Chapter| {
        let path = chapter.source_path.as_ref().or(chapter.path.as_ref());
        path.cloned().unwrap_or_default()
    };
    book.chapters()
        .map(|chapter| {
            let (path, text) = (path(chapter), chapter.content.clone());
            let written = fs::read_to_string(src.join(&path));
            let has_includes = !written.is_ok_and(|written| written == text);
            ChapterText { path, text: text.into(), has_includes }
        })
        .collect()
}

/// Puts other texts into the chapters, in the order of
/// [`Manuscript::chapters`].
pub fn put(items: &mut [BookItem], texts: &mut impl Iterator<Item = String>) {
    for item in items {
        if let BookItem::Chapter(chapter) = item {
            if !chapter.is_draft_chapter()
                && let Some(text) = texts.next()
            {
                chapter.content = text;
            }
            put(&mut chapter.sub_items, texts);
        }
    }
}

/// Reads every chapter as mdBook's HTML renderer would.
fn parse(chapters: &[ChapterText], book: &BookConfig) -> Vec<plan::Chapter> {
    let mut options = MarkdownOptions::default();
    if let Some(html) = book.html_config() {
        options.smart_punctuation = html.smart_punctuation;
        options.definition_lists = html.definition_lists;
        options.admonitions = html.admonitions;
    }
    parallel::map(chapters, None, |chapter| {
        let stem = chapter.path.with_extension("").display().to_string();
        plan::Chapter::read(stem, &chapter.text, &options)
    })
}
