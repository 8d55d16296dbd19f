//! Images that were pasted: each in a folder of its own in the program's data, so that its file can have the name that
//! people see. Nothing else has a copy of them, so they are on the disk before anything is uploaded.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::PlatformError;
use super::atomic_file::AtomicFile;
use super::paths::make_private_dir;

/// What no transfer has named for so long is removed. Another program of the same user may be uploading it now.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// Keeps bytes as a file of this name, readable by the user alone, in a new folder below `root`; durable once this
/// returns its path. Blocks on the disk. After an error nothing is left.
pub fn keep_pasted(root: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, PlatformError> {
    let folder = root.join(uuid::Uuid::new_v4().simple().to_string());
    let path = folder.join(name);
    let kept = make_private_dir(&folder).and_then(|()| {
        let mut file = AtomicFile::create(&path)?;
        file.write_all(bytes)?;
        file.commit()
    });
    kept.map(|()| path.clone()).map_err(|source| {
        // The first error is the one to tell; an empty folder is only untidy.
        fs::remove_dir(&folder).ok();
        PlatformError::TargetUnwritable { path, source }
    })
}

/// Removes a file that [`keep_pasted`] made, with its folder. Blocks on the disk; what cannot be removed is logged.
pub fn remove_pasted(path: &Path) {
    let removed = match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => path.parent().map_or(Ok(()), fs::remove_dir),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a pasted image stays although nothing needs it");
        }
        _ => {}
    }
}

/// Removes the folders below `root` that are older than a week and not among the `needed` ones. Blocks on the disk.
pub fn remove_old_pasted(root: &Path, needed: &BTreeSet<PathBuf>) {
    match remove_unneeded(root, needed, SystemTime::now()) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "removed pasted images that nothing needs"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "cannot look through the pasted images"),
    }
}

fn remove_unneeded(root: &Path, needed: &BTreeSet<PathBuf>, now: SystemTime) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        let is_ours = metadata.is_dir() && uuid::Uuid::try_parse(&entry.file_name().to_string_lossy()).is_ok();
        let age = metadata.modified().ok().and_then(|made| now.duration_since(made).ok());
        if !is_ours || needed.contains(&path) || age.is_none_or(|age| age <= KEPT_FOR) {
            continue;
        }
        match fs::remove_dir_all(&path) {
            Ok(()) => removed += 1,
            Err(error) => tracing::info!(%error, "a pasted image stays"),
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_image_is_kept_under_its_name_until_it_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("pasted");
        let (one, other) =
            (keep_pasted(&root, "그림 1.png", b"one").unwrap(), keep_pasted(&root, "그림 1.png", b"other").unwrap());
        assert_ne!(one, other, "one of the same second does not replace another");
        assert_eq!(one.file_name(), other.file_name());
        assert_eq!(fs::read(&other).unwrap(), b"other");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(one.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        remove_pasted(&one);
        assert!(!one.parent().unwrap().exists() && other.exists());
        remove_pasted(&one);
    }

    #[test]
    fn what_cannot_be_kept_leaves_nothing_and_is_told_with_its_path() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("pasted");
        let error = keep_pasted(&root, &"x".repeat(400), b"x").unwrap_err();
        assert!(matches!(error, PlatformError::TargetUnwritable { .. }), "{error}");
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
    }

    #[test]
    fn only_what_is_old_and_needed_by_nothing_goes() {
        let root = tempfile::tempdir().unwrap();
        let needed = keep_pasted(root.path(), "needed.png", b"x").unwrap();
        let left = keep_pasted(root.path(), "left.png", b"x").unwrap();
        let foreign = root.path().join("notes");
        fs::create_dir(&foreign).unwrap();
        let folders = BTreeSet::from([needed.parent().unwrap().to_owned()]);
        let after = |days: u32| SystemTime::now() + Duration::from_hours(24) * days;
        assert_eq!(remove_unneeded(root.path(), &folders, after(6)).unwrap(), 0);
        assert_eq!(remove_unneeded(root.path(), &folders, after(8)).unwrap(), 1);
        assert!(needed.exists() && foreign.exists() && !left.exists());
    }
}
