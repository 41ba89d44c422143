//! Says in words what a map draws: lists in lists.

use crate::map::{Item, Map, Namespace, Node, label};

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub parts: Vec<Part>,
    /// The list below it.
    pub entries: Vec<Entry>,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// In prose.
    Plain(String),
    /// As the kernel has it.
    Literal(String),
}

impl Part {
    /// What it says, without marks.
    pub fn text(&self) -> &str {
        let (Self::Plain(text) | Self::Literal(text)) = self;
        text
    }
}

/// The list of a map.
pub fn words(map: &Map, terminals: &[u8]) -> Vec<Entry> {
    let mut writer = Writer { terminals, around: Vec::new() };
    map.namespaces.iter().map(|inner| writer.namespace(inner)).collect()
}

/// The map in a sentence: which namespace holds how many processes.
pub fn summary(map: &Map) -> String {
    let mut parts = Vec::new();
    for namespace in &map.namespaces {
        summarise(namespace, None, &mut parts);
    }
    parts.join("; ")
}

fn summarise(
    namespace: &Namespace,
    around: Option<&str>,
    parts: &mut Vec<String>,
) {
    let name = label(namespace.number);
    let members = members(&namespace.items);
    let noun = if members == 1 { "process" } else { "processes" };
    let place = around.map(|around| format!(", inside {around},"));
    let place = place.unwrap_or_default();
    parts.push(format!("{name}{place} has {members} {noun}"));
    let mut inner = Vec::new();
    namespaces(&namespace.items, &mut inner);
    for inner in inner {
        summarise(inner, Some(&name), parts);
    }
}

fn members(items: &[Item]) -> usize {
    items
        .iter()
        .map(|item| match item {
            Item::Process(node) => 1 + members(&node.items),
            Item::Namespace(_) => 0,
        })
        .sum()
}

fn namespaces<'a>(items: &'a [Item], found: &mut Vec<&'a Namespace>) {
    for item in items {
        match item {
            Item::Process(node) => namespaces(&node.items, found),
            Item::Namespace(namespace) => found.push(namespace),
        }
    }
}

struct Writer<'a> {
    terminals: &'a [u8],
    /// The names of the namespaces that are being listed, outer first.
    around: Vec<String>,
}

impl Writer<'_> {
    fn namespace(&mut self, namespace: &Namespace) -> Entry {
        let name = label(namespace.number);
        let parts = vec![plain("PID namespace "), literal(&name)];
        self.around.push(name);
        let entries = self.items(&namespace.items);
        self.around.pop();
        Entry { parts, entries }
    }

    fn items(&mut self, items: &[Item]) -> Vec<Entry> {
        items
            .iter()
            .map(|item| match item {
                Item::Process(node) => self.process(node),
                Item::Namespace(namespace) => self.namespace(namespace),
            })
            .collect()
    }

    /// `process 1, which is 15 in pid:[4026531836]: sleep 1000, Terminal 2`.
    fn process(&mut self, node: &Node) -> Entry {
        let own = node.pids.last().copied().unwrap_or(0);
        let mut parts = vec![plain(&format!("process {own}"))];
        let outer = node.pids.iter().zip(&self.around).rev().skip(1);
        for (position, (pid, name)) in outer.enumerate() {
            let link = if position == 0 { ", which is" } else { " and" };
            parts.push(plain(&format!("{link} {pid} in ")));
            parts.push(literal(name));
        }
        parts.push(plain(": "));
        parts.push(literal(&node.command));
        if let Some(name) = node.terminal_name(self.terminals) {
            parts.push(plain(&format!(", {name}")));
        }
        if let (Some(parent), Some(name)) =
            (node.far_parent, self.around.first())
        {
            parts.push(plain(&format!(", a child of process {parent} in ")));
            parts.push(literal(name));
        }
        Entry { parts, entries: self.items(&node.items) }
    }
}

fn plain(text: &str) -> Part {
    Part::Plain(text.to_owned())
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}
