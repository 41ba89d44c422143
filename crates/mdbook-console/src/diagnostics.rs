//! Every complaint about a book, and how complaints are shown.
//!
//! One function a complaint. Complaints are collected, put in the order of
//! the text and shown together.

pub mod faults;
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
    /// Another place in the same block that has to do with it.
    pub also: Option<(Span, String)>,
    /// Another place in the book that has to do with it.
    pub elsewhere: Option<(Place, String)>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
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
