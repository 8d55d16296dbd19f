//! From dropped paths to transfers: walks folders, makes keys, leaves out what a rule says.
//!
//! Runs on a blocking thread and hands on at most [`BATCH_FILES`] files at a time through a bounded channel, so a
//! folder of any size needs little memory. The walk is iterative, keeps few folders open, and never follows links:
//! a link could lead out of the folder or in a circle. Names become keys byte for byte; what cannot is asked about.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::{DirEntry, ReadDir};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::names;
use super::queue::{Folder, Naming, NewTransfer};
use super::scanning::Whereabouts;
use super::source::modified;
use crate::model::{BatchId, Gathered, KeyProblem, NameQuestion, ObjectKey, Prefix, SkipReason, SkippedItem};

/// Files handed on at a time.
const BATCH_FILES: usize = 500;
/// The same for the first ones, so that they start while the others are looked for.
const FIRST_FILES: usize = 16;
/// Of one folder.
const SORTED_AT_ONCE: usize = 10_000;

/// What to scan.
#[derive(Debug)]
pub(crate) struct ScanRequest {
    pub(crate) batch: BatchId,
    /// Absolute paths of files and folders.
    pub(crate) paths: Vec<PathBuf>,
    /// The folder they go to.
    pub(crate) to: Prefix,
    /// Names left out of dropped folders, and of several files that were gathered together.
    pub(crate) system_files: Vec<String>,
    /// How the paths were pointed at.
    pub(crate) gathered: Gathered,
    /// Paths left out of dropped folders.
    pub(crate) exclude: Vec<String>,
    /// Where it is told which folder the scan is in.
    pub(crate) at: Whereabouts,
}

/// A part of what a scan found.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) batch: BatchId,
    pub(crate) files: Vec<NewTransfer>,
    pub(crate) skipped: Vec<SkippedItem>,
    /// Only with the last part.
    pub(crate) questions: Vec<(NameQuestion, NewTransfer)>,
    /// Whether this was the last part.
    pub(crate) is_last: bool,
}

/// Walks everything; ends early when cancelled or when nobody listens any more. The last part is always sent.
pub(crate) fn scan(request: ScanRequest, found: &Sender<Scanned>, cancelled: &CancellationToken) {
    let mut walk = Walk {
        at: request.at,
        rules: Rules::new(&request.system_files, &request.exclude),
        out: Out { batch: request.batch, files: Vec::new(), skipped: Vec::new(), handed_on: 0, found },
        questions: Vec::new(),
        suggested: BTreeSet::new(),
        shared_names: BTreeMap::new(),
        current_name: None,
        top_files: TopFiles::AllWanted,
        to: request.to,
    };
    let mut seen = BTreeSet::new();
    let paths: Vec<PathBuf> =
        request.paths.into_iter().map(with_name).filter(|path| seen.insert(path.clone())).collect();
    let mut names = BTreeSet::new();
    for name in paths.iter().map(|path| top_name(path)) {
        if !names.insert(name.clone()) {
            walk.shared_names.insert(name, BTreeSet::new());
        }
    }
    walk.top_files = TopFiles::of(request.gathered, paths.len());
    for path in &paths {
        if cancelled.is_cancelled() || walk.item(path, cancelled).is_none() {
            break;
        }
    }
    let Out { files, skipped, .. } = walk.out;
    let last = Scanned { batch: request.batch, files, skipped, questions: walk.questions, is_last: true };
    // Nobody listens any more only when the engine ends.
    found.blocking_send(last).ok();
}

/// A folder that is called `..` has a name, too, by which it is uploaded.
fn with_name(path: PathBuf) -> PathBuf {
    if path.components().next_back() != Some(Component::ParentDir) {
        return path;
    }
    // One that cannot be looked up is told of when it is to be read.
    std::fs::canonicalize(&path).unwrap_or(path)
}

/// Which names and paths of dropped folders are left out.
pub(super) struct Rules {
    system_files: GlobSet,
    exclude: GlobSet,
}

impl Rules {
    pub(super) fn new(system_files: &[String], exclude: &[String]) -> Self {
        // The systems that make these files do not tell upper from lower case.
        Self { system_files: globs(system_files, Case::Any), exclude: globs(exclude, Case::AsWritten) }
    }

    fn is_system_file(&self, name: &OsStr) -> bool {
        self.system_files.is_match(name)
    }

    /// Whether a file that was pointed at itself is left out.
    pub(super) fn leave_out(&self, which: TopFiles, path: &Path) -> bool {
        which == TopFiles::PerhapsUnseen && self.is_system_file(path.file_name().unwrap_or_default())
    }

    /// Why an entry of a dropped folder is left out; `relative` begins below that folder.
    pub(super) fn verdict(&self, relative: &Path, name: &OsStr) -> Option<SkipReason> {
        if self.is_system_file(name) {
            return Some(SkipReason::SystemFile);
        }
        (self.exclude.is_match(relative) || self.exclude.is_match(name)).then_some(SkipReason::Excluded)
    }
}

/// Whether a pattern stands for names in upper and lower case alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Any,
    AsWritten,
}

/// A pattern that cannot be read is taken as a plain name, since leaving a file out by surprise is the lesser harm.
fn globs(patterns: &[String], case: Case) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    let read = |pattern: &str| GlobBuilder::new(pattern).case_insensitive(case == Case::Any).build();
    for pattern in patterns.iter().filter(|pattern| !pattern.trim().is_empty()) {
        let glob = read(pattern.trim()).or_else(|_error| read(&globset::escape(pattern.trim())));
        if let Ok(glob) = glob {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_error| GlobSet::empty())
}

/// What was found and not handed on yet.
struct Out<'a> {
    batch: BatchId,
    files: Vec<NewTransfer>,
    skipped: Vec<SkippedItem>,
    handed_on: usize,
    found: &'a Sender<Scanned>,
}

impl Out<'_> {
    fn skip(&mut self, path: &Path, reason: SkipReason) -> Option<()> {
        self.skipped.push(SkippedItem { path: path.to_owned(), reason });
        self.flush_when_full()
    }

    fn file(&mut self, file: NewTransfer) -> Option<()> {
        self.files.push(file);
        self.flush_when_full()
    }

    /// `None` when nobody listens any more.
    fn flush_when_full(&mut self) -> Option<()> {
        let count = self.files.len() + self.skipped.len();
        if count < self.handed_on.clamp(FIRST_FILES, BATCH_FILES) {
            return Some(());
        }
        self.handed_on += count;
        let part = Scanned {
            batch: self.batch,
            files: std::mem::take(&mut self.files),
            skipped: std::mem::take(&mut self.skipped),
            questions: Vec::new(),
            is_last: false,
        };
        self.found.blocking_send(part).ok()
    }
}

struct Walk<'a> {
    at: Whereabouts,
    rules: Rules,
    out: Out<'a>,
    questions: Vec<(NameQuestion, NewTransfer)>,
    /// Suggestions made so far; each is made once.
    suggested: BTreeSet<String>,
    /// Keys seen below names that several dropped items have. Only those can meet: the keys of one folder's
    /// files differ as their paths do.
    shared_names: BTreeMap<Option<OsString>, BTreeSet<String>>,
    /// Name of the dropped item that is walked.
    current_name: Option<OsString>,
    top_files: TopFiles,
    to: Prefix,
}

/// Whether a rule leaves out files that were pointed at themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TopFiles {
    /// Each is wanted, whatever it is called.
    AllWanted,
    /// Perhaps they are all that is in a folder, with files that its owner never sees.
    PerhapsUnseen,
}

impl TopFiles {
    pub(super) fn of(gathered: Gathered, items: usize) -> Self {
        match gathered {
            Gathered::Together if items > 1 => Self::PerhapsUnseen,
            Gathered::Together | Gathered::ByName => Self::AllWanted,
        }
    }
}

fn top_name(path: &Path) -> Option<OsString> {
    path.file_name().map(OsStr::to_owned)
}

impl Walk<'_> {
    /// One dropped item. `None` when nobody listens any more.
    fn item(&mut self, path: &Path, cancelled: &CancellationToken) -> Option<()> {
        self.at.note(path);
        let metadata = match std::fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return self.out.skip(path, SkipReason::Missing);
            }
            Err(error) => return self.out.skip(path, SkipReason::Unreadable(error.to_string())),
        };
        self.current_name = top_name(path);
        if metadata.is_symlink() {
            return self.linked_item(path, cancelled);
        }
        if metadata.is_dir() {
            return self.folder(path, path.file_name(), cancelled);
        }
        if self.rules.leave_out(self.top_files, path) {
            return self.out.skip(path, SkipReason::SystemFile);
        }
        let folder = folder_of(&self.to, path.parent().unwrap_or(path), Path::new(""));
        self.entry(path, &metadata, &folder, path.file_name().unwrap_or(path.as_os_str()))
    }

    /// A link that was dropped itself stands for what it leads to, which is read at its own place and keeps the link's
    /// name. Links within folders are left out: they may lead anywhere, and in circles.
    fn linked_item(&mut self, link: &Path, cancelled: &CancellationToken) -> Option<()> {
        let found = std::fs::canonicalize(link).and_then(|path| Ok((std::fs::symlink_metadata(&path)?, path)));
        let (metadata, path) = match found {
            Ok(found) => found,
            // Also a link to a pipe of the system's, which has no place: `/dev/stdin`.
            Err(error) => {
                let reason = match std::fs::metadata(link) {
                    Ok(_special) => SkipReason::SpecialFile,
                    Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => SkipReason::DeadLink,
                    Err(_) => SkipReason::Unreadable(error.to_string()),
                };
                return self.out.skip(link, reason);
            }
        };
        if metadata.is_dir() {
            return self.folder(&path, link.file_name(), cancelled);
        }
        let Some((parent, name)) = path.parent().zip(path.file_name()).filter(|_| metadata.is_file()) else {
            return self.out.skip(link, SkipReason::SpecialFile);
        };
        let folder = folder_of(&self.to, parent, Path::new(""));
        self.entry_as(link.file_name().unwrap_or(name), &path, &metadata, &folder, name)
    }

    /// A folder and all below it, under `name`; a drive or `/` has none.
    fn folder(&mut self, root: &Path, name: Option<&OsStr>, cancelled: &CancellationToken) -> Option<()> {
        let name = Path::new(name.unwrap_or_default());
        let mut levels = Vec::new();
        levels.extend(self.enter(root.to_owned())?);
        while let Some(level) = levels.last_mut() {
            if cancelled.is_cancelled() {
                return None;
            }
            let found = match level.next() {
                Some(Ok(found)) => found,
                Some(Err(error)) => {
                    self.out.skip(&level.path, SkipReason::Unreadable(error.to_string()))?;
                    continue;
                }
                None => {
                    if let Some(level) = levels.pop().filter(|level| level.contents == Contents::Nothing) {
                        self.out.skip(&level.path, SkipReason::EmptyFolder)?;
                    }
                    continue;
                }
            };
            let path = level.path.join(&found.name);
            if let Some(reason) = self.rules.verdict(path.strip_prefix(root).unwrap_or(&path), &found.name) {
                self.out.skip(&path, reason)?;
            } else if found.is_folder {
                levels.extend(self.enter(path)?);
            } else {
                match std::fs::symlink_metadata(&path) {
                    Ok(metadata) => {
                        let below = level.path.strip_prefix(root).unwrap_or(Path::new(""));
                        let relative = name.join(below);
                        let folder = level.folder.get_or_insert_with(|| folder_of(&self.to, &level.path, &relative));
                        let folder = Arc::clone(folder);
                        self.entry(&path, &metadata, &folder, &found.name)?;
                    }
                    Err(error) => self.out.skip(&path, SkipReason::Unreadable(error.to_string()))?,
                }
            }
        }
        Some(())
    }

    /// Opens a folder; `Some(None)` if that cannot be, which is told.
    #[expect(clippy::option_option, reason = "no answer ends the walk, no level only this folder")]
    fn enter(&mut self, path: PathBuf) -> Option<Option<Level>> {
        self.at.note(&path);
        match std::fs::read_dir(&path) {
            Ok(rest) => {
                let (chunk, contents) = (VecDeque::new(), Contents::Nothing);
                Some(Some(Level { path, folder: None, rest: Some(rest), chunk, contents }))
            }
            Err(error) => {
                self.out.skip(&path, SkipReason::Unreadable(error.to_string()))?;
                Some(None)
            }
        }
    }

    fn entry(&mut self, path: &Path, metadata: &std::fs::Metadata, folder: &Arc<Folder>, name: &OsStr) -> Option<()> {
        self.entry_as(name, path, metadata, folder, name)
    }

    /// The same, with a key that ends in `shown`, whatever the file's own name is.
    fn entry_as(
        &mut self,
        shown: &OsStr,
        path: &Path,
        metadata: &std::fs::Metadata,
        folder: &Arc<Folder>,
        name: &OsStr,
    ) -> Option<()> {
        let kind = metadata.file_type();
        if kind.is_symlink() {
            return self.out.skip(path, SkipReason::SymbolicLink);
        }
        if !kind.is_file() {
            return self.out.skip(path, SkipReason::SpecialFile);
        }
        let lossy = format!("{}{}", folder.key_prefix, shown.to_string_lossy());
        let transfer = NewTransfer {
            folder: Arc::clone(folder),
            name: name.to_owned(),
            key: (shown != name).then(|| lossy.as_str().into()),
            size_bytes: metadata.len(),
            modified: modified(metadata),
        };
        let is_exact = folder.naming == Naming::Exact && shown.to_str().is_some();
        let problem = if is_exact { ObjectKey::check_new(&lossy).err() } else { Some(KeyProblem::NotUnicode) };
        if let Some(problem) = problem {
            self.ask(path, &lossy, problem, transfer);
            return Some(());
        }
        if let Some(keys) = self.shared_names.get_mut(&self.current_name)
            && !keys.insert(lossy.clone())
        {
            self.ask(path, &lossy, KeyProblem::Taken, transfer);
            return Some(());
        }
        self.out.file(transfer)
    }

    fn ask(&mut self, path: &Path, key: &str, problem: KeyProblem, transfer: NewTransfer) {
        let plain = names::suggestion(key, problem);
        let mut suggestion = plain.clone();
        let mut number = 2;
        // A name that is free among the files and among what was suggested.
        let is_seen = |suggestion: &String| self.shared_names.values().any(|keys| keys.contains(suggestion));
        while is_seen(&suggestion) || !self.suggested.insert(suggestion.clone()) {
            let Some(next) = names::numbered(&ObjectKey::new(&*plain), number) else { break };
            next.as_str().clone_into(&mut suggestion);
            number += 1;
        }
        self.questions
            .push((NameQuestion { path: path.to_owned(), key: key.to_owned(), problem, suggestion }, transfer));
    }
}

/// A folder whose files stand at `relative` below the destination.
fn folder_of(to: &Prefix, path: &Path, relative: &Path) -> Arc<Folder> {
    let mut key_prefix = to.as_str().to_owned();
    for segment in relative {
        key_prefix.push_str(&segment.to_string_lossy());
        key_prefix.push('/');
    }
    let naming = if relative.to_str().is_some() { Naming::Exact } else { Naming::Lossy };
    Arc::new(Folder { path: path.to_owned(), key_prefix, naming })
}

/// A folder that the walk is in.
struct Level {
    path: PathBuf,
    /// Made for its first file.
    folder: Option<Arc<Folder>>,
    /// What was not read yet; gone once all was.
    rest: Option<ReadDir>,
    /// Sorted by name.
    chunk: VecDeque<io::Result<Found>>,
    contents: Contents,
}

/// What was found in a folder so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contents {
    Nothing,
    Something,
}

/// Something in a folder.
struct Found {
    name: OsString,
    is_folder: bool,
}

impl Level {
    /// The next one by name. A folder that holds very many is sorted in pieces, so that the first file of a million can
    /// go at once; only such a folder stays open while the walk is deeper.
    fn next(&mut self) -> Option<io::Result<Found>> {
        if self.chunk.is_empty()
            && let Some(rest) = &mut self.rest
        {
            let found = |entry: io::Result<DirEntry>| {
                let entry = entry?;
                Ok(Found { is_folder: entry.file_type()?.is_dir(), name: entry.file_name() })
            };
            self.chunk.extend(rest.take(SORTED_AT_ONCE).map(found));
            if self.chunk.len() < SORTED_AT_ONCE {
                self.rest = None;
            }
            let found = self.chunk.make_contiguous();
            found.sort_unstable_by(|a, b| name_of(a).cmp(&name_of(b)));
            if !self.chunk.is_empty() {
                self.contents = Contents::Something;
            }
        }
        self.chunk.pop_front()
    }
}

fn name_of(found: &io::Result<Found>) -> Option<&OsStr> {
    found.as_ref().ok().map(|found| &*found.name)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
