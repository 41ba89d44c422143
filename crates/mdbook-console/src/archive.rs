//! The folder of recordings: the only place where transcripts are kept.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_preprocessor::config::Config as BookConfig;

use crate::config::Config;
use crate::plan::{Action, Kind, Session};
use crate::recording::Recording;
use crate::recording::read::{Unreadable, read};
use crate::transcript::{BlockTranscript, Step, Transcript};

/// What a recording's file is called behind its name.
const EXTENSION: &str = "txt";

/// A folder of recordings.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

/// What the folder has of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// What the session's commands said.
    Recording(Box<Recording>),
    /// What other commands said: the chapter has changed since.
    OtherCommands(Box<Recording>),
    /// Something that is no recording any more.
    Unreadable(Unreadable),
}

impl Archive {
    /// The folder that a book keeps its recordings in: `recordings`, or
    /// `recorded` beside the folder of its chapters.
    pub fn of_book(root: &Path, book: &BookConfig, config: &Config) -> Self {
        let folder = config.recordings.clone().unwrap_or_else(|| {
            let beside = book.book.src.parent();
            beside.unwrap_or(Path::new("")).join("recorded")
        });
        Self { folder: root.join(folder) }
    }

    /// Where the recording of a session is, or would be.
    pub fn path(&self, session: &Session) -> PathBuf {
        self.folder.join(format!("{}.{EXTENSION}", session.path()))
    }

    /// What there is of a session.
    pub fn kept(&self, session: &Session) -> Result<Kept> {
        let path = self.path(session);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Kept::Nothing);
            }
            Err(error) => {
                let context = format!("reading {}", path.display());
                return Err(error).context(context);
            }
        };
        Ok(match read(&String::from_utf8_lossy(&bytes)) {
            Err(unreadable) => Kept::Unreadable(unreadable),
            Ok(recording) if fits(&recording.transcript, session) => {
                Kept::Recording(Box::new(recording))
            }
            Ok(recording) => Kept::OtherCommands(Box::new(recording)),
        })
    }

    /// Keeps a text as the recording of a session, whole or not at all.
    pub fn keep(&self, session: &Session, text: &str) -> Result<()> {
        let path = self.path(session);
        replace(&path, text)
            .with_context(|| format!("writing {}", path.display()))
    }

    /// The recordings that none of these sessions has, in the order of their
    /// names.
    pub fn orphans(&self, sessions: &[Session]) -> Result<Vec<PathBuf>> {
        let known: BTreeSet<PathBuf> =
            sessions.iter().map(|session| self.path(session)).collect();
        let mut orphans = Vec::new();
        walk(&self.folder, &mut orphans)
            .with_context(|| format!("reading {}", self.folder.display()))?;
        orphans.retain(|path| !known.contains(path));
        orphans.sort();
        Ok(orphans)
    }

    /// Removes a recording, and the folders that are empty then.
    pub fn remove(&self, path: &Path) -> Result<()> {
        fs::remove_file(path)
            .with_context(|| format!("removing {}", path.display()))?;
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|f| **f != self.folder) {
            // A folder that is not empty stays.
            if fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
        Ok(())
    }
}

/// All files of a folder and the folders in it.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Writes a file beside the old one, and puts it in its place.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = fs::File::create(&new)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // The error that came first is the one to tell.
        let _ = fs::remove_file(&new);
    }
    written
}

/// Whether these are the answers to a session's commands.
pub fn fits(transcript: &Transcript, session: &Session) -> bool {
    transcript.blocks.len() == session.blocks.len()
        && transcript.blocks.iter().zip(&session.blocks).all(|(said, block)| {
            block_fits(said, &block.actions)
                && (said.census.is_some() || !block.census)
        })
}

fn block_fits(said: &BlockTranscript, actions: &[Action]) -> bool {
    said.steps.len() == actions.len()
        && said.steps.iter().zip(actions).all(|(s, a)| step_fits(s, &a.kind))
}

fn step_fits(step: &Step, kind: &Kind) -> bool {
    let (lines, input) = match kind {
        Kind::Run(command) => (command.lines.as_slice(), &command.input),
        Kind::Resume { input, .. } => (&[][..], input),
    };
    let typed = step.command.as_ref().map(|typed| typed.lines.as_slice());
    let typed = typed.unwrap_or_default();
    // A recording has no blanks at the ends of its lines.
    typed.len() == lines.len()
        && typed.iter().zip(lines).all(|(a, b)| a.trim_end() == b.trim_end())
        && step.input.len() == input.len()
}
