//! What an upload would do: the scan alone, without a queue and without asking the server.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::queue::NewTransfer;
use super::scan::{ScanRequest, Scanned, scan};
use super::tools::Tools;
use crate::model::{BatchId, Event, Location, ObjectKey, PlannedFile, PutOptions, RequestId, ScanProgress};

/// Parts of the scan that may wait to be told.
const PARTS_WAITING: usize = 8;

impl Tools {
    /// Walks everything and tells each file's key, part by part.
    pub(crate) async fn plan_upload(
        self,
        request: RequestId,
        paths: Vec<std::path::PathBuf>,
        to: Location,
        options: Box<PutOptions>,
    ) {
        let system_files = self.book.settings().system_files;
        let walk = ScanRequest { batch: BatchId::next(), paths, to: to.prefix, system_files, exclude: options.exclude };
        let (found, mut parts) = mpsc::channel(PARTS_WAITING);
        let walking = tokio::task::spawn_blocking(move || scan(walk, &found, &CancellationToken::new()));
        while let Some(part) = parts.recv().await {
            self.sink.send(planned(request, part));
        }
        if let Err(error) = walking.await {
            tracing::error!(%error, "a scan has died");
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
