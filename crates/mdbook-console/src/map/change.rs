//! Compares a map with another moment of the same world.

use sandbox::census::{Census, Process};
use sandbox::namespace::Kind;

use crate::map::grow::namespace_of;
use crate::map::{Item, Map, Mark, Namespace, Node, told};

/// Marks what the other moment does not have as `alone`; and, if that means
/// new, the processes that have changed namespaces. A process is known by its
/// outermost number, which is not given anew while a session lasts.
pub(super) fn mark(map: &mut Map, other: &Census, alone: &Mark) {
    let kinds: Vec<Kind> = map.panels.iter().map(|panel| panel.kind).collect();
    let view = Comparison { other, alone, kinds: &kinds };
    let mut now = Vec::new();
    for panel in &map.panels {
        super::each(&panel.namespaces, &mut |namespace| {
            namespace.each_member(&mut |node| {
                now.push((namespace.kind, namespace.number, node.pids.clone()));
            });
        });
    }
    let moved = |pids: &[i32]| view.moved(pids, &now);
    for panel in &mut map.panels {
        for namespace in &mut panel.namespaces {
            view.namespace(namespace, &moved);
        }
    }
}

/// A namespace by kind and number, and the numbers of one of its members.
type Membership = (Kind, Option<u64>, Vec<i32>);

struct Comparison<'a> {
    other: &'a Census,
    alone: &'a Mark,
    kinds: &'a [Kind],
}

impl Comparison<'_> {
    fn namespace(
        &self,
        namespace: &mut Namespace,
        moved: &dyn Fn(&[i32]) -> Vec<&'static str>,
    ) {
        let (kind, number) = (namespace.kind, namespace.number);
        let is_it = |process: &Process| namespace_of(process, kind) == number;
        let has_member = self.other.processes.iter().any(is_it);
        if !has_member && told(self.other, kind, number).is_none() {
            namespace.mark = self.alone.clone();
        }
        self.items(&mut namespace.items, moved);
    }

    fn items(
        &self,
        items: &mut [Item],
        moved: &dyn Fn(&[i32]) -> Vec<&'static str>,
    ) {
        for item in items {
            match item {
                Item::Namespace(inner) => self.namespace(inner, moved),
                Item::Process(node) => {
                    node.mark = self.process(node, moved);
                    self.items(&mut node.items, moved);
                }
            }
        }
    }

    fn process(
        &self,
        node: &Node,
        moved: &dyn Fn(&[i32]) -> Vec<&'static str>,
    ) -> Mark {
        if self.find(&node.pids).is_none() {
            return self.alone.clone();
        }
        let kinds = moved(&node.pids);
        if *self.alone == Mark::New && !kinds.is_empty() {
            return Mark::Moved(kinds);
        }
        Mark::Same
    }

    /// The kinds of which a process was in another namespace.
    fn moved(&self, pids: &[i32], now: &[Membership]) -> Vec<&'static str> {
        let Some(then) = self.find(pids) else { return Vec::new() };
        let has_moved = |kind: &&Kind| {
            now.iter().any(|(of, number, member)| {
                of == *kind
                    && member == pids
                    && namespace_of(then, *of) != *number
            })
        };
        let moved = self.kinds.iter().filter(has_moved);
        moved.map(|kind| kind.name).collect()
    }

    fn find(&self, pids: &[i32]) -> Option<&Process> {
        let mut processes = self.other.processes.iter();
        processes.find(|process| process.pids.first() == pids.first())
    }
}
