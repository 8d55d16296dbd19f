//! The lines of `--json`: one object each, named by its `event`.

use serde::Serialize;

/// One line. Fields that are not known are `null`, never left out.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Line<'a> {
    /// A file arrived.
    Done(Done<'a>),
    /// Something was left out by a rule.
    Skipped {
        /// Local path.
        path: &'a str,
        /// Its key, where it got as far as having one.
        key: Option<&'a str>,
        /// Stable name of the reason.
        reason: &'a str,
    },
    /// Something did not work.
    Failed(Failed<'a>),
    /// `upload --public`, `upload --acl`: what a batch stored was to be public, and is not, or not all of it.
    NotPublic {
        /// The bucket.
        bucket: Option<&'a str>,
        /// Below which folder.
        prefix: Option<&'a str>,
        /// Stable name of the cause.
        kind: String,
        /// Why.
        title: String,
        /// What to do.
        advice: String,
        /// What keeps strangers out, the layers that decide first; empty if nothing that the keys may read does, `null`
        /// if it was not found out.
        layers: Option<Vec<RefusingLayer<'a>>>,
        /// Code and request id, as the server gave them.
        detail: &'a str,
    },
    /// `upload --acl`: what a batch stored is without that list, or not all of it is with it.
    AclLeftOut {
        /// The bucket.
        bucket: Option<&'a str>,
        /// Below which folder.
        prefix: Option<&'a str>,
        /// The list.
        acl: Option<&'a str>,
        /// Why.
        title: String,
        /// What to do.
        advice: String,
        /// Code and request id, as the server gave them.
        detail: &'a str,
    },
    /// `upload --dry-run`: a file that would be uploaded.
    Planned {
        /// Local path.
        path: &'a str,
        /// The bucket.
        bucket: &'a str,
        /// The key it would get.
        key: &'a str,
        /// Its size.
        bytes: u64,
    },
    /// The last line of `upload`, `resume` and `download`.
    Finished {
        /// Files that arrived.
        uploaded: u64,
        /// Left out by a rule.
        skipped: u64,
        /// Did not work.
        failed: u64,
        /// Batches whose objects are stored and were to be public, and are not; the exit status is 1 as well.
        not_public: u64,
        /// Batches whose objects are stored without the list that was chosen; the exit status is 1 as well.
        acl_left_out: u64,
        /// Bytes that arrived.
        bytes: u64,
        /// From first to last.
        seconds: f64,
    },
    /// `upload`, `resume`: the Bucketdrop that runs already does it.
    HandedOver {
        /// Which of the two.
        command: &'a str,
        /// Where it goes.
        bucket: Option<&'a str>,
        /// Below which folder.
        prefix: Option<&'a str>,
    },
    /// `resume --forget-failed`: a Bucketdrop runs, and what has failed there is given up there only.
    LeftToWindow {
        /// The same in words.
        words: &'a str,
    },
    /// `upload`, `resume`, `download`: a file is tried again and again, while others come through. Told once for a
    /// reason; how it ends is told by its own `done` or `failed`.
    Retrying {
        /// Its key, or that of one of several.
        key: Option<&'a str>,
        /// The failure's kind.
        reason: &'a str,
        /// The same in words.
        words: &'a str,
    },
    /// `upload`, `resume`, `download`: nothing moves for a reason that passes by itself or that somebody else ends.
    Waiting {
        /// The failure's kind, `held` or `outside-hours`.
        reason: &'a str,
        /// `begun` or `over`.
        state: &'a str,
        /// The same in words.
        words: &'a str,
    },
    /// `list`: a bucket.
    Bucket {
        /// Its name.
        bucket: &'a str,
        /// Where known.
        region: Option<&'a str>,
        /// Where known.
        created: Option<String>,
    },
    /// `list`: a folder.
    Prefix {
        /// The bucket.
        bucket: &'a str,
        /// Its whole prefix.
        prefix: &'a str,
    },
    /// `list`: an object.
    Object {
        /// The bucket.
        bucket: &'a str,
        /// Its whole key.
        key: &'a str,
        /// Size.
        bytes: Option<u64>,
        /// Last change.
        modified: Option<String>,
        /// Entity tag.
        etag: Option<&'a str>,
        /// Storage class, where it is not the default.
        storage_class: Option<&'a str>,
    },
    /// `link`: a link.
    Link {
        /// The bucket.
        bucket: &'a str,
        /// The key.
        key: &'a str,
        /// The link in the form asked for.
        link: &'a str,
        /// End of a signed link.
        expires: Option<String>,
        /// The keys that signed it are temporary and do not say when they end: it may stop working earlier.
        expires_with_keys: bool,
        /// Whether it opens: `public`, `private`, `unknown`; `null` with `--no-check`.
        access: Option<&'a str>,
        /// What a stranger met, by its stable name.
        verdict: Option<&'a str>,
        /// The same in words.
        reason: Option<&'a str>,
        /// The address that opens, where this one only leads to it over TLS (`opens-over-tls`).
        https_url: Option<&'a str>,
        /// What else is to be known of the address, by stable names, such as `slashes` or `region-strange`.
        notes: &'a [&'a str],
    },
    /// `doctor s3://…`: who can open an object, and why.
    Explained {
        /// The bucket.
        bucket: &'a str,
        /// The key.
        key: &'a str,
        /// The address that was asked for.
        url: Option<&'a str>,
        /// `public`, `private` or `unknown`.
        access: &'a str,
        /// What a stranger met, by its stable name.
        verdict: &'a str,
        /// The same in words.
        reason: &'a str,
        /// The status that decided.
        status: Option<u16>,
        /// Layer by layer, those that decide first.
        layers: Vec<LayerLine<'a>>,
        /// What can be done, the best first.
        ways: Vec<&'a str>,
    },
    /// `doctor`: a line of the connection's test.
    Tested {
        /// What was found, by its stable name.
        found: &'a str,
        /// In words.
        words: &'a str,
    },
    /// `upload --receipt`: the receipt was written.
    Receipt {
        /// The file.
        path: &'a str,
        /// Stored objects in it.
        rows: u64,
    },
    /// `verify-receipt`: an object, held against its receipt.
    Checked {
        /// The bucket.
        bucket: &'a str,
        /// The key.
        key: &'a str,
        /// `same`, `changed`, `gone` or `unknown`.
        verdict: &'a str,
        /// Why it is not known.
        detail: Option<String>,
    },
    /// `verify-receipt`: the last line.
    ReceiptChecked {
        /// As they were stored.
        same: u64,
        /// Something else stands there.
        changed: u64,
        /// Nothing stands there.
        gone: u64,
        /// Not known.
        unknown: u64,
    },
    /// `remove`: how much was deleted below one bucket and folder, or would be without `--yes`.
    Removed {
        /// The bucket.
        bucket: &'a str,
        /// Objects that are gone.
        deleted: u64,
        /// Objects below its folders that came after the count, and were left; missing where there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        came: Option<u64>,
    },
    /// `remove` without `--yes`: how much would be deleted.
    Counted {
        /// The bucket.
        bucket: &'a str,
        /// Objects.
        objects: u64,
        /// Their sizes added up.
        bytes: u64,
    },
    /// `serve`: where the storage answers, and to which keys.
    Serving {
        /// Address.
        endpoint: &'a str,
        /// Region to sign for.
        region: &'a str,
        /// Public half of the key.
        access_key_id: &'a str,
        /// Secret half; this line is the one place that prints it, because it was asked for.
        secret_access_key: &'a str,
    },
}

/// One layer that decides about strangers.
#[derive(Debug, Serialize)]
pub struct LayerLine<'a> {
    /// Which.
    pub layer: &'a str,
    /// What it says.
    pub finding: &'a str,
}

/// The same of one that keeps strangers out, or may.
#[derive(Debug, Serialize)]
pub struct RefusingLayer<'a> {
    /// Which.
    pub layer: &'a str,
    /// What it says.
    pub finding: &'a str,
    /// In words.
    pub reason: String,
}

/// A file that arrived.
#[derive(Debug, Serialize)]
pub struct Done<'a> {
    /// Local path.
    pub path: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
    /// Size.
    pub bytes: u64,
    /// Entity tag.
    pub etag: Option<&'a str>,
    /// Version, in versioned buckets.
    pub version_id: Option<&'a str>,
    /// `CRC64NVME:…`
    pub checksum: Option<&'a str>,
    /// How sure it is: `confirmed`, `accepted`, `unverified`.
    pub verified: &'a str,
    /// The link; `null` when the service has no address for it.
    pub url: Option<&'a str>,
    /// Whether the link opens: `public`, `private`, `unknown`; `null` without `--check`.
    pub access: Option<&'a str>,
    /// What a stranger met, by its stable name; `null` without `--check`.
    pub verdict: Option<&'a str>,
    /// The same in words.
    pub reason: Option<&'a str>,
    /// The address that opens, where the link only leads to it over TLS (`opens-over-tls`).
    pub https_url: Option<&'a str>,
}

/// Something that did not work.
#[derive(Debug, Serialize)]
pub struct Failed<'a> {
    /// Local path, where there is one.
    pub path: Option<&'a str>,
    /// Key, where there is one.
    pub key: Option<&'a str>,
    /// Stable name of the cause.
    pub kind: String,
    /// What happened.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// Code and request id, as the server gave them.
    pub detail: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_their_event_and_keep_unknown_fields() {
        let done = Line::Done(Done {
            path: "/a\n\u{1b}b",
            bucket: "b",
            key: "k",
            bytes: 1,
            etag: None,
            version_id: None,
            checksum: Some("CRC64NVME:AAAAAAAAAAA="),
            verified: "accepted",
            url: None,
            access: None,
            verdict: None,
            reason: None,
            https_url: None,
        });
        let line = serde_json::to_string(&done).unwrap();
        assert_eq!(
            line,
            "{\"event\":\"done\",\"path\":\"/a\\n\\u001bb\",\"bucket\":\"b\",\"key\":\"k\",\"bytes\":1,\"etag\":null,\
             \"version_id\":null,\"checksum\":\"CRC64NVME:AAAAAAAAAAA=\",\"verified\":\"accepted\",\"url\":null,\"access\":null,\"verdict\":null,\"reason\":null,\
             \"https_url\":null}"
        );
        let (skipped, failed, not_public, acl_left_out) = (0, 0, 0, 0);
        let last = Line::Finished { uploaded: 1, skipped, failed, not_public, acl_left_out, bytes: 1, seconds: 0.5 };
        assert!(serde_json::to_string(&last).unwrap().starts_with("{\"event\":\"finished\",\"uploaded\":1"));
    }
}
