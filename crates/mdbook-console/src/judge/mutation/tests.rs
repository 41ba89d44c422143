use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use mdbook_markdown::MarkdownOptions;

use super::*;
use crate::plan::{self, Chapter};

/// What the only claim of a chapter does not notice. The chapter has a block
/// `b` that prints these lines, and another one that prints `elsewhere`.
fn tried(check: &str, lines: &[&str]) -> Vec<Unnoticed> {
    let text = format!(
        "x[^c]\n\n```console,run id=b\n# one\n```\n\n\
         ```console,run id=other\n# two\n```\n\n[^c]: {check}\n"
    );
    let chapter = Chapter::read("a".into(), &text, &MarkdownOptions::default());
    let plan = plan::plan(&[chapter], Duration::from_secs(1));
    assert_eq!(plan.complaints, []);
    let rows = |lines: &[&str]| -> Vec<Row> {
        lines.iter().map(|line| Row::Output((*line).to_owned())).collect()
    };
    let evidence = Evidence {
        sessions: &plan.sessions,
        transcripts: Vec::new(),
        instead: BTreeMap::from([
            ((0, 0), rows(lines)),
            ((1, 0), rows(&["elsewhere"])),
        ]),
        read: RefCell::default(),
    };
    let judged = evidence.judge(&plan.citations[0]);
    assert!(matches!(judged, Some(Ok(_))), "{judged:?}");
    unnoticed(&evidence, &plan.citations[0])
}

#[test]
fn a_claim_of_one_line_notices_its_loss() {
    assert_eq!(tried("Check: `b` shows `x`.", &["x", "y"]), []);
    assert_eq!(
        tried("Check: `b` shows `x`.", &["x 1", "x 2"]),
        [Unnoticed::LostLine]
    );
    assert_eq!(tried("Check: `b` shows `x` twice.", &["x 1", "x 2"]), []);
}

#[test]
fn a_comparison_notices_what_parts_and_what_becomes_one() {
    let lines = ["a 1", "b 1", "c 2"];
    let check = |one, verb, other| {
        let check =
            format!("Check: `{one} {{}}` in `b` {verb} `{other} {{}}` in `b`.");
        tried(&check, &lines)
    };
    assert_eq!(check("a", "equals", "b"), []);
    assert_eq!(check("a", "differs from", "c"), []);
    // A line compared with itself.
    assert_eq!(check("a", "equals", "a"), [Unnoticed::Split]);
}

#[test]
fn what_is_never_shown_must_be_shown_somewhere() {
    assert_eq!(tried("Check: `b` never shows `elsewhere`.", &["x"]), []);
    assert_eq!(
        tried("Check: `b` never shows `elswhere`.", &["x"]),
        [Unnoticed::NeverAnywhere]
    );
}
