//! Images of the clipboard. They have no file of their own, so each gets one in the program's data before it is uploaded,
//! and loses it when no transfer can need it any more: it is stored, was left out, or is off the list. What failed or was
//! cancelled can still be tried again.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

#[cfg(feature = "gui")]
use jiff::Timestamp;

use super::actor::Actor;
use crate::model::{TransferId, TransferState};
use crate::platform::{remove_old_pasted, remove_pasted};
#[cfg(feature = "gui")]
use crate::{
    model::{Failure, FailureKind},
    platform,
};

/// Which transfers upload a pasted image.
#[derive(Debug)]
pub(super) struct Pasted {
    /// Below which they are kept.
    root: PathBuf,
    files: BTreeMap<TransferId, PathBuf>,
}

impl Pasted {
    /// None yet; images are kept below `root`.
    pub(super) fn below(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new() }
    }

    /// The path of a file of this folder if it is a pasted image.
    pub(super) fn path_of(&self, folder: &Path, name: &OsStr) -> Option<PathBuf> {
        // Asked for every file of every upload: most paths are told by their first bytes.
        let (root, bytes) = (self.root.as_os_str().as_encoded_bytes(), folder.as_os_str().as_encoded_bytes());
        let is_ours = bytes.starts_with(root) && folder.parent() == Some(&self.root);
        is_ours.then(|| folder.join(name))
    }

    /// A transfer uploads this image.
    pub(super) fn note(&mut self, id: TransferId, path: PathBuf) {
        self.files.insert(id, path);
    }
}

impl Actor {
    /// A transfer has ended, and the journal knows.
    pub(super) fn pasted_ended(&mut self, id: TransferId) {
        if !self.pasted.files.contains_key(&id) {
            return;
        }
        let state = self.queue.shown(id).map(|shown| shown.row.state);
        if matches!(state, Some(TransferState::Done(_) | TransferState::Skipped(_))) {
            self.drop_pasted(id);
        }
    }

    /// Nothing needs the image of a transfer any more, if it is one.
    pub(super) fn drop_pasted(&mut self, id: TransferId) {
        if let Some(path) = self.pasted.files.remove(&id) {
            tokio::task::spawn_blocking(move || remove_pasted(&path));
        }
    }

    /// Removes images that no transfer of the restored queue names, once they are old.
    pub(super) fn clear_old_pasted(&self) {
        // What could not be read of the queue may name any of them.
        if self.unread.is_some() {
            return;
        }
        let folders = self.pasted.files.values().filter_map(|path| path.parent());
        let needed: BTreeSet<PathBuf> = folders.map(Path::to_owned).collect();
        let root = self.pasted.root.clone();
        tokio::task::spawn_blocking(move || remove_old_pasted(&root, &needed));
    }
}

/// What can be pasted as files: those that were copied, or the copied image, kept in a file below `root` that is called
/// `image_name`. Waits for another program and for the disk.
#[cfg(feature = "gui")]
pub(super) fn paste(root: &Path, image_name: &str, now: Timestamp) -> Result<Vec<PathBuf>, Box<Failure>> {
    match platform::read_clipboard() {
        platform::Copied::Files(paths) => Ok(paths),
        platform::Copied::Nothing => Ok(Vec::new()),
        platform::Copied::Unreadable(why) => {
            Err(Box::new(Failure::new(FailureKind::Unsupported).with("option", "clipboard").detail(why)))
        }
        platform::Copied::Image(image) => {
            let now = now.to_zoned(jiff::tz::TimeZone::system());
            let name = format!("{}.{}", named(image_name, &now), image.extension);
            let kept = platform::keep_pasted(root, &name, &image.bytes);
            kept.map(|path| vec![path]).map_err(|error| Box::new(error.to_failure()))
        }
    }
}

/// The name with the day and the time in it.
#[cfg(feature = "gui")]
fn named(image_name: &str, now: &jiff::Zoned) -> String {
    let (date, time) = (now.strftime("%Y-%m-%d").to_string(), now.strftime("%H.%M.%S").to_string());
    image_name.replace("{date}", &date).replace("{time}", &time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_in_folders_of_ours_are_pasted_images() {
        let pasted = Pasted::below("/home/user/data/pasted".into());
        let path_in = |folder: &str| pasted.path_of(Path::new(folder), OsStr::new("a.png"));
        assert_eq!(path_in("/home/user/data/pasted/1f"), Some("/home/user/data/pasted/1f/a.png".into()));
        for other in ["/home/user/data/pasted", "/home/user/data/pasted-too/1f", "/home/user/data/pasted/1f/2", "/"] {
            assert_eq!(path_in(other), None, "{other}");
        }
    }

    #[cfg(feature = "gui")]
    #[test]
    fn a_pasted_image_is_named_by_the_clock_on_the_wall() {
        let at: Timestamp = "2026-11-21T09:30:05Z".parse().unwrap();
        let seoul = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
        assert_eq!(named("Pasted image {date} at {time}", &seoul), "Pasted image 2026-11-21 at 18.30.05");
    }
}
