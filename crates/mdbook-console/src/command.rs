//! The command line: mdBook's protocol, and commands for people.

mod build;
mod check;
mod claims;
mod demo;
mod doctor;
mod exercise;
mod list;
mod log;
mod protocol;
mod record;
mod shell;
mod survey;
mod versions;

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::command::exercise::Deed;
use crate::preprocessor;

/// Runs the `console,run` blocks of an mdBook in fresh Linux namespaces, and
/// shows what the kernel answered.
///
/// Without a command it is an mdBook preprocessor: it reads a book as JSON
/// from standard input and writes it to standard output.
#[derive(Parser)]
#[command(name = "mdbook-console", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  mdbook-console build --open    build the book around this folder, show it
  mdbook-console check           compare it with its recordings
  mdbook-console record          accept what it says now
  mdbook-console list            show everything that would run
  mdbook-console demo            list the demos by chapter
  mdbook-console shell           try things in a world of one's own
  mdbook-console exercise        list the exercises by chapter
  mdbook-console doctor          show what this machine allows";

#[derive(Subcommand)]
enum Command {
    /// Tell mdBook whether blocks are run for a renderer.
    Supports {
        /// The renderer's name.
        renderer: String,
    },
    /// Build the book, running its blocks, and print where its first page is.
    ///
    /// The pages go to `book` below CARGO_TARGET_DIR if that is set, and to
    /// the `build-dir` of book.toml otherwise.
    Build {
        /// Show the book in a browser.
        #[arg(long)]
        open: bool,
    },
    /// Run the book's blocks, and compare what they say with the recordings,
    /// and the prose with what they say.
    ///
    /// Exits with 0 if all is the same, with 1 if something differs, a claim
    /// does not hold or a block has a fault, and with 3 if nothing is wrong
    /// but something cannot run here. Writes nothing.
    #[command(after_help = "Example:\n  mdbook-console check pid-namespaces")]
    Check {
        /// Only these chapters.
        chapters: Vec<String>,
    },
    /// Run the book's blocks, show what differs from the recordings, and
    /// record it.
    ///
    /// A recording that is the same up to renaming is left as it is. Nothing
    /// is recorded while a claim does not hold or a block has a fault. Exits
    /// with 3 if something cannot run here.
    #[command(after_help = "Example:\n  mdbook-console record --interactive")]
    Record {
        /// Only these sessions, as `list` names them.
        sessions: Vec<String>,
        /// Ask before each recording.
        #[arg(short, long)]
        interactive: bool,
        /// Remove recordings that no session has.
        #[arg(long)]
        prune: bool,
    },
    /// Count the claims and values by chapter, and try whether the claims
    /// would notice other output.
    ///
    /// The recordings are changed in memory: a line is lost or doubled, two
    /// numbers that are one part, two that are not become one. Exits with 1 if
    /// a claim still holds and does not say why: `Because …` at the end of its
    /// footnote.
    Claims,
    /// List everything that would run, by chapter, without running it.
    List,
    /// Run a demo in a world of its own, at this terminal; without a name,
    /// list the demos by chapter.
    ///
    /// Exits with the demo's status, or 128 and the signal that ended it.
    #[command(after_help = "Example:\n  mdbook-console demo mini-lsns")]
    Demo {
        /// The demo's name.
        name: Option<String>,
    },
    /// Open a world with a shell at this terminal, or enter one that is open.
    ///
    /// The demos are in PATH. A world ends when the last shell in it is left.
    #[command(after_help = "Example, in two terminals:\n  \
        mdbook-console shell\n  mdbook-console shell --join")]
    Shell {
        /// Enter the world that is open, or the one of this number.
        #[arg(
            long,
            value_name = "ID",
            num_args = 0..=1,
            default_missing_value = "the only one"
        )]
        join: Option<shell::Which>,
        /// List the worlds that are open.
        #[arg(long, conflicts_with = "join")]
        list: bool,
    },
    /// Try an exercise in a world of its own, at this terminal; without a
    /// name, list the exercises by chapter.
    ///
    /// In its shell, `check` says what holds and what does not yet. `exit`
    /// leaves the world, and nothing of it stays.
    #[command(after_help = "Example:\n  mdbook-console exercise 5")]
    Exercise {
        /// The exercise's name, as the list has it.
        name: Option<String>,
        /// Print a solution.
        #[arg(long, requires = "name")]
        solution: bool,
        /// Have the check refuse what is no solution, and accept one that is.
        #[arg(long, requires = "name", conflicts_with = "solution")]
        prove: bool,
    },
    /// Show what this machine allows, and what to do about the rest.
    ///
    /// Exits with 0 if blocks can be run, and with 3 if not.
    Doctor {
        /// Print the table as JSON: an array of objects with the keys
        /// `step`, `essential`, `result` and, where a step was refused,
        /// `cause` and `remedy`.
        #[arg(long)]
        json: bool,
    },
}

/// The whole program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<Command>) -> Result<ExitCode> {
    match command {
        None => protocol::run(),
        Some(Command::Supports { renderer }) => {
            let supported = preprocessor::supports(&renderer);
            Ok(ExitCode::from(u8::from(!supported)))
        }
        Some(Command::Build { open }) => build::run(open),
        Some(Command::Check { chapters }) => check::run(&chapters),
        Some(Command::Record { sessions, interactive, prune }) => {
            record::run(&record::Options { sessions, interactive, prune })
        }
        Some(Command::Claims) => claims::run(),
        Some(Command::List) => list::run(),
        Some(Command::Demo { name: None }) => demo::list(),
        Some(Command::Demo { name: Some(name) }) => demo::run(&name),
        Some(Command::Shell { list: true, .. }) => shell::list(),
        Some(Command::Shell { join: Some(which), .. }) => shell::join(which),
        Some(Command::Shell { .. }) => shell::open(),
        Some(Command::Exercise { name, solution, prove }) => {
            let deed = match (&name, solution, prove) {
                (None, ..) => Deed::List,
                (Some(_), true, _) => Deed::Solution,
                (Some(_), _, true) => Deed::Prove,
                (Some(_), ..) => Deed::Open,
            };
            exercise::run(deed, name.as_deref())
        }
        Some(Command::Doctor { json }) => doctor::run(json),
    }
}

/// Whether the reader of standard output has gone, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The folder of the book around the current folder.
fn book_root() -> Result<PathBuf> {
    let here = env::current_dir()?;
    here.ancestors()
        .find(|folder| folder.join("book.toml").is_file())
        .map(PathBuf::from)
        .with_context(|| {
            format!(
                "there is no book.toml in {} or above it; \
                 change to the folder of a book",
                here.display()
            )
        })
}
