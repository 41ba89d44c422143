//! Bytes as text that can be read, and back.
//!
//! | written | stands for |
//! |---|---|
//! | `\\` | a backslash |
//! | `\e`, `\r` | escape, carriage return |
//! | `\j` at a line's end | the line ended without a carriage return |
//! | `\c` at a line's end | the line did not end |
//! | `\<` | nothing; what follows was typed by a person |
//! | `\x1f`, `\u{202e}` | a byte, a character that does not show |

use std::fmt::Write;

/// A blank at the end of a line.
pub(super) const LAST_BLANK: &str = r"\x20";

/// Bytes that a terminal received, as lines. `typed` are the places in them
/// where what was typed begins, in their order.
pub fn lines(bytes: &[u8], typed: &[usize]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    let mut places = typed.iter().peekable();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        let (content, mark) = match line {
            [content @ .., b'\r', b'\n'] => (content, ""),
            [content @ .., b'\n'] => (content, r"\j"),
            content => (content, r"\c"),
        };
        let mut text = String::new();
        let mut from = 0;
        while let Some(place) = places.next_if(|place| **place < end) {
            let to = (place - at).min(content.len());
            escape(&content[from..to], &mut text);
            text.push_str(r"\<");
            from = to;
        }
        escape(&content[from..], &mut text);
        hide_last_blank(&mut text);
        text.push_str(mark);
        lines.push(text);
        at = end;
    }
    lines
}

/// Adds bytes to a text.
fn escape(bytes: &[u8], text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str(r"\\"),
                '\x1b' => text.push_str(r"\e"),
                '\r' => text.push_str(r"\r"),
                '\t' => text.push('\t'),
                c if c.is_ascii_control() => hex(c as u8, text),
                c if does_not_show(c) => {
                    // Writing to a string does not fail.
                    let _ = write!(text, r"\u{{{:x}}}", u32::from(c));
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            hex(*byte, text);
        }
    }
}

fn hex(byte: u8, text: &mut String) {
    let _ = write!(text, r"\x{byte:02x}");
}

/// Controls, line separators, and marks that change the direction of what
/// stands around them.
fn does_not_show(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// Editors and git take offence at blanks at the end of a line.
fn hide_last_blank(text: &mut String) {
    if let Some(last @ (' ' | '\t')) = text.chars().last() {
        text.pop();
        hex(last as u8, text);
    }
}

/// One line of text as the bytes that a terminal received, added to those
/// before; the places of what was typed are added to `typed`. `None` if the
/// text was not written by [`lines`].
pub fn unescape(
    text: &str,
    bytes: &mut Vec<u8>,
    typed: &mut Vec<usize>,
) -> Option<()> {
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once('\\') {
        bytes.extend(plain.as_bytes());
        rest = &behind[behind.chars().next()?.len_utf8()..];
        match behind.as_bytes()[0] {
            b'\\' => bytes.push(b'\\'),
            b'e' => bytes.push(b'\x1b'),
            b'r' => bytes.push(b'\r'),
            b'<' => typed.push(bytes.len()),
            b'j' if rest.is_empty() => {
                bytes.push(b'\n');
                return Some(());
            }
            b'c' if rest.is_empty() => return Some(()),
            b'x' => {
                let digits = rest.get(..2)?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            b'u' => {
                let (digits, behind) =
                    rest.strip_prefix('{')?.split_once('}')?;
                let number = u32::from_str_radix(digits, 16).ok()?;
                let c = char::from_u32(number)?;
                bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind;
            }
            _ => return None,
        }
    }
    bytes.extend(rest.as_bytes());
    bytes.extend(b"\r\n");
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(bytes: &[u8], typed: &[usize]) -> Vec<String> {
        let lines = lines(bytes, typed);
        let (mut back, mut places) = (Vec::new(), Vec::new());
        for line in &lines {
            unescape(line, &mut back, &mut places).expect("readable");
        }
        assert_eq!((back.as_slice(), places.as_slice()), (bytes, typed));
        lines
    }

    #[test]
    fn text_is_as_it_was() {
        assert_eq!(round(b"a\r\n\r\nb c\r\n", &[]), ["a", "", "b c"]);
    }

    #[test]
    fn what_cannot_be_read_is_written_out() {
        let bytes = b"\x1b[1mA\\\x07\xff \r\n\xe2\x80\xae\tx\r";
        assert_eq!(
            round(bytes, &[]),
            [r"\e[1mA\\\x07\xff\x20", "\\u{202e}\tx\\r\\c"]
        );
    }

    #[test]
    fn how_lines_end_is_kept() {
        assert_eq!(round(b"a\nb\r\nc", &[]), [r"a\j", "b", r"c\c"]);
        assert_eq!(round(b"\n", &[]), [r"\j"]);
        assert_eq!(round(b"", &[]), [""; 0]);
    }

    #[test]
    fn what_was_typed_is_marked() {
        assert_eq!(round(b"name: Ann\r\n", &[6]), [r"name: \<Ann"]);
        assert_eq!(round(b"^C\r\nx\r\n", &[0, 4]), [r"\<^C", r"\<x"]);
    }

    #[test]
    fn what_was_not_written_here_is_refused() {
        for text in [r"\", r"\q", r"\x1", r"\u{110000}", r"\ja", "\\é"] {
            let found = unescape(text, &mut Vec::new(), &mut Vec::new());
            assert_eq!(found, None, "{text}");
        }
    }
}
