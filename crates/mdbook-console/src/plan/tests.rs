#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::fmt::Write as _;

use mdbook_markdown::MarkdownOptions;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;

/// Plans chapters `a`, `b` and so on.
fn show(texts: &[&str]) -> String {
    let chapters: Vec<Chapter> = texts
        .iter()
        .zip(["a", "b", "c"])
        .map(|(text, stem)| {
            Chapter::read(stem.into(), text, &MarkdownOptions::default())
        })
        .collect();
    let plan = plan(&chapters, Duration::from_secs(10));
    let mut shown = String::new();
    for session in &plan.sessions {
        let _ = writeln!(shown, "session {}", session.name);
        for terminal in &session.terminals {
            let (number, user) = (terminal.number, terminal.user);
            let _ = writeln!(shown, "  terminal {number}: {user:?}");
        }
        for block in &session.blocks {
            let (index, terminal) = (block.index, block.terminal);
            let expect = block.expect;
            let _ =
                writeln!(shown, "  block {index} at {terminal}: {expect:?}");
            for action in &block.actions {
                let _ = writeln!(shown, "    {}", show_action(action));
            }
        }
    }
    for view in &plan.views {
        let View { chapter, session, subject, .. } = view;
        let name = &plan.sessions[*session].name;
        let subject = show_subject(subject);
        let _ = writeln!(shown, "view in {chapter} of {name}: {subject}");
    }
    for complaint in &plan.complaints {
        let text = texts[complaint.chapter];
        let place = &text[complaint.fault.span.clone()];
        let _ = writeln!(shown, "! {} at {place:?}", complaint.fault.title);
    }
    shown
}

fn show_subject(subject: &Subject) -> String {
    let kinds = |drawing: &Drawing| {
        let names = drawing.kinds.iter().map(|kind| kind.name);
        names.collect::<Vec<_>>().join(" and ")
    };
    match subject {
        Subject::Replay { drawing: None } => "replay".to_owned(),
        Subject::Replay { drawing: Some(drawing) } => {
            format!("replay with {}", kinds(drawing))
        }
        Subject::Map { after, since, drawing } => {
            format!("{} after {after} since {since:?}", kinds(drawing))
        }
    }
}

fn show_action(action: &Action) -> String {
    match &action.kind {
        Kind::Run(Command { prompt, lines, input, until, timeout }) => {
            let mut shown = format!("run {prompt} {lines:?}");
            if !input.is_empty() {
                let _ = write!(shown, " input {input:?}");
            }
            if let Some(until) = until {
                let _ = write!(shown, " until {until:?}");
            }
            let _ = write!(shown, " in {timeout:?}");
            shown
        }
        Kind::Resume { input, timeout } => {
            format!("resume {input:?} in {timeout:?}")
        }
    }
}

fn check(texts: &[&str], expected: impl IntoData) {
    assert_data_eq!(show(texts), expected);
}

#[test]
fn a_block_alone_is_a_session() {
    check(
        &[
            "```console,run\n# a\n```\n```console,run id=x timeout=1s\n$ b\n```\n\
           ```console,run\n# c\n```\n",
        ],
        str![[r#"
session a/a
  terminal 1: Root
  block 0 at 0: Success
    run # ["a"] in 10s
session x
  terminal 1: Reader
  block 1 at 0: Success
    run $ ["b"] in 1s
session a/c
  terminal 1: Root
  block 2 at 0: Success
    run # ["c"] in 10s

"#]],
    );
}

#[test]
fn a_session_runs_its_blocks_in_the_order_of_the_text() {
    check(
        &["```console,run session=walk terminal=3\n$ a\n```\n\
           ```console,run session=walk fails\n# b\n```\n\
           ```console,run\n# other\n```\n\
           ```console,run session=walk terminal=3 exit=4\n# c\n```\n"],
        str![[r#"
session walk
  terminal 1: Root
  terminal 3: Reader
  block 0 at 1: Success
    run $ ["a"] in 10s
  block 1 at 0: Failure
    run # ["b"] in 10s
  block 3 at 1: Status(4)
    run # ["c"] in 10s
session a/other
  terminal 1: Root
  block 2 at 0: Success
    run # ["other"] in 10s

"#]],
    );
}

#[test]
fn a_command_that_stays_is_interrupted_by_a_later_line() {
    check(
        &["```console,run session=w until=up\n# first\n# top\nq\n```\n\
           ```console,run session=w timeout=2s\n^C\n# after\n```\n"],
        str![[r##"
session w
  terminal 1: Root
  block 0 at 0: Success
    run # ["first"] in 10s
    run # ["top"] input [Line("q")] until "up" in 10s
  block 1 at 0: Success
    resume [Interrupt] in 2s
    run # ["after"] in 2s

"##]],
    );
}

#[test]
fn a_command_may_be_started_and_interrupted_in_one_block() {
    check(
        &["```console,run until=up\n# top\n^C\nmore\n```\n"],
        str![[r#"
session a/top
  terminal 1: Root
  block 0 at 0: Success
    run # ["top"] until "up" in 10s
    resume [Interrupt, Line("more")] in 10s

"#]],
    );
}

#[test]
fn input_goes_to_the_command_above() {
    check(
        &["```console,run\n# cat\nhello\n^D\n# true\n```\n"],
        str![[r#"
session a/cat
  terminal 1: Root
  block 0 at 0: Success
    run # ["cat"] input [Line("hello"), EndOfInput] in 10s
    run # ["true"] in 10s

"#]],
    );
}

#[test]
fn a_terminal_types_only_where_something_reads() {
    check(
        &["```console,run\nhostname\n# a\n```\n\
           ```console,run session=w until=up\n# top\n```\n\
           ```console,run session=w terminal=2\n# fine\n```\n\
           ```console,run session=w\n# too early\n```\n\
           ```console,run session=v\n# a\n```\n\
           ```console,run session=v until=up\n^C\n```\n"],
        str![[r##"
! there is no command to type this into at "hostname"
! there is no prompt at this terminal at "# too early"
! there is no command to wait for at "until=up"
! there is no command to type this into at "^C"

"##]],
    );
}

#[test]
fn names_are_unique() {
    check(
        &[
            "```console,run id=x session=w\n# a\n```\n```console,run id=w\n# b\n```\n",
            "```console,run id=x\n# c\n```\n```console,run session=w\n# d\n```\n",
        ],
        str![[r#"
session w
  terminal 1: Root
  block 0 at 0: Success
    run # ["a"] in 10s
session a/b
  terminal 1: Root
  block 1 at 0: Success
    run # ["b"] in 10s
! two blocks are named `x` at "id=x"
! session `w` is already that of another chapter at "session=w"

"#]],
    );
}

#[test]
fn a_session_with_a_faulty_block_is_left_out_and_others_are_not() {
    check(
        &[
            "```console,run session=w\n# a\n```\n```console,run session=w colour\n# b\n```\n\
           ```console,run\n# c\n```\n",
        ],
        str![[r#"
session a/c
  terminal 1: Root
  block 2 at 0: Success
    run # ["c"] in 10s
! unknown option `colour` at "colour"

"#]],
    );
}

#[test]
fn views_find_their_session_and_block() {
    check(
        &[
            "```console,replay session=w\n```\n\
             ```console,map session=w after=y since=x kinds=pid\n```\n\
             ```console,replay session=lone kinds=pid,uts\n```\n\
             ```console,run session=w id=x\n# a\n```\n\
             ```console,run session=w id=y\n# b\n```\n\
             ```console,run id=lone\n# c\n```\n",
            "```console,map session=lone after=lone kinds=pid\n```\n",
        ],
        str![[r#"
session w
  terminal 1: Root
  block 0 at 0: Success
    run # ["a"] in 10s
  block 1 at 0: Success
    run # ["b"] in 10s
session lone
  terminal 1: Root
  block 2 at 0: Success
    run # ["c"] in 10s
view in 0 of w: replay
view in 0 of w: pid after 1 since Some(0)
view in 0 of lone: replay with pid and uts
view in 1 of lone: pid after 0 since None

"#]],
    );
}

#[test]
fn views_of_what_is_not_there_are_faults() {
    check(
        &["```console,run session=walk id=x\n# a\n```\n\
           ```console,run session=v id=y\n# a\n```\n\
           ```console,replay session=wakl\n```\n\
           ```console,replay session=other\n```\n\
           ```console,map session=walk after=y kinds=pid\n```\n\
           ```console,map session=walk after=x since=x kinds=pid\n```\n"],
        str![[r#"
session walk
  terminal 1: Root
  block 0 at 0: Success
    run # ["a"] in 10s
session v
  terminal 1: Root
  block 1 at 0: Success
    run # ["a"] in 10s
! there is no session `wakl` at "session=wakl"
! there is no session `other` at "session=other"
! session `walk` has no block `y` at "after=y"
! block `x` is not before the other at "since=x"

"#]],
    );
}

#[test]
fn nothing_is_said_of_views_of_a_session_that_has_faults() {
    check(
        &["```console,run session=w id=x\n#\n```\n\
           ```console,replay session=w\n```\n\
           ```console,map session=w after=x kinds=pid\n```\n"],
        str![[r##"
! a prompt without a command at "#"

"##]],
    );
}

#[test]
fn blocks_with_the_same_command_are_numbered_through() {
    let text = "```console,run\n# echo x\n```\n\n".repeat(4);
    let chapter = Chapter::read("a".into(), &text, &MarkdownOptions::default());
    let plan = plan(&[chapter], Duration::from_secs(10));
    let names: Vec<&str> =
        plan.sessions.iter().map(|session| session.name.as_str()).collect();
    assert_eq!(names, ["a/echo-x", "a/echo-x-2", "a/echo-x-3", "a/echo-x-4"]);
}
