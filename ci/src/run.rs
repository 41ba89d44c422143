//! Running programs, and saying which one failed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

/// The repository's root: this package's folder is in it.
pub(crate) fn root() -> PathBuf {
    let ci = Path::new(env!("CARGO_MANIFEST_DIR"));
    ci.parent().unwrap_or(ci).to_owned()
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo =
        Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// git, on this repository, whoever owns it.
pub(crate) fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["-c", "safe.directory=*"]);
    git
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf> {
    let output = read(cargo().args([
        "metadata",
        "--no-deps",
        "--format-version=1",
        "--offline",
    ]))?;
    let metadata: serde_json::Value = serde_json::from_str(&output)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo metadata names no target folder")?.into())
}

/// The preprocessor, built as `cargo book` builds it.
pub(crate) fn console() -> Result<PathBuf> {
    run(cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package=mdbook-console",
    ]))?;
    Ok(target()?.join("release/mdbook-console"))
}

/// The folder of built demos, as the book's worlds show it.
pub(crate) fn programs() -> Result<PathBuf> {
    // Whatever needs the demos builds them and puts them there. This does
    // nothing else that takes time.
    read(Command::new(console()?).current_dir(root()).arg("exercise"))?;
    Ok(target()?.join("console/programs"))
}

/// Runs a program that has to succeed; its output is the caller's.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// Runs a program that has to succeed, for what it prints.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = captured(command)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}\n{said}", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program, whatever comes of it.
pub(crate) fn captured(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("cannot run {}", shown(command)))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
}
