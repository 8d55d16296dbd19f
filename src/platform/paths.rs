//! Where the program keeps its files. Folders are the user's alone (0700) on systems that know modes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::PlatformError;

/// The program's name in reverse-DNS form: keychain service, desktop entry, folder names on macOS.
pub const APP_ID: &str = "io.github.bucketdrop.Bucketdrop";

/// Environment variable that moves everything under one folder.
const HOME_VARIABLE: &str = "BUCKETDROP_HOME";

/// Longest path of a Unix socket that every system takes (macOS: 104 bytes with the final zero).
#[cfg(unix)]
const MAX_SOCKET_PATH_BYTES: usize = 100;

/// The folders of one user's Bucketdrop. Making it touches no disk; [`Home::ensure`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    settings: PathBuf,
    data: PathBuf,
    cache: PathBuf,
    logs: PathBuf,
}

impl Home {
    /// Everything under `BUCKETDROP_HOME` if that is set, else in the system's own folders.
    ///
    /// Fails with [`PlatformError::NoHome`] when the system names no home folder.
    pub fn from_env() -> Result<Self, PlatformError> {
        match std::env::var_os(HOME_VARIABLE) {
            Some(folder) if !folder.is_empty() => Ok(Self::under(&folder)),
            _ => Self::of_the_system(),
        }
    }

    /// Everything under one folder, as `BUCKETDROP_HOME` asks for; also for tests.
    pub fn under(folder: impl AsRef<OsStr>) -> Self {
        let folder = Path::new(folder.as_ref());
        // A relative path would mean another folder after a change of directory.
        let folder = std::path::absolute(folder).unwrap_or_else(|_error| folder.to_path_buf());
        Self { data: folder.join("data"), cache: folder.join("cache"), logs: folder.join("logs"), settings: folder }
    }

    fn of_the_system() -> Result<Self, PlatformError> {
        let folders =
            directories::ProjectDirs::from("io.github", "bucketdrop", "Bucketdrop").ok_or(PlatformError::NoHome)?;
        let data = folders.data_local_dir().to_path_buf();
        Ok(Self {
            settings: folders.config_dir().to_path_buf(),
            cache: folders.cache_dir().to_path_buf(),
            logs: folders.state_dir().map_or_else(|| data.join("logs"), |state| state.join("logs")),
            data,
        })
    }

    /// The settings, TOML.
    pub fn settings_file(&self) -> PathBuf {
        self.settings.join("settings.toml")
    }

    /// What must not be lost.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// What can be made again.
    pub fn cache_dir(&self) -> &Path {
        &self.cache
    }

    /// The log files of the last days.
    pub fn log_dir(&self) -> &Path {
        &self.logs
    }

    /// Objects and index of the embedded storage.
    pub fn local_storage_dir(&self) -> PathBuf {
        self.data.join("storage")
    }

    /// The journal of the upload queue.
    pub fn journal_file(&self) -> PathBuf {
        self.data.join("queue.db")
    }

    /// What was opened for anyone, so that it can be taken back.
    pub fn sharing_file(&self) -> PathBuf {
        self.data.join("sharing.db")
    }

    /// Links that were handed out.
    pub fn links_file(&self) -> PathBuf {
        self.data.join("links.db")
    }

    /// Downloads that are opened rather than kept.
    pub fn open_dir(&self) -> PathBuf {
        self.cache.join("opened")
    }

    /// Images that were pasted, for as long as their uploads need them.
    pub fn pasted_dir(&self) -> PathBuf {
        self.data.join("pasted")
    }

    /// The file whose lock says that a Bucketdrop runs.
    pub fn instance_lock(&self) -> PathBuf {
        self.data.join("instance.lock")
    }

    /// Locked by the process that serves the storage on this computer.
    pub fn storage_lock(&self) -> PathBuf {
        self.data.join("storage.lock")
    }

    /// Where a running Bucketdrop listens for a second start: a socket path on Unix, a pipe name on Windows.
    ///
    /// `None` where the data folder's path is too long for a socket and the session has no folder for it.
    #[cfg(unix)]
    pub fn socket_name(&self) -> Option<PathBuf> {
        self.socket_in(session_dir(), "instance.sock", "bucketdrop")
    }

    /// Where the process that serves the storage on this computer lends it; as [`Home::socket_name`].
    #[cfg(unix)]
    pub fn storage_socket_name(&self) -> Option<PathBuf> {
        self.socket_in(session_dir(), "storage.sock", "bucketdrop-storage")
    }

    #[cfg(unix)]
    fn socket_in(&self, session_dir: Option<PathBuf>, beside: &str, in_session: &str) -> Option<PathBuf> {
        let beside_the_lock = self.data.join(beside);
        let in_the_session = session_dir.map(|dir| dir.join(format!("{in_session}-{:016x}.sock", self.fingerprint())));
        [Some(beside_the_lock), in_the_session]
            .into_iter()
            .flatten()
            .find(|path| path.as_os_str().len() <= MAX_SOCKET_PATH_BYTES)
    }

    /// Where a running Bucketdrop listens for a second start: a pipe name that no other user's home shares.
    #[cfg(windows)]
    pub fn socket_name(&self) -> Option<PathBuf> {
        Some(PathBuf::from(format!(r"\\.\pipe\bucketdrop-{:016x}", self.fingerprint())))
    }

    /// Where the process that serves the storage on this computer lends it.
    #[cfg(windows)]
    pub fn storage_socket_name(&self) -> Option<PathBuf> {
        Some(PathBuf::from(format!(r"\\.\pipe\bucketdrop-storage-{:016x}", self.fingerprint())))
    }

    /// Tells homes apart in names that cannot hold a path (FNV-1a, which never changes between versions).
    fn fingerprint(&self) -> u64 {
        let bytes = self.data.as_os_str().as_encoded_bytes();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Makes the folders, each for the user alone. Folders that are there keep their mode. Blocks on the disk.
    pub fn ensure(&self) -> Result<(), PlatformError> {
        for folder in [&self.settings, &self.data, &self.cache, &self.logs] {
            make_private_dir(folder)
                .map_err(|source| PlatformError::FolderUnusable { path: folder.clone(), source })?;
        }
        Ok(())
    }
}

/// The session's own folder for sockets.
#[cfg(unix)]
fn session_dir() -> Option<PathBuf> {
    std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| Path::new(folder).is_absolute()).map(PathBuf::from)
}

/// Makes a folder with mode 0700, and the folders above it as the system makes them.
pub(super) fn make_private_dir(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Where downloads go unless the user says otherwise: the system's download folder, else the home folder.
pub fn downloads_folder() -> Option<PathBuf> {
    let folders = directories::UserDirs::new()?;
    Some(folders.download_dir().unwrap_or_else(|| folders.home_dir()).to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_holds_everything() {
        let home = Home::under("/somewhere/else");
        for path in [home.settings_file(), home.local_storage_dir(), home.instance_lock(), home.open_dir()] {
            assert!(path.starts_with("/somewhere/else"), "{}", path.display());
        }
        assert!(home.log_dir().starts_with("/somewhere/else"));
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_the_users_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let temp = tempfile::tempdir().unwrap();
        let home = Home::under(temp.path().join("a/b"));
        home.ensure().unwrap();
        home.ensure().unwrap();
        for folder in [home.data_dir(), home.cache_dir(), home.log_dir()] {
            let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o700, "{}", folder.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_in_the_way_is_told_with_its_path() {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("data"), "in the way").unwrap();
        let failure = Home::under(temp.path()).ensure().unwrap_err().to_failure();
        assert!(failure.args.iter().any(|(name, value)| *name == "path" && value.ends_with("data")));
    }

    #[cfg(unix)]
    #[test]
    fn a_long_home_gets_a_short_socket() {
        let long = Home::under(format!("/{}", "x".repeat(120)));
        assert_eq!(long.socket_in(None, "instance.sock", "bucketdrop"), None);
        let short = long.socket_in(Some("/run/user/1000".into()), "instance.sock", "bucketdrop").unwrap();
        assert!(short.as_os_str().len() <= MAX_SOCKET_PATH_BYTES && short.starts_with("/run/user/1000"));
        let other = Home::under(format!("/{}", "y".repeat(120))).socket_in(
            Some("/run/user/1000".into()),
            "instance.sock",
            "bucketdrop",
        );
        assert_ne!(other, Some(short));
        assert_eq!(
            Home::under("/h").socket_in(None, "instance.sock", "bucketdrop"),
            Some("/h/data/instance.sock".into())
        );
    }
}
