//! The restrictions that machines are known to have.

use nix::errno::Errno;

use super::Act;
use super::machine::{Machine, Runtime};
use crate::namespace::Kind;

/// Why a machine refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Restriction {
    /// Debian's switch is off.
    SwitchedOff,
    /// A limit below /proc/sys/user is 0.
    NoneAllowed(Kind),
    /// The limit on namespaces is reached, or on how deep they nest.
    TooMany,
    /// The user has as many processes as the limit allows, if there is one.
    TooManyProcesses(Option<u64>),
    /// Ubuntu's switch is on.
    AppArmor,
    /// The caller is confined by this profile.
    Profile(String, Runtime),
    /// A filter on system calls.
    Filter(Runtime),
    /// A container has covered parts of /proc.
    MaskedProc,
    /// The caller's root is not that of its mount namespace.
    Chroot,
    /// The caller's ids are not in its user namespace.
    Unmapped,
    /// The caller has restricted itself.
    Landlock,
    /// `/` is the initial ramdisk.
    Ramdisk,
    /// The kernel was built without namespaces of this kind.
    NoKind(Kind),
    /// The first subsystem for Linux on Windows.
    Wsl1,
    /// The kernel is an imitation of Linux.
    Imitation,
    /// The kernel does not have the call, or the filesystem.
    OldKernel,
    /// The machine tells of no restriction.
    Unknown,
}

impl Restriction {
    /// From what was refused, and how, and what the machine says. What is
    /// certain comes before what is only possible.
    pub(super) fn recognise(act: Act, errno: Errno, on: &Machine) -> Self {
        if on.wsl1 {
            return Self::Wsl1;
        }
        if on.imitated {
            return Self::Imitation;
        }
        match errno {
            Errno::EPERM | Errno::EACCES => Self::forbidden(act, errno, on),
            Errno::ENOSPC => Self::no_space(act, on),
            Errno::EAGAIN if matches!(act, Act::Begin | Act::Make(_)) => {
                Self::TooManyProcesses(on.most_processes)
            }
            Errno::EINVAL => match act {
                Act::Make(kind) if on.missing.contains(&kind) => {
                    Self::NoKind(kind)
                }
                Act::Begin => on
                    .missing
                    .iter()
                    .find(|kind| [Kind::USER, Kind::PID].contains(kind))
                    .map_or(Self::Unknown, |kind| Self::NoKind(*kind)),
                // pivot_root(2): "The current root is on the rootfs
                // (initial ramfs) mount". Worlds meet its other conditions.
                Act::ChangeRoot => Self::Ramdisk,
                _ => Self::Unknown,
            },
            Errno::ENOSYS if on.filtered => Self::Filter(on.runtime),
            Errno::ENOSYS | Errno::ENODEV => Self::OldKernel,
            _ => Self::Unknown,
        }
    }

    fn forbidden(act: Act, errno: Errno, on: &Machine) -> Self {
        let begins = matches!(act, Act::Begin | Act::Make(Kind::USER));
        if begins {
            if on.chrooted {
                return Self::Chroot;
            }
            if on.unmapped {
                return Self::Unmapped;
            }
            if on.userns_clone_off {
                return Self::SwitchedOff;
            }
        }
        if act == Act::MountView && on.masked_proc {
            return Self::MaskedProc;
        }
        // A filter of system calls does not see paths, so it has no say in
        // what is written where; those of containers say EPERM.
        let may_be_filter = act != Act::MapIds && errno == Errno::EPERM;
        // AppArmor lets the namespace be made, and forbids the rest; filters
        // do not get that far.
        if on.apparmor_restricts && !(begins && on.filtered) {
            return Self::AppArmor;
        }
        if on.writes_refused && on.profile.is_none() {
            return Self::Landlock;
        }
        if on.filtered && may_be_filter {
            return Self::Filter(on.runtime);
        }
        match &on.profile {
            Some(profile) => Self::Profile(profile.clone(), on.runtime),
            None if on.filtered => Self::Filter(on.runtime),
            None => Self::Unknown,
        }
    }

    /// ENOSPC has nothing to do with disks where namespaces are made:
    /// namespaces(7), "The /proc/sys/user directory".
    fn no_space(act: Act, on: &Machine) -> Self {
        let made: &[Kind] = match &act {
            Act::Begin => &[Kind::USER, Kind::PID],
            Act::Make(kind) => std::slice::from_ref(kind),
            _ => return Self::Unknown,
        };
        let none = made.iter().find(|kind| on.none_allowed.contains(kind));
        none.map_or(Self::TooMany, |kind| Self::NoneAllowed(*kind))
    }

    /// Each once, in the order of the manual: for those that name a program or
    /// a number, one case of it.
    pub(super) fn all() -> [Self; 22] {
        let profile = |name: &str, runtime| {
            Self::Profile(format!("{name} (enforce)"), runtime)
        };
        [
            Self::SwitchedOff,
            Self::AppArmor,
            Self::NoneAllowed(Kind::USER),
            Self::TooMany,
            Self::TooManyProcesses(Some(1000)),
            Self::TooManyProcesses(None),
            Self::Filter(Runtime::Docker),
            Self::Filter(Runtime::Podman),
            Self::Filter(Runtime::Unknown),
            profile("docker-default", Runtime::Docker),
            profile("containers-default", Runtime::Podman),
            profile("unprivileged_userns", Runtime::Unknown),
            Self::MaskedProc,
            Self::Chroot,
            Self::Unmapped,
            Self::Landlock,
            Self::NoKind(Kind::USER),
            Self::NoKind(Kind::TIME),
            Self::Ramdisk,
            Self::OldKernel,
            Self::Wsl1,
            Self::Imitation,
        ]
    }

    /// The errors by which it refuses; none where it may be any.
    pub(super) fn errnos(&self) -> &'static [Errno] {
        match self {
            Self::SwitchedOff
            | Self::MaskedProc
            | Self::Chroot
            | Self::Unmapped => &[Errno::EPERM],
            Self::AppArmor | Self::Profile(..) | Self::Landlock => {
                &[Errno::EPERM, Errno::EACCES]
            }
            Self::Filter(_) => &[Errno::EPERM, Errno::ENOSYS],
            Self::NoneAllowed(_) | Self::TooMany => &[Errno::ENOSPC],
            Self::TooManyProcesses(_) => &[Errno::EAGAIN],
            Self::NoKind(_) | Self::Ramdisk => &[Errno::EINVAL],
            Self::OldKernel => &[Errno::ENOSYS, Errno::ENODEV],
            Self::Wsl1 | Self::Imitation | Self::Unknown => &[],
        }
    }

    /// In words, behind "cannot …: EPERM: ".
    pub(super) fn cause(&self) -> String {
        let text = match self {
            Self::SwitchedOff => {
                "user namespaces are switched off: \
                 `/proc/sys/kernel/unprivileged_userns_clone` is 0"
            }
            Self::NoneAllowed(kind) => {
                return format!("`/proc/sys/user/{}` is 0", kind.limit);
            }
            Self::TooMany => {
                "the limit on namespaces is reached (`/proc/sys/user/max_*`), \
                 or 32 of them are nested"
            }
            Self::TooManyProcesses(Some(most)) => {
                return format!(
                    "the user has as many processes as `RLIMIT_NPROC` allows, \
                     {most}"
                );
            }
            Self::TooManyProcesses(None) => {
                "there are as many processes as a cgroup (`pids.max`) or the \
                 machine (`/proc/sys/kernel/threads-max`) allows"
            }
            Self::AppArmor => {
                "AppArmor takes all capabilities away from a new user \
                 namespace: `/proc/sys/kernel/\
                 apparmor_restrict_unprivileged_userns` is 1"
            }
            Self::Profile(profile, _) => {
                return format!(
                    "a security module confines the caller: \
                     `/proc/self/attr/current` is `{profile}`"
                );
            }
            Self::Filter(runtime) => {
                return format!(
                    "{} seccomp filter is on (`/proc/self/status`)",
                    runtime.possessive()
                );
            }
            Self::MaskedProc => {
                "parts of `/proc` are covered, as in most containers \
                 (`/proc/self/mountinfo`); the kernel then allows no new one"
            }
            Self::Chroot => {
                "the caller runs in a chroot, and user namespaces cannot be \
                 made in one: user_namespaces(7)"
            }
            Self::Unmapped => {
                "the caller's ids are not mapped in its user namespace \
                 (`/proc/self/uid_map`, `/proc/self/gid_map`)"
            }
            Self::Landlock => {
                "the caller runs under Landlock, or a module like it: it may \
                 not even write `/proc/self/comm`"
            }
            Self::Ramdisk => {
                "`/` is the initial ramdisk, which pivot_root(2) cannot leave"
            }
            Self::NoKind(kind) => {
                return format!(
                    "this kernel was built without {} namespaces \
                     (`/proc/self/ns`)",
                    kind.name
                );
            }
            Self::Wsl1 => {
                "the first subsystem for Linux on Windows has no namespaces \
                 (`/proc/version`)"
            }
            Self::Imitation => {
                "this kernel is an imitation of Linux, gVisor perhaps: it \
                 has `/proc/self/ns`, but no `/proc/sys/user`"
            }
            Self::OldKernel => {
                "this kernel, or this machine's architecture, does not have it"
            }
            Self::Unknown => "no reason that this program knows",
        };
        text.into()
    }

    /// What to do.
    pub(super) fn remedy(&self) -> String {
        let text = match self {
            Self::SwitchedOff => {
                "`sudo sysctl -w kernel.unprivileged_userns_clone=1`"
            }
            Self::NoneAllowed(kind) => {
                return format!("`sudo sysctl -w user.{}=15000`", kind.limit);
            }
            Self::TooMany => "end what uses them, or raise the limits",
            Self::TooManyProcesses(Some(_)) => {
                "end some of them, or raise the limit with `ulimit -u`"
            }
            Self::TooManyProcesses(None) => {
                "end some of them, or raise that limit"
            }
            Self::AppArmor => {
                "`sudo sysctl -w \
                 kernel.apparmor_restrict_unprivileged_userns=0`, or an \
                 AppArmor profile with `userns,` for this program"
            }
            Self::Profile(_, Runtime::Docker) => {
                "`docker run --security-opt apparmor=unconfined`"
            }
            Self::Profile(_, Runtime::Podman) => {
                "`podman run --security-opt apparmor=unconfined \
                 --security-opt label=disable`"
            }
            Self::Profile(..) => {
                "run it unconfined, or allow namespaces and mounts in that \
                 profile"
            }
            Self::Filter(Runtime::Podman) => {
                "`podman run --security-opt seccomp=unconfined \
                 --security-opt unmask=ALL`"
            }
            Self::Filter(Runtime::Docker) => DOCKER,
            Self::Filter(Runtime::Unknown) => {
                return format!(
                    "run outside of what filters; in a container: {DOCKER}"
                );
            }
            Self::MaskedProc => {
                "`docker run --security-opt systempaths=unconfined`, `podman \
                 run --security-opt unmask=ALL`"
            }
            Self::Chroot => {
                "leave the chroot; what enters with pivot_root, like \
                 systemd-nspawn, is none"
            }
            Self::Unmapped => "run as a user that the namespace maps",
            Self::Landlock => "run outside of the sandbox that sets it up",
            Self::Ramdisk => "boot a system that has left it: switch_root(8)",
            Self::NoKind(kind) if kind.essential => {
                "another kernel, with all kinds of namespaces"
            }
            Self::NoKind(_) => "none needed: worlds go without",
            Self::Wsl1 => "use WSL 2: `wsl --set-version NAME 2`",
            Self::Imitation => "run on Linux itself",
            Self::OldKernel => "Linux 5.11 or later on x86_64 or aarch64",
            Self::Unknown => "run `doctor`, and report what it prints",
        };
        text.into()
    }
}

/// What lets a container of Docker make worlds.
const DOCKER: &str = "`docker run --security-opt seccomp=unconfined \
     --security-opt systempaths=unconfined \
     --security-opt apparmor=unconfined`";

impl Runtime {
    fn possessive(self) -> &'static str {
        match self {
            Self::Docker => "Docker's",
            Self::Podman => "Podman's",
            Self::Unknown => "a",
        }
    }
}

#[cfg(test)]
mod tests;
