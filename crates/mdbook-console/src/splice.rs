//! Replaces parts of a text, and leaves every other byte as it is.

use crate::parse::Span;

/// What to put where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The bytes that go.
    pub span: Span,
    /// What comes in their place.
    pub text: String,
}

/// Applies patches that do not overlap and stand in the order of the text.
pub fn splice(text: &str, patches: &[Patch]) -> String {
    let mut spliced = String::with_capacity(text.len());
    let mut at = 0;
    for patch in patches {
        spliced.push_str(&text[at..patch.span.start]);
        spliced.push_str(&patch.text);
        at = patch.span.end;
    }
    spliced.push_str(&text[at..]);
    spliced
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts `text` at every pair of places, and looks at what is left.
    #[test]
    fn bytes_outside_the_patches_stay() {
        let text = "a\r\nβ{{#include x}}\n\n```\n- ü";
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (i, &start) in places.iter().enumerate() {
            for &end in &places[i..] {
                let first = Patch { span: 0..start, text: "<1>".into() };
                let second = Patch { span: end..end, text: "<2>".into() };
                let spliced = splice(text, &[first, second]);
                let (head, tail) = (&text[start..end], &text[end..]);
                assert_eq!(spliced, format!("<1>{head}<2>{tail}"));
            }
        }
    }

    #[test]
    fn without_patches_nothing_changes() {
        let text = "no final newline\r";
        assert_eq!(splice(text, &[]), text);
    }
}
