//! What pages show.

use anyhow::Result;

use crate::book::Book;
use crate::stage::{Fake, says, says_bytes};

/// Builds a chapter, and checks that its page holds these parts.
fn check(chapter: &str, stage: Fake, parts: &[&str]) -> Result<String> {
    let book = Book::new(chapter)?;
    let built = book.build(stage)?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert_eq!(built.stderr, "");
    let main = book.main()?;
    for part in parts {
        assert!(main.contains(part), "no {part} in {main}");
    }
    Ok(main)
}

#[test]
fn a_page_shows_what_the_commands_said() -> Result<()> {
    check(
        "# A\n\n```console,run\n# hostname\n```\n\n*after*\n",
        Fake::default().answer("hostname", says("host\n")),
        &[
            "<span class=\"prompt\">#</span> <kbd>hostname</kbd>\n\
             <span class=\"line\">host</span></samp></pre>",
            "ran on Linux 6.18.44, <time datetime=\"2026-11-23\">",
            "<p><em>after</em></p>",
        ],
    )?;
    Ok(())
}

#[test]
fn output_of_all_sorts_is_text() -> Result<()> {
    let output = b"</pre><b>x</b>\r\n\r\n```\r\n{{#include /etc/passwd}}\r\n\
                   \xff\r\n10%\r99%\r\n*a* [b](c) &amp;\r\n";
    check(
        "```console,run\n# cat\n```\n",
        Fake::default().answer("cat", says_bytes(output)),
        &[
            "\">&lt;/pre&gt;&lt;b&gt;x&lt;/b&gt;</span>",
            "<span class=\"line\"></span>",
            "\">```</span>",
            "\">{{#include /etc/passwd}}</span>",
            "\">\u{fffd}</span>",
            "\">99%</span>",
            "\">*a* [b](c) &amp;amp;</span>",
        ],
    )?;
    Ok(())
}

#[test]
fn containers_stay_around_a_block() -> Result<()> {
    let main = check(
        "- one\n\n  ```console,run\n  # a\n  ```\n\n  *two*\n- three\n\n\
         > [!NOTE]\n> ```console,run\n> # a\n> ```\n> *four*\n",
        Fake::default().answer("a", says("x\n\ny\n")),
        &["<p><em>two</em></p>", "<p><em>four</em></p>"],
    )?;
    assert_eq!(main.matches("<ul>").count(), 1, "{main}");
    assert_eq!(main.matches("<blockquote").count(), 1, "{main}");
    assert_eq!(main.matches("<figure").count(), 2, "{main}");
    assert_eq!(main.matches("<span class=\"line\"></span>").count(), 2);
    Ok(())
}

#[test]
fn other_fences_are_shown_as_they_are() -> Result<()> {
    let chapter = "````markdown\n```console,run\n# a\n```\n````\n\n\
                   ```console\n# b\n```\n";
    let stage = Fake::default();
    let main = check(chapter, stage.clone(), &["```console,run\n# a\n```"])?;
    assert!(!main.contains("<figure"), "{main}");
    assert!(stage.log().is_empty());
    Ok(())
}

#[test]
fn a_demo_is_shown_with_the_command_that_runs_it() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let book = Book::with_config(
        "```console,run\n# hello\n```\n```console,run\n# hello | cat\n```\n",
        "demos = { folder = \"demos\" }\nrun-hint = \"book demo {name}\"\n",
    )?;
    book.write("demos/hello", "#!/bin/sh\n")?;
    let demo = book.root().join("demos/hello");
    std::fs::set_permissions(demo, PermissionsExt::from_mode(0o755))?;
    let built = book.build(Fake::default())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    let main = book.main()?;
    assert_eq!(main.matches("book demo hello").count(), 1, "{main}");
    Ok(())
}

#[test]
fn other_renderers_get_a_plain_fence() -> Result<()> {
    let book = Book::with_config(
        "a\n\n```console,run\n# a\n```\n",
        "[output.html]\n[output.markdown]\n",
    )?;
    let stage = Fake::default().answer("a", says("<b> ```` {{x}}\n"));
    let built = book.build(stage.clone())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    assert_eq!(
        book.page("markdown/a.md")?,
        "a\n\n`````console\n# a\n<b> ```` {{x}}\n`````\n"
    );
    assert!(book.page("html/a.html")?.contains("<figure"));
    assert_eq!(stage.log().len(), 2, "performed once: {:?}", stage.log());
    Ok(())
}

#[test]
fn every_chapter_gets_its_own_text() -> Result<()> {
    let block =
        |name: &str| format!("# {name}\n\n```console,run\n# {name}\n```\n");
    let book = Book::new(&block("a"))?;
    book.write(
        "src/SUMMARY.md",
        "- [A](a.md)\n  - [B](b.md)\n    - [Draft]()\n  - [C](c.md)\n\
         ---\n- [D](d.md)\n",
    )?;
    for name in ["b", "c", "d"] {
        book.write(&format!("src/{name}.md"), &block(name))?;
    }
    let built = book.build(Fake::default())?;
    assert_eq!(built.result, Ok(()), "{}", built.stderr);
    for name in ["a", "b", "c", "d"] {
        let page = book.page(&format!("{name}.html"))?;
        assert!(page.contains(&format!("<kbd>{name}</kbd>")), "{page}");
        assert!(page.contains(&format!("data-session=\"{name}/{name}\"")));
    }
    Ok(())
}

#[test]
fn blocks_of_two_sessions_may_alternate() -> Result<()> {
    let block = |info: &str, command: &str| {
        format!("{command}:\n\n```console,run {info}\n# {command}\n```\n\n")
    };
    let chapter = ["one", "two", "three", "four"]
        .into_iter()
        .zip(["session=v", "session=w", "session=v", "session=w"])
        .map(|(command, info)| block(info, command))
        .collect::<Vec<_>>()
        .concat();
    let main = check(&chapter, Fake::default(), &[])?;
    let at = |text: &str| main.find(text).expect(text);
    for command in ["one", "two", "three", "four"] {
        let figure = at(&format!("<kbd>{command}</kbd>"));
        assert!(at(&format!("<p>{command}:</p>")) < figure, "{main}");
    }
    assert!(at("<kbd>two<") < at("<kbd>three<"), "{main}");
    Ok(())
}
