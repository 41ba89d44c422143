//! The boot message: what a world's PID 1 is to start.
//!
//! The crate writes it, `init` reads it ([`Boot`]); both compile
//! this one file. Bytes, in order: one that tells whether the world ends with
//! its first program; a filter of system calls, as its number of instructions
//! (two bytes, native order) and eight bytes for each; then for each program
//! its user id (four bytes), its arguments and its environment, each a row of
//! NUL-terminated strings closed by an empty one. The path that is executed is
//! the first string of the arguments; argv\[0\] is the second.

/// No boot message is longer.
pub const LONGEST: usize = 32 * 1024;
/// No program has more arguments or environment entries, with the closing
/// null pointer.
pub const MOST_STRINGS: usize = 64;

/// Bytes in an instruction of a filter.
pub const INSTRUCTION: usize = 8;

/// A boot message that has been checked.
pub struct Boot<'a> {
    ends_with_first: bool,
    filter: &'a [u8],
    programs: &'a [u8],
}

/// One program to start.
pub struct Program<'a> {
    /// The user and group id to run it as.
    pub id: u32,
    /// The path, then the arguments from argv\[0\] on.
    pub arguments: Strings<'a>,
    /// `NAME=value` entries.
    pub environment: Strings<'a>,
}

/// A row of NUL-terminated strings.
#[derive(Clone, Copy)]
pub struct Strings<'a>(&'a [u8]);

impl<'a> Boot<'a> {
    /// `None` when the message is cut off or holds too many strings.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        let (&flag, rest) = message.split_first()?;
        let (count, rest) = rest.split_first_chunk::<2>()?;
        let length = u16::from_ne_bytes(*count) as usize * INSTRUCTION;
        let filter = rest.get(..length)?;
        let programs = rest.get(length..)?;
        let mut rest = programs;
        while !rest.is_empty() {
            (_, rest) = Program::split(rest)?;
        }
        Some(Self { ends_with_first: flag != 0, filter, programs })
    }

    /// The world ends when the first program does.
    pub fn ends_with_first(&self) -> bool {
        self.ends_with_first
    }

    /// What decides on system calls, for whoever joins; empty for PID 1, for
    /// which that has been done.
    pub fn filter(&self) -> &'a [u8] {
        self.filter
    }

    /// The programs, in the order of their terminals.
    pub fn programs(&self) -> impl Iterator<Item = Program<'a>> {
        let mut rest = self.programs;
        core::iter::from_fn(move || {
            let (program, after) = Program::split(rest)?;
            rest = after;
            Some(program)
        })
    }
}

impl<'a> Program<'a> {
    /// What is executed, with its NUL.
    pub fn path(&self) -> &'a [u8] {
        self.arguments.iter().next().unwrap_or(b"\0")
    }

    /// Where it starts, with its NUL: the value of `HOME`.
    pub fn home(&self) -> &'a [u8] {
        self.environment
            .iter()
            .find_map(|entry| entry.strip_prefix(b"HOME="))
            .unwrap_or(b"/\0")
    }

    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (id, rest) = bytes.split_first_chunk::<4>()?;
        let (arguments, rest) = Strings::split(rest)?;
        let (environment, rest) = Strings::split(rest)?;
        let id = u32::from_ne_bytes(*id);
        Some((Self { id, arguments, environment }, rest))
    }
}

impl<'a> Strings<'a> {
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut end = 0;
        let mut count = 1;
        loop {
            let length = bytes.get(end..)?.iter().position(|&b| b == 0)?;
            if length == 0 {
                return Some((Self(&bytes[..end]), &bytes[end + 1..]));
            }
            end += length + 1;
            count += 1;
            if count > MOST_STRINGS {
                return None;
            }
        }
    }

    /// The strings one by one, each with its NUL.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.split_inclusive(|&b| b == 0)
    }

    /// Addresses of the strings from the `skip`th on and a null pointer, the
    /// form that execve(2) wants.
    pub fn pointers(self, skip: usize) -> [*const u8; MOST_STRINGS] {
        let mut pointers = [core::ptr::null(); MOST_STRINGS];
        for (pointer, string) in pointers.iter_mut().zip(self.iter().skip(skip))
        {
            *pointer = string.as_ptr();
        }
        pointers
    }
}
