//! What performing a book's sessions costs, next to the same commands typed
//! into plain shells, one after the other, without any sandbox around them.
//!
//! ```text
//! cargo bench --package mdbook-console [-- CHAPTER]
//! ```
//!
//! The plain shells run inside of one set of namespaces made by unshare(1),
//! because the commands would otherwise change this machine. Both sides run
//! alternately; the ratio of the medians comes first.

use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use mdbook_console::config::Config;
use mdbook_console::demos::{self, Programs};
use mdbook_console::perform::{Outcome, Theatre};
use mdbook_console::plan::{self, Kind, Session};
use mdbook_console::stage::Live;
use mdbook_driver::MDBook;
use mdbook_markdown::MarkdownOptions;
use sandbox::session::{Command as Typed, Input};
use sandbox::world::World;

const ROUNDS: usize = 15;

fn main() -> Result<()> {
    // `cargo test --benches` only asks whether this compiles and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let chapter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let book = MDBook::load(&root)?;
    let config = Config::from_book(&book.config)?;
    let programs = demos::programs(&root, config.demos.as_ref())?;
    let sessions = sessions(&book, chapter.as_deref());
    ensure!(!sessions.is_empty(), "no sessions");

    let mut sides: [(&str, Vec<Duration>); 3] =
        ["plain shells", "sessions, one at a time", "sessions, all cores"]
            .map(|name| (name, Vec::new()));
    for _ in 0..ROUNDS {
        sides[0].1.push(type_plainly(&sessions, &programs)?);
        sides[1].1.push(perform(&sessions, &programs, NonZeroUsize::new(1))?);
        sides[2].1.push(perform(&sessions, &programs, None)?);
    }
    let plain = median(&mut sides[0].1);
    println!("{} sessions, median of {ROUNDS} rounds", sessions.len());
    for (name, times) in &mut sides {
        let time = median(times);
        let ratio = time.as_secs_f64() / plain.as_secs_f64();
        println!("{ratio:>6.2}  {:>7.1} ms  {name}", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Those of one chapter, or of all; without those that need a `^C`, which no
/// plain shell would get at the right moment.
fn sessions(book: &MDBook, chapter: Option<&str>) -> Vec<Session> {
    let chapters: Vec<plan::Chapter> = book
        .book
        .chapters()
        .filter_map(|chapter| Some((chapter.source_path.as_ref()?, chapter)))
        .filter(|(path, _)| {
            chapter.is_none_or(|name| path.ends_with(format!("{name}.md")))
        })
        .map(|(path, chapter)| {
            let stem = path.with_extension("").display().to_string();
            let options = MarkdownOptions::default();
            plan::Chapter::read(stem, &chapter.content, &options)
        })
        .collect();
    let mut sessions = plan::plan(&chapters, Duration::from_secs(20)).sessions;
    sessions.retain(|session| {
        let mut actions = session.blocks.iter().flat_map(|b| &b.actions);
        actions.all(|action| match &action.kind {
            Kind::Run(command) => {
                command.until.is_none()
                    && !command.input.contains(&Input::Interrupt)
            }
            Kind::Resume { .. } => false,
        })
    });
    sessions
}

fn perform(
    sessions: &[Session],
    programs: &Programs,
    jobs: Option<NonZeroUsize>,
) -> Result<Duration> {
    let world = World { programs: programs.folder.clone(), ..World::default() };
    let theatre = Theatre {
        stage: &Live,
        world: &world,
        demos: &programs.names,
        jobs,
        progress: &|_| {},
    };
    let start = Instant::now();
    let outcomes = theatre.perform(sessions);
    let time = start.elapsed();
    let held = |outcome: &Outcome| matches!(outcome, Outcome::Held(_));
    ensure!(outcomes.iter().all(held), "a session does not hold");
    Ok(time)
}

/// One shell for each terminal, fed with the same lines.
fn type_plainly(sessions: &[Session], programs: &Programs) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut script = String::from("mount -t tmpfs none /tmp\n");
    for (number, lines) in scripts(sessions).into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        std::fs::write(&path, lines)?;
        let path = path.display();
        // Opened before the folder is hidden by the mount above.
        let _ = write!(script, "bash --norc -i <&{} ; ", number + 10);
        script = format!("exec {}<{path}\n{script}", number + 10);
    }
    script.push_str("\ntrue\n");
    let start = Instant::now();
    let mut shell = Command::new("unshare")
        .args(["--user", "--map-root-user", "--pid", "--fork", "--mount"])
        .args(["--mount-proc", "--uts", "--ipc", "--net", "--cgroup"])
        .args(["bash", "--norc"])
        .env("PATH", path_with(programs.folder.as_ref()))
        .env("PS1", "# ")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("unshare can be run")?;
    let mut stdin = shell.stdin.take().context("it is piped")?;
    stdin.write_all(script.as_bytes())?;
    drop(stdin);
    let status = shell.wait()?;
    ensure!(status.success(), "the plain shells: {status}");
    Ok(start.elapsed())
}

/// What is typed at each terminal of each session.
fn scripts(sessions: &[Session]) -> Vec<String> {
    let mut scripts = Vec::new();
    for session in sessions {
        for terminal in 0..session.terminals.len() {
            let blocks =
                session.blocks.iter().filter(|b| b.terminal == terminal);
            let commands = blocks.flat_map(|block| &block.actions);
            scripts.push(
                commands
                    .filter_map(|action| match &action.kind {
                        Kind::Run(command) => Some(command),
                        Kind::Resume { .. } => None,
                    })
                    .flat_map(lines)
                    .fold(String::new(), |text, line| text + line + "\n"),
            );
        }
    }
    scripts
}

fn lines(command: &Typed) -> impl Iterator<Item = &str> {
    let input = command.input.iter().filter_map(|input| match input {
        Input::Line(line) => Some(line.as_str()),
        Input::Interrupt | Input::EndOfInput => None,
    });
    command.lines.iter().map(String::as_str).chain(input)
}

fn path_with(folder: Option<&PathBuf>) -> String {
    let folder = folder.map(|f| format!("{}:", f.display()));
    format!(
        "{}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        folder.unwrap_or_default()
    )
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
