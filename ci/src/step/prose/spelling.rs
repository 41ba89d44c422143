//! The words, by a real speller and a list of what it cannot know.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::form::prose;
use crate::chapters::{Chapter, FOLDER};
use crate::run::root;

/// Words that are right and in no dictionary. The list only holds what is
/// used.
const WORDS: &str = "ci/words.txt";

/// The book's own name is written like a name.
const TITLE: &str = "# Linux Namespaces, Demonstrated";

pub(super) fn complain(
    chapters: &[Chapter],
    complaints: &mut Vec<String>,
) -> Result<()> {
    let list = std::fs::read_to_string(root().join(WORDS))?;
    let mut unused: BTreeSet<&str> = list.lines().collect();
    let mut sorted: Vec<&str> = list.lines().collect();
    sorted.sort_by_key(|word| (word.to_lowercase(), *word));
    sorted.dedup();
    if sorted != list.lines().collect::<Vec<_>>() {
        complaints.push(format!("{WORDS}: the words are in another order"));
    }

    // One line for the speller is one line of a chapter, or of its headings.
    let mut places = Vec::new();
    let mut text = String::new();
    for chapter in chapters {
        for line in chapter.lines() {
            let Some(prose) = prose(&line) else { continue };
            let place = format!("{FOLDER}/{}:{}", chapter.file, line.number);
            let is_heading = line.text.starts_with('#');
            places.push((place, is_heading));
            text.push_str(&readable(&prose));
            text.push('\n');
        }
    }
    let misses = unknown(&text)?;
    ensure!(misses.len() == places.len(), "hunspell has lost a line");
    for ((place, _), words) in places.iter().zip(&misses) {
        for word in words {
            let lower = word.to_lowercase();
            let known: Vec<&str> = [word, &lower]
                .into_iter()
                .filter_map(|word| list.lines().find(|known| *known == word))
                .collect();
            if known.is_empty() {
                complaints.push(format!(
                    "{place}: `{word}` is in no dictionary; mend it, or add \
                     it to {WORDS}"
                ));
            }
            for word in known {
                unused.remove(word);
            }
        }
    }
    for word in unused {
        complaints.push(format!("{WORDS}: `{word}` is not needed"));
    }
    headings(&places, &text, &list, complaints)
}

/// In a heading, only what is always written with a capital has one: its
/// word is unknown when it begins with a small letter.
fn headings(
    places: &[(String, bool)],
    text: &str,
    list: &str,
    complaints: &mut Vec<String>,
) -> Result<()> {
    let mut titles = String::new();
    let mut found = Vec::new();
    for ((place, _), line) in
        places.iter().zip(text.lines()).filter(|((_, is), _)| *is)
    {
        if line == TITLE {
            continue;
        }
        let words = line.trim_start_matches(['#', ' ']).split_whitespace();
        let mut words = words.skip(1).peekable();
        while let Some(word) = words.next() {
            // "Terminal 3" is a name.
            if words.peek().is_some_and(|next| next.starts_with(is_digit)) {
                continue;
            }
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let mut letters = word.chars();
            let first = letters.next().is_some_and(char::is_uppercase);
            if first && letters.all(|c| !c.is_uppercase()) {
                titles.push_str(&word.to_lowercase());
                titles.push('\n');
                found.push((place, word));
            }
        }
    }
    let misses = unknown(&titles)?;
    for ((place, word), missed) in found.into_iter().zip(misses) {
        let small = word.to_lowercase();
        if missed.is_empty() || list.lines().any(|known| known == small) {
            complaints.push(format!("{place}: `{word}` has a capital letter"));
        }
    }
    Ok(())
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// A line without what only looks like words: footnotes, names of manual
/// pages, paths, commits.
fn readable(prose: &str) -> String {
    let mut text = prose.to_owned();
    if let Some(definition) = text.strip_prefix("[^") {
        let rest = definition.split_once("]:").map_or("", |(_, rest)| rest);
        text = rest.to_owned();
    }
    while let Some(start) = text.find("[^") {
        let end = text[start..].find(']').map_or(text.len(), |at| start + at);
        text.replace_range(start..(end + 1).min(text.len()), " ");
    }
    let text = text.replace("'s", "").replace("’s", "");
    let words = text.split(' ').map(|word| {
        let is_page = word.contains("(1") || word.contains("(2");
        let is_page = is_page
            || ["(3", "(4", "(5", "(7", "(8"]
                .iter()
                .any(|section| word.contains(section));
        let is_path = word.contains('/') || word.contains('_');
        let commit = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_commit =
            commit.len() == 12 && commit.chars().all(|c| c.is_ascii_hexdigit());
        if is_page || is_path || is_commit { "" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The words of each line that hunspell does not know.
fn unknown(text: &str) -> Result<Vec<Vec<String>>> {
    let mut hunspell = Command::new("hunspell")
        .args(["-a", "-i", "utf-8", "-d", "en_US"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("hunspell is missing; `cargo ci tools` installs it")?;
    let mut input = hunspell.stdin.take().context("hunspell's input")?;
    // `^` says that no command follows.
    let text = text.to_owned();
    let writer = std::thread::spawn(move || {
        text.lines().try_for_each(|line| writeln!(input, "^{line}"))
    });
    let output = hunspell.wait_with_output()?;
    if writer.join().is_err() || !output.status.success() {
        bail!("hunspell failed: {}", output.status);
    }
    let said = String::from_utf8(output.stdout)?;
    // A line of its own, then for each line of ours one line a word, and an
    // empty one.
    let mut misses = vec![Vec::new()];
    for line in said.lines().skip(1) {
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("&" | "#"), Some(word)) => {
                if let Some(last) = misses.last_mut() {
                    last.push(word.to_owned());
                }
            }
            (Some(""), None) => misses.push(Vec::new()),
            _ => {}
        }
    }
    misses.pop();
    Ok(misses)
}
