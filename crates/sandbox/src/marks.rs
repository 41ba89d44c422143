//! Shell integration: how a shell says where a prompt begins and ends, where
//! a command's output begins, and how the command ended.
//!
//! The marks are those that terminals already use: `OSC 133 ; A` before the
//! prompt, `B` behind it, `C` before the output, `D ; STATUS` behind it, and
//! two of our own: `P` before the prompt of a continued line, `N` for a
//! program that was not found. Each mark carries the shell's `$?` and a
//! number drawn for this one world. The former is more than a service: what
//! prints the *definition* of the prompt, as `set` does, prints `$?` there
//! and not digits, and so no mark.

use std::fmt::Write as _;

use crate::error::{self, Refusal};
use crate::raw;

/// The marks of one world.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    nonce: String,
}

/// A mark, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    /// The shell's `$?`.
    pub(crate) status: i32,
    /// The program, for [`Kind::NotFound`].
    pub(crate) name: String,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `A`: the prompt begins.
    PromptStart,
    /// `B`: the prompt is complete, the shell is about to read.
    PromptEnd,
    /// `C`: the command has been read, its output begins.
    Output,
    /// `D`: the command is over.
    Done,
    /// `P`: the command goes on in the next line.
    Continued,
    /// `N`: the shell did not find a program.
    NotFound,
}

/// A piece of what a terminal received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Bytes for the screen.
    Text(Vec<u8>),
    /// A mark of this world.
    Mark(Mark),
}

/// How every mark begins.
const START: &[u8] = b"\x1b]133;";
/// No mark is longer; what is, is text.
const LONGEST: usize = 512;

impl Marks {
    /// With a number that no output holds by chance.
    pub(crate) fn draw() -> Result<Self, Refusal> {
        let mut random = [0_u8; 8];
        raw::random(&mut random).map_err(error::failed("draw a number"))?;
        Ok(Self::new(&random))
    }

    fn new(random: &[u8]) -> Self {
        let mut nonce = String::new();
        for byte in random {
            let _ = write!(nonce, "{byte:02x}");
        }
        Self { nonce }
    }

    /// The files that a shell in the world reads when it starts, by path.
    ///
    /// A shell gets its marks from a file and not from its environment, so
    /// that `env` shows none of them, and `env -i bash` still has them.
    pub(crate) fn start_files(&self) -> Vec<(&'static str, String)> {
        vec![
            ("root/.bashrc", self.bash()),
            ("home/reader/.bashrc", self.bash()),
            ("etc/shrc", self.posix()),
            ("etc/profile", "[ -n \"$BASH\" ] && . ~/.bashrc\n".into()),
        ]
    }

    fn bash(&self) -> String {
        let mark =
            |kind| format!("\\e]133;{kind};$?;{}\\a", self.nonce.as_str());
        let mut file = String::from(
            "# Marks for whoever follows this shell; and no line editing, \
             which would\n# paint over what is typed.\n",
        );
        let lines = [
            format!("PS0='{}'", mark('C')),
            format!("PS1='{}{}\\$ {}'", mark('D'), mark('A'), mark('B')),
            format!("PS2='{}> '", mark('P')),
            "set +o emacs +o vi".into(),
            "unset HISTFILE MAILCHECK".into(),
            "command_not_found_handle() {".into(),
            format!(
                "  printf '\\e]133;N;127;{};%s\\a' \"$1\" > /dev/tty",
                self.nonce
            ),
            "  printf 'bash: %s: command not found\\n' \"$1\" >&2".into(),
            "  return 127".into(),
            "}".into(),
        ];
        for line in lines {
            file.push_str(&line);
            file.push('\n');
        }
        file
    }

    /// For shells that expand parameters in a prompt, but no backslashes.
    fn posix(&self) -> String {
        let mark =
            |kind| format!("\\033]133;{kind};$?;{}\\007", self.nonce.as_str());
        format!(
            "case $(id -u) in 0) PS1='# ' ;; *) PS1='$ ' ;; esac\n\
             PS1=\"$(printf '{}{}')$PS1$(printf '{}')\"\n\
             PS2=\"$(printf '{}')> \"\n",
            mark('D'),
            mark('A'),
            mark('B'),
            mark('P')
        )
    }

    /// Splits off the front of `bytes` as one piece. `None` when it takes
    /// more bytes to tell what the front is.
    pub(crate) fn split(&self, bytes: &mut Vec<u8>) -> Option<Piece> {
        if bytes.is_empty() {
            return None;
        }
        let text = text_length(bytes);
        if text > 0 {
            return Some(Piece::Text(bytes.drain(..text).collect()));
        }
        if bytes.len() <= START.len() {
            return None;
        }
        let Some(end) = bytes.iter().take(LONGEST).position(|&b| b == 7) else {
            // Never closed, or not a mark: its first byte is text.
            return (bytes.len() >= LONGEST)
                .then(|| Piece::Text(vec![bytes.remove(0)]));
        };
        let piece: Vec<u8> = bytes.drain(..=end).collect();
        let body = &piece[START.len()..end];
        Some(match self.read(body) {
            Some(mark) => Piece::Mark(mark),
            None => Piece::Text(piece),
        })
    }

    /// `KIND;STATUS;NONCE[;NAME]`
    fn read(&self, body: &[u8]) -> Option<Mark> {
        let body = std::str::from_utf8(body).ok()?;
        let mut fields = body.splitn(4, ';');
        let kind = match fields.next()? {
            "A" => Kind::PromptStart,
            "B" => Kind::PromptEnd,
            "C" => Kind::Output,
            "D" => Kind::Done,
            "P" => Kind::Continued,
            "N" => Kind::NotFound,
            _ => return None,
        };
        let status = fields.next()?.parse().ok()?;
        if fields.next()? != self.nonce {
            return None;
        }
        let name = fields.next().unwrap_or_default().to_owned();
        Some(Mark { kind, status, name })
    }
}

/// How many bytes come before what is, or could become, the start of a mark.
fn text_length(bytes: &[u8]) -> usize {
    let could_start = |rest: &[u8]| {
        let length = rest.len().min(START.len());
        rest[..length] == START[..length]
    };
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == START[0])
        .map(|(at, _)| at)
        .find(|&at| could_start(&bytes[at..]))
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_all(chunks: &[&[u8]]) -> Vec<Piece> {
        let marks = Marks::new(&[0xab]);
        let mut bytes = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        for chunk in chunks {
            bytes.extend_from_slice(chunk);
            while let Some(piece) = marks.split(&mut bytes) {
                match (pieces.last_mut(), piece) {
                    (Some(Piece::Text(last)), Piece::Text(more)) => {
                        last.extend(more);
                    }
                    (_, piece) => pieces.push(piece),
                }
            }
        }
        pieces
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn mark(kind: Kind, status: i32) -> Piece {
        Piece::Mark(Mark { kind, status, name: String::new() })
    }

    #[test]
    fn marks_are_told_from_text() {
        assert_eq!(
            split_all(&[b"out\r\n\x1b]133;D;3;ab\x07\x1b]133;A;3;ab\x07# "]),
            [
                text("out\r\n"),
                mark(Kind::Done, 3),
                mark(Kind::PromptStart, 3),
                text("# ")
            ]
        );
    }

    #[test]
    fn a_mark_may_arrive_byte_by_byte() {
        let whole = b"x\x1b]133;B;0;ab\x07y";
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(
            split_all(&bytes),
            [text("x"), mark(Kind::PromptEnd, 0), text("y")]
        );
    }

    #[test]
    fn a_foreign_number_or_an_unexpanded_status_makes_no_mark() {
        for forged in
            ["\x1b]133;B;0;cd\x07", "\x1b]133;B;$?;ab\x07", "\x1b]133;B\x07"]
        {
            assert_eq!(split_all(&[forged.as_bytes()]), [text(forged)]);
        }
    }

    #[test]
    fn a_mark_that_never_ends_is_text() {
        let mut open = b"\x1b]133;B;0;".to_vec();
        open.extend([b'a'; 2 * LONGEST]);
        let pieces = split_all(&[&open]);
        assert_eq!(pieces, [Piece::Text(open)]);
    }

    #[test]
    fn a_missing_program_is_named() {
        assert_eq!(
            split_all(&[b"\x1b]133;N;127;ab;lsns\x07"]),
            [Piece::Mark(Mark {
                kind: Kind::NotFound,
                status: 127,
                name: "lsns".into()
            })]
        );
    }
}
