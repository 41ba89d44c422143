#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected values like that"
)]

use std::fmt::Write as _;

use proptest::prelude::*;
use snapbox::{IntoData, assert_data_eq, str};

use super::*;

/// Shows styles in brackets.
fn show(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for line in lines(bytes) {
        for run in line.runs {
            let style = describe(run.style);
            let _ = if style.is_empty() {
                write!(shown, "{}", run.text)
            } else {
                write!(shown, "[{style}:{}]", run.text)
            };
        }
        shown.push_str("$\n");
    }
    shown
}

fn describe(style: Style) -> String {
    let flags = [
        (style.bold, "bold"),
        (style.dim, "dim"),
        (style.italic, "italic"),
        (style.underline, "underline"),
        (style.inverse, "inverse"),
    ];
    let flags = flags.iter().filter(|f| f.0).map(|f| f.1.to_owned());
    let colour = |name: &str, colour: Option<Colour>| match colour? {
        Colour::Indexed(n) => Some(format!("{name}{n}")),
        Colour::Rgb(r, g, b) => Some(format!("{name}{r}/{g}/{b}")),
    };
    let front = colour("fg", style.foreground);
    let back = colour("bg", style.background);
    flags.chain(front).chain(back).collect::<Vec<_>>().join(" ")
}

fn check(bytes: &[u8], expected: impl IntoData) {
    assert_data_eq!(show(bytes), expected.raw());
}

#[test]
fn nothing_shows_nothing() {
    check(b"", "");
}

#[test]
fn a_carriage_return_overwrites() {
    check(b"progress 10%\rprogress 99%\r\n", "progress 99%$\n");
    check(b"long line\rab\r\n", "abng line$\n");
    check(b"gone\r\x1b[Kleft\r\n", "left$\n");
}

#[test]
fn a_backspace_goes_back() {
    check(b"ab\x08c\r\n", "ac$\n");
}

#[test]
fn blank_lines_that_were_printed_stay() {
    check(b"a\r\n\r\nb\r\n", "a$\n$\nb$\n");
    check(b"\r\n", "$\n");
    check(b"a\r\n\r\n", "a$\n$\n");
}

#[test]
fn a_line_without_an_end_is_a_line() {
    check(b"a\r\nb", "a$\nb$\n");
}

#[test]
fn trailing_blanks_are_left_out() {
    check(b"a   \r\n   \r\nb\r\n", "a$\n$\nb$\n");
}

#[test]
fn styles_become_runs() {
    check(
        b"a \x1b[1;31mb\x1b[0m \x1b[92mc\x1b[2md\x1b[m\x1b[38;5;200me\x1b[48;2;1;2;3mf\x1b[m\r\n",
        "a [bold fg1:b] [fg10:c][dim fg10:d][fg200:e][fg200 bg1/2/3:f]$\n",
    );
    check(
        b"\x1b[3;4;7mx\x1b[23;24;27my\r\n",
        "[italic underline inverse:x]y$\n",
    );
}

#[test]
fn styles_last_across_lines() {
    check(b"\x1b[32ma\r\nb\x1b[m\r\nc\r\n", "[fg2:a]$\n[fg2:b]$\nc$\n");
}

#[test]
fn a_long_line_stays_whole() {
    let mut long = "0123456789".repeat(50);
    let expected = format!("{long}$\nnext$\n");
    long.push_str("\r\nnext\r\n");
    check(long.as_bytes(), expected);
}

#[test]
fn a_line_as_wide_as_the_screen_is_not_joined_to_the_next() {
    let wide = "x".repeat(80);
    let bytes = format!("{wide}\r\n{wide}\r\n");
    check(bytes.as_bytes(), format!("{wide}$\n{wide}$\n"));
}

#[test]
fn bytes_that_are_no_text_are_seen() {
    check(b"a\xffb\xc3\r\n", "a\u{fffd}b\u{fffd}$\n");
    check("a\u{fffd}\r\n".as_bytes(), "a\u{fffd}$\n");
    check(b"cut \xe2\x82", "cut \u{fffd}$\n");
}

#[test]
fn control_characters_do_not_reach_the_page() {
    check(b"a\0\x07\x01\x7fb\r\n", "ab$\n");
    check("a\u{202e}b\u{2066}\r\n".as_bytes(), "a\u{fffd}b\u{fffd}$\n");
    for byte in 0..=255u8 {
        let shown = plain(&[b'a', byte, b'b', b'\r', b'\n']).concat();
        assert!(!shown.contains(char::is_control), "{byte:#x}: {shown:?}");
    }
}

#[test]
fn titles_vanish_and_the_text_of_links_stays() {
    check(
        b"\x1b]0;title\x07\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\\r\n",
        "link$\n",
    );
}

#[test]
fn tabs_and_wide_characters_keep_their_columns() {
    check(b"a\tb\r\n", "a       b$\n");
    check("日本\tx\u{301}\r\n".as_bytes(), "日本    x\u{301}$\n");
}

#[test]
fn lines_that_have_left_the_screen_are_kept() {
    let lines: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let bytes = lines.join("\r\n");
    let expected = lines.join("$\n") + "$\n";
    check(bytes.as_bytes(), expected);
}

#[test]
fn what_a_full_screen_program_drew_is_gone_when_it_ends() {
    check(
        b"before\r\n\x1b[?1049hdrawn\x1b[?1049lafter\r\n",
        "before$\nafter$\n",
    );
}

#[test]
fn a_long_output_is_played() {
    let bytes = b"\r\n".repeat(1 << 17);
    assert_eq!(lines(&bytes).len(), 1 << 17);
    assert_eq!(plain(&vec![b'x'; 1 << 18]).concat().len(), 1 << 18);
}

#[test]
fn plain_is_the_text_alone() {
    let text = plain(b"\x1b[31mred\x1b[m\r\nplain\r\n").join("\n");
    assert_data_eq!(
        text,
        str![[r#"
red
plain
"#]]
    );
}

#[test]
fn the_place_of_typed_text_is_known_however_the_line_came_about() {
    let place = |before: &str, typed: &str, behind: &str| {
        let bytes = [before, typed, behind].concat();
        let part = before.len()..before.len() + typed.len();
        let Place { line, part } = place(bytes.as_bytes(), part)?;
        let text = plain(bytes.as_bytes())[line].clone();
        Some((line, text[part.clone()].to_owned(), part.start))
    };
    let found = |line, text: &str, at| Some((line, text.to_owned(), at));
    assert_eq!(place("", "a", ""), found(0, "a", 0));
    assert_eq!(place("a\r\n? ", "a", "\r\na\r\n"), found(1, "a", 2));
    assert_eq!(place("\x1b[31mü\x1b[m ", "é", "x"), found(0, "é", 3));
    let many = "line\r\n".repeat(200);
    assert_eq!(place(&many, "a", &many), found(200, "a", 0));
    let wide = "w".repeat(300);
    assert_eq!(place(&wide, "abc", "\r\n"), found(0, "abc", 300));
    assert_eq!(place("a\r\n", "b", "\x1b[H\x1b[2Jc"), None);
    assert_eq!(place("\x1b[", "m", ""), None);
    assert_eq!(place("", "", ""), None);
}

/// Texts of letters, blanks and line ends, with some of what is not.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[ -~]{0,12}",
        4 => Just("\r\n".to_owned()),
        1 => "[ -~]{70,90}",
        1 => prop_oneof![
            Just("\n".to_owned()),
            Just("\r".to_owned()),
            Just("\t".to_owned()),
            Just("\u{1b}[1m".to_owned()),
            Just("ä│漢".to_owned()),
        ],
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn a_text_is_shown_as_a_terminal_would_show_it(text in texts()) {
        prop_assert_eq!(lines(text.as_bytes()), played(text.as_bytes()));
    }
}
