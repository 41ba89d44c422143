//! Who is asked what, and in which order.

use anyhow::Result;

use crate::book::Book;
use crate::stage::{Fake, MEET, fails};

#[test]
fn a_session_goes_on_from_block_to_block() -> Result<()> {
    let book = Book::with_config(
        "```console,run session=w until=up\n# serve\n```\n\
         ```console,run session=w terminal=2\n$ ask\n```\n\
         ```console,run session=w\n^C\n# after\n```\n",
        "jobs = 1\n",
    )?;
    let stage = Fake::default();
    let built = book.build(stage.clone())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert_eq!(
        stage.log(),
        [
            "start [Root, Reader]",
            "0 # serve",
            "1 $ ask",
            "0 [Interrupt]",
            "0 # after",
        ]
    );
    Ok(())
}

#[test]
fn nothing_is_typed_behind_a_fault_and_other_sessions_go_on() -> Result<()> {
    let book = Book::with_config(
        "```console,run session=w\n# bad\n# never\n```\n\
         ```console,run session=w\n# never\n```\n\
         ```console,run\n# other\n```\n",
        "jobs = 1\n",
    )?;
    let stage = Fake::default().answer("bad", fails(1, "no\n"));
    let built = book.build(stage.clone())?;
    assert!(built.result.is_err());
    assert_eq!(
        stage.log(),
        ["start [Root]", "0 # bad", "start [Root]", "0 # other"]
    );
    assert!(
        built.stderr.contains("the next block of session `w` was not run"),
        "{}",
        built.stderr
    );
    Ok(())
}

#[test]
fn many_sessions_at_a_time_give_the_same_pages() -> Result<()> {
    let blocks = (0..50).map(|n| format!("```console,run\n# say {n}\n```\n"));
    let chapter = blocks.collect::<Vec<_>>().concat();
    let pages = ["jobs = 1\n", "jobs = 8\n"].map(|config| -> Result<_> {
        let book = Book::with_config(&chapter, config)?;
        let built = book.build(Fake::default())?;
        assert_eq!(built.result, Ok(()), "{}", built.stderr);
        book.main()
    });
    let [one, eight] = pages;
    assert_eq!(one?, eight?);
    Ok(())
}

#[test]
fn sessions_run_side_by_side() -> Result<()> {
    let block = format!("```console,run\n# {MEET}\n```\n");
    let book = Book::with_config(&block.repeat(2), "jobs = 2\n")?;
    let built = book.build(Fake::default())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    Ok(())
}
