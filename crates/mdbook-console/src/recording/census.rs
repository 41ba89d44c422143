//! The processes and namespaces of a world, a line each.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sandbox::census::{Census, Namespace, Process};
use sandbox::namespace::Kind;
use serde_json::Deserializer;

/// The lines of a census, without what begins them. Namespaces come in the
/// order of their members, because their numbers are accidents.
pub(super) fn lines(census: &Census) -> Vec<String> {
    let member = |namespace: &Namespace| {
        let number = Some(namespace.number);
        let is_in = |p: &Process| p.namespaces.contains(&number);
        let first = census.processes.iter().position(is_in);
        (first.unwrap_or(usize::MAX), namespace.kind)
    };
    let mut namespaces: Vec<&Namespace> = census.namespaces.iter().collect();
    namespaces.sort_by_cached_key(|namespace| {
        (member(namespace), &namespace.mounted_at, namespace.number)
    });
    let processes = census.processes.iter().map(process);
    processes.chain(namespaces.into_iter().map(namespace)).collect()
}

/// `process 12 1, parent 2, terminal 0, uts:[4026532181]: bash -l`
fn process(process: &Process) -> String {
    let pids: Vec<String> = process.pids.iter().map(i32::to_string).collect();
    let mut line =
        format!("process {}, parent {}", pids.join(" "), process.parent);
    if let Some(terminal) = process.terminal {
        // Writing to a string does not fail.
        let _ = write!(line, ", terminal {terminal}");
    }
    for (kind, number) in Kind::ALL.iter().zip(process.namespaces) {
        if let Some(number) = number {
            let _ = write!(line, ", {}:[{number}]", kind.name);
        }
    }
    format!("{line}: {}", quoted(&process.command))
}

/// `namespace net:[4026532290], parent 1, owner 2, at /run/netns/blue`
fn namespace(namespace: &Namespace) -> String {
    let Namespace { number, kind, parent, owner, mounted_at } = namespace;
    let mut line = format!("namespace {kind}:[{number}]");
    for (word, related) in [("parent", parent), ("owner", owner)] {
        if let Some(number) = related {
            let _ = write!(line, ", {word} [{number}]");
        }
    }
    for path in mounted_at {
        let _ = write!(line, ", at {}", quoted(path));
    }
    line
}

/// A text that may hold anything.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Adds a line to a census. `None` if it is none of [`lines`].
pub(super) fn read(line: &str, census: &mut Census) -> Option<()> {
    if let Some(line) = line.strip_prefix("process ") {
        census.processes.push(read_process(line)?);
    } else {
        let line = line.strip_prefix("namespace ")?;
        census.namespaces.push(read_namespace(line)?);
    }
    Some(())
}

fn read_process(line: &str) -> Option<Process> {
    let (facts, command) = line.split_once(": ")?;
    let mut facts = facts.split(", ");
    let pids = facts.next()?.split(' ');
    let mut process = Process {
        pids: pids.map(|pid| pid.parse().ok()).collect::<Option<_>>()?,
        parent: facts.next()?.strip_prefix("parent ")?.parse().ok()?,
        command: unquoted(command)?,
        terminal: None,
        namespaces: [None; 8],
    };
    for fact in facts {
        if let Some(terminal) = fact.strip_prefix("terminal ") {
            process.terminal = Some(terminal.parse().ok()?);
            continue;
        }
        let (kind, number) = name(fact)?;
        let position = Kind::ALL.iter().position(|k| k.name == kind)?;
        process.namespaces[position] = Some(number);
    }
    Some(process)
}

fn read_namespace(line: &str) -> Option<Namespace> {
    let (facts, paths) = line.split_once(", at ").unwrap_or((line, ""));
    let mut facts = facts.split(", ");
    let (kind, number) = name(facts.next()?)?;
    let mut parent = None;
    let mut owner = None;
    for fact in facts {
        let (place, number) = match fact.strip_prefix("parent ") {
            Some(number) => (&mut parent, number),
            None => (&mut owner, fact.strip_prefix("owner ")?),
        };
        *place = Some(bracketed(number)?);
    }
    let mounted_at = read_paths(paths)?;
    Some(Namespace { number, kind, parent, owner, mounted_at })
}

/// `"/a", at "/b"`
fn read_paths(mut text: &str) -> Option<BTreeSet<String>> {
    let mut paths = BTreeSet::new();
    while !text.is_empty() {
        let mut values = Deserializer::from_str(text).into_iter();
        paths.insert(values.next()?.ok()?);
        let rest = &text[values.byte_offset()..];
        text = rest.strip_prefix(", at ").unwrap_or(rest);
        if !rest.is_empty() && text.len() == rest.len() {
            return None;
        }
    }
    Some(paths)
}

/// `uts:[4026532181]`
fn name(text: &str) -> Option<(&'static str, u64)> {
    let (name, number) = text.split_once(':')?;
    let kind = Kind::ALL.iter().find(|kind| kind.name == name)?;
    Some((kind.name, bracketed(number)?))
}

fn bracketed(text: &str) -> Option<u64> {
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn unquoted(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}
