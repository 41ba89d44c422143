//! Finds the author's file and line for a place in a chapter.
//!
//! A chapter arrives with its includes expanded. The files are read again,
//! and the lines of the block looked for in them, in the order in which the
//! includes put them into the chapter.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::report::Source;
use crate::parse::Span;

/// mdBook's own limit.
const DEEPEST_INCLUDE: usize = 10;

/// The files of a book.
pub struct Files<'a> {
    /// The folder of `book.toml`.
    pub root: &'a Path,
    /// The folder of the chapters, relative to it.
    pub src: &'a Path,
}

/// A chapter as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Expanded<'a> {
    /// The chapter's file, relative to the folder of the chapters.
    pub path: &'a Path,
    /// Its text, with all includes expanded.
    pub text: &'a Arc<str>,
    /// Whether its file has another text.
    pub has_includes: bool,
}

impl Files<'_> {
    /// Where the author has written `span`, which lies in the block `fence`.
    pub fn locate(
        &self,
        chapter: Expanded<'_>,
        fence: &Span,
        span: &Span,
    ) -> Source {
        let file = self.root.join(self.src).join(chapter.path);
        if !chapter.has_includes {
            return Source {
                path: self.display(&file),
                span: span.clone(),
                text: Arc::clone(chapter.text),
                note: None,
            };
        }
        let needle = Needle::new(chapter.text, fence);
        let mut earlier = needle.earlier();
        match needle.find(&file, &mut earlier, DEEPEST_INCLUDE) {
            Some(found) => Source {
                path: self.display(&found.path),
                span: needle.translate(span, &found),
                text: found.text.into(),
                note: None,
            },
            None => Source {
                path: self.display(&file),
                span: span.clone(),
                text: Arc::clone(chapter.text),
                note: Some(
                    "the line is counted with all includes expanded".into(),
                ),
            },
        }
    }

    fn display(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).display().to_string()
    }
}

/// The lines of a block, to be found in a file.
struct Needle<'a> {
    chapter: &'a str,
    fence: Span,
    /// The first is without what stands before the fence.
    lines: Vec<&'a str>,
}

/// Where a block begins in a file.
struct Found {
    path: PathBuf,
    text: String,
    line: usize,
}

impl<'a> Needle<'a> {
    fn new(chapter: &'a str, fence: &Span) -> Self {
        let lines = chapter[fence.clone()].lines().map(str::trim_end).collect();
        Self { chapter, fence: fence.clone(), lines }
    }

    /// How many blocks of the same text stand before this one.
    fn earlier(&self) -> usize {
        let lines: Vec<&str> = self.chapter.lines().collect();
        let own = line_of(self.chapter, self.fence.start);
        (0..own).filter(|&line| self.is_at(&lines[line..])).count()
    }

    fn is_at(&self, lines: &[&str]) -> bool {
        lines.len() >= self.lines.len()
            && lines[0].trim_end().ends_with(self.lines[0])
            && lines[1..]
                .iter()
                .zip(&self.lines[1..])
                .all(|(line, wanted)| line.trim_end() == *wanted)
    }

    /// Looks in a file and in those it includes, passing over as many
    /// blocks of the same text as are `earlier`.
    fn find(
        &self,
        path: &Path,
        earlier: &mut usize,
        depth: usize,
    ) -> Option<Found> {
        let text = fs::read_to_string(path).ok()?;
        let lines: Vec<&str> = text.lines().collect();
        for (line, content) in lines.iter().enumerate() {
            if self.is_at(&lines[line..]) {
                if *earlier == 0 {
                    let path = path.to_owned();
                    return Some(Found { path, text, line });
                }
                *earlier -= 1;
            }
            if depth == 0 {
                continue;
            }
            for name in included(content) {
                let file = path.parent()?.join(name);
                let found = self.find(&file, earlier, depth - 1);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn translate(&self, span: &Span, found: &Found) -> Range<usize> {
        self.translate_one(span.start, found)
            ..self.translate_one(span.end, found)
    }

    fn translate_one(&self, at: usize, found: &Found) -> usize {
        let line = line_of(self.chapter, at);
        let own = line_of(self.chapter, self.fence.start);
        let column = at - line_start(self.chapter, line);
        let line = found.line + (line - own);
        let start = line_start(&found.text, line);
        if line > found.line {
            return (start + column).min(found.text.len());
        }
        let content = found.text[start..].lines().next().unwrap_or_default();
        let before = content.trim_end().len() - self.lines[0].len();
        start + before + (at - self.fence.start)
    }
}

/// Which line a byte is in, from 0.
fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

/// Where a line begins.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line).map(str::len).sum()
}

/// The files that a line includes, without their anchors and line numbers.
fn included(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("{{#include").filter_map(|(at, opening)| {
        let is_escaped = line[..at].ends_with('\\');
        let rest = &line[at + opening.len()..];
        let name = rest.split_once("}}")?.0.trim();
        let name = name.split(':').next()?;
        (!is_escaped && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests;
