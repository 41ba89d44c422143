#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::fmt::Write as _;

use sandbox::session::Input;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::diagnostics::Advice;
use crate::parse::script::Typed;
use crate::parse::view::Drawing;

/// Shows blocks by what they hold, and faults by the text they point at.
fn show(text: &str) -> String {
    let mut shown = String::new();
    let Parsed { blocks, views, .. } = parse(text, &MarkdownOptions::default());
    for block in blocks {
        let _ = writeln!(shown, "block {:?}", block.prefix);
        show_info(&mut shown, &block.info);
        for entry in &block.entries {
            match &entry.typed {
                Typed::Command { prompt, lines } => {
                    let prompt = prompt.text();
                    let _ = writeln!(shown, "  {prompt} {lines:?}");
                }
                Typed::Input(Input::Line(line)) => {
                    let _ = writeln!(shown, "  input {line:?}");
                }
                Typed::Input(input) => {
                    let _ = writeln!(shown, "  {input:?}");
                }
            }
        }
        show_faults(&mut shown, text, &block.faults);
    }
    for view in views {
        let _ = writeln!(
            shown,
            "view {:?} {}",
            view.prefix,
            show_subject(view.subject.as_ref())
        );
        show_faults(&mut shown, text, &view.faults);
    }
    shown
}

fn show_subject(subject: Option<&Subject>) -> String {
    match subject {
        None => "?".to_owned(),
        Some(Subject::Replay { session, drawing }) => {
            let drawing = drawing.as_ref().map(show_drawing);
            format!("of {}{}", session.value, drawing.unwrap_or_default())
        }
        Some(Subject::Map { session, after, since, drawing }) => {
            let since = since.as_ref().map(|it| format!(" since {}", it.value));
            let (session, after) = (&session.value, &after.value);
            let since = since.unwrap_or_default();
            let drawing = show_drawing(drawing);
            format!("of {session} after {after}{since}{drawing}")
        }
    }
}

fn show_drawing(drawing: &Drawing) -> String {
    let kinds: Vec<&str> = drawing.kinds.iter().map(|it| it.name).collect();
    let owners = if drawing.owners { " with owners" } else { "" };
    format!(", {}{owners}", kinds.join(" and "))
}

fn show_faults(shown: &mut String, text: &str, faults: &[Fault]) {
    for fault in faults {
        let place = &text[fault.span.clone()];
        let _ = writeln!(shown, "  ! {} at {place:?}", fault.title);
        for advice in &fault.advice {
            let (Advice::Note(text) | Advice::Help(text)) = advice;
            let _ = writeln!(shown, "    {text}");
        }
    }
}

fn show_info(shown: &mut String, info: &Info) {
    let names =
        [("id", &info.id), ("session", &info.session), ("until", &info.until)];
    for (option, value) in names {
        if let Some(value) = value {
            let _ = writeln!(shown, "  {option}={:?}", value.value);
        }
    }
    if let Some(terminal) = &info.terminal {
        let _ = writeln!(shown, "  terminal={}", terminal.value);
    }
    if let Some(exit) = &info.exit {
        let _ = writeln!(shown, "  exit={}", exit.value);
    }
    if let Some(timeout) = &info.timeout {
        let _ = writeln!(shown, "  timeout={:?}", timeout.value);
    }
    for (flag, name) in [(&info.hidden, "hidden"), (&info.fails, "fails")] {
        if flag.is_some() {
            let _ = writeln!(shown, "  {name}");
        }
    }
    for need in &info.needs {
        let _ = writeln!(shown, "  needs {need}");
    }
}

fn check(text: &str, expected: impl IntoData) {
    assert_data_eq!(show(text), expected);
}

#[test]
fn every_option_is_read() {
    check(
        "```console,run id=x session=walk terminal=2 hidden exit=3 timeout=5s \
         until=\"it is \\\"up\\\"\" needs=\"kernel 6.18, nft\"\n# a\n```\n",
        str![[r#"
block ""
  id="x"
  session="walk"
  until="it is /"up/""
  terminal=2
  exit=3
  timeout=5s
  hidden
  needs Linux 6.18
  needs `nft`
  # ["a"]

"#]],
    );
}

#[test]
fn lines_are_commands_continuations_and_input() {
    check(
        r#"
```console,run
# cat <<EOF
> one
>
> EOF
$ read x

  two words
^C
^D
# true

# false
```
"#,
        str![[r##"
block ""
  # ["cat <<EOF", "one", "", "EOF"]
  $ ["read x"]
  input ""
  input "  two words"
  Interrupt
  EndOfInput
  # ["true"]
  # ["false"]

"##]],
    );
}

#[test]
fn blocks_are_found_in_lists_quotes_footnotes_and_definitions() {
    check(
        r#"
- ```console,run
  # list
  ```

> > [!NOTE]
> > ```console,run
> > # quote
> > ```

[^1]: x

    ~~~console,run
    # footnote
    ~~~

Term
: ```console,run
  # definition
  ```

[^1]
"#,
        str![[r#"
block "  "
  # ["list"]
block "> > "
  # ["quote"]
block "    "
  # ["footnote"]
block "  "
  # ["definition"]

"#]],
    );
}

#[test]
fn what_only_shows_a_block_is_no_block() {
    check(
        r#"
````markdown
```console,run
# a
```
````

    ```console,run
    # b
    ```

<!--
```console,run
# c
```
-->

```console
# d
```

```rust,run
fn e() {}
```

`console,run`
"#,
        "",
    );
}

#[test]
fn carriage_returns_at_line_ends_are_no_part_of_the_lines() {
    check(
        "text\r\n\r\n> ```console,run id=x\r\n> # a\r\n>\r\n> # b\r\n> ```\r\n",
        str![[r##"
block "> "
  id="x"
  # ["a"]
  # ["b"]

"##]],
    );
}

#[test]
fn a_wrong_option_is_pointed_at() {
    check(
        "ä ü\n\n```console,run timout=5s terminal=0 session=w exit=256 \
         timeout=soon colour id=a,b hidden=yes fails fails needs=\"kernel\"\n# a\n```\n",
        str![[r##"
block ""
  session="w"
  fails
  # ["a"]
  ! unknown option `timout` at "timout=5s"
    did you mean `timeout`?
  ! there is no such terminal at "terminal=0"
    terminals are counted from 1 to 8
  ! no command exits with this status at "exit=256"
    an exit status is a number from 0 to 255
  ! `soon` is not a duration at "timeout=soon"
    write a number and a unit: `500ms`, `10s` or `2m`
  ! unknown option `colour` at "colour"
    the options are `id`, `session`, `terminal`, `hidden`, `fails`, `exit`, `timeout`, `until`, `needs`
  ! `a,b` is not a name at "id=a,b"
    names are of letters, digits, `-` and `_`
  ! option `hidden` takes no value at "hidden=yes"
    write `hidden` alone
  ! option `fails` is given twice at "fails"
    leave one of them out
  ! a block cannot need `kernel` at "needs=/"kernel/""
    write it like `needs="kernel 6.18, nft"`

"##]],
    );
}

#[test]
fn contradictions_are_faults() {
    check(
        "```console,run fails exit=0 terminal=2\n# a\n```\n",
        str![[r#"
block ""
  terminal=2
  exit=0
  fails
  # ["a"]
  ! a command that fails does not exit with 0 at "exit=0"
    leave one of them out
  ! a terminal without a session at "terminal=2"
    add `session=NAME`; a block without one has its own world

"#]],
    );
}

#[test]
fn a_value_without_its_end_is_a_fault() {
    check(
        "```console,run until=\"x\n# a\n```\n```console,run id=\n# a\n```\n",
        str![[r#"
block ""
  # ["a"]
  ! this value has no closing quote at "until=/"x"
    values with blanks stand between `"` and `"`
block ""
  # ["a"]
  ! option `id` takes a value at "id="
    write it like `id=first`

"#]],
    );
}

#[test]
fn near_misses_of_the_kind_are_faults() {
    check(
        "```console run\n# a\n```\n```console, run\n# a\n```\n\
         ```console,rnu\n# a\n```\n```console,run,hidden\n# a\n```\n",
        str![[r#"
block ""
  # ["a"]
  ! this block would be shown, not run at "console"
    write `console,run`, or `console` alone for a block to show
block ""
  # ["a"]
  ! this block would be shown, not run at "console,"
    write `console,run`, or `console` alone for a block to show
block ""
  # ["a"]
  ! this block would be shown, not run at "console,rnu"
    write `console,run`, or `console` alone for a block to show
block ""
  # ["a"]
  ! unknown kind of block `hidden` at "console,run,hidden"
    options follow a blank: `console,run hidden`

"#]],
    );
}

#[test]
fn an_empty_block_is_a_fault() {
    check(
        "```console,run\n\n```\n",
        str![[r#"
block ""
  ! this block is empty at "```console,run"
    write a command behind its prompt: `# hostname`

"#]],
    );
}

#[test]
fn a_block_without_an_end_is_a_fault() {
    check(
        "> ```console,run\n> # a\n\ntext\n",
        str![[r##"
block "> "
  # ["a"]
  ! this block has no end at "```console,run"
    end it with a line of as many backticks

"##]],
    );
}

#[test]
fn lines_that_make_no_sense_are_faults() {
    check(
        "```console,run\n> more\n# a\n#\n```\n",
        str![[r##"
block ""
  # ["a"]
  ! there is no command to continue at "> more"
    `> ` continues a command; input is typed without a mark
  ! a prompt without a command at "#"
    write a command behind the prompt, or leave the line out

"##]],
    );
}

#[test]
fn views_are_read() {
    check(
        "```console,replay session=walk\n```\n\
         - ~~~ console,map kinds=pid after=x session=walk\n\n  ~~~\n\
         > ```console,replay session=w\n> ```\n\
         ```console,map session=w since=x after=y kinds=user,net links=owner\n\
         ```\n\
         ```console,replay session=w kinds=\"mnt, pid\"\n```\n",
        str![[r#"
view "" of walk
view "  " of walk after x, pid
view "> " of w
view "" of w after y since x, user and net with owners
view "" of w, mnt and pid

"#]],
    );
}

#[test]
fn views_that_make_no_sense_are_faults() {
    check(
        "```console,replay\n```\n\
         ```console,map session=w\n```\n\
         ```console,map sesion=w after=x kind=pid zzz\n```\n\
         ```console,map session=w after=x kinds=pid,pid\n```\n\
         ```console,map session=w after=x kinds=network\n```\n\
         ```console,map session=w after=x kinds=net links=owner\n```\n\
         ```console,map session=w after=x kinds=user links=parent\n```\n\
         ```console,replay session=w since=x links=owner\n```\n\
         ```console,map session=w after=x kinds=\"pid, foo\"\n```\n\
         ```console,replay session=w hidden\n\n# a\n# b\n```\n\
         ```console replay session=w\n```\n\
         ```console,reply session=w\n```\n\
         ```console,map,replay session=w after=x kinds=pid\n```\n\
         ```console,replay session=w\n",
        str![[r##"
view "" ?
  ! this replay has no `session` at "```console,replay"
    add `session=NAME`, the session to show
view "" ?
  ! this map has no `after` at "```console,map session=w"
    add `after=ID`, the block after which to draw it
  ! this map has no `kinds` at "```console,map session=w"
    add `kinds=pid`, or the kinds of namespaces to draw
view "" ?
  ! unknown option `sesion` at "sesion=w"
    did you mean `session`?
  ! unknown option `kind` at "kind=pid"
    did you mean `kinds`?
  ! unknown option `zzz` at "zzz"
    the options of a map: `session`, `after`, `since`, `kinds`, `links`
view "" ?
  ! kind `pid` is named twice at "kinds=pid,pid"
    leave one of them out
view "" ?
  ! `network` is no kind of namespaces at "kinds=network"
    the kinds: user, pid, mnt, uts, ipc, net, cgroup, time
view "" of w after x, net with owners
  ! no owner is drawn at "links=owner"
    add `user` to `kinds`
view "" of w after x, user
  ! `parent` is nothing that lines can show at "links=parent"
    write `links=owner`, which shows the user namespace that owns each other one; what is in which is always shown
view "" of w
  ! unknown option `since` at "since=x"
    the options of a replay: `session`, `kinds`, `links`
  ! no owner is drawn at "links=owner"
    add `user` to `kinds`
view "" ?
  ! `foo` is no kind of namespaces at "kinds=/"pid, foo/""
    the kinds: user, pid, mnt, uts, ipc, net, cgroup, time
view "" of w
  ! unknown option `hidden` at "hidden"
    the options of a replay: `session`, `kinds`, `links`
  ! a replay has no lines of its own at "# a"
    leave the lines out; commands belong into `console,run` blocks
view "" of w
  ! this block would be shown as it is at "console"
    write `console,replay`, or `console` alone for a block to show
view "" of w
  ! this block would be shown as it is at "console,reply"
    write `console,replay`, or `console` alone for a block to show
view "" of w after x, pid
  ! unknown kind of block `replay` at "console,map,replay"
    a block is `console,run`, `console,replay` or `console,map`
view "" of w
  ! this block has no end at "```console,replay session=w"
    end it with a line of as many backticks

"##]],
    );
}
