//! Draws the namespaces of a session, and who is in them.
//!
//! Pure: what the kernel said goes in, boxes or words come out.
//!
//! ```text
//! Census ▶ Map ▶ layout ▶ svg
//!              ▶ words
//! ```

mod change;
mod grow;
pub mod layout;
pub mod svg;
pub mod words;

use sandbox::census::{self, Census};
use sandbox::namespace::Kind;

/// What the kernel says of a namespace, if it has been found.
fn told(
    census: &Census,
    kind: Kind,
    number: Option<u64>,
) -> Option<&census::Namespace> {
    let number = number?;
    let mut all = census.namespaces.iter();
    all.find(|told| told.kind == kind.name && told.number == number)
}

/// What there is to draw: one panel a kind, the first with every process in
/// full and the others with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// In the order that was asked for.
    pub panels: Vec<Panel>,
}

/// The namespaces of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Which kind.
    pub kind: Kind,
    /// Those that are in no other.
    pub namespaces: Vec<Namespace>,
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its kind.
    pub kind: Kind,
    /// Its inode number.
    pub number: Option<u64>,
    /// The user namespace that owns it, where that is asked for and drawn.
    pub owner: Option<u64>,
    /// Where it is mounted.
    pub mounted_at: Vec<String>,
    /// What sets it apart from the other moment.
    pub mark: Mark,
    /// Members whose parent is not a member, and namespaces inside it whose
    /// first process has no parent in it.
    pub items: Vec<Item>,
}

/// What a namespace holds, or a process has brought forth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A member.
    Process(Node),
    /// A namespace inside.
    Namespace(Namespace),
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its numbers, from the outermost namespace to its own.
    pub pids: Vec<i32>,
    /// The number of its parent in the outermost namespace, where that does
    /// not show: the parent is in another namespace than this process and
    /// than the box that this process's namespace stands in.
    pub far_parent: Option<i32>,
    /// The command line.
    pub command: String,
    /// The terminal, counted from 0, where it is not that of the parent or
    /// the parent is far away.
    pub terminal: Option<u32>,
    /// What sets it apart from the other moment.
    pub mark: Mark,
    /// Children that are members, and namespaces whose first process is a
    /// child.
    pub items: Vec<Item>,
}

/// What sets a namespace or a process apart from another moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Nothing, or there is no other moment.
    #[default]
    Same,
    /// It was not there before.
    New,
    /// It is not there afterwards.
    Ends,
    /// A process that was in other namespaces before, of these kinds.
    Moved(Vec<&'static str>),
}

impl Mark {
    /// As it stands beside what it marks.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Same => None,
            Self::New => Some("new".to_owned()),
            Self::Ends => Some("ends".to_owned()),
            Self::Moved(kinds) => Some(format!("moved: {}", kinds.join(", "))),
        }
    }
}

impl Namespace {
    /// Its name, as links in `/proc/PID/ns/` show it.
    pub fn name(&self) -> String {
        label(self.kind, self.number)
    }

    /// The numbers of its members in the outermost PID namespace.
    pub fn members(&self) -> Vec<i32> {
        let mut members = Vec::new();
        self.each_member(&mut |node| members.extend(node.pids.first()));
        members.sort_unstable();
        members
    }

    /// The namespaces right inside.
    pub fn inner(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        inner(&self.items, &mut found);
        found
    }

    fn each_member(&self, visit: &mut impl FnMut(&Node)) {
        each_node(&self.items, visit);
    }
}

/// Without those of the namespaces among the items.
fn each_node(items: &[Item], visit: &mut impl FnMut(&Node)) {
    for item in items {
        if let Item::Process(node) = item {
            visit(node);
            each_node(&node.items, visit);
        }
    }
}

fn inner<'a>(items: &'a [Item], found: &mut Vec<&'a Namespace>) {
    for item in items {
        match item {
            Item::Process(node) => inner(&node.items, found),
            Item::Namespace(namespace) => found.push(namespace),
        }
    }
}

impl Node {
    /// `Terminal 2`, if the process has come to another terminal than its
    /// parent. `terminals` are the numbers by which the author calls them;
    /// one alone has no name.
    fn terminal_name(&self, terminals: &[u8]) -> Option<String> {
        let position = usize::try_from(self.terminal?).ok()?;
        let number = terminals.get(position)?;
        (terminals.len() > 1).then(|| format!("Terminal {number}"))
    }
}

/// The name of a namespace, as links in `/proc/PID/ns/` show it.
pub fn label(kind: Kind, number: Option<u64>) -> String {
    match number {
        Some(number) => format!("{}:[{number}]", kind.name),
        None => format!("{}:[?]", kind.name),
    }
}

impl Map {
    /// Finds out which namespace is in which, and who is whose child; and
    /// who owns what, if `owners` are asked for.
    pub fn of(census: &Census, kinds: &[Kind], owners: bool) -> Self {
        let panels = kinds
            .iter()
            .enumerate()
            .map(|(position, &kind)| (position, grow::panel(census, kind)))
            // A kernel without time namespaces has nothing to draw.
            .filter(|(position, panel)| *position == 0 || panel.is_known())
            .map(|(_, panel)| panel);
        let mut map = Self { panels: panels.collect() };
        if owners {
            map.find_owners(census);
        }
        map
    }

    /// Nobody is there.
    pub fn is_empty(&self) -> bool {
        self.panels.iter().all(|panel| panel.namespaces.is_empty())
    }

    /// Marks what was not there, or elsewhere, before.
    pub fn mark_since(&mut self, before: &Census) {
        change::mark(self, before, &Mark::New);
    }

    /// Marks what is not there afterwards.
    pub fn mark_until(&mut self, after: &Census) {
        change::mark(self, after, &Mark::Ends);
    }

    /// The names of all user namespaces that own another one that is drawn.
    fn owners(&self) -> Vec<u64> {
        let mut owners = Vec::new();
        for panel in &self.panels {
            each(&panel.namespaces, &mut |namespace| {
                owners.extend(namespace.owner);
            });
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    fn find_owners(&mut self, census: &Census) {
        let mut users = Vec::new();
        for panel in self.panels.iter().filter(|p| p.kind == Kind::USER) {
            each(&panel.namespaces, &mut |user| users.extend(user.number));
        }
        // That of a user namespace is the one around it.
        let others = self.panels.iter_mut().filter(|p| p.kind != Kind::USER);
        for panel in others {
            each_mut(&mut panel.namespaces, &mut |namespace| {
                let told = told(census, namespace.kind, namespace.number);
                let owner = told.and_then(|told| told.owner);
                namespace.owner = owner.filter(|it| users.contains(it));
            });
        }
    }
}

impl Panel {
    fn is_known(&self) -> bool {
        self.namespaces.iter().any(|namespace| namespace.number.is_some())
    }
}

/// Visits namespaces and all that are inside.
fn each(namespaces: &[Namespace], visit: &mut impl FnMut(&Namespace)) {
    for namespace in namespaces {
        visit(namespace);
        for inner in namespace.inner() {
            each(std::slice::from_ref(inner), visit);
        }
    }
}

fn each_mut(
    namespaces: &mut [Namespace],
    visit: &mut impl FnMut(&mut Namespace),
) {
    for namespace in namespaces {
        visit(namespace);
        each_item_mut(&mut namespace.items, visit);
    }
}

fn each_item_mut(items: &mut [Item], visit: &mut impl FnMut(&mut Namespace)) {
    for item in items {
        match item {
            Item::Process(node) => each_item_mut(&mut node.items, visit),
            Item::Namespace(inner) => {
                each_mut(std::slice::from_mut(inner), visit);
            }
        }
    }
}

#[cfg(test)]
mod tests;
