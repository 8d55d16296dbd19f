//! The files of what was handed out and of what was opened: for the user alone. The only place of the two that touches
//! files by itself.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Whether there is one.
pub(in crate::engine) fn exists(path: &Path) -> bool {
    path.exists()
}

/// Makes the file if it is missing, for the user alone, and takes it from everybody else if it is there; SQLite gives
/// its logs the same mode.
pub(in crate::engine) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => take_from_others(path),
        Err(error) => Err(error),
        Ok(_made) => Ok(()),
    }
}

#[cfg(unix)]
fn take_from_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(path)?.permissions();
    let for_others = permissions.mode() & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    fs::set_permissions(path, permissions)
}

/// Elsewhere the folder's own rules hold.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail where there are modes")]
fn take_from_others(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Most files that are put aside beside each other; then the newest takes the place of the one before it.
const MOST_ASIDE: u32 = 100;

/// Puts a file that cannot be read aside, beside those that were put aside before, and gives its new place. Its logs
/// go with it: they would be played into the new one.
pub(in crate::engine) fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = free_name(path);
    for log in ["-wal", "-shm", "-journal"] {
        match fs::rename(with_ending(path, log), with_ending(&aside, log)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn free_name(path: &Path) -> PathBuf {
    let first = path.with_extension("damaged");
    let names = (2..MOST_ASIDE).map(|number| path.with_extension(format!("damaged-{number}")));
    let mut names = std::iter::once(first.clone()).chain(names);
    names.find(|name| !name.exists()).unwrap_or(first)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
