//! What other programs have put on the clipboard: files that were copied in a file manager, or an image.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
use super::x11_selection::Asked;

#[cfg(target_os = "linux")]
mod image_types;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(target_os = "linux")]
mod x11;

/// What can be pasted as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Files that were copied in a file manager; absolute paths, at least one.
    Files(Vec<PathBuf>),
    /// An image, byte for byte as the program that it was copied from gives it.
    Image(CopiedImage),
    /// Nothing of the kind.
    Nothing,
    /// What is there cannot be read, with the system's words: some Wayland desktops let no program in the background look.
    Unreadable(String),
}

/// An image of the clipboard.
#[derive(Clone, PartialEq, Eq)]
pub struct CopiedImage {
    /// How names of such files end, without the point.
    pub extension: &'static str,
    /// The whole file; never empty.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for CopiedImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CopiedImage({}, {} bytes)", self.extension, self.bytes.len())
    }
}

/// What was copied: files where there are any, else an image.
///
/// Asks another program and waits for its answer: call it on a thread of its own, never on the window's.
pub fn read_clipboard() -> Copied {
    // Who has none is not asked for them: some programs hand over anything under any name, and are lost to the next
    // question when that is not taken to its end.
    let files = if may_hold_files() { copied_files() } else { Ok(Vec::new()) };
    match files {
        Ok(files) if !files.is_empty() => Copied::Files(files),
        files => match (copied_image(), files) {
            (Some(image), _) => Copied::Image(image),
            (None, Ok(_)) => Copied::Nothing,
            (None, Err(why)) => Copied::Unreadable(why),
        },
    }
}

/// The error says in the system's words why they cannot be read.
fn copied_files() -> Result<Vec<PathBuf>, String> {
    let files = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get().file_list());
    match files {
        Ok(files) => Ok(files),
        Err(arboard::Error::ContentNotAvailable) => Ok(Vec::new()),
        Err(error) => {
            tracing::info!(%error, "the clipboard cannot be read");
            Err(error.to_string())
        }
    }
}

/// Whether the clipboard's owner offers files. One that cannot be asked may have some.
#[cfg(target_os = "linux")]
fn may_hold_files() -> bool {
    by_display(wayland::offers_files, x11::offers_files).unwrap_or(true)
}

#[cfg(target_os = "linux")]
fn copied_image() -> Option<CopiedImage> {
    by_display(wayland::read_image, x11::read_image).flatten()
}

/// Asks the compositor where it lets programs without the focus read, else X11.
#[cfg(target_os = "linux")]
fn by_display<T>(wayland: impl FnOnce() -> Asked<T>, x11: impl FnOnce() -> Asked<T>) -> Option<T> {
    if std::env::var_os("WAYLAND_DISPLAY").is_some() {
        match wayland() {
            Ok(answer) => return Some(answer),
            Err(error) => tracing::info!(%error, "the compositor's clipboard cannot be read"),
        }
    }
    x11().inspect_err(|error| tracing::info!(%error, "the clipboard of X11 cannot be read")).ok()
}

#[cfg(not(target_os = "linux"))]
fn may_hold_files() -> bool {
    true
}

/// Written for Linux only so far.
#[cfg(not(target_os = "linux"))]
fn copied_image() -> Option<CopiedImage> {
    None
}
