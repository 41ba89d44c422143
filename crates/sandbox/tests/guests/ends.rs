//! However the tool ends, its worlds do, and nothing is left of them.

use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sandbox::session::Session;
use sandbox::world::{User, World};

use crate::machine::{Machine, Places};
use crate::{example, lasting_changes, skip, turn};

/// A tool that makes a world and has something going on in it: a daemon, a
/// namespace of its own, a mount, a job, and a command that waits.
fn tool() -> Command {
    let mut tool = Command::new(example("run"));
    tool.args([
        "(setsid sleep 1000 &); unshare -Urnpf sleep 1000 &",
        "mount -t tmpfs none /mnt; touch /tmp/planted /dev/shm/planted",
        "echo ready; trap '' HUP INT TERM; sleep 1000",
    ]);
    tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    tool
}

fn start(tool: &mut Command) -> Child {
    tool.spawn().expect("the example is built")
}

fn can_make_worlds() -> bool {
    match Session::start(&World::default(), &[User::Root]) {
        Ok(_) => true,
        Err(refusal) => {
            skip(&refusal.to_string());
            false
        }
    }
}

/// A number below this one.
fn draw(below: u64) -> u64 {
    RandomState::new().hash_one(0) % below
}

fn wait_for(time: Duration) {
    let start = std::time::Instant::now();
    while let Some(left) = time.checked_sub(start.elapsed()) {
        std::thread::park_timeout(left);
    }
}

#[test]
fn killing_the_tool_at_two_hundred_moments_leaves_nothing() {
    let _turn = turn();
    if !can_make_worlds() {
        return;
    }
    let places = Places::of_machine(Path::new("/nonexistent"));
    let before = Machine::look(&places);
    // Its orphans are left to us.
    nix::sys::prctl::set_child_subreaper(true).expect("anybody may");
    for _ in 0..200 {
        let mut tool = start(&mut tool());
        let moment = Duration::from_micros(draw(LATEST));
        wait_for(moment);
        tool.kill().expect("it was started");
        tool.wait().expect("it was started");
        assert!(all_have_ended(), "after {moment:?}");
    }
    nix::sys::prctl::set_child_subreaper(false).expect("anybody may");
    assert_eq!(lasting_changes(&before, &places), Vec::<String>::new());
}

/// From before there is a world until its commands are long running, in
/// microseconds.
const LATEST: u64 = 120_000;

/// Waits until this process has no child any more, for a while.
fn all_have_ended() -> bool {
    use nix::errno::Errno;
    use nix::sys::wait::{WaitPidFlag, waitpid};
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Err(Errno::ECHILD) => return true,
            _ => std::thread::park_timeout(Duration::from_millis(1)),
        }
    }
    false
}

#[test]
fn a_signal_to_the_tool_ends_its_worlds() {
    let _turn = turn();
    if !can_make_worlds() {
        return;
    }
    let signals =
        [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];
    signals.into_iter().for_each(by_default);
    let places = Places::of_machine(Path::new("/nonexistent"));
    let before = Machine::look(&places);
    for signal in signals {
        let mut command = tool();
        let tool = start(command.stderr(Stdio::piped()));
        wait_for(Duration::from_millis(draw(200)));
        let pid = Pid::from_raw(i32::try_from(tool.id()).expect("a PID"));
        kill(pid, signal).expect("it was started");
        let output = tool.wait_with_output().expect("it was started");
        assert_eq!(output.status.signal(), Some(signal as i32), "{output:?}");
        let left = lasting_changes(&before, &places);
        assert_eq!(left, Vec::<String>::new(), "{signal}");
    }
}

/// Whoever runs the tests may ignore it, and the tool would do the same:
/// nohup(1).
#[allow(unsafe_code, reason = "a handler could be unsafe; this is none")]
fn by_default(signal: Signal) {
    let default = nix::sys::signal::SigHandler::SigDfl;
    // SAFETY: no function is called by the signal.
    unsafe { nix::sys::signal::signal(signal, default) }.expect("a signal");
}

#[test]
fn two_tools_at_once_do_not_disturb_each_other() {
    let _turn = turn();
    if !can_make_worlds() {
        return;
    }
    let run = |name: &'static str| {
        std::thread::spawn(move || {
            for round in 0..10 {
                let text = format!("{name}{round}");
                let output = Command::new(example("run"))
                    .arg(format!("hostname {text}; echo {text} > /tmp/note"))
                    .arg("hostname; cat /tmp/note; ls /tmp; echo $$")
                    .stdin(Stdio::null())
                    .output()
                    .expect("the example is built");
                let said = String::from_utf8_lossy(&output.stdout);
                let lines: Vec<&str> = said.lines().map(str::trim).collect();
                assert_eq!(lines, [&*text, &*text, "note", "2"]);
            }
        })
    };
    for tool in [run("one"), run("two")] {
        tool.join().expect("it passes");
    }
}
