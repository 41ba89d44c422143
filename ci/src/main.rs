//! `cargo ci`: every check that CI makes, one step at a time or all of them.
//!
//! Green here is green there: workflows only call this. Each step is a
//! function in a module of its own; [`STEPS`] is the order and the help text.

mod cgroup;
mod chapters;
mod run;
mod step;
mod user;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Parser;

/// A check, its name, and what it is for.
struct Step {
    name: &'static str,
    about: &'static str,
    check: fn() -> Result<()>,
}

/// In the order in which they run: what fails soonest comes first.
const STEPS: [Step; 18] = [
    Step {
        name: "tools",
        about: "the programs that chapters use are there; installs them",
        check: step::tools::check,
    },
    Step {
        name: "format",
        about: "rustfmt has nothing to change",
        check: step::rust::format,
    },
    Step {
        name: "tidy",
        about: "the habits of this repository",
        check: step::tidy::check,
    },
    Step {
        name: "index",
        about: "the index of demos, the glossary and the sources have all",
        check: step::index::check,
    },
    Step {
        name: "lint",
        about: "clippy and rustdoc have nothing to say",
        check: step::rust::lint,
    },
    Step {
        name: "test",
        about: "all tests, as the caller; nothing may be skipped",
        check: step::rust::test,
    },
    Step {
        name: "user",
        about: "the tests of worlds again, as an ordinary user",
        check: step::rust::test_as_user,
    },
    Step {
        name: "demos",
        about: "every demo runs, and says the same to root and to a user",
        check: step::demos::check,
    },
    Step {
        name: "exercises",
        about: "every exercise refuses what is wrong, and accepts a solution",
        check: step::exercises::check,
    },
    Step {
        name: "book",
        about: "the book builds live, touches only target/, and shows \
                nothing of this machine",
        check: step::book::check,
    },
    Step {
        name: "prose",
        about: "the chapters are spelled and marked up as agreed, and their \
                links lead somewhere",
        check: step::prose::check,
    },
    Step {
        name: "check",
        about: "the book says what its recordings say, and its prose is true",
        check: step::check::check,
    },
    Step {
        name: "claims",
        about: "every claim would notice if the kernel answered otherwise",
        check: step::check::claims,
    },
    Step {
        name: "page",
        about: "every page, looked at and used in a browser; installs one",
        check: step::page::check,
    },
    Step {
        name: "hostile",
        about: "output that attacks a page is shown as what it is",
        check: step::hostile::check,
    },
    Step {
        name: "stock",
        about: "mdbook itself, unchanged, builds the same pages",
        check: step::stock::check,
    },
    Step {
        name: "serve",
        about: "mdbook serve builds once for each edit, whatever is edited",
        check: step::serve::check,
    },
    Step {
        name: "forbidden",
        about: "the book builds where namespaces are forbidden",
        check: step::forbidden::check,
    },
];

/// Runs the checks that CI makes.
#[derive(Parser)]
#[command(name = "cargo ci", after_help = names())]
struct Arguments {
    /// The steps to run; all of them if none is named.
    steps: Vec<String>,
}

fn main() -> ExitCode {
    match run_steps(&Arguments::parse().steps) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs every chosen step, also after one has failed. True if all passed.
fn run_steps(names: &[String]) -> Result<bool> {
    if let Some(unknown) =
        names.iter().find(|name| !STEPS.iter().any(|s| s.name == **name))
    {
        bail!("there is no step `{unknown}`; see `cargo ci --help`");
    }
    let chosen = STEPS.iter().filter(|step| {
        names.is_empty() || names.iter().any(|name| name == step.name)
    });
    let mut summary = Vec::new();
    for step in chosen {
        eprintln!("\n── {}: {}", step.name, step.about);
        let start = Instant::now();
        let result = (step.check)();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        let seconds = start.elapsed().as_secs();
        let verdict = if result.is_ok() { "passed" } else { "FAILED" };
        summary.push((
            result.is_ok(),
            format!("{verdict} {}", step.name),
            seconds,
        ));
    }
    eprintln!();
    for (_, line, seconds) in &summary {
        eprintln!("{line:<20} {seconds:>4} s");
    }
    let passed = summary.iter().filter(|(passed, ..)| *passed).count();
    let failed = summary.len() - passed;
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn names() -> String {
    let lines: Vec<String> = STEPS
        .iter()
        .map(|step| format!("  {:<10} {}", step.name, step.about))
        .collect();
    format!("Steps:\n{}", lines.join("\n"))
}
