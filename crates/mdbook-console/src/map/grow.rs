//! Sorts processes into the namespaces of one kind, and these into each
//! other.

use sandbox::census::{Census, Process};
use sandbox::namespace::Kind;

use crate::map::{Item, Mark, Namespace, Node, Panel, told};

/// The namespaces of a kind, with their members.
pub(super) fn panel(census: &Census, kind: Kind) -> Panel {
    let groups = groups(census, kind);
    let tree = Tree { kind, census, groups: &groups };
    let outermost = (0..groups.len())
        .filter(|&group| groups[group].around.is_none())
        .map(|group| tree.namespace(group));
    Panel { kind, namespaces: outermost.collect() }
}

/// The number of the namespace of a kind that a process is in.
pub(super) fn namespace_of(process: &Process, kind: Kind) -> Option<u64> {
    let position = Kind::ALL.iter().position(|known| *known == kind)?;
    process.namespaces[position]
}

/// What is known of a namespace before it has a place.
struct Group<'a> {
    number: Option<u64>,
    /// How deep it is, as far as its members' numbers tell.
    depth: usize,
    members: Vec<&'a Process>,
    mounted_at: Vec<String>,
    /// The one around it, by position.
    around: Option<usize>,
    /// The process whose item it is, by its outermost number.
    creator: Option<i32>,
}

fn by_number(census: &Census, number: i32) -> Option<&Process> {
    let mut all = census.processes.iter();
    all.find(|process| process.pids.first() == Some(&number))
}

/// The namespaces of a census: those with members, PID namespaces outer
/// before inner, and then those that live on without.
fn groups(census: &Census, kind: Kind) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for process in &census.processes {
        let number = namespace_of(process, kind);
        let depth = if kind == Kind::PID { process.pids.len() } else { 0 };
        let known = groups
            .iter_mut()
            .find(|group| group.number == number && group.depth == depth);
        match known {
            Some(group) => group.members.push(process),
            None => groups.push(Group {
                number,
                depth,
                members: vec![process],
                mounted_at: Vec::new(),
                around: None,
                creator: None,
            }),
        }
    }
    groups.sort_by_key(|group| group.depth);
    for told in census.namespaces.iter().filter(|it| it.kind == kind.name) {
        let mounted_at: Vec<String> = told.mounted_at.iter().cloned().collect();
        let number = Some(told.number);
        match groups.iter_mut().find(|group| group.number == number) {
            Some(group) => group.mounted_at = mounted_at,
            None => groups.push(Group {
                number,
                depth: usize::MAX,
                members: Vec::new(),
                mounted_at,
                around: None,
                creator: None,
            }),
        }
    }
    for inner in 0..groups.len() {
        let around = parent(census, kind, &groups, inner);
        let creator = creator(census, kind, &groups[inner]);
        let near = |around: usize| {
            let creator = creator?;
            let is_near = groups[around].members.contains(&creator);
            is_near.then(|| creator.pids.first().copied()).flatten()
        };
        (groups[inner].around, groups[inner].creator) =
            (around, around.and_then(near));
    }
    groups
}

/// The namespace around one, by position. The kernel tells it of user and
/// PID namespaces; without that answer, the numbers of processes still show
/// how PID namespaces nest.
fn parent(
    census: &Census,
    kind: Kind,
    groups: &[Group],
    inner: usize,
) -> Option<usize> {
    if let Some(told) = told(census, kind, groups[inner].number) {
        let parent = told.parent?;
        return groups.iter().position(|group| group.number == Some(parent));
    }
    if kind != Kind::PID {
        return None;
    }
    let depth = groups[inner].depth;
    let outer = || (0..inner).filter(|&at| groups[at].depth < depth);
    let creator = creator(census, kind, &groups[inner]);
    let around = creator.and_then(|creator| {
        outer().find(|&at| groups[at].members.contains(&creator))
    });
    // If its process 1 is not in the census: the nearest that can be.
    around.or_else(|| outer().next_back())
}

/// The parent of process 1 of a PID namespace: clone(2) and unshare(2) make
/// it in that process's namespace, and orphans do not leave it.
fn creator<'a>(
    census: &'a Census,
    kind: Kind,
    group: &Group,
) -> Option<&'a Process> {
    let is_first = |member: &&&Process| member.pids.last() == Some(&1);
    let first = group.members.iter().find(is_first)?;
    let creator = by_number(census, first.parent)?;
    (kind == Kind::PID).then_some(creator)
}

/// Builds the tree from the groups.
struct Tree<'a> {
    kind: Kind,
    census: &'a Census,
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
        Namespace {
            kind: self.kind,
            number: group.number,
            owner: None,
            mounted_at: group.mounted_at.clone(),
            mark: Mark::Same,
            items,
        }
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
            mark: Mark::Same,
            items,
        }
    }
}
