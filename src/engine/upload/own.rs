//! Was it us? After a write whose end nobody heard, or that was answered well and is looked at again: the object
//! under the key, held against what was to be written.

use super::file::{Finished, Halt, Upload};
use super::verify::{Checked, Content, Damage, Proven, read_back, verify};
use crate::engine::journal::{Change, InPlaceOf, SourceStamp};
use crate::model::{ConflictPolicy, FailureKind, Verified};
use crate::s3::{Destination, KeyHolds, S3Store, Stored, WriteCondition, Written};

/// What the server has said to have stored, and of which bytes.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) stored: Stored,
    /// Of all bytes; `None` once the same bytes were sent again unheard: then another object of ours may hold them.
    pub(crate) crc64nvme: Option<u64>,
}

/// What a PUT carried of which nobody heard whether it was stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unheard {
    /// Of all bytes.
    pub(crate) crc64nvme: u64,
    /// The file as it was then.
    pub(crate) stamp: SourceStamp,
}

/// What a look for our own object came to.
#[derive(Debug)]
pub(super) enum Found {
    /// It is there, as sure as that.
    Ours(Finished),
    /// It is there, and is not what was read.
    Damaged(Damage),
    /// Nothing is there, or something else.
    NotOurs,
}

/// What is known of an object that stands where ours is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InTheWay {
    /// Nothing: the rule for conflicts holds.
    Unknown,
    /// It is our own, damaged on its way: it is written anew in its place, unless it is another one by then.
    OwnDamaged,
    /// It is our own, of the bytes that the file had before it changed: the new ones take its place.
    OwnOlder,
}

impl Upload {
    /// What the server has said of these bytes.
    pub(super) fn told(&self, crc64nvme: u64) -> Option<Stored> {
        self.stored_before.as_ref().filter(|told| told.crc64nvme == Some(crc64nvme)).map(|told| told.stored.clone())
    }

    /// These bytes may have been stored once more, and nobody heard: what was said of them before holds no longer for
    /// whatever object has them.
    pub(super) fn doubt_told(&mut self, crc64nvme: u64) {
        if let Some(told) = self.stored_before.as_mut().filter(|told| told.crc64nvme == Some(crc64nvme)) {
            told.crc64nvme = None;
        }
    }

    /// Whether a try of ours may have stored the object: in an earlier run, by an answer that was lost, or by one that
    /// was good.
    pub(super) fn may_be_stored(&self) -> bool {
        self.is_doubtful() || self.stored_before.is_some()
    }

    /// The object under the key, if it is the one that was to be written, checked as a new one is. Asked until there
    /// is an answer: to write again without one could be once too often.
    pub(super) async fn find_written(
        &self,
        store: &S3Store,
        to: &Destination,
        written: Written,
        content: Content<'_>,
    ) -> Result<Found, Halt> {
        let mut backoff = self.backoff();
        let crc64nvme = written.crc64nvme();
        let written = written.told(self.told(crc64nvme));
        let stored = loop {
            match store.find_written(&to.bucket, &to.key, &written).await {
                Ok(KeyHolds::Ours(stored)) => break stored,
                Ok(KeyHolds::Unclear(stored)) => return self.read_to_tell(store, to, &stored, content).await,
                Ok(KeyHolds::Other | KeyHolds::Nothing) => return Ok(Found::NotOurs),
                // May write but not look: what the server told an earlier try is all there is.
                Err(error) if error.kind() == FailureKind::AccessDenied => {
                    return Ok(self.told(crc64nvme).map_or(Found::NotOurs, |stored| {
                        let proven = Proven { stored, verified: Verified::Unverified };
                        Found::Ours(Finished { proven, crc64nvme })
                    }));
                }
                Err(error) => self.wait_or_fail(&mut backoff, &error).await?,
            }
        };
        Ok(match verify(self, store, to, stored, content).await? {
            Checked::Proven(Proven { stored, verified }) => {
                // The words that prove it came by a look, not by the answer to the write.
                let verified = if verified == Verified::Accepted { Verified::Confirmed } else { verified };
                Found::Ours(Finished { proven: Proven { stored, verified }, crc64nvme })
            }
            Checked::Differs(damage) => Found::Damaged(damage),
            Checked::Missing(_gone_meanwhile) => Found::NotOurs,
        })
    }

    /// Services whose entity tags say nothing, and that keep no checksum: the answer to our write was lost, and an object
    /// of the same size stands there, no older than our intent. Its bytes tell; to send ours without looking could be a
    /// second version, or a conflict with oneself. What may not be read, or has other bytes, is not ours.
    async fn read_to_tell(
        &self,
        store: &S3Store,
        to: &Destination,
        stored: &Stored,
        content: Content<'_>,
    ) -> Result<Found, Halt> {
        Ok(match read_back(self, store, to, stored, content).await? {
            Some(Checked::Proven(proven)) => Found::Ours(Finished { proven, crc64nvme: content.crc64nvme() }),
            Some(Checked::Differs(_) | Checked::Missing(_)) | None => Found::NotOurs,
        })
    }

    /// Whether what stands under the key is the very object that an earlier try of ours was told to have stored. Where the
    /// server has named neither tag nor version, nobody knows.
    pub(super) async fn stands_told(&self, store: &S3Store) -> Result<bool, Halt> {
        let Some(Told { stored, .. }) = &self.stored_before else { return Ok(false) };
        let Some(found) = self.look(store).await? else { return Ok(false) };
        // Without versioning every object is of the version "null".
        let version = stored.version_id.as_ref().filter(|version| *version != "null");
        let is_tag = stored.etag.as_ref().is_none_or(|etag| found.etag.as_ref() == Some(etag));
        let is_version = version.is_none_or(|version| found.version_id.as_ref() == Some(version));
        Ok((stored.etag.is_some() || version.is_some()) && is_tag && is_version)
    }

    /// After a PUT whose end nobody heard, and that did not carry the bytes of `looked_for`: the file has changed since,
    /// and what it was before may stand under the key. Then that is our own and known again from here on, in the journal
    /// as well. Where it is not there yet, it may still come. Gives whether it was found.
    pub(super) async fn find_older(&mut self, store: &S3Store, looked_for: Option<u64>) -> Result<bool, Halt> {
        let Some(Unheard { crc64nvme, stamp }) = self.unheard else { return Ok(false) };
        // Who chose to overwrite means whatever stands there.
        let is_wanted = looked_for != Some(crc64nvme) && self.job.policy != ConflictPolicy::Overwrite;
        let found = if is_wanted {
            let to = self.destination(WriteCondition::OnlyIfAbsent);
            let size_bytes = stamp.size_bytes;
            let written = Written::unread(crc64nvme, size_bytes, self.job.spec.opened);
            self.find_written(store, &to, written, Content::Unread { crc64nvme, size_bytes }).await?
        } else {
            Found::NotOurs
        };
        let told = match found {
            Found::Ours(finished) => Told { stored: finished.proven.stored, crc64nvme: Some(crc64nvme) },
            Found::Damaged(damage) => damage.told(),
            Found::NotOurs => return Ok(false),
        };
        // What the journal has of an upload in parts stays what it is.
        if self.kept.is_none() {
            let (job, etag, version_id) = (self.job.id, told.stored.etag.clone(), told.stored.version_id.clone());
            self.note(Change::Sending { job, crc64nvme, stamp });
            self.note(Change::Stored { job, etag, version_id });
        }
        (self.stored_before, self.unheard, self.in_the_way) = (Some(told), None, InTheWay::OwnOlder);
        Ok(true)
    }

    /// An object of ours, older or damaged, may be replaced unasked, and no other: time has passed since it was looked
    /// at, so that somebody else may have written the key. Then the write is one for a key that nothing stands under.
    pub(super) async fn keep_to_own_older(&mut self, store: &S3Store, to: &mut Destination) -> Result<(), Halt> {
        // Who chose to overwrite means whatever stands there.
        let is_in_doubt = self.in_the_way != InTheWay::Unknown && self.job.policy != ConflictPolicy::Overwrite;
        if is_in_doubt && !self.stands_told(store).await? {
            self.in_the_way = InTheWay::Unknown;
            to.condition = WriteCondition::OnlyIfAbsent;
        }
        Ok(())
    }

    /// What an upload in parts that is about to begin takes the place of: with its begin the journal forgets the rest.
    pub(super) fn in_place_of(&self) -> Option<Box<InPlaceOf>> {
        let Told { stored, crc64nvme } = self.stored_before.as_ref()?;
        let (etag, version_id) = (stored.etag.clone(), stored.version_id.clone());
        Some(Box::new(InPlaceOf { crc64nvme: *crc64nvme, etag, version_id }))
    }

    /// What stands under the key is what we wrote, and it is damaged.
    pub(super) fn note_damage(&mut self, damage: &Damage) {
        if damage.is_surely_ours() {
            self.in_the_way = InTheWay::OwnDamaged;
            self.stored_before = Some(damage.told());
        }
    }
}
