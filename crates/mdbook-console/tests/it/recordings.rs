//! `check` and `record` on a kernel: what they accept, and what they catch.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result};

use crate::book::Book;
use crate::live::can_run;

/// A demo, a session that compares namespaces, a value and a claim.
const CHAPTER: &str = "\
# A

The demo says yes.[^yes]

```console,run id=demo
# speak
```

[^yes]: Check: `demo` shows `it says yes`.

Both are in one UTS namespace.[^same] It is [^number].

```console,run id=first session=two
# readlink /proc/$$/ns/uts
```

```console,run id=second session=two
# bash -c 'readlink /proc/$$/ns/uts'
```

[^same]: Check: `uts:[{}]` in `first` equals `uts:[{}]` in `second`.
[^number]: Value: `uts:[{}]` in `second`.
";

/// A book with recordings, as a clean checkout has it.
fn recorded() -> Result<Book> {
    let book = Book::with_config(CHAPTER, "demos = { folder = \"bin\" }\n")?;
    speaks(&book, "echo it says yes")?;
    let output = run(&book, &["record"])?;
    assert_status(&output, 0);
    Ok(book)
}

/// What the demo does.
fn speaks(book: &Book, script: &str) -> Result<()> {
    book.write("bin/speak", &format!("#!/bin/sh\n{script}\n"))?;
    let path = book.root().join("bin/speak");
    Ok(fs::set_permissions(path, PermissionsExt::from_mode(0o755))?)
}

fn run(book: &Book, arguments: &[&str]) -> Result<Output> {
    let program = env!("CARGO_BIN_EXE_mdbook-console");
    let mut command = Command::new(program);
    // The folders above a test's own may be closed to a world's user.
    command.args(arguments).current_dir(book.root());
    command.env_remove("GITHUB_ACTIONS").env_remove("CARGO_TARGET_DIR");
    command.output().context("running the program")
}

fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

#[track_caller]
fn assert_status(output: &Output, status: i32) {
    assert_eq!(output.status.code(), Some(status), "{}", text(output));
}

/// Checks the book, and expects it to be caught with these words.
#[track_caller]
fn caught(book: &Book, words: &[&str]) -> Result<()> {
    let output = run(book, &["check"])?;
    assert_status(&output, 1);
    let text = text(&output);
    for word in words {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
    Ok(())
}

fn recording(book: &Book, name: &str) -> PathBuf {
    book.root().join(format!("recorded/a/{name}.txt"))
}

fn rewrite(book: &Book, from: &str, to: &str) -> Result<()> {
    assert!(CHAPTER.contains(from), "{from}");
    book.write("src/a.md", &CHAPTER.replace(from, to))
}

#[test]
fn a_clean_checkout_is_the_same_and_stays_it() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    let before = fs::read(recording(&book, "two"))?;
    for _ in 0..3 {
        let output = run(&book, &["record"])?;
        assert_status(&output, 0);
        assert!(text(&output).contains("0 recorded, 2 unchanged"));
    }
    assert_eq!(fs::read(recording(&book, "two"))?, before);
    let output = run(&book, &["check"])?;
    assert_status(&output, 0);
    let last = "3 blocks: 3 same, 0 drifted, 0 cannot run here\n";
    assert!(text(&output).ends_with(last), "{}", text(&output));
    Ok(())
}

#[test]
fn a_demo_that_says_something_else_is_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    speaks(&book, "echo it says yes; echo and more")?;
    caught(
        &book,
        &[
            "--> src/a.md:5:1",
            "`demo` is not as recorded",
            " + │and more",
            "1 drifted",
        ],
    )?;
    speaks(&book, "echo it says no")?;
    caught(
        &book,
        &["--> src/a.md:9:", "does not show `it says yes`", "→ it says no"],
    )
}

#[test]
fn a_demo_that_fails_is_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    speaks(&book, "echo it says yes; exit 3")?;
    caught(
        &book,
        &["--> src/a.md:6:1", "`speak` failed", "exit status 3", "1 failed"],
    )
}

#[test]
fn namespaces_that_part_are_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let parted = CHAPTER.replace("# bash -c", "# unshare --uts bash -c");
    let book = recorded()?;
    book.write("src/a.md", &parted)?;
    caught(&book, &["--> src/a.md:21:17", "said to be equal"])?;
    // Without the claim, the recording tells.
    let unclaimed = parted.replace("[^same]: Check: `uts:[{}]` in `first` equals `uts:[{}]` in `second`.\n", "").replace("[^same]", "");
    book.write("src/a.md", &unclaimed)?;
    caught(&book, &["is of other commands"])?;
    book.write("bin/now", "#!/bin/sh\nexec readlink /proc/self/ns/uts\n")?;
    let path = book.root().join("bin/now");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
    let chapter = "```console,run session=s\n# now\n```\n\n```console,run session=s\n# now\n```\n";
    book.write("src/a.md", chapter)?;
    assert_status(&run(&book, &["record", "--prune"])?, 0);
    assert_status(&run(&book, &["check"])?, 0);
    book.write(
        "bin/now",
        "#!/bin/sh\nunshare -u readlink /proc/self/ns/uts\n",
    )?;
    caught(&book, &["--> src/a.md:", "`s` is not as recorded"])
}

#[test]
fn a_sentence_turned_into_its_opposite_is_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    rewrite(&book, "`demo` shows", "`demo` never shows")?;
    caught(&book, &["--> src/a.md:9:", "`demo` shows `it says yes`"])?;
    rewrite(&book, "in `first` equals", "in `first` differs from")?;
    caught(&book, &["--> src/a.md:21:", "said to differ"])
}

#[test]
fn a_value_that_is_no_longer_there_is_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    rewrite(&book, "Value: `uts:[{}]`", "Value: `pid:[{}]`")?;
    caught(&book, &["--> src/a.md:22:", "does not show `pid:[{}]`"])
}

#[test]
fn a_recording_that_was_tampered_with_is_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    let path = recording(&book, "demo");
    let whole = fs::read_to_string(&path)?;

    fs::remove_file(&path)?;
    caught(&book, &["--> src/a.md:5:1", "no recording of `demo`"])?;
    fs::write(&path, &whole[..whole.len() / 2])?;
    caught(&book, &["--> src/a.md:5:1", "has no end: recorded/a/demo.txt:"])?;
    fs::write(&path, whole.replace("says yes", "says no"))?;
    caught(&book, &["--> src/a.md:5:1", "changed by hand: recorded/a/demo"])?;
    fs::write(&path, &whole)?;
    assert_status(&run(&book, &["check"])?, 0);

    fs::write(recording(&book, "lost"), &whole)?;
    caught(&book, &["no session has the recording recorded/a/lost.txt"])?;
    assert_status(&run(&book, &["record", "--prune"])?, 0);
    assert!(!recording(&book, "lost").exists());
    assert_status(&run(&book, &["check"])?, 0);
    Ok(())
}

#[test]
fn names_and_includes_that_lead_nowhere_are_caught() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    rewrite(&book, "Check: `demo`", "Check: `deom`")?;
    caught(&book, &["--> src/a.md:9:16", "did you mean `demo`?"])?;
    rewrite(&book, "# A\n", "# A\n\n{{#include gone.rs}}\n")?;
    caught(&book, &["--> src/a.md:3:12", "`gone.rs` cannot be included"])?;
    book.write("src/b.rs", "// ANCHOR: here\n// ANCHOR_END: here\n")?;
    rewrite(&book, "# A\n", "# A\n\n{{#include b.rs:there}}\n")?;
    caught(&book, &["--> src/a.md:3:12", "`b.rs` has no anchor `there`"])?;
    rewrite(&book, "# A\n", "# A\n\n{{#include b.rs:here}}\n")?;
    assert_status(&run(&book, &["check"])?, 0);
    Ok(())
}

#[test]
fn a_fault_in_an_included_file_has_its_own_line() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    book.write("src/part.md", &CHAPTER.replace("says yes`.", "says so`."))?;
    book.write("src/a.md", "# B\n\nx\n\n{{#include part.md}}\n")?;
    caught(&book, &["--> src/part.md:9:", "does not show `it says so`"])
}

#[test]
fn nothing_is_recorded_while_a_claim_does_not_hold() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    let before = fs::read(recording(&book, "demo"))?;
    speaks(&book, "echo it says no")?;
    let output = run(&book, &["record"])?;
    assert_status(&output, 1);
    assert!(text(&output).contains("nothing is recorded"));
    assert_eq!(fs::read(recording(&book, "demo"))?, before);
    Ok(())
}

#[test]
fn one_session_may_be_recorded_alone() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    speaks(&book, "echo it says yes; echo more")?;
    let output = run(&book, &["record", "two"])?;
    assert!(text(&output).contains("0 recorded, 1 unchanged"));
    let output = run(&book, &["record", "demmo"])?;
    assert_status(&output, 1);
    assert!(text(&output).contains("did you mean `demo`?"));
    let output = run(&book, &["record", "demo"])?;
    assert!(text(&output).contains(" + │more"), "{}", text(&output));
    assert!(text(&output).contains("1 recorded, 0 unchanged"));
    assert_status(&run(&book, &["check"])?, 0);
    Ok(())
}

#[test]
fn a_check_may_be_of_one_chapter() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    book.write("src/SUMMARY.md", "- [B](b.md)\n- [A](a.md)\n")?;
    book.write("src/b.md", "```console,run\n# false\n```\n")?;
    assert_status(&run(&book, &["check"])?, 1);
    assert_status(&run(&book, &["check", "src/a.md"])?, 0);
    let output = run(&book, &["check", "c"])?;
    assert_status(&output, 1);
    assert!(text(&output).contains("there is no chapter `c`"));
    Ok(())
}

#[test]
fn github_is_told_where() -> Result<()> {
    if !can_run() {
        return Ok(());
    }
    let book = recorded()?;
    speaks(&book, "echo it says yes; echo more")?;
    let program = env!("CARGO_BIN_EXE_mdbook-console");
    let output = Command::new(program)
        .arg("check")
        .current_dir(book.root())
        .env("GITHUB_ACTIONS", "true")
        .output()?;
    let stdout = String::from_utf8(output.stdout)?;
    let line = "::error file=src/a.md,line=5,col=1::`demo` is not as recorded";
    assert!(stdout.contains(line), "{stdout}");
    Ok(())
}
