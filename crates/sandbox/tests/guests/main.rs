//! Hostile guests: each runs in a world, and then the machine is compared with
//! what it was. `SECURITY.md` names the threats; [`guests::ALL`] is the one
//! table of the programs.
//!
//! Run by root and by an ordinary user, as `cargo ci test` and `cargo ci user`
//! do. What cannot be tried on a machine says so and is counted.

mod ends;
mod guests;
mod machine;
mod planted;
mod victim;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sandbox::session::{Command, End, Failure, Session};
use sandbox::world::{Limits, User, World};

use guests::{Ends, Guest, Threat};
use machine::{Machine, Places};
use victim::Victim;

/// One at a time: two guests would see each other in the comparison.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An example beside this crate, built together with its tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this is a program");
    let folder = test.parent().and_then(|deps| deps.parent());
    folder.expect("cargo's folders").join("examples").join(name)
}

/// What came of a guest.
enum Verdict {
    Contained,
    /// It could not be tried, for this reason.
    Untried(String),
    /// What went wrong.
    Escaped(Vec<String>),
}

/// Has a guest do its worst to a victim, and looks at both.
fn try_guest(guest: &Guest, victim: &mut Victim) -> Verdict {
    if let Some(missing) = (guest.needs)() {
        return Verdict::Untried(missing);
    }
    let before = Machine::look(&victim.places);
    let mut faults = perform(guest, victim);
    faults.extend(lasting_changes(&before, &victim.places));
    faults.extend(victim.harm());
    if faults.is_empty() {
        Verdict::Contained
    } else {
        Verdict::Escaped(faults)
    }
}

/// What is another now, and stays so: others start and end processes, too.
fn lasting_changes(before: &Machine, places: &Places) -> Vec<String> {
    let mut changes = Vec::new();
    for _ in 0..30 {
        changes = before.changes(&before.look_again(places));
        if changes.is_empty() {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    changes
}

/// A world with the tools of guests, and a word on where the victim is.
fn world(guest: &Guest, victim: &Victim) -> World {
    let mut limits = Limits { output: 1 << 20, ..Limits::default() };
    (guest.limits)(&mut limits);
    World {
        programs: Some(victim.tools()),
        environment: victim.hints(),
        limits,
        ..World::default()
    }
}

/// What a guest gets that does not end by itself.
const DEADLINE: Duration = Duration::from_millis(1500);

/// Runs the guest's script, and compares what it says with what it should.
fn perform(guest: &Guest, victim: &Victim) -> Vec<String> {
    let world = world(guest, victim);
    let mut session = match Session::start(&world, &[User::Root]) {
        Ok(session) => session,
        Err(refusal) => return vec![format!("no world: {refusal}")],
    };
    let mut said = String::new();
    let mut faults = Vec::new();
    let user = std::fs::metadata(format!("/proc/{}", session.guard()));
    if user.is_ok_and(|guard| guard.uid() == 0) {
        faults.push("the machine's root is in the world".into());
    }
    let lines: Vec<&str> = guest.script.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let is_last = index + 1 == lines.len();
        let command = Command {
            prompt: "#".into(),
            lines: vec![(*line).to_owned()],
            input: Vec::new(),
            until: None,
            timeout: match guest.ends {
                Ends::Deadline | Ends::Anyhow if is_last => DEADLINE,
                _ => Duration::from_mins(1),
            },
        };
        let result = session.run(0, &command);
        let end = match &result {
            Ok(step) => {
                said.push_str(&String::from_utf8_lossy(&step.output));
                match step.end {
                    End::Prompt { .. } => Ends::Prompt,
                    End::Running | End::HangUp => Ends::Gone,
                }
            }
            Err(Failure::TimedOut { .. }) => Ends::Deadline,
            Err(Failure::TooMuchOutput { .. }) => Ends::Output,
            Err(Failure::Lost { reason }) => {
                said.push_str(reason);
                Ends::Gone
            }
            Err(_) => Ends::Gone,
        };
        let expected = if is_last { guest.ends } else { Ends::Prompt };
        if end != expected && guest.ends != Ends::Anyhow {
            faults.push(format!("ended as {end:?} at `{line}`: {result:?}"));
        }
        if end != Ends::Prompt {
            break;
        }
    }
    let said = said.replace("\r\n", "\n");
    if !(guest.says)(said.trim_end(), victim) {
        faults.push(format!("it said: {said:?}"));
    }
    if victim.secrets().iter().any(|secret| said.contains(&**secret)) {
        faults.push(format!("it knows a secret: {said:?}"));
    }
    faults
}

/// Every guest of one threat, and how many there were.
fn try_all(threat: Threat) {
    let _turn = turn();
    let mut victim = match Victim::new() {
        Ok(victim) => victim,
        Err(reason) => return skip(&reason),
    };
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut faults = Vec::new();
    for guest in guests::ALL.iter().filter(|guest| guest.threat == threat) {
        let start = Instant::now();
        let verdict = try_guest(guest, &mut victim);
        eprintln!("{:>6} ms {}", start.elapsed().as_millis(), guest.name);
        let verdict = match verdict {
            Verdict::Contained => "contained",
            Verdict::Untried(reason) => {
                eprintln!("NOT TRIED: {}: {reason}", guest.name);
                "not tried"
            }
            Verdict::Escaped(all) => {
                faults.extend(
                    all.iter().map(|one| format!("{}: {one}", guest.name)),
                );
                "ESCAPED"
            }
        };
        *counts.entry(verdict).or_default() += 1;
    }
    eprintln!("{threat:?}: {counts:?}");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Says why worlds cannot be made, or fails where they should.
fn skip(reason: &str) {
    assert!(
        std::env::var_os("SANDBOX_MUST_RUN").is_none(),
        "skipped, although SANDBOX_MUST_RUN is set: {reason}"
    );
    eprintln!("SKIPPED: {reason}");
}

#[test]
fn the_machines_files_stay_as_they_are() {
    try_all(Threat::Files);
}

#[test]
fn the_machines_root_stays_out_of_reach() {
    try_all(Threat::Root);
}

#[test]
fn the_machines_processes_stay_out_of_sight() {
    try_all(Threat::Processes);
}

#[test]
fn the_network_stays_out_of_reach() {
    try_all(Threat::Network);
}

#[test]
fn the_callers_secrets_stay_secret() {
    try_all(Threat::Secrets);
}

#[test]
fn the_callers_terminal_stays_its_own() {
    try_all(Threat::Terminal);
}

#[test]
fn no_guest_stays() {
    try_all(Threat::Stay);
}

#[test]
fn the_machine_is_not_used_up() {
    try_all(Threat::UseUp);
}

#[test]
fn no_core_is_dumped_on_the_machine() {
    try_all(Threat::Core);
}

#[test]
fn there_are_sixty_guests_and_every_threat_is_in_security_md() {
    assert!(guests::ALL.len() >= 60, "{}", guests::ALL.len());
    let mut names: Vec<&str> = guests::ALL.iter().map(|g| g.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), guests::ALL.len(), "names are unique");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../SECURITY.md");
    // The ordinary user of CI has the tests and not the repository.
    let Ok(page) = std::fs::read_to_string(page) else { return };
    for threat in Threat::ALL {
        let row = format!("| {} |", threat.words());
        assert!(page.contains(&row), "SECURITY.md has no row {row}");
        let has_guest = guests::ALL.iter().any(|g| g.threat == threat);
        assert!(has_guest, "{threat:?} has no guest");
    }
}
