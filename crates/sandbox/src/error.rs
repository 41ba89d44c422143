//! What the kernel refused, at which step, why, and what to do about it.
//!
//! A cause is never guessed: `Restriction::recognise` derives it from the
//! step, the errno, and what the machine's own files say.

mod machine;
mod restriction;

use nix::errno::Errno;

use crate::namespace::Kind;
use machine::Machine;
use restriction::Restriction;

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

/// A restriction by which machines are known to forbid worlds, in the words of
/// the [`Refusal`] that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The errors it refuses with, by name; none where it may be any.
    pub errnos: Vec<String>,
    /// Why.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

/// Every restriction that is recognised, and then what the caller lacks.
/// Names of programs and numbers in the texts are those of one case.
pub fn known() -> impl Iterator<Item = Known> {
    let restrictions = Restriction::all().into_iter().map(|one| Known {
        errnos: one.errnos().iter().map(|no| format!("{no:?}")).collect(),
        cause: one.cause(),
        remedy: one.remedy(),
    });
    let lacks = [no_second_id(), only_the_machines_root(), no_shell()];
    let lacks =
        lacks.into_iter().map(|Refusal { errno, cause, remedy, .. }| {
            let name = errno.split(':').next().unwrap_or_default().to_owned();
            Known { errnos: vec![name], cause, remedy }
        });
    restrictions.chain(lacks)
}

/// What was being done when the kernel refused, as far as causes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Make the first user and PID namespaces, from the caller's.
    Begin,
    /// Make a namespace of this kind in those.
    Make(Kind),
    /// Write a map of ids.
    MapIds,
    /// Mount a filesystem that shows what the kernel knows: proc, sysfs.
    MountView,
    /// Mount anything else.
    Mount,
    /// Give a mounted tree the place of `/`.
    ChangeRoot,
    /// Anything else, for which no restriction is known.
    Other,
}

/// A step of a world was refused.
pub(crate) fn refusal(act: Act, step: &str, errno: Errno) -> Refusal {
    let restriction = Restriction::recognise(act, errno, &Machine::look());
    Refusal {
        step: step.into(),
        errno: name(errno),
        cause: restriction.cause(),
        remedy: restriction.remedy(),
    }
}

/// Something that no machine is known to restrict was refused.
pub(crate) fn failed(step: &str) -> impl Fn(Errno) -> Refusal {
    move |errno| refusal(Act::Other, step, errno)
}

/// The very first namespaces were refused.
pub(crate) fn refused_namespaces(errno: Errno) -> Refusal {
    refusal(Act::Begin, "make user and PID namespaces", errno)
}

/// The maps of ids were refused to the caller.
pub(crate) fn refused_maps(error: &std::io::Error) -> Refusal {
    let step = "map the ids of the world";
    match error.raw_os_error() {
        Some(number) => refusal(Act::MapIds, step, Errno::from_raw(number)),
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
        errno: name(Errno::ENOENT),
        cause: "there is no `/bin/bash` on this machine".into(),
        remedy: "install bash".into(),
    }
}

/// A world was ended for the machine's sake.
pub(crate) fn short_of_memory() -> Refusal {
    Refusal {
        step: "go on".into(),
        errno: name(Errno::ENOMEM),
        cause: "the machine ran short of memory, so its worlds were ended"
            .into(),
        remedy: "have the command use less, or end what else uses memory"
            .into(),
    }
}

/// There is a world, and a shell that does not do what it is told.
pub(crate) fn no_command(came: &impl std::fmt::Debug) -> Refusal {
    Refusal {
        step: "run a command in it".into(),
        errno: "no status 0".into(),
        cause: format!("the shell's answer to `true` was {came:?}"),
        remedy: "run `bash` and `true` by hand, and report what is printed"
            .into(),
    }
}

/// A terminal of the ordinary user needs an id that is not there.
pub(crate) fn no_second_id() -> Refusal {
    Refusal {
        step: "give the user `reader` a second id".into(),
        errno: name(Errno::EPERM),
        cause: "an ordinary user may map only the own id into a user \
                namespace: user_namespaces(7)"
            .into(),
        remedy: crate::ids::ONE_ID_REMEDY.into(),
    }
}

/// The caller is the machine's root and has no ids to give away.
pub(crate) fn only_the_machines_root() -> Refusal {
    Refusal {
        step: "choose the ids of the world".into(),
        errno: name(Errno::EPERM),
        cause: "the caller is the machine's root inside a user namespace \
                that has no other ids; a world that maps them could write \
                the machine's `/proc/sys`"
            .into(),
        remedy: "run as an ordinary user, or as root outside of the user \
                 namespace"
            .into(),
    }
}

/// By name and text: `EPERM: Operation not permitted`.
pub(crate) fn name(errno: Errno) -> String {
    format!("{errno:?}: {}", errno.desc())
}
