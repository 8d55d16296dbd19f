//! Making a planned change: only if everything is still as it was when the user agreed.

use std::time::Duration;

use jiff::Timestamp;

use super::plan::wanted;
use super::store::{Body, Record, Records};
use super::{about, refused, size_of};
use crate::engine::objects::boxed;
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::policy::{self, Closing, Opened, Opening};
use crate::model::{
    BucketName, Event, Failure, FailureKind, OpenWhat, Prefix, RequestId, SharingChange, SharingId, SharingPlan,
};
use crate::s3::{S3Error, S3Store};

/// So often a policy that was just written is read until it is what was written: settings of buckets arrive late.
const READINGS: u32 = 4;
/// Between two readings.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(400);

impl Tools {
    /// Makes a planned change. What is dropped half-way is written down, and can be taken back.
    pub(crate) async fn apply_sharing(self, request: RequestId, plan: Box<SharingPlan>) {
        let _turn = self.sharing.0.turn.lock().await;
        let result = self.apply(&plan).await.map(Box::new);
        // Whatever came of it, it may have changed who gets in.
        self.checks.forget_bucket(&plan.connection, &plan.bucket);
        self.sink.send(match result {
            Ok(change) => {
                tracing::info!(change = change.id.0, count = size_of(&change.what), "opened for anyone");
                Event::SharingApplied { request, result: Ok(change) }
            }
            Err(NotMade::No(failure)) => {
                tracing::info!(kind = ?failure.kind, "nothing was opened");
                Event::SharingApplied { request, result: Err(failure) }
            }
            Err(NotMade::Perhaps(change, failure)) => {
                tracing::warn!(change = change.id.0, kind = ?failure.kind, "something may have been opened");
                Event::SharingUnsure { request, change, failure }
            }
        });
    }

    async fn apply(&self, plan: &SharingPlan) -> Result<SharingChange, NotMade> {
        let session = self.sessions.get(&plan.connection).await?;
        match &plan.what {
            OpenWhat::Prefix(prefix) => self.apply_policy(&session, plan, prefix).await,
            OpenWhat::Objects(keys) => self.apply_acls(&session, plan, keys).await,
        }
    }

    async fn apply_policy(
        &self,
        session: &Session,
        plan: &SharingPlan,
        prefix: &Prefix,
    ) -> Result<SharingChange, NotMade> {
        let (store, bucket) = (&session.store, &plan.bucket);
        let Some(agreed) = &plan.statement else {
            return Err(refused(FailureKind::AlreadyPublic, bucket, "the policy opens it already").into());
        };
        let changed = || refused(FailureKind::PolicyChanged, bucket, "the policy is not what it was when it was shown");
        let before = store.bucket_policy(bucket).await.map_err(boxed)?;
        if !policy::means_the_same(before.as_deref(), plan.policy_before.as_deref()) {
            return Err(changed().into());
        }
        let opening = policy::open(before.as_deref(), &wanted(session, bucket, prefix).await);
        let opened = match opening.map_err(|problem| about(bucket, &problem))? {
            Opening::Add(opened) => opened,
            Opening::AlreadyOpen => {
                return Err(refused(FailureKind::AlreadyPublic, bucket, "the policy opens it already").into());
            }
        };
        // Only what was shown is written, whatever the plan says besides. The statement is compared letter by letter;
        // the rest of the policy may be laid out in another way by now, and mean the same.
        let is_what_was_shown = opened.statement == *agreed
            && policy::means_the_same(plan.policy_after.as_deref(), Some(opened.after.as_str()));
        if !is_what_was_shown {
            return Err(changed().into());
        }
        let body = Body::Policy {
            prefix: prefix.as_str().to_owned(),
            statement: opened.statement.clone(),
            before: before.clone(),
            after: opened.after.clone(),
        };
        let (id, change) = self.write_down(plan, plan.what.clone(), body).await?;
        let written = match self.is_still(store, bucket, before.as_deref()).await {
            Ok(()) => self.write_policy(store, bucket, before.as_deref(), &opened).await,
            Err(failure) => Err((failure, Made::No)),
        };
        match written {
            Ok(()) => Ok(change),
            Err((failure, Made::No)) => {
                self.sharing.with(move |records: &Records| records.forget(id)).await?;
                Err(failure.into())
            }
            Err((failure, Made::Perhaps)) => Err(NotMade::Perhaps(Box::new(change), failure)),
        }
    }

    /// Looks once more right before the write: a policy has no condition that would keep a write from replacing what
    /// somebody else has just put there, and writing the change down may have waited for the disk.
    async fn is_still(&self, store: &S3Store, bucket: &BucketName, before: Option<&str>) -> Result<(), Box<Failure>> {
        let now = store.bucket_policy(bucket).await.map_err(boxed)?;
        if policy::means_the_same(now.as_deref(), before) {
            return Ok(());
        }
        Err(refused(FailureKind::PolicyChanged, bucket, "the policy was changed while this change was written down"))
    }

    /// The change as it will be listed, written down before it is made.
    pub(super) async fn write_down(
        &self,
        plan: &SharingPlan,
        what: OpenWhat,
        body: Body,
    ) -> Result<(SharingId, SharingChange), Box<Failure>> {
        let record = Record {
            connection: plan.connection.clone(),
            bucket: plan.bucket.clone(),
            // As exactly as it is kept, so that the next run lists the very same change.
            made_at: Timestamp::from_millisecond(self.clock.now().as_millisecond()).unwrap_or_default(),
            undone_at: None,
            body,
        };
        let made_at = record.made_at;
        let id = self.sharing.with(move |records| records.add(&record)).await?;
        let (connection, bucket) = (plan.connection.clone(), plan.bucket.clone());
        Ok((id, SharingChange { id, connection, bucket, what, made_at, undone_at: None }))
    }

    async fn write_policy(
        &self,
        store: &S3Store,
        bucket: &BucketName,
        before: Option<&str>,
        opened: &Opened,
    ) -> Result<(), (Box<Failure>, Made)> {
        let answer = store.put_bucket_policy(bucket, &opened.to_send).await;
        if let Err(error) = &answer
            && is_refusal(error)
        {
            return Err((self.why_refused(store, bucket, error).await, Made::No));
        }
        let mut now = None;
        for reading in 0..READINGS {
            if reading > 0 {
                self.clock.sleep(READ_AGAIN_AFTER).await;
            }
            now = store.bucket_policy(bucket).await.ok();
            let stands = now.as_ref().is_some_and(|now| has_statement(now.as_deref(), opened, before));
            if stands {
                return Ok(());
            }
        }
        let is_as_before = now.is_some_and(|now| policy::means_the_same(now.as_deref(), before));
        match answer {
            Err(error) if is_as_before => Err((boxed(error), Made::No)),
            Err(error) => Err((boxed(error), Made::Perhaps)),
            Ok(()) => {
                let detail = "the server took the policy, and does not show it yet";
                Err((refused(FailureKind::ServerError, bucket, detail), Made::Perhaps))
            }
        }
    }

    /// Amazon does not always say that it was Block Public Access.
    async fn why_refused(&self, store: &S3Store, bucket: &BucketName, error: &S3Error) -> Box<Failure> {
        let failure = boxed(error.clone());
        if failure.kind != FailureKind::AccessDenied {
            return failure;
        }
        let switches = store.bucket_access(bucket).await.switches.unwrap_or_default();
        let is_blocked = switches.block_public_policy;
        if is_blocked { Box::new(Failure { kind: FailureKind::PublicAccessBlocked, ..*failure }) } else { failure }
    }
}

/// Why a change does not stand for sure.
#[derive(Debug)]
pub(super) enum NotMade {
    /// Nothing was changed.
    No(Box<Failure>),
    /// It, or a part of it, may have been made: it is written down, and can be taken back.
    Perhaps(Box<SharingChange>, Box<Failure>),
}

impl From<Box<Failure>> for NotMade {
    fn from(failure: Box<Failure>) -> Self {
        Self::No(failure)
    }
}

/// Whether the server may have done it.
enum Made {
    No,
    Perhaps,
}

/// The server has answered, and said no.
pub(super) fn is_refusal(error: &S3Error) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status) && status != 408)
}

fn has_statement(now: Option<&str>, opened: &Opened, before: Option<&str>) -> bool {
    let closing = policy::close(now, &opened.statement, before, &opened.after);
    matches!(closing, Ok(Closing::Put(_) | Closing::Delete))
}
