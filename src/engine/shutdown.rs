//! Leaving: owners are told to stop, unfinished multipart uploads are aborted, then the storage closes.

use std::time::Duration;

use futures_util::future::join_all;

use super::actor::{Actor, Inbox};
use super::upload::abort;
use crate::model::{Event, Selection, TransferAction};

/// For owners to stop and for aborts to be answered, together.
const LIMIT: Duration = Duration::from_secs(2);
/// For the embedded storage to finish what it has begun.
const STORAGE_LIMIT: Duration = Duration::from_secs(1);

impl Actor {
    /// Ends everything, within about [`LIMIT`]; what takes longer is dropped.
    pub(super) async fn leave(mut self, mut inbox: Inbox) {
        let begin = self.tools.clock.elapsed();
        if let Some(listing) = self.listing.take() {
            listing.abort();
        }
        for (stop, _task) in std::mem::take(&mut self.stoppable).into_values() {
            stop.cancel();
        }
        // Paused, not cancelled: an upload that is just being completed is let through.
        self.act(&Selection::All, TransferAction::Pause);
        for info in self.batches.values() {
            info.stop();
        }
        if tokio::time::timeout(LIMIT, self.owners_end(&mut inbox)).await.is_err() {
            tracing::warn!("some transfers did not stop in time");
        }
        let left = LIMIT.saturating_sub(self.tools.clock.elapsed().saturating_sub(begin));
        self.abort_all(left.max(Duration::from_millis(200))).await;
        self.upload_threads.stop();
        let threads = self.upload_threads.take_threads();
        if tokio::time::timeout(STORAGE_LIMIT, self.tools.local.stop()).await.is_err() {
            tracing::warn!("the storage on this computer did not close in time");
        }
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        if tokio::time::timeout(STORAGE_LIMIT, joined).await.is_err() {
            tracing::warn!("an upload thread did not end in time");
        }
        self.tools.sink.send(Event::ShutdownComplete);
    }

    async fn owners_end(&mut self, inbox: &mut Inbox) {
        while self.queue.has_owners() {
            tokio::select! {
                Some((id, news)) = inbox.uploads.recv() => self.take_upload_news(id, news),
                Some((id, news)) = inbox.downloads.recv() => self.take_download_news(id, news),
            };
            self.report_finished_batches();
        }
    }

    /// Aborts what is left on servers: no later run would know of it.
    async fn abort_all(&mut self, limit: Duration) {
        let kept = std::mem::take(&mut self.kept);
        let aborts = kept.into_values().map(|kept| {
            let sessions = self.tools.sessions.clone();
            async move {
                let Ok(session) = sessions.get(&kept.connection).await else { return };
                if let Err(error) = abort(&session.store, &kept, limit).await {
                    tracing::warn!(kind = ?error.kind(), "an unfinished multipart upload stays on the server");
                }
            }
        });
        let aborts: Vec<_> = aborts.collect();
        if tokio::time::timeout(limit, join_all(aborts)).await.is_err() {
            tracing::warn!("unfinished multipart uploads stay on the server");
        }
    }
}
