//! Every demo, as the caller and as an ordinary user.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::run::{captured, console, root};
use crate::user::User;

/// Demos whose output is about the numbers themselves, with the reason. The
/// list only shrinks.
const VARIES: [(&str, &str); 1] =
    [("mini-lsns", "prints namespace numbers, as lsns does")];

pub(crate) fn check() -> Result<()> {
    let console = console()?;
    let names = names()?;
    let user = User::with_demos(&console, "")?;
    let mut failures = Vec::new();
    for name in &names {
        let ours = captured(
            std::process::Command::new(&console)
                .current_dir(root())
                .args(["demo", name]),
        )?;
        let mut command = user.command(user.home().join("mdbook-console"));
        let theirs = captured(command.args(["demo", name]))?;
        let varies = VARIES.iter().any(|(varying, _)| varying == name);
        let same = varies || ours.stdout == theirs.stdout;
        if !ours.status.success() || !theirs.status.success() || !same {
            let said = |output: &std::process::Output| {
                let out = String::from_utf8_lossy(&output.stdout);
                let err = String::from_utf8_lossy(&output.stderr);
                format!("{}\n{out}{err}", output.status)
            };
            let (ours, theirs) = (said(&ours), said(&theirs));
            failures.push(format!(
                "{name}, as the caller: {ours}\nas a user: {theirs}"
            ));
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    eprintln!("{} demos, each in two worlds", names.len());
    Ok(())
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
