//! What an upload would do: the scan alone, without a queue and without asking the server.

use tokio::sync::mpsc::{self, Receiver};
use tokio_util::sync::CancellationToken;

use super::known::Known;
use super::plans::Plans;
use super::queue::NewTransfer;
use super::scan::{ScanRequest, Scanned};
use super::scanning::Whereabouts;
use super::sink::EventSink;
use super::tools::Tools;
use crate::model::{
    BatchId, Event, Location, ObjectKey, PlannedFile, PutOptions, RequestId, ScanProgress, UploadAccess,
};

/// Parts of the scan that may wait to be told.
const PARTS_WAITING: usize = 8;

impl Tools {
    /// Walks everything and tells each file's key, part by part. Of a public upload it keeps what was found. Stopped, it
    /// tells nothing more and keeps nothing, and waits for no disk or share that hangs.
    pub(crate) async fn plan_upload(
        self,
        request: RequestId,
        paths: Vec<std::path::PathBuf>,
        to: Location,
        options: Box<PutOptions>,
        stop: CancellationToken,
    ) {
        let (system_files, is_public) = (self.book.settings().system_files, options.access == UploadAccess::Public);
        let (exclude, gathered, at) = (options.exclude, options.gathered, Whereabouts::default());
        let walk = ScanRequest { batch: BatchId::next(), paths, to: to.prefix, system_files, gathered, exclude, at };
        let (found, parts) = mpsc::channel(PARTS_WAITING);
        let telling = Telling { request, is_public, sink: self.sink.clone(), plans: self.plans.clone() };
        let walking = self.scan(walk, found, stop.clone());
        telling.until_stopped(walking, parts, &stop).await;
    }
}

/// Who tells what a plan finds.
struct Telling {
    request: RequestId,
    is_public: bool,
    sink: EventSink,
    plans: Plans,
}

impl Telling {
    async fn until_stopped(
        &self,
        walking: impl Future<Output = ()>,
        parts: Receiver<Scanned>,
        stop: &CancellationToken,
    ) {
        let all = async { tokio::join!(walking, self.tell(parts, stop)) };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            ((), ()) = all => {}
        }
    }

    async fn tell(&self, mut parts: Receiver<Scanned>, stop: &CancellationToken) {
        let mut shown = Known::default();
        while let Some(part) = parts.recv().await {
            // Nobody may read what a command line says of a million files.
            self.sink.nearly_all_taken().await;
            if stop.is_cancelled() {
                return;
            }
            if self.is_public {
                let asked_about = part.questions.iter().map(|(_, file)| file);
                part.files.iter().chain(asked_about).for_each(|file| shown.add(&file.folder, &file.name));
            }
            if part.is_last && self.is_public {
                self.plans.keep(self.request, std::mem::take(&mut shown), stop);
            }
            self.sink.send(planned(self.request, part));
        }
    }
}

fn planned(request: RequestId, part: Scanned) -> Event {
    Event::UploadPlanned {
        request,
        files: part.files.iter().map(planned_file).collect(),
        skipped: part.skipped,
        questions: part.questions.into_iter().map(|(question, _)| question).collect(),
        progress: if part.is_last { ScanProgress::Complete } else { ScanProgress::Scanning },
    }
}

fn planned_file(file: &NewTransfer) -> PlannedFile {
    let key = match &file.key {
        Some(key) => ObjectKey::new(&**key),
        None => ObjectKey::new(format!("{}{}", file.folder.key_prefix, file.name.to_string_lossy())),
    };
    PlannedFile { path: file.folder.path.join(&file.name), key, bytes: file.size_bytes }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::task::Waker;

    use super::*;
    use crate::engine::sink;

    #[tokio::test]
    async fn stopping_ends_a_plan_whose_scan_hangs() {
        let (sink, events) = sink::channel(Waker::noop().clone(), usize::MAX);
        let telling = Telling { request: RequestId::next(), is_public: true, sink, plans: Plans::default() };
        let (scan, parts) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let mut plan = Box::pin(telling.until_stopped(pending(), parts, &stop));
        let (files, skipped, questions) = (Vec::new(), Vec::new(), Vec::new());
        scan.send(Scanned { batch: BatchId::next(), files, skipped, questions, is_last: false }).await.unwrap();
        assert!(futures_util::poll!(&mut plan).is_pending());
        assert!(matches!(events.drain()[..], [Event::UploadPlanned { progress: ScanProgress::Scanning, .. }]));
        stop.cancel();
        plan.await;
        assert!(events.drain().is_empty() && scan.is_closed(), "what it finds later, nobody takes");
    }
}
