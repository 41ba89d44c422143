//! What the targets share: a book of one chapter, performed by nobody.

use std::path::PathBuf;
use std::time::Duration;

use mdbook_console::archive::{Archive, Kept, fits};
use mdbook_console::config::Config;
use mdbook_console::demos::Programs;
use mdbook_console::manuscript::{ChapterText, Manuscript};
use mdbook_console::perform::Outcome;
use mdbook_console::performance::{Performance, Played};
use mdbook_console::plan::{self, Action, Kind, Session};
use mdbook_console::preprocessor::findings::{Findings, Tone};
use mdbook_console::preprocessor::rendering::Rendering;
use mdbook_console::recording::read::read;
use mdbook_console::recording::write::write;
use mdbook_console::recording::{Header, Recording};
use mdbook_console::render::{Form, Provenance};
use mdbook_console::transcript::{BlockTranscript, Step, Transcript};
use mdbook_markdown::MarkdownOptions;
use mdbook_preprocessor::config::Config as BookConfig;
use sandbox::census::{Census, Namespace, Process};
use sandbox::session::{End, Input, Step as Answer};

/// A book of one chapter.
pub fn book(text: &str, options: &MarkdownOptions) -> Manuscript {
    let chapter = plan::Chapter::read("chapter".to_owned(), text, options);
    let parsed = vec![chapter];
    let config = Config::default();
    let root = PathBuf::from("/nonexistent");
    let text = ChapterText {
        path: PathBuf::from("chapter.md"),
        text: text.into(),
        has_includes: false,
    };
    Manuscript {
        plan: plan::plan(&parsed, config.timeout.0),
        archive: Archive::of_book(&root, &BookConfig::default(), &config),
        root,
        src: PathBuf::from("src"),
        config,
        chapters: vec![text],
        parsed,
    }
}

/// Every command says its own lines, and then what is typed into it.
pub fn performance(book: &Manuscript) -> Performance {
    let sessions = book.plan.sessions.clone();
    let played = sessions.iter().map(|session| Played {
        outcome: Some(Outcome::Held(transcript(session))),
        source: Provenance::default(),
        kept: Kept::Nothing,
    });
    let (played, programs) = (played.collect(), Programs::default());
    Performance { sessions, played, programs }
}

/// All that is said about the chapter and, where that is nothing, the chapter
/// in both forms.
pub fn pages(book: &Manuscript, performance: &Performance) -> Vec<String> {
    let findings = Findings::new(book, performance);
    let report = findings.report(Tone::Build);
    if report.errors() > 0 {
        return vec![report.text()];
    }
    let mut texts = Vec::new();
    let proofs = findings.proofs();
    for form in [Form::Html, Form::Markdown] {
        let rendering =
            Rendering { manuscript: book, performance, proofs: &proofs, form };
        texts.extend(rendering.texts());
    }
    texts
}

/// Whether the recording of a session comes back and is still its own.
pub fn comes_back(session: &Session) -> bool {
    let transcript = transcript(session);
    let recording = Recording { header: Header::default(), transcript };
    read(&write(&recording, session))
        .is_ok_and(|back| fits(&back.transcript, session))
}

fn transcript(session: &Session) -> Transcript {
    let blocks = session.blocks.iter().map(|block| BlockTranscript {
        steps: block.actions.iter().map(step).collect(),
        census: block.census.then(census),
    });
    Transcript { blocks: blocks.collect(), took: Duration::ZERO }
}

fn step(action: &Action) -> Step {
    let (lines, input) = match &action.kind {
        Kind::Run(command) => (command.lines.as_slice(), &command.input),
        Kind::Resume { input, .. } => (&[][..], input),
    };
    let mut output = Vec::new();
    let mut typed = Vec::new();
    for line in lines {
        output.extend(line.as_bytes());
        output.extend(b"\r\n");
    }
    for input in input {
        typed.push(output.len());
        output.extend(match input {
            Input::Line(line) => line.as_bytes(),
            Input::Interrupt => b"^C",
            Input::EndOfInput => b"",
        });
        output.extend(b"\r\n");
    }
    let answer = Answer {
        prompt: match &action.kind {
            Kind::Run(command) => format!("{} ", command.prompt),
            Kind::Resume { .. } => String::new(),
        },
        output,
        typed,
        end: End::Prompt { status: 0 },
        duration: Duration::ZERO,
        missing: Vec::new(),
    };
    Step::new(&action.kind, answer)
}

/// A shell, and a child in a PID namespace of its own.
fn census() -> Census {
    let process = |pids: &[i32], parent, namespace| Process {
        pids: pids.to_vec(),
        parent,
        command: "bash".to_owned(),
        terminal: Some(0),
        namespaces: [Some(namespace); 8],
    };
    let namespace = |number, parent| Namespace {
        number,
        kind: "pid",
        parent,
        owner: None,
        mounted_at: ["/run/here".to_owned()].into(),
    };
    Census {
        processes: vec![process(&[1], 0, 7), process(&[2, 1], 1, 8)],
        namespaces: vec![namespace(7, None), namespace(8, Some(7))],
    }
}

/// A text as a recording that nobody has changed, whatever its end was.
pub fn signed(text: &str) -> String {
    const END: &str = "\n= end, sum ";
    let body = text.rsplit_once(END).map_or(text, |(body, _)| body);
    // FNV-1a, as the recordings have it.
    let sum = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{body}{END}{sum:016x}\n")
}

/// A session of no blocks: what is written for it has numbers for names.
pub fn nothing() -> Session {
    Session {
        name: "nothing".to_owned(),
        chapter: 0,
        stem: "chapter".to_owned(),
        terminals: Vec::new(),
        blocks: Vec::new(),
    }
}
