//! Any bytes are shown as lines that hold nothing but visible characters,
//! and what a place in the bytes became is where it is said to be.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_console::screen::{lines, place, plain};

fuzz_target!(|bytes: &[u8]| {
    let lines = lines(bytes);
    for run in lines.iter().flat_map(|line| &line.runs) {
        assert!(!run.text.is_empty());
        assert!(!run.text.contains(char::is_control), "{run:?}");
    }
    let texts = plain(bytes);
    assert_eq!(texts.len(), lines.len());
    for part in bytes.split(|byte| *byte == b'\n').take(3) {
        let start = part.as_ptr().addr() - bytes.as_ptr().addr();
        let middle = start + part.len() / 2;
        for part in [start..middle, middle..start + part.len()] {
            let Some(shown) = place(bytes, part) else { continue };
            assert!(texts[shown.line].get(shown.part).is_some());
        }
    }
});
