//! `doctor`: what this machine allows, and what to do about the rest.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::probe;

use crate::stage::{Live, Stage};
use crate::tools;

/// The exit status of a machine that can make no world.
const CANNOT_RUN: u8 = 3;

/// One line of the table, and what belongs under it.
struct Row {
    subject: String,
    result: String,
    advice: Vec<String>,
}

pub(super) fn run() -> Result<ExitCode> {
    let findings = probe::probe();
    let works = findings.iter().all(|f| !f.essential || f.result.is_ok());
    let mut rows: Vec<Row> = findings.into_iter().map(finding).collect();
    rows.extend(tools::usual().map(|(name, package)| tool(name, package)));
    let mut stdout = io::stdout().lock();
    let width = rows.iter().map(|row| row.subject.len()).max().unwrap_or(0);
    for row in &rows {
        writeln!(stdout, "{:width$}  {}", row.subject, row.result)?;
        for advice in &row.advice {
            writeln!(stdout, "{:width$}  {advice}", "")?;
        }
    }
    writeln!(stdout)?;
    if works {
        writeln!(stdout, "blocks can be run here")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(stdout, "blocks cannot be run here")?;
    Ok(ExitCode::from(CANNOT_RUN))
}

fn finding(finding: probe::Finding) -> Row {
    let subject = finding.subject;
    match finding.result {
        Ok(result) => Row { subject, result, advice: Vec::new() },
        Err(refusal) => Row {
            subject,
            result: format!("no: {}", refusal.errno),
            advice: vec![
                format!("step:   {}", refusal.step),
                format!("cause:  {}", refusal.cause),
                format!("remedy: {}", refusal.remedy),
            ],
        },
    }
}

fn tool(name: &str, package: &str) -> Row {
    let subject = format!("`{name}`");
    if Live.has_program(name) {
        return Row { subject, result: "installed".into(), advice: vec![] };
    }
    let remedy =
        format!("remedy: on Debian and Ubuntu, `apt-get install {package}`");
    Row { subject, result: "no: not installed".into(), advice: vec![remedy] }
}
