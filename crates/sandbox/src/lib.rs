//! A world of fresh Linux namespaces, and terminals in it.
//!
//! ```text
//! World ──plan──▶ steps ──birth──▶ guard, PID 1 ──session──▶ steps of a transcript
//! ```
//!
//! The modules in reading order. What a world is:
pub mod namespace;
pub mod world;

mod ids;
mod marks;
mod plan;

// How one is made:
mod birth;
mod boot;
mod image;
mod pty;
mod raw;
mod step;

pub mod census;
mod life;
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
