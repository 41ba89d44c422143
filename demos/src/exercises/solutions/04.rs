//! A process whose two threads disagree about the hostname.

use std::sync::mpsc::channel;
use std::thread;

use anyhow::Result;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{pause, sethostname};

pub(crate) fn main() -> Result<()> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let moved = unshare(CloneFlags::CLONE_NEWUTS)
            .and_then(|()| sethostname("thread"));
        let _ = tell.send(moved);
        // The namespace lives as long as this thread.
        pause();
    });
    told.recv()??;
    println!("ready");
    pause();
    Ok(())
}
