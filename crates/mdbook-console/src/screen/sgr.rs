//! Reads text with SGR sequences, of the few forms in which `vt100` writes
//! the lines of its screen.

use crate::screen::{Colour, Line, Run, Style};

/// Stands for U+FFFD while a screen is played: the last character that is
/// nobody's.
pub(super) const UNREADABLE: char = '\u{10fffd}';

/// Splits `text` into lines of styled runs. Styles last across lines.
pub(super) fn read(text: &str) -> Vec<Line> {
    let mut style = Style::default();
    text.split('\n').map(|line| read_line(line, &mut style)).collect()
}

fn read_line(line: &str, style: &mut Style) -> Line {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (text, sequence) = rest.split_once("\x1b[").unwrap_or((rest, ""));
        if !text.is_empty() {
            let text = text.chars().map(visible).collect();
            runs.push(Run { style: *style, text });
        }
        let (parameters, behind) =
            sequence.split_once('m').unwrap_or((sequence, ""));
        if !sequence.is_empty() {
            style.apply(parameters);
        }
        rest = behind;
    }
    trim_end(&mut runs);
    Line { runs }
}

/// Blanks at the end are only seen if they have a background.
fn trim_end(runs: &mut Vec<Run>) {
    while let Some(last) = runs.last_mut() {
        if last.style.shows_blanks() {
            break;
        }
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            break;
        }
        runs.pop();
    }
}

/// Characters that would change how their neighbours are read are not passed
/// on to a page.
fn visible(c: char) -> char {
    match c {
        '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | UNREADABLE => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

impl Style {
    fn shows_blanks(&self) -> bool {
        self.background.is_some() || self.inverse || self.underline
    }

    fn apply(&mut self, parameters: &str) {
        let mut numbers =
            parameters.split(';').map(|n| n.parse::<u8>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => (self.bold, self.dim) = (true, false),
                2 => (self.bold, self.dim) = (false, true),
                22 => (self.bold, self.dim) = (false, false),
                3 | 23 => self.italic = number == 3,
                4 | 24 => self.underline = number == 4,
                7 | 27 => self.inverse = number == 7,
                38 => self.foreground = extended(&mut numbers),
                48 => self.background = extended(&mut numbers),
                30..=37 => self.foreground = Some(Colour::Indexed(number - 30)),
                90..=97 => {
                    self.foreground = Some(Colour::Indexed(number - 90 + 8));
                }
                40..=47 => self.background = Some(Colour::Indexed(number - 40)),
                100..=107 => {
                    self.background = Some(Colour::Indexed(number - 100 + 8));
                }
                39 => self.foreground = None,
                49 => self.background = None,
                _ => {}
            }
        }
    }
}

/// `5;N` or `2;R;G;B`.
fn extended(numbers: &mut impl Iterator<Item = u8>) -> Option<Colour> {
    match numbers.next()? {
        5 => numbers.next().map(Colour::Indexed),
        2 => {
            Some(Colour::Rgb(numbers.next()?, numbers.next()?, numbers.next()?))
        }
        _ => None,
    }
}
