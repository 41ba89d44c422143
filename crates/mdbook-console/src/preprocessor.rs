//! The stages one after the other, as mdBook asks for them.

pub mod findings;
pub mod rendering;

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::manuscript::{self, Manuscript};
use crate::performance::{Performance, Request};
use crate::render::Form;
use crate::stage::Stage;
use findings::{Findings, Tone, count};
use rendering::Rendering;

/// The name of the preprocessor's table in `book.toml`.
pub const NAME: &str = "console";

/// Runs the blocks of a book, and puts what they said into its chapters.
pub struct Console<S> {
    stage: S,
    stderr: Mutex<Box<dyn Write + Send>>,
    /// Kept, because mdBook asks once a renderer.
    last: Mutex<Option<Performance>>,
}

/// Whether blocks are run for a renderer. `mdbook test` runs none: to it
/// they are text.
pub fn supports(renderer: &str) -> bool {
    renderer != "test"
}

impl<S: Stage> Console<S> {
    /// A preprocessor that performs on `stage` and complains on standard
    /// error.
    pub fn new(stage: S) -> Self {
        Self::with_stderr(stage, Box::new(io::stderr()))
    }

    /// The same, complaining elsewhere.
    pub fn with_stderr(stage: S, stderr: Box<dyn Write + Send>) -> Self {
        Self { stage, stderr: Mutex::new(stderr), last: Mutex::new(None) }
    }

    /// Performs the sessions, unless they are those of the last time.
    fn performance(
        &self,
        manuscript: &Manuscript,
    ) -> Result<(Performance, Novelty)> {
        let sessions = &manuscript.plan.sessions;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|l| l.sessions == *sessions) {
            return Ok((last.clone(), Novelty::Known));
        }
        let request = Request {
            stage: &self.stage,
            root: &manuscript.root,
            config: &manuscript.config,
            archive: &manuscript.archive,
            reuse: true,
            progress: &show_progress,
        };
        let performance = request.perform(sessions.clone())?;
        *last = Some(performance.clone());
        Ok((performance, Novelty::New))
    }

    fn say(&self, text: &str) -> io::Result<()> {
        let mut stderr =
            self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        stderr.write_all(text.as_bytes())
    }
}

/// Whether the author has been told what came of a performance.
#[derive(PartialEq)]
enum Novelty {
    New,
    Known,
}

impl<S: Stage> Preprocessor for Console<S> {
    fn name(&self) -> &str {
        NAME
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(supports(renderer))
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let manuscript = Manuscript::read(&ctx.root, &ctx.config, &book)?;
        let (performance, novelty) = self.performance(&manuscript)?;
        let findings = Findings::new(&manuscript, &performance);
        let report = findings.report(Tone::Build);
        if novelty == Novelty::New {
            self.say(&report.text())?;
        }
        ensure!(
            report.errors() == 0,
            "the blocks of this book have {}",
            count(report.errors(), "fault")
        );
        let rendering = Rendering {
            manuscript: &manuscript,
            performance: &performance,
            proofs: &findings.proofs(),
            form: Form::of_renderer(&ctx.renderer),
        };
        manuscript::put(&mut book.items, &mut rendering.texts().into_iter());
        Ok(book)
    }
}

/// Tells a person at a terminal how far a performance is.
pub fn show_progress(over: usize, all: usize) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let end = if over == all { "\r\x1b[K" } else { "" };
        // Progress that cannot be shown is not missed.
        let _ = write!(stderr, "\rsession {over} of {all}{end}");
    }
}
