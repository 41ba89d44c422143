//! Turns the `console,run` blocks of an mdBook into what the kernel answered.
//!
//! Besides blocks there are views, which show a session again: step by step,
//! or as a map of its processes. Markdown in, Markdown out. The modules stand
//! in the order in which a chapter passes through them:
//!
//! ```text
//! parse ▶ plan ▶ perform ▶ judge ▶ render ▶ splice
//! ```
//!
//! Nothing here makes a namespace: that is the `sandbox` crate's, behind
//! [`stage::Stage`]. Nothing here knows any particular book: all that may
//! differ from book to book is in [`config::Config`].

#![forbid(unsafe_code)]
#![warn(clippy::print_stdout)]

pub mod config;

pub mod manuscript;
pub mod parse;
pub mod plan;

pub mod cache;
pub mod demos;
pub mod judge;
pub mod perform;
pub mod performance;
pub mod stage;
pub mod transcript;

pub mod archive;
pub mod recording;
pub mod same;

pub mod map;
pub mod render;
pub mod screen;
pub mod splice;

pub mod diagnostics;
pub mod diff;
pub mod includes;
pub mod locate;

pub mod preprocessor;

pub mod command;

mod parallel;
pub mod similar;
pub mod tools;
