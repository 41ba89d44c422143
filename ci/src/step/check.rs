//! The book against its recordings, and its prose against both.

use std::process::Command;

use anyhow::Result;

use crate::run::{console, root, run};

/// Runs every block: nothing may be missing here, nothing may differ.
pub(crate) fn check() -> Result<()> {
    run(Command::new(console()?).current_dir(root()).arg("check"))
}

/// Prints the claims by chapter, and has each notice other output.
pub(crate) fn claims() -> Result<()> {
    run(Command::new(console()?).current_dir(root()).arg("claims"))
}
