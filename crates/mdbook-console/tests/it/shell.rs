//! The command `shell`, at terminals of our own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;

use crate::live::can_run;

/// A terminal window with a command in it.
struct Window {
    child: Child,
    terminal: File,
    /// Read, and not yet asked for.
    read: String,
}

impl Window {
    /// Opens one that runs `mdbook-console shell`.
    fn shell(arguments: &[&str]) -> Self {
        let (master, slave) = pair().expect("there are terminals left");
        let end =
            || Stdio::from(slave.try_clone().expect("it can be duplicated"));
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_mdbook-console")])
            .arg("shell")
            .args(arguments)
            // Not in the folder of a book: there are no demos to build.
            .current_dir("/")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("setsid is there");
        drop(slave);
        Self { child, terminal: master, read: String::new() }
    }

    /// Everything up to `text`.
    fn read_to(&mut self, text: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            if let Some(at) = self.read.find(text) {
                let rest = self.read.split_off(at + text.len());
                return std::mem::replace(&mut self.read, rest);
            }
            let count = if self.says_more() {
                self.terminal.read(&mut buffer).unwrap_or(0)
            } else {
                0
            };
            assert!(count > 0, "no `{text}` in: {}", self.read);
            let more = String::from_utf8_lossy(&buffer[..count]);
            self.read.push_str(&more);
        }
    }

    /// A test that waits for what never comes fails, and does not hang.
    fn says_more(&self) -> bool {
        let mut polled =
            [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        let patience = PollTimeout::from(30_000_u16);
        poll(&mut polled, patience).is_ok_and(|ready| ready > 0)
    }

    /// What a command prints, up to the next prompt.
    fn run(&mut self, command: &str) -> String {
        // The end is put together by the shell, so that the echo of the
        // command does not hold it.
        writeln!(self.terminal, "{command}\necho en''d").expect("it is open");
        let said = self.read_to("end\r\n");
        self.read_to("# ");
        said
    }

    /// Leaves the shell.
    fn leave(mut self, command: &str) -> ExitStatus {
        writeln!(self.terminal, "{command}").expect("it is open");
        // Until it hangs up: somebody has to read what is still said.
        let mut rest = Vec::new();
        let _ = self.terminal.read_to_end(&mut rest);
        self.child.wait().expect("it was started")
    }

    /// Closes the window under the shell.
    fn close(mut self) {
        drop(self.terminal);
        self.child.wait().expect("it was started");
    }
}

/// Both ends of a terminal, which no child of another test inherits.
fn pair() -> nix::Result<(File, File)> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let path = ptsname_r(&master)?;
    let slave = open(path.as_str(), flags, Mode::empty())?;
    Ok((OwnedFd::from(master).into(), slave.into()))
}

fn shell(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_mdbook-console"))
        .arg("shell")
        .args(arguments)
        .current_dir("/")
        .output()
        .expect("it is built");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Opens a world and returns its id, too: other tests and other people may
/// have worlds open.
fn open_world() -> (Window, String) {
    let mut window = Window::shell(&[]);
    let told = window.read_to("# ");
    let id = told.split_once("world ").and_then(|(_, rest)| {
        rest.split_once(':').map(|(id, _)| id.to_owned())
    });
    (window, id.expect("the id of the world"))
}

#[test]
fn shells_of_one_world_see_each_other_and_the_last_one_ends_it() {
    if !can_run() {
        return;
    }
    let (mut first, id) = open_world();
    let mut second = Window::shell(&["--join", &id]);
    second.read_to("# ");
    assert!(shell(&["--list"]).1.contains(&id));

    first.run("sleep 1000 & hostname shared");
    let seen = second.run("hostname; ps -e -o args");
    assert!(seen.contains("shared") && seen.contains("sleep 1000"), "{seen}");
    let kinds = second.run(
        "for kind in /proc/1/ns/*; do \
         cmp <(readlink $kind) <(readlink /proc/self/ns/${kind##*/}); done",
    );
    assert!(!kinds.contains("differ:"), "{kinds}");
    assert!(first.run("ps -e -o args").matches("bash").count() >= 2);
    first.run("tty; test -t 0 && sleep 1000 & kill %%");

    assert!(first.leave("exit").success());
    assert!(second.run("ps -e -o args").contains("sleep 1000"));
    assert_eq!(second.leave("exit 5").code(), Some(5));
    let (joined, said) = shell(&["--join", &id]);
    assert!(!joined);
    assert!(said.contains(&format!("no open world {id}")), "{said}");
    assert!(said.contains("shell --list"), "{said}");
}

#[test]
fn closing_a_window_leaves_nothing() {
    if !can_run() {
        return;
    }
    let (mut window, id) = open_world();
    window.run("trap '' HUP; sleep 1000 &");
    let guard = format!("/proc/{id}/task/{id}/children");
    let init = std::fs::read_to_string(guard).expect("the guard's child");
    window.close();
    // The window's program has waited for the end of the world.
    let init = format!("/proc/{}/cmdline", init.trim());
    assert_eq!(std::fs::read(init).unwrap_or_default(), b"");
    assert!(!shell(&["--list"]).1.contains(&id));
}
