//! Shows complaints as `rustc` shows its own: file, line, column, excerpt,
//! and what to do.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Renderer, Snippet,
};

use crate::diagnostics::{Advice, Fault};

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences.
    Always,
    /// Without.
    Never,
}

/// A place in an author's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As the author would name the file.
    pub path: String,
    /// All of it.
    pub text: Arc<str>,
    /// Bytes in it.
    pub span: Range<usize>,
    /// What to know about the place itself.
    pub note: Option<String>,
}

impl Source {
    /// The line in which the place begins, from 1.
    pub fn line(&self) -> usize {
        self.text[..self.span.start].matches('\n').count() + 1
    }

    /// The character of the line with which it begins, from 1.
    pub fn column(&self) -> usize {
        let before = &self.text[..self.span.start];
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().count() + 1
    }
}

/// A fault, in the author's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// What.
    pub fault: Fault,
    /// Where.
    pub source: Source,
    /// Where [`Fault::related`] is, in the same order.
    pub related: Vec<Source>,
}

/// Something to say that has no single place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// In one line.
    pub title: String,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What to do.
    pub help: String,
    /// It fails the build.
    pub is_error: bool,
}

/// Renders complaints one after the other.
pub struct Report {
    renderer: Renderer,
}

impl Report {
    /// A report for a terminal or for a file.
    pub fn new(colour: Colour) -> Self {
        let renderer = match colour {
            Colour::Always => Renderer::styled(),
            Colour::Never => Renderer::plain(),
        };
        Self { renderer }
    }

    /// A fault as text, with its final newline.
    pub fn fault(&self, located: &Located) -> String {
        let Located { fault, source, related } = located;
        let primary = AnnotationKind::Primary.span(source.span.clone());
        let mut snippets =
            vec![(source, vec![primary.label(fault.label.as_str())])];
        for (source, (_, label)) in related.iter().zip(&fault.related) {
            let context = AnnotationKind::Context.span(source.span.clone());
            let context = context.label(label.as_str());
            match snippets.iter_mut().find(|(s, _)| s.path == source.path) {
                Some((_, annotations)) => annotations.push(context),
                None => snippets.push((source, vec![context])),
            }
        }
        let snippets = snippets.into_iter().map(|(source, annotations)| {
            Element::from(
                Snippet::source(&*source.text)
                    .path(source.path.as_str())
                    .annotations(annotations),
            )
        });
        let (notes, help): (Vec<_>, Vec<_>) = fault
            .advice
            .iter()
            .map(|advice| match advice {
                Advice::Note(text) => (Some(Level::NOTE.message(text)), None),
                Advice::Help(text) => (None, Some(Level::HELP.message(text))),
            })
            .unzip();
        let place = source.note.iter().map(|n| Level::NOTE.message(n));
        self.render(
            Level::ERROR
                .primary_title(fault.title.as_str())
                .elements(snippets)
                .elements(place.chain(notes.into_iter().chain(help).flatten())),
        )
    }

    /// A remark as text, with its final newline.
    pub fn remark(&self, remark: &Remark) -> String {
        let level = if remark.is_error { Level::ERROR } else { Level::WARNING };
        let notes = remark.notes.iter().map(|n| Level::NOTE.message(n));
        let help = Level::HELP.message(remark.help.as_str());
        self.render(
            level
                .primary_title(remark.title.as_str())
                .elements(notes.chain([help])),
        )
    }

    fn render(&self, group: Group<'_>) -> String {
        format!("{}\n", self.renderer.render(&[group]))
    }
}
