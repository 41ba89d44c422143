//! A world of fresh Linux namespaces, and terminals in it.
//!
//! ```text
//! World ─plan─▶ steps ─birth─▶ guard, PID 1 ─session─▶ what terminals said
//! ```
//!
//! Children share the caller's memory while they become the guard and PID 1;
//! then nothing does. Everything unsafe is in the second group of modules.

// What a world is:
pub mod namespace;
pub mod world;

mod ids;
mod plan;
mod step;

// How one is made:
mod bare;
mod birth;
mod boot;
mod child;
mod filter;
mod image;
mod joiner;
mod pty;
mod raw;

// How it lives, and what is said in it:
pub mod census;
mod heard;
mod inside;
mod life;
mod marks;
mod terminal;
mod watch;

// What one is good for:
pub mod attach;
mod caller;
pub mod session;
pub mod shell;

// When none can be made:
pub mod error;
pub mod probe;
