//! Runs a program in a fresh world, at the caller's terminal.
//!
//! ```text
//! cargo run --example attached -- /bin/ls /
//! ```

use std::process::ExitCode;

use sandbox::attach::attach;
use sandbox::world::World;

fn main() -> ExitCode {
    let program: Vec<String> = std::env::args().skip(1).collect();
    let program: Vec<&str> = program.iter().map(String::as_str).collect();
    match attach(&World::default(), &program) {
        Ok(status) => status.into(),
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::FAILURE
        }
    }
}
