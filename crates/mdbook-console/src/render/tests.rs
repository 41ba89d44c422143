#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::time::Duration;

use mdbook_markdown::MarkdownOptions;
use sandbox::session::{End, Step as Answer};
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::plan::{self, Chapter, Plan};
use crate::splice;

/// What the commands of a block answer, in order. A NUL stands where
/// something is typed.
type Answers<'a> = &'a [(&'a [u8], i32)];

/// The page of a chapter whose first session's blocks answer like this.
fn page(text: &str, answers: &[Answers<'_>], form: Form) -> String {
    let blocks = parse::parse(text, &MarkdownOptions::default());
    let chapter = Chapter { stem: "a".into(), blocks };
    let chapters = [chapter];
    let Plan { sessions, .. } = plan::plan(&chapters, Duration::from_secs(10));
    let session = &sessions[0];
    let source = Provenance {
        kernel: Release::leading("6.18.44"),
        date: "2026-11-23".to_owned(),
    };
    let patches: Vec<Patch> = session
        .blocks
        .iter()
        .zip(answers)
        .map(|(block, answers)| {
            let transcript = &transcript(block, answers);
            let content = Content::Ran { transcript, source: &source };
            let shown = Shown { session, block, content, hint: None };
            patch(text, &chapters[0].blocks[block.index], &shown, form)
        })
        .collect();
    splice::splice(text, &patches)
}

fn transcript(block: &Block, answers: Answers<'_>) -> BlockTranscript {
    let steps = block.actions.iter().zip(answers).map(|(action, answer)| {
        let (answer, status) = *answer;
        let parts: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
        let ends = (1..parts.len()).map(|n| parts[..n].concat().len());
        Step::new(
            &action.kind,
            Answer {
                prompt: "# ".into(),
                output: parts.concat(),
                typed: ends.collect(),
                end: End::Prompt { status },
                duration: Duration::ZERO,
                missing: Vec::new(),
            },
        )
    });
    BlockTranscript { steps: steps.collect() }
}

fn check_html(text: &str, answers: &[Answers<'_>], expected: impl IntoData) {
    assert_data_eq!(page(text, answers, Form::Html), expected.raw());
}

fn check_markdown(
    text: &str,
    answers: &[Answers<'_>],
    expected: impl IntoData,
) {
    assert_data_eq!(page(text, answers, Form::Markdown), expected.raw());
}

#[test]
fn a_block_becomes_a_figure() {
    check_html(
        "before\n\n```console,run\n# cat <<E\n> x\n> E\n# false\n```\n\nafter\n",
        &[&[(b"x\r\n\r\ny\r\n", 0), (b"", 1)]],
        str![[r##"
before

<figure class="session" data-session="a/1">
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>cat &lt;&lt;E</kbd>
<span class="prompt">&gt;</span> <kbd>x</kbd>
<span class="prompt">&gt;</span> <kbd>E</kbd>
<span class="line">x</span>
<span class="line"></span>
<span class="line">y</span>
<span class="prompt">#</span> <kbd>false</kbd>
<span class="status">exit status 1</span></samp></pre>
<figcaption>ran on Linux 6.18.44, <time datetime="2026-11-23">2026-11-23</time></figcaption>
</figure>

after

"##]],
    );
}

#[test]
fn output_is_text_whatever_it_looks_like() {
    let page = page(
        "```console,run\n# a\n```\n",
        &[&[(b"</samp></pre><script>\r\n```\r\n&amp; \"{{#include /etc/passwd}}\"\r\n", 0)]],
        Form::Html,
    );
    assert!(!page.contains("{{"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(page.matches("</pre>").count(), 1, "{page}");
    assert!(page.contains("&amp;amp; &quot;&#123;&#123;#include"), "{page}");
}

#[test]
fn commands_and_names_are_text_too() {
    let page = page(
        "```console,run id=x\n# echo \"<b>\" {{x}} && a\n```\n",
        &[&[(b"", 0)]],
        Form::Html,
    );
    assert!(page.contains("data-block=\"x\""), "{page}");
    assert!(
        page.contains(
            "echo &quot;&lt;b&gt;&quot; &#123;&#123;x}} &amp;&amp; a"
        ),
        "{page}"
    );
}

#[test]
fn no_line_of_a_figure_is_blank() {
    let answers: Answers<'_> = &[(b"\r\n \r\n\r\n", 0)];
    let page = page("```console,run\n# a\n```", &[answers], Form::Html);
    assert!(page.lines().all(|line| !line.trim().is_empty()), "{page}");
}

#[test]
fn colours_of_the_theme_are_classes_and_others_are_not() {
    let page = page(
        "```console,run\n# a\n```\n",
        &[&[(b"\x1b[1;31mr\x1b[0m\x1b[48;5;196mb\x1b[0m\x1b[7;32mi\x1b[0m\x1b[38;5;250mg\r\n", 0)]],
        Form::Html,
    );
    for span in [
        "<span class=\"bold fg-1\">r</span>",
        "<span style=\"background-color:#ff0000;\">b</span>",
        "<span class=\"inverse bg-2\">i</span>",
        "<span style=\"color:#bcbcbc;\">g</span>",
    ] {
        assert!(page.contains(span), "{span} in {page}");
    }
}

#[test]
fn what_was_typed_is_marked_where_the_terminal_echoed_it() {
    let page = page(
        "```console,run\n# read x\nme\n# cat\nhello\nme\n^C\n# stty -echo\nme\n```\n",
        &[&[
            (b"not me\r\nname? \0me\r\n", 0),
            (b"\0hello\r\nhello\r\n\0me\r\nme\r\n\0x^Cbye\r\n", 130),
            (b"who? \0\r\nme\r\n", 0),
        ]],
        Form::Html,
    );
    for line in [
        "<span class=\"line\">not me</span>",
        "<span class=\"line\">name? <kbd>me</kbd></span>",
        "<span class=\"line\"><kbd>hello</kbd></span>\n<span class=\"line\">hello</span>",
        "<kbd>me</kbd></span>\n<span class=\"line\">me</span>",
        "<span class=\"line\">x<kbd>^C</kbd>bye</span>",
        "<span class=\"line\">who?</span>\n<span class=\"line\">me</span>",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
}

#[test]
fn the_terminals_of_a_session_are_named() {
    let text = "```console,run session=w\n# a\n```\n\
                ```console,run session=w terminal=2\n# b\n```\n";
    let answers: &[Answers<'_>] = &[&[(b"", 0)], &[(b"", 0)]];
    let html = page(text, answers, Form::Html);
    assert!(html.contains("<div class=\"terminal\">terminal 1</div>"));
    assert!(html.contains("<div class=\"terminal\">terminal 2</div>"));
    check_markdown(
        text,
        answers,
        str![[r#"
*terminal 1:*

```console
# a
```
*terminal 2:*

```console
# b
```

"#]],
    );
}

#[test]
fn a_hidden_block_vanishes() {
    check_html(
        "a\n```console,run hidden\n# a\n```\nb\n",
        &[&[(b"x\r\n", 0)]],
        "a\n\nb\n",
    );
}

#[test]
fn every_line_has_the_prefix_of_the_list_and_quote_around_it() {
    for text in [
        "> - ```console,run\n>   # a\n>   ```\n>   text\n",
        "1. x\n\n   ```console,run\n   # a\n   ```\n   text\n",
        "- x\n\n\t```console,run\n\t# a\n\t```\n\ttext\n",
    ] {
        for form in [Form::Html, Form::Markdown] {
            let page = page(text, &[&[(b"x\r\n\r\ny\r\n", 0)]], form);
            let prefix = text.split("# a").next().unwrap_or("");
            let prefix = prefix.rsplit('\n').next().unwrap_or("");
            for line in page.lines().skip_while(|l| !l.contains('x')).skip(3) {
                let fits =
                    line.starts_with(prefix) || line == prefix.trim_end();
                assert!(fits, "{line:?} in {page}");
            }
        }
    }
}

#[test]
fn text_right_behind_a_block_stays_text() {
    let html = page(
        "> ```console,run\n> # a\n> ```\n> *text*\n",
        &[&[(b"", 0)]],
        Form::Html,
    );
    assert!(html.contains("> </figure>\n>\n> *text*\n"), "{html}");
    let html = page(
        "- ```console,run\n  # a\n  ```\n- *next*\n",
        &[&[(b"", 0)]],
        Form::Html,
    );
    assert!(html.contains("</figure>\n- *next*\n"), "{html}");
}

#[test]
fn a_fence_is_longer_than_any_in_the_output() {
    check_markdown(
        "```console,run\n# a\n```\n",
        &[&[(b"````x\r\n\x1b[31m<b>\x1b[m\r\n\r\n", 3)]],
        str![[r##"
`````console
# a
````x
<b>

[exit status 3]
`````

"##]],
    );
}

#[test]
fn bytes_around_blocks_do_not_change() {
    let before = "# ü\r\n\ttab  \n<div>{{#title x}}</div>\n* a\n\n";
    let after = "\n\n[x]: y\n\n\n  end without newline";
    let text = format!("{before}```console,run\n# a\n```{after}");
    for form in [Form::Html, Form::Markdown] {
        let page = page(&text, &[&[(b"x\r\n", 0)]], form);
        assert!(page.starts_with(before) && page.ends_with(after), "{page}");
    }
}

#[test]
fn a_block_that_cannot_run_shows_its_commands_and_why() {
    let text = "```console,run\n# lsns\n> -l\n```\n";
    let blocks = parse::parse(text, &MarkdownOptions::default());
    let chapter = Chapter { stem: "a".into(), blocks };
    let chapters = [chapter];
    let plan = plan::plan(&chapters, Duration::from_secs(10));
    let session = &plan.sessions[0];
    let reason = Reason::NoProgram("lsns".into());
    let shown = |form| {
        let block = &session.blocks[0];
        let content = Content::CannotRun(&reason);
        let shown = Shown { session, block, content, hint: None };
        patch(text, &chapters[0].blocks[0], &shown, form).text
    };
    assert_data_eq!(
        shown(Form::Html),
        str![[r##"
<figure class="session cannot-run" data-session="a/1">
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>lsns</kbd>
<span class="prompt">&gt;</span> <kbd>-l</kbd></samp></pre>
<figcaption class="notice"><strong>Not run here.</strong> On the machine that built this page, <samp>lsns</samp> is not installed. A recording is shown in its place as soon as there is one.</figcaption>
</figure>
"##]]
    );
    assert_data_eq!(
        shown(Form::Markdown),
        str![[r##"
```console
# lsns
> -l
```

*Not run here:* `lsns` is not installed.
"##]]
    );
}
