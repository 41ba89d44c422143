//! Includes that would show nothing. mdBook itself only logs them, or not
//! even that.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::diagnostics::recordings as complain;
use crate::diagnostics::report::{Located, Source};
use crate::manuscript::Manuscript;

/// mdBook's own limit.
const DEEPEST: usize = 10;

/// What mdBook's `links` takes for an include.
static INCLUDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(\\)?\{\{\s*#(?:include|rustdoc_include|playground)\s+([^}\s]+)[^}]*\}\}",
    )
    .ok()
});

/// The includes of a book whose file or anchor is missing.
pub fn missing(manuscript: &Manuscript) -> Vec<Located> {
    let mut missing = Vec::new();
    for chapter in &manuscript.chapters {
        let file = manuscript.root.join(&manuscript.src).join(&chapter.path);
        look(&file, manuscript, DEEPEST, &mut missing);
    }
    missing.dedup_by(|a, b| a.source == b.source && a.fault == b.fault);
    missing
}

fn look(
    file: &Path,
    manuscript: &Manuscript,
    depth: usize,
    missing: &mut Vec<Located>,
) {
    let Some(include) = INCLUDE.as_ref() else { return };
    let Ok(text) = fs::read_to_string(file) else { return };
    for found in include.captures_iter(&text) {
        let Some(target) = found.get(2).filter(|_| found.get(1).is_none())
        else {
            continue;
        };
        let mut parts = target.as_str().splitn(2, ':');
        let name = parts.next().unwrap_or_default();
        let anchor = parts.next().filter(|anchor| is_anchor(anchor));
        let path = file.parent().unwrap_or(Path::new("")).join(name);
        let span = target.range();
        let fault = match fs::read_to_string(&path) {
            Err(_) => complain::no_file(name, span.clone()),
            Ok(included) => {
                if depth > 0 {
                    look(&path, manuscript, depth - 1, missing);
                }
                match anchor.filter(|anchor| !has_anchor(&included, anchor)) {
                    Some(anchor) => {
                        complain::no_anchor(name, anchor, span.clone())
                    }
                    None => continue,
                }
            }
        };
        missing.push(Located {
            fault,
            source: Source {
                path: manuscript.display(file),
                text: text.as_str().into(),
                span,
                note: None,
            },
            related: Vec::new(),
        });
    }
}

/// Not a line, or a range of lines.
fn is_anchor(text: &str) -> bool {
    !text
        .split(':')
        .all(|part| part.is_empty() || part.parse::<usize>().is_ok())
}

/// As mdBook looks for it.
fn has_anchor(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let rest = line.split_once("ANCHOR:").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.split_whitespace().next() == Some(name))
    })
}
