//! Does a network namespace keep two programs from meeting at a UNIX socket?
//!
//! The parent listens at two UNIX sockets: one has a path for a name, the
//! other an abstract name. Watch which of them its child reaches from another
//! network namespace.

use std::io::ErrorKind::ConnectionRefused;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::{env, fs, process};

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    let name = format!("unix-sockets-{}", process::id());
    let path = env::temp_dir().join(&name);
    let abstract_name = SocketAddr::from_abstract_name(&name)?;

    let _at_path = UnixListener::bind(&path)?;
    let _at_name = UnixListener::bind_addr(&abstract_name)?;
    say!("parent", "I listen at a path and at an abstract name");

    let outcome = in_child(|| {
        UnixStream::connect(&path)?;
        UnixStream::connect_addr(&abstract_name)?;
        say!("child", "in your network namespace, I reach both");

        // ANCHOR: meet
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)
            .unwrap_or_else(cannot_run);

        let refused = UnixStream::connect_addr(&abstract_name);
        ensure!(refused.is_err_and(|e| e.kind() == ConnectionRefused));
        say!("child", "in mine, the abstract name: ECONNREFUSED");
        let _mine = UnixListener::bind_addr(&abstract_name)?;
        say!("child", "in mine, the abstract name is free for me to use");

        UnixStream::connect(&path)?;
        say!("child", "in mine, I reach the path");
        // ANCHOR_END: meet
        Ok(())
    });
    fs::remove_file(&path)?;
    outcome
}
