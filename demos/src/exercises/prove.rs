//! `prove`: the check of an exercise refuses its scene as it is and all that
//! only looks like a solution, and accepts the solution.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use demos::stage::mounts;
use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::table::Exercise;
use crate::tasks::Task;
use crate::{examine, look, shell};

/// Tries everything, each time in a scene of its own.
pub(crate) fn prove(task: &Task, exercise: &Exercise) -> Result<ExitCode> {
    let stage = Stage::new()?;
    let (accepted, said) = stage.attempt(exercise, "", false)?;
    ensure!(!accepted, "the check accepts the untouched scene:\n{said}");
    for miss in exercise.misses {
        let (accepted, said) = stage.attempt(exercise, miss, true)?;
        ensure!(!accepted, "the check accepts `{miss}`:\n{said}");
    }
    let (accepted, said) = stage.attempt(exercise, exercise.solution, true)?;
    ensure!(accepted, "the check refuses the solution:\n{said}");
    let misses = exercise.misses.len();
    println!(
        "{:>2}  refuses the scene and {misses} wrong answers, accepts a \
         right one",
        task.number
    );
    Ok(ExitCode::SUCCESS)
}

/// What the world was like before the first attempt.
struct Stage {
    mounts: usize,
}

impl Stage {
    fn new() -> Result<Self> {
        Ok(Self { mounts: mounts()?.len() })
    }

    /// Types a script at the exercise's shell and, when all that it has
    /// started is at rest, `check`. Returns whether that ended with 0, and
    /// what it said.
    fn attempt(
        &self,
        exercise: &Exercise,
        script: &str,
        may_use_program: bool,
    ) -> Result<(bool, String)> {
        let examiner = examine::start(exercise)?;
        let writes_its_own = script.contains("> answer");
        if may_use_program && exercise.program.is_some() && !writes_its_own {
            symlink(env::current_exe()?, "answer")?;
        }
        let mut shell = shell(exercise)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create("complaints")?)
            .spawn()
            .context("starting a shell")?;
        let mut keyboard = shell.stdin.take().context("a pipe")?;
        // The shell may have ended, and one has no children: then there is
        // nobody to type to, and no status.
        let mut type_and_wait = |typed: &str, file: &str| {
            let _ = writeln!(keyboard, "{typed}");
            look::wait_until(typed, || {
                fs::read_to_string(file).is_ok_and(|s| s.ends_with('\n'))
                    || shell.try_wait().is_ok_and(|end| end.is_some())
            })
        };
        type_and_wait(&format!("{script}\necho > /root/typed"), "typed")?;
        look::wait_for_rest()?;
        type_and_wait("check > /root/said\necho $? > /root/status", "status")?;
        drop(examiner);
        let accepted = look::number_in("status") == Some(0);
        let said = fs::read_to_string("said").unwrap_or_default();
        let complaints = fs::read_to_string("complaints")?;
        self.clear()?;
        Ok((accepted, said + &complaints))
    }

    /// Ends everybody but this process and the world's process 1, and takes
    /// away what they have left.
    fn clear(&self) -> Result<()> {
        let everybody = Pid::from_raw(-1);
        let _ = kill(everybody, Signal::SIGKILL);
        look::wait_until("everybody is gone", || {
            while waitpid(everybody, Some(WaitPidFlag::WNOHANG))
                .is_ok_and(|end| end != WaitStatus::StillAlive)
            {}
            look::processes().len() == 2
        })?;
        look::sh(
            "ip -all netns delete; for cable in $(ls /sys/class/net); do \
             [ $cable = lo ] || ip link delete $cable; done",
        )?;
        while let Some(last) =
            mounts()?.get(self.mounts..).and_then(<[_]>::last)
        {
            let place = last.split(' ').nth(4).context("a place")?;
            umount2(place, MntFlags::MNT_DETACH)?;
        }
        for entry in fs::read_dir("/root")? {
            let path = entry?.path();
            let is_folder = fs::symlink_metadata(&path)?.is_dir();
            if is_folder {
                fs::remove_dir_all(&path)?;
            } else {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}
