//! Which user and group ids a world can have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::error::{self, Refusal};
use crate::namespace::Kind;
use crate::probe;

/// How many ids a world has where it can have more than one: all that a
/// system's own users and groups may be.
pub(crate) const MANY: u32 = 65_536;

/// The first of the ids that a privileged caller gives to a world. Nobody has
/// them: they lie above what systemd hands out to users and containers
/// (524,288 to 1,878,982,655, UIDS-GIDS.md of systemd) and below what 32
/// signed bits can hold.
const UNUSED: u32 = 2_000_000_000;

/// The ids of the machine behind the ids of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    /// The world has only id 0, which is the caller outside.
    Caller {
        /// The caller's user id.
        user: u32,
        /// The caller's group id.
        group: u32,
    },
    /// The world has the ids from 0 to 65,535.
    Range {
        /// What user id 0 is outside.
        users: u32,
        /// What group id 0 is outside.
        groups: u32,
        /// Who writes the maps.
        by: Writer,
    },
}

/// Who may write a map of more than the caller's own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// The caller itself, which has `CAP_SETUID` and `CAP_SETGID`.
    Caller,
    /// newuidmap(1) and newgidmap(1), for the ranges in /etc/subuid and
    /// /etc/subgid.
    Helpers,
}

/// Why a world has the single id 0.
pub(crate) const ONE_ID_REMEDY: &str = "run as root, or install newuidmap \
     (package uidmap) and give the user 65536 ids in `/etc/subuid` and \
     `/etc/subgid`: `usermod --add-subuids 100000-165535 --add-subgids \
     100000-165535 NAME`";

impl Ids {
    /// What the caller may give to a world.
    pub(crate) fn of_caller() -> Result<Self, Refusal> {
        let user = nix::unistd::geteuid();
        let group = nix::unistd::getegid().as_raw();
        if user.is_root() && has_all_ids() {
            let by = Writer::Caller;
            return Ok(Self::Range { users: UNUSED, groups: UNUSED, by });
        }
        let caller = Self::Caller { user: user.as_raw(), group };
        if !user.is_root() {
            return Ok(subordinate(user).unwrap_or(caller));
        }
        if is_the_machines_root() {
            // What stands in every caller's way is told first.
            if let Err(errno) = probe::try_kind(Kind::USER) {
                return Err(error::refused_namespaces(errno));
            }
            return Err(error::only_the_machines_root());
        }
        Ok(caller)
    }

    /// The same for a world whose processes the caller must be able to look
    /// into: files of `/proc` are only for a process's own user, which in a
    /// subordinate range is not the caller.
    pub(crate) fn of_caller_alone() -> Result<Self, Refusal> {
        Ok(match Self::of_caller()? {
            Self::Range { by: Writer::Helpers, .. } => Self::Caller {
                user: nix::unistd::geteuid().as_raw(),
                group: nix::unistd::getegid().as_raw(),
            },
            ids => ids,
        })
    }

    /// How many ids the world has.
    pub(crate) fn count(&self) -> u32 {
        match self {
            Self::Caller { .. } => 1,
            Self::Range { .. } => MANY,
        }
    }

    /// Writes the maps of the process `pid`, which has a new user namespace.
    pub(crate) fn write_maps(&self, pid: i32) -> Result<(), std::io::Error> {
        let process = PathBuf::from(format!("/proc/{pid}"));
        match self {
            Self::Caller { user, group } => {
                // Without this an unprivileged process may not write a
                // group map: user_namespaces(7), "The /proc/pid/setgroups
                // file".
                fs::write(process.join("setgroups"), "deny")?;
                fs::write(process.join("uid_map"), format!("0 {user} 1"))?;
                fs::write(process.join("gid_map"), format!("0 {group} 1"))
            }
            Self::Range { users, groups, by: Writer::Caller } => {
                let map = |first| format!("0 {first} {MANY}");
                fs::write(process.join("uid_map"), map(users))?;
                fs::write(process.join("gid_map"), map(groups))
            }
            Self::Range { users, groups, by: Writer::Helpers } => {
                run_helper("newuidmap", pid, *users)?;
                run_helper("newgidmap", pid, *groups)
            }
        }
    }
}

/// True outside of every user namespace but the first, in which a program
/// stays that it has not entered by itself.
fn has_all_ids() -> bool {
    static ALL: OnceLock<bool> = OnceLock::new();
    *ALL.get_or_init(|| {
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        map.split_whitespace().eq(["0", "0", "4294967295"])
    })
}

/// Files below /proc/sys belong to the machine's root; they show as ours
/// only if that is who we are.
fn is_the_machines_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/sys/kernel/core_pattern")
        .is_ok_and(|file| file.uid() == 0)
}

/// The ranges of /etc/subuid and /etc/subgid, where they and the programs
/// that use them are there.
fn subordinate(user: nix::unistd::Uid) -> Option<Ids> {
    find("newuidmap")?;
    find("newgidmap")?;
    // The helpers refuse a user whom /etc/passwd does not know.
    let name = nix::unistd::User::from_uid(user).ok()??.name;
    let range = |file: &str| {
        let table = fs::read_to_string(file).ok()?;
        first_range(&table, &name, user.as_raw())
    };
    Some(Ids::Range {
        users: range("/etc/subuid")?,
        groups: range("/etc/subgid")?,
        by: Writer::Helpers,
    })
}

/// The start of the first range of a user that is long enough: subuid(5).
fn first_range(table: &str, name: &str, id: u32) -> Option<u32> {
    let id = id.to_string();
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let owner = fields.next()?;
        let first: u32 = fields.next()?.parse().ok()?;
        let count: u32 = fields.next()?.parse().ok()?;
        let ours = owner == name || owner == id;
        (ours && count >= MANY).then_some(first)
    })
}

fn find(program: &str) -> Option<PathBuf> {
    ["/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin", "/run/wrappers/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.exists())
}

fn run_helper(
    program: &str,
    pid: i32,
    first: u32,
) -> Result<(), std::io::Error> {
    let path = find(program).ok_or(std::io::ErrorKind::NotFound)?;
    let output = Command::new(path)
        .args([pid.to_string(), "0".into(), first.to_string()])
        .arg(MANY.to_string())
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(std::io::Error::other(said.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_found_by_name_or_number_if_it_is_long_enough() {
        let table = "alice:100000:65536\nbob:1:10\n1234:300000:70000\n";
        assert_eq!(first_range(table, "alice", 1), Some(100_000));
        assert_eq!(first_range(table, "bob", 2), None);
        assert_eq!(first_range(table, "carol", 1234), Some(300_000));
        assert_eq!(first_range("a:b\n::\n", "a", 3), None);
    }
}
