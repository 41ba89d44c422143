//! The programs that chapters type, and the one that reads their spelling.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::run;

/// A program, and the Debian package that has it.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    /// Any of these will do.
    pub(crate) names: &'static [&'static str],
    pub(crate) package: &'static str,
}

const NEEDED: [Program; 10] = [
    Program { names: &["bash"], package: "bash" },
    Program { names: &["hostname"], package: "hostname" },
    Program { names: &["hunspell"], package: "hunspell" },
    Program { names: &[DICTIONARY], package: "hunspell-en-us" },
    Program { names: &["ip"], package: "iproute2" },
    Program { names: &["lsns"], package: "util-linux" },
    Program { names: &["nsenter"], package: "util-linux" },
    Program { names: &["ps"], package: "procps" },
    Program { names: &["setpriv"], package: "util-linux" },
    Program { names: &["unshare"], package: "util-linux" },
];

/// The words of American English, at its path.
const DICTIONARY: &str = "/usr/share/hunspell/en_US.dic";

/// A package manager.
struct Manager {
    program: &'static str,
    install: &'static [&'static str],
    /// Debian's names of packages that have another one here.
    renamed: &'static [(&'static str, &'static str)],
}

const MANAGERS: [Manager; 5] = [
    Manager {
        program: "apt-get",
        install: &["install", "--yes", "--no-install-recommends"],
        renamed: &[],
    },
    Manager {
        program: "dnf",
        install: &["install", "-y"],
        renamed: &[
            ("procps", "procps-ng"),
            ("iproute2", "iproute"),
            ("hunspell-en-us", "hunspell-en-US"),
        ],
    },
    Manager {
        program: "zypper",
        install: &["--non-interactive", "install"],
        renamed: &[("hunspell-en-us", "myspell-en_US")],
    },
    Manager {
        program: "pacman",
        install: &["-S", "--noconfirm", "--needed"],
        renamed: &[
            ("procps", "procps-ng"),
            ("hostname", "inetutils"),
            ("hunspell-en-us", "hunspell-en_us"),
        ],
    },
    Manager {
        program: "apk",
        install: &["add"],
        renamed: &[
            ("hostname", "coreutils"),
            ("hunspell-en-us", "hunspell-en"),
        ],
    },
];

pub(crate) fn check() -> Result<()> {
    provide(&NEEDED)
}

/// Installs what is missing where that is allowed, and says what to install
/// where it is not.
pub(crate) fn provide(needed: &[Program]) -> Result<()> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(manager) =
        MANAGERS.into_iter().find(|manager| find(manager.program).is_some())
    else {
        bail!("install the programs {}", listed(&missing));
    };
    let mut packages: Vec<&str> = missing
        .iter()
        .map(|Program { package, .. }| {
            let other =
                manager.renamed.iter().find(|(debian, _)| debian == package);
            other.map_or(*package, |(_, name)| *name)
        })
        .collect();
    packages.dedup();
    if !nix::unistd::geteuid().is_root() {
        let words = manager.install.join(" ");
        let packages = packages.join(" ");
        bail!(
            "missing: {}; run `sudo {} {words} {packages}`",
            listed(&missing),
            manager.program
        );
    }
    if manager.program == "apt-get" {
        run(Command::new(manager.program).args(["update", "--quiet"]))?;
    }
    let mut command = Command::new(manager.program);
    run(command.args(manager.install).args(&packages))?;
    let missing = self::missing(needed);
    if !missing.is_empty() {
        bail!("still missing after installing: {}", listed(&missing));
    }
    Ok(())
}

fn missing(needed: &[Program]) -> Vec<Program> {
    let is_missing = |program: &&Program| {
        program.names.iter().all(|name| find(name).is_none())
    };
    needed.iter().filter(is_missing).copied().collect()
}

/// Where a program is, if it is there.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ]
    .iter()
    // A path that begins at the root replaces the folder.
    .map(|folder| Path::new(folder).join(program))
    .find(|path| path.exists())
}

fn listed(missing: &[Program]) -> String {
    let names: Vec<&str> =
        missing.iter().map(|program| program.names[0]).collect();
    names.join(", ")
}
