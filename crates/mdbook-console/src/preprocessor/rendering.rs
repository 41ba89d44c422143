//! The chapters of a book whose sessions are over.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::judge::citations::Proof;
use crate::manuscript::Manuscript;
use crate::perform::Outcome;
use crate::performance::{Performance, Played};
use crate::plan::{self, Citation, Session, View};
use crate::render::citations::{self, Cited, Mark};
use crate::render::{self, Content, Form, Shown, Viewed};
use crate::splice::{self, Patch};
use crate::transcript::Transcript;

/// What the chapters become.
pub struct Rendering<'a> {
    /// The book as written.
    pub manuscript: &'a Manuscript,
    /// What came of its sessions.
    pub performance: &'a Performance,
    /// What came of its citations, in the order of the plan.
    pub proofs: &'a [Option<Proof>],
    /// For which renderer.
    pub form: Form,
}

impl Rendering<'_> {
    /// The texts of all chapters, with their blocks, views and citations
    /// replaced.
    pub fn texts(&self) -> Vec<String> {
        let chapters = &self.manuscript.chapters;
        let mut patches = vec![Vec::new(); chapters.len()];
        let mut cited = self.cited();
        for (position, session) in self.sessions().iter().enumerate() {
            for at in 0..session.blocks.len() {
                let cited = cited.remove(&(position, at)).unwrap_or_default();
                patches[session.chapter]
                    .extend(self.block(position, at, cited));
            }
        }
        for view in &self.manuscript.plan.views {
            patches[view.chapter].extend(self.view(view));
        }
        for (citation, proof) in self.citations() {
            patches[citation.chapter]
                .append(&mut self.citation(citation, proof));
        }
        chapters
            .iter()
            .zip(patches)
            .map(|(chapter, mut patches)| {
                patches.sort_by_key(|patch| patch.span.start);
                splice::splice(&chapter.text, &patches)
            })
            .collect()
    }

    fn sessions(&self) -> &[Session] {
        &self.performance.sessions
    }

    fn citations(&self) -> impl Iterator<Item = (&Citation, Option<&Proof>)> {
        let proofs = self.proofs.iter().map(Option::as_ref);
        self.manuscript.plan.citations.iter().zip(proofs)
    }

    fn block(
        &self,
        session: usize,
        position: usize,
        cited: Cited,
    ) -> Option<Patch> {
        let played = &self.performance.played[session];
        let content = content(played, |t| &t.blocks[position])?;
        let session = &self.sessions()[session];
        let block = &session.blocks[position];
        let hint = hint(block, &self.manuscript.config, self.performance);
        let shown = Shown { session, block, content, hint, cited };
        let text = &self.manuscript.chapters[session.chapter].text;
        let written =
            &self.manuscript.parsed[session.chapter].blocks[block.index];
        Some(render::patch(text, written, &shown, self.form))
    }

    /// The lines that sentences cite, by session and block, and which do.
    fn cited(&self) -> BTreeMap<(usize, usize), Cited> {
        let mut cited: BTreeMap<_, Cited> = BTreeMap::new();
        for (citation, proof) in self.citations() {
            let lines = proof.map(|proof| proof.lines.as_slice());
            for line in lines.unwrap_or_default() {
                let block = cited.entry((line.session, line.block));
                let block = block.or_default();
                let marks = block.entry(line.number).or_default();
                let mark = self.mark(citation);
                if !marks.contains(&mark) {
                    marks.push(mark);
                }
            }
        }
        cited
    }

    /// Where the first sentence that refers to a citation is, on its page.
    fn mark(&self, citation: &Citation) -> String {
        let stem = &self.manuscript.parsed[citation.chapter].stem;
        let name = &self.manuscript.written(citation).name;
        format!("cited-{}-{name}", stem.replace('/', "-"))
    }

    fn view(&self, view: &View) -> Option<Patch> {
        let session = &self.sessions()[view.session];
        let played = &self.performance.played[view.session];
        let content = content(played, |transcript| transcript)?;
        let viewed = Viewed { session, subject: view.subject.clone(), content };
        let text = &self.manuscript.chapters[view.chapter].text;
        let written = &self.manuscript.parsed[view.chapter].views[view.index];
        Some(render::patch_view(text, written, &viewed, self.form))
    }

    /// The marks of a citation, or its value, and nothing in place of its
    /// definition.
    fn citation(
        &self,
        citation: &Citation,
        proof: Option<&Proof>,
    ) -> Vec<Patch> {
        let id = self.mark(citation);
        let is_value = citation.is_value();
        let references = citation.references.iter().enumerate();
        let mut patches: Vec<Patch> = references
            .map(|(at, span)| {
                let id = match at {
                    0 => id.clone(),
                    at => format!("{id}-{}", at + 1),
                };
                let sessions = self.sessions();
                let mark = Mark { id, is_value, proof, sessions };
                let text = citations::reference(&mark, self.form);
                Patch { span: span.clone(), text }
            })
            .collect();
        let span = self.manuscript.definition(citation).span;
        patches.push(Patch { span, text: "\n".to_owned() });
        patches
    }
}

/// What there is to show of a session; nothing if it was broken off.
fn content<'a, T>(
    played: &'a Played,
    part: impl Fn(&'a Transcript) -> &'a T,
) -> Option<Content<'a, T>> {
    if let Some((transcript, source)) = played.shown() {
        return Some(Content::Ran { transcript: part(transcript), source });
    }
    match &played.outcome {
        Some(Outcome::CannotRun { reason, .. }) => {
            Some(Content::CannotRun(reason))
        }
        _ => None,
    }
}

/// The command that runs a block's only demo.
fn hint(
    block: &plan::Block,
    config: &Config,
    performance: &Performance,
) -> Option<String> {
    let [plan::Action { kind: plan::Kind::Run(command), .. }] =
        block.actions.as_slice()
    else {
        return None;
    };
    let [line] = command.lines.as_slice() else { return None };
    let name = line.trim();
    let hint = config.run_hint.as_ref()?;
    performance.is_demo(name).then(|| hint.replace("{name}", name))
}
