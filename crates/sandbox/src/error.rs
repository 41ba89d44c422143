//! What the kernel refused, at which step, why, and what to do about it.

use std::fs;

use nix::errno::Errno;

/// The kernel refused something without which there is no world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {step}: {errno}: {cause}")]
pub struct Refusal {
    /// What could not be done, in words: `make a net namespace`.
    pub step: String,
    /// The error, by name and text: `EPERM: Operation not permitted`.
    pub errno: String,
    /// Why, as far as the machine tells.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

/// What the machine tells about itself, by files whose names say so.
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
struct Machine {
    /// `Seccomp` of /proc/self/status is not 0.
    filtered: bool,
    in_docker: bool,
    in_podman: bool,
    apparmor_restricts: bool,
    userns_clone_off: bool,
    /// Something is mounted below /proc.
    masked_proc: bool,
}

impl Machine {
    fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let is = |path: &str, value: &str| read(path).trim() == value;
        Self {
            filtered: read("/proc/self/status")
                .lines()
                .any(|l| l.starts_with("Seccomp:") && !l.ends_with('0')),
            in_docker: fs::exists("/.dockerenv").unwrap_or(false),
            in_podman: fs::exists("/run/.containerenv").unwrap_or(false),
            apparmor_restricts: is(
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                "1",
            ),
            userns_clone_off: is(
                "/proc/sys/kernel/unprivileged_userns_clone",
                "0",
            ),
            masked_proc: read("/proc/self/mountinfo").lines().any(|line| {
                let at = line.split(' ').nth(4).unwrap_or_default();
                at.starts_with("/proc/") && !at.contains("binfmt_misc")
            }),
        }
    }
}

/// A step of a world was refused.
pub(crate) fn refusal(step: &str, errno: Errno) -> Refusal {
    let (cause, remedy) = explain(step, errno, &Machine::look());
    Refusal { step: step.into(), errno: name(errno), cause, remedy }
}

/// The very first namespaces were refused.
pub(crate) fn refused_namespaces(errno: Errno) -> Refusal {
    refusal("make user and PID namespaces", errno)
}

/// The maps of ids were refused to the caller.
pub(crate) fn refused_maps(error: &std::io::Error) -> Refusal {
    let step = "map the ids of the world";
    match error.raw_os_error() {
        Some(number) => refusal(step, Errno::from_raw(number)),
        None => Refusal {
            step: step.into(),
            errno: "newuidmap or newgidmap refused".into(),
            cause: error.to_string(),
            remedy: crate::ids::ONE_ID_REMEDY.into(),
        },
    }
}

/// A program that every world starts is not on this machine.
pub(crate) fn no_shell() -> Refusal {
    Refusal {
        step: "start a shell".into(),
        errno: "ENOENT: No such file or directory".into(),
        cause: "there is no /bin/bash on this machine".into(),
        remedy: "install bash".into(),
    }
}

/// A terminal of the ordinary user needs an id that is not there.
pub(crate) fn no_second_id() -> Refusal {
    Refusal {
        step: "give the user `reader` a second id".into(),
        errno: "EPERM: Operation not permitted".into(),
        cause: "an ordinary user may map only the own id into a user \
                namespace: user_namespaces(7)"
            .into(),
        remedy: crate::ids::ONE_ID_REMEDY.into(),
    }
}

fn name(errno: Errno) -> String {
    format!("{errno:?}: {}", errno.desc())
}

/// Cause and remedy of a refusal.
fn explain(step: &str, errno: Errno, machine: &Machine) -> (String, String) {
    let pair = |cause: &str, remedy: &str| (cause.into(), remedy.into());
    let is_map = step.contains("map the ids");
    match errno {
        Errno::EPERM | Errno::EACCES if machine.userns_clone_off => pair(
            "user namespaces are switched off: \
             /proc/sys/kernel/unprivileged_userns_clone is 0",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        Errno::EPERM | Errno::EACCES
            if machine.apparmor_restricts && !step.contains("user and PID") =>
        {
            pair(
                "AppArmor takes all capabilities away from a new user \
                 namespace: /proc/sys/kernel/\
                 apparmor_restrict_unprivileged_userns is 1",
                "sudo sysctl -w \
                 kernel.apparmor_restrict_unprivileged_userns=0, or an \
                 AppArmor profile with `userns,` for this program",
            )
        }
        Errno::EPERM | Errno::EACCES
            if step.contains("mount proc") && machine.masked_proc =>
        {
            pair(
                "parts of /proc are covered, as in most containers; the \
                 kernel then allows no new one",
                "docker run --security-opt systempaths=unconfined, podman \
                 run --security-opt unmask=ALL",
            )
        }
        Errno::EPERM | Errno::EACCES | Errno::ENOSYS if machine.filtered => {
            let where_ = if machine.in_docker {
                "Docker's"
            } else if machine.in_podman {
                "Podman's"
            } else {
                "a"
            };
            (
                format!("{where_} seccomp filter is on (/proc/self/status)"),
                "docker run --security-opt seccomp=unconfined \
                 --security-opt systempaths=unconfined \
                 --security-opt apparmor=unconfined"
                    .into(),
            )
        }
        Errno::ENOSPC => no_space(step),
        Errno::EAGAIN => pair(
            "the user has as many processes as RLIMIT_NPROC allows",
            "ulimit -u, or end some of them",
        ),
        Errno::EINVAL if step.contains("namespace") => pair(
            "this kernel was built without namespaces of this kind",
            "another kernel; WSL 1 has none of them, WSL 2 has",
        ),
        Errno::ENOSYS => pair(
            "this kernel, or this machine's architecture, does not have it",
            "Linux 5.11 or later on x86_64 or aarch64",
        ),
        Errno::EPERM | Errno::EACCES if is_map => pair(
            "the caller may not map its ids: it lacks CAP_SETFCAP or runs \
             under a security module",
            "run as an ordinary user of the machine itself",
        ),
        Errno::EPERM if step.contains("namespace") => pair(
            "the caller runs in a chroot, with ids that its own user \
             namespace does not map, or under a security module",
            "run outside of the chroot or container",
        ),
        _ => pair(
            "no reason that this program knows",
            "run `doctor`, and report what it prints",
        ),
    }
}

/// ENOSPC has nothing to do with disks here: namespaces(7), "The
/// /proc/sys/user directory".
fn no_space(step: &str) -> (String, String) {
    let exhausted = crate::namespace::Kind::ALL.iter().find(|kind| {
        let path = format!("/proc/sys/user/{}", kind.limit);
        let made_here = step.contains(kind.name)
            || (step.contains("user and PID") && kind.name == "pid");
        made_here
            && fs::read_to_string(path).is_ok_and(|limit| limit.trim() == "0")
    });
    if let Some(kind) = exhausted {
        return (
            format!("/proc/sys/user/{} is 0", kind.limit),
            format!("sudo sysctl -w user.{}=15000", kind.limit),
        );
    }
    (
        "the limit on namespaces is reached (/proc/sys/user/max_*), or 32 of \
         them are nested"
            .into(),
        "end what uses them, or raise the limits".into(),
    )
}
