//! Running something as an ordinary user.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::cgroup::Cgroup;

/// A user id that nobody has. (65534 would also be what an unmapped id looks
/// like.)
const NUMBER: u32 = 1234;

/// A folder of an ordinary user's own, and its home; where that is possible,
/// also a cgroup. Gone when dropped.
pub(crate) struct User {
    home: TempDir,
    cgroup: Option<Cgroup>,
}

impl User {
    pub(crate) fn new() -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("reader-")
            .tempdir()
            .context("cannot make a folder for an ordinary user")?;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(home.path(), mode)?;
        let mut cgroup = None;
        if nix::unistd::geteuid().is_root() {
            let id = Some(NUMBER);
            std::os::unix::fs::chown(home.path(), id, id)?;
            cgroup = Cgroup::of(NUMBER);
        }
        Ok(Self { home, cgroup })
    }

    /// One that has the preprocessor, the demos, and an empty book with these
    /// keys.
    pub(crate) fn with_demos(console: &Path, keys: &str) -> Result<Self> {
        let user = Self::new()?;
        user.give(console, "mdbook-console")?;
        user.give(&crate::run::programs()?, "programs")?;
        let book = format!(
            "[book]\n[preprocessor.console]\nafter = [\"links\"]\n\
             demos = {{ folder = \"programs\" }}\n{keys}"
        );
        std::fs::write(user.home().join("book.toml"), book)?;
        Ok(user)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// `program` as that user, who has nothing in the environment but a home
    /// and a path. A caller who is an ordinary user stays who it is.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = if nix::unistd::geteuid().is_root() {
            // The shell goes to the cgroup, if there is one, and becomes what
            // it starts.
            let mut shell = Command::new("/bin/sh");
            let number = NUMBER.to_string();
            let cgroup = self.cgroup.as_ref().map(Cgroup::processes);
            shell
                .args(["-c", "[ -z \"$0\" ] || echo $$ > \"$0\"; exec \"$@\""])
                .arg(cgroup.unwrap_or_default())
                .args(["setpriv", "--reuid", &number, "--regid", &number])
                .args(["--clear-groups", "--"])
                .arg(program);
            shell
        } else {
            Command::new(program)
        };
        command
            .current_dir(self.home())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        command
    }

    /// Copies a file or a folder into the home, owned by the user.
    pub(crate) fn give(&self, from: &Path, name: &str) -> Result<()> {
        let to = self.home().join(name);
        std::fs::create_dir_all(to.parent().context("a name is in the home")?)?;
        crate::run::run(Command::new("cp").args(["-R"]).arg(from).arg(&to))?;
        crate::run::run(Command::new("chmod").args(["-R", "a+rX"]).arg(&to))?;
        if nix::unistd::geteuid().is_root() {
            let owner = format!("{NUMBER}:{NUMBER}");
            let mut chown = Command::new("chown");
            crate::run::run(chown.args(["-R", &owner]).arg(&to))?;
        }
        Ok(())
    }
}
