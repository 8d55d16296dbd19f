//! What can go wrong with files, folders and the running program, and how a person is told.

use std::io;
use std::path::{Path, PathBuf};

use super::safe_path::UnsafeName;
use crate::model::{Failure, FailureKind};

/// A fault on the operating system's side. Holds paths and system errors, never a secret.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The system does not say where the user's files are.
    #[error("the system names no home folder")]
    NoHome,
    /// One of the program's own folders cannot be made or used.
    #[error("cannot use the folder {path}: {source}", path = path.display())]
    FolderUnusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The settings were not saved; the file is as it was before.
    #[error("cannot save {path}: {source}", path = path.display())]
    SettingsUnwritable {
        /// The settings file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A download could not be written; nothing stands under its final name.
    #[error("cannot write {path}: {source}", path = path.display())]
    TargetUnwritable {
        /// The file that was to be made.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there already and was left as it is.
    #[error("{path} exists", path = path.display())]
    TargetExists {
        /// The file.
        path: PathBuf,
    },
    /// A key that would leave the download folder, or that this system cannot name.
    #[error("the key {key:?} cannot become a file name: {problem}")]
    UnsafeName {
        /// The whole key.
        key: String,
        /// Why.
        problem: UnsafeName,
    },
    /// No program opens such a file, or the one that should failed to start.
    #[error("cannot open {path}: {source}", path = path.display())]
    NoProgram {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No browser opens an address. The address is not named: it may be signed.
    #[error("no browser opens the link: {source}")]
    NoBrowser {
        /// What the system said.
        source: io::Error,
    },
    /// The machine cannot be put to sleep.
    #[error("the computer does not go to sleep: {source}")]
    NoSleep {
        /// What the system said.
        source: io::Error,
    },
    /// Another Bucketdrop runs, but it did not answer in time.
    #[error("a running Bucketdrop does not answer at {path}", path = path.display())]
    InstanceSilent {
        /// Its socket.
        path: PathBuf,
    },
    /// Another Bucketdrop runs and was told to take something over, but did not say whether it has.
    #[error("a running Bucketdrop has not said at {path} whether it took what it was given", path = path.display())]
    InstanceUnclear {
        /// Its socket.
        path: PathBuf,
    },
    /// The running Bucketdrop answered something that this version does not understand.
    #[error("a running Bucketdrop gave an answer that makes no sense: {detail}")]
    InstanceConfused {
        /// What was wrong with it.
        detail: String,
    },
    /// The lock or the socket of the single instance cannot be used.
    #[error("cannot use {path}: {source}", path = path.display())]
    InstanceUnusable {
        /// Lock file or socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PlatformError {
    /// The same for people: cause, values for the sentences, raw detail.
    pub fn to_failure(&self) -> Failure {
        let failure = match self {
            Self::NoHome => Failure::new(FailureKind::FolderUnusable),
            Self::InstanceConfused { .. } => Failure::new(FailureKind::Internal),
            Self::FolderUnusable { path, source } | Self::InstanceUnusable { path, source } => {
                disk_failure(FailureKind::FolderUnusable, path, source)
            }
            Self::SettingsUnwritable { path, source } => disk_failure(FailureKind::SettingsUnwritable, path, source),
            Self::TargetUnwritable { path, source } => disk_failure(FailureKind::TargetUnwritable, path, source),
            Self::TargetExists { path } => Failure::new(FailureKind::TargetExists).with("path", path.display()),
            Self::UnsafeName { key, .. } => Failure::new(FailureKind::TargetNameUnsafe).with("key", key),
            Self::NoProgram { path, .. } => Failure::new(FailureKind::NoProgramForFile).with("path", path.display()),
            Self::NoBrowser { .. } => Failure::new(FailureKind::NoBrowser),
            Self::NoSleep { .. } => Failure::new(FailureKind::SleepRefused),
            Self::InstanceSilent { .. } => Failure::new(FailureKind::InstanceSilent),
            Self::InstanceUnclear { .. } => Failure::new(FailureKind::HandOverUnclear),
        };
        failure.detail(self)
    }
}

/// A full disk is told as such, whatever was being written.
fn disk_failure(kind: FailureKind, path: &Path, source: &io::Error) -> Failure {
    let kind = if is_disk_full(source) { FailureKind::DiskFull } else { kind };
    Failure::new(kind).with("path", path.display())
}

/// Whether the system refused because no space, or none of the user's quota, is left.
pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_its_path() {
        let error = PlatformError::SettingsUnwritable {
            path: PathBuf::from("home/settings.toml"),
            source: io::ErrorKind::StorageFull.into(),
        };
        let failure = error.to_failure();
        assert_eq!(failure.kind, FailureKind::DiskFull);
        assert_eq!(failure.args, [("path", "home/settings.toml".to_owned())]);
        assert!(failure.detail.contains("settings.toml"), "{}", failure.detail);
    }

    #[test]
    fn a_read_only_folder_is_no_full_disk() {
        let error = PlatformError::SettingsUnwritable {
            path: PathBuf::from("settings.toml"),
            source: io::ErrorKind::ReadOnlyFilesystem.into(),
        };
        assert_eq!(error.to_failure().kind, FailureKind::SettingsUnwritable);
    }
}
