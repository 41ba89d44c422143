//! The built pages: where their links lead, and how wide their frames are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use regex::Regex;

use crate::run::{console, read, root};

/// No line of output is wider than a terminal of this many columns.
const COLUMNS: usize = 80;

/// What a line has that somebody typed.
const PROMPT: &str = "class=\"prompt\"";

/// Lines that may be wider: what they contain, and why. The list only
/// shrinks.
const WIDE: [(&str, &str); 2] = [
    ("any subsequent operation failed", "mount(8) has one line for it"),
    ("mode DEFAULT group default", "ip-link(8) has one line for a device"),
];

pub(super) fn complain(complaints: &mut Vec<String>) -> Result<()> {
    let first =
        read(Command::new(console()?).current_dir(root()).arg("build"))?;
    let first = root().join(first.trim());
    let folder = first.parent().context("a page is in a folder")?;
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "html") {
            let name = path.file_name().context("a page has a name")?;
            let text = std::fs::read_to_string(&path)?;
            pages
                .insert(name.to_string_lossy().into_owned(), Page::new(&text)?);
        }
    }
    for (name, page) in &pages {
        // The page for what does not exist is seen at any address.
        if name == "404.html" {
            continue;
        }
        for anchor in &page.twice {
            complaints.push(format!("{name}: two anchors are `{anchor}`"));
        }
        for link in &page.links {
            if !leads_somewhere(link, name, &pages, folder) {
                complaints.push(format!("{name}: `{link}` leads nowhere"));
            }
        }
        // The page for printing has all frames once more.
        for line in page.wide.iter().filter(|_| name != "print.html") {
            complaints.push(format!("{name}: more than 80 columns: {line}"));
        }
    }
    Ok(())
}

/// What of a page matters here.
struct Page {
    anchors: BTreeSet<String>,
    /// Anchors that are there more than once.
    twice: BTreeSet<String>,
    links: BTreeSet<String>,
    /// The lines of its frames that are too wide.
    wide: Vec<String>,
}

impl Page {
    fn new(html: &str) -> Result<Self> {
        let mut page = Self {
            anchors: BTreeSet::new(),
            twice: BTreeSet::new(),
            links: BTreeSet::new(),
            wide: Vec::new(),
        };
        let script = Regex::new("(?s)<(script|style)[ >].*?</(script|style)>")?;
        let html = script.replace_all(html, "");
        let attribute = Regex::new(r#"[\s"](id|href|src)="([^"]*)""#)?;
        let tag = Regex::new(r"<[a-zA-Z][^>]*>")?;
        for tag in tag.find_iter(&html) {
            for found in attribute.captures_iter(tag.as_str()) {
                let value = unescaped(&found[2]);
                if &found[1] != "id" {
                    page.links.insert(value);
                } else if !page.anchors.insert(value.clone()) {
                    page.twice.insert(value);
                }
            }
        }
        // A map in words has such tags as well, and no columns.
        let frame = Regex::new("(?s)<pre[^>]*><samp>(.*?)</samp>")?;
        let any_tag = Regex::new("<[^>]*>")?;
        for frame in frame.captures_iter(&html) {
            // What was typed may be as long as its author likes.
            let printed =
                frame[1].lines().filter(|line| !line.contains(PROMPT));
            for line in printed {
                let text = line.replace('↩', "");
                let text = unescaped(&any_tag.replace_all(&text, ""));
                let may = WIDE.iter().any(|(may, _)| text.contains(may));
                if text.chars().count() > COLUMNS && !may {
                    page.wide.push(text);
                }
            }
        }
        Ok(page)
    }
}

fn unescaped(html: &str) -> String {
    let known =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")];
    let mut text = html.to_owned();
    for (escaped, character) in known {
        text = text.replace(escaped, character);
    }
    text.replace("&#x27;", "'").replace("&amp;", "&")
}

fn leads_somewhere(
    link: &str,
    page: &str,
    pages: &BTreeMap<String, Page>,
    folder: &Path,
) -> bool {
    let is_elsewhere = ["http:", "https:", "mailto:", "data:"]
        .iter()
        .any(|scheme| link.starts_with(scheme));
    if is_elsewhere || link == "#" {
        return true;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = if file.is_empty() { page } else { file };
    let anchored = pages.get(file).map(|page| page.anchors.contains(anchor));
    match anchored {
        Some(there) => anchor.is_empty() || there,
        None => anchor.is_empty() && folder.join(file).exists(),
    }
}
