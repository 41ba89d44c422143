//! What cargo itself can check.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::run::{cargo, read, run};
use crate::user::User;

/// Makes a test that cannot run fail instead of skipping it.
const MUST_RUN: &str = "SANDBOX_MUST_RUN";

pub(crate) fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    // Compiled by a build script, and so no member of the workspace.
    run(cargo().args(["fmt", "--check", "--", "crates/sandbox/init/main.rs"]))
}

pub(crate) fn lint() -> Result<()> {
    run(cargo()
        .args(["clippy", "--quiet", "--workspace", "--all-targets"])
        .args(["--", "--deny=warnings"]))?;
    run(cargo()
        .env("RUSTDOCFLAGS", "--deny=warnings")
        .args(["doc", "--quiet", "--workspace", "--no-deps"])
        .arg("--document-private-items"))
}

pub(crate) fn test() -> Result<()> {
    run(cargo().env(MUST_RUN, "1").args(["test", "--workspace"]))
}

/// The sandbox's integration tests again, with the programs they were compiled
/// into: an ordinary user may not be able to reach the caller's cargo.
pub(crate) fn test_as_user() -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("nothing to do: the caller is an ordinary user already");
        return Ok(());
    }
    let user = User::new()?;
    let tests = integration_tests("sandbox")?;
    // As below target/: the examples of a crate are beside its tests.
    let debug = tests.first().and_then(|test| test.parent()?.parent());
    let examples = debug.context("cargo's folders")?.join("examples");
    std::fs::create_dir(user.home().join("deps"))?;
    user.give(&examples, "examples")?;
    for test in &tests {
        let name = test.file_name().context("a file has a name")?;
        let copy = Path::new("deps").join(name);
        user.give(test, &copy.to_string_lossy())?;
        run(user.command(user.home().join(copy)).env(MUST_RUN, "1"))?;
    }
    Ok(())
}

/// The programs that a package's integration tests were compiled into.
fn integration_tests(package: &str) -> Result<Vec<PathBuf>> {
    let messages = read(cargo().args([
        "test",
        "--no-run",
        "--quiet",
        "--message-format=json",
        "--package",
        package,
    ]))?;
    let mut tests = Vec::new();
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let is_it = message["target"]["kind"][0] == "test";
        if let (true, Some(path)) = (is_it, message["executable"].as_str()) {
            tests.push(path.into());
        }
    }
    ensure!(!tests.is_empty(), "{package} has no integration tests");
    Ok(tests)
}
