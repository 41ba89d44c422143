//! `claims`: how many sentences are bound, and whether their claims bite.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;

use crate::command::check::perform;
use crate::command::survey;
use crate::config::Mode;
use crate::judge::mutation::{Unnoticed, unnoticed};
use crate::manuscript::Manuscript;
use crate::plan::Citation;
use crate::preprocessor::findings::{Findings, Tone, count};

pub(super) fn run() -> Result<ExitCode> {
    let mut manuscript = survey::book_here()?;
    // Recordings are as good as the kernel here, and come at once.
    manuscript.config.mode = Mode::Recorded;
    let performance = perform(&manuscript, &manuscript.plan.sessions)?;
    let findings = Findings::new(&manuscript, &performance);
    let report = findings.report(Tone::Check);
    if report.errors() > 0 {
        io::stderr().write_all(report.text().as_bytes())?;
        return Ok(ExitCode::FAILURE);
    }
    let evidence = performance.evidence();
    let mut stdout = io::stdout().lock();
    let mut loose = 0;
    for citation in &manuscript.plan.citations {
        for why in unnoticed(&evidence, citation) {
            loose += usize::from(!tell(&manuscript, citation, why)?);
        }
    }
    table(&manuscript, &mut stdout)?;
    if loose == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        stdout,
        "{} too little: narrow the pattern, count the lines (`twice`), or \
         say why it is right: `Because …` at the end of the footnote",
        count(loose, "claim") + if loose == 1 { " binds" } else { " bind" }
    )?;
    Ok(ExitCode::FAILURE)
}

/// Names a claim that holds when it should not. Whether its author says why.
fn tell(
    manuscript: &Manuscript,
    citation: &Citation,
    why: Unnoticed,
) -> Result<bool> {
    let source = manuscript.source(&manuscript.definition(citation));
    let written = manuscript.written(citation);
    let place = format!("{}:{}", source.path, source.line());
    let (name, why) = (&written.name, why.text());
    let mut stdout = io::stdout().lock();
    match &written.reason {
        Some(reason) => {
            writeln!(stdout, "{place}: `{name}` {why}, because {reason}")?;
        }
        None => writeln!(stdout, "{place}: `{name}` {why}")?,
    }
    Ok(written.reason.is_some())
}

/// Claims and values by chapter.
fn table(manuscript: &Manuscript, out: &mut impl Write) -> Result<()> {
    let citations = &manuscript.plan.citations;
    let stems = manuscript.parsed.iter().map(|chapter| &chapter.stem);
    let width = stems.clone().map(String::len).max().unwrap_or(0);
    let total = String::from("all chapters");
    let width = width.max(total.len());
    writeln!(out, "{:width$}  claims  values", "")?;
    let mut row = |name: &str, of: &dyn Fn(&&Citation) -> bool| {
        let values = citations.iter().filter(of).filter(|c| c.is_value());
        let values = values.count();
        let claims = citations.iter().filter(of).count() - values;
        writeln!(out, "{name:width$}  {claims:6}  {values:6}")
    };
    for (chapter, stem) in stems.enumerate() {
        row(stem, &|citation| citation.chapter == chapter)?;
    }
    row(&total, &|_| true)?;
    Ok(())
}
