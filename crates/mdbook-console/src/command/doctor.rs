//! `doctor`: what this machine allows, and what to do about the rest.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::probe::{self, Finding};
use serde::Serialize;

use crate::stage::{Live, Stage};
use crate::tools;

/// The exit status of a machine that can make no world.
const CANNOT_RUN: u8 = 3;

/// A row of the table.
#[derive(Serialize)]
struct Row {
    /// What was tried.
    step: String,
    /// Nothing can be run without it.
    essential: bool,
    /// What there is, or the error.
    result: String,
    /// Why, where the step was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

pub(super) fn run(json: bool) -> Result<ExitCode> {
    let findings = probe::probe();
    let works = findings.iter().all(|f| !f.essential || f.result.is_ok());
    let mut rows: Vec<Row> = findings.into_iter().map(row).collect();
    rows.extend(tools::usual().map(|(name, package)| tool(name, package)));
    let mut stdout = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut stdout, &rows)?;
        writeln!(stdout)?;
    } else {
        print(&mut stdout, &rows)?;
        let can = if works { "can" } else { "cannot" };
        writeln!(stdout, "\nblocks {can} be run here")?;
    }
    Ok(ExitCode::from(if works { 0 } else { CANNOT_RUN }))
}

/// Step and result side by side; cause and remedy, which are sentences and
/// commands to copy, below them.
fn print(to: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let width = rows.iter().map(|row| row.step.len()).max().unwrap_or(0);
    writeln!(to, "{:width$}  RESULT", "STEP")?;
    for row in rows {
        writeln!(to, "{:width$}  {}", row.step, row.result)?;
        for (name, text) in [("cause", &row.cause), ("remedy", &row.remedy)] {
            if let Some(text) = text {
                writeln!(to, "    {name:<7} {text}")?;
            }
        }
    }
    Ok(())
}

fn row(finding: Finding) -> Row {
    let Finding { step, essential, result } = finding;
    match result {
        Ok(there) => Row {
            step,
            essential,
            result: format!("ok: {there}"),
            cause: None,
            remedy: None,
        },
        Err(refusal) => Row {
            // A world is made in many steps, of which one was refused.
            cause: Some(if refusal.step == step {
                refusal.cause
            } else {
                format!("cannot {}: {}", refusal.step, refusal.cause)
            }),
            step,
            essential,
            result: format!("no: {}", refusal.errno),
            remedy: Some(refusal.remedy),
        },
    }
}

fn tool(name: &str, package: &str) -> Row {
    let is_there = Live.has_program(name);
    let result = if is_there { "ok: installed" } else { "no: not installed" };
    Row {
        step: format!("find `{name}`"),
        essential: false,
        result: result.into(),
        cause: (!is_there).then(|| "chapters may type it".into()),
        remedy: (!is_there).then(|| {
            format!("on Debian and Ubuntu, `apt-get install {package}`")
        }),
    }
}
