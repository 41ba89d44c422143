//! Writes the boot message that `init` reads.

use std::os::fd::{AsFd, OwnedFd};

use libc::sock_filter;
use nix::fcntl::OFlag;

// What init itself compiles; the reader is used by the tests.
#[path = "../init/boot.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "init's own file")]
#[allow(clippy::pedantic, reason = "init's own file")]
pub(crate) mod format;

/// A program that PID 1 is to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) id: u32,
    pub(crate) path: String,
    /// From argv\[0\] on.
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
}

/// A pipe that holds a boot message.
pub(crate) struct Pipe {
    /// What init reads.
    pub(crate) read: OwnedFd,
    /// Init waits until the last copy of this is closed.
    #[allow(dead_code, reason = "it is there to be closed")]
    pub(crate) write: OwnedFd,
}

/// The message in a pipe. `None` when it would be too long for init, or holds
/// what no program can be given.
pub(crate) fn pipe(
    programs: &[Program],
    ends_with_first: bool,
    filter: &[sock_filter],
) -> Option<Pipe> {
    let message = message(programs, ends_with_first, filter)?;
    if message.len() > format::LONGEST {
        return None;
    }
    format::Boot::parse(&message)?;
    let (read, write) = nix::unistd::pipe2(OFlag::O_CLOEXEC).ok()?;
    // A pipe takes 64 KiB before it blocks: pipe(7).
    let mut rest = &message[..];
    while !rest.is_empty() {
        let count = nix::unistd::write(write.as_fd(), rest).ok()?;
        rest = &rest[count..];
    }
    Some(Pipe { read, write })
}

fn message(
    programs: &[Program],
    ends_with_first: bool,
    filter: &[sock_filter],
) -> Option<Vec<u8>> {
    let mut message = vec![u8::from(ends_with_first)];
    message.extend(u16::try_from(filter.len()).ok()?.to_ne_bytes());
    for sock_filter { code, jt, jf, k } in filter {
        message.extend(code.to_ne_bytes());
        message.extend([*jt, *jf]);
        message.extend(k.to_ne_bytes());
    }
    for program in programs {
        message.extend(program.id.to_ne_bytes());
        push(&mut message, &program.path);
        for argument in &program.arguments {
            push(&mut message, argument);
        }
        message.push(0);
        for (name, value) in &program.environment {
            push(&mut message, &format!("{name}={value}"));
        }
        message.push(0);
    }
    Some(message)
}

/// An empty string would end the row; nothing here needs one.
fn push(message: &mut Vec<u8>, text: &str) {
    message.extend(text.bytes().filter(|byte| *byte != 0));
    message.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(strings: format::Strings<'_>) -> Vec<String> {
        strings
            .iter()
            .map(|s| String::from_utf8_lossy(&s[..s.len() - 1]).into_owned())
            .collect()
    }

    #[test]
    fn init_reads_what_was_written() {
        let program = Program {
            id: 1000,
            path: "/bin/bash".into(),
            arguments: vec!["bash".into(), "-i".into()],
            environment: vec![("HOME".into(), "/home/reader".into())],
        };
        let filter = [sock_filter { code: 0x0102, jt: 3, jf: 4, k: 5 }];
        let bytes = message(&[program.clone(), program], true, &filter);
        let bytes = bytes.expect("it is short");
        let boot = format::Boot::parse(&bytes).expect("it is complete");
        assert!(boot.ends_with_first());
        assert_eq!(boot.filter(), [2, 1, 3, 4, 5, 0, 0, 0]);
        let programs: Vec<_> = boot.programs().collect();
        assert_eq!(programs.len(), 2);
        assert_eq!(programs[1].id, 1000);
        assert_eq!(strings(programs[1].arguments), ["/bin/bash", "bash", "-i"]);
        assert_eq!(strings(programs[1].environment), ["HOME=/home/reader"]);
        assert_eq!(programs[0].home(), b"/home/reader\0");
        assert_eq!(programs[0].path(), b"/bin/bash\0");
    }

    #[test]
    fn a_message_that_is_cut_off_is_refused() {
        let program = Program {
            id: 0,
            path: "/x".into(),
            arguments: vec!["x".into()],
            environment: vec![],
        };
        let bytes = message(&[program], false, &[]).expect("it is short");
        for length in 4..bytes.len() {
            assert!(format::Boot::parse(&bytes[..length]).is_none());
        }
    }
}
