//! Is the stored object what was read? The server's own answer where that proves it, else a HEAD, or the object itself
//! when that was asked for.

use std::sync::Arc;

use super::control::{Backoff, Waited};
use super::file::{Halt, Upload};
use super::kept::Kept;
use super::mend::{hash, read_steps};
use super::own::Told;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, ObjectMetadata, Part, Verified, VerifyWish};
use crate::s3::{Destination, Judgement, MultipartTag, S3Error, S3Store, SentContent, Stored};

/// A stored object and how sure that is.
#[derive(Clone, Debug)]
pub(super) struct Proven {
    pub(super) stored: Stored,
    pub(super) verified: Verified,
}

/// What a look at the stored object came to.
#[derive(Debug)]
pub(super) enum Checked {
    /// It is as sure as that.
    Proven(Proven),
    /// The object is not what was read.
    Differs(Damage),
    /// There is no object, in spite of a good answer.
    Missing(Failure),
}

/// A stored object that is not what was read.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    pub(super) failure: Failure,
    stored: Stored,
    /// Of the bytes that it was to hold.
    crc64nvme: u64,
}

impl Damage {
    /// Whether it is the object that we stored: its entity tag or version says so. Without either, something else may
    /// have said yes to the write, and this be somebody else's.
    pub(super) fn is_surely_ours(&self) -> bool {
        self.stored.etag.is_some() || self.stored.version_id.is_some()
    }

    /// The object by which it is known again.
    pub(super) fn told(&self) -> Told {
        Told { stored: self.stored.clone(), crc64nvme: Some(self.crc64nvme) }
    }
}

/// What was sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    /// By one PUT.
    Bytes { bytes: &'a [u8], crc64nvme: u64 },
    /// In parts, which can be read again where the source is at hand.
    Parts { source: Option<&'a Arc<SourceFile>>, kept: &'a Kept, crc64nvme: u64 },
    /// By one PUT, of bytes that are nowhere any more.
    Unread { crc64nvme: u64, size_bytes: u64 },
}

impl Content<'_> {
    /// Of all bytes.
    pub(super) fn crc64nvme(&self) -> u64 {
        match *self {
            Self::Bytes { crc64nvme, .. } | Self::Parts { crc64nvme, .. } | Self::Unread { crc64nvme, .. } => crc64nvme,
        }
    }

    fn sent(&self) -> SentContent<'_> {
        match *self {
            Self::Bytes { bytes, crc64nvme } => {
                SentContent { crc64nvme, size_bytes: bytes.len() as u64, bytes: Some(bytes) }
            }
            Self::Parts { kept, crc64nvme, .. } => {
                SentContent { crc64nvme, size_bytes: kept.stamp.size_bytes, bytes: None }
            }
            Self::Unread { crc64nvme, size_bytes } => SentContent { crc64nvme, size_bytes, bytes: None },
        }
    }

    /// The entity tag that Amazon would give to the parts, by reading them again; `None` where there is nothing to read.
    async fn multipart_tag(&self) -> Result<Option<String>, Failure> {
        let Self::Parts { source: Some(source), kept, crc64nvme } = *self else { return Ok(None) };
        let mut tag = MultipartTag::default();
        for part in kept.plan.parts(kept.stamp.size_bytes) {
            read_steps(source, part, |step| tag.update(step)).await?;
            tag.end_part();
        }
        // The tag is only worth something if it is of the bytes that were sent.
        let whole = Part { number: 1, offset: 0, len: kept.stamp.size_bytes };
        if hash(source, whole).await? == crc64nvme {
            return Ok(Some(tag.finish()));
        }
        let changed = Failure::new(FailureKind::SourceChanged).with("path", source.path().display());
        Err(changed.detail("two readings gave different bytes"))
    }
}

/// What the answer to the write proves by itself, if it is all that is wished for.
pub(super) fn by_the_answer(
    store: &S3Store,
    to: &Destination,
    stored: &Stored,
    content: Content<'_>,
) -> Option<Checked> {
    let is_enough = to.options.verify != Some(VerifyWish::ReadBack);
    let is_proof = is_enough && store.judge_answer(stored, &content.sent()) == Judgement::Same;
    is_proof.then(|| proven(stored.clone(), Verified::Accepted))
}

/// Holds the stored object against what was sent. A key that may not look at it leaves the object as sure as the
/// answer was, never failed. Faults that pass are sat out.
pub(super) async fn verify(
    upload: &Upload,
    store: &S3Store,
    to: &Destination,
    stored: Stored,
    content: Content<'_>,
) -> Result<Checked, Halt> {
    match by_the_answer(store, to, &stored, content) {
        Some(checked) => Ok(checked),
        None => look_into(upload, store, to, stored, content).await,
    }
}

/// The same where the answer proves too little.
pub(super) async fn look_into(
    upload: &Upload,
    store: &S3Store,
    to: &Destination,
    stored: Stored,
    content: Content<'_>,
) -> Result<Checked, Halt> {
    let look = Look { upload, store, to, content };
    if to.options.verify == Some(VerifyWish::ReadBack) {
        if let Some(checked) = look.read_back(&stored).await? {
            return Ok(checked);
        }
        if store.judge_answer(&stored, &content.sent()) == Judgement::Same {
            return Ok(proven(stored, Verified::Accepted));
        }
    }
    // Where the tags of multipart objects are MD5s, the answer alone is proof.
    let tag = match stored.etag.as_deref() {
        Some(etag) if etag.contains('-') && store.has_md5_multipart_tags() != Some(false) => {
            // Everything is read again.
            upload.control.unless_stopped(content.multipart_tag()).await.ok_or(Halt::Stopped)??
        }
        _ => None,
    };
    if let Some(tag) = &tag
        && store.judge_multipart_tag(stored.etag.as_deref(), tag, None) == Judgement::Same
    {
        return Ok(proven(stored, Verified::Accepted));
    }
    look.head(stored, tag.as_deref()).await
}

/// Whether an object has the bytes that were sent, by reading it; `None` where it may not be read.
pub(super) async fn read_back(
    upload: &Upload,
    store: &S3Store,
    to: &Destination,
    stored: &Stored,
    content: Content<'_>,
) -> Result<Option<Checked>, Halt> {
    Look { upload, store, to, content }.read_back(stored).await
}

/// What the steps of a verification share.
struct Look<'a> {
    upload: &'a Upload,
    store: &'a S3Store,
    to: &'a Destination,
    content: Content<'a>,
}

impl Look<'_> {
    async fn head(&self, stored: Stored, tag: Option<&str>) -> Result<Checked, Halt> {
        let (mut backoff, mut looks) = (self.upload.backoff(), 0);
        let found = loop {
            match self.store.head_object(&self.to.bucket, &self.to.key).await {
                Ok(found) => break found,
                Err(error) if error.kind() == FailureKind::NoSuchKey && looks > 0 => return Ok(self.missing(&stored)),
                // Some services need a moment until everybody of them knows.
                Err(error) if error.kind() == FailureKind::NoSuchKey => {
                    looks += 1;
                    let moment = self.upload.context.shared.patience.retry.first_wait;
                    if backoff.wait(moment, &self.upload.control).await == Waited::Stopped {
                        return Err(Halt::Stopped);
                    }
                }
                Err(error) => {
                    if !self.waited(&mut backoff, &error).await? {
                        tracing::info!(kind = ?error.kind(), "a stored object cannot be verified");
                        return Ok(proven(stored, Verified::Unverified));
                    }
                }
            }
        };
        let found_size = found.size_bytes;
        let mut judged = self.store.judge_head(&found, &stored, &self.content.sent());
        if let (Judgement::Unproven, Some(tag)) = (&judged, tag) {
            judged = self.store.judge_multipart_tag(found.etag.as_deref(), tag, Some(&found));
        }
        Ok(match judged {
            Judgement::Same => proven(with_found(stored, found), Verified::Confirmed),
            Judgement::Unproven => proven(with_found(stored, found), Verified::Unverified),
            Judgement::Differs(what) => self.differs(stored, what),
            Judgement::Replaced => {
                let size = found_size.map_or_else(|| "another size".to_owned(), |size| format!("{size} bytes"));
                let detail = format!("there is an object of {size} with another entity tag than the answer told");
                let failure = Failure::new(FailureKind::ObjectReplaced).with("key", &self.to.key).detail(detail);
                return Err(Halt::Failed(failure));
            }
        })
    }

    /// `None` where the object may not be fetched: then the other ways are taken.
    async fn read_back(&self, stored: &Stored) -> Result<Option<Checked>, Halt> {
        let mut backoff = self.upload.backoff();
        loop {
            let sent = self.content.sent();
            let read = self.store.read_back(&self.to.bucket, &self.to.key, stored.etag.as_deref(), &sent);
            let read = tokio::select! {
                () = self.upload.control.stopped() => return Err(Halt::Stopped),
                read = read => read,
            };
            return Ok(match read {
                Ok(Judgement::Differs(what)) => Some(self.differs(stored.clone(), what)),
                Ok(_) => Some(proven(stored.clone(), Verified::ReadBack)),
                Err(error) if error.kind() == FailureKind::NoSuchKey => Some(self.missing(stored)),
                Err(error) => {
                    // Replaced by somebody meanwhile: what was stored is gone, which is no fault of ours.
                    if error.kind() != FailureKind::SourceChanged && self.waited(&mut backoff, &error).await? {
                        continue;
                    }
                    tracing::info!(kind = ?error.kind(), "a stored object cannot be read back");
                    None
                }
            });
        }
    }

    fn differs(&self, stored: Stored, what: &str) -> Checked {
        let failure = Failure::new(FailureKind::ChecksumMismatch).with("key", &self.to.key);
        let (failure, crc64nvme) =
            (failure.detail(format!("the stored object differs: {what}")), self.content.crc64nvme());
        Checked::Differs(Damage { failure, stored, crc64nvme })
    }

    /// Waits after a fault that passes; `false` if there is nothing to wait for.
    async fn waited(&self, backoff: &mut Backoff, error: &S3Error) -> Result<bool, Halt> {
        match self.upload.wait_or_fail(backoff, error).await {
            Ok(()) => Ok(true),
            Err(Halt::Failed(_)) => Ok(false),
            Err(halt) => Err(halt),
        }
    }

    /// An answer without entity tag to a write that nobody can find: some login page said 200.
    fn missing(&self, stored: &Stored) -> Checked {
        let kind = if stored.etag.is_none() { FailureKind::NotS3 } else { FailureKind::NothingStored };
        Checked::Missing(Failure::new(kind).with("host", self.store.host()).with("key", &self.to.key))
    }
}

fn proven(stored: Stored, verified: Verified) -> Checked {
    Checked::Proven(Proven { stored, verified })
}

fn with_found(stored: Stored, found: ObjectMetadata) -> Stored {
    let etag = stored.etag.or(found.etag);
    let version_id = stored.version_id.or(found.version_id);
    Stored { etag, version_id, checksum_echoed: stored.checksum_echoed }
}
