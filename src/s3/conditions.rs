//! `If-None-Match: *` on writes: which services do what it says. Some accept it and overwrite all the same, so where
//! it is not known each small write looks first; found out once for each endpoint.

use super::body::CallProgress;
use super::learnt::{ChecksumMode, Lesson};
use super::{Destination, Grouping, PartBody, S3Error, S3Store, SentBytes, Stored, WriteCondition};
use crate::model::{FailureKind, Service};

/// No larger body is sent a second time to find out.
const MOST_TO_REPEAT: usize = 1024 * 1024;
/// Longest wait for another write that looks.
const LONGEST_TURN: std::time::Duration = std::time::Duration::from_secs(5);

/// A refusal without a word; the write itself will say why.
fn says_nothing(error: &S3Error) -> bool {
    error.status() == Some(400) && error.code().is_none()
}

impl S3Store {
    /// Whether the service is known to overwrite in spite of `If-None-Match: *`.
    pub(super) fn ignores_conditions(&self) -> bool {
        self.learnt().refuses_conditions.get()
            || self.learnt().known(Lesson::HonoursConditions, self.now_secs()) == Some(false)
    }

    /// Whether `If-None-Match: *` is known to leave an object alone that is there.
    fn honours_conditions(&self) -> bool {
        self.is_known_service()
            || self.learnt().is_named_verifier.get()
            || self.learnt().known(Lesson::HonoursConditions, self.now_secs()) == Some(true)
    }

    /// Whether a second write of the same may leave a further version that no answer tells of: Google calls them
    /// generations, and keeps deleted ones for a week besides.
    fn may_keep_untold_versions(&self) -> bool {
        let host = self.host();
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _port)| name);
        self.connection().service == Service::GoogleCloud || name.ends_with("storage.googleapis.com")
    }

    /// Whether a write has to look first, beside its condition.
    pub(super) fn has_to_look(&self, condition: WriteCondition) -> bool {
        condition == WriteCondition::OnlyIfAbsent && !self.honours_conditions()
    }

    /// Fails with [`FailureKind::AlreadyExists`] if the key is taken; a key that may write but not look goes by the
    /// condition alone.
    pub(super) async fn look_first(&self, to: &Destination) -> Result<(), S3Error> {
        let mut looked = self.refuse_existing(to).await;
        if looked.as_ref().is_err_and(says_nothing) {
            // The answer to a HEAD has no words, such as the right region; one that has teaches it.
            self.list_objects(&to.bucket, to.key.as_str(), Grouping::Flat, None, 1).await.ok();
            looked = self.refuse_existing(to).await;
        }
        match looked {
            Err(error) if error.kind() == FailureKind::AccessDenied || says_nothing(&error) => Ok(()),
            looked => looked,
        }
    }

    /// The same; the first one alone, since its answer may say whose service it is, and then nobody else has to look.
    pub(super) async fn look_in_turn(&self, to: &Destination) -> Result<(), S3Error> {
        let learnt = self.learnt();
        if learnt.has_looked.get() {
            return self.look_first(to).await;
        }
        // One that hangs does not hold the others up for long.
        let turn = tokio::time::timeout(LONGEST_TURN, learnt.first_look.lock()).await.ok();
        let looked = if self.has_to_look(to.condition) { self.look_first(to).await } else { Ok(()) };
        learnt.has_looked.note();
        drop(turn);
        looked
    }

    /// A write under a condition was refused for it.
    pub(super) fn note_condition_held(&self, error: &S3Error) {
        if error.status() == Some(412) {
            self.learnt().note_known(Lesson::HonoursConditions, true, self.now_secs());
        }
    }

    /// The object was just stored by us, and nobody keeps versions of it: the very same write once more has to be
    /// refused, and changes nothing if it is not. Once in a run. Where it is not refused, somebody who wrote the key in
    /// between is overwritten: as short a moment as between each look and its write, which is all that such a service
    /// offers.
    pub(super) async fn learn_condition(&self, to: &Destination, body: &PartBody, stored: &Stored) {
        let is_harmless = stored.version_id.is_none() && !self.may_keep_untold_versions();
        if !is_harmless || body.bytes.len() > MOST_TO_REPEAT || self.learnt().condition_tried.take() {
            return;
        }
        let mode = self.learnt().proven_checksum(self.now_secs()).unwrap_or(ChecksumMode::Crc64Nvme);
        let progress = CallProgress::new(SentBytes::new());
        match self.put_once(to, body, &progress, mode).await {
            Ok(_stored_again) => self.learnt().note_known(Lesson::HonoursConditions, false, self.now_secs()),
            Err(error) => self.note_condition_held(&error),
        }
    }
}
