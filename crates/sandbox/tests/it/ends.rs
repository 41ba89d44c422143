//! How worlds end, and what is left of them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::attach::attach;
use sandbox::session::{Failure, Session};
use sandbox::world::{Limits, User, World};

use crate::{example, family, output, root, run};

fn is_alive(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn dropping_a_session_leaves_no_process() {
    let Some(mut session) = root() else { return };
    output(&mut session, "sleep 1000 & (setsid sleep 1000 &); trap '' TERM");
    let all = family(session.guard());
    assert!(all.len() >= 5, "{all:?}");
    drop(session);
    let left: Vec<_> = all.into_iter().filter(|pid| is_alive(*pid)).collect();
    assert_eq!(left, Vec::<i32>::new());
}

#[test]
fn a_hundred_worlds_leave_no_descriptor() {
    let open = || std::fs::read_dir("/proc/self/fd").expect("ours").count();
    let Some(session) = root() else { return };
    drop(session);
    // Other tests open descriptors at the same time; a leak would show as
    // one or more a world.
    let before = open();
    for _ in 0..100 {
        drop(root());
    }
    let after = open();
    assert!(after < before + 80, "{before} before, {after} after");
}

#[test]
fn killing_the_caller_ends_its_worlds() {
    if root().is_none() {
        return;
    }
    let mut caller = Command::new(example("run"))
        .args(["sleep 1000 & echo started", "cat"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example is built");
    let stdout = caller.stdout.take().expect("it is piped");
    let started = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .any(|line| line.trim() == "started");
    assert!(started);
    let pid = i32::try_from(caller.id()).expect("a PID");
    let world: Vec<i32> =
        family(pid).into_iter().filter(|one| *one != pid).collect();
    assert!(world.len() >= 4, "{world:?}");

    caller.kill().expect("it runs");
    caller.wait().expect("it was started");
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.iter().any(|pid| is_alive(*pid)) {
        assert!(Instant::now() < deadline, "{world:?}");
        std::thread::yield_now();
    }
}

#[test]
fn a_program_gives_its_status_to_whoever_attached_it() {
    if root().is_none() {
        return;
    }
    let world = World::default();
    let status = |script: &str| attach(&world, &["/bin/sh", "-c", script]);
    assert_eq!(status("exit 7").expect("a world"), 7);
    assert_eq!(status("exit 0").expect("a world"), 0);
    assert_eq!(status("kill -9 $$").expect("a world"), 137);
    let none = attach(&world, &["/no/such/program"]).expect("a world");
    assert_eq!(none, 127);
}

#[test]
fn a_machine_short_of_memory_ends_its_worlds() {
    if root().is_none() {
        return;
    }
    // More than any machine has: it is short of memory from the start.
    let limits = Limits { machine_keeps: u64::MAX, ..Limits::default() };
    let world = World { limits, ..World::default() };
    let mut session = Session::start(&world, &[User::Root]).expect("made");
    let Err(Failure::Lost { reason }) = run(&mut session, "sleep 1000") else {
        panic!("it goes on");
    };
    assert!(reason.contains("short of memory"), "{reason}");
    let refusal = attach(&world, &["/bin/sleep", "1000"]);
    let refusal = refusal.expect_err("it does not go on");
    assert!(refusal.cause.contains("short of memory"), "{refusal}");
}

#[test]
fn worlds_are_made_side_by_side() {
    if root().is_none() {
        return;
    }
    let names: Vec<String> = std::thread::scope(|scope| {
        let each = |n: u32| {
            scope.spawn(move || {
                let world =
                    World { hostname: format!("h{n}"), ..World::default() };
                let mut session = Session::start(&world, &[User::Root])
                    .expect("one could be made before");
                output(&mut session, "hostname")
            })
        };
        let threads: Vec<_> = (0..8).map(each).collect();
        threads.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    let expected: Vec<_> = (0..8).map(|n| format!("h{n}\n")).collect();
    assert_eq!(names, expected);
}
