//! The upload whose id nobody heard: the program died, or the answer was lost, between asking for a multipart upload
//! and writing down its id. It holds no parts and costs nothing, but it stays for ever.

use jiff::{SignedDuration, Timestamp};

use super::Orphans;
use crate::engine::upload::Leftover;
use crate::model::{BucketName, ConnectionId, ObjectKey, UploadOwner};
use crate::s3::{ListedUpload, S3Error, S3Store, UploadId};

/// Between intent and request, and for the server's whole seconds.
const BEFORE: SignedDuration = SignedDuration::from_secs(2);
/// A request may have been on its way for so long after the program was last known to be alive.
pub(super) const AFTER: SignedDuration = SignedDuration::from_secs(60);

/// When an upload with an unknown id must have been started, by our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Intended {
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// A new upload of ours for the same key: it tells who we are and what time it is on the server.
pub(crate) struct Ours<'a> {
    pub(crate) connection: &'a ConnectionId,
    pub(crate) bucket: &'a BucketName,
    pub(crate) key: &'a ObjectKey,
    pub(crate) upload: &'a UploadId,
    /// By our clock; `None` if that was in an earlier run.
    pub(crate) created: Option<Timestamp>,
}

/// What came of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swept {
    /// So many were aborted; nothing else there is surely ours.
    All(usize),
    /// Which ones are ours cannot be told at the moment.
    Unsure,
}

/// Uploads of exactly this key.
pub(super) async fn candidates(
    store: &S3Store,
    bucket: &BucketName,
    key: &ObjectKey,
) -> Result<Vec<ListedUpload>, S3Error> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_uploads(bucket, key.as_str(), after.as_ref()).await?;
        listed.extend(page.uploads.into_iter().filter(|upload| upload.key == *key));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(listed),
        }
    }
}

/// How far the server's clock is ahead, as every answer says.
fn told_offset(store: &S3Store) -> SignedDuration {
    SignedDuration::from_secs(store.regions().clock_offset_secs().unwrap_or_default())
}

/// Whether it is worth finding out who started it.
pub(super) fn may_be_ours(store: &S3Store, upload: &ListedUpload, intended: Intended) -> bool {
    upload.initiator.is_some() && can_only_be_ours(upload, upload, told_offset(store), intended)
}

/// Aborts uploads of this key that can only be our own lost ones: started by whoever started `ours`, within the time
/// meant, without a part, and not known otherwise. Everything else is left for the user to judge.
pub(crate) async fn sweep_strays(
    orphans: &Orphans,
    store: &S3Store,
    ours: &Ours<'_>,
    intended: Intended,
) -> Result<Swept, S3Error> {
    let listed = candidates(store, ours.bucket, ours.key).await?;
    if orphans.creations.has(ours.bucket, ours.key) {
        // One of these may be what is just being created.
        return Ok(Swept::Unsure);
    }
    let Some(reference) = listed.iter().find(|upload| upload.upload == *ours.upload).cloned() else {
        return Ok(Swept::Unsure);
    };
    // How far the server's clock is ahead: our upload says it to the second, else every answer does.
    let offset = match (ours.created, reference.initiated) {
        (Some(created), Some(initiated)) => initiated.duration_since(created),
        _ => told_offset(store),
    };
    let mut swept = 0;
    for upload in listed {
        let left = Leftover {
            connection: ours.connection.clone(),
            bucket: ours.bucket.clone(),
            key: ours.key.clone(),
            upload: upload.upload.clone(),
        };
        let is_unknown = orphans.owner(&left) == UploadOwner::Other;
        if !is_unknown || !can_only_be_ours(&upload, &reference, offset, intended) {
            continue;
        }
        if store.parts_held(ours.bucket, ours.key, &upload.upload).await?.parts > 0 {
            continue;
        }
        tracing::info!("an upload that was started and never heard of again is aborted");
        orphans.discard(store, left, super::Why::NotNeeded).await;
        swept += 1;
    }
    Ok(Swept::All(swept))
}

fn can_only_be_ours(
    upload: &ListedUpload,
    reference: &ListedUpload,
    offset: SignedDuration,
    intended: Intended,
) -> bool {
    let same_initiator = upload.initiator.is_some() && upload.initiator == reference.initiator;
    let Some(initiated) = upload.initiated else { return false };
    let on_the_server =
        |ours: Timestamp, slack: SignedDuration| ours.checked_add(offset).and_then(|t| t.checked_add(slack));
    let (Ok(since), Ok(until)) = (on_the_server(intended.since, -BEFORE), on_the_server(intended.until, AFTER)) else {
        return false;
    };
    same_initiator && (since..=until).contains(&initiated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(initiator: Option<&str>, at: i64) -> ListedUpload {
        ListedUpload {
            key: ObjectKey::new("k"),
            upload: UploadId(format!("{at}")),
            initiated: Timestamp::from_second(at).ok(),
            initiator: initiator.map(str::to_owned),
        }
    }

    #[test]
    fn only_what_can_be_nobody_elses_is_swept() {
        // The server's clock is 1,000 s ahead.
        let at = |second| Timestamp::from_second(second).unwrap();
        let (reference, offset) = (listed(Some("me"), 6_000), SignedDuration::from_secs(1_000));
        let intended = Intended { since: at(4_000), until: at(4_010) };
        let is_ours = |upload: &ListedUpload| can_only_be_ours(upload, &reference, offset, intended);
        assert!(is_ours(&listed(Some("me"), 5_000)));
        assert!(is_ours(&listed(Some("me"), 4_998)) && is_ours(&listed(Some("me"), 5_070)));
        assert!(!is_ours(&listed(Some("me"), 4_997)), "before the intent");
        assert!(!is_ours(&listed(Some("me"), 5_071)), "long after we were last alive");
        assert!(!is_ours(&listed(Some("another"), 5_000)));
        assert!(!is_ours(&listed(None, 5_000)), "nobody knows whose");
        assert!(!can_only_be_ours(&listed(None, 5_000), &listed(None, 6_000), offset, intended));
    }
}
