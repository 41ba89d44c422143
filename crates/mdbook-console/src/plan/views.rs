//! Finds the sessions and blocks that views name.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Complaint, Fault, faults as complain};
use crate::parse::view::Subject as Written;
use crate::parse::words::Written as Word;
use crate::plan::{Block, Chapter, Plan, Session, Subject, View};
use crate::similar;

/// Adds the views of all chapters to a plan that has its sessions. `names`
/// are those of all sessions, also of those left out because of faults: of
/// the views of these nothing is said.
pub(super) fn add(
    plan: &mut Plan,
    chapters: &[Chapter],
    names: &BTreeSet<String>,
) {
    let at = |(at, session): (usize, &Session)| (session.name.clone(), at);
    let positions = plan.sessions.iter().enumerate().map(at).collect();
    for (chapter, Chapter { views, .. }) in chapters.iter().enumerate() {
        for (index, view) in views.iter().enumerate() {
            let resolved = view.subject.as_ref().map(|subject| {
                resolve(&plan.sessions, &positions, names, subject)
            });
            let mut faults = view.faults.clone();
            match resolved {
                Some(Err(fault)) => faults.push(fault),
                Some(Ok(Some((session, subject)))) if faults.is_empty() => {
                    let blocks = &mut plan.sessions[session].blocks;
                    for (position, block) in blocks.iter_mut().enumerate() {
                        block.census |= subject.shows_end_of(position);
                    }
                    let view = View { chapter, index, session, subject };
                    plan.views.push(view);
                }
                _ => {}
            }
            plan.complaints.extend(faults.into_iter().map(|fault| {
                let fence = view.span.clone();
                Complaint { chapter, fence, fault }
            }));
        }
    }
}

/// What a view shows, with its session by position; `None` if the session
/// has been left out.
fn resolve(
    sessions: &[Session],
    positions: &BTreeMap<String, usize>,
    names: &BTreeSet<String>,
    subject: &Written,
) -> Result<Option<(usize, Subject)>, Fault> {
    let (Written::Replay { session, .. } | Written::Map { session, .. }) =
        subject;
    if !names.contains(&session.value) {
        let known = names.iter().map(String::as_str);
        let meant = similar::closest(&session.value, known);
        let span = session.span.clone();
        return Err(complain::unknown_session(&session.value, meant, span));
    }
    let Some(&position) = positions.get(&session.value) else {
        return Ok(None);
    };
    let subject = match subject {
        Written::Replay { drawing, .. } => {
            Subject::Replay { drawing: drawing.clone() }
        }
        Written::Map { after, since, drawing, .. } => {
            let at = block(sessions, position, after)?;
            let before = since.as_ref().map(|since| {
                let before = block(sessions, position, since)?;
                if before < at { Ok(before) } else { Err(not_before(since)) }
            });
            let (since, drawing) = (before.transpose()?, drawing.clone());
            Subject::Map { after: at, since, drawing }
        }
    };
    Ok(Some((position, subject)))
}

fn not_before(since: &Word<String>) -> Fault {
    complain::not_before(&since.value, since.span.clone())
}

impl Subject {
    /// Whether it shows the processes at the end of a block.
    fn shows_end_of(&self, block: usize) -> bool {
        match self {
            Self::Replay { drawing } => drawing.is_some(),
            Self::Map { after, since, .. } => {
                *after == block || *since == Some(block)
            }
        }
    }
}

/// The position of a block that the author has named.
fn block(
    sessions: &[Session],
    session: usize,
    id: &Word<String>,
) -> Result<usize, Fault> {
    let find = |session: &Session| {
        let is_meant = |block: &Block| block.id.as_ref() == Some(&id.value);
        session.blocks.iter().position(is_meant)
    };
    let session = &sessions[session];
    find(session).ok_or_else(|| {
        let ids = session.blocks.iter().filter_map(|b| b.id.as_deref());
        let meant = similar::closest(&id.value, ids);
        let owner = sessions.iter().find(|session| find(session).is_some());
        let owner = owner.map(|session| session.name.as_str());
        let (name, span) = (&session.name, id.span.clone());
        complain::unknown_block(&id.value, name, owner, meant, span)
    })
}
