//! `mdbook serve`, unchanged, on a book of the preprocessor's.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::run::{console, root};
use crate::step::stock;

/// What mdbook says when it begins to build again.
const AGAIN: &str = "Files changed";

/// How long it may take to notice a change.
const PATIENCE: Duration = Duration::from_mins(1);

/// For so long nothing may happen after a build. A loop would go round many
/// times: mdbook looks every second.
const QUIET: Duration = Duration::from_secs(5);

/// Edits one file after the other: each is followed by one build, and then
/// by none.
pub(crate) fn check() -> Result<()> {
    let book = Book::new()?;
    let mut server = Server::start(&book)?;
    server.wait_for("Serving on")?;
    for (name, text) in [
        ("src/a.md", "# A\n\n```console,run\n# hello\n# true\n```\n"),
        ("src/part.md", "Another part.\n"),
        ("src/SUMMARY.md", "- [A](a.md)\n- [B](b.md)\n"),
        ("theme/console.css", "pre { color: blue }\n"),
        ("bin/hello", "#!/bin/sh\necho again\n"),
        ("book.toml", &Book::config("B")?),
    ] {
        let before = server.count(AGAIN)?;
        book.write(name, text)?;
        server.settle(name, before)?;
    }
    Ok(())
}

struct Book {
    folder: TempDir,
}

impl Book {
    fn new() -> Result<Self> {
        let book = Self { folder: tempfile::tempdir()? };
        book.write("book.toml", &Book::config("A")?)?;
        book.write("src/SUMMARY.md", "- [A](a.md)\n")?;
        let chapter = "# A\n\n{{#include part.md}}\n\n\
                       ```console,run\n# hello\n```\n";
        book.write("src/a.md", chapter)?;
        book.write("src/b.md", "# B\n")?;
        book.write("src/part.md", "A part.\n")?;
        book.write("theme/console.css", "pre { color: red }\n")?;
        book.write("bin/hello", "#!/bin/sh\necho hello\n")?;
        Ok(book)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(&path, text)?;
        Ok(fs::set_permissions(path, PermissionsExt::from_mode(0o755))?)
    }

    fn config(title: &str) -> Result<String> {
        let console = console()?;
        Ok(format!(
            "[book]\ntitle = \"{title}\"\n\
             [build]\nextra-watch-dirs = [\"bin\"]\n\
             [output.html]\nadditional-css = [\"theme/console.css\"]\n\
             [preprocessor.console]\nafter = [\"links\"]\n\
             command = \"{}\"\ndemos = {{ folder = \"bin\" }}\n",
            console.display()
        ))
    }
}

/// mdbook at work; it ends with this.
struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    fn start(book: &Book) -> Result<Self> {
        // A port that is free now is most likely free in a moment.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = book.path().join("log");
        let file = fs::File::create(&log)?;
        let child = Command::new(stock::install()?)
            .current_dir(book.path())
            .args(["serve", "--hostname", "127.0.0.1", "--port"])
            .arg(port.to_string())
            // What cargo builds into is this repository's.
            .env("CARGO_TARGET_DIR", book.path().join("target"))
            .env_remove("MDBOOK_PREPROCESSOR__CONSOLE__DEMOS")
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("in {}", root().display()))?;
        Ok(Self { child, log })
    }

    fn count(&self, words: &str) -> Result<usize> {
        Ok(fs::read_to_string(&self.log)?.matches(words).count())
    }

    fn wait_for(&mut self, words: &str) -> Result<()> {
        self.wait_until(words, 1)
    }

    fn wait_until(&mut self, words: &str, times: usize) -> Result<()> {
        let start = Instant::now();
        while self.count(words)? < times {
            let is_over = self.child.try_wait()?.is_some();
            if is_over || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(&self.log)?;
                bail!("mdbook does not say `{words}`:\n{log}");
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn settle(&mut self, name: &str, before: usize) -> Result<()> {
        self.wait_until(AGAIN, before + 1)
            .with_context(|| format!("after an edit of {name}"))?;
        sleep(QUIET);
        let builds = self.count(AGAIN)? - before;
        let log = fs::read_to_string(&self.log)?;
        ensure!(builds == 1, "{name}: {builds} builds for one edit\n{log}");
        ensure!(!log.contains("ERROR"), "after an edit of {name}:\n{log}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
