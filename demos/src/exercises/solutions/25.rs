//! Shares a file, and memory without a name, with a process in another IPC
//! namespace.

use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::yield_now;

use anyhow::Result;
use demos::start_child;
use nix::sched::{CloneFlags, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap};
use nix::unistd::pause;

pub(crate) fn main() -> Result<()> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open("board")?;
    let nameless = memfd_create("board", MFdFlags::empty())?.into();
    let boards = [map(&file)?, map(&nameless)?];
    start_child(|| {
        unshare(CloneFlags::CLONE_NEWIPC)?;
        for board in boards {
            board.store(42, SeqCst);
        }
        pause();
        Ok(())
    })?;
    while boards.iter().any(|board| board.load(SeqCst) != 42) {
        yield_now();
    }
    println!("I have read what the child has written, twice");
    pause();
    Ok(())
}

/// A number in memory that the file's other users see, too.
#[allow(unsafe_code, reason = "memory that others write to")]
fn map(file: &File) -> Result<&'static AtomicU32> {
    const SIZE: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
    file.set_len(4096)?;
    let rights = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: the memory is new, stays until the process ends, begins at a
    // page, and is not used but through this number.
    unsafe {
        let memory = mmap(None, SIZE, rights, MapFlags::MAP_SHARED, file, 0)?;
        Ok(memory.cast().as_ref())
    }
}
