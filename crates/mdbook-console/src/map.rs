//! Draws the processes of a session in their PID namespaces, with all their
//! numbers.
//!
//! Pure: a census goes in, boxes or words come out.
//!
//! ```text
//! Map ▶ layout ▶ svg
//!     ▶ words
//! ```

pub mod layout;
pub mod svg;
pub mod words;

use sandbox::census::Process;
use sandbox::namespace::Kind;

/// PID namespaces with their members, the outer around the inner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// The outermost: one, unless the census is of nobody.
    pub namespaces: Vec<Namespace>,
}

/// A PID namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its inode number.
    pub number: Option<u64>,
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
    /// Children that are members, and namespaces whose first process is a
    /// child.
    pub items: Vec<Item>,
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

/// What is known of a namespace before it has a place.
struct Group<'a> {
    number: Option<u64>,
    depth: usize,
    members: Vec<&'a Process>,
    /// The one around it, by position.
    around: Option<usize>,
    /// The process whose item it is, by its outermost number.
    creator: Option<i32>,
}

/// The label of a namespace, as links in `/proc/PID/ns/` show it.
pub fn label(number: Option<u64>) -> String {
    match number {
        Some(number) => format!("pid:[{number}]"),
        None => "pid:[?]".to_owned(),
    }
}

impl Map {
    /// Finds out which namespace is in which, and who is whose child.
    pub fn of(census: &[Process]) -> Self {
        let groups = groups(census);
        let tree = Tree { census, groups: &groups };
        let outermost = (0..groups.len())
            .filter(|&group| groups[group].around.is_none())
            .map(|group| tree.namespace(group));
        Self { namespaces: outermost.collect() }
    }
}

/// The number of the PID namespace that a process is a member of.
fn namespace_of(process: &Process) -> Option<u64> {
    let position = Kind::ALL.iter().position(|kind| *kind == Kind::PID)?;
    process.namespaces[position]
}

fn by_number(census: &[Process], number: i32) -> Option<&Process> {
    census.iter().find(|process| process.pids.first() == Some(&number))
}

/// The namespaces of a census, outer before inner. A namespace is in the
/// one that the parent of its process 1 is a member of: clone(2) and
/// unshare(2) make it there, and orphans do not leave it.
fn groups(census: &[Process]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for process in census {
        let (number, depth) = (namespace_of(process), process.pids.len());
        let known = groups
            .iter_mut()
            .find(|group| group.number == number && group.depth == depth);
        match known {
            Some(group) => group.members.push(process),
            None => groups.push(Group {
                number,
                depth,
                members: vec![process],
                around: None,
                creator: None,
            }),
        }
    }
    groups.sort_by_key(|group| group.depth);
    for inner in 0..groups.len() {
        let (around, creator) = surroundings(census, &groups, inner);
        groups[inner].around = around;
        groups[inner].creator = creator;
    }
    groups
}

fn surroundings(
    census: &[Process],
    groups: &[Group],
    inner: usize,
) -> (Option<usize>, Option<i32>) {
    let Group { depth, members, .. } = &groups[inner];
    let outer = || (0..inner).filter(|&at| groups[at].depth < *depth);
    let first = members.iter().find(|member| member.pids.last() == Some(&1));
    let creator = first.and_then(|first| by_number(census, first.parent));
    let around = creator.and_then(|creator| {
        outer().find(|&at| groups[at].members.contains(&creator))
    });
    match (around, creator) {
        (Some(around), Some(creator)) => {
            (Some(around), creator.pids.first().copied())
        }
        // Its process 1 is not in the census: the nearest that can be.
        _ => (outer().next_back(), None),
    }
}

/// Builds the tree from the groups.
struct Tree<'a> {
    census: &'a [Process],
    groups: &'a [Group<'a>],
}

impl Tree<'_> {
    fn namespace(&self, at: usize) -> Namespace {
        let group = &self.groups[at];
        let is_member = |number| {
            group.members.iter().any(|m| m.pids.first() == Some(&number))
        };
        let roots = group.members.iter().filter(|p| !is_member(p.parent));
        let mut items: Vec<Item> = roots
            .map(|process| Item::Process(self.node(at, process, true)))
            .collect();
        items.extend(self.inner(at, None));
        Namespace { number: group.number, items }
    }

    /// The namespaces right inside one, that a certain process has created.
    fn inner(
        &self,
        around: usize,
        creator: Option<i32>,
    ) -> impl Iterator<Item = Item> {
        (0..self.groups.len())
            .filter(move |&at| self.groups[at].around == Some(around))
            .filter(move |&at| self.groups[at].creator == creator)
            .map(|at| Item::Namespace(self.namespace(at)))
    }

    fn node(&self, at: usize, process: &Process, is_root: bool) -> Node {
        let group = &self.groups[at];
        let number = process.pids.first().copied();
        let children = group
            .members
            .iter()
            .filter(|child| Some(child.parent) == number)
            .map(|child| Item::Process(self.node(at, child, false)));
        let inner = number.map(|number| self.inner(at, Some(number)));
        let items = children.chain(inner.into_iter().flatten()).collect();
        let parent = by_number(self.census, process.parent);
        let is_near = !is_root
            || process.pids.last() == Some(&1) && group.creator.is_some();
        let far = parent.filter(|_| !is_near);
        let known = parent.filter(|_| is_near).and_then(|p| p.terminal);
        let terminal = process.terminal.filter(|_| known != process.terminal);
        Node {
            pids: process.pids.clone(),
            far_parent: far.and_then(|parent| parent.pids.first().copied()),
            command: match process.command.as_str() {
                // It has ended, and its parent has not asked how.
                "" => "<defunct>".to_owned(),
                command => command.to_owned(),
            },
            terminal,
            items,
        }
    }
}

#[cfg(test)]
mod tests;
