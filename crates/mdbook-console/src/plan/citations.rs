//! Finds the blocks that claims and values name, and the sentences that
//! refer to them.

use crate::diagnostics::{Complaint, Fault, citations as complain};
use crate::parse::Span;
use crate::parse::citation::{Citation as Footnote, Place, Reference};
use crate::parse::pattern::Pattern;
use crate::parse::words::Written;
use crate::plan::{Chapter, Citation, Plan, Spot};
use crate::similar;

/// Adds the citations of all chapters to a plan that has its sessions.
pub(super) fn add(plan: &mut Plan, chapters: &[Chapter]) {
    for (chapter, content) in chapters.iter().enumerate() {
        let mut faults: Vec<(Span, Fault)> = dangling(content);
        for (index, written) in content.citations.iter().enumerate() {
            let own = written.faults.iter().cloned();
            faults.extend(own.map(|fault| (written.span.clone(), fault)));
            let resolver = Resolver { plan, chapter, chapters };
            match resolver.resolve(index, written) {
                Ok(citation) => plan.citations.extend(citation),
                Err(fault) => faults.push((written.span.clone(), fault)),
            }
        }
        plan.complaints.extend(
            faults.into_iter().map(|(fence, fault)| Complaint {
                chapter,
                fence,
                fault,
            }),
        );
    }
}

/// Where the text refers to claims and values that nobody has defined. A
/// chapter that has none is left alone: to it, `[^x]` may be text.
fn dangling(chapter: &Chapter) -> Vec<(Span, Fault)> {
    if chapter.citations.is_empty() {
        return Vec::new();
    }
    let names = || chapter.citations.iter().map(|c| c.name.as_str());
    let fault = |Reference { span, name }: &Reference| {
        let meant = similar::closest(name, names());
        (span.clone(), complain::unknown_citation(name, meant, span.clone()))
    };
    chapter.dangling.iter().map(fault).collect()
}

struct Resolver<'a> {
    plan: &'a Plan,
    chapter: usize,
    chapters: &'a [Chapter],
}

impl Resolver<'_> {
    /// `None` if the citation, or a session it is about, has been left out.
    fn resolve(
        &self,
        index: usize,
        written: &Footnote,
    ) -> Result<Option<Citation>, Fault> {
        let references: Vec<Span> = self.chapters[self.chapter]
            .references
            .iter()
            .filter(|reference| reference.name == written.name)
            .map(|reference| reference.span.clone())
            .collect();
        if references.is_empty() {
            return Err(complain::unused_citation(
                &written.name,
                written.span.clone(),
            ));
        }
        let Some(statement) = &written.statement else { return Ok(None) };
        let mut is_whole = true;
        let statement = statement.try_map(|place| {
            let spot = self.spot(place)?;
            is_whole &= spot.is_some();
            // Not used where something is missing.
            Ok(spot.unwrap_or_default())
        })?;
        let chapter = self.chapter;
        let citation = Citation { chapter, index, references, statement };
        Ok(is_whole.then_some(citation))
    }

    fn spot(&self, place: &Place) -> Result<Option<Spot>, Fault> {
        let wanted = &place.block.value;
        let has_id = |chapter: &Chapter| {
            let mut ids =
                chapter.blocks.iter().filter_map(|b| b.info.id.as_ref());
            ids.any(|id| id.value == *wanted)
        };
        let own = &self.chapters[self.chapter];
        if !has_id(own) {
            let ids = own.blocks.iter().filter_map(|b| b.info.id.as_ref());
            let meant =
                similar::closest(wanted, ids.map(|id| id.value.as_str()));
            let elsewhere = self.chapters.iter().find(|c| has_id(c));
            return Err(complain::unknown_cited_block(
                wanted,
                meant,
                elsewhere.map(|chapter| chapter.stem.as_str()),
                place.block.span.clone(),
            ));
        }
        let sessions = self.plan.sessions.iter().enumerate();
        let pattern = |text: &Option<Written<Pattern>>| {
            text.as_ref().map(|text| text.value.clone())
        };
        let (after, before) = (pattern(&place.after), pattern(&place.before));
        Ok(sessions
            .flat_map(|(at, s)| {
                s.blocks.iter().enumerate().map(move |b| (at, b))
            })
            .find(|(_, (_, block))| block.id.as_ref() == Some(wanted))
            .map(|(session, (block, _))| Spot {
                session,
                block,
                after,
                before,
            }))
    }
}
