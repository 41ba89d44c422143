use std::collections::BTreeSet;

use proptest::prelude::*;
use sandbox::census::{Census, Namespace, Process};
use sandbox::session::{End, Input};

use super::read::read;
use super::write::write;
use super::*;
use crate::plan::Session;
use crate::transcript::{BlockTranscript, Step, Typed};

fn session() -> Session {
    Session {
        name: "walk".into(),
        chapter: 0,
        stem: "a".into(),
        terminals: Vec::new(),
        blocks: Vec::new(),
    }
}

fn step(prompt: &str, lines: &[&str], output: &[u8]) -> Step {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    Step {
        command: Some(Typed { prompt: prompt.into(), lines }),
        input: Vec::new(),
        output: output.to_vec(),
        typed: Vec::new(),
        end: End::Prompt { status: 0 },
        gone: Vec::new(),
    }
}

fn recording(steps: Vec<Step>, census: Option<Census>) -> Recording {
    let header = Header {
        session: "walk".into(),
        chapter: "a.md".into(),
        record: "mdbook-console record walk".into(),
        kernel: "Linux 6.18.44 x86_64".into(),
        tools: vec!["bash 5.2".into(), "procps 4".into()],
        date: "2026-11-23".into(),
        took: Duration::from_millis(340),
        ..Header::default()
    };
    let blocks = vec![BlockTranscript { steps, census }];
    let transcript = Transcript { blocks, took: header.took };
    Recording { header, transcript }
}

fn everything() -> Recording {
    let mut asks = step("#", &["read name", "echo x"], b"Ann\r\nx\r\n");
    asks.input = vec![Input::Line("Ann".into()), Input::Line(String::new())];
    asks.typed = vec![0];
    asks.gone = vec![4_026_532_290];
    let mut fails = step("$", &["false"], b"");
    fails.end = End::Prompt { status: 1 };
    let mut stays = step("#", &["top"], b"\x1b[1mtop\x1b[0m");
    stays.end = End::Running;
    let mut on = step("#", &[], b"^C\r\n");
    on.command = None;
    on.input = vec![Input::Interrupt, Input::EndOfInput];
    on.end = End::HangUp;
    let census = Census {
        processes: vec![Process {
            pids: vec![7, 1],
            parent: 2,
            command: "sh -c \"a: b\"\n".into(),
            terminal: Some(0),
            namespaces: [None, Some(1), None, Some(2), None, None, None, None],
        }],
        namespaces: vec![Namespace {
            number: 1,
            kind: "pid",
            parent: Some(3),
            owner: Some(4),
            mounted_at: BTreeSet::from(["/run/netns/a, at b".into()]),
        }],
    };
    recording(vec![asks, fails, stays, on], Some(census))
}

#[test]
fn a_recording_comes_back_as_it_was() {
    let recording = everything();
    let text = write(&recording, &session());
    assert_eq!(read(&text), Ok(recording), "{text}");
}

#[test]
fn a_recording_reads_like_a_terminal() {
    let text = write(&everything(), &session());
    let body = text.split_once("\n\n").expect("a header").1;
    let lines: Vec<&str> = body.lines().take(9).collect();
    assert_eq!(
        lines,
        [
            "[block 1]",
            "# read name",
            "> echo x",
            "← Ann",
            "←",
            r"│\<Ann",
            "│x",
            "= gone 4026532290",
            "$ false",
        ]
    );
}

#[test]
fn any_change_by_hand_is_noticed() {
    let text = write(&everything(), &session());
    for at in 0..text.len() {
        if !text.is_char_boundary(at) || !text.is_char_boundary(at + 1) {
            continue;
        }
        let mut changed = text.clone();
        let other = if &text[at..=at] == "~" { "!" } else { "~" };
        changed.replace_range(at..=at, other);
        assert!(read(&changed).is_err(), "at {at}");
        assert!(read(&text[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_recording_that_was_cut_says_so() {
    let text = write(&everything(), &session());
    let cut: String = text.split_inclusive('\n').take(12).collect();
    let error = read(&cut).expect_err("a complaint");
    assert_eq!((error.line, error.what), (12, "the recording has no end"));
}

#[test]
fn a_prompt_without_a_command_is_none_of_a_recording() {
    for line in ["#", "# ", "#  \t"] {
        let body = format!("[block 1]\n{line}\n");
        let signed = format!("{body}\n= end, sum {:016x}\n", sum(&body));
        let error = read(&signed).expect_err("a complaint");
        assert_eq!(error.line, 2, "{line:?}");
    }
}

proptest! {
    #[test]
    fn any_output_comes_back(
        output in prop::collection::vec(any::<u8>(), 0..200),
        typed in prop::collection::btree_set(0_usize..200, 0..4),
    ) {
        let mut said = step("#", &["x"], &output);
        said.typed = typed.into_iter().filter(|at| *at < output.len()).collect();
        // Nothing is typed between a line and its end.
        said.typed.retain(|at| output[*at] != b'\n');
        let recording = recording(vec![said], None);
        let text = write(&recording, &session());
        prop_assert_eq!(read(&text), Ok(recording));
    }

    #[test]
    fn no_text_makes_reading_panic(text in "(?s).{0,200}") {
        let _ = read(&text);
        let signed = format!("{text}\n= end, sum {:016x}\n", sum(&text));
        let _ = read(&signed);
    }
}
