//! What happens if a container switches the machine off?
//!
//! Three times, a member of a new PID namespace calls reboot. Watch what
//! process 1 of that namespace dies of: that is all that happens.

use anyhow::{Result, bail, ensure};
use demos::{cannot_run, in_child, say, start_child};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::reboot::{RebootMode, reboot, set_cad_enabled};
use nix::sys::signal::Signal::{self, SIGHUP, SIGINT};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getpid, getppid, pause};

fn main() -> Result<()> {
    // From here on we hold no capability over the machine itself.
    unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);

    in_child(|| switch_off("restart", RebootMode::RB_AUTOBOOT, SIGHUP))?;
    in_child(|| switch_off("halt", RebootMode::RB_HALT_SYSTEM, SIGINT))?;
    in_child(|| switch_off("power off", RebootMode::RB_POWER_OFF, SIGINT))
}

fn switch_off(name: &str, mode: RebootMode, expected: Signal) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID)?;

    // ANCHOR: reboot
    let init = start_child(|| {
        in_child(|| {
            // Nobody should call reboot who has not made sure of this.
            ensure!(getpid().as_raw() == 2 && getppid().as_raw() == 1);
            ensure!(set_cad_enabled(true) == Err(Errno::EINVAL));
            match reboot(mode)? {}
        })?;
        pause();
        Ok(())
    })?;
    // ANCHOR_END: reboot

    match waitpid(init, None)? {
        WaitStatus::Signaled(_, end, _) if end == expected => {
            say!("parent", "{name}: process 1 was ended by {end}");
            Ok(())
        }
        other => bail!("{name}: {other:?}"),
    }
}
