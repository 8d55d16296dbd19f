//! Files that were copied in a file manager.

use std::path::PathBuf;

/// The copied files, or nothing where the clipboard holds none or cannot be read.
///
/// Asks another program and waits for its answer: call it on a thread of its own, never on the window's.
pub fn clipboard_files() -> Vec<PathBuf> {
    let files = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get().file_list());
    match files {
        Ok(files) => files,
        Err(arboard::Error::ContentNotAvailable) => Vec::new(),
        Err(error) => {
            tracing::info!(%error, "the clipboard cannot be read");
            Vec::new()
        }
    }
}
