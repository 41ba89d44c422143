use std::fmt::Write as _;

use mdbook_markdown::MarkdownOptions;

use super::*;
use crate::parse::{Parsed, parse};

/// Shows what the footnotes of a text were read as.
fn show(text: &str) -> String {
    let parsed = parse(text, &MarkdownOptions::default());
    let mut shown = String::new();
    for citation in &parsed.citations {
        let _ = write!(shown, "{}: ", citation.name);
        match &citation.statement {
            Some(statement) => show_statement(&mut shown, statement),
            None => shown.push('?'),
        }
        for fault in &citation.faults {
            let place = &text[fault.span.clone()];
            let _ = write!(shown, " ({} at {place:?})", fault.title);
        }
        shown.push('\n');
    }
    shown
}

fn show_statement(shown: &mut String, statement: &Statement<Place>) {
    let piece = |piece: &Piece<Place>| {
        let Place { block, after, before } = &piece.place;
        let limit = |limit: &Option<Written<Pattern>>, word: &str| {
            let text = limit.as_ref().map(|l| l.value.text.clone());
            text.map(|text| format!(" {word} {text}")).unwrap_or_default()
        };
        format!(
            "<{}> {}{}{}",
            piece.pattern.value.text,
            block.value,
            limit(after, "after"),
            limit(before, "before")
        )
    };
    let _ = match statement {
        Statement::Shows { piece: wanted, count } => {
            write!(shown, "shows {} {count:?}", piece(wanted))
        }
        Statement::Never(never) => write!(shown, "never {}", piece(never)),
        Statement::Equals(a, b) => {
            write!(shown, "{} = {}", piece(a), piece(b))
        }
        Statement::Differs(a, b) => {
            write!(shown, "{} ≠ {}", piece(a), piece(b))
        }
        Statement::Value(value) => write!(shown, "value {}", piece(value)),
    };
}

#[test]
fn every_form_is_read() {
    let text = "\
x[^a][^b][^c][^d][^e][^f]

[^a]: Check: `ps` shows `1 bash`.
[^b]: Check: `ps` shows `bash` 3 times
[^c]: Check: `ps` never shows `init`.
[^d]: Check: `a:[{}]` in `one` equals `b:[{}]` in `two`.
[^e]: Check: `a:[{}]` in `one` after `# x` before `# y` differs
    from `a:[{}]` in `two`.
[^f]: Value: `a:[{}]` in `one`.
";
    assert_eq!(
        show(text),
        "a: shows <1 bash> ps None\n\
         b: shows <bash> ps Some(3)\n\
         c: never <init> ps\n\
         d: <a:[{}]> one = <b:[{}]> two\n\
         e: <a:[{}]> one after # x before # y ≠ <a:[{}]> two\n\
         f: value <a:[{}]> one\n"
    );
}

#[test]
fn once_and_twice_are_numbers() {
    let text = "x[^a][^b]\n\n[^a]: Check: `b` shows `x` once.\n\
                [^b]: Check: `b` shows `x` twice.\n";
    let shown = "a: shows <x> b Some(1)\nb: shows <x> b Some(2)\n";
    assert_eq!(show(text), shown);
}

/// Quotes, dashes and dots in code stay as the author wrote them.
#[test]
fn smart_punctuation_changes_no_pattern() {
    let text = "x[^a]\n\n[^a]: Check: `b` shows `\"it's\" -- ...`.\n";
    let options = |smart| {
        let mut options = MarkdownOptions::default();
        options.smart_punctuation = smart;
        options
    };
    assert_eq!(parse(text, &options(true)), parse(text, &options(false)));
    assert_eq!(show(text), "a: shows <\"it's\" -- ...> b None\n");
}

#[test]
fn a_pattern_may_hold_backticks_and_stand_in_a_list_or_a_quote() {
    let text = "> - x[^a]\n>\n>   [^a]: Check: `b` shows `` a `b` ``.\n";
    assert_eq!(show(text), "a: shows <a `b`> b None\n");
}

#[test]
fn references_are_found_in_tables_lists_and_headings() {
    let text = "# H[^a]\n\n| x |\n|---|\n| y[^a] |\n\n- z[^a]\n\n\
                [^a]: Check: `b` shows `x`.\n";
    let parsed = parse(text, &MarkdownOptions::default());
    let places: Vec<&str> =
        parsed.references.iter().map(|r| &text[r.span.clone()]).collect();
    assert_eq!(places, ["[^a]", "[^a]", "[^a]"]);
}

#[test]
fn a_reference_without_footnote_is_found_and_code_is_not_one() {
    let text = "x[^gone] `[^code]` \\[^escaped\\]\n\n```\n[^fence]\n```\n";
    let Parsed { dangling, .. } = parse(text, &MarkdownOptions::default());
    let names: Vec<&str> = dangling.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["gone"]);
}

#[test]
fn other_footnotes_stay_the_authors_own() {
    let text = "x[^a][^b]\n\n[^a]: See `ps`.\n[^b]: `ps` shows `x`.\n";
    assert_eq!(show(text), "");
}

#[test]
fn what_cannot_be_read_is_said_where_it_stops() {
    let text = "\
x[^a][^b][^c][^d][^e][^f]

[^a]: Check: `b` show `x`.
[^b]: Check: `b` shows `…`.
[^c]: Value: `x` in `b`.
[^d]: Chek: `b` shows `x`.
[^e]: Check: `b` shows `x` and more.
[^f]: Check: it works.
";
    assert_eq!(
        show(text),
        "a: ? (this check cannot be read at \"show\")\n\
         b: ? (this pattern matches everything at \"`…`\")\n\
         c: ? (this pattern takes out one word at \"`x`\")\n\
         d: ? (this footnote begins with `Chek:`, and is not checked at \
         \"Chek:\")\n\
         e: ? (this check cannot be read at \"and\")\n\
         f: ? (this check cannot be read at \"it\")\n"
    );
}

#[test]
fn a_definition_inside_of_another_hides_neither() {
    let text = "\
x[^a][^b]

[^a]: Check: `b` shows `x`.

    [^b]: Check: `b` shows `y`.
";
    assert_eq!(show(text), "a: shows <x> b None\nb: shows <y> b None\n");
}

#[test]
fn what_no_page_shows_refers_to_nothing() {
    let text = "\
x[^a]

[^a]: Check: `b` shows `x`. Because [^b] says so.
[^b]: Check: `b` shows `y`.
";
    let parsed = parse(text, &MarkdownOptions::default());
    let names: Vec<&str> =
        parsed.references.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a"]);
}

#[test]
fn blocks_and_views_do_not_stand_in_a_definition() {
    let text = "\
x[^a][^b]

[^a]: Check: `b` shows `x`.

    ```console,run id=b
    # echo x
    ```

    ```console,replay session=b
    ```

[^b]: Of the author's own.

    ```console,run
    # echo x
    ```
";
    let parsed = parse(text, &MarkdownOptions::default());
    let faults = parsed.blocks.iter().map(|block| block.faults.len());
    assert_eq!(faults.collect::<Vec<_>>(), [1, 0]);
    assert_eq!(parsed.views[0].faults.len(), 1);
    let fault = &parsed.blocks[0].faults[0];
    assert_eq!(&text[fault.span.clone()], "```console,run id=b");
}
