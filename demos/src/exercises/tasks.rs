//! The tasks, as the chapter of exercises has them.

/// What the reader is asked to do.
pub(crate) struct Task {
    /// The chapter it belongs to, as its heading has it.
    pub(crate) chapter: &'static str,
    pub(crate) number: u32,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) hint: &'static str,
}

const CHAPTER: &str = include_str!("../../../book/src/exercises.md");

const HINT: &str = "<details><summary>Hint</summary>";

/// All of them, in the order of the book.
pub(crate) fn all() -> Vec<Task> {
    let mut all = Vec::new();
    // `## Chapter`, and below it `### 5. Title {#exercise-5}`, the task, and a
    // hint that the page keeps folded.
    for part in CHAPTER.split("\n## ").skip(1) {
        let mut sections = part.split("\n### ");
        let chapter = first_line(sections.next().unwrap_or_default());
        for section in sections {
            let heading = first_line(section);
            let text = section.get(heading.len()..).unwrap_or_default();
            let Some((number, title)) = heading.split_once(". ") else {
                continue;
            };
            let title = title.split(" {#").next().unwrap_or_default();
            let (text, hint) =
                text.split_once(HINT).unwrap_or((text, "There is none."));
            if let Ok(number) = number.parse() {
                all.push(Task { chapter, number, title, text, hint });
            }
        }
    }
    all
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Markdown as a terminal shows it: paragraphs filled, links by their text,
/// tags left out.
pub(crate) fn plain(markdown: &str) -> String {
    let paragraphs = markdown.trim().split("\n\n");
    let filled = paragraphs.map(|paragraph| fill(&without_marks(paragraph)));
    filled.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn without_marks(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '[']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let end = if from.starts_with('<') { '>' } else { ']' };
        let Some((inside, behind)) = from[1..].split_once(end) else {
            rest = from;
            break;
        };
        rest = behind;
        if end == '>' {
            continue;
        }
        plain.push_str(inside);
        if let Some((_, behind)) =
            rest.strip_prefix('(').and_then(|link| link.split_once(')'))
        {
            rest = behind;
        }
    }
    plain + rest
}

/// Lines of at most 76 characters; those of a list stay apart.
fn fill(paragraph: &str) -> String {
    let mut filled = String::new();
    let mut width = 0;
    for line in paragraph.lines() {
        if line.starts_with("- ") && !filled.is_empty() {
            filled.push('\n');
            width = 0;
        }
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > 76 {
                filled.push('\n');
                width = 0;
            } else if width > 0 {
                filled.push(' ');
                width += 1;
            }
            filled.push_str(word);
            width += length;
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_terminal_shows_neither_links_nor_tags() {
        let text = "\nSee [the\nchapter](x.md), `a`.\n\n\
                    <details><summary>Hint</summary>\n\nLook.\n\n</details>\n";
        assert_eq!(plain(text), "See the chapter, `a`.\n\nHint\n\nLook.");
    }

    #[test]
    fn a_long_paragraph_is_filled_and_a_list_is_not() {
        let words = "word ".repeat(20);
        assert_eq!(plain(&words).lines().count(), 2);
        assert_eq!(plain("- a\n- b"), "- a\n- b");
    }
}
