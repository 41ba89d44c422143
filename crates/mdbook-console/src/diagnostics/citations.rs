//! The wording of every complaint about a claim or a value.

use similar::TextDiff;

use crate::diagnostics::Fault;
use crate::parse::Span;
use crate::parse::pattern::Pattern;

/// The lines of output that a complaint shows before and behind the nearest.
const AROUND: usize = 8;

/// The lines of output that are looked at for the nearest.
const MOST_COMPARED: usize = 1000;

const CHECKS: &str = "\
a check is one of
  Check: `BLOCK` shows `PATTERN`.
  Check: `BLOCK` shows `PATTERN` 3 times.
  Check: `BLOCK` never shows `PATTERN`.
  Check: `PATTERN` in `BLOCK` equals `PATTERN` in `BLOCK`.
  Check: `PATTERN` in `BLOCK` differs from `PATTERN` in `BLOCK`.
where BLOCK is the `id` of a block, perhaps followed by: after `TEXT` before `TEXT`";

const VALUES: &str = "\
a value is
  Value: `PATTERN` in `BLOCK`.
where BLOCK is the `id` of a block, perhaps followed by: after `TEXT` before `TEXT`";

/// `Check: it works`.
pub fn not_a_statement(is_value: bool, span: Span) -> Fault {
    let (what, help) =
        if is_value { ("value", VALUES) } else { ("check", CHECKS) };
    Fault::new(format!("this {what} cannot be read"), span)
        .label("something else is expected here")
        .help(help)
}

/// `Chek:`.
pub fn not_quite_a_citation(word: &str, meant: &str, span: Span) -> Fault {
    Fault::new(
        format!("this footnote begins with `{word}`, and is not checked"),
        span,
    )
    .label("nearly a claim or a value")
    .help(format!("did you mean `{meant}`?"))
}

/// A block or a view below `[^name]: Check: …`.
pub fn fence_in_definition(span: Span) -> Fault {
    Fault::new("this block is part of a claim or a value", span)
        .label("no page shows definitions")
        .help("begin the fence where the line of the text begins")
}

/// Nothing, or only `…`.
pub fn empty_pattern(span: Span) -> Fault {
    Fault::new("this pattern matches everything", span)
        .label("nothing to look for")
        .help("write what the output shows")
}

/// Two words where one is asked for.
pub fn not_one_word(words: usize, span: Span) -> Fault {
    Fault::new("this pattern takes out one word", span)
        .label(format!("`{{}}` stands here {words} times"))
        .help(
            "write one `{}` in place of the word that is meant, and `…` in \
             place of others",
        )
}

/// `[^naem]`.
pub fn unknown_citation(name: &str, meant: Option<&str>, span: Span) -> Fault {
    let fault = Fault::new(format!("there is no footnote `{name}` here"), span)
        .label("would be shown as it is written");
    match meant {
        Some(meant) => fault.help(format!("did you mean `[^{meant}]`?")),
        None => fault.help(format!(
            "define it in this chapter: [^{name}]: Check: `BLOCK` shows \
             `PATTERN`."
        )),
    }
}

/// A definition without a sentence.
pub fn unused_citation(name: &str, span: Span) -> Fault {
    Fault::new(format!("no sentence refers to `{name}`"), span)
        .label("defined here")
        .help(format!("write `[^{name}]` behind the sentence, or remove it"))
}

/// A block that the chapter does not have.
pub fn unknown_cited_block(
    id: &str,
    meant: Option<&str>,
    elsewhere: Option<&str>,
    span: Span,
) -> Fault {
    let fault =
        Fault::new(format!("no block of this chapter has the id `{id}`"), span)
            .label("not an id");
    match (meant, elsewhere) {
        (_, Some(chapter)) => fault.help(format!(
            "it is a block of `{chapter}`; cite blocks of the same chapter"
        )),
        (Some(meant), None) => fault.help(format!("did you mean `{meant}`?")),
        (None, None) => fault.help(format!(
            "give the block its name: `console,run id={id}`; in a comparison \
             the pattern comes first: `PATTERN` in `BLOCK`"
        )),
    }
}

/// What a citation was held against.
pub struct Held<'a> {
    /// The block's name.
    pub block: &'a str,
    /// Its output, as far as it was looked at.
    pub lines: &'a [String],
}

/// No line has the pattern.
pub fn not_shown(pattern: &Pattern, held: &Held<'_>, span: Span) -> Fault {
    let title =
        format!("`{}` does not show `{}`", held.block, pattern.text.trim());
    Fault::new(title, span)
        .label("no line has this")
        .note(held.nearest(pattern))
        .help("change the sentence to what is true, or the pattern")
}

/// A line that was to say where to look.
pub fn no_such_line(line: &Pattern, held: &Held<'_>, span: Span) -> Fault {
    let text = line.text.trim();
    Fault::new(format!("`{}` has no line with `{text}`", held.block), span)
        .label("not known where to look")
        .note(held.nearest(line))
        .help("name a line as it is shown: `# hostname`")
}

/// Another number of lines than the author counts.
pub fn other_count(
    pattern: &Pattern,
    counted: usize,
    wanted: usize,
    held: &Held<'_>,
    span: Span,
) -> Fault {
    let times = |n: usize| match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let title = format!(
        "`{}` shows `{}` {}, not {}",
        held.block,
        pattern.text.trim(),
        times(counted),
        times(wanted)
    );
    Fault::new(title, span)
        .label("counted by line")
        .note(held.matching(pattern))
        .help("change the sentence to what is true, or the pattern")
}

/// A line that ought not to be.
pub fn shown(pattern: &Pattern, held: &Held<'_>, span: Span) -> Fault {
    let title = format!("`{}` shows `{}`", held.block, pattern.text.trim());
    Fault::new(title, span)
        .label("some line has this")
        .note(held.matching(pattern))
        .help("change the sentence to what is true, or the pattern")
}

/// A pattern that takes different words out of several lines.
pub fn ambiguous(
    pattern: &Pattern,
    words: &[&str],
    held: &Held<'_>,
    span: Span,
) -> Fault {
    let title = format!(
        "`{}` is not one word in `{}`",
        pattern.text.trim(),
        held.block
    );
    let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    Fault::new(title, span)
        .label(format!("stands for {}", words.join(", ")))
        .note(held.matching(pattern))
        .help(
            "write more of the line into the pattern, or say after which \
             line: after `# COMMAND`, and before which: before `# COMMAND`",
        )
}

/// Two words that are not the same.
pub fn not_equal(words: [&str; 2], shown: String, span: Span) -> Fault {
    let [one, other] = words;
    Fault::new(format!("`{one}` is not `{other}`"), span)
        .label("said to be equal")
        .note(shown)
        .help("change the sentence to what is true, or the patterns")
}

/// Two words that are the same.
pub fn not_different(word: &str, shown: String, span: Span) -> Fault {
    Fault::new(format!("both are `{word}`"), span)
        .label("said to differ")
        .note(shown)
        .help("change the sentence to what is true, or the patterns")
}

impl Held<'_> {
    /// The output, with an arrow at the line that has most of the pattern.
    fn nearest(&self, pattern: &Pattern) -> String {
        let literals = &pattern.literals;
        let literal = |line: &str| -> usize {
            let found = literals.iter().filter(|l| line.contains(l.as_str()));
            found.map(|literal| literal.chars().count()).sum()
        };
        let alike = |line: &str| {
            let diff = TextDiff::from_chars(pattern.text.as_str(), line);
            let thousandths = diff.ratio() * 1000.0;
            // A ratio is between 0 and 1.
            format!("{thousandths:04.0}")
        };
        let first = self.lines.iter().take(MOST_COMPARED).enumerate();
        let best = first
            .rev()
            .max_by_key(|(_, line)| (literal(line), alike(line)))
            .map(|(at, _)| at);
        self.around(|at| Some(at) == best, best.unwrap_or(0))
    }

    /// The output, with an arrow at every line that has the pattern.
    pub fn matching(&self, pattern: &Pattern) -> String {
        self.marked(|line| pattern.matches(line))
    }

    /// The output, with an arrow at every such line.
    fn marked(&self, is_marked: impl Fn(&str) -> bool) -> String {
        let first = self.lines.iter().position(|line| is_marked(line));
        let arrow = |at: usize| is_marked(&self.lines[at]);
        self.around(arrow, first.unwrap_or(0))
    }

    fn around(&self, arrow: impl Fn(usize) -> bool, centre: usize) -> String {
        if self.lines.is_empty() {
            return format!("`{}` printed nothing", self.block);
        }
        let first = centre.saturating_sub(AROUND);
        let end = (centre + AROUND + 1).min(self.lines.len());
        let mut note = format!("`{}` printed:", self.block);
        if first > 0 {
            note.push_str("\n   …");
        }
        for at in first..end {
            let sign = if arrow(at) { " → " } else { "   " };
            note.push('\n');
            note.push_str(sign);
            note.push_str(&self.lines[at]);
        }
        if end < self.lines.len() {
            note.push_str("\n   …");
        }
        note
    }
}
