//! The end of a large file: its parts are put together, and what that made is checked. Until the check is through,
//! the upload is kept as one that may have been put together, so that whoever goes on looks for the object first.

use std::sync::Arc;

use super::control::Backoff;
use super::file::{Finished, Halt, Upload, UploadNews, is_taken};
use super::kept::{Kept, Origin};
use super::mend::{Mend, forget_differing, is_about_parts};
use super::own::{Found, InTheWay, Told};
use super::put::may_be_stored;
use super::verify::{Checked, Content, Damage, verify};
use crate::engine::journal::Change;
use crate::engine::orphans::Why;
use crate::engine::queue::Stage;
use crate::engine::source::{SourceFile, modified_of};
use crate::model::{ConflictPolicy, Failure, FailureKind};
use crate::s3::{Destination, Looked, S3Store, Stored, StoredPart, Whole, WriteCondition, Written, checksum};

/// Puts the parts together; the source is there unless an earlier run had read all of it, and the key may have been
/// looked at already. Not interrupted: what the server has begun is waited for.
pub(super) async fn complete(
    upload: &mut Upload,
    store: &S3Store,
    source: Option<&Arc<SourceFile>>,
    to: &Destination,
    looked: Option<Looked>,
) -> Result<Finished, Halt> {
    let Some(kept) = upload.kept.clone() else { return Err(Halt::Stopped) };
    upload.tell(UploadNews::Stage(Stage::Finishing));
    let (job, size_bytes, crc64nvme) = (upload.job.id, kept.stamp.size_bytes, whole_checksum(&kept));
    upload.durable(Change::Completing { job, crc64nvme, size_bytes }).await?;
    let origin = Origin::Completing { crc64nvme, size_bytes };
    upload.set_origin(origin);
    let whole = Assembly { store, source, kept: Kept { origin, ..kept }, crc64nvme };
    let (parts, mut backoff, mut to) = (whole.parts(), upload.backoff(), to.clone());
    loop {
        upload.keep_to_own_older(store, &mut to).await?;
        if upload.job.policy == ConflictPolicy::OverwriteIfNewer
            && let Some(finished) = whole.look_again(upload, &mut to, &backoff).await?
        {
            return Ok(finished);
        }
        let object = Whole { upload: &whole.kept.upload, parts: &parts, crc64: crc64nvme, bytes: size_bytes };
        match store.complete_after(looked, &to, &object).await {
            Ok(stored) => {
                let (etag, version_id) = (stored.etag.clone(), stored.version_id.clone());
                upload.note(Change::Stored { job, etag, version_id });
                return whole.check(upload, &to, stored).await;
            }
            Err(error) if is_about_parts(&error) => return Err(forget_differing(upload, store, &error).await),
            // Somebody else wrote the key at the same time: S3 has dropped the upload.
            Err(error) if error.code() == Some("ConditionalRequestConflict") => {
                let kind = FailureKind::NoSuchUpload;
                return Err(Halt::Failed(Failure { kind, retryable: false, ..error.to_failure() }));
            }
            // The answer to an earlier Complete may have been lost.
            Err(error) if error.kind() == FailureKind::NoSuchUpload => {
                let found = whole.find(upload, &to, Leftovers::None).await?;
                return found.ok_or_else(|| Halt::Failed(error.to_failure()));
            }
            Err(error) if is_taken(&error) => {
                if (backoff.has_failed() || upload.may_be_stored())
                    && let Some(finished) = whole.find(upload, &to, Leftovers::Perhaps).await?
                {
                    return Ok(finished);
                }
                // A PUT of what the file was before may have come to its end meanwhile.
                if Box::pin(upload.find_older(store, Some(crc64nvme))).await? {
                    to.condition = WriteCondition::Any;
                    continue;
                }
                // This Complete has come to nothing, and the parts are still there.
                upload.set_origin(if source.is_some() { Origin::ThisRun } else { Origin::Journal });
                return Err(Halt::Exists(upload.facts_of_existing(store).await));
            }
            Err(error) => {
                if may_be_stored(error.kind()) {
                    upload.doubt_told(crc64nvme);
                }
                upload.wait_or_fail(&mut backoff, &error).await?;
            }
        }
    }
}

/// After an earlier run, or a stop: the object that the parts have made, if it stands there.
pub(super) async fn find_assembled(
    upload: &mut Upload,
    store: &S3Store,
    kept: Kept,
    to: &Destination,
) -> Result<Option<Finished>, Halt> {
    let crc64nvme = match kept.origin {
        Origin::Completing { crc64nvme, .. } => crc64nvme,
        Origin::ThisRun | Origin::Journal => whole_checksum(&kept),
    };
    Assembly { store, source: None, kept, crc64nvme }.find(upload, to, Leftovers::None).await
}

/// Whether the server may still know an upload whose object is found.
#[derive(Clone, Copy, Debug)]
enum Leftovers {
    None,
    Perhaps,
}

/// What is put together.
struct Assembly<'a> {
    store: &'a S3Store,
    source: Option<&'a Arc<SourceFile>>,
    kept: Kept,
    crc64nvme: u64,
}

impl Assembly<'_> {
    fn parts(&self) -> Vec<StoredPart> {
        self.kept.parts.values().cloned().collect()
    }

    fn content(&self) -> Content<'_> {
        Content::Parts { source: self.source, kept: &self.kept, crc64nvme: self.crc64nvme }
    }

    /// The answer was good: is it what was read? A stop in between leaves everything to the next try.
    async fn check(&self, upload: &mut Upload, to: &Destination, stored: Stored) -> Result<Finished, Halt> {
        let crc64nvme = self.crc64nvme;
        upload.stored_before = Some(Told { stored: stored.clone(), crc64nvme: Some(crc64nvme) });
        match verify(upload, self.store, to, stored, self.content()).await? {
            Checked::Proven(proven) => {
                upload.kept = None;
                Ok(Finished { proven, crc64nvme })
            }
            Checked::Missing(failure) => Err(Halt::Failed(failure)),
            Checked::Differs(damage) => {
                upload.kept = None;
                self.give_up(upload, damage).await
            }
        }
    }

    /// The object that an earlier Complete of ours has made, if it stands there; its upload is of no use then.
    async fn find(
        &self,
        upload: &mut Upload,
        to: &Destination,
        leftovers: Leftovers,
    ) -> Result<Option<Finished>, Halt> {
        let size_bytes = self.kept.stamp.size_bytes;
        let written = Written::by_parts(&self.parts(), self.crc64nvme, size_bytes, upload.job.spec.opened);
        let found = upload.find_written(self.store, to, written, self.content()).await?;
        match (&found, leftovers) {
            (Found::NotOurs, _) => return Ok(None),
            (_, Leftovers::None) => upload.kept = None,
            (_, Leftovers::Perhaps) => upload.discard_kept(Why::NotNeeded).await,
        }
        match found {
            Found::Ours(finished) => Ok(Some(finished)),
            Found::Damaged(damage) => self.give_up(upload, damage).await,
            Found::NotOurs => Ok(None),
        }
    }

    /// Everything has to be sent once more; or the source says why not.
    async fn give_up<T>(&self, upload: &mut Upload, damage: Damage) -> Result<T, Halt> {
        upload.note_damage(&damage);
        if let Some(source) = self.source {
            let mut mend = Mend::whole(source, self.crc64nvme);
            upload.control.unless_stopped(mend.again(damage.failure.clone())).await.ok_or(Halt::Stopped)??;
        }
        Err(Halt::Failed(damage.failure))
    }

    /// Under the rule "newer": hours may have passed since the first look. What we may have stored ourselves meanwhile
    /// is newer than its source, and no reason to leave it out.
    async fn look_again(
        &self,
        upload: &mut Upload,
        to: &mut Destination,
        backoff: &Backoff,
    ) -> Result<Option<Finished>, Halt> {
        if (backoff.has_failed() || upload.may_be_stored())
            && let Some(finished) = self.find(upload, to, Leftovers::Perhaps).await?
        {
            return Ok(Some(finished));
        }
        if upload.in_the_way == InTheWay::Unknown {
            to.condition = upload.condition_if_newer(self.store, modified_of(&self.kept.stamp)).await?;
        }
        Ok(None)
    }
}

/// The checksum of the file, from those of its parts.
fn whole_checksum(kept: &Kept) -> u64 {
    let mut whole = 0;
    for part in kept.plan.parts(kept.stamp.size_bytes) {
        if let Some(stored) = kept.parts.get(&part.number) {
            whole = checksum::combine(whole, stored.crc64nvme, part.len);
        }
    }
    whole
}
