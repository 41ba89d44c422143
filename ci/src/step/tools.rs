//! The programs that chapters type.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::run;

/// A program, and the Debian package that has it.
const NEEDED: [(&str, &str); 8] = [
    ("bash", "bash"),
    ("hostname", "hostname"),
    ("ip", "iproute2"),
    ("lsns", "util-linux"),
    ("nsenter", "util-linux"),
    ("ps", "procps"),
    ("setpriv", "util-linux"),
    ("unshare", "util-linux"),
];

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
        renamed: &[("procps", "procps-ng"), ("iproute2", "iproute")],
    },
    Manager {
        program: "zypper",
        install: &["--non-interactive", "install"],
        renamed: &[],
    },
    Manager {
        program: "pacman",
        install: &["-S", "--noconfirm", "--needed"],
        renamed: &[("procps", "procps-ng"), ("hostname", "inetutils")],
    },
    Manager {
        program: "apk",
        install: &["add"],
        renamed: &[("hostname", "coreutils")],
    },
];

/// Installs what is missing where that is allowed, and says what to install
/// where it is not.
pub(crate) fn check() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(manager) =
        MANAGERS.into_iter().find(|manager| is_there(manager.program))
    else {
        bail!("install the programs {}", listed(&missing));
    };
    let mut packages: Vec<&str> = missing
        .iter()
        .map(|(_, package)| {
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
    let missing = self::missing();
    if !missing.is_empty() {
        bail!("still missing after installing: {}", listed(&missing));
    }
    Ok(())
}

fn missing() -> Vec<(&'static str, &'static str)> {
    NEEDED.into_iter().filter(|(program, _)| !is_there(program)).collect()
}

fn is_there(program: &str) -> bool {
    [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ]
    .iter()
    .any(|folder| Path::new(folder).join(program).exists())
}

fn listed(missing: &[(&str, &str)]) -> String {
    let names: Vec<&str> =
        missing.iter().map(|(program, _)| *program).collect();
    names.join(", ")
}
