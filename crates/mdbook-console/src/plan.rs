//! Decides from the blocks of all chapters which sessions there are, and
//! what is typed in each, in which order.

mod citations;
mod names;
mod typist;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mdbook_markdown::MarkdownOptions;
use sandbox::session::{Command, Input};
use sandbox::world::User;

use crate::diagnostics::{Complaint, Fault};
use crate::parse::citation::{Reference, Statement};
use crate::parse::needs::Need;
use crate::parse::pattern::Pattern;
use crate::parse::script::Typed;
use crate::parse::view::Drawing;
use crate::parse::{self, Span};
use names::{Names, Numbers};
use typist::Typist;

/// A chapter, as far as planning is concerned.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Names the sessions that nobody has named: `pid` for `pid.md`.
    pub stem: String,
    /// Its blocks.
    pub blocks: Vec<parse::Block>,
    /// Its views of sessions.
    pub views: Vec<parse::view::View>,
    /// Its claims and values.
    pub citations: Vec<parse::citation::Citation>,
    /// Where its sentences refer to footnotes.
    pub references: Vec<Reference>,
    /// Where they refer to footnotes that there are not.
    pub dangling: Vec<Reference>,
}

impl Chapter {
    /// Finds the blocks, views and citations of a chapter.
    pub fn read(stem: String, text: &str, options: &MarkdownOptions) -> Self {
        let parse::Parsed { blocks, views, citations, references, dangling } =
            parse::parse(text, options);
        Self { stem, blocks, views, citations, references, dangling }
    }
}

/// Everything that is to run, and everything that cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which the text first mentions them.
    pub sessions: Vec<Session>,
    /// What is shown of them besides their blocks, in the order of the text.
    pub views: Vec<View>,
    /// The claims and values, in the order of the text.
    pub citations: Vec<Citation>,
    /// Also those found while parsing.
    pub complaints: Vec<Complaint>,
}

/// One world, and what is typed at its terminals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The same from build to build.
    pub name: String,
    /// Which chapter, by position.
    pub chapter: usize,
    /// The chapter's file without its extension: `pid` for `pid.md`.
    pub stem: String,
    /// By number.
    pub terminals: Vec<Terminal>,
    /// In the order of the text, whatever their terminal.
    pub blocks: Vec<Block>,
}

impl Session {
    /// A path that no other session has, without extension.
    pub fn path(&self) -> String {
        let own = self.name.strip_prefix(&self.stem);
        let own = own.and_then(|rest| rest.strip_prefix('/'));
        format!("{}/{}", self.stem, own.unwrap_or(&self.name))
    }
}

/// A terminal of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// As the author counts.
    pub number: u8,
    /// Who sits there.
    pub user: User,
}

/// A block, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which of the chapter's blocks, by position.
    pub index: usize,
    /// The author's name for it.
    pub id: Option<String>,
    /// Which of the session's terminals, by position.
    pub terminal: usize,
    /// It is run and not shown.
    pub hidden: bool,
    /// What it cannot do without.
    pub needs: Vec<Need>,
    /// How its last command is to end.
    pub expect: Expect,
    /// The processes are counted behind it, because a map shows them.
    pub census: bool,
    /// What is typed.
    pub actions: Vec<Action>,
}

/// A view of a session, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Which chapter it is in, by position.
    pub chapter: usize,
    /// Which of the chapter's views, by position.
    pub index: usize,
    /// Which session it shows, by position.
    pub session: usize,
    /// What of it.
    pub subject: Subject,
}

/// What a view shows of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All steps.
    Replay {
        /// The map that follows them, if there is one.
        drawing: Option<Drawing>,
    },
    /// The processes in their namespaces.
    Map {
        /// Behind which of the session's blocks, by position.
        after: usize,
        /// And behind which one before.
        since: Option<usize>,
        /// What is drawn.
        drawing: Drawing,
    },
}

/// A claim or a value, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Which chapter it is in, by position.
    pub chapter: usize,
    /// Which of the chapter's citations, by position.
    pub index: usize,
    /// Where sentences refer to it.
    pub references: Vec<Span>,
    /// What it says.
    pub statement: Statement<Spot>,
}

impl Citation {
    /// Whether it puts a word into its sentence.
    pub fn is_value(&self) -> bool {
        matches!(self.statement, Statement::Value(_))
    }
}

/// A place in a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// Which session, by position.
    pub session: usize,
    /// Which of its blocks, by position.
    pub block: usize,
    /// Only behind the first line that has this.
    pub after: Option<Pattern>,
    /// Only before the next line that has this.
    pub before: Option<Pattern>,
}

/// How the last command of a block is to end. All others succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// With status 0.
    Success,
    /// With any other.
    Failure,
    /// With this one.
    Status(u8),
}

/// One thing typed, and where the author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// In the chapter.
    pub span: Span,
    /// What.
    pub kind: Kind,
}

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command at a prompt.
    Run(Command),
    /// Input for a command that an earlier action has left running.
    Resume {
        /// In order.
        input: Vec<Input>,
        /// For the command to end.
        timeout: Duration,
    },
}

/// Plans a whole book. A session with a fault in any of its blocks is left
/// out, and the others are not.
pub fn plan(chapters: &[Chapter], timeout: Duration) -> Plan {
    let mut plan = Plan::default();
    let mut names = Names::default();
    let mut sessions = BTreeSet::new();
    let taken: BTreeSet<&str> = chapters
        .iter()
        .flat_map(|chapter| &chapter.blocks)
        .filter_map(|block| block.info.session.as_ref())
        .map(|session| session.value.as_str())
        .collect();
    for (number, chapter) in chapters.iter().enumerate() {
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        for (index, block) in chapter.blocks.iter().enumerate() {
            let own = block.faults.iter().cloned();
            let all = own.chain(names.enter(number, block));
            faults.extend(all.map(|fault| (index, fault)));
        }
        let broken: BTreeSet<usize> =
            faults.iter().map(|(block, _)| *block).collect();
        for draft in drafts(chapter, &taken) {
            sessions.insert(draft.name.clone());
            if draft.blocks.iter().any(|block| broken.contains(block)) {
                continue;
            }
            match Typist::new(number, timeout).session(draft, chapter) {
                Ok(session) => plan.sessions.push(session),
                Err(mut found) => faults.append(&mut found),
            }
        }
        plan.complaints.extend(faults.into_iter().map(|(block, fault)| {
            let fence = chapter.blocks[block].span.clone();
            Complaint { chapter: number, fence, fault }
        }));
    }
    views::add(&mut plan, chapters, &sessions);
    citations::add(&mut plan, chapters);
    plan
}

/// A session's name, and its blocks by position.
struct Draft {
    name: String,
    blocks: Vec<usize>,
}

/// The sessions of a chapter. A block alone is named after its `id`, unless
/// a session has that name; else after its first command, so that its name
/// stays when others come and go.
fn drafts(chapter: &Chapter, taken: &BTreeSet<&str>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers = Numbers::default();
    for (index, block) in chapter.blocks.iter().enumerate() {
        let session = block.info.session.as_ref().map(|name| &name.value);
        let id = block.info.id.as_ref().map(|name| &name.value);
        let started = session.and_then(|session| positions.get(session));
        if let Some(&position) = started {
            drafts[position].blocks.push(index);
            continue;
        }
        let id = id.filter(|id| !taken.contains(id.as_str()));
        let given = session.or(id).cloned();
        let name = given.unwrap_or_else(|| {
            let name = format!("{}/{}", chapter.stem, slug(block));
            numbers.unused(name, |name| positions.contains_key(name))
        });
        positions.insert(name.clone(), drafts.len());
        drafts.push(Draft { name, blocks: vec![index] });
    }
    drafts
}

/// A name made of the first command of a block.
fn slug(block: &parse::Block) -> String {
    const LONGEST: usize = 40;
    let lines = block.entries.iter().find_map(|entry| match &entry.typed {
        Typed::Command { lines, .. } => lines.first(),
        Typed::Input(_) => None,
    });
    let mut slug = String::new();
    for word in lines
        .map(String::as_str)
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if slug.len() + word.len() >= LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    if slug.is_empty() { "session".to_owned() } else { slug }
}

#[cfg(test)]
mod tests;
