//! The versions of what answers: outputs depend on them.

use std::collections::BTreeMap;
use std::env::consts;
use std::fs;

use crate::plan::{Kind, Session};
use crate::recording::Header;
use crate::stage::{Live, Stage};
use crate::tools;

/// The kernel, the distribution and its packages.
pub(super) struct Versions {
    kernel: String,
    system: String,
    packages: BTreeMap<String, String>,
}

impl Default for Versions {
    fn default() -> Self {
        let release = Live.kernel().map(|release| release.to_string());
        Self {
            kernel: format!(
                "Linux {} {}",
                release.unwrap_or_default(),
                consts::ARCH
            ),
            system: system().unwrap_or_default(),
            packages: packages(),
        }
    }
}

impl Versions {
    /// The kernel, and its machine.
    pub(super) fn kernel(&self) -> &str {
        &self.kernel
    }

    /// The distribution.
    pub(super) fn system(&self) -> &str {
        &self.system
    }

    /// The packages whose programs a session calls, with their versions.
    pub(super) fn tools(&self, session: &Session) -> Vec<String> {
        let mut names: Vec<&str> = words(session)
            .iter()
            .filter_map(|word| tools::package(word))
            .collect();
        names.push("bash");
        names.sort_unstable();
        names.dedup();
        let version = |name: &str| {
            let version = self.packages.get(name)?;
            Some(format!("{name} {version}"))
        };
        names.into_iter().filter_map(version).collect()
    }

    /// What has another version than at the time of a recording. Where its
    /// output differs, that is the likely cause.
    pub(super) fn note(
        &self,
        recorded: &Header,
        session: &Session,
    ) -> Option<String> {
        let mut others = Vec::new();
        let mut compare = |then: &str, now: &str| {
            if then != now && !then.is_empty() {
                others.push(format!("  recorded with {then}, run with {now}"));
            }
        };
        compare(&recorded.kernel, &self.kernel);
        compare(&recorded.system, &self.system);
        let now = self.tools(session);
        for then in &recorded.tools {
            let name = then.split(' ').next().unwrap_or_default();
            let is_same = |tool: &&String| {
                tool.split(' ').next().is_some_and(|known| known == name)
            };
            let missing = format!("no {name}");
            compare(then, now.iter().find(is_same).unwrap_or(&missing));
        }
        (!others.is_empty()).then(|| {
            format!(
                "the likely cause is another version\n{}",
                others.join("\n")
            )
        })
    }
}

/// The words of a session's commands that may be names of programs.
pub(super) fn words(session: &Session) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let actions = session.blocks.iter().flat_map(|block| &block.actions);
    let lines = actions.filter_map(|action| match &action.kind {
        Kind::Run(command) => Some(&command.lines),
        Kind::Resume { .. } => None,
    });
    let words = lines.flatten().flat_map(|line| line.split(|c| !is_part(c)));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// os-release(5), `PRETTY_NAME`.
fn system() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|l| l.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

/// The packages that dpkg(1) has installed; none on other distributions.
fn packages() -> BTreeMap<String, String> {
    let text = fs::read_to_string("/var/lib/dpkg/status").unwrap_or_default();
    let field = |entry: &str, key: &str| {
        entry.lines().find_map(|l| l.strip_prefix(key)).map(str::to_owned)
    };
    text.split("\n\n")
        .filter_map(|entry| {
            Some((field(entry, "Package: ")?, field(entry, "Version: ")?))
        })
        .collect()
}
