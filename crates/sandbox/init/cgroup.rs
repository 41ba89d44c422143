//! Taking away the cgroup of a world that has ended: src/cgroup.rs.

use core::ffi::CStr;

use crate::syscall;

/// How often the kernel is asked again: processes that have ended may be in
/// the cgroup for some moments more.
const ATTEMPTS: u32 = 200;
/// The milliseconds between two attempts.
const PAUSE: u64 = 5;

/// Takes away what is called `name` in the open folder `parent`, with all
/// that the guest has made in it. The kernel bounds the depth of that.
pub fn remove(parent: i32, name: &CStr) {
    for _ in 0..ATTEMPTS {
        remove_below(parent, name);
        if syscall::remove_folder(parent, name).is_ok() {
            return;
        }
        syscall::sleep(PAUSE);
    }
}

/// Takes away the folders in a folder. What is refused stays: it is tried
/// again.
fn remove_below(parent: i32, name: &CStr) {
    let Ok(folder) = syscall::open_folder(parent, name) else { return };
    let mut buffer = Entries([0; 1024]);
    while let Ok(length @ 1..) = syscall::entries(folder, &mut buffer.0) {
        let mut rest = &buffer.0[..length];
        while let Some((entry, after)) = next(rest) {
            rest = after;
            if let Some(name) = entry {
                remove_below(folder, name);
                let _ = syscall::remove_folder(folder, name);
            }
        }
    }
    syscall::close(folder);
}

/// Aligned as the kernel writes its entries.
#[repr(align(8))]
struct Entries([u8; 1024]);

/// The next entry, if it is a folder in this one, and what comes after it:
/// getdents(2), `struct linux_dirent64`.
fn next(entries: &[u8]) -> Option<(Option<&CStr>, &[u8])> {
    const LENGTH: usize = 16;
    const KIND: usize = 18;
    const NAME: usize = 19;
    const DT_DIR: u8 = 4;
    let length = entries.get(LENGTH..)?.first_chunk::<2>()?;
    let (entry, after) =
        entries.split_at_checked(u16::from_ne_bytes(*length) as usize)?;
    let name = CStr::from_bytes_until_nul(entry.get(NAME..)?).ok()?;
    let is_folder = *entry.get(KIND)? == DT_DIR
        && ![&b"."[..], b".."].contains(&name.to_bytes());
    Some((is_folder.then_some(name), after))
}
