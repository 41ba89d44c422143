//! Reads the options of a view: `console,replay session=walk`.

use sandbox::namespace;

use crate::diagnostics::{Fault, faults as complain};
use crate::parse::Span;
use crate::parse::kind::Kind;
use crate::parse::words::{self, Word, Written};
use crate::similar;

/// A fence that shows a session again, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The whole fence.
    pub span: Span,
    /// What every further line of the fence begins with, because of the
    /// lists and quotes around it.
    pub prefix: String,
    /// What it shows; `None` if its faults leave that open.
    pub subject: Option<Subject>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// What a view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All steps of a session.
    Replay {
        /// `session=NAME`.
        session: Written<String>,
    },
    /// The processes of a session, in their PID namespaces.
    Map {
        /// `session=NAME`.
        session: Written<String>,
        /// `after=ID`: the block after which they are counted.
        after: Written<String>,
    },
}

/// The options, as far as they are given.
#[derive(Default)]
struct Options {
    session: Option<Written<String>>,
    after: Option<Written<String>>,
    has_kinds: bool,
}

impl Subject {
    /// Reads the options of a fence that is a replay or a map.
    pub(super) fn read(
        kind: Kind,
        words: &[&Word],
        opening: &Span,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let mut options = Options::default();
        let before = faults.len();
        let set = |word: &Word| options.set(kind, word);
        words::each(words.iter().copied(), faults, set);
        let is_readable = faults.len() == before;
        let mut lacks = |option| {
            if is_readable {
                let span = opening.clone();
                faults.push(complain::option_missing(kind, option, span));
            }
        };
        let Options { session, after, has_kinds } = options;
        if session.is_none() {
            lacks("session");
        }
        if kind != Kind::Map {
            return session.map(|session| Self::Replay { session });
        }
        if after.is_none() {
            lacks("after");
        }
        if !has_kinds {
            lacks("kinds");
        }
        let (session, after) = session.zip(after)?;
        has_kinds.then_some(Self::Map { session, after })
    }
}

impl Options {
    fn set(&mut self, kind: Kind, word: &Word) -> Result<(), Fault> {
        match word.key {
            "session" => self.session = Some(word.name()?),
            "after" if kind == Kind::Map => self.after = Some(word.name()?),
            "kinds" if kind == Kind::Map => {
                kinds(word)?;
                self.has_kinds = true;
            }
            key => {
                let known = known(kind);
                let meant = similar::closest(key, known.iter().copied());
                let span = word.span.clone();
                return Err(complain::unknown_view_option(
                    key, kind, meant, known, span,
                ));
            }
        }
        Ok(())
    }
}

fn known(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Map => &["session", "after", "kinds"],
        Kind::Run | Kind::Replay => &["session"],
    }
}

/// Of all kinds of namespaces only PID namespaces are drawn.
fn kinds(word: &Word) -> Result<(), Fault> {
    for name in word.value()?.split(',').map(str::trim) {
        let is_kind = namespace::Kind::ALL.iter().any(|k| k.name == name);
        match name {
            "pid" => {}
            _ if is_kind => {
                let span = word.span.clone();
                return Err(complain::not_drawn(name, span));
            }
            _ => return Err(complain::not_a_kind(name, word.span.clone())),
        }
    }
    Ok(())
}
