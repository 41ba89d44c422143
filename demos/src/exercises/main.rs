//! Can you do it yourself?
//!
//! Knows the exercises of the book, and is itself a demo of how to look at
//! namespaces from outside. `list` prints them; `open N` prepares the scene
//! of one and starts a shell in which `check` says what holds and what does
//! not yet; `solution N` prints a solution; and `prove N` sees to it that the
//! check refuses what is none.
//!
//! It belongs into a world of its own, of which it is the only tenant:
//! `cargo book exercise N`.

#![allow(
    clippy::unnecessary_wraps,
    reason = "a check may fail, and all have the same form"
)]

mod examine;
mod look;
mod prove;
mod solutions;
mod table;
mod tasks;

// The scenes and checks, by part of the book:
mod cgroups;
mod host;
mod ipc;
mod joining;
mod kinds;
mod lives;
mod looking;
mod mounts;
mod networks;
mod pids;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use table::Exercise;
use tasks::Task;

/// The exit status where somebody has asked for something unknown.
const UNKNOWN: u8 = 2;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let name = words.first().and_then(|path| path.rsplit('/').next());
    match (name, words.get(1..).unwrap_or_default()) {
        (Some("check"), ["hint"]) => hint(),
        (Some("check"), _) => examine::ask(),
        (Some("answer"), _) => answer(),
        (_, ["open", name]) => with(name, open),
        (_, ["solution", name]) => with(name, solution),
        (_, ["prove", name]) => with(name, prove::prove),
        _ => {
            list();
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list() {
    let mut chapter = "";
    for task in tasks::all() {
        if task.chapter != chapter {
            chapter = task.chapter;
            println!("{}", tasks::plain(chapter));
        }
        println!("  {:>2}  {}", task.number, tasks::plain(task.title));
    }
}

fn with(
    name: &str,
    deed: fn(&Task, &Exercise) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let number = name.parse().ok();
    let task = tasks::all().into_iter().find(|t| Some(t.number) == number);
    let exercise = number.and_then(table::find);
    let (Some(task), Some(exercise)) = (task, exercise) else {
        eprintln!("error: there is no exercise `{name}`");
        eprintln!("`exercise` without a name lists them all");
        return Ok(ExitCode::from(UNKNOWN));
    };
    env::set_current_dir("/root")
        .context("an exercise belongs into a world of its own")?;
    deed(&task, exercise)
}

/// The scene, the task, and a shell.
fn open(task: &Task, exercise: &Exercise) -> Result<ExitCode> {
    let examiner = examine::start(exercise)?;
    println!("\n{}. {}\n", task.number, tasks::plain(task.title));
    println!("{}\n", tasks::plain(task.text));
    println!("`check` says how far you are, and `check hint` helps.");
    println!("`exit` leaves, and nothing stays.\n");
    // What the last command ended with says nothing about the exercise.
    shell(exercise).status().context("starting a shell")?;
    drop(examiner);
    Ok(ExitCode::SUCCESS)
}

/// Somebody asks for it.
fn hint() -> Result<ExitCode> {
    let number = current();
    let task = tasks::all().into_iter().find(|t| Some(t.number) == number);
    println!("{}", tasks::plain(task.context("which exercise?")?.hint));
    Ok(ExitCode::SUCCESS)
}

/// The exercise whose shell has started us.
fn current() -> Option<u32> {
    env::var(look::NUMBER).ok()?.parse().ok()
}

/// A shell with the book's prompt, which finds `check` and what the reader
/// puts into the home.
fn shell(exercise: &Exercise) -> Command {
    let mut words = exercise.shell.iter().chain(&["bash", "--norc"]);
    let mut shell = Command::new(words.next().unwrap_or(&"bash"));
    let path = env::var("PATH").unwrap_or_default();
    shell
        .args(words)
        .env("PATH", format!("/root:{path}"))
        .env("PS1", "\\$ ")
        .env(look::NUMBER, exercise.number.to_string());
    shell
}

fn solution(_: &Task, exercise: &Exercise) -> Result<ExitCode> {
    if let Some(program) = exercise.program {
        println!("// The program `answer`:\n\n{}", program.source);
    }
    print!("{}", exercise.solution);
    Ok(ExitCode::SUCCESS)
}

/// What a solution that is a program does: this one, under another name.
fn answer() -> Result<ExitCode> {
    let exercise = current().and_then(table::find);
    let program = exercise.and_then(|exercise| exercise.program);
    let program = program.context("this exercise asks for no program")?;
    (program.main)()?;
    Ok(ExitCode::SUCCESS)
}
