//! Finds the `console,run` blocks of a chapter and reads them.
//!
//! Sees what mdBook's own Markdown parser sees, so a fence that is shown
//! inside another fence, or in a comment, is not a block.

pub mod duration;
pub mod info;
pub mod needs;
pub mod script;

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{
    CodeBlockKind, Event, OffsetIter, Tag, TagEnd,
};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::diagnostics::{Fault, faults as complain};
use info::Info;
use script::Entry;

/// A place in a chapter, in bytes.
pub type Span = Range<usize>;

/// A block, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The whole fence.
    pub span: Span,
    /// The fence's first line.
    pub opening: Span,
    /// What every further line of the fence begins with, because of the
    /// lists and quotes around it.
    pub prefix: String,
    /// The words after `console,run`.
    pub info: Info,
    /// What is typed.
    pub entries: Vec<Entry>,
    /// What is wrong with it. A block with faults is not run.
    pub faults: Vec<Fault>,
}

/// The blocks of a chapter, in the order of the text.
pub fn parse(text: &str, options: &MarkdownOptions) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut events = new_cmark_parser(text, options).into_offset_iter();
    while let Some((event, span)) = events.next() {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) = event {
            let lines = content_lines(text, &mut events);
            blocks.extend(Fence { text, span, lines }.read());
        }
    }
    blocks
}

/// The lines of the code block that `events` is in, without the prefixes of
/// the containers around it and without their ends.
fn content_lines(text: &str, events: &mut OffsetIter) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut open: Option<Span> = None;
    for (event, span) in events {
        match event {
            Event::End(TagEnd::CodeBlock) => break,
            Event::Text(_) => {}
            _ => continue,
        }
        let mut at = span.start;
        for part in text[span].split_inclusive('\n') {
            let start = open.take().map_or(at, |line| line.start);
            at += part.len();
            if part.ends_with('\n') {
                lines.push(start..start + end_of_line(&text[start..at]));
            } else {
                open = Some(start..at);
            }
        }
    }
    lines.extend(open);
    lines
}

/// Where the content of a line ends and its end begins.
fn end_of_line(line: &str) -> usize {
    line.trim_end_matches(['\r', '\n']).len()
}

/// A fenced code block of any kind.
struct Fence<'a> {
    text: &'a str,
    span: Span,
    lines: Vec<Span>,
}

impl Fence<'_> {
    /// The block, if the fence asks for a run.
    fn read(self) -> Option<Block> {
        let opening = self.opening();
        let words = self.words(&opening);
        let mut faults = Vec::new();
        let info = Info::read(self.text, words, &mut faults)?;
        if !self.is_closed() {
            faults.push(complain::unterminated(opening.clone()));
        }
        let lines = self
            .lines
            .iter()
            .map(|span| (&self.text[span.clone()], span.clone()));
        let entries = script::read(lines, &mut faults);
        if self
            .lines
            .iter()
            .all(|line| self.text[line.clone()].trim().is_empty())
        {
            faults.push(complain::empty_block(opening.clone()));
        }
        let prefix = self.prefix();
        Some(Block { span: self.span, opening, prefix, info, entries, faults })
    }

    fn opening(&self) -> Span {
        let rest = &self.text[self.span.clone()];
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        self.span.start..self.span.start + line.trim_end().len()
    }

    /// The opening line without its row of backticks or tildes.
    fn words(&self, opening: &Span) -> Span {
        let line = &self.text[opening.clone()];
        let words = line.trim_start_matches(['`', '~']);
        opening.end - words.len()..opening.end
    }

    fn is_closed(&self) -> bool {
        let content_ends = match self.lines.last() {
            Some(line) => line.end,
            None => self.opening().end,
        };
        let rest = &self.text[content_ends..self.span.end.max(content_ends)];
        rest.contains("```") || rest.contains("~~~")
    }

    /// Taken from the block's own lines, where the author has written what
    /// the containers ask for. A block without lines is not spliced.
    fn prefix(&self) -> String {
        let line = self.lines.iter().find(|line| !line.is_empty());
        let Some(line) = line else { return String::new() };
        let before = &self.text[..line.start];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        before[start..].to_owned()
    }
}

#[cfg(test)]
mod tests;
