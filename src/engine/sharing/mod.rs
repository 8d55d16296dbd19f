//! Opening things for anyone, taking that back, and addresses that take one upload.
//!
//! Nothing opens but by a plan that somebody has seen: a plan is worked out against what stands on the server, and
//! refused when that has changed since. What is about to be done is written down before it is done, so that it can be
//! taken back whatever happens to the process. Only a bucket's policy and objects' access control lists are touched,
//! never the settings of an account, nor Block Public Access or ownership of a bucket.

mod apply;
mod look;
mod objects;
mod plan;
mod sign;
mod store;
#[cfg(test)]
mod store_tests;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use store::{Records, StoreError};

use super::sink::EventSink;
use super::tools::Tools;
use crate::model::{Failure, FailureKind, Notice, OpenWhat, Severity, SharingChange, policy};

/// What was opened could not be read, and a new list was begun.
const NOTICE_DAMAGED: &str = "notice-sharing-damaged";
/// Some changes could not be read; the others are there.
const NOTICE_UNREADABLE: &str = "notice-sharing-unreadable";

/// What was opened, on disk; and the right to change it, one at a time. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Sharing(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    records: Records,
    sink: EventSink,
    turn: Mutex<()>,
}

impl Sharing {
    /// Nothing is opened or made yet; the file is, with the first change.
    /// That a damaged file was put aside is told to `sink`.
    pub(crate) fn new(file: PathBuf, sink: EventSink) -> Self {
        Self(Arc::new(Inner { records: Records::new(file), sink, turn: Mutex::default() }))
    }

    /// Every change that was made, the newest first.
    pub(crate) async fn changes(&self) -> Result<Vec<SharingChange>, Box<Failure>> {
        self.with(Records::changes).await
    }

    /// Works with the file where waiting is allowed.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Box<Failure>> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&inner.records);
            if let Some(aside) = inner.records.take_aside() {
                inner.sink.notice(Notice::message(Severity::Warning, NOTICE_DAMAGED).with("path", aside.display()));
            }
            let unreadable = inner.records.take_unreadable();
            if unreadable > 0 {
                let notice = Notice::message(Severity::Warning, NOTICE_UNREADABLE).with("count", unreadable);
                inner.sink.notice(notice.with("path", inner.records.path().display()));
            }
            result
        });
        let done = done.await;
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "what was opened cannot be written down or read");
                Err(Box::new(Failure::new(FailureKind::SharingUnwritable).detail(error)))
            }
            Err(error) => Err(Box::new(Failure::new(FailureKind::Internal).detail(error))),
        }
    }
}

impl Tools {
    /// Changes that were made, for the history; the newest first. What cannot be read is told.
    pub(crate) async fn changes_made(&self) -> Vec<SharingChange> {
        match self.sharing.changes().await {
            Ok(changes) => changes,
            Err(failure) => {
                self.sink.notice_failure(*failure);
                Vec::new()
            }
        }
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "results carry boxed failures")]
fn refused(kind: FailureKind, bucket: &crate::model::BucketName, detail: &str) -> Box<Failure> {
    Box::new(Failure::new(kind).with("bucket", bucket).detail(detail))
}

#[expect(clippy::unnecessary_box_returns, reason = "results carry boxed failures")]
fn about(bucket: &crate::model::BucketName, problem: &policy::PolicyProblem) -> Box<Failure> {
    Box::new(problem.to_failure().with("bucket", bucket))
}

/// How many things an opening is about, for the log.
fn size_of(what: &OpenWhat) -> usize {
    match what {
        OpenWhat::Prefix(_) => 1,
        OpenWhat::Objects(keys) => keys.len(),
    }
}
