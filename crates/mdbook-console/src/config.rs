//! `[preprocessor.console]`: all that may differ from book to book.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use mdbook_preprocessor::config::Config as BookConfig;
use serde::Deserialize;

use crate::parse::duration;
use crate::similar;

/// The table as written, before it is given a meaning.
type Table = BTreeMap<String, serde_json::Value>;

/// The table's name in `book.toml`.
const TABLE: &str = "preprocessor.console";

/// Every key this program reads.
pub const KEYS: [&str; 7] =
    ["mode", "timeout", "jobs", "demos", "recordings", "run-hint", "exercises"];

/// The keys of the same table that are mdBook's own.
pub const MDBOOK_KEYS: [&str; 5] =
    ["command", "before", "after", "renderers", "optional"];

/// What the author of a book may set. Every key may also come from the
/// environment, as in `MDBOOK_PREPROCESSOR__CONSOLE__MODE=live`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// `mode`: whether blocks are run. `"auto"` (the default) shows
    /// recordings where they cannot run, and says so on the page and on
    /// standard error; `"live"` fails the build there; `"recorded"` runs
    /// nothing anywhere.
    pub mode: Mode,
    /// `timeout`: how long one command may take if its block does not say;
    /// `"10s"` unless set. Units are `ms`, `s` and `m`.
    pub timeout: Timeout,
    /// `jobs`: how many sessions run at a time; as many as the machine has
    /// cores unless set.
    pub jobs: Option<NonZeroUsize>,
    /// `demos`: the programs that sessions find first in `PATH`. Either
    /// `{ package = "NAME" }`, a cargo package whose binaries are built, or
    /// `{ folder = "PATH" }`, a folder of programs, relative to the book.
    pub demos: Option<Demos>,
    /// `recordings`: the folder of recordings, relative to the book;
    /// `recorded` beside the folder of chapters unless set.
    pub recordings: Option<PathBuf>,
    /// `run-hint`: the command that runs a demo at the reader's own
    /// terminal, shown under blocks that run nothing else. `{name}` stands
    /// for the demo: `"cargo book demo {name}"`.
    pub run_hint: Option<String>,
    /// `exercises`: the program among the demos that knows the book's
    /// exercises. It is started as root of a fresh world with `list`, or with
    /// `open`, `solution` or `prove` and the name of an exercise.
    pub exercises: Option<String>,
}

/// Whether blocks are run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Where that is possible.
    #[default]
    Auto,
    /// Yes; where that is not possible, the build fails.
    Live,
    /// No: recordings are shown.
    Recorded,
}

/// Where the demos come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Demos {
    /// The binaries of a cargo package of the workspace around the book.
    Package(String),
    /// A folder of programs, relative to the book.
    Folder(PathBuf),
}

/// How long a command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Timeout(pub Duration);

impl Default for Timeout {
    fn default() -> Self {
        Self(Duration::from_secs(10))
    }
}

impl TryFrom<String> for Timeout {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        duration::parse(&text).map(Self).ok_or_else(|| {
            format!(
                "`{text}` is not a duration; write a number and a unit, \
                 like `500ms`, `10s` or `2m`"
            )
        })
    }
}

impl Config {
    /// Reads the table, refusing what it does not know.
    pub fn from_book(book: &BookConfig) -> Result<Self> {
        let table: Table = book.get(TABLE)?.unwrap_or_default();
        for key in table.keys() {
            known(key)?;
        }
        if book.build.use_default_preprocessors {
            comes_after_links(&table)?;
        }
        book.get(TABLE)
            .with_context(|| format!("reading [{TABLE}] of book.toml"))
            .map(Option::unwrap_or_default)
    }
}

fn known(key: &str) -> Result<()> {
    if KEYS.contains(&key) || MDBOOK_KEYS.contains(&key) {
        return Ok(());
    }
    let known = KEYS.map(|key| format!("`{key}`")).join(", ");
    match similar::closest(key, KEYS.into_iter().chain(MDBOOK_KEYS)) {
        Some(meant) => bail!(
            "unknown key `{key}` in [{TABLE}]: did you mean `{meant}`? \
             (known are {known})"
        ),
        None => bail!("unknown key `{key}` in [{TABLE}]: known are {known}"),
    }
}

/// If includes were expanded behind us, they would also be expanded in what
/// the commands print.
fn comes_after_links(table: &Table) -> Result<()> {
    let after = table.get("after").and_then(|after| after.as_array());
    ensure!(
        after.is_some_and(|names| names.iter().any(|name| name == "links")),
        "[{TABLE}] must come after mdBook's own `links`: \
         add `after = [\"links\"]` to the table"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn read(table: &str) -> Result<Config> {
        let text =
            format!("[preprocessor.console]\nafter = [\"links\"]\n{table}");
        Config::from_book(&BookConfig::from_str(&text)?)
    }

    fn error(table: &str) -> String {
        format!("{:#}", read(table).expect_err("a complaint"))
    }

    #[test]
    fn an_empty_table_means_the_defaults() -> Result<()> {
        let config = read("command = \"mdbook-console\"")?;
        assert_eq!(config, Config::default());
        assert_eq!(config.timeout.0, Duration::from_secs(10));
        Ok(())
    }

    #[test]
    fn every_key_is_read() -> Result<()> {
        let config = read(
            "mode = \"live\"\ntimeout = \"500ms\"\njobs = 3\n\
             demos = { package = \"demos\" }\nrecordings = \"said\"\n\
             run-hint = \"run {name}\"\nexercises = \"tutor\"",
        )?;
        assert_eq!(
            config,
            Config {
                mode: Mode::Live,
                timeout: Timeout(Duration::from_millis(500)),
                jobs: NonZeroUsize::new(3),
                demos: Some(Demos::Package("demos".into())),
                recordings: Some("said".into()),
                run_hint: Some("run {name}".into()),
                exercises: Some("tutor".into()),
            }
        );
        Ok(())
    }

    #[test]
    fn the_readme_knows_every_key_and_option() {
        let readme = include_str!("../README.md");
        for key in KEYS {
            assert!(readme.contains(&format!("| `{key}` |")), "{key}");
        }
        for option in crate::parse::info::OPTIONS {
            assert!(readme.contains(&format!("| `{option}")), "{option}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_one_meant() {
        let error = error("timout = \"1s\"");
        assert!(error.contains("did you mean `timeout`?"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_explained() {
        let error = error("timeout = \"soon\"");
        assert!(error.contains("`soon` is not a duration"), "{error}");
    }

    #[test]
    fn running_before_links_is_refused() -> Result<()> {
        let book = BookConfig::from_str("[preprocessor.console]")?;
        let error = Config::from_book(&book).expect_err("a complaint");
        assert!(format!("{error}").contains("after = [\"links\"]"));
        Ok(())
    }
}
