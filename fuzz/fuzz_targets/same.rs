//! One or two recordings, the second behind the end of the first: what says
//! the same says the same in both directions, everything says the same as
//! itself, and what is shown in other terms still says it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_console::same::{Part, compare};

fuzz_target!(|text: &str| {
    let at = text.find("= end").unwrap_or(text.len());
    let (old, new) = (parts(&text[..at]), parts(&text[at..]));
    assert!(compare(&old, &old).is_same());
    assert!(compare(&new, &new).is_same());

    let there = compare(&old, &new);
    let back = compare(&new, &old);
    assert_eq!(there.is_same(), back.is_same());

    let shown = there.renamed.into_iter().zip(there.gone);
    let shown = shown.map(|(lines, gone)| Part { lines, gone });
    let shown: Vec<Part> = shown.collect();
    assert!(compare(&shown, &new).is_same(), "{shown:#?}");
});

/// A part begins with every command.
fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        if line.starts_with(['#', '$']) || parts.is_empty() {
            parts.push(Part { lines: Vec::new(), gone: Vec::new() });
        }
        let Some(part) = parts.last_mut() else { return parts };
        match line.strip_prefix("= gone ") {
            Some(gone) => {
                let numbers =
                    gone.split(' ').filter_map(|n| n.parse::<u64>().ok());
                part.gone.extend(numbers);
            }
            None => part.lines.push(line.to_owned()),
        }
    }
    parts
}
