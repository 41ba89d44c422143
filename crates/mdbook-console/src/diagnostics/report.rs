//! Shows complaints as `rustc` shows its own: file, line, column, excerpt,
//! and what to do.

use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Renderer, Snippet,
};

use crate::diagnostics::Fault;

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
    pub text: String,
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
}

/// A fault, in the author's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// What.
    pub fault: Fault,
    /// Where.
    pub source: Source,
    /// Where [`Fault::also`] is, in the same file.
    pub also: Option<Range<usize>>,
    /// Where [`Fault::elsewhere`] is.
    pub elsewhere: Option<Source>,
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
        let fault = &located.fault;
        let source = &located.source;
        let mut snippet = snippet(source).annotation(
            AnnotationKind::Primary
                .span(source.span.clone())
                .label(fault.label.as_str()),
        );
        if let (Some(span), Some((_, label))) = (&located.also, &fault.also) {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(span.clone())
                    .label(label.as_str()),
            );
        }
        let mut elements: Vec<Element> = vec![snippet.into()];
        if let (Some(source), Some((_, label))) =
            (&located.elsewhere, &fault.elsewhere)
        {
            let annotation = AnnotationKind::Context
                .span(source.span.clone())
                .label(label.as_str());
            elements.push(self::snippet(source).annotation(annotation).into());
        }
        let notes = fault.notes.iter().chain(&source.note);
        elements.extend(notes.map(|note| Level::NOTE.message(note).into()));
        let help = fault.help.iter();
        elements.extend(help.map(|help| Level::HELP.message(help).into()));
        let title = Level::ERROR.primary_title(fault.title.as_str());
        self.render(title.elements(elements))
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

fn snippet(source: &Source) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(source.text.as_str()).path(source.path.as_str())
}
