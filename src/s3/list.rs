//! One page of a listing.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;

use super::classify::About;
use super::convert::{decode_key, etag, size_bytes, timestamp};
use super::list_page::{PageCatch, ReadPage};
use super::{Grouping, S3Error, S3Store};
use crate::model::{BucketName, Entry, FailureKind, Object, ObjectKey, ObjectPage, PageToken, Prefix};

/// Marks a page token that is ours: the server said "more" but gave no token, so the next page starts after a key.
const START_AFTER: &str = "\u{0}start-after:";

/// A page token that is ours, too: there is more, but the server does not say how to get it. Whoever asks for that page
/// hears so, instead of taking what came for all there is.
const CUT_SHORT: &str = "\u{0}cut-short";

/// The token of the page that starts after a text, which need not be a key. Not every service heeds it.
pub fn start_after(text: &str) -> PageToken {
    PageToken(format!("{START_AFTER}{text}"))
}

impl S3Store {
    /// One page of at most `max_keys` keys below `prefix`, which need not end in `/`.
    ///
    /// `encoding-type=url`, `prefix` and `delimiter` are always sent, also empty ones: some services take a missing
    /// one for something else. A folder marker that equals `prefix` is part of the page, as the server sends it.
    ///
    /// Where the server says that there is more but gives no way to it, the page after the last is
    /// [`FailureKind::ListingCutShort`], without a request; so is this one, if it holds nothing.
    pub async fn list_objects(
        &self,
        bucket: &BucketName,
        prefix: &str,
        grouping: Grouping,
        after: Option<&PageToken>,
        max_keys: u16,
    ) -> Result<ObjectPage, S3Error> {
        let about = About::bucket("s3:ListBucket", bucket);
        if after.is_some_and(|token| token.0 == CUT_SHORT) {
            return Err(cut_short(bucket));
        }
        let delimiter = match grouping {
            Grouping::Folders => "/",
            Grouping::Flat => "",
        };
        let start_after = after.and_then(|token| token.0.strip_prefix(START_AFTER)).map(ToOwned::to_owned);
        let token = after.map(|token| token.0.clone()).filter(|_| start_after.is_none());
        let catch = PageCatch::default();
        let output = self
            .run(about, |client| {
                let catch = catch.clone();
                client
                    .list_objects_v2()
                    .bucket(bucket.as_str())
                    .prefix(prefix)
                    .delimiter(delimiter)
                    .encoding_type(EncodingType::Url)
                    .max_keys(i32::from(max_keys))
                    .set_continuation_token(token.clone())
                    .set_start_after(start_after.clone())
                    .customize()
                    .mutate_request(move |request| request.add_extension(catch.clone()))
                    .send()
            })
            .await?;
        let page = match catch.take() {
            Some(read) => page_of(read, after),
            None => page(&output, after),
        };
        let has_nothing = page.entries.is_empty() && page.next.as_ref().is_some_and(|next| next.0 == CUT_SHORT);
        if has_nothing { Err(cut_short(bucket)) } else { Ok(page) }
    }
}

fn cut_short(bucket: &BucketName) -> S3Error {
    let detail = "IsTruncated is true, but there is no token to go on with";
    S3Error::local("s3:ListBucket", FailureKind::ListingCutShort, detail).with("bucket", bucket)
}

/// A page that was read without the SDK.
fn page_of(read: ReadPage, after: Option<&PageToken>) -> ObjectPage {
    let ReadPage { mut entries, is_truncated, next_token: given } = read;
    sort(&mut entries);
    let next = next_token(is_truncated, given.as_deref(), after, &entries);
    ObjectPage { entries, next }
}

/// The server's order is by key; folders and objects come in two lists that have to be merged.
fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| a.full_key().cmp(b.full_key()));
}

fn page(output: &ListObjectsV2Output, after: Option<&PageToken>) -> ObjectPage {
    let encoded = output.encoding_type() == Some(&EncodingType::Url);
    let exact = |text: &str| if encoded { decode_key(text) } else { text.to_owned() };
    let folders = output.common_prefixes().iter().filter_map(|folder| folder.prefix());
    let mut entries: Vec<Entry> = folders.map(|prefix| Entry::Prefix(Prefix::new(exact(prefix)))).collect();
    entries.extend(output.contents().iter().filter_map(|object| {
        Some(Entry::Object(Object {
            key: ObjectKey::new(exact(object.key()?)),
            size_bytes: size_bytes(object.size()),
            modified: timestamp(object.last_modified()),
            etag: etag(object.e_tag()).map(String::into_boxed_str),
            storage_class: object.storage_class().map(|class| class.as_str().into()),
        }))
    }));
    sort(&mut entries);
    let next = next_token(output.is_truncated(), output.next_continuation_token(), after, &entries);
    ObjectPage { entries, next }
}

/// Where the next page starts. Broken servers repeat a token, which would never end, or forget to give one: where they
/// say that there is more, the next page is one that cannot be had.
fn next_token(
    is_truncated: Option<bool>,
    given: Option<&str>,
    after: Option<&PageToken>,
    entries: &[Entry],
) -> Option<PageToken> {
    if is_truncated == Some(false) {
        return None;
    }
    let next = match (given.filter(|token| !token.is_empty()), is_truncated) {
        (Some(token), _) => Some(PageToken(token.to_owned())),
        (None, Some(true)) => after_last(entries).map(|last| start_after(&last)),
        (None, _) => return None,
    };
    Some(next.filter(|next| after != Some(next)).unwrap_or_else(|| PageToken(CUT_SHORT.to_owned())))
}

/// A text that sorts after the last entry and everything folded into it.
fn after_last(entries: &[Entry]) -> Option<String> {
    Some(match entries.last()? {
        Entry::Object(object) => object.key.to_string(),
        Entry::Prefix(prefix) => format!("{prefix}{}", char::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{CommonPrefix, Object as SdkObject};

    fn object(key: &str) -> SdkObject {
        SdkObject::builder().key(key).build()
    }

    #[test]
    fn keys_are_decoded_only_when_the_server_encoded_them() {
        let output = ListObjectsV2Output::builder().contents(object("a+b%20c"));
        let raw = page(&output.clone().build(), None);
        assert_eq!(raw.entries[0].full_key(), "a+b%20c");
        let decoded = page(&output.encoding_type(EncodingType::Url).build(), None);
        assert_eq!(decoded.entries[0].full_key(), "a b c");
        let Entry::Object(object) = &decoded.entries[0] else { panic!("an object") };
        assert_eq!((object.size_bytes, object.modified, object.etag.as_ref()), (None, None, None));
    }

    #[test]
    fn folders_and_objects_are_merged_by_key() {
        let output = ListObjectsV2Output::builder()
            .contents(object("a"))
            .contents(object("c"))
            .common_prefixes(CommonPrefix::builder().prefix("b/").build())
            .common_prefixes(CommonPrefix::builder().build())
            .build();
        let keys: Vec<String> = page(&output, None).entries.iter().map(|e| e.full_key().to_owned()).collect();
        assert_eq!(keys, ["a", "b/", "c"]);
    }

    #[test]
    fn a_repeated_token_cuts_the_listing_short() {
        let output = ListObjectsV2Output::builder()
            .is_truncated(true)
            .next_continuation_token("t")
            .contents(object("a"))
            .build();
        let first = page(&output, None).next;
        assert_eq!(first, Some(PageToken("t".to_owned())));
        assert_eq!(page(&output, first.as_ref()).next, Some(PageToken(CUT_SHORT.to_owned())));
        // One that says nothing of more, but has a token, is asked for it; the same once more is no end, either.
        let untold = ListObjectsV2Output::builder().next_continuation_token("t").contents(object("a")).build();
        assert_eq!(page(&untold, first.as_ref()).next, Some(PageToken(CUT_SHORT.to_owned())));
    }

    #[test]
    fn a_missing_token_is_made_up_for() {
        let output = ListObjectsV2Output::builder().is_truncated(true).contents(object("k")).build();
        assert_eq!(page(&output, None).next, Some(PageToken("\u{0}start-after:k".to_owned())));
        let nothing = ListObjectsV2Output::builder().is_truncated(true).build();
        assert_eq!(page(&nothing, None).next, Some(PageToken(CUT_SHORT.to_owned())));
    }
}
