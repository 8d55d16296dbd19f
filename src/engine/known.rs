//! Files that a scan has found before: when it is made again, they are not queued twice, and no other is taken for one of
//! them.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::PathBuf;

use super::names;
use super::queue::{Folder, NewTransfer};
use crate::model::ObjectKey;

/// Such files, by their folder and name. Dropped by itself and within another one, a folder goes to two places: each has
/// its own files.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<PathBuf, Vec<KnownFolder>>);

/// The files of a folder on their way to one place.
#[derive(Debug)]
struct KnownFolder {
    key_prefix: String,
    names: HashSet<Box<OsStr>>,
    /// Those with a key of their own, and which. A file may be among them more than once, and under its name, too: by
    /// each link to it that was dropped, and by itself.
    keyed: HashMap<Box<OsStr>, Vec<Box<str>>>,
}

impl Known {
    /// A file of this name in this folder.
    pub(super) fn add(&mut self, folder: &Folder, name: &OsStr) {
        self.add_as(folder, name, None);
    }

    /// The same, with the key that it has in the queue, if that is one of its own.
    pub(super) fn add_as(&mut self, folder: &Folder, name: &OsStr, key: Option<&str>) {
        // Most come folder by folder: no path is copied for each of them.
        let places = match self.0.get_mut(&folder.path) {
            Some(places) => places,
            None => self.0.entry(folder.path.clone()).or_default(),
        };
        let known = places.iter().position(|place| place.key_prefix == folder.key_prefix);
        let at = known.unwrap_or_else(|| {
            let (names, keyed) = (HashSet::new(), HashMap::new());
            places.push(KnownFolder { key_prefix: folder.key_prefix.clone(), names, keyed });
            places.len() - 1
        });
        let Some(place) = places.get_mut(at) else { return };
        match key {
            Some(key) => place.keyed.entry(name.into()).or_default().push(key.into()),
            None => drop(place.names.insert(name.into())),
        }
    }

    /// Whether there is a file of this name in this folder, whatever its key.
    pub(super) fn has(&self, folder: &Folder, name: &OsStr) -> bool {
        let places = self.0.get(&folder.path).into_iter().flatten();
        places
            .filter(|place| place.key_prefix == folder.key_prefix)
            .any(|place| place.names.contains(name) || place.keyed.contains_key(name))
    }

    /// Takes out what is this file, found again; `false` if it is new. A scan takes what leads to a file in the same order
    /// each time, and what it had found before it ended is the beginning of that, but a link to it may be gone since. So
    /// of keys that are not the file's own only one counts that a rule has made of that.
    pub(super) fn take(&mut self, file: &NewTransfer) -> bool {
        self.take_if(file, |known| names::is_numbered(known, &own_key(file)))
    }

    /// The same of a file whose key the user has to choose: any that is left may be that.
    pub(super) fn take_asked(&mut self, file: &NewTransfer) -> bool {
        self.take_if(file, |_known| true)
    }

    fn take_if(&mut self, file: &NewTransfer, may_be: impl Fn(&str) -> bool) -> bool {
        let Some(places) = self.0.get_mut(&file.folder.path) else { return false };
        let Some(place) = places.iter_mut().find(|place| place.key_prefix == file.folder.key_prefix) else {
            return false;
        };
        let name = file.name.as_os_str();
        if file.key.is_none() && place.names.remove(name) {
            return true;
        }
        let Some(keys) = place.keyed.get_mut(name) else { return false };
        let same = file.key.as_ref().and_then(|key| keys.iter().position(|known| known == key));
        let Some(at) = same.or_else(|| keys.iter().position(|known| may_be(known))) else { return false };
        keys.remove(at);
        if keys.is_empty() {
            place.keyed.remove(name);
        }
        true
    }
}

/// As the scan has found it.
fn own_key(file: &NewTransfer) -> ObjectKey {
    match &file.key {
        Some(key) => ObjectKey::new(&**key),
        None => ObjectKey::new(format!("{}{}", file.folder.key_prefix, file.name.to_string_lossy())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::queue::Naming;

    fn folder(path: &str, key_prefix: &str) -> Folder {
        Folder { path: path.into(), key_prefix: key_prefix.to_owned(), naming: Naming::Exact }
    }

    fn file(key: Option<&str>) -> NewTransfer {
        NewTransfer {
            folder: Arc::new(folder("/d", "to/")),
            name: "real.txt".into(),
            key: key.map(Into::into),
            size_bytes: 1,
            modified: None,
        }
    }

    #[test]
    fn a_folder_that_goes_to_two_places_is_known_by_each() {
        // "/d/in" was dropped, and "/d" with it: the same file becomes "in/f" and "d/in/f".
        let folder = |key_prefix: &str| folder("/d/in", key_prefix);
        let mut known = Known::default();
        known.add(&folder("in/"), OsStr::new("f"));
        assert!(known.has(&folder("in/"), OsStr::new("f")));
        assert!(!known.has(&folder("d/in/"), OsStr::new("f")), "it would be lost there");
        known.add(&folder("d/in/"), OsStr::new("f"));
        known.add(&folder("d/in/"), OsStr::new("g"));
        assert!(known.has(&folder("d/in/"), OsStr::new("f")));
        assert!(!known.has(&folder("in/"), OsStr::new("g")));
    }

    /// Which of these are found again, where the journal has their file under these keys.
    fn again(journalled: &[Option<&str>], found: &[Option<&str>]) -> Vec<bool> {
        let mut known = Known::default();
        for key in journalled {
            known.add_as(&folder("/d", "to/"), OsStr::new("real.txt"), *key);
        }
        found.iter().map(|key| known.take(&file(*key))).collect()
    }

    #[test]
    fn a_file_is_not_known_by_a_link_to_it_nor_a_link_by_its_file() {
        let (real, link, other) = (None, Some("to/link.txt"), Some("to/other.txt"));
        assert_eq!(again(&[link], &[link, real]), [true, false], "the file itself would be lost");
        assert_eq!(again(&[real], &[real, link]), [true, false]);
        assert_eq!(again(&[link], &[link, other, real]), [true, false, false]);
        assert_eq!(again(&[link, other, real], &[link, other, real]), [true; 3]);
        assert_eq!(again(&[], &[real, link]), [false; 2]);
    }

    #[test]
    fn a_file_is_not_known_by_a_link_that_is_gone() {
        let (real, link) = (None, Some("to/link.txt"));
        assert_eq!(again(&[link], &[real]), [false], "it would never be uploaded");
        assert_eq!(again(&[link], &[Some("to/other.txt"), real]), [false; 2]);
    }

    #[test]
    fn what_was_renamed_since_is_known() {
        let (real, link) = (None, Some("to/link.txt"));
        let (real_2, link_2) = (Some("to/real (2).txt"), Some("to/link (2).txt"));
        assert_eq!(again(&[real_2], &[real]), [true], "it would be uploaded twice");
        assert_eq!(again(&[link_2], &[link]), [true]);
        assert_eq!(again(&[real_2], &[real, link]), [true, false]);
        assert_eq!(again(&[link_2], &[link, real]), [true, false]);
        assert_eq!(again(&[real_2, link], &[real, link]), [true; 2]);
        assert_eq!(again(&[link_2, real], &[link, real]), [true; 2]);
        assert_eq!(again(&[link, real_2], &[link, real]), [true; 2]);
    }

    #[test]
    fn what_the_user_has_named_is_not_asked_about_again() {
        let mut known = Known::default();
        known.add_as(&folder("/d", "to/"), OsStr::new("real.txt"), Some("to/chosen.txt"));
        assert!(!known.take(&file(None)));
        assert!(known.take_asked(&file(None)));
        assert!(!known.take_asked(&file(None)));
    }
}
