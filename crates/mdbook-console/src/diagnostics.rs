//! Every complaint about a book, and how complaints are shown.
//!
//! One function a complaint. Complaints are collected, put in the order of
//! the text and shown together.

pub mod citations;
pub mod faults;
pub mod recordings;
pub mod report;

use crate::parse::Span;

/// Something wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub title: String,
    /// The place in the chapter.
    pub span: Span,
    /// What is there, in a word or two.
    pub label: String,
    /// Other places that have to do with it, and what is there.
    pub related: Vec<(Related, String)>,
    /// What else to say.
    pub advice: Vec<Advice>,
}

/// A place that has to do with a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Related {
    /// In the same block.
    Here(Span),
    /// In another.
    Elsewhere(Place),
}

/// Something said under the excerpt of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// What else there is to know.
    Note(String),
    /// What to do.
    Help(String),
}

/// A place in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which chapter, by position.
    pub chapter: usize,
    /// The fence it is in.
    pub fence: Span,
    /// The bytes of the chapter.
    pub span: Span,
}

/// A fault, with the block it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Where.
    pub chapter: usize,
    /// The whole block.
    pub fence: Span,
    /// What.
    pub fault: Fault,
}
