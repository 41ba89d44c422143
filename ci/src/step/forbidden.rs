//! A machine that forbids namespaces: the book is what was recorded.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

use crate::run::{captured, console, programs, root};
use crate::user::User;

/// In `auto` the book builds from its recordings and says what is missing; in
/// `live` it does not build; and `check` says that it cannot run. Nothing runs
/// in any of them.
pub(crate) fn check() -> Result<()> {
    let console = console()?;
    let user = User::new()?;
    user.give(&console, "mdbook-console")?;
    user.give(&root().join("book"), "book")?;
    user.give(&root().join("book.toml"), "book.toml")?;
    user.give(&root().join("demos"), "demos")?;
    // Chapters include parts of it.
    user.give(&root().join("crates/sandbox"), "crates/sandbox")?;
    user.give(&programs()?, "programs")?;

    doctor(&user)?;
    let auto = console_does(&user, "build", "auto")?;
    let said = String::from_utf8_lossy(&auto.stderr);
    ensure!(auto.status.success(), "auto: {}\n{said}", auto.status);
    ensure!(
        said.contains("/proc/sys/user/max_user_namespaces")
            && said.contains("sysctl"),
        "neither cause nor remedy are named:\n{said}"
    );
    let page = user.home().join("target/book/uts-namespaces.html");
    let page = std::fs::read_to_string(page)?;
    ensure!(page.contains("recorded on Linux"), "the page does not say so");
    ensure!(!page.contains("cannot-run"), "something is not recorded");

    let live = console_does(&user, "build", "live")?;
    ensure!(!live.status.success(), "live: builds without a live session");

    let check = console_does(&user, "check", "auto")?;
    let said = String::from_utf8_lossy(&check.stdout);
    ensure!(check.status.code() == Some(3), "check: {}", check.status);
    ensure!(said.contains(" 0 same, 0 drifted, "), "check: {said}");
    Ok(())
}

/// Says which step is refused, why, and what to do, also to programs.
fn doctor(user: &User) -> Result<()> {
    let output = captured(&mut forbidden(user, "doctor --json"))?;
    ensure!(output.status.code() == Some(3), "doctor: {}", output.status);
    let table: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let rows = table.as_array().map(Vec::as_slice).unwrap_or_default();
    let world = rows.iter().find(|row| row["step"] == "make a world");
    let world = world.context("doctor tries no world")?;
    for (key, text) in [
        ("result", "ENOSPC"),
        ("cause", "`/proc/sys/user/max_user_namespaces` is 0"),
        ("remedy", "sysctl -w user.max_user_namespaces"),
    ] {
        let said = world[key].as_str().unwrap_or_default();
        ensure!(said.contains(text), "doctor, {key}: {said}");
    }
    Ok(())
}

fn console_does(user: &User, what: &str, mode: &str) -> Result<Output> {
    let mut command = forbidden(user, what);
    captured(command.env("MDBOOK_PREPROCESSOR__CONSOLE__MODE", mode).env(
        "MDBOOK_PREPROCESSOR__CONSOLE__DEMOS",
        "{\"folder\": \"programs\"}",
    ))
}

/// The preprocessor's command line where no namespace can be made.
fn forbidden(user: &User, arguments: &str) -> Command {
    let mut command = user.command("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c"]).arg(format!(
        "echo 0 > /proc/sys/user/max_user_namespaces && \
         exec ./mdbook-console {arguments}"
    ));
    command
}
