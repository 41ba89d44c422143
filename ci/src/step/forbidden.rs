//! A machine that forbids namespaces: the book is what was recorded.

use std::process::{Command, Output};

use anyhow::{Result, ensure};

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
    user.give(&programs()?, "programs")?;

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

fn console_does(user: &User, what: &str, mode: &str) -> Result<Output> {
    let mut command: Command = user.command("unshare");
    captured(
        command
            .args(["--user", "--map-root-user", "sh", "-c"])
            .arg(
                "echo 0 > /proc/sys/user/max_user_namespaces && \
                 exec ./mdbook-console \"$0\"",
            )
            .arg(what)
            .env("MDBOOK_PREPROCESSOR__CONSOLE__MODE", mode)
            .env(
                "MDBOOK_PREPROCESSOR__CONSOLE__DEMOS",
                "{\"folder\": \"programs\"}",
            ),
    )
}
