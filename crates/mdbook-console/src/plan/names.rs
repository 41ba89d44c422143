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

/// Numbers names that are used already.
#[derive(Default)]
pub(super) struct Numbers {
    /// The number that each name had last.
    last: BTreeMap<String, usize>,
}

impl Numbers {
    /// A name, or the name with the first number from 2 on that makes it new.
    /// What was used once stays so: smaller numbers are not tried again.
    pub(super) fn unused(
        &mut self,
        name: String,
        is_used: impl Fn(&str) -> bool,
    ) -> String {
        if !is_used(&name) {
            return name;
        }
        let last = self.last.entry(name.clone()).or_insert(1);
        loop {
            *last += 1;
            let numbered = format!("{name}-{last}");
            if !is_used(&numbered) {
                return numbered;
            }
        }
    }
}
