//! What cargo itself can check.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::run::{captured, cargo, read, run};
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

/// The integration tests again, with the programs they were compiled into:
/// an ordinary user may not be able to reach the caller's cargo.
pub(crate) fn test_as_user() -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("nothing to do: the caller is an ordinary user already");
        return Ok(());
    }
    let user = User::new()?;
    let tests = integration_tests()?;
    ensure!(!tests.is_empty(), "no integration tests were built");
    for (name, test) in tests {
        // As below target/: the examples of a crate are beside its tests.
        let folder = format!("{name}/deps");
        std::fs::create_dir_all(user.home().join(&folder))?;
        user.give(&test, &format!("{folder}/it"))?;
        let examples = test
            .parent()
            .and_then(|deps| deps.parent())
            .map(|debug| debug.join("examples"));
        if let Some(examples) = examples.filter(|folder| folder.is_dir()) {
            user.give(&examples, &format!("{name}/examples"))?;
        }
        let path = user.home().join(folder).join("it");
        run(user.command(path).env(MUST_RUN, "1"))
            .with_context(|| format!("the tests of {name}, as a user"))?;
    }
    Ok(())
}

/// The packages that have integration tests, and the programs they are.
fn integration_tests() -> Result<Vec<(String, PathBuf)>> {
    let messages = read(cargo().args([
        "test",
        "--no-run",
        "--quiet",
        "--package=sandbox",
        "--message-format=json",
    ]))?;
    let mut tests = Vec::new();
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let is_it = message["target"]["kind"][0] == "test";
        if let (true, Some(path)) = (is_it, message["executable"].as_str()) {
            let id = message["package_id"].as_str().unwrap_or_default();
            let name = id.rsplit(['/', '#']).find(|part| {
                part.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            });
            tests.push((name.unwrap_or("tests").to_owned(), path.into()));
        }
    }
    // Said here, because a failure to build them says nothing by itself.
    ensure!(captured(cargo().arg("--version"))?.status.success());
    Ok(tests)
}
