//! A chapter is read, planned, judged and rendered: nothing panics, every
//! place is a place in the text, no two replacements overlap, and what its
//! sessions say can be recorded.

#![no_main]

use console_fuzz::{book, comes_back, pages, performance};
use libfuzzer_sys::fuzz_target;
use mdbook_console::diagnostics::{Fault, Related};
use mdbook_console::manuscript::Manuscript;
use mdbook_console::parse::Span;
use mdbook_markdown::MarkdownOptions;

fuzz_target!(|text: &str| {
    let mut options = MarkdownOptions::default();
    options.smart_punctuation = text.len().is_multiple_of(2);
    let book = book(text, &options);
    for span in places(&book) {
        assert!(text.get(span.clone()).is_some(), "{span:?} is no place");
    }
    for session in &book.plan.sessions {
        let mut blocks = session.blocks.iter();
        assert!(blocks.all(|block| !block.actions.is_empty()));
        assert!(comes_back(session), "{session:?}");
    }
    pages(&book, &performance(&book));
});

/// Everything that is said to be somewhere in the text.
fn places(book: &Manuscript) -> Vec<Span> {
    let chapter = &book.parsed[0];
    let mut places = Vec::new();
    for block in &chapter.blocks {
        places.extend([block.span.clone(), block.opening.clone()]);
        places.extend(block.entries.iter().map(|entry| entry.span.clone()));
    }
    places.extend(chapter.views.iter().map(|view| view.span.clone()));
    places.extend(chapter.citations.iter().map(|it| it.span.clone()));
    let references = chapter.references.iter().chain(&chapter.dangling);
    places.extend(references.map(|reference| reference.span.clone()));
    for complaint in &book.plan.complaints {
        places.push(complaint.fence.clone());
        places.extend(places_of(&complaint.fault));
    }
    places
}

fn places_of(fault: &Fault) -> impl Iterator<Item = Span> {
    let related = fault.related.iter().map(|(related, _)| match related {
        Related::Here(span) => span.clone(),
        Related::Elsewhere(place) => place.span.clone(),
    });
    std::iter::once(fault.span.clone()).chain(related)
}
