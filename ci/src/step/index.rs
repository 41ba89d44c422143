//! What nobody writes by hand: the index of demos, the glossary and the
//! sources, which the other pages write, and the list of causes in
//! troubleshooting, which the sandbox writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use sandbox::error::Known;

use crate::chapters::{Chapter, chapters, path};
use crate::run::root;
use crate::step::demos;

/// A page is written by this step from behind this line on.
const MARK: &str =
    "<!-- From here on, `SNAPSHOTS=overwrite cargo ci index` writes. -->\n";

/// The pages that are made of other pages.
const MADE: [&str; 3] = ["demos.md", "glossary.md", "sources.md"];

/// A bold text of more words is a sentence, and of fewer a word that is
/// explained.
const MOST_WORDS: usize = 3;

/// Every demo is in the index once, with its question, the chapter that runs
/// it, and what that needs; every word that a chapter explains is in the
/// glossary, with the chapter's sentence; and what a chapter cites is among
/// the sources; and what `doctor` tells of a machine that forbids namespaces
/// is what troubleshooting tells. `SNAPSHOTS=overwrite` writes them.
pub(crate) fn check() -> Result<()> {
    is_up_to_date("troubleshooting.md", &causes()?)?;
    let chapters = chapters()?;
    is_up_to_date("demos.md", &demos(&chapters)?)?;
    is_up_to_date("glossary.md", &glossary(&chapters)?)?;
    is_up_to_date("sources.md", &sources(&chapters)?)
}

fn is_up_to_date(page: &str, listing: &str) -> Result<()> {
    let text = fs::read_to_string(path(page)).context(page.to_owned())?;
    let (prose, listed) = text
        .split_once(MARK)
        .with_context(|| format!("{page} has no line {MARK}"))?;
    if listed == listing {
        return Ok(());
    }
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        return Ok(fs::write(path(page), format!("{prose}{MARK}{listing}"))?);
    }
    let lines: BTreeSet<&str> = listed.lines().collect();
    let new: Vec<&str> =
        listing.lines().filter(|line| !lines.contains(line)).collect();
    bail!(
        "{page} is not up to date; run \
         `SNAPSHOTS=overwrite cargo ci index`\n{}",
        new.join("\n")
    );
}

/// The restrictions that the sandbox recognises, with its own words.
fn causes() -> Result<String> {
    let mut list = String::from("\n");
    for Known { errnos, cause, remedy } in sandbox::error::known() {
        let errnos = match errnos.as_slice() {
            [] => "Any error".to_owned(),
            some => format!("`{}`", some.join("` or `")),
        };
        writeln!(list, "- {errnos}, because {cause}.\n  Remedy: {remedy}.")?;
    }
    Ok(list)
}

/// A chapter, and every word that it types in a block, with what the block
/// needs.
type Typed<'a> = (&'a Chapter, Vec<(String, &'a str)>);

/// The demos in the order in which one meets them.
fn demos(chapters: &[Chapter]) -> Result<String> {
    let names = demos::names()?;
    let mut left: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mut table = "\n| demo | question | chapter | needs |\n\
                     |---|---|---|---|\n"
        .to_owned();
    let typed: Vec<Typed<'_>> =
        chapters.iter().map(|chapter| (chapter, words(chapter))).collect();
    for (Chapter { file, title, .. }, words) in &typed {
        for (needs, word) in words {
            if !left.contains(word) || home(word, &typed) != Some(file) {
                continue;
            }
            left.remove(word);
            let question = question(&root().join("demos/src/bin").join(word))?;
            writeln!(
                table,
                "| `{word}` | {question} | [{title}]({file}) | {needs} |"
            )?;
        }
    }
    ensure!(
        left.is_empty(),
        "no chapter runs these demos: {}",
        Vec::from_iter(left).join(", ")
    );
    Ok(table)
}

/// The chapter that a demo belongs to: the first that runs it and shows its
/// source, or else the first that runs it.
fn home<'a>(demo: &str, typed: &[Typed<'a>]) -> Option<&'a String> {
    let source = format!("demos/src/bin/{demo}");
    let sources = [format!("{source}.rs"), format!("{source}/")];
    let runs =
        |typed: &&Typed<'_>| typed.1.iter().any(|(_, word)| *word == demo);
    let shows = |typed: &&Typed<'_>| {
        sources.iter().any(|source| typed.0.text.contains(source))
    };
    let all = || typed.iter().filter(runs);
    all().find(shows).or_else(|| all().next()).map(|typed| &typed.0.file)
}

/// Every word that a chapter types in a block, with what the block needs.
fn words(chapter: &Chapter) -> Vec<(String, &str)> {
    let typed = chapter.lines().filter_map(|line| {
        let label = line.fence?.strip_prefix("console,run")?;
        let command = line.text.strip_prefix(['#', '$'])?;
        Some((needs(label), command))
    });
    typed
        .flat_map(|(needs, command)| {
            command.split_whitespace().map(move |word| (needs.clone(), word))
        })
        .collect()
}

/// What a block says that it cannot do without, in words.
fn needs(label: &str) -> String {
    let quoted = label.split_once("needs=\"").map(|(_, rest)| rest);
    let list = quoted.and_then(|rest| rest.split('"').next());
    let need = |need: &str| match need.trim().strip_prefix("kernel ") {
        Some(version) => format!("Linux {version}"),
        None => format!("`{}`", need.trim()),
    };
    list.map(|list| list.split(',').map(need).collect::<Vec<_>>().join(", "))
        .unwrap_or_default()
}

/// A demo's first line.
fn question(source: &Path) -> Result<String> {
    let main = if source.is_dir() {
        source.join("main.rs")
    } else {
        source.with_extension("rs")
    };
    let text = fs::read_to_string(main)?;
    let mut lines = text.lines();
    let first = lines.next().and_then(|line| line.strip_prefix("//! "));
    let name = source.display();
    ensure!(
        first.is_some_and(|line| line.ends_with('?'))
            && lines.next() == Some("//!"),
        "{name}: the first line is not a question by itself"
    );
    Ok(first.unwrap_or_default().to_owned())
}

/// The words that chapters explain, each with the sentence in which its
/// chapter has it in bold.
fn glossary(chapters: &[Chapter]) -> Result<String> {
    let mut words = BTreeMap::new();
    for chapter in chapters {
        for line in chapter.lines().filter(|line| line.fence.is_none()) {
            for word in line.text.split("**").skip(1).step_by(2) {
                if word.split_whitespace().count() > MOST_WORDS {
                    continue;
                }
                let shown = match line.text.strip_prefix("**") {
                    Some(_) if is_capitalised(word) => word.to_lowercase(),
                    _ => word.to_owned(),
                };
                let entry = (shown, sentence(line.text), chapter);
                let place = format!("{}:{}", chapter.file, line.number);
                if let Some(before) = words.insert(word.to_lowercase(), entry) {
                    let file = &before.2.file;
                    bail!("{place}: {file} explains `{word}` already");
                }
            }
        }
    }
    let mut glossary = String::new();
    for (word, sentence, Chapter { file, title, .. }) in words.values() {
        writeln!(glossary, "\n{word}\n: {sentence}\n  ([{title}]({file}))")?;
    }
    Ok(glossary)
}

/// A capital, and then a small letter: not the name of a kind.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase)
}

/// What each chapter cites: manual pages, files of the kernel's source, and
/// changes to it.
fn sources(chapters: &[Chapter]) -> Result<String> {
    let kinds = [
        ("Manual pages", r"\b[a-z][\w.-]*\([1-8]\)"),
        (
            "The kernel's source",
            r"`(?:arch|Documentation|fs|include|ipc|kernel|mm|net|security)/[\w/.-]+`",
        ),
        ("Commits", r"\b[0-9a-f]{12}\b"),
    ];
    let mut sources = String::new();
    for Chapter { file, title, text } in chapters {
        if MADE.contains(&file.as_str()) {
            continue;
        }
        let mut cited = String::new();
        for (kind, pattern) in &kinds {
            let found: BTreeSet<&str> = Regex::new(pattern)?
                .find_iter(text)
                .map(|found| found.as_str())
                .collect();
            if !found.is_empty() {
                let list = Vec::from_iter(found).join(", ");
                writeln!(cited, "- {kind}: {list}")?;
            }
        }
        if !cited.is_empty() {
            write!(sources, "\n[{title}]({file}):\n\n{cited}")?;
        }
    }
    Ok(sources)
}

/// A line of prose without its footnotes and bold letters, as a sentence.
fn sentence(line: &str) -> String {
    let mut sentence = String::new();
    for (index, part) in line.replace("**", "").split("[^").enumerate() {
        let rest = part.split_once(']').map_or("", |(_, rest)| rest);
        sentence += if index == 0 { part } else { rest };
    }
    let end = sentence.trim_end_matches([':', '.']).len();
    sentence.truncate(end);
    sentence + "."
}
