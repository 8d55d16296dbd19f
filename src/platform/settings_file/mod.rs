//! The settings file: settings, saved connections and the embedded storage's port, as TOML.
//!
//! Reading never fails: what cannot be understood becomes a warning and takes its default. Saving changes only what
//! this program has changed, so comments, unknown keys, entries that could not be read and what a hand or another
//! program has changed meanwhile all stay. A file that is no TOML at all is copied aside before it is replaced. The
//! file has no place for a secret.

mod bandwidth;
mod connections;
mod fields;
mod link_domains;
mod merge;
mod settings;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Table, value};

use super::{PlatformError, atomic_file};
use crate::model::{Connection, ConnectionId, Failure, FailureKind, Settings};

const LOCAL_PORT: &str = "local_port";
/// For versions to come that might have to write another format.
const FORMAT: &str = "format";

/// First lines of a new file.
const HEADER: &str = "# Settings of Bucketdrop. What is missing has its default. Secrets are never kept here.\n\n";

/// Larger files are not ours.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Settings, with defaults for what is missing or odd.
    pub settings: Settings,
    /// Connections that could be read.
    pub connections: Vec<Connection>,
    /// Entries of connections that could not be read: their ids, `None` for one whose id cannot be read either.
    pub skipped_connections: Vec<Option<ConnectionId>>,
    /// The port that the embedded storage has once chosen.
    pub local_port: Option<u16>,
    /// One sentence each: where, what, and what is done about it.
    pub warnings: Vec<String>,
    /// Whether other users of this computer may change the file.
    pub is_open_to_others: bool,
    /// The file as a whole could not be read or understood; a copy of it is kept before anything is saved.
    pub broken: Option<Failure>,
}

/// The settings file of one user. All calls block on the disk; one owner at a time.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    /// As this program has last read or written it; what differs from that is its own change.
    base: Base,
}

#[derive(Debug)]
struct Base {
    settings: Settings,
    connections: Vec<Connection>,
}

impl SettingsFile {
    /// Reads the file. A missing one gives the defaults without a warning.
    pub fn load(path: impl Into<PathBuf>) -> (Self, Loaded) {
        let path = path.into();
        let (mut warnings, mut broken) = (Vec::new(), None);
        let document = match read(&path) {
            Contents::Document(document) => *document,
            Contents::Missing => DocumentMut::new(),
            Contents::Broken(fault) => {
                broken = Some(fault.to_failure(&path));
                DocumentMut::new()
            }
        };
        let loaded = Loaded {
            broken,
            settings: settings::read(&document, &mut warnings),
            connections: connections::read(&document, &mut warnings),
            skipped_connections: connections::read_skipped(&document),
            local_port: read_local_port(&document, &mut warnings),
            is_open_to_others: is_open_to_others(&path),
            warnings,
        };
        let base = Base { settings: loaded.settings.clone(), connections: loaded.connections.clone() };
        (Self { path, base }, loaded)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves what of the settings has changed since they were loaded or saved; connections, what somebody else has
    /// changed, and everything else in the file stay. After an error the file is as before.
    pub fn save_settings(&mut self, wanted: &Settings) -> Result<(), PlatformError> {
        let base = &self.base.settings;
        self.change(|document, origin| settings::write(document, origin.is_old().then_some(base), wanted))?;
        self.base.settings = wanted.clone();
        Ok(())
    }

    /// Saves what of the connections has changed since they were loaded or saved: new ones are added, changed ones
    /// changed in place, and those that are no longer in the list are taken out. Entries that could not be read, and
    /// what somebody else has added, changed or taken out since, stay so. After an error the file is as before.
    pub fn save_connections(&mut self, wanted: &[Connection]) -> Result<(), PlatformError> {
        let base: &[Connection] = &self.base.connections;
        self.change(|document, origin| connections::write(document, if origin.is_old() { base } else { &[] }, wanted))?;
        self.base.connections = wanted.to_vec();
        Ok(())
    }

    /// Saves the port of the embedded storage, so that its links stay good. After an error the file is as before.
    pub fn save_local_port(&mut self, port: u16) -> Result<(), PlatformError> {
        self.change(|document, _origin| {
            if read_local_port(document, &mut Vec::new()) != Some(port) {
                fields::set(document.as_table_mut(), LOCAL_PORT, value(i64::from(port)));
            }
        })
    }

    /// Reads the file as it is now, changes it and replaces it, so that what another program or an editor has
    /// written meanwhile is kept. Nothing is written if nothing changed.
    fn change(&self, apply: impl FnOnce(&mut DocumentMut, Origin)) -> Result<(), PlatformError> {
        let unwritable = |source| PlatformError::SettingsUnwritable { path: self.path.clone(), source };
        let (mut document, old) = match read(&self.path) {
            Contents::Document(document) => {
                let text = document.to_string();
                (*document, Some(text))
            }
            Contents::Missing => (fresh_document(), None),
            Contents::Broken(_fault) => {
                self.copy_aside().map_err(unwritable)?;
                (fresh_document(), None)
            }
        };
        apply(&mut document, if old.is_some() { Origin::Old } else { Origin::Fresh });
        let text = document.to_string();
        if old.as_deref() == Some(&text) {
            return Ok(());
        }
        if let Some(parent) = self.path.parent() {
            super::paths::make_private_dir(parent).map_err(unwritable)?;
        }
        atomic_file::replace(&self.path, text.as_bytes()).map_err(unwritable)
    }

    /// Copies a file that is no TOML to `settings.toml.broken-DATE`, never over another copy.
    fn copy_aside(&self) -> io::Result<()> {
        let bytes = fs::read(&self.path)?;
        let date = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let name = self.path.file_name().unwrap_or_default().to_owned();
        for number in 0..100 {
            let mut copy = name.clone();
            copy.push(format!(".broken-{date}"));
            if number > 0 {
                copy.push(format!("-{number}"));
            }
            match write_new(&self.path.with_file_name(copy), &bytes) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other,
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The file as it is now.
    Old,
    /// A new file, where there is none or one that is no TOML: all that this program has goes into it.
    Fresh,
}

impl Origin {
    fn is_old(self) -> bool {
        self == Self::Old
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut file = atomic_file::create_new_private(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a copy is worse than none; the original is still there.
        fs::remove_file(path).ok();
    }
    written
}

enum Contents {
    Document(Box<DocumentMut>),
    Missing,
    /// It cannot be understood.
    Broken(Fault),
}

/// What is wrong with a file as a whole.
#[derive(Debug)]
struct Fault {
    /// For the details.
    reason: String,
    /// From 1, where it is about one line.
    line: Option<usize>,
}

impl Fault {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), line: None }
    }

    fn to_failure(&self, path: &Path) -> Failure {
        let failure = Failure::new(FailureKind::SettingsUnreadable).with("path", path.display()).detail(&self.reason);
        match self.line {
            Some(line) => failure.with("line", line),
            None => failure,
        }
    }
}

fn read(path: &Path) -> Contents {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_BYTES => return Contents::Broken(Fault::new("the file is far too large")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Contents::Missing,
        Err(error) => return Contents::Broken(Fault::new(format!("the file cannot be read ({error})"))),
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Contents::Broken(Fault::new(format!("the file cannot be read ({error})"))),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Contents::Broken(Fault::new("the file is not UTF-8 text"));
    };
    // The parser's own message quotes the line, which might be anything; its position is enough.
    match text.parse::<DocumentMut>() {
        Ok(document) => Contents::Document(Box::new(document)),
        Err(error) => Contents::Broken(match error.span().map(|span| line_of(&text, span.start)) {
            Some(line) => Fault { reason: format!("line {line} is not TOML"), line: Some(line) },
            None => Fault::new("the file is not TOML"),
        }),
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

fn fresh_document() -> DocumentMut {
    let mut document = DocumentMut::new();
    document.insert(FORMAT, value(1));
    if let Some(mut key) = document.key_mut(FORMAT) {
        // At the first key, since a comment at the head of an empty file ends up below keys that come later.
        key.leaf_decor_mut().set_prefix(HEADER);
    }
    document
}

fn read_local_port(document: &Table, warnings: &mut Vec<String>) -> Option<u16> {
    let item = document.get(LOCAL_PORT)?;
    let port = item.as_integer().and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
    if port.is_none() {
        warnings.push(format!("{LOCAL_PORT}: not a port from 1 to 65535; another one is chosen"));
    }
    port
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> bool {
    false
}
