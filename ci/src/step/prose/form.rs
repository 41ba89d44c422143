//! How a chapter is written down.

use anyhow::Result;
use regex::Regex;

use crate::chapters::{Chapter, FOLDER, Line};

/// One sentence stands on a line. It ends with one of these marks, and
/// whatever closes behind it, footnotes among them; the next begins with a
/// capital letter.
const TWO_SENTENCES: &str =
    r#"[^.][.?!](?:["')*_]|\[\^[^\]]*\])*\s+["'(*_\[`]*\p{Lu}"#;
/// A point that ends no sentence: an initial, or an abbreviation.
const NO_END: &str = r"\b(?:\p{Lu}|vs|e\.g|i\.e)\.";
/// Where a line of prose may end.
const END: &str = r#"[.?!:;…](?:["')*_]|\[\^[^\]]*\])*$"#;
/// Words that promise more than they say.
const EMPTY: &str =
    r"(?i)\b(?:simply|just|easy|easily|magic|powerful|seamless(?:ly)?)\b";

pub(super) fn complain(
    chapter: &Chapter,
    complaints: &mut Vec<String>,
) -> Result<()> {
    let two_sentences = Regex::new(TWO_SENTENCES)?;
    let no_end = Regex::new(NO_END)?;
    let end = Regex::new(END)?;
    let empty = Regex::new(EMPTY)?;
    let mut complain = |number: usize, what: &str| {
        let file = &chapter.file;
        complaints.push(format!("{FOLDER}/{file}:{number}: {what}"));
    };
    let mut level = 0;
    let mut before: Option<(usize, String)> = None;
    for line in chapter.lines() {
        let prose = prose(&line);
        if line.opens && line.fence == Some("") {
            complain(line.number, "say what is in this fence");
        }
        if let Some(heading) = heading(&line) {
            if (level == 0) != (heading == 1) || heading > level + 1 {
                complain(line.number, "this heading is of another level");
            }
            level = heading;
        }
        // A sentence that goes on in the next line.
        let goes_on =
            prose.as_ref().is_some_and(|prose| continues(&line, prose));
        if let Some((number, text)) = before.take()
            && goes_on
            && !end.is_match(text.trim_end())
        {
            complain(number, "a sentence in more than one line");
        }
        let Some(prose) = prose else { continue };
        let counted = no_end.replace_all(&prose, "");
        if two_sentences.is_match(&counted) && !prose.starts_with("[^") {
            complain(line.number, "more than one sentence in a line");
        }
        if let Some(word) = empty.find(&prose) {
            let word = word.as_str();
            complain(line.number, &format!("`{word}` says nothing"));
        }
        if is_prose(&prose) {
            before = Some((line.number, prose));
        }
    }
    Ok(())
}

fn heading(line: &Line<'_>) -> Option<usize> {
    let text = line.text.trim_start_matches('#');
    let level = line.text.len() - text.len();
    (line.fence.is_none() && level > 0 && text.starts_with(' '))
        .then_some(level)
}

/// A line without what is no prose in it: code becomes a placeholder, and of
/// a link its text stays. None for fences, tables and HTML.
pub(super) fn prose(line: &Line<'_>) -> Option<String> {
    let text = line.text.trim();
    if line.fence.is_some() || text.starts_with(['|', '<']) {
        return None;
    }
    let title = text.trim_start_matches('#');
    if title.len() < text.len() {
        // The anchor behind it, and the number before it, are no prose.
        let title = title.split(" {#").next().unwrap_or_default();
        let title = without_marker(title.trim_start());
        return Some(without_targets(&without_code(&format!("# {title}"))));
    }
    Some(without_targets(&without_code(without_marker(text))))
}

/// A list's line without what makes it one.
fn without_marker(text: &str) -> &str {
    let numbered = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (numbered.len() < text.len()).then_some(numbered);
    numbered
        .and_then(|rest| rest.strip_prefix(". "))
        .or_else(|| text.strip_prefix("- "))
        .or_else(|| text.strip_prefix(": "))
        .unwrap_or(text)
}

/// A placeholder for each piece of code, between as many backticks as one
/// likes.
fn without_code(text: &str) -> String {
    let mut prose = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('`') {
        prose.push_str(before);
        let code = behind.trim_start_matches('`');
        let mark = "`".repeat(1 + behind.len() - code.len());
        prose.push('0');
        rest = code.split_once(&mark).map_or("", |(_, rest)| rest);
    }
    prose + rest
}

/// `[text](target)` becomes `text`.
fn without_targets(prose: &str) -> String {
    let mut rest = prose;
    let mut text = String::new();
    while let Some((before, behind)) = rest.split_once("](") {
        text.push_str(before);
        text.push(']');
        rest = behind.split_once(')').map_or("", |(_, rest)| rest);
    }
    text + rest
}

/// A paragraph's line, or that of a list.
fn is_prose(prose: &str) -> bool {
    !prose.is_empty() && !prose.starts_with(['#', '>', '['])
}

/// A line that would continue a sentence, and begins no item of a list.
fn continues(line: &Line<'_>, prose: &str) -> bool {
    let text = line.text.trim();
    is_prose(prose) && text == without_marker(text) && !text.starts_with('(')
}
