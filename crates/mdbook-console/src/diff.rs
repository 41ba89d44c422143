//! What differs between two texts, line by line and word by word.

use std::fmt::Write;

use similar::{ChangeTag, InlineChange, TextDiff};

use crate::diagnostics::report::Colour;

/// The lines around a change that are shown.
const CONTEXT: usize = 3;

/// Writes what differs: `-` before a line that goes, `+` before one that
/// comes. With colour the words that make the difference stand out.
pub fn diff(old: &[String], new: &[String], colour: Colour) -> String {
    let [old, new] = [old, new].map(|lines| lines.join("\n") + "\n");
    let diff = TextDiff::from_lines(&old, &new);
    let mut text = String::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            text.push_str("   …\n");
        }
        for op in group {
            for change in diff.iter_inline_changes(op) {
                line(&change, colour, &mut text);
            }
        }
    }
    text
}

fn line(change: &InlineChange<'_, str>, colour: Colour, text: &mut String) {
    let (sign, paint) = match change.tag() {
        ChangeTag::Delete => ('-', "31"),
        ChangeTag::Insert => ('+', "32"),
        ChangeTag::Equal => (' ', ""),
    };
    let is_plain = colour == Colour::Never || paint.is_empty();
    // Writing to a string does not fail.
    let _ = if is_plain {
        write!(text, " {sign} ")
    } else {
        write!(text, " \x1b[{paint}m{sign} ")
    };
    for (is_emphasised, value) in change.iter_strings_lossy() {
        let value = value.trim_end_matches('\n');
        let _ = if is_emphasised && !is_plain {
            write!(text, "\x1b[1;7m{value}\x1b[0;{paint}m")
        } else {
            write!(text, "{value}")
        };
    }
    text.push_str(if is_plain { "\n" } else { "\x1b[0m\n" });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn equal_texts_have_no_difference() {
        let text = lines("a\nb");
        assert_eq!(diff(&text, &text, Colour::Always), "");
    }

    #[test]
    fn what_goes_and_what_comes_has_a_sign() {
        let (old, new) = (lines("a\nb c\nd"), lines("a\nb x\nd"));
        assert_eq!(
            diff(&old, &new, Colour::Never),
            "   a\n - b c\n + b x\n   d\n"
        );
    }

    #[test]
    fn the_words_that_differ_stand_out() {
        let (old, new) = (lines("one two three"), lines("one 2 three"));
        let shown = diff(&old, &new, Colour::Always);
        assert!(shown.contains("\x1b[1;7m2\x1b[0;32m"), "{shown:?}");
        assert!(!shown.contains("\x1b[1;7mone"), "{shown:?}");
    }
}
