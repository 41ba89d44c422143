//! One program in a world, at the caller's own terminal.

use crate::caller;
use crate::error::Refusal;
use crate::life::{Course, Life, Purpose, Seat};
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
/// A [`Refusal`] when there is no world to run it in, or when that was ended
/// because the machine ran short of memory.
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
        purpose: Purpose::Demo,
    };
    let mut life = Life::start(world, &course)?;
    let terminal = life.terminals.pop();
    if let Some(status) = terminal.as_ref().and_then(caller::connect) {
        return Ok(status);
    }
    life.wait()
}
