//! Typing at a terminal, and telling what belongs to which command.

use std::time::Duration;

use sandbox::session::{Command, End, Failure, Input, Session};
use sandbox::world::{Limits, User, World};

use crate::{command, output, plain, root, run, session};

fn status(session: &mut Session, text: &str) -> i32 {
    match run(session, text).expect("the command ends").end {
        End::Prompt { status } => status,
        other => panic!("{text}: {other:?}"),
    }
}

fn line(text: &str) -> Input {
    Input::Line(text.into())
}

#[test]
fn output_and_status_are_those_of_the_command() {
    let Some(mut session) = root() else { return };
    assert_eq!(output(&mut session, "echo one; echo two"), "one\ntwo\n");
    assert_eq!(output(&mut session, "true"), "");
    assert_eq!(output(&mut session, "printf 'no newline'"), "no newline");
    assert_eq!(status(&mut session, "sh -c 'exit 42'"), 42);
    assert_eq!(status(&mut session, "seq 3 | grep -q 4"), 1);
    assert_eq!(status(&mut session, "kill -9 $BASHPID & wait $!"), 137);
}

#[test]
fn a_command_goes_on_in_continued_lines() {
    let Some(mut session) = root() else { return };
    let here = output(&mut session, "cat <<END\none\n# two\nEND");
    assert_eq!(here, "one\n# two\n");
    assert_eq!(output(&mut session, "echo 'a\nb'"), "a\nb\n");
    assert_eq!(
        output(&mut session, "for i in 1 2\ndo echo $i\ndone"),
        "1\n2\n"
    );
}

#[test]
fn lines_that_do_not_belong_together_are_noticed() {
    let Some(mut session) = root() else { return };
    assert_eq!(
        run(&mut session, "echo complete\necho already"),
        Err(Failure::NotContinued { taken: 1 })
    );
    let Some(mut session) = root() else { return };
    assert_eq!(run(&mut session, "echo 'open"), Err(Failure::Incomplete));
}

#[test]
fn the_shell_keeps_its_state_between_commands() {
    let Some(mut session) = root() else { return };
    output(&mut session, "cd /tmp; x=5");
    assert_eq!(output(&mut session, "echo $PWD $x"), "/tmp 5\n");
    assert_eq!(output(&mut session, "sleep 1000 &"), "[1] 3\n");
    let jobs = output(&mut session, "jobs");
    assert!(jobs.contains("Running") && jobs.contains("sleep 1000"), "{jobs}");
    output(&mut session, "kill %1; wait");
}

#[test]
fn a_program_gets_its_input_line_by_line() {
    let Some(mut session) = root() else { return };
    let asked = Command {
        input: vec![line("Ada"), line("42")],
        ..command("read -p 'name? ' n; read -p 'age? ' a; echo $n:$a")
    };
    let step = session.run(0, &asked).expect("it ends");
    assert_eq!(plain(&step), "name? Ada\nage? 42\nAda:42\n");
    assert_eq!(step.typed, ["name? ".len(), "name? Ada\r\nage? ".len()]);

    let fed = Command {
        input: vec![line("x"), line("y"), Input::EndOfInput],
        ..command("cat -n")
    };
    let step = session.run(0, &fed).expect("it ends");
    assert_eq!(plain(&step), "x\n     1\tx\ny\n     2\ty\n");
}

#[test]
fn input_that_nobody_reads_is_an_error() {
    let Some(mut session) = root() else { return };
    let command = Command { input: vec![line("x")], ..command("true") };
    let failure = session.run(0, &command).expect_err("nobody reads it");
    assert!(matches!(failure, Failure::UnreadInput { left: 1, .. }));
}

#[test]
fn a_command_that_waits_for_input_times_out_and_says_so() {
    let Some(mut session) = root() else { return };
    let command =
        |text| Command { timeout: Duration::from_millis(300), ..command(text) };
    let failure = session.run(0, &command("echo so far; read x"));
    let Err(Failure::TimedOut { output, waits_for_input: true }) = failure
    else {
        panic!("{failure:?}");
    };
    assert_eq!(output, b"so far\r\n");

    // Reading a pipe is not waiting for somebody to type.
    let Some(mut session) = root() else { return };
    let failure = session.run(0, &command("sleep 1000 | cat"));
    assert_eq!(
        failure,
        Err(Failure::TimedOut { output: vec![], waits_for_input: false })
    );
    assert_eq!(run(&mut session, "true"), Err(Failure::Ended));
}

#[test]
fn too_much_output_ends_the_session() {
    let world = World {
        limits: Limits { output: 10_000, ..Limits::default() },
        ..World::default()
    };
    let Some(mut session) = session(&world, &[User::Root]) else { return };
    let failure = run(&mut session, "yes");
    assert!(matches!(failure, Err(Failure::TooMuchOutput { .. })));
}

#[test]
fn a_server_stays_until_it_is_interrupted() {
    let Some(mut session) = root() else { return };
    let server = Command {
        until: Some("ready".into()),
        ..command("echo ready; sleep 1000")
    };
    let step = session.run(0, &server).expect("it says so");
    assert_eq!((plain(&step).trim(), step.end), ("ready", End::Running));
    let step = session
        .resume(0, &[Input::Interrupt], Duration::from_mins(1))
        .expect("it ends");
    assert_eq!(step.end, End::Prompt { status: 130 });
    assert_eq!(output(&mut session, "echo on"), "on\n");
}

#[test]
fn nested_shells_prompt_like_the_first() {
    let Some(mut session) = root() else { return };
    for (shell, exit) in [
        ("bash", "exit"),
        ("sh", "exit"),
        ("env -i /bin/bash", "exit"),
        ("unshare --pid --fork --mount-proc /bin/bash", "exit"),
        ("bash -c bash", "exit"),
    ] {
        assert_eq!(output(&mut session, shell), "", "{shell}");
        assert_eq!(output(&mut session, "echo in"), "in\n", "{shell}");
        let left = output(&mut session, exit);
        assert!(left.is_empty() || left == "exit\n", "{shell}: {left}");
        assert_eq!(output(&mut session, "echo out"), "out\n", "{shell}");
    }
}

#[test]
fn another_prompt_than_the_one_written_is_told() {
    let Some(mut session) = root() else { return };
    output(&mut session, "unshare -U bash");
    assert_eq!(
        run(&mut session, "id"),
        Err(Failure::Prompt { printed: "$".into() })
    );
    let nobody = Command { prompt: "$".into(), ..command("id -u") };
    let step = session.run(0, &nobody).expect("it ends");
    assert_eq!(plain(&step), "65534\n");
}

#[test]
fn a_shell_without_marks_is_told() {
    for shell in ["bash --norc", "PS1='x$ ' bash --norc", "env -i sh"] {
        let Some(mut session) = root() else { return };
        let failure = run(&mut session, shell);
        let Err(Failure::NoMarks { output }) = failure else {
            panic!("{shell}: {failure:?}");
        };
        let prompt = String::from_utf8_lossy(&output).into_owned();
        assert!(prompt.ends_with(['#', '$', ' ']), "{prompt}");
    }
    // Who prints such a line and goes on is no shell that waits.
    let Some(mut session) = root() else { return };
    let said = output(&mut session, "printf 'cost: 5$ '; sleep 0.2; echo end");
    assert_eq!(said, "cost: 5$ end\n");
}

#[test]
fn output_that_looks_like_a_prompt_is_output() {
    let Some(mut session) = root() else { return };
    let forged = output(&mut session, "echo \"${PS1@P}\"; echo more");
    assert!(forged.ends_with("more\n"), "{forged:?}");
    assert_eq!(output(&mut session, "echo next"), "next\n");
    let cat = output(&mut session, "cat ~/.bashrc /etc/shrc; set; env");
    assert!(cat.contains("PS1="), "{cat}");
    assert_eq!(output(&mut session, "echo next"), "next\n");
}

#[test]
fn the_environment_shows_no_marks() {
    let Some(mut session) = root() else { return };
    let names = output(&mut session, "env | cut -d= -f1 | sort | xargs");
    assert_eq!(
        names,
        "ENV HOME LANG LOGNAME PATH PWD SHELL SHLVL TERM TZ USER _\n"
    );
}

#[test]
fn a_missing_program_is_named() {
    let Some(mut session) = root() else { return };
    let step = run(&mut session, "no-such-program | cat").expect("it ends");
    assert_eq!(plain(&step), "bash: no-such-program: command not found\n");
    assert_eq!(step.missing, ["no-such-program"]);
}

#[test]
fn terminals_of_one_session_share_its_world() {
    let users = [User::Root, User::Root];
    let Some(mut session) = session(&World::default(), &users) else { return };
    output(&mut session, "hostname shared; echo hello > /tmp/note");
    let step = session.run(1, &command("hostname; cat /tmp/note; tty"));
    let step = step.expect("it ends");
    assert_eq!(plain(&step), "shared\nhello\n/dev/pts/1\n");
    let step = session.run(1, &command("ps -ef | grep -c '[b]ash'"));
    assert_eq!(plain(&step.expect("it ends")), "2\n");
}

#[test]
fn the_reader_is_an_ordinary_user() {
    let world = World::default();
    let mut session = match Session::start(&world, &[User::Reader]) {
        Ok(session) => session,
        Err(refusal) => {
            // Where there is one id, it must be this that is missing.
            assert!(refusal.step.contains("second id"), "{refusal}");
            assert!(refusal.remedy.contains("/etc/subuid"), "{refusal}");
            return;
        }
    };
    let who = Command { prompt: "$".into(), ..command("id; pwd; tty") };
    let step = session.run(0, &who).expect("it ends");
    assert_eq!(
        plain(&step),
        "uid=1000(reader) gid=1000(reader) groups=1000(reader)\n\
         /home/reader\n/dev/pts/0\n"
    );
    let try_it = Command { prompt: "$".into(), ..command("touch /etc/x") };
    let step = session.run(0, &try_it).expect("it ends");
    assert_eq!(step.end, End::Prompt { status: 1 });
}

#[test]
fn a_shell_that_ends_hangs_up() {
    let Some(mut session) = root() else { return };
    let step = run(&mut session, "echo bye; exit").expect("it ends");
    assert_eq!((plain(&step).as_str(), step.end), ("bye\nexit\n", End::HangUp));
    assert_eq!(run(&mut session, "true"), Err(Failure::Ended));

    // A job may go on, and hold the terminal open.
    let Some(mut session) = root() else { return };
    output(&mut session, "sleep 1000 &");
    let step = run(&mut session, "exit").expect("it ends");
    assert_eq!((plain(&step).as_str(), step.end), ("exit\n", End::HangUp));
}

#[test]
fn a_census_tells_every_number_of_a_process() {
    let Some(mut session) = root() else { return };
    output(&mut session, "unshare --pid --fork --mount-proc /bin/bash");
    output(&mut session, "sleep 1000 &");
    let processes = session.processes();
    let lines: Vec<String> = processes
        .iter()
        .map(|p| format!("{:?} {} {}", p.pids, p.parent, p.command))
        .collect();
    assert_eq!(lines[0], "[1] 0 init");
    assert_eq!(lines[1], "[2] 1 bash");
    assert_eq!(lines[2], "[3] 2 unshare --pid --fork --mount-proc /bin/bash");
    assert_eq!(lines[3], "[4, 1] 3 /bin/bash");
    assert!(lines[4].ends_with("2] 4 sleep 1000"), "{}", lines[4]);
    let [user, pid, mount, ..] = processes[3].namespaces;
    assert_eq!(user, processes[0].namespaces[0]);
    assert_ne!(pid, processes[0].namespaces[1]);
    assert_ne!(mount, processes[0].namespaces[2]);
    assert_eq!(processes[4].terminal, Some(0));
}
