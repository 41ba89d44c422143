//! The terminal of whoever calls, connected to one of a world.
//!
//! A program in a world gets a terminal of the world, never the caller's: what
//! can hold a terminal can type into it (`TIOCSTI`). Bytes are passed between
//! the two, and the window's size.

use std::io::IsTerminal as _;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{self, SetArg};

use crate::pty::{self, Manners};
use crate::world::{Window, World};

/// The manners of a terminal for the caller. Where the caller has none, it
/// behaves like a pipe.
pub(crate) fn manners(world: &World) -> Manners {
    Manners {
        window: window().unwrap_or(world.window),
        returns: std::io::stdout().is_terminal(),
        echoes: std::io::stdin().is_terminal(),
    }
}

/// Passes bytes, every key included, until the world's side hangs up. If a
/// signal asks this program to stop before that, or nobody reads any more,
/// returns the exit status to stop with.
pub(crate) fn connect(terminal: &OwnedFd) -> Option<u8> {
    let _raw = RawMode::enter();
    let mut watched = SigSet::empty();
    for signal in [
        Signal::SIGWINCH,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGQUIT,
    ] {
        watched.add(signal);
    }
    let _ = watched.thread_block();
    let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
    let signals = SignalFd::with_flags(&watched, flags).ok()?;
    let stopped_by = pass_bytes(terminal, &signals);
    let _ = watched.thread_unblock();
    let signal = stopped_by? as i32;
    Some(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}

fn pass_bytes(terminal: &OwnedFd, signals: &SignalFd) -> Option<Signal> {
    let input = std::io::stdin();
    let output = std::io::stdout();
    let mut input_open = true;
    let mut leader: Option<OwnedFd> = None;
    let mut buffer = [0_u8; 16 * 1024];
    loop {
        leader = leader.or_else(|| pty::leader(terminal));
        let readable = PollFlags::POLLIN;
        let mut polled = vec![
            PollFd::new(terminal.as_fd(), readable),
            PollFd::new(signals.as_fd(), readable),
            // Only whether there is somebody at the other end.
            PollFd::new(output.as_fd(), PollFlags::empty()),
        ];
        let input_at = polled.len();
        if input_open {
            polled.push(PollFd::new(input.as_fd(), readable));
        }
        let leader_at = polled.len();
        if let Some(leader) = &leader {
            polled.push(PollFd::new(leader.as_fd(), readable));
        }
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(_) => return None,
        }
        let ready = |at: usize| {
            polled.get(at).is_some_and(|one| one.any().unwrap_or(false))
        };
        if ready(1) {
            match next_signal(signals) {
                Some(Signal::SIGWINCH) => {
                    if let Some(window) = window() {
                        let _ = pty::resize(terminal, window);
                    }
                }
                Some(signal) => return Some(signal),
                None => {}
            }
        }
        if let Some(signal) = polled.get(2).and_then(loss) {
            return Some(signal);
        }
        if ready(0) {
            match nix::unistd::read(terminal, &mut buffer) {
                Ok(count) if count > 0 => {
                    let written = write_all(output.as_fd(), &buffer[..count]);
                    if written.is_none() {
                        return Some(Signal::SIGPIPE);
                    }
                }
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                _ => return None,
            }
        } else if ready(leader_at) && !comes_more(terminal) {
            return None;
        }
        if input_open && ready(input_at) {
            input_open = pass_input(&input, terminal, &mut buffer);
        }
    }
}

/// The signal that goes with losing whoever reads our output: a terminal that
/// was closed, or a pipe. poll(2)
fn loss(output: &PollFd<'_>) -> Option<Signal> {
    let events = output.revents()?;
    if events.contains(PollFlags::POLLHUP) {
        Some(Signal::SIGHUP)
    } else if events.contains(PollFlags::POLLERR) {
        Some(Signal::SIGPIPE)
    } else {
        None
    }
}

/// What a program prints last may still be on its way when it has ended.
fn comes_more(terminal: &OwnedFd) -> bool {
    let on_its_way = PollTimeout::from(50_u8);
    let mut polled = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
    poll(&mut polled, on_its_way).is_ok_and(|count| count > 0)
}

/// False when there is no more. A terminal knows no end of input, only a key
/// for it.
fn pass_input(
    input: &std::io::Stdin,
    terminal: &OwnedFd,
    buffer: &mut [u8],
) -> bool {
    const END_OF_INPUT: &[u8] = &[0x04];
    match nix::unistd::read(input, buffer) {
        Ok(count) if count > 0 => {
            write_all(terminal.as_fd(), &buffer[..count]).is_some()
        }
        Err(Errno::EINTR | Errno::EAGAIN) => true,
        _ => {
            let _ = write_all(terminal.as_fd(), END_OF_INPUT);
            false
        }
    }
}

/// `None` when nobody reads any more.
fn write_all(to: std::os::fd::BorrowedFd<'_>, bytes: &[u8]) -> Option<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match nix::unistd::write(to, rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                let mut polled = [PollFd::new(to, PollFlags::POLLOUT)];
                let _ = poll(&mut polled, PollTimeout::NONE);
            }
            Err(_) => return None,
        }
    }
    Some(())
}

fn next_signal(signals: &SignalFd) -> Option<Signal> {
    let info = signals.read_signal().ok()??;
    Signal::try_from(i32::try_from(info.ssi_signo).ok()?).ok()
}

pub(crate) fn window() -> Option<Window> {
    pty::size(std::io::stdout().as_fd())
        .filter(|window| window.rows > 0 && window.columns > 0)
}

/// The caller's terminal in raw mode: every key goes to the world. Dropping it
/// restores the mode.
struct RawMode(Option<termios::Termios>);

impl RawMode {
    fn enter() -> Self {
        let input = std::io::stdin();
        if !input.is_terminal() || !std::io::stdout().is_terminal() {
            return Self(None);
        }
        let Ok(before) = termios::tcgetattr(&input) else {
            return Self(None);
        };
        let mut raw = before.clone();
        termios::cfmakeraw(&mut raw);
        let _ = termios::tcsetattr(&input, SetArg::TCSANOW, &raw);
        Self(Some(before))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let input = std::io::stdin();
            let _ = termios::tcsetattr(&input, SetArg::TCSANOW, before);
        }
    }
}
