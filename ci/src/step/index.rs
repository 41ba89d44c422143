//! The index of demos, which the chapters and the demos themselves write.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::chapters::{Chapter, chapters, path};
use crate::run::root;
use crate::step::demos;

/// The page, and the line behind which it is written by this step.
const PAGE: &str = "demos.md";
const MARK: &str =
    "<!-- From here on, `SNAPSHOTS=overwrite cargo ci index` writes. -->\n";

/// Every demo is in the index once, with its question, the chapter that runs
/// it, and what that needs. `SNAPSHOTS=overwrite` writes the index.
pub(crate) fn check() -> Result<()> {
    let page = path(PAGE);
    let text = fs::read_to_string(&page).context(PAGE)?;
    let (prose, listed) = text
        .split_once(MARK)
        .with_context(|| format!("{PAGE} has no line {MARK}"))?;
    let table = table(&chapters()?)?;
    if listed == table {
        return Ok(());
    }
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        return Ok(fs::write(page, format!("{prose}{MARK}{table}"))?);
    }
    let lines: BTreeSet<&str> = listed.lines().collect();
    let new = table.lines().filter(|line| !lines.contains(line));
    let new: Vec<&str> = new.collect();
    bail!(
        "{PAGE} is not up to date; run `SNAPSHOTS=overwrite cargo ci index`\n{}",
        new.join("\n")
    );
}

/// The demos in the order in which one meets them.
fn table(chapters: &[Chapter]) -> Result<String> {
    let names = demos::names()?;
    let mut left: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mut table = "\n| demo | question | chapter | needs |\n\
                     |---|---|---|---|\n"
        .to_owned();
    for chapter in chapters {
        for (needs, word) in words(chapter) {
            let source = format!("demos/src/bin/{word}.rs");
            if !chapter.text.contains(&source) || !left.remove(word) {
                continue;
            }
            let question = question(&root().join(source))?;
            let Chapter { file, title, .. } = chapter;
            writeln!(
                table,
                "| `{word}` | {question} | [{title}]({file}) | {needs} |"
            )?;
        }
    }
    ensure!(
        left.is_empty(),
        "no chapter shows and runs these demos: {}",
        Vec::from_iter(left).join(", ")
    );
    Ok(table)
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
    let text = fs::read_to_string(source)?;
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
