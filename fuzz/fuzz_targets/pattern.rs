//! The first line is a pattern, the second a line to find it in: what it
//! takes out are words, as many as it says. And every line has itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_console::parse::pattern::Pattern;

fuzz_target!(|text: &str| {
    let (first, rest) = text.split_once('\n').unwrap_or((text, text));
    let line = rest.lines().next().unwrap_or_default();
    if let Some(pattern) = Pattern::read(first) {
        let words = pattern.take(line);
        assert_eq!(words.is_some(), pattern.matches(line));
        let place = pattern.place(line);
        assert_eq!(
            words.as_ref().and_then(|words| words.first().copied()),
            place.map(|place| &line[place])
        );
        if let Some(words) = words {
            assert_eq!(words.len(), pattern.words);
            let is_word = |word: &&str| {
                let is_blank = |c: char| c.is_ascii_whitespace();
                !word.is_empty() && !word.contains(is_blank)
            };
            assert!(words.iter().all(is_word), "{words:?}");
        }
        for literal in &pattern.literals {
            assert!(!literal.is_empty());
        }
    }
    let itself = Pattern::read(&as_it_is(line));
    assert_eq!(itself.is_none(), line.trim_ascii().is_empty());
    assert!(itself.is_none_or(|it| it.matches(line) && it.words == 0));
});

/// The pattern that stands for a line and no other.
fn as_it_is(line: &str) -> String {
    let mut pattern = String::new();
    for c in line.chars() {
        if matches!(c, '{' | '…' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
