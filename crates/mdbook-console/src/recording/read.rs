//! Recordings from text.

use std::time::Duration;

use sandbox::census::Census;
use sandbox::session::{End, Input};

use crate::parse::duration;
use crate::recording::{CENSUS, FACT, GONE, INPUT, OUTPUT, RESUMED};
use crate::recording::{Header, Recording, census, escape, sum};
use crate::transcript::{BlockTranscript, Step, Transcript, Typed};

/// Why a text is not a recording, or no longer the one that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Reads what [`super::write::write`] has written.
pub fn read(text: &str) -> Result<Recording, Unreadable> {
    let body = whole(text)?;
    let mut reader = Reader::default();
    for (at, line) in body.split('\n').enumerate() {
        let what = "this line is none of a recording";
        let unreadable = Unreadable { line: at + 1, what };
        reader.line(line).ok_or(unreadable)?;
    }
    Ok(reader.recording)
}

/// The text before its last line, if that is there and agrees.
fn whole(text: &str) -> Result<&str, Unreadable> {
    let lines = text.matches('\n').count();
    let unreadable = |line, what| Unreadable { line, what };
    let end = format!("\n{FACT}end, sum ");
    let Some((body, rest)) = text.rsplit_once(&end) else {
        return Err(unreadable(lines, "the recording has no end"));
    };
    let written = u64::from_str_radix(rest.trim_end_matches('\n'), 16);
    if rest.matches('\n').count() != 1 || written != Ok(sum(body)) {
        return Err(unreadable(1, "the recording was changed by hand"));
    }
    Ok(body)
}

#[derive(Default)]
struct Reader {
    recording: Recording,
    is_in_body: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Option<()> {
        if line.is_empty() {
            return Some(());
        }
        if line.starts_with('[') {
            self.is_in_body = true;
            let block = BlockTranscript::default();
            self.recording.transcript.blocks.push(block);
            return Some(());
        }
        if !self.is_in_body {
            let (key, value) = line.split_once(": ")?;
            let Recording { header, transcript } = &mut self.recording;
            return read_header(key, value, header, transcript);
        }
        let block = self.recording.transcript.blocks.last_mut()?;
        if let Some(line) = line.strip_prefix(CENSUS) {
            let census = block.census.get_or_insert_with(|| Census {
                processes: Vec::new(),
                namespaces: Vec::new(),
            });
            return census::read(line, census);
        }
        read_step(line, &mut block.steps)
    }
}

fn read_header(
    key: &str,
    value: &str,
    header: &mut Header,
    transcript: &mut Transcript,
) -> Option<()> {
    let list = || value.split(", ").map(str::to_owned).collect();
    match key {
        "session" => value.clone_into(&mut header.session),
        "chapter" => value.clone_into(&mut header.chapter),
        "record" => value.clone_into(&mut header.record),
        "kernel" => value.clone_into(&mut header.kernel),
        "system" => value.clone_into(&mut header.system),
        "tools" => header.tools = list(),
        "demos" => header.demos = list(),
        "date" => value.clone_into(&mut header.date),
        "took" => {
            // The shortest time is not a duration to an author.
            let took = duration::parse(value).unwrap_or(Duration::ZERO);
            header.took = took;
            transcript.took = took;
        }
        _ => return None,
    }
    Some(())
}

/// A line of a step, or the first of another one.
fn read_step(line: &str, steps: &mut Vec<Step>) -> Option<()> {
    if line == RESUMED {
        steps.push(step(None));
        return Some(());
    }
    let mut chars = line.chars();
    match chars.next()? {
        OUTPUT => {
            let Step { output, typed, .. } = steps.last_mut()?;
            escape::unescape(chars.as_str(), output, typed)
        }
        INPUT => {
            let text = chars.as_str();
            steps.last_mut()?.input.push(input(text));
            Some(())
        }
        '>' => {
            let text = chars.as_str();
            let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
            let step = steps.last_mut().filter(|step| is_new(step))?;
            step.command.as_mut()?.lines.push(text);
            Some(())
        }
        _ => {
            if let Some(fact) = line.strip_prefix(FACT) {
                return read_fact(fact, steps.last_mut()?);
            }
            let (prompt, text) = line.split_once(' ')?;
            // The first line of a command is never blank.
            text.chars().find(|c| !c.is_whitespace())?;
            let prompt = prompt.to_owned();
            let lines = vec![text.to_owned()];
            steps.push(step(Some(Typed { prompt, lines })));
            Some(())
        }
    }
}

fn input(text: &str) -> Input {
    match text.strip_prefix(' ').unwrap_or(text) {
        "^C" => Input::Interrupt,
        "^D" => Input::EndOfInput,
        line => Input::Line(line.to_owned()),
    }
}

/// Whether nothing but its command is known.
fn is_new(step: &Step) -> bool {
    step.output.is_empty() && step.input.is_empty()
}

fn read_fact(fact: &str, step: &mut Step) -> Option<()> {
    if let Some(gone) = fact.strip_prefix(GONE) {
        let numbers = gone.split(' ').map(|number| number.parse().ok());
        step.gone = numbers.collect::<Option<_>>()?;
        return Some(());
    }
    step.end = match fact {
        "running" => End::Running,
        "hung up" => End::HangUp,
        _ => {
            let status = fact.strip_prefix("exit ")?.parse().ok()?;
            End::Prompt { status }
        }
    };
    Some(())
}

/// A step of which nothing else is known yet.
fn step(command: Option<Typed>) -> Step {
    Step {
        command,
        input: Vec::new(),
        output: Vec::new(),
        typed: Vec::new(),
        end: End::Prompt { status: 0 },
        gone: Vec::new(),
    }
}
