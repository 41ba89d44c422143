//! IPC namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;

use crate::examine::Report;
use crate::look::{link, processes, read};

/// Looks for memory that processes of two IPC namespaces share.
pub(crate) fn memory_in_common(report: &mut Report) -> Result<()> {
    let mut users: BTreeMap<Memory, BTreeSet<String>> = BTreeMap::new();
    for pid in processes() {
        let Some(namespace) = link(pid, "ipc") else { continue };
        for memory in shared_memory(pid) {
            users.entry(memory).or_default().insert(namespace.clone());
        }
    }
    users.retain(|_, namespaces| namespaces.len() > 1);
    let is_file = |memory: &Memory| fs::exists(&memory.name).unwrap_or(false);
    report.expect(
        users.keys().any(is_file),
        "processes of two IPC namespaces share the memory of a file",
    );
    report.expect(
        users.keys().any(|memory| memory.name.starts_with("/memfd:")),
        "and memory that has no path, only descriptors",
    );
    Ok(())
}

/// Memory of several processes, by its device and inode.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Memory {
    device: String,
    inode: String,
    name: String,
}

/// What a process has mapped together with others (proc(5),
/// `/proc/PID/maps`), without the two sorts that the chapter uses.
fn shared_memory(pid: i32) -> Vec<Memory> {
    let maps = read(pid, "maps").unwrap_or_default();
    let shared = maps.lines().filter_map(|line| {
        // Addresses, rights such as `rw-s`, an offset, and who it is.
        let mut fields = line.splitn(6, ' ').skip(1);
        let is_shared = fields.next()?.ends_with('s');
        let device = fields.nth(1)?.to_owned();
        let inode = fields.next()?.to_owned();
        let name = fields.next()?.trim().to_owned();
        let of_chapter = ["/SYSV", "/dev/shm/"];
        let is_new = !of_chapter.iter().any(|known| name.starts_with(known));
        (is_shared && is_new).then_some(Memory { device, inode, name })
    });
    shared.collect()
}
