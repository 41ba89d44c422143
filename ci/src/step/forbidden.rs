//! A machine that forbids namespaces.

use std::process::{Command, Output};

use anyhow::{Result, ensure};

use crate::run::{captured, console, programs, root};
use crate::user::User;

/// In `auto` the book builds and says what is missing; in `live` it does not
/// build. Nothing runs in either.
pub(crate) fn check() -> Result<()> {
    let console = console()?;
    let user = User::new()?;
    user.give(&console, "mdbook-console")?;
    user.give(&root().join("book"), "book")?;
    user.give(&root().join("book.toml"), "book.toml")?;
    user.give(&root().join("demos"), "demos")?;
    user.give(&programs()?, "programs")?;

    let auto = build(&user, "auto")?;
    let said = String::from_utf8_lossy(&auto.stderr);
    ensure!(auto.status.success(), "auto: {}\n{said}", auto.status);
    ensure!(
        said.contains("/proc/sys/user/max_user_namespaces")
            && said.contains("sysctl"),
        "neither cause nor remedy are named:\n{said}"
    );
    let page = user.home().join("target/book/uts-namespaces.html");
    let page = std::fs::read_to_string(page)?;
    ensure!(page.contains("cannot-run"), "the page does not say so");

    let live = build(&user, "live")?;
    ensure!(!live.status.success(), "live: builds without a live session");
    Ok(())
}

fn build(user: &User, mode: &str) -> Result<Output> {
    let mut command: Command = user.command("unshare");
    captured(
        command
            .args(["--user", "--map-root-user", "sh", "-c"])
            .arg(
                "echo 0 > /proc/sys/user/max_user_namespaces && \
                 exec ./mdbook-console build",
            )
            .env("MDBOOK_PREPROCESSOR__CONSOLE__MODE", mode)
            .env(
                "MDBOOK_PREPROCESSOR__CONSOLE__DEMOS",
                "{\"folder\": \"programs\"}",
            ),
    )
}
