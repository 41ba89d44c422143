//! Terminals: pairs of a master, which the library keeps, and a slave, which
//! a program in the world takes for its terminal. pty(7)
#![allow(unsafe_code, reason = "terminals by number, before they have owners")]

use std::os::fd::{AsFd as _, AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::Pid;

use crate::birth::MOST_TERMINALS;
use crate::inside;
use crate::raw;
use crate::world::Window;

/// How a terminal treats what passes through it, before anybody uses it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) window: Window,
    /// Line ends become `\r\n` on the way out.
    pub(crate) returns: bool,
    /// What is typed is shown, and its `\r` becomes a line end.
    pub(crate) echoes: bool,
}

/// Opens one terminal for each owner in the world's own devpts, sends our
/// sides of them over `socket`, and leaves the others in `slaves`. Runs in
/// the world's PID 1 before there is anybody else; does not allocate.
pub(crate) fn open_all(
    owners: &[u32],
    manners: Manners,
    socket: RawFd,
    message: &[u8],
    slaves: &mut [RawFd],
) -> nix::Result<()> {
    let mut masters = [-1; MOST_TERMINALS];
    for ((owner, master), slave) in
        owners.iter().zip(&mut masters).zip(slaves.iter_mut())
    {
        (*master, *slave) = open(*owner, manners)?;
    }
    let masters = masters.get(..owners.len()).ok_or(Errno::EINVAL)?;
    if masters.is_empty() {
        return Ok(());
    }
    raw::send_descriptors(socket, message, masters)
}

/// One pair, by number, for whoever is about to execute; nobody closes it.
fn open(owner: u32, manners: Manners) -> nix::Result<(RawFd, RawFd)> {
    let master = fcntl::open(c"/dev/pts/ptmx", FLAGS, Mode::empty())?;
    let slave = other_side(&master, owner, manners)?;
    Ok((master.into_raw_fd(), slave))
}

/// One terminal of a world that the process `init` is in, from outside. It
/// belongs to `owner`, as the caller numbers users. Returns our side and the
/// world's.
pub(crate) fn open_in(
    init: Pid,
    owner: u32,
    manners: Manners,
) -> nix::Result<(OwnedFd, OwnedFd)> {
    let found = inside::find(init, "/dev/pts/ptmx")?;
    let master = inside::open(found.as_fd(), inside::TERMINALS, FLAGS)?;
    let slave = other_side(&master, owner, manners)?;
    // SAFETY: it is new, and nobody else has it.
    unsafe { Ok((master, OwnedFd::from_raw_fd(slave))) }
}

const FLAGS: OFlag =
    OFlag::O_RDWR.union(OFlag::O_NOCTTY).union(OFlag::O_CLOEXEC);

/// The world's side of a new terminal: ioctl_tty(2).
fn other_side(
    master: &OwnedFd,
    owner: u32,
    manners: Manners,
) -> nix::Result<RawFd> {
    let unlocked: libc::c_int = 0;
    // SAFETY: the kernel reads one number and one window size; the last call
    // takes a number and gives a new descriptor.
    let slave = unsafe {
        let number = master.as_raw_fd();
        let address = &raw const unlocked;
        Errno::result(libc::ioctl(number, libc::TIOCSPTLCK, address))?;
        resize_raw(number, manners.window)?;
        teach(number, manners)?;
        let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
        Errno::result(libc::ioctl(number, libc::TIOCGPTPEER, flags))?
    };
    if owner != 0 {
        // SAFETY: takes numbers.
        Errno::result(unsafe { libc::fchown(slave, owner, u32::MAX) })?;
    }
    Ok(slave)
}

/// termios(3)
unsafe fn teach(terminal: RawFd, manners: Manners) -> nix::Result<()> {
    // SAFETY: plain numbers, for which zero is a value; the calls fill them
    // in and read them.
    unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        Errno::result(libc::tcgetattr(terminal, &raw mut settings))?;
        if !manners.returns {
            settings.c_oflag &= !libc::OPOST;
        }
        if !manners.echoes {
            settings.c_lflag &= !libc::ECHO;
            settings.c_iflag &= !libc::ICRNL;
        }
        let now = libc::TCSANOW;
        Errno::result(libc::tcsetattr(terminal, now, &raw const settings))
            .map(drop)
    }
}

unsafe fn resize_raw(terminal: RawFd, window: Window) -> nix::Result<()> {
    let size = libc::winsize {
        ws_row: window.rows,
        ws_col: window.columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the kernel reads one window size.
    let result =
        unsafe { libc::ioctl(terminal, libc::TIOCSWINSZ, &raw const size) };
    Errno::result(result).map(drop)
}

/// Gives a terminal another size; its foreground process group gets
/// SIGWINCH.
pub(crate) fn resize(terminal: &OwnedFd, window: Window) -> nix::Result<()> {
    // SAFETY: the descriptor is open.
    unsafe { resize_raw(terminal.as_raw_fd(), window) }
}

/// The leader of the session that a terminal belongs to, its first shell, as
/// a pidfd. The terminal itself does not tell when that has ended: a
/// background job may hold it open.
pub(crate) fn leader(terminal: &OwnedFd) -> Option<OwnedFd> {
    let mut session: libc::pid_t = 0;
    // SAFETY: the kernel writes one PID, as the caller numbers processes.
    let result = unsafe {
        let address = &raw mut session;
        libc::ioctl(terminal.as_raw_fd(), libc::TIOCGSID, address)
    };
    if result != 0 || session <= 0 {
        return None;
    }
    raw::open_process(session).ok()
}

/// The foreground process group of a terminal, as the caller numbers it:
/// tcgetpgrp(3) works on a master, too.
pub(crate) fn foreground(terminal: &OwnedFd) -> Option<Pid> {
    let group = nix::unistd::tcgetpgrp(terminal).ok()?;
    (group.as_raw() > 0).then_some(group)
}

/// The size of a terminal.
pub(crate) fn size(terminal: std::os::fd::BorrowedFd<'_>) -> Option<Window> {
    let mut size =
        libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel writes one window size.
    let result = unsafe {
        libc::ioctl(terminal.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size)
    };
    (result == 0).then_some(Window { rows: size.ws_row, columns: size.ws_col })
}
