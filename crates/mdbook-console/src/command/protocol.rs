//! mdBook's protocol: a book as JSON from standard input, and the same book
//! with its blocks run on standard output.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use mdbook_preprocessor::{MDBOOK_VERSION, Preprocessor, parse_input};

use crate::preprocessor::Console;
use crate::stage::Live;

pub(super) fn run() -> Result<ExitCode> {
    if io::stdin().is_terminal() {
        bail!(
            "without a command this program is started by mdBook; \
             try `mdbook-console --help`"
        );
    }
    let (ctx, book) = parse_input(io::stdin().lock())?;
    if !is_compatible(&ctx.mdbook_version) {
        writeln!(
            io::stderr(),
            "warning: made for mdBook {MDBOOK_VERSION}, started by mdBook {}",
            ctx.mdbook_version
        )?;
    }
    let book = Console::new(Live).run(&ctx, book)?;
    let json = serde_json::to_vec(&book)?;
    io::stdout().write_all(&json)?;
    Ok(ExitCode::SUCCESS)
}

/// Before 1.0, releases with the same second number are compatible.
fn is_compatible(version: &str) -> bool {
    let series = |version: &str| {
        let mut parts = version.split('.').map(str::to_owned);
        (parts.next(), parts.next())
    };
    series(version) == series(MDBOOK_VERSION)
}
