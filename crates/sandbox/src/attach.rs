//! One program in a world, at the caller's own terminal.

use crate::caller::{self, RawMode};
use crate::error::Refusal;
use crate::life::{Course, Life, Seat};
use crate::world::{User, World};

/// Runs a program as root of a fresh world, with the caller's standard input
/// and output connected to a terminal of the world, until it ends. `program`
/// is its path in the world, then its arguments.
///
/// Returns its exit status, as a shell would give it: 128 and the number of
/// the signal that killed it.
///
/// # Errors
///
/// A [`Refusal`] when there is no world to run it in.
pub fn attach(world: &World, program: &[&str]) -> Result<u8, Refusal> {
    let seat = Seat {
        user: User::Root,
        path: program.first().copied().unwrap_or("/bin/bash").to_owned(),
        arguments: program.iter().map(|&part| part.to_owned()).collect(),
    };
    let course = Course {
        seats: &[seat],
        manners: caller::manners(world),
        start_files: &[],
        ends_with_first: true,
        is_open: false,
        purpose: c"demo",
    };
    let mut life = Life::start(world, &course)?;
    if let Some(terminal) = life.terminals.pop() {
        let raw = RawMode::enter();
        let stopped_by = caller::connect(&terminal);
        drop(raw);
        if let Some(signal) = stopped_by {
            return Ok(128 + u8::try_from(signal as i32).unwrap_or(0));
        }
    }
    Ok(life.wait())
}
