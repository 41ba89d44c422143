//! The one table of hostile guests.

mod files;
mod limits;
mod processes;
mod reach;
mod root;
mod secrets;

use std::sync::LazyLock;

use sandbox::world::Limits;

use crate::victim::Victim;

/// A program, what it is after, and what comes of it.
#[derive(Clone, Copy)]
pub(crate) struct Guest {
    pub(crate) name: &'static str,
    pub(crate) threat: Threat,
    /// Commands, one a line.
    pub(crate) script: &'static str,
    /// Whether what it printed, all commands together, is what it should.
    pub(crate) says: fn(&str, &Victim) -> bool,
    pub(crate) ends: Ends,
    /// Why it cannot be tried here, if so.
    pub(crate) needs: fn() -> Option<String>,
    pub(crate) limits: fn(&mut Limits),
}

/// What a guest has that needs nothing and ends at its prompt.
pub(crate) const TYPICAL: Guest = Guest {
    name: "",
    threat: Threat::Files,
    script: "",
    says: |_, _| true,
    ends: Ends::Prompt,
    needs: || None,
    limits: |_| {},
};

/// How a guest's last command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The shell prompts again.
    Prompt,
    /// Its time is up.
    Deadline,
    /// It printed too much.
    Output,
    /// The world has ended, or the shell has.
    Gone,
    /// Any of these.
    Anyhow,
}

/// What a guest threatens: the rows of the table in SECURITY.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threat {
    Files,
    Root,
    Processes,
    Network,
    Secrets,
    Terminal,
    Stay,
    UseUp,
    Core,
}

impl Threat {
    pub(crate) const ALL: [Self; 9] = [
        Self::Files,
        Self::Root,
        Self::Processes,
        Self::Network,
        Self::Secrets,
        Self::Terminal,
        Self::Stay,
        Self::UseUp,
        Self::Core,
    ];

    /// As the table names it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Files => "change the machine's files",
            Self::Root => "use the machine's root",
            Self::Processes => "find the machine's processes, or signal them",
            Self::Network => "reach the network",
            Self::Secrets => {
                "read the caller's environment, descriptors, memory, keyring"
            }
            Self::Terminal => "write into the caller's terminal",
            Self::Stay => "stay",
            Self::UseUp => "use up the machine",
            Self::Core => "leave a core dump with the machine's crash handler",
        }
    }
}

/// All of them.
pub(crate) static ALL: LazyLock<Vec<Guest>> = LazyLock::new(|| {
    [
        files::GUESTS,
        root::GUESTS,
        processes::GUESTS,
        reach::GUESTS,
        secrets::GUESTS,
        limits::GUESTS,
    ]
    .concat()
});

/// A program of the machine that a guest uses.
fn lacks(program: &str) -> Option<String> {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];
    let is_there = |folder: &&str| {
        std::fs::exists(format!("{folder}/{program}")).unwrap_or(false)
    };
    let missing = !folders.iter().any(is_there);
    missing.then(|| format!("there is no `{program}`"))
}

/// No line of what it said is without one of these.
fn each_line(said: &str, words: &[&str]) -> bool {
    !said.is_empty()
        && said.lines().all(|line| words.iter().any(|word| line.contains(word)))
}
