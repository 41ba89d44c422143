//! The `mdbook-console` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    mdbook_console::command::main()
}
