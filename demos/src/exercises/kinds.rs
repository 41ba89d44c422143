//! UTS namespaces; user namespaces.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;

use anyhow::{Context as _, Result, ensure};
use demos::{cannot_run_here, start_resident};
use nix::sched::{CloneFlags, unshare};

use crate::examine::{Report, become_user_1000, need_ids};
use crate::look::{
    answered_words, elsewhere, is_ordinary, link, map, ours, read, sh,
};
use crate::table::Check;

/// The five places, and what each says is found out at the moment of the
/// check.
pub(crate) fn which_name(report: &mut Report) -> Result<()> {
    const PLACES: &str = "unshare --uts bash --norc -c 'hostname crater; \
        PS1=\"\\h\"; \
        echo uname $(uname --nodename); \
        echo proc $(cat /proc/sys/kernel/hostname); \
        echo variable $HOSTNAME; \
        echo file $(cat /etc/hostname); \
        echo prompt ${PS1@P}'";
    let given = answered_words();
    if !report.expect(!given.is_empty(), "`answer` names some places") {
        return Ok(());
    }
    let said = sh(PLACES)?.out;
    ensure!(said.lines().count() == 5, "{said}");
    let new: Vec<String> = said
        .lines()
        .filter_map(|line| line.strip_suffix(" crater"))
        .map(str::to_owned)
        .collect();
    report.expect(
        given.iter().all(|place| new.contains(place)),
        "all that it names show the new name",
    );
    report.expect(
        new.iter().all(|place| given.contains(place)),
        "all that show the new name are named",
    );
    Ok(())
}

/// Looks for somebody who is user 1000 of an own namespace.
pub(crate) fn not_root(report: &mut Report) -> Result<()> {
    let mut all = elsewhere("user");
    all.retain(
        |pid| matches!(map(*pid, "uid_map")[..], [ref line] if line[0] == 1000),
    );
    if report.expect(
        !all.is_empty(),
        "in a user namespace of its own, a process is user 1000",
    ) {
        report.expect(
            all.iter().any(|pid| is_ordinary(*pid)),
            "and has lost its capabilities by execve",
        );
    }
    Ok(())
}

/// Looks for a user namespace with a map, in which setgroups is permitted.
pub(crate) fn setgroups() -> Result<Check> {
    // What is denied here is denied in all namespaces below.
    if fs::read_to_string("/proc/self/setgroups")?.trim() == "deny" {
        cannot_run_here(
            "setgroups is denied in this world, as whoever made it has one \
             id; see `newuidmap` in `cargo book doctor`",
        );
    }
    Ok(Box::new(|report| {
        let is_root = |pid: i32, file: &str| {
            map(pid, file).iter().any(|line| line.first() == Some(&0))
        };
        let allows = |pid: i32| {
            read(pid, "setgroups").is_some_and(|text| text.trim() == "allow")
        };
        let mut all = elsewhere("user");
        report.expect(!all.is_empty(), "there is another user namespace");
        all.retain(|pid| is_root(*pid, "uid_map") && is_root(*pid, "gid_map"));
        report.expect(!all.is_empty(), "somebody there has user 0 and group 0");
        report.expect(
            all.into_iter().any(allows),
            "and `/proc/PID/setgroups` says `allow`",
        );
        Ok(())
    }))
}

/// How deep it goes is found out by the demo that counts.
pub(crate) fn deepest(report: &mut Report) -> Result<()> {
    let said = sh("nested-users")?.out;
    // `diver | an id at each level: 31 levels, then ENOSPC`
    let end = said.lines().find_map(|line| line.split_once(" levels, then "));
    let (levels, error) = end.with_context(|| said.clone())?;
    let levels = levels.rsplit(' ').next().unwrap_or_default();
    let given = answered_words();
    report.expect(
        given.first().is_some_and(|first| first == levels),
        "`answer` begins with the number of levels",
    );
    report.expect(
        given.get(1).is_some_and(|second| second == error),
        "and then has the name of the error",
    );
    Ok(())
}

const SECRET: &str = "/root/secret";

/// A visitor sits in a user namespace without a map, and tries to read a file
/// of root's whenever it is asked to.
pub(crate) fn secret() -> Result<Check> {
    need_ids()?;
    let _ = fs::remove_file(SECRET);
    fs::write(SECRET, "the cake is in the oven\n")?;
    fs::set_permissions(SECRET, Permissions::from_mode(0o600))?;
    let (mut here, mut there) = UnixStream::pair()?;
    let visitor = start_resident(move || {
        become_user_1000()?;
        unshare(CloneFlags::CLONE_NEWUSER)?;
        demos::start_child(move || {
            while here.read(&mut [0])? == 1 {
                let can = fs::read(SECRET).is_ok();
                let owner = fs::metadata(SECRET).map_or(0, |file| file.uid());
                here.write_all(&[u8::from(can), u8::from(owner == 65534)])?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    fs::write("visitor", visitor.to_string())?;
    let moved = link(visitor.as_raw(), "user") != ours("user");
    ensure!(moved, "the visitor is not where it should be");
    Ok(Box::new(move |report| {
        let file = fs::metadata(SECRET)?;
        report.expect(
            file.uid() == 0 && file.mode() & 0o7777 == 0o600,
            "the file belongs to root, and its mode is 600",
        );
        there.write_all(b"?")?;
        let mut answer = [0; 2];
        there.read_exact(&mut answer)?;
        report.expect(answer[1] == 0, "the visitor sees whose file it is");
        report.expect(answer[0] == 1, "the visitor can read it");
        Ok(())
    }))
}
