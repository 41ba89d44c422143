//! Finds the blocks, views and citations of a chapter and reads them.
//!
//! Sees what mdBook's own Markdown parser sees, so a fence that is shown
//! inside another fence, or in a comment, is not a block.

pub mod citation;
pub mod duration;
pub mod info;
pub mod kind;
pub mod needs;
pub mod pattern;
pub mod script;
pub mod view;
pub mod words;

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{
    CodeBlockKind, Event, OffsetIter, Tag, TagEnd,
};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::diagnostics::{Fault, citations as cites, faults as complain};
use citation::{Citation, Footnote, Reference};
use info::Info;
use kind::Kind;
use script::Entry;
use view::{Subject, View};

/// A place in a chapter, in bytes.
pub type Span = Range<usize>;

/// What was found in a chapter, each in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The fences that run commands.
    pub blocks: Vec<Block>,
    /// The fences that show a session again.
    pub views: Vec<View>,
    /// The footnotes that are claims and values.
    pub citations: Vec<Citation>,
    /// Where the text refers to a footnote of any kind.
    pub references: Vec<Reference>,
    /// Where the text refers to a footnote that there is not.
    pub dangling: Vec<Reference>,
}

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

/// Finds and reads the blocks, views and citations of a chapter.
pub fn parse(text: &str, options: &MarkdownOptions) -> Parsed {
    let mut parsed = Parsed::default();
    let mut footnote: Option<Footnote> = None;
    let mut plain: Option<Span> = None;
    let mut events = new_cmark_parser(text, options).into_offset_iter();
    while let Some((event, span)) = events.next() {
        if let Some(footnote) = &mut footnote {
            footnote.take(&event, &span, text);
        }
        // The pieces of a text follow on one another.
        match &mut plain {
            _ if !matches!(event, Event::Text(_)) => {
                parsed.refer(text, plain.take());
            }
            Some(plain) if plain.end == span.start => plain.end = span.end,
            _ => parsed.refer(text, plain.replace(span.clone())),
        }
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let lines = content_lines(text, &mut events);
                if let CodeBlockKind::Fenced(_) = kind {
                    Fence { text, span, lines }.read(&mut parsed);
                }
            }
            Event::Start(Tag::FootnoteDefinition(name)) => {
                footnote = Some(Footnote::new(&name, span));
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                let citation = footnote.take().and_then(Footnote::read);
                if let Some(citation) = citation {
                    parsed.leave_out(&citation.span);
                    parsed.citations.push(citation);
                }
            }
            Event::FootnoteReference(name) => {
                let name = name.to_string();
                parsed.references.push(Reference { span, name });
            }
            _ => {}
        }
    }
    parsed.refer(text, plain);
    parsed
}

impl Parsed {
    /// Notes the footnotes that plain text refers to in vain.
    fn refer(&mut self, text: &str, plain: Option<Span>) {
        let Some(plain) = plain else { return };
        self.dangling.extend(citation::dangling(text, &plain));
    }

    /// What was found last may stand in the definition of a citation. No page
    /// shows that: nothing in it refers to anything, and no fence may be
    /// there.
    fn leave_out(&mut self, definition: &Span) {
        let is_inside = |span: &Span| definition.start <= span.start;
        while self.references.pop_if(|it| is_inside(&it.span)).is_some() {}
        for block in self.blocks.iter_mut().rev() {
            if !is_inside(&block.span) {
                break;
            }
            let opening = block.opening.clone();
            block.faults.push(cites::fence_in_definition(opening));
        }
        for view in self.views.iter_mut().rev() {
            if !is_inside(&view.span) {
                break;
            }
            let span = view.span.clone();
            view.faults.push(cites::fence_in_definition(span));
        }
    }
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
    /// Adds the block or view that the fence is, if any.
    fn read(self, parsed: &mut Parsed) {
        let opening = self.opening();
        let words = words::split(self.text, self.words(&opening));
        let mut faults = Vec::new();
        let Some((kind, options)) = Kind::read(&words, &mut faults) else {
            return;
        };
        if kind == Kind::Run {
            let info = Info::read(&options, &mut faults);
            parsed.blocks.push(self.block(opening, info, faults));
        } else {
            let subject = Subject::read(kind, &options, &opening, &mut faults);
            parsed.views.push(self.view(kind, &opening, subject, faults));
        }
    }

    fn block(self, opening: Span, info: Info, mut faults: Vec<Fault>) -> Block {
        if !self.is_closed() {
            faults.push(complain::unterminated(opening.clone()));
        }
        let lines = self
            .lines
            .iter()
            .map(|span| (&self.text[span.clone()], span.clone()));
        let entries = script::read(lines, &mut faults);
        if self.first_line().is_none() {
            faults.push(complain::empty_block(opening.clone()));
        }
        let prefix = self.prefix();
        Block { span: self.span, opening, prefix, info, entries, faults }
    }

    fn view(
        self,
        kind: Kind,
        opening: &Span,
        subject: Option<Subject>,
        mut faults: Vec<Fault>,
    ) -> View {
        if !self.is_closed() {
            faults.push(complain::unterminated(opening.clone()));
        } else if let Some(line) = self.first_line() {
            faults.push(complain::not_empty(kind, line));
        }
        let prefix = self.closing_prefix();
        View { span: self.span, prefix, subject, faults }
    }

    /// The first line that is not blank.
    fn first_line(&self) -> Option<Span> {
        let is_blank =
            |line: &&Span| self.text[(*line).clone()].trim().is_empty();
        self.lines.iter().find(|line| !is_blank(line)).cloned()
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

    /// The same, from the fence's last line.
    fn closing_prefix(&self) -> String {
        let fence = self.text[self.span.clone()].trim_end();
        let last = fence.rsplit('\n').next().unwrap_or_default();
        let marks = last.find(['`', '~']).unwrap_or_default();
        last[..marks].to_owned()
    }
}

#[cfg(test)]
mod tests;
