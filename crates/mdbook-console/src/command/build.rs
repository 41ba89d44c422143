//! `build`: mdBook and the preprocessor in one process.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_preprocessor::config::Config;

use crate::command::{book_root, log};
use crate::demos;
use crate::preprocessor::Console;
use crate::stage::Live;

pub(super) fn run(open: bool) -> Result<ExitCode> {
    log::to_stderr();
    let root = book_root()?;
    let book = load(&root)?;
    book.build().context("the book was not built")?;
    let page = book.build_dir_for("html").join("index.html");
    let shown = match env::current_dir() {
        Ok(here) => page.strip_prefix(here).unwrap_or(&page).to_owned(),
        Err(_) => page.clone(),
    };
    writeln!(io::stdout(), "{}", shown.display())?;
    if open && !open_browser(&page) {
        writeln!(io::stderr(), "there is no browser to open it with")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The book as mdBook itself would load it, with this process in the place
/// of the configured preprocessor.
fn load(root: &Path) -> Result<MDBook> {
    let mut config = Config::from_disk(root.join("book.toml"))?;
    config.update_from_env()?;
    if env::var_os("CARGO_TARGET_DIR").is_some_and(|dir| !dir.is_empty()) {
        config.build.build_dir = demos::target_dir(root)?.join("book");
    }
    let mut book = MDBook::load_with_config(root, config)?;
    book.with_preprocessor(Console::new(Live));
    Ok(book)
}

/// Whether some program has taken the page.
fn open_browser(page: &Path) -> bool {
    let mut candidates = vec!["xdg-open".to_owned(), "open".to_owned()];
    candidates.splice(0..0, env::var("BROWSER"));
    candidates.iter().any(|program| {
        Command::new(program)
            .arg(page)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}
