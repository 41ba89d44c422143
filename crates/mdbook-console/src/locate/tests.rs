use anyhow::Result;
use tempfile::{TempDir, tempdir};

use super::*;

const BLOCK: &str = "```console,run\n# echo ü wrong\n```\n";

/// A book of these files, and where `wrong` in the nth block is found.
struct Book {
    root: TempDir,
}

impl Book {
    fn new(files: &[(&str, &str)]) -> Result<Self> {
        let root = tempdir()?;
        for (name, text) in files {
            let path = root.path().join("src").join(name);
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(path, text)?;
        }
        Ok(Self { root })
    }

    fn locate(&self, expanded: &str, nth: usize) -> String {
        let starts: Vec<usize> =
            expanded.match_indices("```console").map(|(at, _)| at).collect();
        let fence = starts[nth];
        let end = fence + 3 + expanded[fence + 3..].find("```").unwrap_or(0);
        let at = fence + expanded[fence..].find("wrong").unwrap_or(0);
        let files = Files { root: self.root.path(), src: Path::new("src") };
        let chapter = Expanded {
            path: Path::new("a.md"),
            text: &Arc::from(expanded),
            has_includes: true,
        };
        let found =
            files.locate(chapter, &(fence..end + 3), &(at..at + "wrong".len()));
        assert_eq!(&found.text[found.span.clone()], "wrong");
        let note = if found.note.is_some() { " expanded" } else { "" };
        format!("{}:{}{note}", found.path, found.line())
    }
}

#[test]
fn a_block_of_the_chapter_itself() -> Result<()> {
    let text = format!("a\n\n{BLOCK}");
    let book = Book::new(&[("a.md", &text)])?;
    assert_eq!(book.locate(&text, 0), "src/a.md:4");
    Ok(())
}

#[test]
fn blocks_of_included_files_and_those_behind_them() -> Result<()> {
    let text = format!("{{{{#include part/b.md}}}}\n\n{BLOCK}");
    let part = format!("one\ntwo\n{{{{#include c.md:1:9}}}}\n{BLOCK}");
    let book = Book::new(&[
        ("a.md", &text),
        ("part/b.md", &part),
        ("part/c.md", BLOCK),
    ])?;
    let expanded = format!("one\ntwo\n{BLOCK}\n{BLOCK}\n\n{BLOCK}");
    assert_eq!(book.locate(&expanded, 0), "src/part/c.md:2");
    assert_eq!(book.locate(&expanded, 1), "src/part/b.md:5");
    assert_eq!(book.locate(&expanded, 2), "src/a.md:4");
    Ok(())
}

#[test]
fn a_block_in_a_list_that_is_included() -> Result<()> {
    let block = "```console,run\n  # echo ü wrong\n  ```\n";
    let book =
        Book::new(&[("a.md", "- {{#include b.md}}\n"), ("b.md", block)])?;
    assert_eq!(book.locate(&format!("- {block}"), 0), "src/b.md:2");
    Ok(())
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() -> Result<()> {
    let text = format!("\u{feff}x\n\n{BLOCK}").replace('\n', "\r\n");
    let book = Book::new(&[("a.md", &text)])?;
    assert_eq!(
        book.locate(text.trim_start_matches('\u{feff}'), 0),
        "src/a.md:4"
    );
    assert_eq!(book.locate(&format!("x\n\n{BLOCK}"), 0), "src/a.md:4");
    Ok(())
}

#[test]
fn a_block_that_no_file_has_is_shown_in_the_expanded_text() -> Result<()> {
    let book = Book::new(&[("a.md", "{{#other}}")])?;
    assert_eq!(book.locate(BLOCK, 0), "src/a.md:2 expanded");
    Ok(())
}
