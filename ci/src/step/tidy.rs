//! The habits of this repository, as far as a program can see them.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::run::{git, read, root};

/// One thing that may not be in a file.
struct Habit {
    /// Which files: the path ends with this…
    kind: &'static str,
    /// …and begins with one of these.
    below: &'static [&'static str],
    /// What may not be in them.
    never: &'static [&'static str],
    /// Why.
    reason: &'static str,
}

const HABITS: [Habit; 4] = [
    Habit {
        kind: ".rs",
        below: &["crates/mdbook-console/src/", "ci/src/main.rs"],
        never: &["unsafe {", "unsafe fn"],
        reason: "the product's unsafe is in crates/sandbox",
    },
    Habit {
        kind: ".rs",
        below: &["crates/", "demos/"],
        never: &["thread::sleep", "todo!(", "unimplemented!("],
        reason: "no sleep decides correctness, and nothing is left to do",
    },
    Habit {
        kind: ".md",
        below: &["book/src/"],
        never: &["```console\n", "```text\n"],
        reason: "a chapter holds no output",
    },
    Habit {
        kind: ".toml",
        below: &["Cargo.toml", "crates/", "ci/", "demos/"],
        never: &["git = ", "path = \"/"],
        reason: "everything comes from the registry or from here",
    },
];

/// No source file is longer.
const MOST_LINES: usize = 600;

/// And no file of a demo.
const MOST_LINES_OF_A_DEMO: usize = 100;

pub(crate) fn check() -> Result<()> {
    let files = read(git().args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut complaints = Vec::new();
    for name in files.lines() {
        let Ok(text) = std::fs::read_to_string(root().join(name)) else {
            continue;
        };
        complain_about(name, &text, &mut complaints);
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

fn complain_about(name: &str, text: &str, complaints: &mut Vec<String>) {
    for habit in &HABITS {
        let applies = name.ends_with(habit.kind)
            && habit.below.iter().any(|start| name.starts_with(start))
            // This file names what it looks for.
            && name != "ci/src/step/tidy.rs";
        for never in habit.never.iter().filter(|_| applies) {
            if let Some(at) = text.find(never) {
                let line = text[..at].lines().count() + 1;
                let reason = habit.reason;
                complaints.push(format!("{name}:{line}: `{never}`: {reason}"));
            }
        }
    }
    let lines = text.lines().count();
    let kind = Path::new(name).extension().unwrap_or_default();
    let is_rust = kind == "rs";
    let is_demo = name.starts_with("demos/src/bin/");
    let most = if is_demo { MOST_LINES_OF_A_DEMO } else { MOST_LINES };
    if is_rust && lines > most {
        complaints.push(format!("{name}: {lines} lines: one idea in a file"));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        complaints.push(format!("{name}: does not end with a newline"));
    }
    let trailing = |line: &str| line.ends_with([' ', '\t']);
    let is_prose = kind == "md" || is_rust;
    if let Some(at) = text.lines().position(trailing).filter(|_| is_prose) {
        complaints.push(format!("{name}:{}: blanks at the end", at + 1));
    }
}
