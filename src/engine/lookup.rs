//! Looking many objects up in few listings: from key to key instead of one question each.

use std::collections::HashMap;

use super::objects::boxed;
use crate::model::{BucketName, Entry, Object, ObjectKey, Prefix};
use crate::s3::{Grouping, S3Store, start_after};

/// So few objects are not worth a listing.
const FEW: usize = 16;
/// A page has to tell of so many of the objects, or the others are asked for one by one.
const WORTH_A_PAGE: usize = 8;
/// Keys of a page.
const PAGE_KEYS: u16 = 1000;

/// Looks many keys up in listings, from key to key. Gives back those that have to be asked for one by one: few, far
/// apart, in a bucket that may not be listed, or not in the listing.
pub(super) async fn from_listings(
    store: &S3Store,
    bucket: &BucketName,
    mut keys: Vec<ObjectKey>,
    mut found: impl FnMut(Object),
) -> Vec<ObjectKey> {
    if keys.len() < FEW {
        return keys;
    }
    keys.sort();
    keys.dedup();
    let prefix = common_folder(&keys);
    let (mut left, mut absent) = (keys.as_slice(), Vec::new());
    while let Some(first) = left.first() {
        let before = just_before(first);
        let token = start_after(&before);
        let listed = store.list_objects(bucket, prefix.as_str(), Grouping::Flat, Some(&token), PAGE_KEYS).await;
        let page = match listed.map_err(boxed) {
            Ok(page) => page,
            Err(failure) => {
                tracing::info!(kind = ?failure.kind, "sizes are not looked up in a listing");
                break;
            }
        };
        let is_elsewhere = page.entries.first().is_some_and(|entry| entry.full_key() <= before.as_str());
        if is_elsewhere {
            // This service does not know where to start, so its pages need not be about these keys.
            break;
        }
        let last = page.entries.last().map(|entry| entry.full_key().to_owned());
        let is_told = |key: &ObjectKey| page.next.is_none() || last.as_deref().is_some_and(|last| key.as_str() <= last);
        let told = left.partition_point(is_told);
        let (now, later) = left.split_at(told);
        let mut on_page: HashMap<ObjectKey, Object> = page
            .entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Object(object) => Some((object.key.clone(), object)),
                Entry::Prefix(_) => None,
            })
            .collect();
        for key in now {
            match on_page.remove(key) {
                Some(object) => found(object),
                None => absent.push(key.clone()),
            }
        }
        left = later;
        if told < WORTH_A_PAGE {
            break;
        }
    }
    absent.extend_from_slice(left);
    absent
}

/// The deepest folder that holds all of these keys, which are in order.
fn common_folder(keys: &[ObjectKey]) -> Prefix {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return Prefix::root() };
    let pairs = first.as_str().chars().zip(last.as_str().chars());
    let common: String = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    match common.rsplit_once('/') {
        Some((folder, _)) => Prefix::new(format!("{folder}/")),
        None => Prefix::root(),
    }
}

/// A text that sorts before a key, with as little as possible in between.
fn just_before(key: &ObjectKey) -> String {
    let mut chars = key.as_str().chars();
    let Some(last) = chars.next_back() else { return String::new() };
    let mut before = chars.as_str().to_owned();
    // The range of characters leaves out those that are none.
    if let Some(smaller) = ('\0'..last).next_back() {
        before.push(smaller);
        before.push(char::REPLACEMENT_CHARACTER);
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sorts_before_a_key() {
        for (key, between) in [("d/b", ["d/a", "d/a/x"]), ("d/가", ["d/", "d/~"]), ("\u{e000}", ["a", "\u{d7ff}"])] {
            let before = just_before(&ObjectKey::new(key));
            assert!(before.as_str() < key, "{before:?}");
            assert!(between.iter().all(|other| *other < before.as_str()), "{before:?}");
        }
        assert_eq!(just_before(&ObjectKey::new("a\0")), "a");
    }

    #[test]
    fn the_folder_of_many_keys() {
        let folder = |keys: &[&str]| {
            let keys: Vec<ObjectKey> = keys.iter().map(|key| ObjectKey::new(*key)).collect();
            common_folder(&keys).as_str().to_owned()
        };
        assert_eq!(folder(&["a/b/c1", "a/b/c2"]), "a/b/");
        assert_eq!(folder(&["a/b", "a/bc/d"]), "a/");
        assert_eq!(folder(&["x", "y"]), "");
        assert_eq!(folder(&["/a", "/b"]), "/");
    }
}
