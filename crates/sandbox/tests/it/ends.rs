//! How worlds end, and what is left of them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
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

/// Both sides of a new terminal, of which no child gets a copy: a terminal is
/// closed with the last one.
fn terminal() -> (File, File) {
    use nix::fcntl::OFlag;
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = nix::pty::posix_openpt(flags).expect("there are terminals");
    nix::pty::grantpt(&master).expect("it is ours");
    nix::pty::unlockpt(&master).expect("it is ours");
    let name = nix::pty::ptsname_r(&master).expect("it has a name");
    let slave = File::options().read(true).write(true).open(name);
    let master = OwnedFd::from(master);
    (master.into(), slave.expect("it can be opened"))
}

/// Starts a program that says a word and then sleeps, in a world, with these
/// as its input and output.
fn sleeper(input: Stdio, output: Stdio) -> Command {
    let mut tool = Command::new(example("attached"));
    tool.args(["/bin/sh", "-c", "echo started; exec sleep 1000"]);
    tool.stdin(input).stdout(output).stderr(Stdio::null());
    tool
}

/// How a program ends that is about to end.
fn end_of(mut tool: Child) -> ExitStatus {
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        if let Some(status) = tool.try_wait().expect("it was started") {
            return status;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    tool.kill().expect("it was started");
    panic!("it goes on");
}

#[test]
fn whoever_closes_the_terminal_ends_the_world() {
    if root().is_none() {
        return;
    }
    let (mut master, slave) = terminal();
    let side = || Stdio::from(slave.try_clone().expect("a descriptor"));
    let mut tool = sleeper(side(), side()).spawn().expect("it is built");
    let mut said = [0; 7];
    master.read_exact(&mut said).expect("it starts");
    assert_eq!(&said, b"started");
    let id = i32::try_from(tool.id()).expect("a PID");
    let all = family(id);
    assert!(all.len() >= 4, "{all:?}");
    assert!(tool.try_wait().expect("it was started").is_none());
    drop((slave, master));
    assert_eq!(end_of(tool).code(), Some(128 + 1), "as by SIGHUP");
    let left: Vec<_> = all.into_iter().filter(|pid| is_alive(*pid)).collect();
    assert_eq!(left, Vec::<i32>::new());
}

#[test]
fn a_world_whose_output_nobody_reads_ends() {
    if root().is_none() {
        return;
    }
    let (mut read, write) = std::io::pipe().expect("there are pipes");
    let tool = sleeper(Stdio::null(), write.into()).spawn();
    let tool = tool.expect("it is built");
    let mut said = [0; 7];
    read.read_exact(&mut said).expect("it starts");
    assert_eq!(&said, b"started");
    let all = family(i32::try_from(tool.id()).expect("a PID"));
    drop(read);
    assert_eq!(end_of(tool).code(), Some(128 + 13), "as by SIGPIPE");
    let left: Vec<_> = all.into_iter().filter(|pid| is_alive(*pid)).collect();
    assert_eq!(left, Vec::<i32>::new());
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
