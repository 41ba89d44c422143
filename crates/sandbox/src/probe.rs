//! What this machine allows, kind by kind: behind `doctor`.

use crate::birth;
use crate::error::{self, Refusal};
use crate::ids::Ids;
use crate::namespace::Kind;
use crate::session::Session;
use crate::world::{User, World};

/// One thing tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried: a kind of namespace by name (`user`, `pid`, …),
    /// `a second id`, or `a world`.
    pub subject: String,
    /// Nothing can be run without it.
    pub essential: bool,
    /// What there is, in words, or the kernel's answer.
    pub result: Result<String, Refusal>,
}

/// Tries each of the eight kinds, a second id, and a whole world with a
/// shell.
pub fn probe() -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        Kind::ALL.into_iter().map(probe_kind).collect();
    findings.push(probe_second_id());
    findings.push(probe_world());
    findings
}

/// One kind, in a user namespace of its own, by a process that then ends.
fn probe_kind(kind: Kind) -> Finding {
    let result = match birth::try_kind(kind) {
        Ok(()) => Ok(format!("{} (since Linux {})", kind.isolates, kind.since)),
        Err(errno) => {
            let step = format!("make a {} namespace", kind.name);
            Err(error::refusal(&step, errno))
        }
    };
    Finding { subject: kind.name.into(), essential: kind.essential, result }
}

fn probe_second_id() -> Finding {
    let result = match Ids::of_caller() {
        Ok(ids) if ids.count() > 1 => Ok(format!("{} ids", ids.count())),
        Ok(_) => Err(error::no_second_id()),
        Err(refusal) => Err(refusal),
    };
    Finding { subject: "a second id".into(), essential: false, result }
}

fn probe_world() -> Finding {
    let result = Session::start(&World::default(), &[User::Root])
        .map(|_| "made, and ended".to_owned());
    Finding { subject: "a world".into(), essential: true, result }
}
