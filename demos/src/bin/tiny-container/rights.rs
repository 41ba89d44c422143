//! What the container's root has to do without.

#![allow(unsafe_code, reason = "nix has no call for two of these")]

use std::fs;

use anyhow::Result;
use demos::give_up_capabilities;
use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::set_no_new_privs;

/// Gives up everything that is not needed any more. There is no way back,
/// neither for the caller nor for any program it starts.
pub(crate) fn give_up() -> Result<()> {
    // A new user namespace would come with a full set of capabilities.
    fs::write("/proc/sys/user/max_user_namespaces", "0")?;

    // Whatever else was open when we were started leads out of here.
    // SAFETY: nothing in this program keeps a descriptor above 2.
    Errno::result(unsafe { libc::close_range(3, u32::MAX, 0) })?;

    // The bounding set first: to change it takes a capability, too.
    for capability in 0.. {
        // SAFETY: takes two numbers.
        let done = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability) };
        match Errno::result(done) {
            // There are no more.
            Err(Errno::EINVAL) => break,
            dropped => drop(dropped?),
        }
    }
    give_up_capabilities()?;
    Ok(set_no_new_privs()?)
}
