#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::time::Duration;

use mdbook_markdown::MarkdownOptions;
use sandbox::census::{Census, Process};
use sandbox::session::{End, Step as Answer};
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::plan::{self, Chapter, Plan};
use crate::splice;

/// What the commands of a block answer, in order. A NUL stands where
/// something is typed.
type Answers<'a> = &'a [(&'a [u8], i32)];

/// The page of a chapter whose first session's blocks answer like this, and
/// whose views show that session.
fn page(text: &str, answers: &[Answers<'_>], form: Form) -> String {
    let options = MarkdownOptions::default();
    let chapter = Chapter::read("a".into(), text, &options);
    let chapters = [chapter];
    let Plan { sessions, views, .. } =
        plan::plan(&chapters, Duration::from_secs(10));
    let session = &sessions[0];
    let source = Provenance {
        kernel: Release::leading("6.18.44"),
        date: "2026-11-23".to_owned(),
        is_recorded: false,
    };
    let said = session.blocks.iter().zip(answers);
    let blocks = said.map(|(block, answers)| transcript(block, answers));
    let transcript =
        &Transcript { blocks: blocks.collect(), took: Duration::ZERO };
    let content = |position: usize| Content::Ran {
        transcript: &transcript.blocks[position],
        source: source.clone(),
    };
    let blocks = session.blocks.iter().enumerate().map(|(position, block)| {
        let content = content(position);
        let shown =
            Shown { session, block, content, hint: None, cited: Cited::new() };
        patch(text, &chapters[0].blocks[block.index], &shown, form)
    });
    let views = views.iter().map(|view| {
        let content = Content::Ran { transcript, source: source.clone() };
        let viewed = Viewed { session, subject: view.subject.clone(), content };
        patch_view(text, &chapters[0].views[view.index], &viewed, form)
    });
    let mut patches: Vec<Patch> = blocks.chain(views).collect();
    patches.sort_by_key(|patch| patch.span.start);
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
    let census = block.census.then(census);
    BlockTranscript { steps: steps.collect(), census }
}

/// A world with a namespace inside.
fn census() -> Census {
    let process = |pids: &[i32], parent, namespace, command: &str| Process {
        pids: pids.to_vec(),
        parent,
        command: command.to_owned(),
        terminal: (parent > 0).then_some(0),
        namespaces: [None, Some(namespace), None, None, None, None, None, None],
    };
    let processes = vec![
        process(&[1], 0, 4_026_532_181, "init"),
        process(&[2], 1, 4_026_532_181, "bash"),
        process(&[12, 1], 2, 4_026_532_290, "sh -c `<{{x}}>`"),
    ];
    Census { processes, namespaces: Vec::new() }
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
        str![[r#"
before

<figure class="session" data-session="a/cat-e">
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

"#]],
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
        "<span class=\"bg-x\" style=\"--bg-x:#ff0000;\">b</span>",
        "<span class=\"inverse bg-2\">i</span>",
        "<span class=\"fg-x\" style=\"--fg-x:#bcbcbc;\">g</span>",
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
    assert!(html.contains("<div class=\"terminal\">Terminal 1</div>"));
    assert!(html.contains("<div class=\"terminal\">Terminal 2</div>"));
    check_markdown(
        text,
        answers,
        str![[r#"
*Terminal 1:*

```console
# a
```
*Terminal 2:*

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
    let options = MarkdownOptions::default();
    let chapter = Chapter::read("a".into(), text, &options);
    let chapters = [chapter];
    let plan = plan::plan(&chapters, Duration::from_secs(10));
    let session = &plan.sessions[0];
    let reason = Reason::NoProgram("lsns".into());
    let shown = |form| {
        let block = &session.blocks[0];
        let content = Content::CannotRun(&reason);
        let shown =
            Shown { session, block, content, hint: None, cited: Cited::new() };
        patch(text, &chapters[0].blocks[0], &shown, form).text
    };
    assert_data_eq!(
        shown(Form::Html),
        str![[r#"
<figure class="session cannot-run" data-session="a/lsns">
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>lsns</kbd>
<span class="prompt">&gt;</span> <kbd>-l</kbd></samp></pre>
<figcaption class="notice"><strong>Not run here.</strong> On the machine that built this page, <samp>lsns</samp> is not installed. A recording is shown in its place as soon as there is one.</figcaption>
</figure>
"#]]
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

/// Two terminals, a hidden block, and a command with input.
const WALK: &str = "```console,run session=w\n# a\n> b\n# c\n```\n\
    ```console,run session=w hidden\n# secret\n```\n\
    ```console,run session=w terminal=2 id=last fails\n$ d\n```\n";

const WALKED: &[Answers<'_>] =
    &[&[(b"x\r\n\r\ny\r\n", 0), (b"", 0)], &[(b"", 0)], &[(b"</li>\r\n", 3)]];

/// What stands in the place of a view at the end of [`WALK`].
fn view(view: &str, form: Form) -> String {
    let page = page(&format!("{WALK}\n{view}"), WALKED, form);
    let without = self::page(WALK, WALKED, form);
    page.strip_prefix(&without).unwrap_or(&page).to_owned()
}

#[test]
fn a_replay_has_the_steps_of_all_terminals_in_their_order() {
    let replay = "```console,replay session=w\n```\n";
    assert_data_eq!(view(replay, Form::Html), str![[r#"

<figure class="session replay" data-session="w">
<ol class="steps" role="list" data-terminals="2">
<li data-column="first">
<div class="terminal">Terminal 1</div>
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>a</kbd>
<span class="prompt">&gt;</span> <kbd>b</kbd>
<span class="line">x</span>
<span class="line"></span>
<span class="line">y</span></samp></pre>
</li>
<li data-column="first">
<div class="terminal">Terminal 1</div>
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>c</kbd></samp></pre>
</li>
<li data-column="last">
<div class="terminal">Terminal 2</div>
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>d</kbd>
<span class="line">&lt;/li&gt;</span>
<span class="status">exit status 3</span></samp></pre>
</li>
</ol>
<figcaption>ran on Linux 6.18.44, <time datetime="2026-11-23">2026-11-23</time></figcaption>
</figure>

"#]].raw());
    assert_data_eq!(
        view(replay, Form::Markdown),
        str![[r#"

*Step 1, Terminal 1:*

```console
# a
> b
x

y
```

*Step 2, Terminal 1:*

```console
# c
```

*Step 3, Terminal 2:*

```console
# d
</li>
[exit status 3]
```

"#]]
        .raw()
    );
}

#[test]
fn a_map_is_drawn_and_told_in_words() {
    let map = "```console,map session=w after=last kinds=pid\n```\n";
    assert_data_eq!(view(map, Form::Html), str![[r#"

<figure class="session map" data-session="w">
<div class="drawings">
<div class="drawing" role="group" tabindex="0">
<svg role="img" viewBox="0 0 282 132" width="282" height="132" font-size="13" fill="currentColor" style="font-family:var(--mono-font,monospace)">
<title>PID namespaces and their processes right after d in Terminal 2</title>
<desc>pid:[4026532181] has 2 processes; pid:[4026532290], inside pid:[4026532181], has 1 process</desc>
<g class="ns-pid"><g fill-opacity="0.05" stroke="currentColor" stroke-opacity="0.7"><path d="M7 1h268q6 0 6 6v118q0 6-6 6h-268q-6 0-6-6v-118q0-6 6-6zM91 72h174q6 0 6 6v37q0 6-6 6h-174q-6 0-6-6v-37q0-6 6-6z"></path></g><g font-weight="700"><text x="49" y="16">pid:[4026532181]</text><text x="133" y="87">pid:[4026532290]</text></g></g>
<g fill="none" stroke="currentColor" stroke-opacity="0.6" shape-rendering="crispEdges"><path d="M53 42V56H64M71 64V105H85"></path><path d="M39 105H83" stroke-dasharray="1 3"></path></g>
<g font-weight="700"><text x="27" y="38">1</text><text x="27" y="60">2</text><text x="111" y="109">1</text></g>
<g class="quiet"><text x="11" y="16">PID</text><text x="113" y="60">Terminal 1</text><text x="95" y="87">PID</text></g>
<g><text x="49" y="38">init</text><text x="67" y="60">bash</text><text x="19" y="109">12</text><text x="133" y="109">sh -c `&lt;&#123;&#123;x}}&gt;`</text></g>
</svg>
</div>
</div>
<details><summary>In words</summary>
<ul>
<li>PID namespace <samp>pid:[4026532181]</samp>
<ul>
<li>process 1: <samp>init</samp>
<ul>
<li>process 2: <samp>bash</samp>, Terminal 1
<ul>
<li>PID namespace <samp>pid:[4026532290]</samp>
<ul>
<li>process 1, which is 12 in <samp>pid:[4026532181]</samp>: <samp>sh -c `&lt;&#123;&#123;x}}&gt;`</samp></li>
</ul>
</li>
</ul>
</li>
</ul>
</li>
</ul>
</li>
</ul>
</details>
<figcaption>PID namespaces and their processes right after <samp>d</samp> in Terminal 2; ran on Linux 6.18.44, <time datetime="2026-11-23">2026-11-23</time></figcaption>
</figure>

"#]].raw());
    assert_data_eq!(
        view(map, Form::Markdown),
        str![[r#"

PID namespaces and their processes right after `d` in Terminal 2:

- PID namespace `pid:[4026532181]`
  - process 1: `init`
    - process 2: `bash`, Terminal 1
      - PID namespace `pid:[4026532290]`
        - process 1, which is 12 in `pid:[4026532181]`: `` sh -c `<{{x}}>` ``

"#]]
        .raw()
    );
}

#[test]
fn no_line_of_a_view_is_blank_and_every_line_has_its_prefix() {
    for view in ["replay session=w", "map session=w after=last kinds=pid"] {
        let quoted = format!("> 1. ```console,{view}\n>    ```\n>    *next*\n");
        let page = page(&format!("{WALK}\n{quoted}"), WALKED, Form::Html);
        let (_, view) = page.rsplit_once("\n> 1. <figure").expect("a view");
        let (view, rest) =
            view.split_once("\n>    </figure>\n").expect("its end");
        assert_eq!(rest, ">\n>    *next*\n");
        for line in view.lines().skip(1) {
            let content = line.strip_prefix(">    ").expect(line);
            assert!(!content.trim().is_empty(), "{page}");
        }
        assert!(!page.contains("{{"), "{page}");
    }
}

#[test]
fn views_of_a_session_that_cannot_run_say_why() {
    let views = "```console,replay session=w\n```\n\n\
                 ```console,map session=w after=last kinds=pid\n```";
    let text = format!("{WALK}\n{views}");
    let options = MarkdownOptions::default();
    let chapters = [Chapter::read("a".into(), &text, &options)];
    let plan = plan::plan(&chapters, Duration::from_secs(10));
    let reason = Reason::NoProgram("lsns".into());
    let shown = |form| {
        let patches = plan.views.iter().map(|view| {
            let session = &plan.sessions[0];
            let content = Content::CannotRun(&reason);
            let viewed =
                Viewed { session, subject: view.subject.clone(), content };
            patch_view(&text, &chapters[0].views[view.index], &viewed, form)
        });
        patches.map(|patch| patch.text).collect::<Vec<_>>().join("\n---\n")
    };
    assert_data_eq!(shown(Form::Html), str![[r#"
<figure class="session replay cannot-run" data-session="w">
<ol class="steps" role="list" data-terminals="2">
<li data-column="first">
<div class="terminal">Terminal 1</div>
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>a</kbd>
<span class="prompt">&gt;</span> <kbd>b</kbd></samp></pre>
</li>
<li data-column="first">
<div class="terminal">Terminal 1</div>
<pre tabindex="0"><samp><span class="prompt">#</span> <kbd>c</kbd></samp></pre>
</li>
<li data-column="last">
<div class="terminal">Terminal 2</div>
<pre tabindex="0"><samp><span class="prompt">$</span> <kbd>d</kbd></samp></pre>
</li>
</ol>
<figcaption class="notice"><strong>Not run here.</strong> On the machine that built this page, <samp>lsns</samp> is not installed. A recording is shown in its place as soon as there is one.</figcaption>
</figure>
---
<figure class="session map cannot-run" data-session="w">
<figcaption class="notice"><strong>Not run here.</strong> On the machine that built this page, <samp>lsns</samp> is not installed. A recording is shown in its place as soon as there is one.</figcaption>
</figure>
"#]].raw());
    assert_data_eq!(
        shown(Form::Markdown),
        str![[r#"
*Step 1, Terminal 1:*

```console
# a
> b
```

*Step 2, Terminal 1:*

```console
# c
```

*Step 3, Terminal 2:*

```console
$ d
```

*Not run here:* `lsns` is not installed.
---
*Not run here:* `lsns` is not installed.
"#]]
        .raw()
    );
}
