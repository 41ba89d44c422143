//! Decides from the blocks of all chapters which sessions there are, and
//! what is typed in each, in which order.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sandbox::session::{Command, Input};
use sandbox::world::User;

use crate::diagnostics::{Complaint, Fault, Place, faults as complain};
use crate::parse::info::Written;
use crate::parse::needs::Need;
use crate::parse::script::{self, Typed};
use crate::parse::{self, Span};

/// A chapter, as far as planning is concerned.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Names the sessions that nobody has named: `pid` for `pid.md`.
    pub stem: String,
    /// Its blocks.
    pub blocks: Vec<parse::Block>,
}

/// Everything that is to run, and everything that cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which the text first mentions them.
    pub sessions: Vec<Session>,
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
    /// By number.
    pub terminals: Vec<Terminal>,
    /// In the order of the text, whatever their terminal.
    pub blocks: Vec<Block>,
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
    /// What is typed.
    pub actions: Vec<Action>,
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
    let mut names = Names::default();
    let mut plan = Plan::default();
    let sessions: BTreeSet<&str> = chapters
        .iter()
        .flat_map(|chapter| &chapter.blocks)
        .filter_map(|block| block.info.session.as_ref())
        .map(|session| session.value.as_str())
        .collect();
    for (number, chapter) in chapters.iter().enumerate() {
        let faults: Vec<(usize, Fault)> = chapter
            .blocks
            .iter()
            .enumerate()
            .flat_map(|(i, block)| {
                let own = block.faults.iter().cloned();
                own.chain(names.enter(number, block)).map(move |f| (i, f))
            })
            .collect();
        plan.complain(number, chapter, faults);
        for draft in drafts(chapter, &sessions) {
            let mut typist = Typist::new(number, timeout);
            let session = typist.session(draft, chapter);
            let faulty = !typist.faults.is_empty();
            plan.complain(number, chapter, typist.faults);
            if !faulty {
                plan.sessions.push(session);
            }
        }
    }
    let complaints = std::mem::take(&mut plan.complaints);
    plan.sessions.retain(|session| {
        let chapter = &chapters[session.chapter];
        session.blocks.iter().all(|block| {
            let fence = &chapter.blocks[block.index].span;
            complaints.iter().all(|complaint| {
                (complaint.chapter, &complaint.fence)
                    != (session.chapter, fence)
            })
        })
    });
    Plan { complaints, ..plan }
}

impl Plan {
    fn complain(
        &mut self,
        number: usize,
        chapter: &Chapter,
        faults: Vec<(usize, Fault)>,
    ) {
        self.complaints.extend(faults.into_iter().map(|(block, fault)| {
            let fence = chapter.blocks[block].span.clone();
            Complaint { chapter: number, fence, fault }
        }));
    }
}

/// The names given so far, and where. Blocks and sessions have names of
/// their own.
#[derive(Default)]
struct Names {
    blocks: BTreeMap<String, Place>,
    sessions: BTreeMap<String, Place>,
}

impl Names {
    /// Enters the names of a block, and returns what is wrong with them.
    fn enter(&mut self, chapter: usize, block: &parse::Block) -> Vec<Fault> {
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

/// A session's name, and its blocks by position.
struct Draft {
    name: String,
    blocks: Vec<usize>,
}

/// A block alone is named after its `id`, unless a session has that name;
/// else by its position among the blocks that nobody has named.
fn drafts(chapter: &Chapter, sessions: &BTreeSet<&str>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut unnamed = 0;
    for (index, block) in chapter.blocks.iter().enumerate() {
        let (session, id) = (&block.info.session, &block.info.id);
        if let Some(session) = session {
            let same = |draft: &&mut Draft| draft.name == session.value;
            match drafts.iter_mut().find(same) {
                Some(draft) => draft.blocks.push(index),
                None => drafts.push(Draft::new(&session.value, index)),
            }
            continue;
        }
        match id.as_ref().map(|id| id.value.as_str()) {
            Some(id) if !sessions.contains(id) => {
                drafts.push(Draft::new(id, index));
            }
            _ => {
                unnamed += 1;
                let name = format!("{}/{unnamed}", chapter.stem);
                drafts.push(Draft::new(&name, index));
            }
        }
    }
    drafts
}

impl Draft {
    fn new(name: &str, block: usize) -> Self {
        Self { name: name.to_owned(), blocks: vec![block] }
    }
}

/// Goes through a session block by block, knowing what each terminal does.
struct Typist {
    chapter: usize,
    timeout: Duration,
    terminals: BTreeMap<u8, Seat>,
    faults: Vec<(usize, Fault)>,
}

/// A terminal while its session is planned.
struct Seat {
    user: User,
    /// The command that has been left running, if any.
    running: Option<Place>,
}

impl Typist {
    fn new(chapter: usize, timeout: Duration) -> Self {
        let (terminals, faults) = Default::default();
        Self { chapter, timeout, terminals, faults }
    }

    fn session(&mut self, draft: Draft, chapter: &Chapter) -> Session {
        let drafted: Vec<(u8, Block)> = draft
            .blocks
            .iter()
            .map(|&index| self.block(index, &chapter.blocks[index]))
            .collect();
        let terminals: Vec<Terminal> = self
            .terminals
            .iter()
            .map(|(&number, seat)| Terminal { number, user: seat.user })
            .collect();
        let blocks = drafted
            .into_iter()
            .map(|(number, block)| {
                let terminal =
                    terminals.iter().position(|t| t.number == number);
                Block { terminal: terminal.unwrap_or_default(), ..block }
            })
            .collect();
        Session { name: draft.name, chapter: self.chapter, terminals, blocks }
    }

    /// The block, and the number of its terminal.
    fn block(&mut self, index: usize, block: &parse::Block) -> (u8, Block) {
        let info = &block.info;
        let number = info.terminal.as_ref().map_or(1, |number| number.value);
        let user = first_prompt(&block.entries);
        self.terminals.entry(number).or_insert(Seat { user, running: None });
        let actions = self.actions(number, index, block);
        let expect = match (&info.exit, &info.fails) {
            (Some(exit), _) if exit.value > 0 => Expect::Status(exit.value),
            (None, Some(_)) => Expect::Failure,
            _ => Expect::Success,
        };
        let block = Block {
            index,
            id: info.id.as_ref().map(|id| id.value.clone()),
            terminal: 0,
            hidden: info.hidden.is_some(),
            needs: info.needs.clone(),
            expect,
            actions,
        };
        (number, block)
    }

    fn actions(
        &mut self,
        number: u8,
        index: usize,
        block: &parse::Block,
    ) -> Vec<Action> {
        let info = &block.info;
        let timeout = info.timeout.as_ref().map_or(self.timeout, |t| t.value);
        let mut running = self
            .terminals
            .get_mut(&number)
            .and_then(|seat| seat.running.take());
        let mut actions: Vec<Action> = Vec::new();
        let last = block.entries.iter().rposition(is_command);
        if let (None, Some(until)) = (last, &info.until) {
            let span = until.span.clone();
            self.faults.push((index, complain::until_without_command(span)));
        }
        for (position, entry) in block.entries.iter().enumerate() {
            let span = entry.span.clone();
            match &entry.typed {
                Typed::Command { prompt, lines } => {
                    if let Some(running) = running.take() {
                        let fault =
                            complain::still_running(span.clone(), running);
                        self.faults.push((index, fault));
                    }
                    let until = info.until.as_ref();
                    let until = until.filter(|_| last == Some(position));
                    if until.is_some() {
                        running = Some(Place {
                            chapter: self.chapter,
                            fence: block.span.clone(),
                            span: span.clone(),
                        });
                    }
                    let command = Command {
                        prompt: prompt.text().to_owned(),
                        lines: lines.clone(),
                        input: Vec::new(),
                        until: until.map(|until| until.value.clone()),
                        timeout,
                    };
                    actions.push(Action { span, kind: Kind::Run(command) });
                }
                Typed::Input(input) => {
                    if !type_into(
                        &mut actions,
                        input,
                        span.clone(),
                        &mut running,
                        timeout,
                    ) {
                        self.faults.push((index, complain::nothing_runs(span)));
                        break;
                    }
                }
            }
        }
        if let Some(seat) = self.terminals.get_mut(&number) {
            seat.running = running;
        }
        actions
    }
}

/// Adds input to the action it belongs to. A command that stays until a text
/// has come gets its lines before, and `^C` or `^D`, and all behind them,
/// after that. False if nothing could read it.
fn type_into(
    actions: &mut Vec<Action>,
    input: &Input,
    span: Span,
    running: &mut Option<Place>,
    timeout: Duration,
) -> bool {
    let is_line = matches!(input, Input::Line(_));
    match actions.last_mut().map(|action| &mut action.kind) {
        Some(Kind::Run(command)) if command.until.is_none() || is_line => {
            command.input.push(input.clone());
        }
        Some(Kind::Resume { input: typed, .. }) => typed.push(input.clone()),
        _ if running.take().is_some() => {
            let input = vec![input.clone()];
            let kind = Kind::Resume { input, timeout };
            actions.push(Action { span, kind });
        }
        _ => return false,
    }
    true
}

fn is_command(entry: &script::Entry) -> bool {
    matches!(entry.typed, Typed::Command { .. })
}

/// The first prompt in a terminal chooses its user.
fn first_prompt(entries: &[script::Entry]) -> User {
    entries
        .iter()
        .find_map(|entry| match entry.typed {
            Typed::Command { prompt, .. } => Some(prompt.user()),
            Typed::Input(_) => None,
        })
        .unwrap_or(User::Root)
}

#[cfg(test)]
mod tests;
