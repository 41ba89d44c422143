use std::time::Duration;

use mdbook_markdown::MarkdownOptions;
use sandbox::session::End;

use super::*;
use crate::plan::{self, Chapter};
use crate::transcript::{Step, Typed};

/// Judges the only footnote of a chapter with one block, `b`, whose commands
/// answer like this.
fn judge(check: &str, answers: &[(&str, &str)]) -> Result<Proof, String> {
    let commands: Vec<String> =
        answers.iter().map(|(line, _)| format!("# {line}")).collect();
    let commands = commands.join("\n");
    let text = format!(
        "x[^c]\n\n```console,run id=b\n{commands}\n```\n\n[^c]: {check}\n"
    );
    let chapter = Chapter::read("a".into(), &text, &MarkdownOptions::default());
    let plan = plan::plan(&[chapter], Duration::from_secs(1));
    assert_eq!(plan.complaints, []);
    let steps = answers.iter().map(|(line, output)| Step {
        command: Some(Typed {
            prompt: "#".into(),
            lines: vec![(*line).into()],
        }),
        input: Vec::new(),
        output: output.replace('\n', "\r\n").into_bytes(),
        typed: Vec::new(),
        end: End::Prompt { status: 0 },
        gone: Vec::new(),
    });
    let block = BlockTranscript { steps: steps.collect(), census: None };
    let transcript = Transcript { blocks: vec![block], took: Duration::ZERO };
    let evidence = Evidence {
        sessions: &plan.sessions,
        transcripts: vec![Some(&transcript)],
        instead: BTreeMap::new(),
        read: RefCell::default(),
    };
    let judged = evidence.judge(&plan.citations[0]).expect("it was run");
    judged.map_err(|fault| fault.title)
}

/// The lines that prove a footnote.
fn lines(check: &str, answers: &[(&str, &str)]) -> Vec<usize> {
    let proof = judge(check, answers).expect("it holds");
    proof.lines.iter().map(|line| line.number).collect()
}

fn fault(check: &str, answers: &[(&str, &str)]) -> String {
    judge(check, answers).expect_err("it does not hold")
}

const TWO: [(&str, &str); 2] =
    [("one", "uts:[1]\nhost\n"), ("two", "uts:[2]\nhost\n")];

#[test]
fn what_is_shown_is_found_with_its_lines() {
    assert_eq!(lines("Check: `b` shows `host`.", &TWO), [2, 4]);
    assert_eq!(lines("Check: `b` shows `host` twice.", &TWO), [2, 4]);
    assert_eq!(lines("Check: `b` after `# two` shows `host`.", &TWO), [4]);
    assert_eq!(lines("Check: `b` before `# two` shows `host`.", &TWO), [2]);
}

#[test]
fn what_is_not_shown_is_a_fault() {
    let title = fault("Check: `b` shows `guest`.", &TWO);
    assert_eq!(title, "`b` does not show `guest`");
    let title = fault("Check: `b` shows `host` once.", &TWO);
    assert_eq!(title, "`b` shows `host` 2 times, not once");
    let title = fault("Check: `b` never shows `host`.", &TWO);
    assert_eq!(title, "`b` shows `host`");
    let title = fault("Check: `b` after `# three` shows `host`.", &TWO);
    assert_eq!(title, "`b` has no line with `# three`");
}

#[test]
fn what_was_typed_proves_nothing() {
    let said = [("echo host", "\n")];
    assert_eq!(
        fault("Check: `b` shows `host`.", &said),
        "`b` does not show `host`"
    );
    assert_eq!(lines("Check: `b` never shows `host`.", &said), [0]);
}

#[test]
fn words_are_compared() {
    let before = "`uts:[{}]` in `b` before `# two`";
    let after = "`uts:[{}]` in `b` after `# two`";
    let differs = format!("Check: {before} differs from {after}.");
    assert_eq!(lines(&differs, &TWO), [1, 3]);
    let equals = format!("Check: {before} equals {after}.");
    assert_eq!(fault(&equals, &TWO), "`1` is not `2`");
    let same = [("one", "uts:[7]\n"), ("two", "uts:[7]\n")];
    assert_eq!(lines(&equals, &same), [1, 2]);
    assert_eq!(fault(&differs, &same), "both are `7`");
}

#[test]
fn a_value_is_one_word() {
    let value = "Value: `uts:[{}]` in `b` after `# two`.";
    let proof = judge(value, &TWO).expect("a value");
    assert_eq!(proof.word.as_deref(), Some("2"));
    let title = fault("Value: `uts:[{}]` in `b`.", &TWO);
    assert_eq!(title, "`uts:[{}]` is not one word in `b`");
}

/// The complaint points at the line that comes nearest.
#[test]
fn the_nearest_line_has_an_arrow() {
    let said = ["root 1 0 init", "root 2 1 bash", "reader 3 2 ps"];
    let lines: Vec<String> = said.map(str::to_owned).to_vec();
    let held = Held { block: "b", lines: &lines };
    let pattern = Pattern::read("root 7 1 bash").expect("a pattern");
    let fault = complain::not_shown(&pattern, &held, 0..1);
    let shown = format!("{:?}", fault.advice);
    assert!(shown.contains(r"→ root 2 1 bash\n   reader"), "{shown}");
}
