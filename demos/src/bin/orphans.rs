//! Who adopts a process whose parent has died?
//!
//! Three processes lose their parent: a member of a PID namespace, a
//! descendant of somebody who offers to adopt, and one whose parent lives
//! outside. Watch which number getppid gives to each of them afterwards.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::{set_child_subreaper, set_pdeathsig};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{getpid, getppid};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);

    in_child(|| {
        unshare(CloneFlags::CLONE_NEWPID)?;
        in_child(|| {
            // ANCHOR: adopted
            say!("init", "I am {}", getpid());
            orphan("first", [2, 1], || Ok(()))?;

            in_child(|| {
                set_child_subreaper(true)?;
                say!("adopter", "I am {}, and a subreaper", getpid());
                orphan("second", [5, 4], || Ok(()))
            })
            // ANCHOR_END: adopted
        })
    })?;

    // ANCHOR: outside
    set_child_subreaper(true)?;
    say!("outside", "now I am a subreaper, too");
    orphan("third", [0, 0], || unshare(CloneFlags::CLONE_NEWPID))?;
    say!("outside", "the third orphan was mine to wait for");
    // ANCHOR_END: outside
    Ok(())
}

/// Has a child, which after `parting` has a child and ends; then waits for
/// the orphan. It can be waited for only by whoever has adopted it.
fn orphan(
    name: &str,
    parents: [i32; 2],
    parting: impl FnOnce() -> nix::Result<()>,
) -> Result<()> {
    let (mut here, mut there) = UnixStream::pair()?;
    let mut alive = here.try_clone()?;
    in_child(move || {
        parting()?;
        start_child(move || {
            set_pdeathsig(None)?;
            let before = getppid();
            there.write_all(b"!")?;
            there.read_exact(&mut [0])?;
            let after = getppid();
            let me = getpid();
            say!(name, "I am {me}, my parent was {before} and is {after}");
            ensure!([before.as_raw(), after.as_raw()] == parents);
            Ok(())
        })?;
        Ok(alive.read_exact(&mut [0])?)
    })?;
    here.write_all(b"!")?;
    ensure!(matches!(wait()?, WaitStatus::Exited(_, 0)));
    Ok(())
}
