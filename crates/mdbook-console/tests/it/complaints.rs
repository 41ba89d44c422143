//! What is said about faults, and about machines that lack something.

#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use anyhow::Result;
use sandbox::error::Refusal;
use snapbox::{IntoData, assert_data_eq, str};

use crate::book::Book;
use crate::stage::{Fake, fails, hangs, misses};

fn check(
    book: &Book,
    stage: Fake,
    stderr: impl IntoData,
    result: Result<(), &str>,
) -> Result<()> {
    let built = book.build(stage)?;
    assert_data_eq!(built.stderr, stderr);
    match (built.result, result) {
        (Ok(()), Ok(())) => {}
        (Err(error), Err(part)) => {
            assert!(error.contains(part), "{part} in {error}");
        }
        (built, expected) => panic!("{built:?} is not {expected:?}"),
    }
    Ok(())
}

#[test]
fn faults_of_all_kinds_are_reported_together() -> Result<()> {
    let book = Book::new(
        "# Ä\n\n```console,run timeout=1s\n# hang\n```\n\n\
         - ü ```x```\n\n  ```console,run timout=5s\n  # fine\n  ```\n\n\
         ```console,run\n# fine\n# bad ü | x\n```\n",
    )?;
    let stage = Fake::default()
        .failure("hang", hangs("half a line"))
        .answer("bad ü | x", fails(3, "\x1b[31mno\x1b[m\nway\n"));
    check(
        &book,
        stage,
        str![[r#"
error: `hang` did not end in 1s
 --> src/a.md:4:1
  |
4 | # hang
  | ^^^^^^ still running
  |
  = note: it printed:
            half a line
  = help: allow more with `timeout=30s`; for a command that stays, add `until="text"` and a line `^C`

error: unknown option `timout`
 --> src/a.md:9:18
  |
9 |   ```console,run timout=5s
  |                  ^^^^^^^^^ no block has this option
  |
  = help: did you mean `timeout`?

error: `bad ü | x` failed
  --> src/a.md:15:1
   |
15 | # bad ü | x
   | ^^^^^^^^^^^ exit status 3
   |
   = note: it printed:
             no
             way
   = help: if the failure is the point, add `fails` to the block


"#]],
        Err("3 faults"),
    )
}

#[test]
fn faults_are_those_of_the_authors_file() -> Result<()> {
    let book =
        Book::new("x\n\n{{#include part.md}}\n\n```console,run\n# ok\n```\n")?;
    book.write("src/part.md", "one\n\n```console,run fials\n# a\n```\n")?;
    check(
        &book,
        Fake::default(),
        str![[r#"
error: unknown option `fials`
 --> src/part.md:3:16
  |
3 | ```console,run fials
  |                ^^^^^ no block has this option
  |
  = help: did you mean `fails`?


"#]],
        Err("1 fault"),
    )
}

#[test]
fn a_name_used_in_two_chapters_is_shown_in_both() -> Result<()> {
    let book = Book::new("```console,run id=x\n# a\n```\n")?;
    book.write("src/SUMMARY.md", "- [A](a.md)\n- [B](b.md)\n")?;
    book.write("src/b.md", "\n```console,run id=x\n# b\n```\n")?;
    check(
        &book,
        Fake::default(),
        str![[r#"
error: two blocks are named `x`
 --> src/b.md:2:16
  |
2 | ```console,run id=x
  |                ^^^^ again here
  |
 ::: src/a.md:1:16
  |
1 | ```console,run id=x
  |                ---- first here
  |
  = help: the names of blocks are unique in a book


"#]],
        Err("1 fault"),
    )
}

const NO_USERNS: (&str, &str, &str, &str) = (
    "make a user namespace",
    "EPERM: Operation not permitted",
    "`/proc/sys/user/max_user_namespaces` is 0",
    "as root, write a larger number to that file",
);

fn refusal() -> Refusal {
    let (step, errno, cause, remedy) = NO_USERNS;
    let [step, errno, cause, remedy] =
        [step, errno, cause, remedy].map(str::to_owned);
    Refusal { step, errno, cause, remedy }
}

const TWO_SESSIONS: &str =
    "```console,run\n# a\n```\n\n```console,run\n# b\n```\n";

#[test]
fn a_machine_that_refuses_worlds_builds_the_book_and_says_why() -> Result<()> {
    let book = Book::new(TWO_SESSIONS)?;
    check(
        &book,
        Fake::default().refuse(refusal()),
        str![[r#"
warning: 2 sessions cannot run here: the kernel refused to make a user namespace
 |
 = note: EPERM: Operation not permitted: `/proc/sys/user/max_user_namespaces` is 0
 = note: a notice is shown in place of
           src/a.md:1, 5
 = help: as root, write a larger number to that file


"#]],
        Ok(()),
    )?;
    let main = book.main()?;
    assert_eq!(main.matches("Not run here.").count(), 2, "{main}");
    assert!(main.contains("the kernel refused to make a user namespace"));
    assert!(main.contains("<kbd>a</kbd>"));
    Ok(())
}

#[test]
fn in_live_mode_such_a_machine_fails() -> Result<()> {
    let book = Book::with_config(TWO_SESSIONS, "mode = \"live\"\n")?;
    check(
        &book,
        Fake::default().refuse(refusal()),
        str![[r#"
error: 2 sessions cannot run here: the kernel refused to make a user namespace
 |
 = note: EPERM: Operation not permitted: `/proc/sys/user/max_user_namespaces` is 0
 = note: `mode = "live"` allows nothing in place of
           src/a.md:1, 5
 = help: as root, write a larger number to that file


"#]],
        Err("1 fault"),
    )
}

#[test]
fn a_missing_tool_concerns_only_its_session() -> Result<()> {
    let book = Book::new(TWO_SESSIONS)?;
    let stage = Fake::default().answer("b", misses("lsns"));
    check(
        &book,
        stage,
        str![[r#"
warning: 1 session cannot run here: `lsns` is not installed
 |
 = note: a notice is shown in place of
           src/a.md:5
 = help: install it, on Debian and Ubuntu with `apt-get install util-linux`


"#]],
        Ok(()),
    )?;
    let main = book.main()?;
    assert_eq!(main.matches("Not run here.").count(), 1, "{main}");
    Ok(())
}

#[test]
fn needs_are_looked_up_before_anything_runs() -> Result<()> {
    let chapter = "```console,run needs=\"kernel 9.1\"\n# a\n```\n\
                   ```console,run needs=\"frob\"\n# a\n```\n";
    let stage = Fake::default();
    check(
        &Book::new(chapter)?,
        stage.clone(),
        str![[r#"
warning: 1 session cannot run here: it needs Linux 9.1, and this is 6.18.44
 |
 = note: a notice is shown in place of
           src/a.md:1
 = help: build on Linux 9.1 or later

warning: 1 session cannot run here: `frob` is not installed
 |
 = note: a notice is shown in place of
           src/a.md:4
 = help: install `frob` below /usr


"#]],
        Ok(()),
    )?;
    assert!(stage.log().is_empty(), "{:?}", stage.log());
    let stage = Fake::default().program("frob");
    let built = Book::new(chapter)?.build(stage.clone())?;
    assert!(!built.stderr.contains("frob"), "{}", built.stderr);
    assert_eq!(stage.log().len(), 2);
    Ok(())
}

#[test]
fn an_unknown_key_fails_the_build() -> Result<()> {
    let book = Book::with_config(TWO_SESSIONS, "tiemout = \"1s\"\n")?;
    check(&book, Fake::default(), "", Err("did you mean `timeout`?"))
}
