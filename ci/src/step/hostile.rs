//! Output that attacks the page it is shown on.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Result, ensure};

use crate::run::{captured, console};

/// Escape sequences and control characters of both kinds, bytes that are no
/// text, the ends of fences and of elements, and mdBook's own directives.
const ATTACKS: &str = r"
# printf '\033]0;title\007\033[2J\033[31mred\033[0m \233\302\233\377\376\n'
# printf '```\n~~~~\n</code></pre><script>alert(1)</script>\n'
# printf '\173\173#include /etc/hostname}} &lt;b&gt;\n'
# printf 'before\0after\r\b\b\n'
";

/// The page shows the text of the attacks, and nothing of what they ask for.
/// More output than a page can bear is refused.
pub(crate) fn check() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let built = build(folder.path(), ATTACKS)?;
    let said = String::from_utf8_lossy(&built.stderr);
    ensure!(built.status.success(), "the attacks do not build:\n{said}");
    // Not text would be an error.
    let page = fs::read_to_string(folder.path().join("book/hostile.html"))?;
    let control = page.chars().find(|c| c.is_control() && !"\n\t".contains(*c));
    ensure!(control.is_none(), "the page has {control:?}");
    ensure!(!page.contains("<script>alert"), "the page runs a script");
    for text in [
        "&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "{{#include /etc/hostname}} &amp;lt;b&amp;gt;",
        "```",
        "red",
        "after",
    ] {
        ensure!(page.contains(text), "the page does not show {text}");
    }
    let built = build(folder.path(), "# seq 1000000\n")?;
    let said = String::from_utf8_lossy(&built.stderr);
    ensure!(!built.status.success(), "a million lines are on a page");
    ensure!(said.contains("seq 1000000"), "it is not told why:\n{said}");
    Ok(())
}

/// Builds a book of one block.
fn build(folder: &Path, block: &str) -> Result<Output> {
    let config = "[book]\ntitle = \"Hostile\"\n\n[preprocessor.console]\n\
                  command = \"mdbook-console\"\nafter = [\"links\"]\n\
                  mode = \"live\"\n";
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("book.toml"), config)?;
    fs::write(folder.join("src/SUMMARY.md"), "- [Hostile](hostile.md)\n")?;
    let chapter =
        format!("# Hostile\n\n```console,run\n{}\n```\n", block.trim());
    fs::write(folder.join("src/hostile.md"), chapter)?;
    captured(
        Command::new(console()?)
            .current_dir(folder)
            .env_remove("CARGO_TARGET_DIR")
            .arg("build"),
    )
}
