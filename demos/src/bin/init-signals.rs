//! Which signals reach process 1 of a PID namespace?
//!
//! First a member of the namespace tries five of them, then the parent tries
//! two from outside. Process 1 has no handlers. Watch which one it survives
//! from one side and not from the other.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal::{SIGHUP, SIGINT, SIGKILL, SIGSTOP, SIGTERM};
use nix::sys::signal::kill;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)
        .unwrap_or_else(cannot_run);
    let (mut here, there) = UnixStream::pair()?;
    let init = start_child(move || be_init(there))?;

    // ANCHOR: outside
    here.read_exact(&mut [0])?;
    kill(init, SIGTERM)?;
    say!("parent", "SIGTERM to process 1, from outside");
    here.write_all(b"?")?;

    here.read_exact(&mut [0])?;
    kill(init, SIGKILL)?;
    say!("parent", "SIGKILL to process 1, from outside");
    let end = waitpid(init, None)?;
    // ANCHOR_END: outside
    ensure!(matches!(end, WaitStatus::Signaled(_, SIGKILL, _)));
    say!("parent", "process 1 was ended by SIGKILL");
    Ok(())
}

fn be_init(mut outside: UnixStream) -> Result<()> {
    ensure!(getpid().as_raw() == 1);

    // ANCHOR: inside
    for signal in [SIGHUP, SIGINT, SIGTERM, SIGSTOP, SIGKILL] {
        in_child(|| {
            kill(Pid::from_raw(1), signal)?;
            say!("member", "{signal} to process 1");
            Ok(())
        })?;
        say!("init", "I am still here");
    }
    // ANCHOR_END: inside

    outside.write_all(b"!")?;
    outside.read_exact(&mut [0])?;
    say!("init", "I am still here");

    outside.write_all(b"!")?;
    outside.read_exact(&mut [0])?;
    Ok(())
}
