//! Runs each argument as a command in one fresh world, and prints what its
//! terminal received.
//!
//! ```text
//! cargo run --example run -- 'ps -ef' 'hostname'
//! ```

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use sandbox::session::{Command, Session};
use sandbox::world::{User, World};

fn main() -> ExitCode {
    let mut session = match Session::start(&World::default(), &[User::Root]) {
        Ok(session) => session,
        Err(refusal) => {
            eprintln!("{refusal}\n{}", refusal.remedy);
            return ExitCode::from(3);
        }
    };
    for line in std::env::args().skip(1) {
        let command = Command {
            prompt: "#".into(),
            lines: line.lines().map(Into::into).collect(),
            input: Vec::new(),
            until: None,
            timeout: Duration::from_mins(1),
        };
        match session.run(0, &command) {
            Ok(step) => {
                let mut out = std::io::stdout();
                let _ = out.write_all(&step.output);
                let _ = out.flush();
            }
            Err(failure) => {
                eprintln!("{line}: {failure:?}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
