//! What an upload writes down, what it gives up, and waiting for a file that somebody still writes.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;

use super::control::Waited;
use super::file::{Halt, Upload, UploadNews};
use super::kept::Leftover;
use crate::engine::far::Share;
use crate::engine::journal::{Change, SourceStamp};
use crate::engine::orphans::Why;
use crate::engine::queue::{Intent, Stage};
use crate::engine::source::{SourceFile, looks_the_same, stamp_at};
use crate::model::Failure;

/// A file that changes all the time is waited for so many times as long as it has to be quiet.
const MOST_WAITS: u32 = 12;

impl Upload {
    /// The wall clock.
    pub(super) fn now(&self) -> Timestamp {
        self.context.shared.patience.clock.now()
    }

    /// Writes a change down; nobody waits for it.
    pub(super) fn note(&self, change: Change) {
        self.context.shared.journal.note(change);
    }

    /// Writes a change down and waits until it is durable, or until told to stop; it is written in either case.
    pub(super) async fn durable(&self, change: Change) -> Result<(), Halt> {
        let written = self.context.shared.journal.commit(change);
        tokio::select! {
            () = self.control.stopped() => Err(Halt::Stopped),
            () = written => Ok(()),
        }
    }

    /// Gives the unfinished upload up, if there is one.
    pub(super) async fn discard_kept(&mut self, why: Why) {
        let Some(left) = self.kept.take().as_ref().map(Leftover::from) else { return };
        let orphans = &self.context.shared.orphans;
        match self.store.clone() {
            Some(store) => orphans.discard(&store, left, why).await,
            // Its connection did not open: the next start tries.
            None => orphans.write_down(left, why).await,
        }
    }

    /// Nothing that was sent counts any more.
    pub(super) async fn start_over(&mut self, why: Why) {
        let was_in_parts = self.kept.is_some();
        self.discard_kept(why).await;
        self.sent.begin_anew();
        if !was_in_parts && (self.stored_before.is_some() || self.unheard.is_some()) {
            // What the journal has of the object that one PUT has stored, or may have, stays: it is ours, and goes with
            // the next one.
            return;
        }
        self.note(Change::RestartUpload { job: self.job.id });
        // The intent is taken back with everything else: the next PUT needs one of its own.
        self.job.intent = Intent::Missing;
    }

    /// Opens the source, on its share's threads if it is on one.
    pub(super) async fn open_source(&self) -> Result<Arc<SourceFile>, Halt> {
        let (shared, path) = (&self.context.shared, &self.job.path);
        let Some(share) = self.share() else { return Ok(Arc::new(shared.devices.open(path)?)) };
        let (devices, path, on) = (shared.devices.clone(), path.clone(), share.clone());
        let opening = share.ask(move || match devices.open(&path) {
            Ok(source) => Ok(source.on(on)),
            Err(failure) => Err(on.owns_missing(failure)),
        });
        self.unless_stopped(opening).await.map(Arc::new)
    }

    /// The stamp of whatever stands where the source was.
    async fn stamp_now(&self) -> Result<Option<SourceStamp>, Halt> {
        let path = self.job.path.clone();
        match self.share() {
            None => Ok(stamp_at(&path)),
            Some(share) => self.unless_stopped(share.ask(move || Ok(stamp_at(&path)))).await,
        }
    }

    fn share(&self) -> Option<Share> {
        let path = &self.job.path;
        self.context.shared.far.share_of(path.parent().unwrap_or(path))
    }

    /// Work that is dropped once this upload has to stop, also if its share never answers.
    pub(super) async fn unless_stopped<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Halt> {
        self.control.unless_stopped(work).await.ok_or(Halt::Stopped)?.map_err(Halt::Failed)
    }

    /// Waits until the source has not changed for a while; gives up on one that never rests.
    pub(super) async fn wait_until_quiet(&mut self, failure: Failure) -> Result<(), Halt> {
        self.tell(UploadNews::Stage(Stage::Checking));
        let mut before = self.stamp_now().await?;
        for _wait in 0..MOST_WAITS {
            let quiet_for = self.context.shared.quiet_for;
            if self.backoff().wait(quiet_for, &self.control).await == Waited::Stopped {
                return Err(Halt::Stopped);
            }
            let now = self.stamp_now().await?;
            match (&before, &now) {
                (Some(before), Some(now)) if looks_the_same(before, now) => return Ok(()),
                // Opening it will tell what is wrong.
                (_, None) => return Ok(()),
                _ => before = now,
            }
        }
        Err(Halt::Failed(failure))
    }
}
