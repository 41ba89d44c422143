//! The program as mdBook starts it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_preprocessor::PreprocessorContext;
use mdbook_preprocessor::book::Book as Contents;

use crate::book::Book;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mdbook-console"))
}

/// Feeds a book to the program as mdBook does.
fn preprocess(book: &Book, renderer: &str) -> Result<Output> {
    let loaded = MDBook::load(book.root())?;
    let root = book.root().to_owned();
    let ctx = PreprocessorContext::new(root, loaded.config, renderer.into());
    let json = serde_json::to_vec(&(ctx, loaded.book))?;
    let mut child = program()
        .current_dir(book.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("a pipe")?.write_all(&json)?;
    Ok(child.wait_with_output()?)
}

#[test]
fn a_book_without_blocks_comes_back_as_it_is() -> Result<()> {
    let text = "# ü\r\n\n```console\n# a\n```\n{{x}}\t \n";
    let book = Book::new(text)?;
    let output = preprocess(&book, "html")?;
    assert!(output.status.success());
    let contents: Contents = serde_json::from_slice(&output.stdout)?;
    let chapter = contents.chapters().next().context("a chapter")?;
    assert_eq!(chapter.content, text);
    assert!(output.stderr.is_empty());
    Ok(())
}

#[test]
fn a_fault_leaves_standard_output_empty() -> Result<()> {
    let book = Book::new("```console,run colour\n# a\n```\n")?;
    let output = preprocess(&book, "html")?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr)?;
    assert!(stderr.contains("--> src/a.md:1:16"), "{stderr}");
    assert!(!stderr.contains('\x1b'), "{stderr}");
    Ok(())
}

#[test]
fn every_renderer_is_supported_but_that_of_mdbook_test() -> Result<()> {
    for (renderer, code) in [("html", 0), ("epub", 0), ("test", 1)] {
        let status = program().args(["supports", renderer]).status()?;
        assert_eq!(status.code(), Some(code), "{renderer}");
    }
    Ok(())
}

#[test]
fn input_that_is_no_book_is_an_error() -> Result<()> {
    let output = program().stdin(Stdio::null()).output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr)?.starts_with("error: "));
    Ok(())
}

#[test]
fn list_shows_what_would_run() -> Result<()> {
    let book = Book::new(
        "x\n\n```console,run session=w terminal=2 hidden\n\
         # cat <<E\n> a\n> E\nyes\n^D\n```\n",
    )?;
    let output = program().arg("list").current_dir(book.root()).output()?;
    assert_eq!(
        String::from_utf8(output.stdout)?,
        "src/a.md:3: session w, terminal 2, hidden\n    # cat <<E\n    \
         > a\n    > E\n    yes\n    ^D\n"
    );
    Ok(())
}

#[test]
fn outside_of_a_book_commands_say_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let output = program().arg("build").current_dir(&folder).output()?;
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr)?;
    assert!(stderr.contains("there is no book.toml in"), "{stderr}");
    Ok(())
}
