//! Worlds, made for real. On a machine that forbids them a test says so and
//! passes, unless `SANDBOX_MUST_RUN` is set.

mod census;
mod ends;
mod isolation;
mod restricted;
mod terminals;

use std::path::PathBuf;
use std::time::Duration;

use sandbox::session::{Command, End, Failure, Session, Step};
use sandbox::world::{User, World};

/// A session with one terminal for its root, or `None` and a reason on
/// standard error.
fn root() -> Option<Session> {
    session(&World::default(), &[User::Root])
}

fn session(world: &World, users: &[User]) -> Option<Session> {
    match Session::start(world, users) {
        Ok(session) => Some(session),
        Err(refusal) => skip(&refusal.to_string()),
    }
}

/// Says why a test cannot run here, or fails where it should.
fn skip<T>(reason: &str) -> Option<T> {
    assert!(
        std::env::var_os("SANDBOX_MUST_RUN").is_none(),
        "skipped, although SANDBOX_MUST_RUN is set: {reason}"
    );
    eprintln!("SKIPPED: {reason}");
    None
}

/// A command typed at root's prompt.
fn command(text: &str) -> Command {
    Command {
        prompt: "#".into(),
        lines: text.lines().map(Into::into).collect(),
        input: Vec::new(),
        until: None,
        timeout: Duration::from_mins(1),
    }
}

fn run(session: &mut Session, text: &str) -> Result<Step, Failure> {
    session.run(0, &command(text))
}

/// What a command printed, which must have come back to a prompt.
fn output(session: &mut Session, text: &str) -> String {
    let step = run(session, text).expect("the command ends");
    assert!(matches!(step.end, End::Prompt { .. }), "{text}: {step:?}");
    plain(&step)
}

fn plain(step: &Step) -> String {
    String::from_utf8_lossy(&step.output).replace("\r\n", "\n")
}

/// The processes below one, itself included, by their PIDs out here.
fn family(pid: i32) -> Vec<i32> {
    let children =
        std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    let mut all = vec![pid];
    for child in children.split_whitespace() {
        all.extend(family(child.parse().expect("a PID")));
    }
    all
}

/// An example beside this crate, built together with its tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this is a program");
    let folder = test.parent().and_then(|deps| deps.parent());
    folder.expect("cargo's folders").join("examples").join(name)
}
