//! The book's chapters as their authors wrote them.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::run::root;

/// The folder of chapters, as git names it.
pub(crate) const FOLDER: &str = "book/src";

/// A chapter that the summary names.
pub(crate) struct Chapter {
    /// The file's name in the folder of chapters.
    pub(crate) file: String,
    /// What the summary calls it.
    pub(crate) title: String,
    pub(crate) text: String,
}

/// All chapters, in the order in which they are read.
pub(crate) fn chapters() -> Result<Vec<Chapter>> {
    let summary = std::fs::read_to_string(path("SUMMARY.md"))?;
    let links = summary.lines().filter_map(|line| {
        let (_, link) = line.split_once('[')?;
        let (title, target) = link.split_once("](")?;
        Some((title, target.strip_suffix(')')?))
    });
    links
        .map(|(title, file)| {
            let text = std::fs::read_to_string(path(file))
                .with_context(|| format!("SUMMARY.md names {file}"))?;
            Ok(Chapter { file: file.to_owned(), title: title.to_owned(), text })
        })
        .collect()
}

/// Where a chapter is.
pub(crate) fn path(file: &str) -> PathBuf {
    root().join(FOLDER).join(file)
}

/// A line, and whether it is prose or stands in a fence.
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) text: &'a str,
    /// What follows the backticks of the fence that it stands in. The
    /// fence's first and last line are in it, too.
    pub(crate) fence: Option<&'a str>,
    /// Is it the first line of that fence?
    pub(crate) opens: bool,
}

impl Chapter {
    /// Its lines, and which of them are in fences.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut open: Option<&str> = None;
        self.text.lines().enumerate().map(move |(index, text)| {
            let label = text.trim_start().strip_prefix("```");
            let opens = open.is_none() && label.is_some();
            let fence = match (open, label) {
                (None, Some(label)) => {
                    open = Some(label);
                    open
                }
                (Some(_), Some("")) => open.take(),
                (open, _) => open,
            };
            Line { number: index + 1, text, fence, opens }
        })
    }
}
