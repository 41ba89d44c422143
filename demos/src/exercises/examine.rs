//! The examiner: a process outside of all that the reader makes, which looks
//! at the kernel whenever somebody types `check`.
//!
//! It stays in the namespaces in which the world began. So `check` answers
//! the same wherever it is typed, also by a shell that sees no other process.

use std::env;
use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::ExitCode;

use anyhow::{Context, Result};
use demos::{cannot_run_here, start_child};
use nix::sys::prctl::set_dumpable;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Gid, Pid, Uid, setgid, setgroups, setuid};

use crate::look;
use crate::table::{Check, Exercise, Judge};

/// Where `check` reaches the examiner.
const DESK: &str = "/run/examiner";

/// What holds, and what does not yet.
#[derive(Default)]
pub(crate) struct Report(Vec<(bool, String)>);

impl Report {
    /// Adds a line, and returns whether it holds.
    pub(crate) fn expect(
        &mut self,
        holds: bool,
        what: impl Into<String>,
    ) -> bool {
        self.0.push((holds, what.into()));
        holds
    }

    fn is_done(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(holds, _)| *holds)
    }
}

/// Ends with its value.
pub(crate) struct Examiner(Pid);

impl Drop for Examiner {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
        let _ = waitpid(self.0, None);
    }
}

/// Prepares the scene, and has an examiner sit down beside it.
pub(crate) fn start(exercise: &Exercise) -> Result<Examiner> {
    let number = exercise.number;
    look::begin(number);
    let mut check: Check = match exercise.judge {
        Judge::Scene(scene) => scene()?,
        Judge::Check(check) => Box::new(check),
    };
    let _ = fs::remove_file(DESK);
    let desk = UnixListener::bind(DESK).context(DESK)?;
    fs::set_permissions(DESK, Permissions::from_mode(0o666))?;
    if fs::symlink_metadata("check").is_err() {
        symlink(env::current_exe()?, "check")?;
    }
    let examiner = start_child(move || {
        for visit in desk.incoming() {
            let mut visit = visit?;
            let mut report = Report::default();
            let outcome = check(&mut report);
            let text = match &outcome {
                Err(error) => format!("   error | {error:#}\n"),
                Ok(()) => verdict(number, &report),
            };
            let done = outcome.is_ok() && report.is_done();
            // Whoever asked may have gone.
            let _ = visit.write_all(text.as_bytes());
            let _ = visit.write_all(&[u8::from(!done)]);
        }
        Ok(())
    })?;
    Ok(Examiner(examiner))
}

fn verdict(number: u32, report: &Report) -> String {
    let line = |(holds, what): &(bool, String)| {
        format!("{:>8} | {what}\n", if *holds { "holds" } else { "not yet" })
    };
    let mut lines: Vec<String> = report.0.iter().map(line).collect();
    if report.is_done() {
        lines.push(format!("exercise {number} is solved\n"));
    }
    lines.concat()
}

/// The command `check`: asks, prints the answer, and ends with 0 if all of it
/// holds.
pub(crate) fn ask() -> Result<ExitCode> {
    let mut examiner = UnixStream::connect(DESK)
        .context("the examiner cannot be reached from here")?;
    let mut answer = Vec::new();
    examiner.read_to_end(&mut answer)?;
    let status = answer.pop().context("the examiner has not answered")?;
    print!("{}", String::from_utf8_lossy(&answer));
    Ok(ExitCode::from(status))
}

/// Ends the program with 77 unless the world has more than one id. In some
/// exercises there are users 1000 and 2000, and whoever has only one id gets
/// a world with one.
pub(crate) fn need_ids() -> Result<()> {
    let map = fs::read_to_string("/proc/self/uid_map")?;
    let count = map.split_whitespace().nth(2).and_then(|n| n.parse().ok());
    if count.unwrap_or(0_u32) <= 2000 {
        cannot_run_here(
            "this world has one id, and the exercise needs more; see \
             `newuidmap` in `cargo book doctor`",
        );
    }
    Ok(())
}

/// Makes the home that of the world's ordinary user, 1000, whose shell an
/// exercise asks for.
pub(crate) fn for_user_1000() -> Result<()> {
    need_ids()?;
    chown("/root", Some(1000), Some(1000))?;
    Ok(())
}

/// Makes that user of the caller.
pub(crate) fn become_user_1000() -> Result<()> {
    setgroups(&[])?;
    setgid(Gid::from_raw(1000))?;
    setuid(Uid::from_raw(1000))?;
    // Whoever has changed its id owns its files in /proc only then.
    set_dumpable(true)?;
    Ok(())
}
