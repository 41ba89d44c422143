//! Builds the demos, and puts them where a world can show them.

mod built;

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use thiserror::Error;

use crate::config::Demos;

/// The programs that a world shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// Where they are; nowhere if the book has none.
    pub folder: Option<PathBuf>,
    /// Their names.
    pub names: BTreeSet<String>,
}

/// The folder below which everything is written: cargo's.
pub fn target_dir(root: &Path) -> Result<PathBuf> {
    match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => Ok(absolute(dir)?),
        None => Ok(root.join("target")),
    }
}

/// Builds what has to be built, and says what there is.
pub fn programs(root: &Path, demos: Option<&Demos>) -> Result<Programs> {
    let folder = match demos {
        None => return Ok(Programs::default()),
        Some(Demos::Folder(folder)) => root.join(folder),
        Some(Demos::Package(package)) => {
            let target = target_dir(root)?;
            let built = built(root, package, &target)?;
            let folder = target.join("console").join("programs");
            copy(&built, &folder).with_context(|| {
                format!("copying the demos to {}", folder.display())
            })?;
            folder
        }
    };
    let names = names(&folder).with_context(|| {
        format!("reading the folder of demos {}", folder.display())
    })?;
    Ok(Programs { folder: Some(folder), names })
}

fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = fs::metadata(entry.path())?;
        let is_program = metadata.permissions().mode() & 0o111 != 0;
        if metadata.is_file() && is_program {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// The folder of a package of the workspace around the book.
pub fn package_folder(root: &Path, package: &str) -> Result<PathBuf> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--offline"])
        .args(["--format-version", "1"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .context("asking cargo for the package of demos")?;
    if !output.status.success() {
        io::stderr().write_all(&output.stderr)?;
        bail!("cargo does not know the packages around this book");
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    metadata
        .packages
        .into_iter()
        .find(|found| found.name == package)
        .and_then(|found| Some(found.manifest_path.parent()?.to_owned()))
        .with_context(|| format!("there is no package `{package}` here"))
}

/// The part of cargo's answer that is of use here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// Whether the programs could not be built because nobody is here to build
/// them.
pub fn is_without_cargo(error: &anyhow::Error) -> bool {
    error.downcast_ref::<NoCargo>().is_some()
}

/// There is no cargo.
#[derive(Debug, Error)]
#[error("cargo, which builds the demos, is not installed")]
struct NoCargo;

/// The cargo that runs this program, if one does.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What cargo reports of each thing it has built.
#[derive(Deserialize)]
struct Message {
    reason: String,
    executable: Option<PathBuf>,
}

/// The programs of a package, built by cargo unless nothing has changed
/// since it last did.
fn built(root: &Path, package: &str, target: &Path) -> Result<Vec<PathBuf>> {
    let memory = target.join("console").join(format!("{package}.built"));
    let program = PathBuf::from(cargo().get_program());
    if let Some(built) = built::recall(&memory, &program) {
        return Ok(built);
    }
    let began = SystemTime::now();
    let built = build(root, package, target)?;
    built::remember(&memory, root, &program, &built, began);
    Ok(built)
}

/// Runs cargo, and returns the programs it has built.
fn build(root: &Path, package: &str, target: &Path) -> Result<Vec<PathBuf>> {
    let mut command = cargo();
    command
        .args(["build", "--release", "--bins", "--package", package])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if root.join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    // A person sees cargo at work; in a log only its complaints are of use.
    if io::stderr().is_terminal() {
        command.stderr(Stdio::inherit());
    } else {
        command.stderr(Stdio::piped());
    }
    let output =
        command.spawn().and_then(std::process::Child::wait_with_output);
    let output = match output {
        Err(e) if e.kind() == io::ErrorKind::NotFound => bail!(NoCargo),
        output => output.context("running cargo to build the demos")?,
    };
    if !output.status.success() {
        io::stderr().write_all(&output.stderr)?;
        bail!("the demos of package `{package}` could not be built");
    }
    serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter::<Message>()
        .filter_map(|message| match message {
            Ok(m) if m.reason == "compiler-artifact" => m.executable.map(Ok),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .collect::<Result<_, _>>()
        .context("reading what cargo has built")
}

/// Makes `folder` hold these programs and nothing else. What is there
/// already is left alone.
fn copy(programs: &[PathBuf], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let names: BTreeSet<&OsStr> =
        programs.iter().filter_map(|program| program.file_name()).collect();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !names.contains(entry.file_name().as_os_str()) {
            fs::remove_file(entry.path())?;
        }
    }
    for program in programs {
        let Some(name) = program.file_name() else { continue };
        let copy = folder.join(name);
        let metadata = fs::metadata(program)?;
        if !fs::metadata(&copy).is_ok_and(|copy| is_same(&metadata, &copy)) {
            replace(program, &metadata, &copy)?;
        }
    }
    Ok(())
}

fn is_same(original: &fs::Metadata, copy: &fs::Metadata) -> bool {
    original.len() == copy.len()
        && original.modified().ok() == copy.modified().ok()
}

/// Copies by renaming, so that a program is whole whenever it is looked at.
fn replace(program: &Path, metadata: &fs::Metadata, copy: &Path) -> Result<()> {
    let new = copy.with_extension(format!("new-{}", std::process::id()));
    fs::copy(program, &new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o755))?;
    fs::File::options()
        .write(true)
        .open(&new)?
        .set_modified(metadata.modified()?)?;
    fs::rename(&new, copy)?;
    Ok(())
}

#[cfg(test)]
mod tests;
