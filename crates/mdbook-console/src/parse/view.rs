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
        /// `kinds=pid`: with a map beside the steps.
        drawing: Option<Drawing>,
    },
    /// The processes of a session, in their namespaces.
    Map {
        /// `session=NAME`.
        session: Written<String>,
        /// `after=ID`: the block after which they are counted.
        after: Written<String>,
        /// `since=ID`: the block after which they were counted before.
        since: Option<Written<String>>,
        /// What is drawn of them.
        drawing: Drawing,
    },
}

/// What a map draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// `kinds=user,pid`: at least one, each once, the first in full.
    pub kinds: Vec<namespace::Kind>,
    /// `links=owner`: which user namespace owns the others.
    pub owners: bool,
}

/// The options, as far as they are given.
#[derive(Default)]
struct Options {
    session: Option<Written<String>>,
    after: Option<Written<String>>,
    since: Option<Written<String>>,
    kinds: Option<Vec<namespace::Kind>>,
    links: Option<Span>,
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
        let drawing = options.drawing(faults);
        let mut lacks = |option| {
            if is_readable {
                let span = opening.clone();
                faults.push(complain::option_missing(kind, option, span));
            }
        };
        let Options { session, after, since, kinds, .. } = options;
        if session.is_none() {
            lacks("session");
        }
        if kind != Kind::Map {
            return session.map(|session| Self::Replay { session, drawing });
        }
        if after.is_none() {
            lacks("after");
        }
        if kinds.is_none() {
            lacks("kinds");
        }
        let ((session, after), drawing) = session.zip(after).zip(drawing)?;
        Some(Self::Map { session, after, since, drawing })
    }
}

impl Options {
    fn set(&mut self, kind: Kind, word: &Word) -> Result<(), Fault> {
        match word.key {
            "session" => self.session = Some(word.name()?),
            "after" if kind == Kind::Map => self.after = Some(word.name()?),
            "since" if kind == Kind::Map => self.since = Some(word.name()?),
            "kinds" => self.kinds = Some(kinds(word)?),
            "links" => match word.value()? {
                "owner" => self.links = Some(word.span.clone()),
                other => {
                    let span = word.span.clone();
                    return Err(complain::not_a_link(other, span));
                }
            },
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

    /// Lines to owners need a box to lead to.
    fn drawing(&self, faults: &mut Vec<Fault>) -> Option<Drawing> {
        let has_user = |kinds: &Vec<namespace::Kind>| {
            kinds.contains(&namespace::Kind::USER)
        };
        if let Some(span) = &self.links
            && !self.kinds.as_ref().is_some_and(has_user)
        {
            faults.push(complain::no_owners(span.clone()));
        }
        let kinds = self.kinds.clone()?;
        Some(Drawing { kinds, owners: self.links.is_some() })
    }
}

fn known(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Map => &["session", "after", "since", "kinds", "links"],
        Kind::Run | Kind::Replay => &["session", "kinds", "links"],
    }
}

fn kinds(word: &Word) -> Result<Vec<namespace::Kind>, Fault> {
    let mut kinds = Vec::new();
    for name in word.value()?.split(',').map(str::trim) {
        let Some(kind) = namespace::Kind::named(name) else {
            let names = namespace::Kind::ALL.map(|kind| kind.name);
            let meant = similar::closest(name, names);
            let span = word.span.clone();
            return Err(complain::not_a_kind(name, meant, &names, span));
        };
        if kinds.contains(&kind) {
            return Err(complain::kind_twice(name, word.span.clone()));
        }
        kinds.push(kind);
    }
    Ok(kinds)
}
