//! Keeps the names in a book unique.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diagnostics::{Fault, Place, faults as complain};
use crate::parse::Block;
use crate::parse::words::Written;

/// The names given so far, and where. Blocks and sessions have names of
/// their own.
#[derive(Default)]
pub(super) struct Names {
    blocks: BTreeMap<String, Place>,
    sessions: BTreeMap<String, Place>,
}

impl Names {
    /// Enters the names of a block, and returns what is wrong with them.
    pub(super) fn enter(
        &mut self,
        chapter: usize,
        block: &Block,
    ) -> Vec<Fault> {
        let place = |name: &Written<String>| Place {
            chapter,
            fence: block.span.clone(),
            span: name.span.clone(),
        };
        let mut faults = Vec::new();
        if let Some(id) = &block.info.id {
            match self.blocks.entry(id.value.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(place(id))),
                Entry::Occupied(first) => {
                    faults.push(complain::id_twice(
                        &id.value,
                        id.span.clone(),
                        first.get().clone(),
                    ));
                }
            }
        }
        if let Some(session) = &block.info.session {
            let name = session.value.clone();
            let first = self.sessions.entry(name).or_insert(place(session));
            if first.chapter != chapter {
                faults.push(complain::session_in_two_chapters(
                    &session.value,
                    session.span.clone(),
                    first.clone(),
                ));
            }
        }
        faults
    }
}

/// A name, or the name with the first number from 2 on that makes it new.
pub(super) fn unused(name: &str, is_used: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !is_used(name))
        .unwrap_or_default()
}
