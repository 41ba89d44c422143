//! The wording of every complaint about a recording or an include.

use crate::diagnostics::Fault;
use crate::parse::Span;
use crate::recording::read::Unreadable;

/// Nothing to show.
pub fn unrecorded(session: &str, span: Span) -> Fault {
    Fault::new(format!("there is no recording of `{session}`"), span)
        .label("nothing to show here")
        .help("run `mdbook-console record` on a machine that can run the block")
}

/// A recording of what the chapter said earlier.
pub fn other_commands(session: &str, path: &str, span: Span) -> Fault {
    Fault::new(
        format!("the recording of `{session}` is of other commands"),
        span,
    )
    .label("not what was recorded")
    .note(format!("recorded in {path}"))
    .help(format!(
        "run `mdbook-console record {session}` on a machine that can run the \
         block"
    ))
}

/// A file that is no recording any more.
pub fn unreadable(path: &str, why: &Unreadable, span: Span) -> Fault {
    Fault::new(format!("{}: {path}:{}", why.what, why.line), span)
        .label("recorded there")
        .help(
            "restore the file, or remove it and run `mdbook-console record`; \
             only `record` writes recordings",
        )
}

/// What a session says now is not what was recorded.
pub fn drifted(session: &str, path: &str, span: Span) -> Fault {
    Fault::new(format!("`{session}` is not as recorded"), span)
        .label("says something else now")
        .note(format!("recorded in {path}"))
        .help(format!("`mdbook-console record {session}` accepts what it says"))
}

/// A file that is not there, or cannot be read.
pub fn no_file(file: &str, span: Span) -> Fault {
    Fault::new(format!("`{file}` cannot be included"), span)
        .label("no such file")
        .help("paths are relative to the file that includes")
}

/// An anchor that the file does not have.
pub fn no_anchor(file: &str, anchor: &str, span: Span) -> Fault {
    Fault::new(format!("`{file}` has no anchor `{anchor}`"), span)
        .label("nothing would be shown")
        .help(format!(
            "mark the lines with `ANCHOR: {anchor}` and `ANCHOR_END: {anchor}`"
        ))
}
