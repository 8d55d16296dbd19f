//! Taking a change back: exactly what was added goes, and what others have changed since stays.

use super::objects::{Opened, close_all};
use super::plan::wanted;
use super::store::{Body, Records};
use super::{about, refused};
use crate::engine::objects::boxed;
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::policy::{self, Closing};
use crate::model::{BucketName, Event, Failure, FailureKind, Notice, Prefix, RequestId, Severity, SharingId};

/// Something else still opens what was closed.
const NOTICE_STILL_OPEN: &str = "notice-sharing-still-open";
/// Which version was opened was not written down.
const NOTICE_OLDER_VERSIONS: &str = "notice-sharing-older-versions";

impl Tools {
    /// Takes a change back. Dropped half-way, it can be asked for again.
    pub(crate) async fn undo_sharing(self, request: RequestId, change: SharingId) {
        let _turn = self.sharing.0.turn.lock().await;
        let result = self.undo(change).await;
        self.sink.send(Event::SharingUndone { request, change, result });
    }

    async fn undo(&self, id: SharingId) -> Result<(), Box<Failure>> {
        let record = self.sharing.with(move |records: &Records| records.find(id)).await?;
        let record = record.ok_or_else(|| Box::new(Failure::new(FailureKind::Internal).detail("no such change")))?;
        if record.undone_at.is_some() {
            return Ok(());
        }
        let session = self.sessions.get(&record.connection).await?;
        let taken_back = self.take_back(&session, &record.bucket, record.body).await;
        // Whatever came of it, it may have changed who gets in.
        self.checks.forget_bucket(&record.connection, &record.bucket);
        taken_back?;
        let now = self.clock.now();
        self.sharing.with(move |records: &Records| records.note_undone(id, now)).await
    }

    async fn take_back(&self, session: &Session, bucket: &BucketName, body: Body) -> Result<(), Box<Failure>> {
        match body {
            Body::Policy { prefix, statement, before, after } => {
                let added = Added { statement, before, after };
                self.take_statement_out(session, bucket, &added).await?;
                self.tell_if_still_open(session, bucket, &prefix).await;
                Ok(())
            }
            Body::Acl { keys, versions } => {
                let closings = close_all(&session.store, bucket, Opened::of(keys, versions)).await;
                if closings.is_unsure {
                    let notice = Notice::message(Severity::Warning, NOTICE_OLDER_VERSIONS);
                    self.sink.notice(notice.with("bucket", bucket));
                }
                closings.failure.map_or(Ok(()), Err)
            }
        }
    }

    async fn take_statement_out(
        &self,
        session: &Session,
        bucket: &BucketName,
        added: &Added,
    ) -> Result<(), Box<Failure>> {
        let store = &session.store;
        let closing = |current: Option<&str>| {
            let closing = policy::close(current, &added.statement, added.before.as_deref(), &added.after);
            closing.map_err(|problem| about(bucket, &problem))
        };
        let current = store.bucket_policy(bucket).await.map_err(boxed)?;
        let without = match closing(current.as_deref())? {
            Closing::AlreadyGone => return Ok(()),
            Closing::Put(without) => Some(without),
            Closing::Delete => None,
        };
        let written = match &without {
            Some(without) => store.put_bucket_policy(bucket, without).await,
            None => store.delete_bucket_policy(bucket).await,
        };
        written.map_err(boxed)?;
        for _reading in 0..3 {
            let now = store.bucket_policy(bucket).await.map_err(boxed)?;
            if closing(now.as_deref())? == Closing::AlreadyGone {
                return Ok(());
            }
            self.clock.sleep(std::time::Duration::from_millis(400)).await;
        }
        let detail = "the server took the policy, and still shows the old one";
        Err(refused(FailureKind::ServerError, bucket, detail))
    }

    /// Taking our statement out closes nothing that another one opens.
    async fn tell_if_still_open(&self, session: &Session, bucket: &BucketName, prefix: &str) {
        let wanted = wanted(session, bucket, &Prefix::new(prefix)).await;
        let Ok(Some(now)) = session.store.bucket_policy(bucket).await else { return };
        if policy::is_open(&now, &wanted) {
            let notice = Notice::message(Severity::Warning, NOTICE_STILL_OPEN);
            self.sink.notice(notice.with("bucket", bucket).with("prefix", prefix));
        }
    }
}

/// What was done to a policy.
struct Added {
    statement: String,
    before: Option<String>,
    after: String,
}
