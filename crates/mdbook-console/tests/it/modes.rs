//! What is shown where nothing runs, and what need not run again.

use anyhow::Result;

use crate::book::Book;
use crate::stage::{Fake, fails, says};

/// A session of two lines and a value.
const CHAPTER: &str = "\
It is [^n].[^c]

```console,run id=look
# look
```

[^n]: Value: `number {}` in `look`.
[^c]: Check: `look` shows `number`.
";

/// What `record` would have kept of it. Its sum is that of the text.
fn recording(commands: &str) -> String {
    let body = format!(
        "session: look\nkernel: Linux 5.9.1 x86_64\ndate: 2020-02-02\n\
         took: 3ms\n\n[look]\n# {commands}\n│number 7\n"
    );
    let sum = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{body}\n= end, sum {sum:016x}\n")
}

fn book(config: &str, commands: &str) -> Result<Book> {
    let book = Book::with_config(CHAPTER, config)?;
    book.write("recorded/a/look.txt", &recording(commands))?;
    Ok(book)
}

#[test]
fn in_recorded_mode_nothing_runs() -> Result<()> {
    let book = book("mode = \"recorded\"\n", "look")?;
    let stage = Fake::default();
    let built = book.build(stage.clone())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert_eq!(stage.log(), Vec::<String>::new());
    let main = book.main()?;
    assert!(main.contains("recorded on Linux 5.9.1"), "{main}");
    assert!(main.contains("2020-02-02"), "{main}");
    assert!(main.contains("<samp>7</samp>"), "{main}");
    Ok(())
}

#[test]
fn recorded_mode_judges_the_prose() -> Result<()> {
    let book = book("mode = \"recorded\"\n", "look")?;
    book.write("src/a.md", &CHAPTER.replace("`number`", "`letter`"))?;
    let built = book.build(Fake::default())?;
    assert!(built.result.is_err());
    assert!(built.stderr.contains("--> src/a.md:8:"), "{}", built.stderr);
    assert!(built.stderr.contains("→ number 7"), "{}", built.stderr);
    Ok(())
}

#[test]
fn recorded_mode_needs_a_recording_of_these_commands() -> Result<()> {
    let other = book("mode = \"recorded\"\n", "peer")?;
    let built = other.build(Fake::default())?;
    assert!(built.result.is_err());
    assert!(built.stderr.contains("is of other commands"), "{}", built.stderr);
    let none = Book::with_config(CHAPTER, "mode = \"recorded\"\n")?;
    let built = none.build(Fake::default())?;
    assert!(built.result.is_err());
    assert!(
        built.stderr.contains("no recording of `look`"),
        "{}",
        built.stderr
    );
    Ok(())
}

#[test]
fn what_cannot_run_is_shown_as_recorded() -> Result<()> {
    let book = book("", "look")?;
    let stage = Fake::default()
        .answer("look", fails(127, "x: look: command not found\n"));
    book.write(
        "src/a.md",
        &CHAPTER.replace("id=look", "id=look needs=\"look\""),
    )?;
    let built = book.build(stage)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert!(
        built.stderr.contains("`look` is not installed"),
        "{}",
        built.stderr
    );
    assert!(
        built.stderr.contains("a recording is shown in place of"),
        "{}",
        built.stderr
    );
    let main = book.main()?;
    assert!(main.contains("recorded on Linux 5.9.1"), "{main}");
    assert!(main.contains("<samp>7</samp>"), "{main}");
    Ok(())
}

#[test]
fn a_build_warns_of_what_is_not_as_recorded() -> Result<()> {
    let book = book("", "look")?;
    let same = Fake::default().answer("look", says("number 7\n"));
    let built = book.build(same)?;
    assert_eq!((built.result, built.stderr.as_str()), (Ok(()), ""));
    let other = Fake::default().answer("look", says("number 8\n"));
    let built = book.build(other)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert!(built.stderr.contains("warning: 1 session is not as recorded"));
    assert!(built.stderr.contains("src/a.md:3"), "{}", built.stderr);
    Ok(())
}

/// How often the command was typed.
fn runs(stage: &Fake) -> usize {
    stage.log().iter().filter(|line| line.ends_with(" look")).count()
}

#[test]
fn what_has_not_changed_does_not_run_again() -> Result<()> {
    let book = Book::new(CHAPTER)?;
    let stage =
        || Fake::default().machine("m").answer("look", says("number 1\n"));
    let first = stage();
    book.build(first.clone())?;
    assert_eq!(runs(&first), 1);
    let page = book.main()?;

    let again = stage();
    let built = book.build(again.clone())?;
    assert_eq!((built.result, runs(&again)), (Ok(()), 0));
    assert_eq!(book.main()?, page);

    // An edit of the prose changes nothing.
    book.write("src/a.md", &format!("More.\n\n{CHAPTER}"))?;
    let again = stage();
    book.build(again.clone())?;
    assert_eq!(runs(&again), 0);
    Ok(())
}

#[test]
fn what_has_changed_runs_again() -> Result<()> {
    let book = Book::with_config(CHAPTER, "demos = { folder = \"bin\" }\n")?;
    book.write("bin/x", "1")?;
    let path = book.root().join("bin/x");
    let executable = || -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let mode = PermissionsExt::from_mode(0o755);
        Ok(std::fs::set_permissions(&path, mode)?)
    };
    executable()?;
    let stage = |machine: &str| {
        Fake::default().machine(machine).answer("look", says("number 1\n"))
    };
    let build = |machine: &str| -> Result<usize> {
        let stage = stage(machine);
        book.build(stage.clone())?;
        Ok(runs(&stage))
    };
    assert_eq!(build("one")?, 1);
    assert_eq!(build("one")?, 0);
    // Another kernel, another tool.
    assert_eq!(build("two")?, 1);
    // Another demo.
    std::fs::remove_file(&path)?;
    book.write("bin/x", "2")?;
    executable()?;
    assert_eq!(build("two")?, 1);
    assert_eq!(build("two")?, 0);
    // Another command.
    book.write("src/a.md", &CHAPTER.replace("# look", "# true\n# look"))?;
    assert_eq!(build("two")?, 1);
    Ok(())
}

#[test]
fn what_went_wrong_is_not_kept() -> Result<()> {
    let book = Book::new(CHAPTER)?;
    let broken = Fake::default().machine("m").answer("look", fails(1, ""));
    assert!(book.build(broken)?.result.is_err());
    let stage = Fake::default().machine("m").answer("look", says("number 1\n"));
    assert_eq!(book.build(stage.clone())?.result, Ok(()));
    assert_eq!(runs(&stage), 1);
    Ok(())
}

/// The kernel gives the numbers of namespaces that are gone to others.
#[test]
fn a_number_that_is_used_again_is_another_namespace() -> Result<()> {
    let book = Book::new("```console,run id=look\n# a\n# b\n```\n")?;
    let number = |n: u64| says(&format!("uts:[{n}]\n"));
    let (one, two) = (4_026_532_300, 4_026_532_301);
    let keep = |stage: Fake| -> Result<String> {
        book.build(stage.machine("m"))?;
        let path = book.root().join("target/console/earlier-runs/a/look.txt");
        Ok(std::fs::read_to_string(path)?)
    };
    let again =
        Fake::default().answer("a", number(one)).answer("b", number(one));
    assert!(keep(again)?.contains(&format!("= gone {one}")));
    std::fs::remove_dir_all(book.root().join("target"))?;
    let stays = Fake::default()
        .namespace(one)
        .answer("a", number(one))
        .answer("b", number(two));
    let text = keep(stays)?;
    assert!(!text.contains(&format!("= gone {one}")), "{text}");
    assert!(text.contains(&format!("= gone {two}")), "{text}");
    Ok(())
}
