//! Finds the blocks that claims and values name, and the sentences that
//! refer to them.

use std::collections::BTreeMap;

use crate::diagnostics::{Complaint, Fault, citations as complain};
use crate::parse::Span;
use crate::parse::citation::{Citation as Footnote, Place, Reference};
use crate::parse::pattern::Pattern;
use crate::parse::words::Written;
use crate::plan::{Chapter, Citation, Plan, Spot};
use crate::preprocessor::findings::MOST_SHOWN;
use crate::similar::Guesses;

/// Adds the citations of all chapters to a plan that has its sessions.
pub(super) fn add(plan: &mut Plan, chapters: &[Chapter]) {
    let ids = Ids::of(plan, chapters);
    let (dangles, guesses) =
        (Guesses::new(MOST_SHOWN), Guesses::new(MOST_SHOWN));
    for (chapter, content) in chapters.iter().enumerate() {
        let mut faults: Vec<(Span, Fault)> = dangling(content, &dangles);
        let mut references: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for Reference { span, name } in &content.references {
            references.entry(name).or_default().push(span.clone());
        }
        for (index, written) in content.citations.iter().enumerate() {
            let own = written.faults.iter().cloned();
            faults.extend(own.map(|fault| (written.span.clone(), fault)));
            let references = references.remove(written.name.as_str());
            let resolver =
                Resolver { ids: &ids, chapter, chapters, guesses: &guesses };
            match resolver.resolve(index, written, references) {
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
fn dangling(chapter: &Chapter, guesses: &Guesses) -> Vec<(Span, Fault)> {
    if chapter.citations.is_empty() {
        return Vec::new();
    }
    let names = || chapter.citations.iter().map(|c| c.name.as_str());
    let fault = |Reference { span, name }: &Reference| {
        let meant = guesses.closest(name, names());
        (span.clone(), complain::unknown_citation(name, meant, span.clone()))
    };
    chapter.dangling.iter().map(fault).collect()
}

/// The names of blocks.
struct Ids<'a> {
    /// The chapter that each is written in, also of blocks with faults.
    written: BTreeMap<&'a str, usize>,
    /// The session that it is of, and its position there.
    planned: BTreeMap<String, (usize, usize)>,
}

impl<'a> Ids<'a> {
    fn of(plan: &Plan, chapters: &'a [Chapter]) -> Self {
        let mut written = BTreeMap::new();
        for (number, chapter) in chapters.iter().enumerate() {
            for id in chapter.blocks.iter().filter_map(|b| b.info.id.as_ref()) {
                written.entry(id.value.as_str()).or_insert(number);
            }
        }
        let mut planned = BTreeMap::new();
        for (at, session) in plan.sessions.iter().enumerate() {
            for (position, block) in session.blocks.iter().enumerate() {
                let id = block.id.clone();
                planned.extend(id.map(|id| (id, (at, position))));
            }
        }
        Self { written, planned }
    }
}

struct Resolver<'a> {
    ids: &'a Ids<'a>,
    chapter: usize,
    chapters: &'a [Chapter],
    guesses: &'a Guesses,
}

impl Resolver<'_> {
    /// `None` if the citation, or a session it is about, has been left out.
    fn resolve(
        &self,
        index: usize,
        written: &Footnote,
        references: Option<Vec<Span>>,
    ) -> Result<Option<Citation>, Fault> {
        let Footnote { name, span, statement, .. } = written;
        let Some(references) = references else {
            return Err(complain::unused_citation(name, span.clone()));
        };
        let Some(statement) = statement else { return Ok(None) };
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
        let wanted = place.block.value.as_str();
        let chapter = self.ids.written.get(wanted);
        if chapter != Some(&self.chapter) {
            let own = &self.chapters[self.chapter].blocks;
            let ids = own.iter().filter_map(|b| b.info.id.as_ref());
            let ids = ids.map(|id| id.value.as_str());
            let meant = self.guesses.closest(wanted, ids);
            let elsewhere = chapter.map(|c| self.chapters[*c].stem.as_str());
            let span = place.block.span.clone();
            return Err(complain::unknown_cited_block(
                wanted, meant, elsewhere, span,
            ));
        }
        let pattern = |text: &Option<Written<Pattern>>| {
            text.as_ref().map(|text| text.value.clone())
        };
        let (after, before) = (pattern(&place.after), pattern(&place.before));
        let planned = self.ids.planned.get(wanted);
        Ok(planned.map(|&(session, block)| Spot {
            session,
            block,
            after,
            before,
        }))
    }
}
