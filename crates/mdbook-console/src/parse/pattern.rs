//! What a claim or a value looks for: a piece of a line, written as it is
//! seen.
//!
//! Blanks match any run of blanks, `{}` one word, and `…` anything. A pattern
//! begins and ends at the edge of a word.

use std::ops::Range;

use regex_lite::{Captures, Regex};

/// A piece of a line to look for.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As the author wrote it.
    pub text: String,
    /// How many words it takes out.
    pub words: usize,
    /// What is neither `{}`, `…` nor blank, piece by piece.
    pub literals: Vec<String>,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// A piece of a pattern.
enum Piece {
    Literal(char),
    Blanks,
    Word,
    Anything,
}

impl Pattern {
    /// Reads a pattern; `None` if there is nothing in it to look for.
    pub fn read(text: &str) -> Option<Self> {
        let pieces = pieces(text);
        let says_something =
            pieces.iter().any(|p| matches!(p, Piece::Literal(_) | Piece::Word));
        // There are many patterns, and each is tried on few lines: what counts
        // is how long one takes to set up. Edges of words and blanks are those
        // of ASCII. A pattern that is too big is no pattern either.
        let regex = Regex::new(&expression(&pieces)).ok()?;
        let words = pieces.iter().filter(|p| matches!(p, Piece::Word)).count();
        let literals = literals(&pieces);
        let text = text.to_owned();
        says_something.then_some(Self { text, words, literals, regex })
    }

    /// Whether a line has it.
    pub fn matches(&self, line: &str) -> bool {
        self.may_match(line) && self.regex.is_match(line)
    }

    /// The words that `{}` stands for in a line; `None` if the line does not
    /// have the pattern.
    pub fn take<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let found = self.captures(line)?;
        Some(found.iter().skip(1).flatten().map(|m| m.as_str()).collect())
    }

    /// Where in a line the first of these words is.
    pub fn place(&self, line: &str) -> Option<Range<usize>> {
        Some(self.captures(line)?.get(1)?.range())
    }

    fn captures<'a>(&self, line: &'a str) -> Option<Captures<'a>> {
        self.may_match(line).then(|| self.regex.captures(line))?
    }

    /// Tells most lines from those that match, and soon.
    fn may_match(&self, line: &str) -> bool {
        self.literals.iter().all(|literal| line.contains(literal.as_str()))
    }
}

fn literals(pieces: &[Piece]) -> Vec<String> {
    let mut literals = vec![String::new()];
    for piece in pieces {
        match (piece, literals.last_mut()) {
            (Piece::Literal(c), Some(last)) => last.push(*c),
            _ => literals.push(String::new()),
        }
    }
    literals.retain(|literal| !literal.is_empty());
    literals
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_ascii();
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match c {
            '\\' if rest[1..].starts_with(['{', '…', '\\']) => {
                let next = rest[1..].chars().next().unwrap_or('\\');
                (Piece::Literal(next), 1 + next.len_utf8())
            }
            '{' if rest.starts_with("{}") => (Piece::Word, 2),
            '…' => (Piece::Anything, c.len_utf8()),
            c if c.is_ascii_whitespace() => {
                (Piece::Blanks, rest.len() - rest.trim_ascii_start().len())
            }
            c => (Piece::Literal(c), c.len_utf8()),
        };
        pieces.push(piece);
        rest = &rest[length..];
    }
    pieces
}

fn expression(pieces: &[Piece]) -> String {
    let is_part = |piece: Option<&Piece>| {
        let Some(Piece::Literal(c)) = piece else { return false };
        c.is_ascii_alphanumeric() || *c == '_'
    };
    let mut expression = String::new();
    if is_part(pieces.first()) {
        expression.push_str(r"\b{start-half}");
    }
    let mut rest = pieces;
    while let [piece, behind @ ..] = rest {
        rest = behind;
        match piece {
            Piece::Literal(c) => {
                expression
                    .push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4])));
            }
            Piece::Blanks => {
                expression.push_str(r"\s+");
                // With nothing in between, one run of blanks is enough.
                if let [Piece::Anything, Piece::Blanks, behind @ ..] = behind {
                    expression.push_str(r"(?:.*?\s+)?");
                    rest = behind;
                }
            }
            Piece::Word if behind.is_empty() => expression.push_str(r"(\S+)"),
            Piece::Word => expression.push_str(r"(\S+?)"),
            Piece::Anything => expression.push_str(".*?"),
        }
    }
    if is_part(pieces.last()) {
        expression.push_str(r"\b{end-half}");
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take<'a>(pattern: &str, line: &'a str) -> Option<Vec<&'a str>> {
        Pattern::read(pattern).expect("a pattern").take(line)
    }

    #[test]
    fn blanks_match_any_run_of_blanks() {
        assert_eq!(take("1 0 bash", "root   1    0 bash"), Some(vec![]));
        assert_eq!(take("1 0 bash", "root 10bash"), None);
    }

    #[test]
    fn blanks_of_other_scripts_are_letters() {
        assert_eq!(take("a\u{2000}b", "a\u{2000}b"), Some(vec![]));
        assert_eq!(take("a\u{2000}b", "a b"), None);
    }

    #[test]
    fn a_pattern_begins_and_ends_at_the_edge_of_a_word() {
        assert_eq!(take("PID 1", "PID 12"), None);
        assert_eq!(take("1 bash", "11 bash"), None);
        assert_eq!(take("PID 1", "PID 1."), Some(vec![]));
        assert_eq!(take("[1]", "x[1]y"), Some(vec![]));
    }

    #[test]
    fn a_word_is_as_short_as_the_rest_allows() {
        assert_eq!(take("uts:[{}]", "uts:[42] uts:[43]"), Some(vec!["42"]));
        assert_eq!(take("NSpid: {} {}", "NSpid:\t7\t1"), Some(vec!["7", "1"]));
        assert_eq!(take("is {}", "it is 42, here"), Some(vec!["42,"]));
    }

    #[test]
    fn an_ellipsis_is_anything_within_the_line() {
        assert_eq!(take("a … b", "a b"), Some(vec![]));
        assert_eq!(take("a … b", "ab"), None);
        assert_eq!(take("a…b", "a  b"), Some(vec![]));
        assert_eq!(take("root … bash", "root 1 0 bash"), Some(vec![]));
    }

    #[test]
    fn what_is_special_elsewhere_is_not_here() {
        assert_eq!(take("a.*(b)$", "a.*(b)$"), Some(vec![]));
        assert_eq!(take("a.*(b)$", "axx(b)$"), None);
        assert_eq!(take(r"\{} \…", "{} …"), Some(vec![]));
    }

    #[test]
    fn a_pattern_without_anything_to_look_for_is_none() {
        for text in ["", "  ", "…", " … …"] {
            assert!(Pattern::read(text).is_none(), "{text:?}");
        }
    }
}
