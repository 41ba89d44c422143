//! Splits a fence's first line into words: `kind key=value flag "a b"`.

use std::collections::HashMap;

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::Span;

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What it means.
    pub value: T,
    /// The word it was read from.
    pub span: Span,
}

/// One word of the line, `key` or `key=value`.
pub(super) struct Word<'a> {
    pub(super) key: &'a str,
    value: Option<String>,
    pub(super) span: Span,
    is_closed: bool,
}

impl Word<'_> {
    /// What it means, with its place.
    pub(super) fn written<T>(&self, value: T) -> Written<T> {
        Written { value, span: self.span.clone() }
    }

    /// Whether it is a key alone.
    pub(super) fn is_bare(&self) -> bool {
        self.value.is_none()
    }

    /// The place of a key that stands alone.
    pub(super) fn flag(&self) -> Result<Span, Fault> {
        let span = self.span.clone();
        match &self.value {
            None => Ok(span),
            Some(_) => Err(complain::takes_no_value(self.key, span)),
        }
    }

    /// What stands behind the key.
    pub(super) fn value(&self) -> Result<&str, Fault> {
        match self.value.as_deref() {
            None | Some("") => {
                Err(complain::takes_a_value(self.key, self.span.clone()))
            }
            Some(value) => Ok(value),
        }
    }

    /// A name behind the key. Names become names of files.
    pub(super) fn name(&self) -> Result<Written<String>, Fault> {
        let name = self.value()?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.chars().all(fits) && !name.starts_with('-') {
            Ok(self.written(name.to_owned()))
        } else {
            Err(complain::not_a_name(name, self.span.clone()))
        }
    }
}

/// Hands every option to `set`, and collects what is wrong with them.
pub(super) fn each<'a, 'b: 'a>(
    words: impl IntoIterator<Item = &'a Word<'b>>,
    faults: &mut Vec<Fault>,
    mut set: impl FnMut(&Word) -> Result<(), Fault>,
) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for word in words {
        let span = word.span.clone();
        if !word.is_closed {
            faults.push(complain::open_quote(span));
        } else if let Some(first) = seen.get(word.key) {
            let first = first.clone();
            faults.push(complain::option_twice(word.key, span, first));
        } else {
            faults.extend(set(word).err());
            seen.insert(word.key, word.span.clone());
        }
    }
}

/// Splits a line at blanks that are not between double quotes. Inside
/// quotes, `\"` is a quote and `\\` a backslash.
pub(super) fn split(text: &str, line: Span) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        let blank =
            text[rest.clone()].len() - text[rest.clone()].trim_start().len();
        rest.start += blank;
        if rest.is_empty() {
            return words;
        }
        let word = take_word(text, rest.clone());
        rest.start = word.span.end;
        words.push(word);
    }
}

fn take_word(text: &str, line: Span) -> Word<'_> {
    let rest = &text[line.clone()];
    let key_ends = rest
        .find(|c: char| c == '=' || c.is_whitespace())
        .unwrap_or(rest.len());
    let key = &rest[..key_ends];
    if !rest[key_ends..].starts_with('=') {
        let span = line.start..line.start + key_ends;
        return Word { key, value: None, span, is_closed: true };
    }
    let mut value = String::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut end = rest.len();
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at <= key_ends) {
        match c {
            _ if escaped => {
                escaped = false;
                value.push(c);
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                end = at;
                break;
            }
            c => value.push(c),
        }
    }
    let span = line.start..line.start + end;
    Word { key, value: Some(value), span, is_closed: !quoted }
}
