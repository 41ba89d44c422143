//! What a fence asks for, by the first word of its first line.

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::words::Word;
use crate::similar;

/// What a fence asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `console,run`: commands, to be run and shown.
    Run,
    /// `console,replay`: a session, to be shown step by step.
    Replay,
    /// `console,map`: the processes of a session, to be drawn.
    Map,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Run, Self::Replay, Self::Map];

    /// As the author writes it behind `console,`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Replay => "replay",
            Self::Map => "map",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of a fence with these words, and its options. Near misses
    /// are faults, because they would be silently shown as they are.
    pub(super) fn read<'a, 'b>(
        words: &'a [Word<'b>],
        faults: &mut Vec<Fault>,
    ) -> Option<(Self, Vec<&'a Word<'b>>)> {
        let (first, rest) = words.split_first()?;
        let parts: Vec<&str> = first.key.split(',').collect();
        if !parts.contains(&"console") || !first.is_bare() {
            return None;
        }
        let mut others = parts.iter().filter(|part| **part != "console");
        let said = parts.iter().find_map(|part| Self::of_name(part));
        if let Some(kind) = said {
            let mut others = others.filter(|part| **part != kind.name());
            if let Some(other) = others.next() {
                let span = first.span.clone();
                faults.push(complain::word_in_kind(other, kind, span));
            }
            return Some((kind, rest.iter().collect()));
        }
        let loose =
            |word: &Word| Self::of_name(word.key).filter(|_| word.is_bare());
        let names = || Self::ALL.map(Self::name);
        let slip = others.find_map(|part| similar::closest(part, names()));
        let slip = slip.and_then(Self::of_name);
        let kind = rest.iter().find_map(loose).or(slip)?;
        faults.push(complain::not_quite_a_kind(kind, first.span.clone()));
        let rest = rest.iter().filter(|word| loose(word) != Some(kind));
        Some((kind, rest.collect()))
    }
}
