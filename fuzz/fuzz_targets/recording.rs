//! A text with a sum that agrees is read as a recording, or refused. What was
//! read is written, comes back, and is written as it was.

#![no_main]

use console_fuzz::{nothing, signed};
use libfuzzer_sys::fuzz_target;
use mdbook_console::recording::Recording;
use mdbook_console::recording::read::read;
use mdbook_console::recording::write::write;

fuzz_target!(|text: &str| {
    let _ = read(text);
    let Ok(recording) = read(&signed(text)) else { return };
    // No plan has a block that types nothing, and none is written.
    let mut blocks = recording.transcript.blocks.iter();
    if blocks.any(|block| block.steps.is_empty()) {
        return;
    }
    let written = write(&recording, &nothing());
    let back = read(&written).expect("what was written can be read");
    assert_eq!(write(&back, &nothing()), written);
    let outputs = |recording: &Recording| -> Vec<Vec<u8>> {
        let blocks = recording.transcript.blocks.iter();
        let steps = blocks.flat_map(|block| &block.steps);
        steps.map(|step| step.output.clone()).collect()
    };
    assert_eq!(outputs(&back), outputs(&recording));
});
