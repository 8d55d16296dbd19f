//! `If-None-Match: *` on writes: which services do what it says. Some accept it and overwrite all the same, so where
//! it is not known each small write looks first. It becomes known by a refusal, or by the diagnosis that the user starts.
//! Nothing is tried by itself: a service that ignores the condition would take any write for meant, and one that writes in
//! place (`rclone serve s3`) has overwritten the object with the head of a write already, and removes it when no body comes.

use super::complete::{Look, Looked};
use super::learnt::Lesson;
use super::{Destination, Grouping, S3Error, S3Store, WriteCondition};
use crate::model::FailureKind;

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

    /// The same; the first one alone, since its answer may say whose service it is, and then nobody else has to look. Gives
    /// what is to be asked again if the write has to wait.
    pub(super) async fn look_in_turn(&self, to: &Destination) -> Result<Look, S3Error> {
        let (learnt, looked) = (self.learnt(), Looked::now());
        if learnt.has_looked.get() {
            return self.look_first(to).await.map(|()| Look::Unless(Some(looked)));
        }
        // One that hangs does not hold the others up for long.
        let turn = tokio::time::timeout(LONGEST_TURN, learnt.first_look.lock()).await.ok();
        let looked = Looked::now();
        let found = if self.has_to_look(to.condition) {
            self.look_first(to).await.map(|()| Look::Unless(Some(looked)))
        } else {
            Ok(Look::No)
        };
        learnt.has_looked.note();
        drop(turn);
        found
    }

    /// Whether a refusal may be about `If-None-Match` itself: services say that they do not know something, and not
    /// always what. Whether it was about that shows when the same is sent without.
    pub(super) fn condition_may_be_refused(error: &S3Error, sent: WriteCondition) -> bool {
        // The names under which a request's own ids stand in the detail say nothing.
        let detail = error.detail().to_ascii_lowercase().replace("x-amz-request-id", "").replace("x-amz-id-2", "");
        let names_another = detail.contains("x-amz-") && !detail.contains("if-none-match");
        sent == WriteCondition::OnlyIfAbsent
            && (error.status() == Some(501) || error.code() == Some("NotImplemented"))
            && !names_another
    }

    /// The same of a write that has just worked without: only what the service itself says counts, not a gateway that
    /// does not know the whole method.
    pub(super) fn condition_is_refused(error: &S3Error, sent: WriteCondition) -> bool {
        error.code().is_some() && Self::condition_may_be_refused(error, sent)
    }

    /// A write was refused; if that was for the condition that went with it, the service heeds it.
    pub(super) fn note_condition_held(&self, error: &S3Error, sent: WriteCondition) {
        if is_for_condition(error, sent) {
            self.learnt().note_known(Lesson::HonoursConditions, true, self.now_secs());
        }
    }
}

/// Whether a refusal is the service's own word that the condition which was sent did not hold. Gateways say 412, too.
pub(super) fn is_for_condition(error: &S3Error, sent: WriteCondition) -> bool {
    let says_so = error.status() == Some(412) && error.code() == Some("PreconditionFailed");
    sent == WriteCondition::OnlyIfAbsent && says_so
}
