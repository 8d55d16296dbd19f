//! A page of a listing, from the server's XML.
//!
//! The SDK's reader takes most of the time of a long listing. This one knows the one document it is for, copies only
//! what is kept, and leaves everything that is not as expected (comments, CDATA, unknown entities, times and numbers
//! in other forms) to the SDK, which then says what is wrong with it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::convert::{decode_key, etag};
use crate::model::{Entry, Object, ObjectKey, Prefix};

/// What the SDK gets to read in place of a page that was read here.
pub(super) const EMPTY_PAGE: &[u8] =
    b"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></ListBucketResult>";

/// A page as it came, keys decoded.
#[derive(Debug, Default)]
pub(super) struct ReadPage {
    /// Folders first, then objects, each in the server's order.
    pub(super) entries: Vec<Entry>,
    pub(super) is_truncated: Option<bool>,
    pub(super) next_token: Option<String>,
}

/// Goes along with a request; the connector leaves the page in it.
#[derive(Clone, Debug, Default)]
pub(super) struct PageCatch(Arc<Mutex<Option<ReadPage>>>);

impl PageCatch {
    /// Reads an answer; whether that worked.
    pub(super) fn read(&self, body: &[u8]) -> bool {
        let page = read(body);
        let is_read = page.is_some();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = page;
        is_read
    }

    /// The page, if it was read here.
    pub(super) fn take(&self) -> Option<ReadPage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads a `ListBucketResult`; `None` for anything that this reader is not sure of.
fn read(body: &[u8]) -> Option<ReadPage> {
    let mut tags = Tags { rest: std::str::from_utf8(body).ok()? };
    if tags.next()? != Tag::Start("ListBucketResult") {
        return None;
    }
    let (mut folders, mut objects) = (Vec::new(), Vec::new());
    let (mut is_encoded, mut page) = (false, ReadPage::default());
    loop {
        match tags.next()? {
            Tag::Start("Contents") => objects.extend(object(&mut tags)?),
            Tag::Start("CommonPrefixes") => folders.extend(folder(&mut tags)?),
            Tag::Start("EncodingType") => is_encoded = tags.text("EncodingType")? == "url",
            Tag::Start("IsTruncated") => page.is_truncated = Some(tags.text("IsTruncated")?.parse().ok()?),
            Tag::Start("NextContinuationToken") => {
                page.next_token = Some(tags.text("NextContinuationToken")?.into_owned());
            }
            Tag::Start(name) => tags.skip(name)?,
            Tag::Empty(_) => {}
            Tag::End(name) => {
                if name != "ListBucketResult" {
                    return None;
                }
                break;
            }
        }
    }
    let exact = |key: Cow<'_, str>| if is_encoded { decode_key(&key) } else { key.into_owned() };
    page.entries.reserve_exact(folders.len() + objects.len());
    page.entries.extend(folders.into_iter().map(|prefix| Entry::Prefix(Prefix::new(exact(prefix)))));
    page.entries.extend(objects.into_iter().map(|found| {
        Entry::Object(Object {
            key: ObjectKey::new(exact(found.key)),
            size_bytes: found.size_bytes,
            modified: found.modified,
            etag: etag(found.etag.as_deref()).map(String::into_boxed_str),
            storage_class: found.storage_class.map(|class| class.into_owned().into_boxed_str()),
        })
    }));
    Some(page)
}

/// An object as it stands in the document.
#[derive(Default)]
struct Found<'a> {
    key: Cow<'a, str>,
    size_bytes: Option<u64>,
    modified: Option<Timestamp>,
    etag: Option<Cow<'a, str>>,
    storage_class: Option<Cow<'a, str>>,
}

/// `Some(None)` is one without a key, which is none.
#[expect(clippy::option_option, reason = "one says that the page is odd, the other that the entry is empty")]
fn object<'a>(tags: &mut Tags<'a>) -> Option<Option<Found<'a>>> {
    let (mut found, mut has_key) = (Found::default(), false);
    loop {
        match tags.next()? {
            Tag::Start("Key") => (found.key, has_key) = (tags.text("Key")?, true),
            Tag::Start("LastModified") => found.modified = Some(tags.text("LastModified")?.parse().ok()?),
            Tag::Start("ETag") => found.etag = Some(tags.text("ETag")?),
            // A negative one is no size.
            Tag::Start("Size") => found.size_bytes = tags.text("Size")?.parse::<i64>().ok()?.try_into().ok(),
            Tag::Start("StorageClass") => found.storage_class = Some(tags.text("StorageClass")?),
            Tag::Start(name) => tags.skip(name)?,
            Tag::Empty("Key") => has_key = true,
            Tag::End("Contents") => return Some(has_key.then_some(found)),
            Tag::Empty("LastModified" | "Size" | "StorageClass") | Tag::End(_) => return None,
            Tag::Empty(_) => {}
        }
    }
}

/// The same for a common prefix.
#[expect(clippy::option_option, reason = "as above")]
fn folder<'a>(tags: &mut Tags<'a>) -> Option<Option<Cow<'a, str>>> {
    let mut prefix = None;
    loop {
        match tags.next()? {
            Tag::Start("Prefix") => prefix = Some(tags.text("Prefix")?),
            Tag::Start(name) => tags.skip(name)?,
            Tag::End("CommonPrefixes") => return Some(prefix),
            Tag::Empty(_) | Tag::End(_) => return None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag<'a> {
    Start(&'a str),
    Empty(&'a str),
    End(&'a str),
}

/// The tags of a document, one after the other.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    /// The next tag; only white space may stand before it.
    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let (text, tag) = self.piece()?;
            if !text.trim_start_matches('\u{feff}').trim_ascii().is_empty() {
                return None;
            }
            if let Some(tag) = tag {
                return Some(tag);
            }
        }
    }

    /// The text of an element whose start was read.
    fn text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        match self.piece()? {
            (text, Some(Tag::End(end))) if end == name => unescaped(text),
            _ => None,
        }
    }

    /// Passes over an element whose start was read.
    fn skip(&mut self, name: &str) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.piece()?.1? {
                Tag::Start(_) => depth += 1,
                Tag::Empty(_) => {}
                Tag::End(end) if depth == 0 => return (end == name).then_some(()),
                Tag::End(_) => depth -= 1,
            }
        }
    }

    /// The text up to a tag, and the tag; none for a declaration at the start.
    fn piece(&mut self) -> Option<(&'a str, Option<Tag<'a>>)> {
        let (text, rest) = self.rest.split_once('<')?;
        let (inner, rest) = rest.split_once('>')?;
        self.rest = rest;
        if inner.starts_with('?') {
            return Some((text, None));
        }
        if let Some(name) = inner.strip_prefix('/') {
            return Some((text, Some(Tag::End(name.trim_ascii_end()))));
        }
        // A comment or CDATA; or a `>` within an attribute.
        if inner.starts_with('!') || inner.matches('"').count() % 2 == 1 || inner.matches('\'').count() % 2 == 1 {
            return None;
        }
        let (inner, is_empty) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
        let name = inner.split_ascii_whitespace().next()?;
        Some((text, Some(if is_empty { Tag::Empty(name) } else { Tag::Start(name) })))
    }
}

/// A text without its entities; `None` if there is one that XML does not know by itself.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    let Some((before, mut rest)) = text.split_once('&') else { return Some(Cow::Borrowed(text)) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(before);
    loop {
        let (name, after) = rest.split_once(';')?;
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        let Some((text, next)) = after.split_once('&') else {
            plain.push_str(after);
            return Some(Cow::Owned(plain));
        };
        plain.push_str(text);
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix/>\n\
        <KeyCount>3</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken>\
        <Contents><Key>a%20b+%ED%95%9C</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>\
        <ETag>&quot;0123&#x41;&#66;&quot;</ETag><Size>16384</Size><StorageClass>STANDARD</StorageClass>\
        <Owner><ID>o</ID><DisplayName/></Owner></Contents>\
        <Contents><Size>1</Size></Contents>\
        <CommonPrefixes><Prefix>f%2Bg/</Prefix></CommonPrefixes>\
        <EncodingType>url</EncodingType></ListBucketResult>";

    #[test]
    fn a_page_is_read_as_it_stands() {
        let page = read(PAGE.as_bytes()).unwrap();
        assert_eq!((page.is_truncated, page.next_token.as_deref()), (Some(true), Some("a&b=")));
        let [Entry::Prefix(folder), Entry::Object(object)] = &page.entries[..] else { panic!("{:?}", page.entries) };
        assert_eq!(folder.as_str(), "f+g/");
        assert_eq!((object.key.as_str(), object.size_bytes), ("a b 한", Some(16384)));
        assert_eq!(object.modified.unwrap().to_string(), "2026-01-02T03:04:05.678Z");
        assert_eq!((object.etag.as_deref(), object.storage_class.as_deref()), (Some("0123AB"), Some("STANDARD")));
    }

    #[test]
    fn keys_that_were_not_encoded_stay_as_they_are() {
        let page = PAGE.replace("<EncodingType>url</EncodingType>", "");
        let page = read(page.as_bytes()).unwrap();
        assert_eq!(page.entries[1].full_key(), "a%20b+%ED%95%9C");
    }

    #[test]
    fn whatever_is_odd_is_left_to_the_sdk() {
        let odd = [
            ("<Size>16384", "<Size>many"),
            ("2026-01-02T03:04:05.678Z", "yesterday"),
            ("&quot;", "&nbsp;"),
            ("<Key>a", "<Key><![CDATA[x]]>a"),
            ("<KeyCount>", "<!-- c --><KeyCount>"),
            ("<KeyCount>", "words<KeyCount>"),
            ("</Owner>", ""),
            ("</ListBucketResult>", ""),
            ("ListBucketResult", "Error"),
            ("<IsTruncated>true", "<IsTruncated>perhaps"),
            ("<Name>", "<Name x=\"a>b\">"),
        ];
        for (from, to) in odd {
            let page = PAGE.replace(from, to);
            assert!(page != PAGE && read(page.as_bytes()).is_none(), "{from} {to}");
        }
        assert!(read(b"").is_none() && read(b"\xff<ListBucketResult>").is_none());
    }
}
