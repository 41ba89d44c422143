use mdbook_markdown::MarkdownOptions;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::parse;
use crate::plan::{self, Chapter};

/// Judges an answer to the last action of the only block.
fn show(text: &str, answer: Result<Step, Failure>) -> String {
    let text = format!("```console,run {text}\n```\n");
    let blocks = parse::parse(&text, &MarkdownOptions::default());
    let chapter = Chapter { stem: "a".into(), blocks };
    let plan = plan::plan(&[chapter], Duration::from_secs(10));
    let block = &plan.sessions[0].blocks[0];
    let here = Here {
        demos: &BTreeSet::from(["demo".to_owned()]),
        kernel: Release::leading("6.12.3"),
        has_program: &|name| name == "ps",
    };
    if let Some(reason) = unmet(&block.needs, &here) {
        return format!("unmet: {}; {}", reason.cause(), reason.remedy());
    }
    match judge(block, block.actions.len() - 1, &answer, &here) {
        Verdict::Holds => "holds".to_owned(),
        Verdict::CannotRun(reason) => {
            format!("cannot run: {}; {}", reason.cause(), reason.remedy())
        }
        Verdict::Broken(fault) => {
            let Fault { title, label, notes, help, .. } = *fault;
            format!("{title}: {label}\n{notes:?}\n{}", help.join("\n"))
        }
    }
}

fn check(text: &str, answer: Result<Step, Failure>, expected: impl IntoData) {
    assert_data_eq!(show(text, answer), expected);
}

fn step(output: &str, end: End) -> Step {
    Step {
        prompt: "#".into(),
        output: output.replace('\n', "\r\n").into(),
        end,
        duration: Duration::ZERO,
        missing: Vec::new(),
    }
}

fn exits(status: i32, output: &str) -> Result<Step, Failure> {
    Ok(step(output, End::Prompt { status }))
}

fn misses(status: i32, program: &str) -> Result<Step, Failure> {
    let missing = vec![program.to_owned()];
    Ok(Step { missing, ..step("", End::Prompt { status }) })
}

#[test]
fn a_command_succeeds_unless_the_block_says_otherwise() {
    check("\n# a", exits(0, ""), "holds");
    check("fails\n# a", exits(1, ""), "holds");
    check("exit=3\n# a", exits(3, ""), "holds");
    check("exit=0\n# a", exits(0, ""), "holds");
    check("until=x\n# a", Ok(step("x", End::Running)), "holds");
    check("\n# exit", Ok(step("", End::HangUp)), "holds");
}

#[test]
fn another_status_is_a_fault() {
    check(
        "\n# a b",
        exits(1, "no\nway\n"),
        str![[r#"
`a b` failed: exit status 1
["it printed:/n  no/n  way"]
if the failure is the point, add `fails` to the block
"#]],
    );
    check(
        "fails\n# a",
        exits(0, ""),
        str![[r#"
`a` was expected to fail: exit status 0
["it printed nothing"]
remove `fails`, or find out why Linux allows it
"#]],
    );
    check(
        "exit=3\n# a",
        exits(4, ""),
        str![[r#"
`a` exits with another status: exit status 4, not 3
["it printed nothing"]
write `exit=4` if that is right
"#]],
    );
    check(
        "fails\n# exit",
        Ok(step("", End::HangUp)),
        str![[r#"
`exit` ended the terminal's shell, so its status is not known: no prompt afterwards
[]
remove `fails` and `exit`, or start another shell first
"#]],
    );
}

#[test]
fn only_the_end_of_a_long_output_is_shown() {
    let output: String = (0..30).map(|n| format!("{n}\n")).collect();
    let shown = show("\n# a", exits(1, &output));
    assert!(shown.contains("10 lines before"), "{shown}");
    assert!(!shown.contains("  9\\n"), "{shown}");
    assert!(shown.contains("  29\""), "{shown}");
}

#[test]
fn an_interrupted_command_may_say_so() {
    check("\n# sleep\n^C", exits(130, "^C\n"), "holds");
    let fault = show("\n# sleep", exits(130, ""));
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
["it printed nothing"]
if machines may lack it, add `needs="frob"` to the block
"#]],
    );
    // It is installed, and the block has hidden it from itself.
    let fault = show("\n# PATH= ps", misses(127, "ps"));
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
    let shown = show("\n# demo", exits(77, said));
    assert!(shown.starts_with("cannot run: `demo` says: no veth here"));
    let shown = show("\n# other", exits(77, said));
    assert!(shown.starts_with("`other` failed"), "{shown}");
    check("exit=77\n# demo", exits(77, said), "holds");
}

#[test]
fn time_that_is_up_is_a_fault_with_a_remedy() {
    let timed_out = |waits_for_input| {
        Err(Failure::TimedOut { output: b"half".into(), waits_for_input })
    };
    check(
        "timeout=2s\n# cat",
        timed_out(true),
        str![[r#"
`cat` did not end in 2s: still running
["it printed:/n  half"]
it waits for input: type it on the lines below the command, with `^D` for its end
"#]],
    );
    check(
        "\n# top",
        timed_out(false),
        str![[r#"
`top` did not end in 10s: still running
["it printed:/n  half"]
allow more with `timeout=30s`; for a command that stays, add `until="text"` and a line `^C`
"#]],
    );
    check(
        "until=up\n# serve",
        timed_out(false),
        str![[r#"
`serve` did not end in 10s: still running
["it printed:/n  half"]
it has not printed `up`; correct `until`, or allow more with `timeout`
"#]],
    );
}

#[test]
fn what_the_shell_makes_of_the_lines_is_told() {
    let left = |step| Err(Failure::UnreadInput { step, left: 2 });
    check(
        "\n# true\nx\ny",
        left(step("", End::Prompt { status: 0 })),
        str![[r#"
`true` ended before it had read its input: 2 lines of input left over
["it printed nothing"]
leave the lines out; commands begin with `# ` or `$ `
"#]],
    );
    check(
        "\n# a\n> b",
        Err(Failure::Prompt { printed: "$".into() }),
        str![[r#"
the shell prints another prompt here: the prompt is `$`, not `#`
[]
`# ` is the prompt of root, `$ ` that of everybody else
"#]],
    );
    check(
        "\n# echo '",
        Err(Failure::Incomplete),
        str![[r#"
`echo '` is not complete: the shell asks for more
[]
close what is open, a quote or a here-document, on further lines that begin with `> `
"#]],
    );
}
