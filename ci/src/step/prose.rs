//! The chapters' prose, as far as a program can read it.
//!
//! [`form`] looks at the lines as they were written, [`spelling`] at their
//! words, and [`page`] at what became of them.

mod form;
mod page;
mod spelling;

use anyhow::{Result, ensure};

use crate::chapters::{FOLDER, chapters, path};

/// Everything that is wrong, with its file and line; the pages are built when
/// nothing is wrong with their sources.
pub(crate) fn check() -> Result<()> {
    let chapters = chapters()?;
    let mut complaints = Vec::new();
    for entry in std::fs::read_dir(path(""))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // mdBook makes a page of the second for addresses that are wrong.
        let is_known = ["SUMMARY.md", "404.md"].contains(&&*name)
            || chapters.iter().any(|chapter| chapter.file == name);
        if path.extension().is_some_and(|kind| kind == "md") && !is_known {
            complaints.push(format!("{FOLDER}/{name}: SUMMARY.md lacks it"));
        }
    }
    for chapter in &chapters {
        form::complain(chapter, &mut complaints)?;
    }
    spelling::complain(&chapters, &mut complaints)?;
    if complaints.is_empty() {
        page::complain(&mut complaints)?;
    }
    ensure!(
        complaints.is_empty(),
        "{}\n{} complaints",
        complaints.join("\n"),
        complaints.len()
    );
    Ok(())
}
