//! The history's file: for the user alone. The only place here that touches files by itself.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// Whether there is a history.
pub(super) fn exists(path: &Path) -> bool {
    path.exists()
}

/// Makes the file if it is missing, for the user alone; SQLite gives its logs the same mode.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Puts a file that cannot be read aside, in place of one that was put aside before.
pub(super) fn put_aside(path: &Path) -> io::Result<()> {
    for log in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(log);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, path.with_extension("damaged"))
}
