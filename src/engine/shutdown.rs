//! Leaving: owners are told to stop, what they have done is written down, then storage and journal close. Nothing is
//! aborted: the next start goes on with it.

use std::time::Duration;

use super::actor::{Actor, Inbox};
use super::journal::Change;
use super::queue::StopReason;
use crate::model::Event;

/// For owners to stop and for their ends to be durable.
const LIMIT: Duration = Duration::from_secs(2);
/// For the embedded storage to finish what it has begun.
const STORAGE_LIMIT: Duration = Duration::from_secs(1);
/// For the journal to be written out.
const JOURNAL_LIMIT: Duration = Duration::from_secs(1);

impl Actor {
    /// Ends everything, within about [`LIMIT`]; what takes longer is dropped.
    pub(super) async fn leave(mut self, mut inbox: Inbox) {
        if let Some(listing) = self.listing.take() {
            listing.abort();
        }
        for (stop, _task) in std::mem::take(&mut self.stoppable).into_values() {
            stop.cancel();
        }
        // Paused, not cancelled: an upload that is just being completed is let through. The queue is not told: what
        // runs now runs again at the next start.
        // Without a journal nobody would ever know of them again: then they are aborted, as far as time allows.
        let reason = if self.journal.keeps() { StopReason::Pause } else { StopReason::Cancel };
        for running in self.running.values() {
            running.control.stop(reason);
        }
        for info in self.batches.values() {
            info.stop();
        }
        self.refuse_handed();
        for job in self.queue.void_intents() {
            self.journal.note(Change::RestartUpload { job });
        }
        if tokio::time::timeout(LIMIT, self.owners_end(&mut inbox)).await.is_err() {
            tracing::warn!("some transfers did not stop in time");
        }
        self.upload_threads.stop();
        let threads = self.upload_threads.take_threads();
        if tokio::time::timeout(STORAGE_LIMIT, self.tools.local.stop()).await.is_err() {
            tracing::warn!("the storage on this computer did not close in time");
        }
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        if tokio::time::timeout(STORAGE_LIMIT, joined).await.is_err() {
            tracing::warn!("an upload thread did not end in time");
        }
        // Last: everything above may still write.
        let history = tokio::time::timeout(JOURNAL_LIMIT, self.tools.history.flush());
        let journal = tokio::time::timeout(JOURNAL_LIMIT, self.journal.close());
        let (history, journal) = tokio::join!(history, journal);
        if history.is_err() {
            tracing::warn!("the history of links was not written in time");
        }
        if journal.is_err() {
            tracing::warn!("the journal did not close in time; it loses nothing by that");
        }
        self.tools.sink.send(Event::ShutdownComplete);
    }

    async fn owners_end(&mut self, inbox: &mut Inbox) {
        while self.queue.has_owners() || self.queue.is_recording() {
            tokio::select! {
                Some(id) = inbox.recorded.recv() => self.take_recorded(id),
                Some((id, news)) = inbox.uploads.recv() => self.take_upload_news(id, news),
                Some((id, news)) = inbox.downloads.recv() => {
                    self.take_download_news(id, news);
                }
                else => break,
            };
            self.report_finished_batches();
        }
    }
}
