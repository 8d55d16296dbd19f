//! Keys in a file that was dropped onto the connection editor: the `credentials.csv` of IAM, and whatever else holds a
//! whole set. The file is read once, nothing of it is kept or logged.

use std::path::{Path, PathBuf};

use super::source::read_small_text;
use super::tools::Tools;
use crate::model::{Credentials, Event, Failure, FailureKind, RequestId, Secret};

/// Files with keys are far smaller; anything larger is something else.
const MOST_BYTES: u64 = 64 * 1024;

impl Tools {
    /// Looks for keys in a file.
    pub(crate) async fn read_keys(self, request: RequestId, path: PathBuf) {
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        let result = read.unwrap_or_else(|error| Err(Failure::new(FailureKind::Internal).detail(error)));
        let result = result.map(|keys| keys.map(Box::new)).map_err(Box::new);
        self.sink.send(Event::KeysRead { request, result });
    }
}

/// Blocks on the disk. `None` where the file holds no whole set of keys.
fn read(path: &Path) -> Result<Option<Credentials>, Failure> {
    match read_small_text(path, MOST_BYTES) {
        // Wiped when it is dropped, as it holds a secret.
        Ok(text) => Ok(text.map(Secret::new).and_then(|text| Credentials::find_in(text.expose()))),
        Err(error) => Err(Failure::new(FailureKind::SourceUnreadable).with("path", path.display()).detail(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_the_files_of_iam_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let keys =
            b"Access key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r\n";
        let found = read(&file("credentials.csv", keys)).unwrap().unwrap();
        assert_eq!(found.access_key_id, "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(read(&file("photo.jpg", &[0xFF, 0xD8, 0xFF])).unwrap(), None);
        let mut large = keys.to_vec();
        large.resize(200_000, b' ');
        assert_eq!(read(&file("large.csv", &large)).unwrap(), None);
        let missing = read(&folder.path().join("gone.csv")).unwrap_err();
        assert_eq!(missing.kind, FailureKind::SourceUnreadable);
        assert!(read(folder.path()).is_err(), "a folder");
    }
}
