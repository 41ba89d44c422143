//! Claims and values, where a sentence refers to them.

use std::collections::BTreeMap;

use crate::judge::citations::{Line, Proof};
use crate::plan::{Block, Session};
use crate::render::Form;
use crate::render::html::escape;
use crate::render::markdown::literal;

/// The lines of a block that sentences cite, by number, and the marks that
/// do so, by the ids they have on the page.
pub type Cited = BTreeMap<usize, Vec<String>>;

/// A reference to a citation.
pub struct Mark<'a> {
    /// What it is called on the page.
    pub id: String,
    /// It is a value, and not a claim.
    pub is_value: bool,
    /// Why it holds; `None` if that is not known here.
    pub proof: Option<&'a Proof>,
    /// The sessions.
    pub sessions: &'a [Session],
}

/// What a line is called on the page. The line 0 is all of a block's output.
pub(super) fn line_id(block: &Block, number: usize) -> Option<String> {
    let id = block.id.as_ref().filter(|_| !block.hidden)?;
    Some(format!("{}-l{number}", escape(id)))
}

/// What to write in place of a reference.
pub fn reference(mark: &Mark<'_>, form: Form) -> String {
    match (form, mark.is_value) {
        (Form::Html, false) => mark.claim(),
        (Form::Html, true) => mark.value(),
        (Form::Markdown, false) => String::new(),
        (Form::Markdown, true) => literal(mark.word()),
    }
}

/// What stands behind a line that sentences cite: the ways back to them.
pub(super) fn ways_back(marks: &[String]) -> String {
    let link = |mark: &String| {
        format!(
            "<a class=\"console-back\" href=\"#{}\" aria-label=\"back to \
             the sentence that this line shows\">↩</a>",
            escape(mark)
        )
    };
    marks.iter().map(link).collect()
}

impl Mark<'_> {
    fn claim(&self) -> String {
        if self.proof.is_none() {
            return String::new();
        }
        format!("<sup class=\"console-claim\">{}✓</a></sup>", self.link(""))
    }

    fn value(&self) -> String {
        let word = escape(self.word()).replace('|', "&#124;");
        format!("{}<samp>{word}</samp></a>", self.link("console-value"))
    }

    /// The opening tag of a link to the first line that counts.
    fn link(&self, class: &str) -> String {
        let class = match class {
            "" => String::new(),
            class => format!("class=\"{class}\" "),
        };
        let id = escape(&self.id);
        let ids: Vec<String> =
            self.lines().filter_map(|line| self.line_id(line)).collect();
        let href = match ids.first() {
            Some(first) => format!("href=\"#{first}\" "),
            None => String::new(),
        };
        format!(
            "<a {class}id=\"{id}\" {href}data-lines=\"{}\" \
             aria-label=\"{}\">",
            ids.join(" "),
            self.description()
        )
    }

    /// For those who hear the page.
    fn description(&self) -> String {
        let mut blocks: Vec<(&str, Vec<String>)> = Vec::new();
        for line in self.lines() {
            let block = &self.sessions[line.session].blocks[line.block];
            let name = block.id.as_deref().unwrap_or_default();
            let number = line.number.to_string();
            match blocks.iter_mut().find(|(known, _)| *known == name) {
                Some((_, numbers)) => numbers.push(number),
                None => blocks.push((name, vec![number])),
            }
        }
        let places: Vec<String> = blocks
            .iter()
            .map(|(name, numbers)| match numbers.as_slice() {
                [all] if all == "0" => format!("the output of {name}"),
                [one] => format!("line {one} of {name}"),
                many => format!("lines {} of {name}", many.join(", ")),
            })
            .collect();
        let what = if self.is_value { self.word() } else { "checked" };
        escape(&format!("{what}: {}", places.join(" and ")))
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.proof.into_iter().flat_map(|proof| &proof.lines)
    }

    fn line_id(&self, line: &Line) -> Option<String> {
        let block = &self.sessions[line.session].blocks[line.block];
        line_id(block, line.number)
    }

    fn word(&self) -> &str {
        let word = self.proof.and_then(|proof| proof.word.as_deref());
        word.unwrap_or("?")
    }
}
