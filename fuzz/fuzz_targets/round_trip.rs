//! Whatever a session may say is written as a recording, and comes back.

#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use console_fuzz::nothing;
use libfuzzer_sys::fuzz_target;
use mdbook_console::recording::read::read;
use mdbook_console::recording::write::write;
use mdbook_console::recording::{Header, Recording};
use mdbook_console::transcript::{BlockTranscript, Step, Transcript, Typed};
use sandbox::census::{Census, Namespace, Process};
use sandbox::namespace::Kind;
use sandbox::session::{End, Input};

#[derive(Arbitrary, Debug)]
struct Block {
    first: Said,
    rest: Vec<Said>,
    census: Option<(Vec<Who>, Vec<Where>)>,
}

#[derive(Arbitrary, Debug)]
struct Said {
    typed: Option<(bool, String)>,
    input: Vec<Option<String>>,
    output: Vec<u8>,
    echoes: Vec<u16>,
    end: Option<Option<i32>>,
    gone: Vec<u64>,
}

#[derive(Arbitrary, Debug)]
struct Who {
    pid: i32,
    inner: Vec<i32>,
    parent: i32,
    command: String,
    terminal: Option<u32>,
    namespaces: [Option<u64>; 8],
}

#[derive(Arbitrary, Debug)]
struct Where {
    number: u64,
    kind: u8,
    parent: Option<u64>,
    owner: Option<u64>,
    mounted_at: Vec<String>,
}

fuzz_target!(|blocks: Vec<Block>| {
    let blocks = blocks.into_iter().map(block).collect();
    let transcript = Transcript { blocks, took: Duration::from_millis(340) };
    let header = Header { took: transcript.took, ..Header::default() };
    let recording = Recording { header, transcript };
    let text = write(&recording, &nothing());
    assert_eq!(read(&text), Ok(recording), "{text}");
});

fn block(block: Block) -> BlockTranscript {
    let steps = std::iter::once(block.first).chain(block.rest);
    let census = block.census.map(|(processes, namespaces)| {
        let processes = processes.into_iter().map(process).collect();
        let mut namespaces: Vec<_> =
            namespaces.into_iter().map(namespace).collect();
        // Recordings have an order of their own, and no empty census.
        namespaces.truncate(1);
        Census { processes, namespaces }
    });
    let census = census
        .filter(|it| !it.processes.is_empty() || !it.namespaces.is_empty());
    BlockTranscript { steps: steps.map(step).collect(), census }
}

/// As a chapter could have it: no line has blanks at its end, the first says
/// something, and nothing is typed between the characters of a line's end.
fn step(said: Said) -> Step {
    let Said { typed, input, output, echoes, end, gone } = said;
    let command = typed.and_then(|(is_root, text)| {
        let prompt = if is_root { "#" } else { "$" }.to_owned();
        let lines = text.split('\n').map(|line| line.trim_end().to_owned());
        let lines: Vec<String> = lines.collect();
        (!lines[0].is_empty()).then_some(Typed { prompt, lines })
    });
    let input = input.into_iter().map(|line| match line {
        Some(line) => match line.trim_end() {
            "^C" => Input::Interrupt,
            "^D" => Input::EndOfInput,
            line => Input::Line(line.replace('\n', " ")),
        },
        None => Input::Interrupt,
    });
    let mut typed: Vec<usize> = echoes.into_iter().map(usize::from).collect();
    typed.sort_unstable();
    typed.retain(|at| output.get(*at).is_some_and(|byte| *byte != b'\n'));
    let end = match end {
        Some(Some(status)) => End::Prompt { status },
        Some(None) => End::Running,
        None => End::HangUp,
    };
    Step { command, input: input.collect(), output, typed, end, gone }
}

fn process(who: Who) -> Process {
    let mut pids = who.inner;
    pids.insert(0, who.pid);
    let Who { parent, command, terminal, namespaces, .. } = who;
    Process { pids, parent, command, terminal, namespaces }
}

fn namespace(place: Where) -> Namespace {
    let Where { number, kind, parent, owner, mounted_at } = place;
    let kind = Kind::ALL[usize::from(kind) % Kind::ALL.len()].name;
    let mounted_at = mounted_at.into_iter().collect();
    Namespace { number, kind, parent, owner, mounted_at }
}
