//! Earlier runs, kept below the target folder: what nothing has changed
//! since need not run again.
//!
//! An entry holds the key it was made with, and counts only if the key is
//! the same: whatever can change what a session says is part of it. Only
//! what went as the author expects is kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sandbox::world::World;

use crate::archive::{fits, replace};
use crate::demos::{self, Programs};
use crate::plan::{Kind, Session};
use crate::recording::read::read;
use crate::recording::write::write;
use crate::recording::{Header, Recording};
use crate::render::Provenance;
use crate::stage::{FOLDERS, Stage};
use crate::transcript::Transcript;

/// Between the key and the recording.
const SEPARATOR: &str = "\n--\n";

/// Earlier runs of a book's sessions.
pub struct Cache {
    /// `None` if nothing is kept.
    folder: Option<PathBuf>,
    /// What all sessions depend on.
    common: String,
    /// The files of the programs that have been asked for.
    programs: RefCell<HashMap<String, String>>,
}

impl Cache {
    /// The runs that are kept for the book in `root`.
    pub fn new(
        stage: &dyn Stage,
        root: &Path,
        world: &World,
        programs: &Programs,
    ) -> Self {
        let target = demos::target_dir(root).ok();
        let machine = stage.fingerprint();
        let folder = target.filter(|_| machine.is_some());
        let mut common = machine.unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(common, "{world:?}");
        if let Some(folder) = &programs.folder {
            for name in &programs.names {
                let _ = writeln!(common, "{}", stamp(&folder.join(name)));
            }
        }
        let folder = folder.map(|f| f.join("console").join("earlier-runs"));
        Self { folder, common, programs: RefCell::default() }
    }

    /// What a session has said, if nothing has changed since.
    pub fn get(&self, session: &Session) -> Option<Recording> {
        let text = fs::read_to_string(self.path(session)?).ok()?;
        let (key, recording) = text.split_once(SEPARATOR)?;
        let recording =
            (key == self.key(session)).then(|| read(recording).ok())??;
        fits(&recording.transcript, session).then_some(recording)
    }

    /// Keeps what a session has said.
    pub fn put(
        &self,
        session: &Session,
        transcript: &Transcript,
        source: &Provenance,
    ) {
        let Some(path) = self.path(session) else { return };
        let kernel = source.kernel.as_ref();
        let header = Header {
            kernel: kernel.map(|k| format!("Linux {k}")).unwrap_or_default(),
            date: source.date.clone(),
            ..Header::default()
        };
        let transcript = transcript.clone();
        let text = write(&Recording { header, transcript }, session);
        let entry = format!("{}{SEPARATOR}{text}", self.key(session));
        // What cannot be kept runs again.
        let _ = replace(&path, &entry);
    }

    fn path(&self, session: &Session) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{}.txt", session.path())))
    }

    /// Adds the files of the programs that are named.
    fn programs(&self, lines: &[String], key: &mut String) {
        let is_part = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
        for word in lines.iter().flat_map(|line| line.split(|c| !is_part(c))) {
            if word.is_empty() || word.starts_with(['-', '.']) {
                continue;
            }
            let mut known = self.programs.borrow_mut();
            if !known.contains_key(word) {
                known.insert(word.to_owned(), files(word));
            }
            key.push_str(&known[word]);
        }
    }

    fn key(&self, session: &Session) -> String {
        let mut key = self.common.clone();
        for terminal in &session.terminals {
            let _ = writeln!(key, "{terminal:?}");
        }
        for block in &session.blocks {
            let _ = writeln!(
                key,
                "{:?} {:?} {:?} {:?}",
                block.terminal, block.expect, block.needs, block.census
            );
            for action in &block.actions {
                let _ = writeln!(key, "{:?}", action.kind);
                if let Kind::Run(command) = &action.kind {
                    self.programs(&command.lines, &mut key);
                }
            }
        }
        key
    }
}

/// The stamps of the files that a word may call.
fn files(word: &str) -> String {
    let mut stamps = String::new();
    for folder in FOLDERS {
        let path = Path::new("/usr").join(folder).join(word);
        if path.exists() {
            let _ = writeln!(stamps, "{}", stamp(&path));
        }
    }
    stamps
}

/// A file's name, and numbers that are others when it is another. The time
/// of the last change of its status cannot be set by anybody.
pub(crate) fn stamp(path: &Path) -> String {
    match fs::metadata(path) {
        Ok(file) => format!(
            "{} {} {} {}.{} {}.{}",
            path.display(),
            file.ino(),
            file.len(),
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec()
        ),
        Err(_) => format!("{} -", path.display()),
    }
}
