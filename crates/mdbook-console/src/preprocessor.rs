//! The stages one after the other, as mdBook asks for them.

pub mod report;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};
use mdbook_markdown::MarkdownOptions;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::config::Config as BookConfig;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use sandbox::world::World;

use crate::config::Config;
use crate::demos::{self, Programs};
use crate::locate::Files;
use crate::perform::{Outcome, Theatre};
use crate::plan::{self, Plan, Session, View};
use crate::render::{self, Content, Form, Provenance, Shown, Viewed, date};
use crate::splice::{self, Patch};
use crate::stage::Stage;
use crate::transcript::Transcript;
use report::Findings;

/// The name of the preprocessor's table in `book.toml`.
pub const NAME: &str = "console";

/// Runs the blocks of a book, and puts what they said into its chapters.
pub struct Console<S> {
    stage: S,
    stderr: Mutex<Box<dyn Write + Send>>,
    last: Mutex<Option<Performance>>,
}

/// What came of all sessions. Kept, because mdBook asks once a renderer.
#[derive(Clone)]
struct Performance {
    sessions: Vec<Session>,
    outcomes: Vec<Outcome>,
    source: Provenance,
    programs: Programs,
}

/// A chapter that is not a draft.
#[derive(Clone, Debug)]
pub struct ChapterText {
    /// Its file, relative to the folder of the chapters.
    pub path: PathBuf,
    /// Its text, with all includes expanded.
    pub text: String,
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
        ctx: &PreprocessorContext,
        config: &Config,
        sessions: Vec<Session>,
    ) -> Result<(Performance, Novelty)> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|l| l.sessions == sessions) {
            return Ok((last.clone(), Novelty::Known));
        }
        let programs = if sessions.is_empty() {
            Programs::default()
        } else {
            demos::programs(&ctx.root, config.demos.as_ref())?
        };
        let world =
            World { programs: programs.folder.clone(), ..World::default() };
        let theatre = Theatre {
            stage: &self.stage,
            world: &world,
            demos: &programs.names,
            jobs: config.jobs,
            progress: &|over| show_progress(over, sessions.len()),
        };
        let outcomes = theatre.perform(&sessions);
        let source = Provenance {
            kernel: self.stage.kernel(),
            date: date::day(self.stage.now()),
        };
        let performance = Performance { sessions, outcomes, source, programs };
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
        let config = Config::from_book(&ctx.config)?;
        let chapters = chapters(&book);
        let parsed = parse_all(&chapters, &ctx.config);
        let Plan { sessions, views, complaints } =
            plan::plan(&parsed, config.timeout.0);
        let (performance, novelty) =
            self.performance(ctx, &config, sessions)?;
        let findings = Findings {
            files: Files { root: &ctx.root, src: &ctx.config.book.src },
            chapters: &chapters,
            parsed: &parsed,
            complaints,
            sessions: &performance.sessions,
            outcomes: &performance.outcomes,
            mode: config.mode,
        };
        let report = findings.report();
        if novelty == Novelty::New {
            self.say(&report.text)?;
        }
        ensure!(
            report.errors == 0,
            "the blocks of this book have {}",
            report::count(report.errors, "fault")
        );
        let rendering = Rendering {
            chapters: &chapters,
            parsed: &parsed,
            views: &views,
            performance: &performance,
            config: &config,
            form: Form::of_renderer(&ctx.renderer),
        };
        let mut texts = rendering.texts().into_iter();
        for_each_text(&mut book.items, &mut |text| {
            if let Some(new) = texts.next() {
                *text = new;
            }
        });
        Ok(book)
    }
}

/// The chapters in the order of the book, without drafts.
pub fn chapters(book: &Book) -> Vec<ChapterText> {
    let path = |chapter: &Chapter| {
        let path = chapter.source_path.as_ref().or(chapter.path.as_ref());
        path.cloned().unwrap_or_default()
    };
    book.chapters()
        .map(|c| ChapterText { path: path(c), text: c.content.clone() })
        .collect()
}

/// Visits the texts of [`chapters`], in the same order.
fn for_each_text(items: &mut [BookItem], visit: &mut impl FnMut(&mut String)) {
    for item in items {
        if let BookItem::Chapter(chapter) = item {
            if !chapter.is_draft_chapter() {
                visit(&mut chapter.content);
            }
            for_each_text(&mut chapter.sub_items, visit);
        }
    }
}

/// Finds the blocks of every chapter as mdBook's HTML renderer would.
pub fn parse_all(
    chapters: &[ChapterText],
    book: &BookConfig,
) -> Vec<plan::Chapter> {
    let mut options = MarkdownOptions::default();
    if let Some(html) = book.html_config() {
        options.smart_punctuation = html.smart_punctuation;
        options.definition_lists = html.definition_lists;
        options.admonitions = html.admonitions;
    }
    chapters
        .iter()
        .map(|chapter| {
            let stem = chapter.path.with_extension("").display().to_string();
            plan::Chapter::read(stem, &chapter.text, &options)
        })
        .collect()
}

/// A book whose sessions are over.
struct Rendering<'a> {
    chapters: &'a [ChapterText],
    parsed: &'a [plan::Chapter],
    views: &'a [View],
    performance: &'a Performance,
    config: &'a Config,
    form: Form,
}

impl Rendering<'_> {
    /// The texts of all chapters, with their blocks and views replaced.
    fn texts(&self) -> Vec<String> {
        let mut patches = vec![Vec::new(); self.chapters.len()];
        for (session, outcome) in
            self.performance.sessions.iter().zip(&self.performance.outcomes)
        {
            let blocks = 0..session.blocks.len();
            patches[session.chapter].extend(
                blocks.filter_map(|at| self.block(session, at, outcome)),
            );
        }
        for view in self.views {
            patches[view.chapter].extend(self.view(view));
        }
        self.chapters
            .iter()
            .zip(patches)
            .map(|(chapter, mut patches)| {
                patches.sort_by_key(|patch| patch.span.start);
                splice::splice(&chapter.text, &patches)
            })
            .collect()
    }

    fn block(
        &self,
        session: &Session,
        position: usize,
        outcome: &Outcome,
    ) -> Option<Patch> {
        let block = &session.blocks[position];
        let content = self.content(outcome, |t| &t.blocks[position])?;
        let hint = hint(block, self.config, &self.performance.programs);
        let shown = Shown { session, block, content, hint };
        let text = &self.chapters[session.chapter].text;
        let written = &self.parsed[session.chapter].blocks[block.index];
        Some(render::patch(text, written, &shown, self.form))
    }

    fn view(&self, view: &View) -> Option<Patch> {
        let session = &self.performance.sessions[view.session];
        let outcome = &self.performance.outcomes[view.session];
        let content = self.content(outcome, |transcript| transcript)?;
        let viewed = Viewed { session, subject: view.subject, content };
        let text = &self.chapters[view.chapter].text;
        let written = &self.parsed[view.chapter].views[view.index];
        Some(render::patch_view(text, written, &viewed, self.form))
    }

    /// What there is to show of a session; nothing if it was broken off.
    fn content<'a, T>(
        &'a self,
        outcome: &'a Outcome,
        part: impl Fn(&'a Transcript) -> &'a T,
    ) -> Option<Content<'a, T>> {
        match outcome {
            Outcome::Held(transcript) => Some(Content::Ran {
                transcript: part(transcript),
                source: &self.performance.source,
            }),
            Outcome::CannotRun(reason) => Some(Content::CannotRun(reason)),
            Outcome::Broken { .. } => None,
        }
    }
}

/// The command that runs a block's only demo.
fn hint(
    block: &plan::Block,
    config: &Config,
    programs: &Programs,
) -> Option<String> {
    let [plan::Action { kind: plan::Kind::Run(command), .. }] =
        block.actions.as_slice()
    else {
        return None;
    };
    let [line] = command.lines.as_slice() else { return None };
    let name = line.trim();
    let hint = config.run_hint.as_ref()?;
    programs.names.contains(name).then(|| hint.replace("{name}", name))
}

fn show_progress(over: usize, all: usize) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let end = if over == all { "\r\x1b[K" } else { "" };
        // Progress that cannot be shown is not missed.
        let _ = write!(stderr, "\rsession {over} of {all}{end}");
    }
}
