//! Every demo, as the caller and as an ordinary user.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Result, ensure};

use crate::run::{captured, console, root};
use crate::user::User;

/// Demos whose output is about the numbers themselves, with the reason. The
/// list only shrinks.
const VARIES: [(&str, &str); 1] =
    [("mini-lsns", "prints namespace numbers, as lsns does")];

/// Demos that may say that they cannot run, with what they cannot do
/// without. The list only shrinks.
const MAY_LACK: [(&str, Lacks, &str); 6] = [
    ("group-map", Lacks::Ids, "needs a world that may still call setgroups"),
    ("map-range", Lacks::Ids, "maps ids that an ordinary user does not have"),
    ("two-owners", Lacks::Ids, "maps ids that an ordinary user does not have"),
    ("cgroup-root", Lacks::Cgroups, "makes cgroups"),
    ("no-more-rights", Lacks::Cgroups, "writes to a mounted cgroup2"),
    ("not-a-jail", Lacks::Cgroups, "makes cgroups"),
];

/// What a world may be without.
#[derive(Clone, Copy, PartialEq)]
enum Lacks {
    /// More than one id: an ordinary user has one, and root has many.
    Ids,
    /// A cgroup to make others in, which is up to whoever started us.
    Cgroups,
}

/// The status that means *cannot run here*.
const CANNOT_RUN: i32 = 77;

pub(crate) fn check() -> Result<()> {
    let console = console()?;
    let names = names()?;
    let user = User::with_demos(&console, "")?;
    let mut failures = Vec::new();
    let mut lacking = Vec::new();
    for name in &names {
        let mut ours = Command::new(&console);
        let ours = captured(ours.current_dir(root()).args(["demo", name]))?;
        let mut theirs = user.command(user.home().join("mdbook-console"));
        let theirs = captured(theirs.args(["demo", name]))?;
        match verdict(name, &ours, &theirs) {
            Verdict::Ran => {}
            Verdict::Lacks(who, why) => {
                lacking.push(format!("{name} cannot run {who}: it {why}"));
            }
            Verdict::Wrong => failures.push(format!(
                "{name}, as the caller: {}\nas a user: {}",
                said(&ours),
                said(&theirs)
            )),
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    let both = names.len() - lacking.len();
    eprintln!("{both} demos say the same in two worlds");
    for line in lacking {
        eprintln!("{line}");
    }
    Ok(())
}

enum Verdict {
    /// In both worlds, with the same output.
    Ran,
    /// Not in all worlds, which ones, and why that is right.
    Lacks(&'static str, &'static str),
    Wrong,
}

fn verdict(name: &str, ours: &Output, theirs: &Output) -> Verdict {
    let varies = VARIES.iter().any(|(varying, _)| *varying == name);
    let may_lack = MAY_LACK.iter().find(|(lacking, ..)| *lacking == name);
    match (ours.status.code(), theirs.status.code(), may_lack) {
        (Some(0), Some(0), _) if varies || ours.stdout == theirs.stdout => {
            Verdict::Ran
        }
        (Some(0), Some(CANNOT_RUN), Some((_, _, why))) => {
            Verdict::Lacks("as an ordinary user", why)
        }
        // Root's worlds make no cgroups; a user's do, where one was given.
        (Some(CANNOT_RUN), Some(0), Some((_, Lacks::Cgroups, why))) => {
            Verdict::Lacks("as root", why)
        }
        // Nobody who has all ids may say so.
        (Some(CANNOT_RUN), Some(CANNOT_RUN), Some((_, lacks, why)))
            if *lacks == Lacks::Cgroups || !is_root() =>
        {
            Verdict::Lacks("here", why)
        }
        _ => Verdict::Wrong,
    }
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn said(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{}\n{out}{err}", output.status)
}

/// The names of all demos, sorted.
pub(crate) fn names() -> Result<Vec<String>> {
    let folder = root().join("demos/src/bin");
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()?
        .iter()
        .filter_map(|path| path.file_stem())
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}
