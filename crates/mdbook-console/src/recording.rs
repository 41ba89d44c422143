//! A transcript as a text that people read, and git compares.
//!
//! ```text
//! session: walk
//! chapter: three-terminals.md
//! record: mdbook-console record walk
//! kernel: Linux 6.18.44 x86_64
//! system: Debian GNU/Linux 12 (bookworm)
//! tools: procps 2:4.0.2-3
//! date: 2026-11-23
//! took: 340ms
//!
//! [walk-ps, terminal 1]
//! # ps -ef
//! │UID   PID  PPID  C STIME TTY      TIME CMD
//! │root    1     0  0 00:00 ?    00:00:00 init
//!
//! = end, sum 8c736521d0fd4c22
//! ```
//!
//! A line that begins with a bar was printed, one with `←` was typed while a
//! command ran, and one with `=` or `*` says what else is known. What a
//! terminal received is there byte for byte: what cannot be read stands
//! behind a backslash ([`escape`]).

pub mod census;
pub mod escape;
pub mod read;
pub mod write;

use std::time::Duration;

use crate::same::{self, Comparison, Part};
use crate::transcript::Transcript;

/// Begins a line of output.
const OUTPUT: char = '│';

/// Begins a line of input.
const INPUT: char = '←';

/// Begins a line on how a step ended, or the end of the recording.
const FACT: &str = "= ";

/// Begins, behind [`FACT`], the namespaces that are no more.
const GONE: &str = "gone ";

/// Begins a line on a process or a namespace.
const CENSUS: &str = "* ";

/// Stands for a command's line where a command goes on that is running.
const RESUMED: &str = "...";

/// Where, when and with what a session was performed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The session's name.
    pub session: String,
    /// The chapter's file, relative to the folder of chapters.
    pub chapter: String,
    /// The command that makes the recording again.
    pub record: String,
    /// The kernel that answered, and its machine: `Linux 6.18.44 x86_64`.
    pub kernel: String,
    /// The distribution, as it calls itself.
    pub system: String,
    /// The packages whose programs were called, with their versions.
    pub tools: Vec<String>,
    /// The book's own programs that were called.
    pub demos: Vec<String>,
    /// The day, in UTC: `2026-11-23`.
    pub date: String,
    /// Wall-clock time.
    pub took: Duration,
}

/// A transcript, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// Where it comes from.
    pub header: Header,
    /// What the session said.
    pub transcript: Transcript,
}

/// One step of a recording, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Which of the session's blocks it is of, by position.
    pub block: usize,
    /// What it says.
    pub part: Part,
}

/// Compares what a session has said with what it says now. Both are taken as
/// text, as recordings have it.
pub fn compare(old: &Transcript, new: &Transcript) -> Comparison {
    let parts = |transcript| -> Vec<Part> {
        let passages = write::passages(transcript).into_iter();
        let part = |Part { lines, gone }| Part {
            lines: lines.iter().map(|line| comparable(line)).collect(),
            gone,
        };
        passages.map(|passage| part(passage.part)).collect()
    };
    let mut comparison = same::compare(&parts(old), &parts(new));
    for line in comparison.renamed.iter_mut().flatten() {
        *line = recorded(line);
    }
    comparison
}

/// Begins a line that is not output, for comparison. No output has it,
/// because it does not show.
const NOT_OUTPUT: char = '\0';

/// A line of output as the terminal had it, so that what is known of the
/// form of tools' output applies to it.
fn comparable(line: &str) -> String {
    let Some(output) = line.strip_prefix(OUTPUT) else {
        return format!("{NOT_OUTPUT}{line}");
    };
    match output.strip_suffix(escape::LAST_BLANK) {
        Some(rest) => format!("{rest} "),
        None => output.to_owned(),
    }
}

/// What [`comparable`] was made from.
fn recorded(line: &str) -> String {
    if let Some(line) = line.strip_prefix(NOT_OUTPUT) {
        return line.to_owned();
    }
    match line.strip_suffix(' ') {
        Some(rest) => format!("{OUTPUT}{rest}{}", escape::LAST_BLANK),
        None => format!("{OUTPUT}{line}"),
    }
}

/// A sum over the bytes of a text that tells whether it was changed by hand:
/// FNV-1a, which is no secret and keeps out nobody who means it.
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
