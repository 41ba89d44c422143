//! Remembers what cargo has built, so that it need not be asked while
//! nothing has changed: to hear that takes cargo longer than all else that a
//! build of an unchanged book needs.
//!
//! What is remembered counts only if everything that cargo looks at is as it
//! was: the sources that it says it has read, the folders and packages they
//! are in, its own configuration, its program and its environment.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::archive::replace;
use crate::cache::stamp;

/// Before the programs built and the lines on which they depend.
const PROGRAM: &str = "program ";
const INPUT: &str = "input ";

/// What was built last time, if cargo would build the same now.
pub(super) fn recall(memory: &Path, cargo: &Path) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(memory).ok()?;
    let (surroundings, rest) = text.split_once("\n\n")?;
    if surroundings != self::surroundings(cargo) {
        return None;
    }
    let mut built = Vec::new();
    for line in rest.lines() {
        let (stamped, is_program) = match line.strip_prefix(PROGRAM) {
            Some(program) => (program, true),
            None => (line.strip_prefix(INPUT)?, false),
        };
        let (path, _) = stamped.split_once('\t')?;
        let path = PathBuf::from(path);
        if stamped != stamped_path(&path) {
            return None;
        }
        built.extend(is_program.then_some(path));
    }
    Some(built)
}

/// Keeps what was built since `began`. Nothing is kept that cannot be relied
/// on: sources that have changed meanwhile, programs of which cargo does not
/// say what they were built from.
pub(super) fn remember(
    memory: &Path,
    root: &Path,
    cargo: &Path,
    built: &[PathBuf],
    began: SystemTime,
) {
    let Some(inputs) = inputs(root, built) else { return };
    let is_newer = |path: &PathBuf| {
        let changed = fs::metadata(path).and_then(|file| file.modified());
        changed.is_ok_and(|changed| changed >= began)
    };
    if inputs.iter().any(is_newer) {
        return;
    }
    let mut text = surroundings(cargo) + "\n\n";
    for (word, paths) in [
        (PROGRAM, &mut built.iter() as &mut dyn Iterator<Item = &PathBuf>),
        (INPUT, &mut inputs.iter()),
    ] {
        for path in paths {
            text.push_str(word);
            text.push_str(&stamped_path(path));
            text.push('\n');
        }
    }
    // What is not remembered is asked for again.
    let _ = replace(memory, &text);
}

fn stamped_path(path: &Path) -> String {
    format!("{}\t{}", path.display(), stamp(path))
}

/// What cargo looks at besides files of the workspace.
fn surroundings(cargo: &Path) -> String {
    let mut lines = vec![stamp(&found(cargo))];
    let heeded = ["CARGO", "RUST", "CC", "CFLAGS", "AR", "PATH"];
    let mut variables: Vec<String> = env::vars_os()
        .map(|(name, value)| format!("{}={}", name.display(), value.display()))
        .filter(|line| heeded.iter().any(|start| line.starts_with(start)))
        .collect();
    variables.sort();
    lines.append(&mut variables);
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    for name in ["config.toml", "config"] {
        lines.extend(home.as_ref().map(|home| stamp(&home.join(name))));
    }
    // rustup(1) keeps there what `cargo` leads to.
    let rustup = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let rustup = rustup.or_else(|| Some(env::home_dir()?.join(".rustup")));
    for name in ["settings.toml", "toolchains", "update-hashes"] {
        lines.extend(rustup.as_ref().map(|rustup| stamp(&rustup.join(name))));
    }
    lines.join("\n")
}

/// The file that a program's name stands for.
fn found(program: &Path) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| program.to_owned())
}

/// Everything in the workspace that the programs depend on.
fn inputs(root: &Path, built: &[PathBuf]) -> Option<BTreeSet<PathBuf>> {
    let mut inputs = BTreeSet::new();
    for program in built {
        inputs.extend(sources(program)?);
    }
    let folders: BTreeSet<PathBuf> =
        inputs.iter().filter_map(|s| s.parent().map(PathBuf::from)).collect();
    for folder in &folders {
        let package =
            folder.ancestors().find(|f| f.join("Cargo.toml").exists());
        inputs.extend(package.map(|package| package.join("Cargo.toml")));
    }
    inputs.extend(folders);
    for folder in root.ancestors() {
        for name in [
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain",
            "rust-toolchain.toml",
            ".cargo/config",
            ".cargo/config.toml",
        ] {
            inputs.insert(folder.join(name));
        }
    }
    Some(inputs)
}

/// The sources of a program, as cargo writes them into a file beside it.
fn sources(program: &Path) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = text.lines().next()?.split_once(": ")?;
    // A blank in a name stands behind a backslash.
    let hidden = sources.replace("\\ ", "\0");
    let names = hidden.split(' ').map(|name| name.replace('\0', " "));
    Some(names.map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::Result;
    use tempfile::TempDir;

    use super::*;

    /// A workspace with one program, built and remembered.
    struct Built {
        folder: TempDir,
    }

    impl Built {
        fn new() -> Result<Self> {
            let built = Self { folder: tempfile::tempdir()? };
            for (name, text) in
                [("Cargo.toml", ""), ("src/a.rs", "1"), ("out/a", "x")]
            {
                built.write(name, text)?;
            }
            let source = built.path("src/a.rs");
            let program = built.path("out/a");
            let line = format!("{}: {}", program.display(), source.display());
            built.write("out/a.d", &line)?;
            Ok(built)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn write(&self, name: &str, text: &str) -> Result<()> {
            let path = self.path(name);
            fs::create_dir_all(path.parent().expect("a folder"))?;
            // Another file, as editors write it.
            let _ = fs::remove_file(&path);
            Ok(fs::write(path, text)?)
        }

        fn remember(&self, began: SystemTime) {
            let (memory, cargo) = (self.path("memory"), self.path("cargo"));
            let root = self.folder.path();
            remember(&memory, root, &cargo, &[self.path("out/a")], began);
        }

        fn recall(&self) -> Option<Vec<PathBuf>> {
            recall(&self.path("memory"), &self.path("cargo"))
        }
    }

    fn later() -> SystemTime {
        SystemTime::now() + Duration::from_mins(1)
    }

    #[test]
    fn what_has_not_changed_is_remembered() -> Result<()> {
        let built = Built::new()?;
        assert_eq!(built.recall(), None);
        built.remember(later());
        assert_eq!(built.recall(), Some(vec![built.path("out/a")]));
        Ok(())
    }

    #[test]
    fn whatever_changes_is_noticed() -> Result<()> {
        for name in [
            "src/a.rs",
            "src/new.rs",
            "out/a",
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "cargo",
        ] {
            let built = Built::new()?;
            built.remember(later());
            assert!(built.recall().is_some());
            built.write(name, "other")?;
            assert_eq!(built.recall(), None, "{name}");
        }
        Ok(())
    }

    #[test]
    fn what_changed_while_cargo_was_at_work_is_not_remembered() -> Result<()> {
        let built = Built::new()?;
        built.remember(SystemTime::UNIX_EPOCH);
        assert_eq!(built.recall(), None);
        Ok(())
    }
}
