//! Says in words what a map draws: lists in lists.

use sandbox::namespace::Kind;

use crate::map::layout::Show;
use crate::map::{Item, Map, Mark, Namespace, Node, Panel, label};

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

/// A kind in prose: `PID`, `user`, `mount`.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind.name {
        "pid" => "PID",
        "mnt" => "mount",
        "uts" => "UTS",
        "ipc" => "IPC",
        "net" => "network",
        name => name,
    }
}

/// The list of a map.
pub fn words(map: &Map, show: &Show) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (position, panel) in map.panels.iter().enumerate() {
        let mut writer = Writer {
            show,
            is_full: position == 0,
            kind: panel.kind,
            around: Vec::new(),
        };
        let namespaces = panel.namespaces.iter();
        entries.extend(namespaces.map(|inner| writer.namespace(inner)));
    }
    entries
}

/// The map in a sentence: which namespace holds how many processes.
pub fn summary(map: &Map) -> String {
    let mut parts = Vec::new();
    for panel in &map.panels {
        for namespace in &panel.namespaces {
            summarise(namespace, None, &mut parts);
        }
    }
    parts.join("; ")
}

/// The kinds of a map as a list: `PID, UTS and mount namespaces`.
pub fn kinds(panels: &[Panel]) -> String {
    let names: Vec<&str> = panels.iter().map(|p| kind_name(p.kind)).collect();
    let listed = match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    };
    format!("{} namespaces", capital(&listed))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn summarise(
    namespace: &Namespace,
    around: Option<&str>,
    parts: &mut Vec<String>,
) {
    let name = namespace.name();
    let members = namespace.members().len();
    let noun = if members == 1 { "process" } else { "processes" };
    let place = around.map(|around| format!(", inside {around},"));
    let place = place.unwrap_or_default();
    parts.push(format!("{name}{place} has {members} {noun}"));
    for inner in namespace.inner() {
        summarise(inner, Some(&name), parts);
    }
}

struct Writer<'a> {
    show: &'a Show<'a>,
    /// Every process is told of, and not only its number.
    is_full: bool,
    kind: Kind,
    /// The names of the namespaces that are being listed, outer first.
    around: Vec<String>,
}

impl Writer<'_> {
    /// `UTS namespace uts:[4026532290], owned by user:[4026532181], new`.
    fn namespace(&mut self, namespace: &Namespace) -> Entry {
        let name = namespace.name();
        let kind = capital(kind_name(namespace.kind));
        let mut parts =
            vec![plain(&format!("{kind} namespace ")), literal(&name)];
        if namespace.owner.is_some() {
            parts.push(plain(", owned by "));
            parts.push(literal(&label(Kind::USER, namespace.owner)));
        }
        for path in &namespace.mounted_at {
            parts.push(plain(", mounted at "));
            parts.push(literal(path));
        }
        parts.extend(mark(&namespace.mark));
        self.around.push(name);
        let entries = if self.is_full && !namespace.items.is_empty() {
            self.items(&namespace.items)
        } else {
            parts.push(plain(&numbers(&namespace.members())));
            let inner = namespace.inner().into_iter();
            inner.map(|inner| self.namespace(inner)).collect()
        };
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
        let mut parts = self.numbers(node);
        parts.push(plain(": "));
        parts.push(literal(&node.command));
        if let Some(name) = node.terminal_name(self.show.terminals) {
            parts.push(plain(&format!(", {name}")));
        }
        if let Some(parent) = node.far_parent {
            parts.push(plain(&format!(", a child of process {parent}")));
            let outermost = self.around.first();
            if let Some(name) = outermost.filter(|_| self.kind == Kind::PID) {
                parts.push(plain(" in "));
                parts.push(literal(name));
            }
        }
        parts.extend(mark(&node.mark));
        Entry { parts, entries: self.items(&node.items) }
    }

    /// Where PID namespaces are listed, a number is told with the one that
    /// it is from; elsewhere all are told as `NSpid` has them.
    fn numbers(&self, node: &Node) -> Vec<Part> {
        let own = node.pids.last().copied().unwrap_or(0);
        if self.kind != Kind::PID {
            let first = node.pids.first().copied().unwrap_or(0);
            let mut parts = vec![plain(&format!("process {first}"))];
            for pid in node.pids.iter().skip(1) {
                parts.push(plain(&format!(", {pid} further inside")));
            }
            return parts;
        }
        let mut parts = vec![plain(&format!("process {own}"))];
        let outer = node.pids.iter().zip(&self.around).rev().skip(1);
        for (position, (pid, name)) in outer.enumerate() {
            let link = if position == 0 { ", which is" } else { " and" };
            parts.push(plain(&format!("{link} {pid} in ")));
            parts.push(literal(name));
        }
        parts
    }
}

/// `: process 7`, `: processes 7, 9`.
fn numbers(members: &[i32]) -> String {
    let numbers: Vec<String> = members.iter().map(i32::to_string).collect();
    match numbers.as_slice() {
        [] => ": no process".to_owned(),
        [one] => format!(": process {one}"),
        all => format!(": processes {}", all.join(", ")),
    }
}

fn mark(mark: &Mark) -> Option<Part> {
    mark.text().map(|text| plain(&format!(", {text}")))
}

fn plain(text: &str) -> Part {
    Part::Plain(text.to_owned())
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}
