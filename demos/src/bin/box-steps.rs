//! How many lines does each step of the container add?
//!
//! Counts the lines of the steps, and of the part that each one brings. The
//! story of each step, which is its source without what it needs to look
//! around, is left in the folder where we are, to be compared. Watch the sum.

use std::fs;
use std::io::ErrorKind::PermissionDenied;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run_here, say};

const STEPS: [(&str, &str); 5] = [
    ("box-1", include_str!("box-1-names.rs")),
    ("box-2", include_str!("box-2-processes.rs")),
    ("box-3", include_str!("box-3-root.rs")),
    ("box-4", include_str!("box-4-views.rs")),
    ("box-5", include_str!("tiny-container/main.rs")),
];

const PARTS: [(&str, &str); 5] = [
    ("program.rs", include_str!("tiny-container/program.rs")),
    ("init.rs", include_str!("tiny-container/init.rs")),
    ("root.rs", include_str!("tiny-container/root.rs")),
    ("clocks.rs", include_str!("tiny-container/clocks.rs")),
    ("rights.rs", include_str!("tiny-container/rights.rs")),
];

fn main() -> Result<()> {
    let mut whole = 0;
    for ((step, text), (part, part_text)) in STEPS.into_iter().zip(PARTS) {
        write(step, story(text)?)?;
        let (own, more) = (lines_of_code(text), lines_of_code(part_text));
        say!(step, "{own} lines; {part} has {more}");
        ensure!(text.lines().count() < 100 && part_text.lines().count() < 100);
        whole += more;
    }
    whole += lines_of_code(STEPS[4].1);
    say!("whole", "{whole} lines of code");
    let longest = PARTS.iter().max_by_key(|(_, text)| lines_of_code(text));
    say!("whole", "the longest part: {}", longest.context("no part")?.0);
    ensure!((200..250).contains(&whole));
    Ok(())
}

/// All that the step does, and nothing of what it says.
fn story(text: &str) -> Result<&str> {
    let begin = text.find("fn main").context("no beginning")?;
    let end = text.find("\nfn look").context("no end")?;
    Ok(&text[begin..end])
}

fn write(name: &str, text: &str) -> Result<()> {
    match fs::write(name, text) {
        Err(refused) if refused.kind() == PermissionDenied => {
            cannot_run_here("we may not write into this folder")
        }
        written => written.context(name.to_owned()),
    }
}

/// Without blank lines and comments.
fn lines_of_code(text: &str) -> usize {
    let lines = text.lines().map(str::trim_start);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}
