//! Turns what a terminal received into the lines it shows.
//!
//! A terminal is played, of the size that the programs saw: carriage
//! returns, backspaces and erased text leave what a person would have seen
//! at the end. Lines that the terminal would have broken at its edge come
//! out whole.

mod sgr;

use std::num::NonZeroU16;
use std::ops::Range;

use sandbox::world::World;
use vt100::capture::{
    BasicFormattedCaptureRange, BasicFormattedCaptureState, RowContents,
};
use vt100::{Callbacks, Parser};

/// One line of a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// From left to right.
    pub runs: Vec<Run>,
}

/// Text of one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How it looks.
    pub style: Style,
    /// Without control characters.
    pub text: String,
}

/// How text looks.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a terminal has that many switches, each on its own"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The colour of the letters; `None` is the page's own.
    pub foreground: Option<Colour>,
    /// The colour behind them.
    pub background: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Foreground and background change places.
    pub inverse: bool,
}

/// A terminal's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the palette; the theme knows the first sixteen.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// What a terminal of the world's size shows after it has received `bytes`.
/// Trailing blanks are left out, and so are lines that nothing was written
/// to.
pub fn lines(bytes: &[u8]) -> Vec<Line> {
    as_written(bytes).unwrap_or_else(|| played(bytes))
}

/// The lines of a text that a terminal shows as it is, which is most of what
/// programs print, without a terminal being played. `None` if anything in it
/// may move the cursor, or may be wider than a letter.
fn as_written(bytes: &[u8]) -> Option<Vec<Line>> {
    let is_letter = |byte: u8| matches!(byte, b' '..=b'~');
    let width = usize::from(World::default().window.columns);
    let text = str::from_utf8(bytes).ok()?;
    let whole = text.strip_suffix("\r\n").unwrap_or(text);
    if text.is_empty() {
        return Some(Vec::new());
    }
    whole
        .split("\r\n")
        .map(|line| {
            let fits = line.len() < width && line.bytes().all(is_letter);
            fits.then(|| Line::plain(line.trim_end_matches(' ')))
        })
        .collect()
}

/// Plays a terminal.
fn played(bytes: &[u8]) -> Vec<Line> {
    let window = World::default().window;
    let size = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    let (rows, columns) = (size(window.rows), size(window.columns));
    let mut parser =
        Parser::new_with_callbacks(rows, columns, 0, Scrolled::default());
    // A terminal that expects UTF-8 shows other bytes as U+FFFD, and the one
    // played here passes over that.
    let text = String::from_utf8_lossy(bytes)
        .replace(char::REPLACEMENT_CHARACTER, &sgr::UNREADABLE.to_string());
    parser.process(text.as_bytes());

    let (screen, scrolled) = parser.screen_and_callbacks_mut();
    let (row, column) = screen.cursor_position();
    let Scrolled { text, state } = scrolled;
    let range = BasicFormattedCaptureRange::Full(state);
    // Writing to a string does not fail.
    let _ = screen.write_contents_formatted_basic(text, range);

    let mut lines = sgr::read(text);
    let untouched = rows.get() - row - u16::from(column > 0);
    for _ in 0..untouched {
        if lines.last().is_none_or(|line| !line.runs.is_empty()) {
            break;
        }
        lines.pop();
    }
    lines
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the lines, from 0.
    pub line: usize,
    /// The bytes of its text.
    pub part: Range<usize>,
}

/// Where the terminal shows the bytes in `part`, which are of one line.
/// `None` if it shows nothing of them in the end.
pub fn place(bytes: &[u8], part: Range<usize>) -> Option<Place> {
    // A mark shows where the cursor was, also behind blanks.
    let marked = plain(&[&bytes[..part.start], b"x"].concat());
    let line = marked.len().checked_sub(1)?;
    let start = marked[line].strip_suffix('x')?.len();
    let before = plain(&bytes[..part.end]);
    let shown = before.get(line)?.get(start..)?;
    let stays = plain(bytes).get(line)?.get(start..)?.starts_with(shown);
    let part = start..start + shown.len();
    (stays && !part.is_empty()).then_some(Place { line, part })
}

/// The text of [`lines`].
pub fn plain(bytes: &[u8]) -> Vec<String> {
    lines(bytes).iter().map(Line::text).collect()
}

impl Line {
    fn plain(text: &str) -> Self {
        let run = Run { style: Style::default(), text: text.to_owned() };
        Self {
            runs: Some(run).filter(|_| !text.is_empty()).into_iter().collect(),
        }
    }

    /// Its text, without styles.
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// Collects the lines that leave the screen at the top.
#[derive(Default)]
struct Scrolled {
    text: String,
    state: BasicFormattedCaptureState,
}

impl Callbacks for Scrolled {
    fn on_scroll(&mut self, row: RowContents<'_>, alternate_screen: bool) {
        if !alternate_screen {
            let _ = row.write_formatted_basic(&mut self.text, &mut self.state);
        }
    }
}

#[cfg(test)]
mod tests;
