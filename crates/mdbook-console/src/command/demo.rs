//! `demo`: the list of demos, and one demo at the reader's own terminal.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use mdbook_preprocessor::config::Config as BookConfig;
use sandbox::attach::attach;
use sandbox::world::World;

use crate::command::book_root;
use crate::command::survey;
use crate::config::{Config, Demos};
use crate::demos;
use crate::similar;

/// The exit status where the caller has asked for something unknown.
const UNKNOWN: u8 = 2;

/// Lists the demos under the chapters that speak of them.
pub(super) fn list() -> Result<ExitCode> {
    let survey = survey::book_here()?;
    let Some(demos) = &survey.config.demos else {
        bail!("this book has no demos; see `demos` in [preprocessor.console]");
    };
    let catalogue = Catalogue::of(&survey.root, demos)?;
    let mut rest: BTreeSet<&str> = catalogue.names().collect();
    let mut stdout = io::stdout().lock();
    for chapter in &survey.chapters {
        let spoken_of: BTreeSet<&str> =
            catalogue.names().filter(|n| mentions(&chapter.text, n)).collect();
        catalogue.show(
            &mut stdout,
            &chapter.path.display().to_string(),
            &spoken_of,
        )?;
        rest.retain(|name| !spoken_of.contains(name));
    }
    catalogue.show(&mut stdout, "not in a chapter", &rest)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs one demo, and takes over its exit status.
pub(super) fn run(name: &str) -> Result<ExitCode> {
    let root = book_root()?;
    let mut book = BookConfig::from_disk(root.join("book.toml"))?;
    book.update_from_env()?;
    let config = Config::from_book(&book)?;
    let programs = demos::programs(&root, config.demos.as_ref())?;
    if !programs.names.contains(name) {
        let known = programs.names.iter().map(String::as_str);
        writeln!(io::stderr(), "error: there is no demo `{name}`")?;
        if let Some(meant) = similar::closest(name, known) {
            writeln!(io::stderr(), "did you mean `{meant}`?")?;
        }
        writeln!(io::stderr(), "`demo` without a name lists them all")?;
        return Ok(ExitCode::from(UNKNOWN));
    }
    let world = World { programs: programs.folder, ..World::default() };
    let status = attach(&world, &[&format!("/demos/{name}")])
        .map_err(|refusal| anyhow!("{refusal}\nhelp: {}", refusal.remedy))?;
    Ok(ExitCode::from(status))
}

/// The demos, and the question that each answers.
struct Catalogue {
    demos: Vec<(String, String)>,
}

impl Catalogue {
    fn of(root: &Path, demos: &Demos) -> Result<Self> {
        let mut demos = match demos {
            Demos::Package(package) => questions(root, package)?,
            Demos::Folder(_) => demos::programs(root, Some(demos))?
                .names
                .into_iter()
                .map(|name| (name, String::new()))
                .collect(),
        };
        demos.sort();
        Ok(Self { demos })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.demos.iter().map(|(name, _)| name.as_str())
    }

    fn show(
        &self,
        out: &mut impl Write,
        heading: &str,
        names: &BTreeSet<&str>,
    ) -> io::Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        writeln!(out, "{heading}")?;
        let width = self.names().map(str::len).max().unwrap_or(0);
        for (name, question) in &self.demos {
            if names.contains(name.as_str()) {
                let line = format!("  {name:width$}  {question}");
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The first line of each program's documentation.
fn questions(root: &Path, package: &str) -> Result<Vec<(String, String)>> {
    let folder = demos::package_folder(root, package)?.join("src").join("bin");
    let entries = fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?;
    let mut questions = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_folder = path.is_dir();
        let source =
            if is_folder { path.join("main.rs") } else { path.clone() };
        let name = path.file_stem().unwrap_or_default().display().to_string();
        if source.extension().is_some_and(|extension| extension == "rs") {
            questions.push((name, question(&fs::read_to_string(source)?)));
        }
    }
    Ok(questions)
}

fn question(source: &str) -> String {
    let first = source.lines().find_map(|line| line.strip_prefix("//!"));
    first.unwrap_or_default().trim().to_owned()
}

/// Whether a text has the name as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part)
            && !text[at + name.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_is_another_name() {
        assert!(mentions("# init-dies\n", "init-dies"));
        assert!(mentions("`demos/src/bin/init-dies.rs`", "init-dies"));
        assert!(!mentions("init-dies-twice", "init-dies"));
        assert!(!mentions("my-init-dies", "init-dies"));
    }

    #[test]
    fn the_question_is_the_first_line_of_the_documentation() {
        assert_eq!(question("//! Who am I?\n//!\n//! Watch.\n"), "Who am I?");
        assert_eq!(question("fn main() {}"), "");
    }
}
