//! Mount namespaces; a root of one's own.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use anyhow::{Result, ensure};
use nix::libc::{major, minor};

use crate::examine::{Report, need_ids};
use crate::look::{elsewhere, numbers, program, read, sh, succeeds};
use crate::table::Check;

/// Mounts something here and looks for it there, and the other way round.
pub(crate) fn one_way(report: &mut Report) -> Result<()> {
    let all = elsewhere("mnt");
    report.expect(!all.is_empty(), "there is another mount namespace");
    let (mut there, mut back) = (false, true);
    for pid in all {
        let inside = format!("nsenter --target {pid} --mount");
        let goes_in = sh(&crossing("", &inside))?.status == SEEN;
        let stays = sh(&crossing(&inside, ""))?.status == NOT_SEEN;
        (there, back) = (goes_in, !stays);
        if there && !back {
            break;
        }
    }
    report.expect(there, "what is mounted in `/mnt` here appears there");
    report
        .expect(!back, "what is mounted in `/mnt` there does not appear here");
    Ok(())
}

// What grep(1) ends with.
const SEEN: i32 = 0;
const NOT_SEEN: i32 = 1;

/// Mounts something by means of `here`, and looks for it by means of `there`.
/// Nothing of it stays.
fn crossing(here: &str, there: &str) -> String {
    format!(
        "probe=/mnt/probe-$$; \
         {here} mkdir $probe && {here} mount -t tmpfs probe $probe || exit 3; \
         {there} grep -q \" $probe \" /proc/self/mountinfo; seen=$?; \
         {here} umount $probe; {here} rmdir $probe; exit $seen"
    )
}

const PLAN: &str = "/root/plan";
const SURPRISE: &str = "a surprise";

/// A file that somebody is not to see.
pub(crate) fn hidden() -> Result<Check> {
    fs::write(PLAN, SURPRISE)?;
    Ok(Box::new(|report| {
        report.expect(
            fs::read_to_string(PLAN)? == SURPRISE,
            "out here, `plan` says what it said",
        );
        let mut all = elsewhere("mnt");
        all.retain(|pid| {
            read(*pid, &format!("root{PLAN}")).is_some_and(|t| t != SURPRISE)
        });
        report.expect(
            !all.is_empty(),
            "a process in another mount namespace reads something else there",
        );
        let users = elsewhere("user");
        all.retain(|pid| users.contains(pid) && cannot_undo(*pid));
        report.expect(
            !all.is_empty(),
            "as root of a user namespace, it cannot `umount` that",
        );
        Ok(())
    }))
}

/// What the attempt undoes, it undoes in a copy.
fn cannot_undo(pid: i32) -> bool {
    let attempt = sh(&format!(
        "nsenter --target {pid} --user --preserve-credentials --mount \
         unshare --mount sh -c 'echo inside; umount {PLAN}; \
         umount --lazy {PLAN}; cat {PLAN}'"
    ));
    attempt.is_ok_and(|said| {
        said.out.contains("inside") && !said.out.contains(SURPRISE)
    })
}

/// A folder with all that a program needs, and a file that is outside of it.
pub(crate) fn jail() -> Result<Check> {
    fs::write("/root/secret", "the cake is in the oven\n")?;
    let built = sh("mountpoint -q jail/usr && exit; \
         mkdir -p jail/usr jail/demos jail/proc jail/tmp jail/old && \
         mount --bind /usr jail/usr && mount --bind /demos jail/demos && \
         for link in /bin /lib /lib64 /sbin; do \
         test ! -L $link || cp -P $link jail$link; done")?;
    ensure!(built.status == 0, "{}", built.err);
    Ok(Box::new(|report| {
        let program = program();
        report
            .expect(program.is_some(), "there is `answer`, and it can be run");
        let Some(program) = program else { return Ok(()) };
        fs::copy(program, "/root/jail/tmp/answer")?;
        let cake = "the cake is in the oven";
        let run = sh("chroot jail /tmp/answer")?;
        report.expect(
            run.out.contains(cake),
            "in the jail, it prints the file that is outside",
        );
        let run = sh(
            "unshare --mount sh -c 'mount --rbind jail /mnt && cd /mnt && \
             pivot_root . old && umount --lazy old && exec /tmp/answer'",
        )?;
        report.expect(
            !run.out.contains(cake),
            "with `pivot_root` in the place of `chroot`, it does not",
        );
        Ok(())
    }))
}

/// The root filesystem of a distribution that has few programs.
pub(crate) fn distribution() -> Result<Check> {
    let built = sh("mkdir -p crater/bin crater/etc crater/proc; \
         echo ID=crater > crater/etc/os-release; \
         for name in bash cat ls mount ps sleep umount; do \
         program=$(command -v $name); cp --update $program crater/bin; \
         cp --parents --dereference --update \
         $(ldd $program | grep --only-matching '/[^ ]*') crater; done")?;
    ensure!(built.status == 0, "{}", built.err);
    Ok(Box::new(|report| {
        let mut all = elsewhere("pid");
        all.retain(|pid| numbers(*pid).last() == Some(&1));
        report.expect(
            !all.is_empty(),
            "there is a process 1 in a PID namespace of its own",
        );
        all.retain(|pid| begins_with_crater(*pid).unwrap_or(false));
        report.expect(
            !all.is_empty(),
            "its mount namespace begins with the distribution's folder",
        );
        all.retain(|pid| {
            let proc = format!("/proc/{pid}/root/proc");
            // For whoever is in another PID namespace it leads nowhere.
            fs::read_link(format!("{proc}/self")).is_err()
                && fs::exists(format!("{proc}/1/stat")).unwrap_or(false)
        });
        report.expect(
            !all.is_empty(),
            "in there, `/proc` shows that PID namespace",
        );
        let home = fs::metadata("/root")?.dev();
        let mut ours = devices(std::process::id().try_into()?);
        ours.remove(&format!("{}:{}", major(home), minor(home)));
        all.retain(|pid| devices(*pid).is_disjoint(&ours));
        report.expect(
            !all.is_empty(),
            "and nothing else of this world is mounted in there",
        );
        Ok(())
    }))
}

/// Whoever enters a mount namespace begins where that does, and not where a
/// chroot has put one of its processes.
fn begins_with_crater(pid: i32) -> Result<bool> {
    let inside = format!("nsenter --target {pid} --mount");
    Ok(sh(&format!("{inside} cat /etc/os-release"))?.out == "ID=crater")
}

/// The filesystems that a process has in sight, as `major:minor` (proc(5),
/// `/proc/PID/mountinfo`).
fn devices(pid: i32) -> BTreeSet<String> {
    let mounts = read(pid, "mountinfo").unwrap_or_default();
    let device = |line: &str| line.split(' ').nth(2).map(str::to_owned);
    mounts.lines().filter_map(device).collect()
}

/// A folder of user 1000, on a filesystem that is the world's own.
pub(crate) fn two_owners() -> Result<Check> {
    need_ids()?;
    let made = sh("mkdir -p house && { mountpoint -q house || \
         mount -t tmpfs house house; } && \
         touch house/door && chown -R 1000:1000 house; \
         while mountpoint -q /mnt; do umount /mnt; done")?;
    ensure!(made.status == 0, "{}", made.err);
    Ok(Box::new(|report| {
        let one = fs::metadata("/root/house/door")?;
        report.expect(one.uid() == 1000, "`house/door` belongs to user 1000");
        let Ok(other) = fs::metadata("/mnt/door") else {
            report.expect(false, "there is `/mnt/door`");
            return Ok(());
        };
        report.expect(
            (one.dev(), one.ino()) == (other.dev(), other.ino()),
            "`/mnt/door` is the same file",
        );
        report.expect(other.uid() == 2000, "which there belongs to user 2000");
        let written = succeeds(
            "setpriv --reuid 2000 --clear-groups \
         sh -c 'echo knock > /mnt/door'",
        )?;
        report.expect(written, "and user 2000 may write to it");
        Ok(())
    }))
}
