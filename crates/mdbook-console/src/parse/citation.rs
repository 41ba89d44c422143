//! Reads the footnotes that bind a chapter's prose to transcripts: claims,
//! which begin with `Check:`, and values, which begin with `Value:`.
//!
//! All other footnotes are the author's own.

use mdbook_markdown::pulldown_cmark::Event;

use crate::diagnostics::{Fault, citations as complain};
use crate::parse::Span;
use crate::parse::pattern::Pattern;
use crate::parse::words::Written;
use crate::similar;

/// The words that claims and values begin with.
const CHECK: &str = "Check:";
const VALUE: &str = "Value:";

/// A footnote that is a claim or a value, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The whole definition, to the end of its last line.
    pub span: Span,
    /// What the chapter calls it.
    pub name: String,
    /// What it says; `None` if it could not be read.
    pub statement: Option<Statement<Place>>,
    /// Why it holds also where it might be expected not to.
    pub reason: Option<String>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// The place in a sentence where a claim's mark or a value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `[^name]`.
    pub span: Span,
    /// The name.
    pub name: String,
}

/// What a citation says of places: as written, or resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement<P> {
    /// Lines match: exactly so many, or at least one.
    Shows {
        /// What they have.
        piece: Piece<P>,
        /// How many lines have it.
        count: Option<usize>,
    },
    /// No line matches.
    Never(Piece<P>),
    /// Two words are the same.
    Equals(Piece<P>, Piece<P>),
    /// Two words are not the same.
    Differs(Piece<P>, Piece<P>),
    /// A word, to be shown in the sentence.
    Value(Piece<P>),
}

/// A piece of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<P> {
    /// Where to look.
    pub place: P,
    /// For what. Has one `{}` where a word is asked for.
    pub pattern: Written<Pattern>,
}

impl<P> Statement<P> {
    /// The same, with other places.
    pub fn try_map<Q, E>(
        &self,
        mut map: impl FnMut(&P) -> Result<Q, E>,
    ) -> Result<Statement<Q>, E> {
        let mut piece = |piece: &Piece<P>| {
            let pattern = piece.pattern.clone();
            map(&piece.place).map(|place| Piece { place, pattern })
        };
        Ok(match self {
            Self::Shows { piece: shown, count } => {
                Statement::Shows { piece: piece(shown)?, count: *count }
            }
            Self::Never(never) => Statement::Never(piece(never)?),
            Self::Equals(a, b) => Statement::Equals(piece(a)?, piece(b)?),
            Self::Differs(a, b) => Statement::Differs(piece(a)?, piece(b)?),
            Self::Value(value) => Statement::Value(piece(value)?),
        })
    }
}

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The block's name.
    pub block: Written<String>,
    /// Only behind the first line that has this.
    pub after: Option<Written<Pattern>>,
    /// Only before the next line that has this.
    pub before: Option<Written<Pattern>>,
}

/// A word or a piece of code of a definition.
#[derive(Clone, Debug)]
enum Token {
    Word(String, Span),
    Code(String, Span),
    Other(Span),
}

/// Collects the text of a footnote.
pub(super) struct Footnote {
    name: String,
    span: Span,
    tokens: Vec<Token>,
}

impl Footnote {
    /// A footnote that begins here. `span` is that of its definition.
    pub(super) fn new(name: &str, span: Span) -> Self {
        Self { name: name.to_owned(), span, tokens: Vec::new() }
    }

    /// Takes the next event from inside the definition.
    pub(super) fn take(&mut self, event: &Event, span: &Span, text: &str) {
        match event {
            Event::Text(_) => self.words(span, text),
            Event::Code(code) => {
                self.tokens.push(Token::Code(code.to_string(), span.clone()));
            }
            Event::Start(_)
            | Event::End(_)
            | Event::SoftBreak
            | Event::HardBreak => {}
            _ => self.tokens.push(Token::Other(span.clone())),
        }
    }

    /// As written, not as smart punctuation has it.
    fn words(&mut self, span: &Span, text: &str) {
        let text = &text[span.clone()];
        for word in text.split_whitespace() {
            let start =
                span.start + word.as_ptr().addr() - text.as_ptr().addr();
            let place = start..start + word.len();
            // Punctuation alone stands between or behind pieces of code.
            if word.chars().any(char::is_alphanumeric) {
                self.tokens.push(Token::Word(word.to_owned(), place));
            }
        }
    }

    /// The claim or value that the footnote is, if any.
    pub(super) fn read(self) -> Option<Citation> {
        let Self { name, span, tokens } = self;
        let [Token::Word(first, place), rest @ ..] = tokens.as_slice() else {
            return None;
        };
        let is_value = first == VALUE;
        if !is_value && first != CHECK {
            let fault = near_miss(first, place, rest)?;
            return Some(Citation {
                span,
                name,
                statement: None,
                reason: None,
                faults: vec![fault],
            });
        }
        let mut sentence = Sentence { rest };
        let statement =
            if is_value { sentence.value() } else { sentence.check() };
        let reason = sentence.reason();
        let mut faults = Vec::new();
        let statement = match statement {
            Some(Ok(statement)) if sentence.rest.is_empty() => Some(statement),
            Some(Err(fault)) => {
                faults.push(fault);
                None
            }
            _ => {
                let place = sentence.place(&span);
                faults.push(complain::not_a_statement(is_value, place));
                None
            }
        };
        Some(Citation { span, name, statement, reason, faults })
    }
}

/// `Chek:` before a piece of code would silently be a footnote.
fn near_miss(first: &str, place: &Span, rest: &[Token]) -> Option<Fault> {
    let meant = similar::closest(first, [CHECK, VALUE])
        .filter(|_| matches!(rest.first(), Some(Token::Code(..))))?;
    Some(complain::not_quite_a_citation(first, meant, place.clone()))
}

/// The words of a statement that are still to be read. Every method takes
/// what it knows from the front; `None` means that something else is there.
struct Sentence<'a> {
    rest: &'a [Token],
}

type Read<T> = Option<Result<T, Fault>>;

/// Goes on with a value, and returns from the function without one.
macro_rules! go {
    ($read:expr) => {
        match $read? {
            Ok(value) => value,
            Err(fault) => return Some(Err(fault)),
        }
    };
}

impl Sentence<'_> {
    /// Where reading stopped.
    fn place(&self, whole: &Span) -> Span {
        match self.rest.first() {
            Some(
                Token::Word(_, span)
                | Token::Code(_, span)
                | Token::Other(span),
            ) => span.clone(),
            None => whole.end.saturating_sub(1).max(whole.start)..whole.end,
        }
    }

    fn check(&mut self) -> Read<Statement<Place>> {
        if let [Token::Code(..), Token::Word(next, _), ..] = self.rest
            && next == "in"
        {
            return self.comparison();
        }
        let place = go!(self.place_named());
        if self.word("never") {
            if !self.word("shows") {
                return None;
            }
            let pattern = go!(self.pattern());
            return Some(Ok(Statement::Never(Piece { place, pattern })));
        }
        if !self.word("shows") {
            return None;
        }
        let pattern = go!(self.pattern());
        let piece = Piece { place, pattern };
        Some(Ok(Statement::Shows { piece, count: self.count() }))
    }

    fn comparison(&mut self) -> Read<Statement<Place>> {
        let one = go!(self.one_word());
        let equal = self.word("equals");
        let is_known = equal || self.word("differs") && self.word("from");
        if !is_known {
            return None;
        }
        let other = go!(self.one_word());
        Some(Ok(if equal {
            Statement::Equals(one, other)
        } else {
            Statement::Differs(one, other)
        }))
    }

    fn value(&mut self) -> Read<Statement<Place>> {
        Some(Ok(Statement::Value(go!(self.one_word()))))
    }

    /// `PATTERN` in `BLOCK`.
    fn one_word(&mut self) -> Read<Piece<Place>> {
        let pattern = go!(self.pattern());
        if !self.word("in") {
            return None;
        }
        let place = go!(self.place_named());
        if pattern.value.words != 1 {
            let fault =
                complain::not_one_word(pattern.value.words, pattern.span);
            return Some(Err(fault));
        }
        Some(Ok(Piece { place, pattern }))
    }

    /// `BLOCK`, perhaps after `TEXT`, perhaps before `TEXT`.
    fn place_named(&mut self) -> Read<Place> {
        let (value, span) = self.code()?;
        let block = Written { value, span };
        let after =
            if self.word("after") { Some(go!(self.pattern())) } else { None };
        let before =
            if self.word("before") { Some(go!(self.pattern())) } else { None };
        Some(Ok(Place { block, after, before }))
    }

    fn pattern(&mut self) -> Read<Written<Pattern>> {
        let (text, span) = self.code()?;
        Some(match Pattern::read(&text) {
            Some(value) => Ok(Written { value, span }),
            None => Err(complain::empty_pattern(span)),
        })
    }

    /// `Because …`, to the end.
    fn reason(&mut self) -> Option<String> {
        if !self.word("Because") {
            return None;
        }
        let words = std::mem::take(&mut self.rest).iter();
        let words = words.map(|token| match token {
            Token::Word(word, _) => word.clone(),
            Token::Code(code, _) => format!("`{code}`"),
            Token::Other(_) => "…".to_owned(),
        });
        Some(words.collect::<Vec<_>>().join(" "))
    }

    /// `once`, `twice`, `3 times`.
    fn count(&mut self) -> Option<usize> {
        if self.word("once") {
            return Some(1);
        }
        if self.word("twice") {
            return Some(2);
        }
        let [Token::Word(number, _), Token::Word(times, _), ..] = self.rest
        else {
            return None;
        };
        let number = number.parse().ok()?;
        if bare(times) != "times" {
            return None;
        }
        self.rest = &self.rest[2..];
        Some(number)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(
            self.rest.first(),
            Some(Token::Word(word, _)) if bare(word) == wanted
        );
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn code(&mut self) -> Option<(String, Span)> {
        let (Token::Code(text, span), rest) = self.rest.split_first()? else {
            return None;
        };
        self.rest = rest;
        Some((text.clone(), span.clone()))
    }
}

/// Without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| c.is_ascii_punctuation())
}

/// Where text has `[^name]` and there is no such footnote. To Markdown that
/// is plain text.
pub(super) fn dangling(text: &str, span: &Span) -> Vec<Reference> {
    let mut found = Vec::new();
    let part = &text[span.clone()];
    for (at, _) in part.match_indices("[^") {
        let rest = &part[at + 2..];
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        if !name.is_empty() && behind.starts_with(']') {
            let start = span.start + at;
            let span = start..start + name.len() + 3;
            found.push(Reference { span, name: name.to_owned() });
        }
    }
    found
}

#[cfg(test)]
mod tests;
