//! Recordings as text.

use sandbox::session::{End, Input};
use std::fmt::Write as _;

use crate::parse::duration;
use crate::plan::Session;
use crate::recording::{CENSUS, FACT, GONE, INPUT, OUTPUT, RESUMED};
use crate::recording::{Header, Passage, Recording, census, escape, sum};
use crate::same::Part;
use crate::transcript::{BlockTranscript, Step, Transcript};

/// The whole text. `session` gives the blocks their names.
pub fn write(recording: &Recording, session: &Session) -> String {
    let passages = passages(&recording.transcript);
    write_passages(&recording.header, &passages, session)
}

/// The same, of steps that are text already.
pub fn write_passages(
    header: &Header,
    passages: &[Passage],
    session: &Session,
) -> String {
    let mut text = self::header(header);
    let mut block = None;
    for passage in passages {
        if block != Some(passage.block) {
            block = Some(passage.block);
            // Writing to a string does not fail.
            let _ = write!(text, "\n{}\n", heading(session, passage.block));
        }
        for line in &passage.part.lines {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(gone) = gone(&passage.part.gone) {
            let _ = writeln!(text, "{FACT}{GONE}{gone}");
        }
    }
    let sum = sum(&text);
    let _ = write!(text, "\n{FACT}end, sum {sum:016x}\n");
    text
}

fn header(header: &Header) -> String {
    let lines = [
        ("session", header.session.clone()),
        ("chapter", header.chapter.clone()),
        ("record", header.record.clone()),
        ("kernel", header.kernel.clone()),
        ("system", header.system.clone()),
        ("tools", header.tools.join(", ")),
        ("demos", header.demos.join(", ")),
        ("date", header.date.clone()),
        ("took", duration::show(header.took)),
    ];
    let mut text = String::new();
    for (key, value) in lines {
        if !value.is_empty() {
            let _ = writeln!(text, "{key}: {value}");
        }
    }
    text
}

/// `[walk-ps, terminal 1]`
fn heading(session: &Session, position: usize) -> String {
    let block = session.blocks.get(position);
    let id = block.and_then(|block| block.id.clone());
    let name = id.unwrap_or_else(|| format!("block {}", position + 1));
    let terminal = block.and_then(|b| session.terminals.get(b.terminal));
    match terminal.filter(|_| session.terminals.len() > 1) {
        Some(terminal) => format!("[{name}, terminal {}]", terminal.number),
        None => format!("[{name}]"),
    }
}

/// The steps as text, in order.
pub fn passages(transcript: &Transcript) -> Vec<Passage> {
    let blocks = transcript.blocks.iter().enumerate();
    blocks.flat_map(|(at, block)| block_passages(at, block)).collect()
}

fn block_passages(
    position: usize,
    block: &BlockTranscript,
) -> impl Iterator<Item = Passage> {
    let mut parts: Vec<Part> = block.steps.iter().map(step).collect();
    if let (Some(census), Some(last)) = (&block.census, parts.last_mut()) {
        let lines = census::lines(census);
        last.lines.extend(lines.iter().map(|l| format!("{CENSUS}{l}")));
    }
    parts.into_iter().map(move |part| Passage { block: position, part })
}

fn step(step: &Step) -> Part {
    let mut lines = Vec::new();
    match &step.command {
        None => lines.push(RESUMED.to_owned()),
        Some(typed) => {
            let mut prompt = typed.prompt.as_str();
            for line in &typed.lines {
                lines.push(format!("{prompt} {line}").trim_end().to_owned());
                prompt = ">";
            }
        }
    }
    for input in &step.input {
        let text = match input {
            Input::Line(line) => line,
            Input::Interrupt => "^C",
            Input::EndOfInput => "^D",
        };
        lines.push(format!("{INPUT} {text}").trim_end().to_owned());
    }
    let output = escape::lines(&step.output, &step.typed);
    lines.extend(output.iter().map(|line| format!("{OUTPUT}{line}")));
    match step.end {
        End::Prompt { status: 0 } => {}
        End::Prompt { status } => lines.push(format!("{FACT}exit {status}")),
        End::Running => lines.push(format!("{FACT}running")),
        End::HangUp => lines.push(format!("{FACT}hung up")),
    }
    Part { lines, gone: step.gone.clone() }
}

fn gone(numbers: &[u64]) -> Option<String> {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    (!numbers.is_empty()).then(|| numbers.join(" "))
}
