//! A world of fresh Linux namespaces, and terminals in it.
//!
//! ```text
//! World ─plan─▶ steps ─birth─▶ guard, PID 1 ─session─▶ what terminals said
//! ```
//!
//! Read the modules in this order, and the last chapters of the book are
//! beside you:
//!
//! 1. [`namespace`] is the one table of the eight kinds; [`world`] is what a
//!    guest finds, as plain data.
//! 2. `ids` chooses who the guest is outside: never the machine's root.
//! 3. `plan` turns a world into lists of `step`s: what to mount, write, limit,
//!    and in which namespaces.
//! 4. `birth` takes them, in two processes that share the caller's memory
//!    (`child`) until they execute a program of 6 KiB (`image`, `init/`): the
//!    *guard* outside and the world's *PID 1* inside. `filter` is what system
//!    calls they are refused from then on.
//! 5. [`cgroup`] is where its processes are counted, if the caller may make
//!    one.
//! 6. `terminal` types at shells, `marks` tells what they say apart, `watch`
//!    sees who reads, and [`session`] is all of that for a caller.
//! 7. [`census`] asks the kernel who is in a world and in which namespaces;
//!    `inside` is how its paths are walked without being led astray.
//! 8. [`error`] says why a machine refuses, [`probe`] tries what it allows.
//!
//! Children share the caller's memory while they become the guard and PID 1;
//! then nothing does. Everything unsafe is in the second group of modules, but
//! for one child that [`probe`] starts.

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
pub mod cgroup;
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
