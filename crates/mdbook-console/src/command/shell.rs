//! `shell`: a world to try things in, at one or more of the reader's own
//! terminals.

use std::io::{self, Write};
use std::num::ParseIntError;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::{Result, anyhow};
use mdbook_preprocessor::config::Config as BookConfig;
use sandbox::shell::{self, JoinError};
use sandbox::world::World;

use crate::command::book_root;
use crate::config::Config;
use crate::demos;

/// Which of the open worlds is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// The only one there is.
    Only,
    /// The one of this number.
    Id(i32),
}

impl FromStr for Which {
    type Err = ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "the only one" => Ok(Self::Only),
            number => number.parse().map(Self::Id),
        }
    }
}

/// Opens a world, with the book's demos in it if there is a book here.
pub(super) fn open() -> Result<ExitCode> {
    let world = world()?;
    let told = |id| {
        let _ = writeln!(
            io::stderr(),
            "world {id}: leave it with `exit`; \
             `shell --join` in another terminal enters it, too"
        );
    };
    shell::open(&world, told)
        .map_err(|refusal| anyhow!("{refusal}\nhelp: {}", refusal.remedy))?;
    Ok(ExitCode::SUCCESS)
}

/// Enters a world that is open: the one named, or the only one.
pub(super) fn join(which: Which) -> Result<ExitCode> {
    let id = match which {
        Which::Only => None,
        Which::Id(id) => Some(id),
    };
    match shell::join(&World::default(), id) {
        Ok(status) => Ok(ExitCode::from(status)),
        Err(JoinError::Refused(refusal)) => {
            Err(anyhow!("{refusal}\nhelp: {}", refusal.remedy))
        }
        Err(JoinError::NoneOpen) => {
            Err(anyhow!("no world is open\nhelp: `shell` opens one"))
        }
        Err(error @ JoinError::Unknown(_)) => {
            Err(anyhow!("{error}\nhelp: `shell --list` shows those that are"))
        }
        Err(JoinError::Several(ids)) => {
            let ids: Vec<String> = ids.iter().map(i32::to_string).collect();
            Err(anyhow!(
                "several worlds are open: {}\n\
                 help: name one, `shell --join {}`",
                ids.join(", "),
                ids[0]
            ))
        }
    }
}

/// Lists the worlds that are open.
pub(super) fn list() -> Result<ExitCode> {
    let worlds = shell::list();
    let mut stdout = io::stdout().lock();
    if worlds.is_empty() {
        writeln!(stdout, "no world is open")?;
    }
    let now = SystemTime::now();
    for world in worlds {
        let age = now.duration_since(world.since).unwrap_or_default();
        writeln!(
            stdout,
            "{}  open for {} min, {} processes",
            world.id,
            age.as_secs() / 60,
            world.processes
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn world() -> Result<World> {
    let Ok(root) = book_root() else {
        return Ok(World::default());
    };
    let mut book = BookConfig::from_disk(root.join("book.toml"))?;
    book.update_from_env()?;
    let config = Config::from_book(&book)?;
    let programs = demos::programs(&root, config.demos.as_ref())?;
    Ok(World { programs: programs.folder, ..World::default() })
}
