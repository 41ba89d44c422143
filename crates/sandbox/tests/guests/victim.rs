//! What there is to harm on this machine: secrets to read, doors to knock
//! at, a caller's terminal. Made anew for each run, and by nobody else used.
#![allow(unsafe_code, reason = "keys and shared memory have no safe wrapper")]

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::process::{Child, Command};

use sandbox::session::Session;
use sandbox::world::{User, World};
use tempfile::TempDir;

use crate::machine::Places;

/// The victim.
pub(crate) struct Victim {
    pub(crate) places: Places,
    folder: TempDir,
    secret: String,
    /// Inherited by every child that is not stopped from it.
    _open: OwnedFd,
    tcp: TcpListener,
    path: UnixListener,
    hidden: UnixListener,
    terminal: nix::pty::OpenptyResult,
    /// A process of the caller's.
    process: Child,
    /// Shared memory of the machine, removed with the victim.
    segment: i32,
}

impl Victim {
    /// An error where no world can be made.
    pub(crate) fn new() -> Result<Self, String> {
        let world = World::default();
        Session::start(&world, &[User::Root]).map_err(|r| r.to_string())?;
        let folder = tempfile::tempdir().expect("a folder can be made");
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(folder.path(), open).expect("it is ours");
        let secret = draw();
        let at = |name: &str| folder.path().join(name);
        for name in ["tools", "tree"] {
            fs::create_dir(at(name)).expect("a folder can be made");
        }
        let guest = crate::example("guest");
        fs::copy(guest, at("tools/guest")).expect("it is built");
        fs::write(at("tree/note"), &secret).expect("it can be written");
        let anybody = fs::Permissions::from_mode(0o666);
        fs::set_permissions(at("tree/note"), anybody).expect("it is ours");

        let opened = File::open(at("tree/note")).expect("it is there");
        // SAFETY: takes a number, and gives a new descriptor, which is not
        // closed when a child executes something.
        let inherited = unsafe {
            use std::os::fd::FromRawFd as _;
            OwnedFd::from_raw_fd(libc::dup(opened.as_raw_fd()))
        };
        // SAFETY: no other thread reads the environment meanwhile: guests
        // take turns.
        unsafe { std::env::set_var("GUEST_SECRET", &secret) };
        plant_key(&secret);
        let hidden = SocketAddr::from_abstract_name(door()).expect("short");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let path = UnixListener::bind(at("socket")).expect("it is new");
        let hidden = UnixListener::bind_addr(&hidden).expect("it is new");
        tcp.set_nonblocking(true).expect("it can");
        path.set_nonblocking(true).expect("it can");
        hidden.set_nonblocking(true).expect("it can");
        fs::set_permissions(at("socket"), fs::Permissions::from_mode(0o777))
            .expect("it is ours");
        Ok(Self {
            places: Places::of_machine(&at("tree")),
            secret,
            _open: inherited,
            tcp,
            path,
            hidden,
            terminal: nix::pty::openpty(None, None).expect("one is free"),
            process: Command::new("sleep")
                .arg("100000")
                .spawn()
                .expect("sleep can be run"),
            segment: share_memory(),
            folder,
        })
    }

    /// The folder of programs for worlds.
    pub(crate) fn tools(&self) -> PathBuf {
        self.folder.path().join("tools")
    }

    /// What guests are told: they may know where everything is.
    pub(crate) fn hints(&self) -> Vec<(String, String)> {
        let port = self.tcp.local_addr().expect("it is bound").port();
        [
            ("PORT", port.to_string()),
            ("HIDDEN", door()),
            ("FOLDER", self.folder.path().to_string_lossy().into_owned()),
            ("CALLER", std::process::id().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What no guest may print.
    pub(crate) fn secrets(&self) -> Vec<String> {
        vec![self.secret.clone(), "GUEST_SECRET".into()]
    }

    /// Who has come to the doors, and what has been typed.
    pub(crate) fn harm(&mut self) -> Vec<String> {
        let mut harm = Vec::new();
        if self.process.try_wait().is_ok_and(|end| end.is_some()) {
            harm.push("somebody killed the caller's process".into());
        }
        let came = |result: std::io::Result<()>| match result {
            Ok(()) => true,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        };
        if came(self.tcp.accept().map(drop)) {
            harm.push("somebody came to the port".into());
        }
        if came(self.path.accept().map(drop)) {
            harm.push("somebody came to the socket in a folder".into());
        }
        if came(self.hidden.accept().map(drop)) {
            harm.push("somebody came to the abstract socket".into());
        }
        for side in [&self.terminal.master, &self.terminal.slave] {
            let mut waiting: libc::c_int = 0;
            // SAFETY: the kernel writes one number.
            let result = unsafe {
                libc::ioctl(side.as_raw_fd(), libc::FIONREAD, &raw mut waiting)
            };
            if result != 0 || waiting != 0 {
                harm.push("somebody typed at the caller's terminal".into());
            }
        }
        harm
    }

    /// Ends the caller's process, as a guest should not be able to.
    pub(crate) fn kill_process(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it was started");
    }

    /// Types a line at the caller's terminal, as a guest should not be able
    /// to, and waits until it has come through.
    pub(crate) fn type_line(&self) {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        nix::unistd::write(&self.terminal.master, b"x\n").expect("it is open");
        let slave = std::os::fd::AsFd::as_fd(&self.terminal.slave);
        let mut polled = [PollFd::new(slave, PollFlags::POLLIN)];
        poll(&mut polled, PollTimeout::NONE).expect("it is open");
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // SAFETY: takes numbers.
        unsafe {
            libc::shmctl(self.segment, libc::IPC_RMID, std::ptr::null_mut())
        };
    }
}

/// A number that nobody guesses.
fn draw() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:016x}", RandomState::new().hash_one(0))
}

/// The name of the abstract socket.
fn door() -> String {
    format!("door-{}", std::process::id())
}

/// A key in a session keyring of our own: keyctl(2).
fn plant_key(secret: &str) {
    const KEYCTL_JOIN_SESSION_KEYRING: i32 = 1;
    const KEY_SPEC_SESSION_KEYRING: i32 = -3;
    // SAFETY: takes numbers, and texts that end with a NUL or have a length.
    unsafe {
        libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);
        libc::syscall(
            libc::SYS_add_key,
            c"user".as_ptr(),
            c"victim".as_ptr(),
            secret.as_ptr(),
            secret.len(),
            KEY_SPEC_SESSION_KEYRING,
        );
    }
}

/// System V shared memory that everybody may use: shmget(2).
fn share_memory() -> i32 {
    // SAFETY: takes numbers.
    unsafe { libc::shmget(0x5e_c2e7, 4096, libc::IPC_CREAT | 0o666) }
}
