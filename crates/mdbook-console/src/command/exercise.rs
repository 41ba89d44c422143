//! `exercise`: what a reader may try, in a world where `check` tells how far
//! it has come.
//!
//! A program of the book's own does all of that, as root of a fresh world:
//! it knows the tasks, prepares their scenes and looks at the kernel. It is
//! started with one of the [deeds](Deed) and the name of an exercise.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use mdbook_preprocessor::config::Config as BookConfig;
use sandbox::attach::attach;
use sandbox::world::World;

use crate::command::book_root;
use crate::config::Config;
use crate::demos;
use crate::similar;

/// What the book's program is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// All exercises, by chapter.
    List,
    /// The scene of one, and a shell in it that has `check` in its `PATH`.
    Open,
    /// One that somebody has found before.
    Solution,
    /// That the check refuses what is no solution, and accepts one that is.
    Prove,
}

impl Deed {
    /// As the program is told.
    fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Open => "open",
            Self::Solution => "solution",
            Self::Prove => "prove",
        }
    }
}

/// Lets the book's program do it, and takes over its exit status.
pub(super) fn run(deed: Deed, name: Option<&str>) -> Result<ExitCode> {
    let root = book_root()?;
    let mut book = BookConfig::from_disk(root.join("book.toml"))?;
    book.update_from_env()?;
    let config = Config::from_book(&book)?;
    let Some(program) = &config.exercises else {
        bail!(
            "this book has no exercises; \
             see `exercises` in [preprocessor.console]"
        );
    };
    let programs = demos::programs(&root, config.demos.as_ref())?;
    if !programs.names.contains(program) {
        let known = programs.names.iter().map(String::as_str);
        if let Some(meant) = similar::closest(program, known) {
            writeln!(io::stderr(), "did you mean `{meant}`?")?;
        }
        bail!(
            "there is no program `{program}` among the demos, \
             which `exercises` in [preprocessor.console] names"
        );
    }
    let path = format!("/demos/{program}");
    let mut command = vec![path.as_str(), deed.word()];
    command.extend(name);
    let world = World { programs: programs.folder, ..World::default() };
    let status = attach(&world, &command)
        .map_err(|refusal| anyhow!("{refusal}\nhelp: {}", refusal.remedy))?;
    Ok(ExitCode::from(status))
}
