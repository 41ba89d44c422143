//! Reads the words of a fence's first line: `console,run id=x exit=3`.

use std::time::Duration;

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::needs::{self, Need};
use crate::parse::{Span, duration};
use crate::similar;

/// Every option a block may carry.
pub const OPTIONS: [&str; 9] = [
    "id", "session", "terminal", "hidden", "fails", "exit", "timeout", "until",
    "needs",
];

/// The most terminals a session may have.
pub const MOST_TERMINALS: u8 = 8;

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What it means.
    pub value: T,
    /// The word it was read from.
    pub span: Span,
}

/// A block's options, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// `id=NAME`: a name for values, claims and maps.
    pub id: Option<Written<String>>,
    /// `session=NAME`: continues in the session of that name.
    pub session: Option<Written<String>>,
    /// `terminal=N`: which of the session's terminals; 1 unless said.
    pub terminal: Option<Written<u8>>,
    /// `hidden`: is run, and not shown.
    pub hidden: Option<Span>,
    /// `fails`: the last command ends with any status but 0.
    pub fails: Option<Span>,
    /// `exit=N`: the last command ends with this status.
    pub exit: Option<Written<u8>>,
    /// `timeout=5s`: how long each command may take.
    pub timeout: Option<Written<Duration>>,
    /// `until="text"`: the last command stays; go on when it has said this.
    pub until: Option<Written<String>>,
    /// `needs="kernel 6.18, nft"`: what the block cannot do without.
    pub needs: Vec<Need>,
}

/// One word of the line, `key` or `key=value`.
struct Word<'a> {
    key: &'a str,
    value: Option<String>,
    span: Span,
    is_closed: bool,
}

impl Word<'_> {
    fn says_run(&self) -> bool {
        self.key.split(',').any(|part| part == "run")
    }
}

impl Info {
    /// The options of a fence, or `None` if it does not ask for a run.
    pub fn read(
        text: &str,
        line: Span,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let words = split(text, line);
        let (kind, rest) = words.split_first()?;
        if !asks_for_run(kind, rest, faults) {
            return None;
        }
        let mut info = Self::default();
        let mut seen: Vec<&Word> = Vec::new();
        // A `run` that stands apart has been complained about.
        let apart = |word: &&Word| word.key == "run" && !kind.says_run();
        for word in rest.iter().filter(|word| !apart(word)) {
            if !word.is_closed {
                faults.push(complain::open_quote(word.span.clone()));
            } else if let Some(first) = seen.iter().find(|w| w.key == word.key)
            {
                faults.push(complain::option_twice(
                    word.key,
                    word.span.clone(),
                    first.span.clone(),
                ));
            } else {
                faults.extend(info.set(word).err());
                seen.push(word);
            }
        }
        info.contradictions(faults);
        Some(info)
    }

    fn set(&mut self, word: &Word) -> Result<(), Fault> {
        let span = word.span.clone();
        match word.key {
            "hidden" => self.hidden = Some(flag(word)?),
            "fails" => self.fails = Some(flag(word)?),
            "id" => self.id = Some(written(name(word)?, span)),
            "session" => self.session = Some(written(name(word)?, span)),
            "terminal" => self.terminal = Some(written(terminal(word)?, span)),
            "exit" => self.exit = Some(written(exit(word)?, span)),
            "timeout" => self.timeout = Some(written(timeout(word)?, span)),
            "until" => self.until = Some(written(until(word)?, span)),
            "needs" => self.needs = needs(word)?,
            key => {
                let meant = similar::closest(key, OPTIONS);
                return Err(complain::unknown_option(key, meant, span));
            }
        }
        Ok(())
    }

    fn contradictions(&self, faults: &mut Vec<Fault>) {
        if let (Some(fails), Some(exit)) = (&self.fails, &self.exit)
            && exit.value == 0
        {
            faults.push(complain::fails_with_exit_0(
                exit.span.clone(),
                fails.clone(),
            ));
        }
        if let (Some(terminal), None) = (&self.terminal, &self.session) {
            faults.push(complain::terminal_without_session(
                terminal.span.clone(),
            ));
        }
    }
}

fn written<T>(value: T, span: Span) -> Written<T> {
    Written { value, span }
}

/// Whether the first word is `console` and `run`. Near misses are faults,
/// because they would be silently shown as they are.
fn asks_for_run(kind: &Word, rest: &[Word], faults: &mut Vec<Fault>) -> bool {
    let parts: Vec<&str> = kind.key.split(',').collect();
    if !parts.contains(&"console") || kind.value.is_some() {
        return false;
    }
    if !kind.says_run() {
        let loose = rest.iter().any(|word| word.key == "run");
        let slip = parts.iter().any(|part| {
            *part != "console" && similar::closest(part, ["run"]).is_some()
        });
        if loose || slip {
            faults.push(complain::not_quite_run(kind.span.clone()));
        }
        return loose || slip;
    }
    let mut others =
        parts.iter().filter(|part| !["console", "run"].contains(part));
    if let Some(other) = others.next() {
        faults.push(complain::word_in_kind(other, kind.span.clone()));
    }
    true
}

fn flag(word: &Word) -> Result<Span, Fault> {
    match &word.value {
        None => Ok(word.span.clone()),
        Some(_) => Err(complain::takes_no_value(word.key, word.span.clone())),
    }
}

fn value<'a>(word: &'a Word) -> Result<&'a str, Fault> {
    match word.value.as_deref() {
        None | Some("") => {
            Err(complain::takes_a_value(word.key, word.span.clone()))
        }
        Some(value) => Ok(value),
    }
}

/// Names become names of files.
fn name(word: &Word) -> Result<String, Fault> {
    let name = value(word)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(fits) && !name.starts_with('-') {
        Ok(name.to_owned())
    } else {
        Err(complain::not_a_name(name, word.span.clone()))
    }
}

fn terminal(word: &Word) -> Result<u8, Fault> {
    let number = value(word)?.parse().ok();
    number
        .filter(|number| (1..=MOST_TERMINALS).contains(number))
        .ok_or_else(|| complain::not_a_terminal(word.span.clone()))
}

fn exit(word: &Word) -> Result<u8, Fault> {
    value(word)?.parse().map_err(|_| complain::not_a_status(word.span.clone()))
}

fn timeout(word: &Word) -> Result<Duration, Fault> {
    let text = value(word)?;
    duration::parse(text)
        .ok_or_else(|| complain::not_a_duration(text, word.span.clone()))
}

fn until(word: &Word) -> Result<String, Fault> {
    value(word).map(str::to_owned)
}

fn needs(word: &Word) -> Result<Vec<Need>, Fault> {
    value(word)?
        .split(',')
        .map(|item| {
            needs::parse(item).ok_or_else(|| {
                complain::not_a_need(item.trim(), word.span.clone())
            })
        })
        .collect()
}

/// Splits a line at blanks that are not between double quotes. Inside
/// quotes, `\"` is a quote and `\\` a backslash.
fn split(text: &str, line: Span) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        let blank =
            text[rest.clone()].len() - text[rest.clone()].trim_start().len();
        rest.start += blank;
        if rest.is_empty() {
            return words;
        }
        let word = take_word(text, rest.clone());
        rest.start = word.span.end;
        words.push(word);
    }
}

fn take_word(text: &str, line: Span) -> Word<'_> {
    let rest = &text[line.clone()];
    let key_ends = rest
        .find(|c: char| c == '=' || c.is_whitespace())
        .unwrap_or(rest.len());
    let key = &rest[..key_ends];
    if !rest[key_ends..].starts_with('=') {
        let span = line.start..line.start + key_ends;
        return Word { key, value: None, span, is_closed: true };
    }
    let mut value = String::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut end = rest.len();
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at <= key_ends) {
        match c {
            _ if escaped => {
                escaped = false;
                value.push(c);
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                end = at;
                break;
            }
            c => value.push(c),
        }
    }
    let span = line.start..line.start + end;
    Word { key, value: Some(value), span, is_closed: !quoted }
}
