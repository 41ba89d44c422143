#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::fmt::Write as _;

use mdbook_markdown::MarkdownOptions;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::plan::{self, Chapter};

/// Judges an answer to the last action of the only block.
fn show(text: &str, answer: &Result<Step, Failure>) -> String {
    let text = format!("```console,run {text}\n```\n");
    let options = MarkdownOptions::default();
    let chapter = Chapter::read("a".into(), &text, &options);
    let plan = plan::plan(&[chapter], Duration::from_secs(10));
    let block = &plan.sessions[0].blocks[0];
    let here = Here {
        has_cgroups: false,
        demos: &BTreeSet::from(["demo".to_owned()]),
        kernel: Release::leading("6.12.3"),
        has_program: &|name| name == "ps",
    };
    if let Some(reason) = unmet(&block.needs, &here) {
        return format!("unmet: {}; {}", reason.cause(), reason.remedy());
    }
    match judge(block, block.actions.len() - 1, answer, &here) {
        Verdict::Holds => "holds".to_owned(),
        Verdict::CannotRun(reason) => {
            format!("cannot run: {}; {}", reason.cause(), reason.remedy())
        }
        Verdict::Broken(fault) => {
            let Fault { title, label, advice, .. } = *fault;
            let mut shown = format!("{title}: {label}\n");
            for advice in advice {
                let _ = writeln!(shown, "{advice:?}");
            }
            shown
        }
    }
}

fn check(text: &str, step: Step, expected: impl IntoData) {
    assert_data_eq!(show(text, &Ok(step)), expected);
}

fn check_failure(text: &str, failure: Failure, expected: impl IntoData) {
    assert_data_eq!(show(text, &Err(failure)), expected);
}

fn step(output: &str, end: End) -> Step {
    Step {
        prompt: "#".into(),
        output: output.replace('\n', "\r\n").into(),
        typed: Vec::new(),
        end,
        duration: Duration::ZERO,
        missing: Vec::new(),
    }
}

fn exits(status: i32, output: &str) -> Step {
    step(output, End::Prompt { status })
}

fn misses(status: i32, program: &str) -> Step {
    let missing = vec![program.to_owned()];
    Step { missing, ..step("", End::Prompt { status }) }
}

#[test]
fn a_command_succeeds_unless_the_block_says_otherwise() {
    check("\n# a", exits(0, ""), "holds");
    check("fails\n# a", exits(1, ""), "holds");
    check("exit=3\n# a", exits(3, ""), "holds");
    check("exit=0\n# a", exits(0, ""), "holds");
    check("until=x\n# a", step("x", End::Running), "holds");
    check("\n# exit", step("", End::HangUp), "holds");
}

#[test]
fn another_status_is_a_fault() {
    check(
        "\n# a b",
        exits(1, "no\nway\n"),
        str![[r#"
`a b` failed: exit status 1
Help("if the failure is the point, add `fails` to the block")
Note("it printed:/n  no/n  way")

"#]],
    );
    check(
        "fails\n# a",
        exits(0, ""),
        str![[r#"
`a` was expected to fail: exit status 0
Help("remove `fails`, or find out why Linux allows it")
Note("it printed nothing")

"#]],
    );
    check(
        "exit=3\n# a",
        exits(4, ""),
        str![[r#"
`a` exits with another status: exit status 4, not 3
Help("write `exit=4` if that is right")
Note("it printed nothing")

"#]],
    );
    check(
        "fails\n# exit",
        step("", End::HangUp),
        str![[r#"
`exit` ended the terminal's shell, so its status is not known: no prompt afterwards
Help("remove `fails` and `exit`, or start another shell first")

"#]],
    );
}

#[test]
fn only_the_end_of_a_long_output_is_shown() {
    let lines: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let output = lines.join("\n");
    let shown = show("\n# a", &Ok(exits(1, &output)));
    assert!(shown.contains("the last 20 of the 30 lines"), "{shown}");
    assert!(!shown.contains("  9\\n"), "{shown}");
    assert!(shown.contains("  29\""), "{shown}");
}

#[test]
fn an_interrupted_command_may_say_so() {
    check("\n# sleep\n^C", exits(130, "^C\n"), "holds");
    let fault = show("\n# sleep", &Ok(exits(130, "")));
    assert!(fault.starts_with("`sleep` failed"), "{fault}");
}

#[test]
fn a_system_tool_that_is_not_installed_is_no_fault_of_the_book() {
    let expected = str![[r#"
cannot run: `lsns` is not installed; install it, on Debian and Ubuntu with `apt-get install util-linux`
"#]];
    check("\n# lsns", misses(127, "lsns"), expected.clone());
    check("\n# lsns | head -1", misses(0, "lsns"), expected.clone());
    let said = "unshare: failed to execute lsns: No such file or directory\n";
    check("\n# unshare lsns", exits(127, said), expected.clone());
    check("\n# sh -c lsns", exits(127, "sh: 1: lsns: not found\n"), expected);
}

#[test]
fn a_program_that_the_block_needs_is_no_fault_of_the_book() {
    check(
        "needs=\"frob\"\n# frob",
        exits(0, ""),
        str![[r#"
unmet: `frob` is not installed; install `frob` below /usr
"#]],
    );
    check("needs=\"ps, demo\"\n# ps", exits(0, ""), "holds");
}

#[test]
fn other_missing_programs_are_faults() {
    check(
        "\n# frob",
        misses(127, "frob"),
        str![[r#"
there is no program `frob`: not found
Help("if machines may lack it, add `needs=/"frob/"` to the block")
Note("it printed nothing")

"#]],
    );
    // It is installed, and the block has hidden it from itself.
    let fault = show("\n# PATH= ps", &Ok(misses(127, "ps")));
    assert!(fault.starts_with("there is no program `ps`"), "{fault}");
    check("exit=127\n# frob", misses(127, "frob"), "holds");
}

#[test]
fn an_old_kernel_is_no_fault_of_the_book() {
    check(
        "needs=\"kernel 6.18\"\n# a",
        exits(0, ""),
        str![[r#"
unmet: it needs Linux 6.18, and this is 6.12.3; build on Linux 6.18 or later
"#]],
    );
    check("needs=\"kernel 6.12\"\n# a", exits(0, ""), "holds");
}

#[test]
fn a_demo_that_exits_with_77_cannot_run() {
    let said = "trying\nno veth here\n";
    let shown = show("\n# demo", &Ok(exits(77, said)));
    assert!(shown.starts_with("cannot run: `demo` says: no veth here"));
    let shown = show("\n# other", &Ok(exits(77, said)));
    assert!(shown.starts_with("`other` failed"), "{shown}");
    check("exit=77\n# demo", exits(77, said), "holds");
}

#[test]
fn time_that_is_up_is_a_fault_with_a_remedy() {
    let timed_out = |waits_for_input| Failure::TimedOut {
        output: b"half".into(),
        waits_for_input,
    };
    check_failure(
        "timeout=2s\n# cat",
        timed_out(true),
        str![[r#"
`cat` did not end in 2s: still running
Help("it waits for input: type it on the lines below the command, with `^D` for its end")
Note("it printed:/n  half")

"#]],
    );
    check_failure(
        "\n# top",
        timed_out(false),
        str![[r#"
`top` did not end in 10s: still running
Help("allow more with `timeout=30s`; for a command that stays, add `until=/"text/"` and a line `^C`")
Note("it printed:/n  half")

"#]],
    );
    check_failure(
        "until=up\n# serve",
        timed_out(false),
        str![[r#"
`serve` did not end in 10s: still running
Help("it has not printed `up`; correct `until`, or allow more with `timeout`")
Note("it printed:/n  half")

"#]],
    );
}

#[test]
fn what_the_shell_makes_of_the_lines_is_told() {
    let left = |step| Failure::UnreadInput { step: Box::new(step), left: 2 };
    check_failure(
        "\n# true\nx\ny",
        left(step("", End::Prompt { status: 0 })),
        str![[r#"
`true` ended before it had read its input: 2 lines of input left over
Help("leave the lines out; commands begin with `# ` or `$ `")
Note("it printed nothing")

"#]],
    );
    check_failure(
        "\n# a\n> b",
        Failure::Prompt { printed: "$".into() },
        str![[r#"
the shell prints another prompt here: the prompt is `$`, not `#`
Help("`# ` is the prompt of root, `$ ` that of everybody else")

"#]],
    );
    check_failure(
        "\n# echo '",
        Failure::Incomplete,
        str![[r#"
`echo '` is not complete: the shell asks for more
Help("close what is open, a quote or a here-document, on further lines that begin with `> `")

"#]],
    );
}
