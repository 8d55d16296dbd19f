//! What an upload would do: the scan alone, without a queue and without asking the server.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::known::Known;
use super::queue::NewTransfer;
use super::scan::{ScanRequest, Scanned, scan};
use super::scanning::Whereabouts;
use super::tools::Tools;
use crate::model::{
    BatchId, Event, Location, ObjectKey, PlannedFile, PutOptions, RequestId, ScanProgress, UploadAccess,
};

/// Parts of the scan that may wait to be told.
const PARTS_WAITING: usize = 8;

impl Tools {
    /// Walks everything and tells each file's key, part by part. Of a public upload it keeps what was found. Stopped, it
    /// tells nothing more and keeps nothing.
    pub(crate) async fn plan_upload(
        self,
        request: RequestId,
        paths: Vec<std::path::PathBuf>,
        to: Location,
        options: Box<PutOptions>,
        stop: CancellationToken,
    ) {
        let (system_files, is_public) = (self.book.settings().system_files, options.access == UploadAccess::Public);
        let (exclude, at) = (options.exclude, Whereabouts::default());
        let walk = ScanRequest { batch: BatchId::next(), paths, to: to.prefix, system_files, exclude, at };
        let (found, mut parts) = mpsc::channel(PARTS_WAITING);
        let until = stop.clone();
        let walking = tokio::task::spawn_blocking(move || scan(walk, &found, &until));
        let mut shown = Known::default();
        while let Some(part) = parts.recv().await {
            // Nobody may read what a command line says of a million files.
            let is_wanted = tokio::select! {
                biased;
                () = stop.cancelled() => false,
                () = self.sink.nearly_all_taken() => true,
            };
            if !is_wanted {
                return;
            }
            if is_public {
                let asked_about = part.questions.iter().map(|(_, file)| file);
                part.files.iter().chain(asked_about).for_each(|file| shown.add(&file.folder, &file.name));
            }
            if part.is_last && is_public {
                self.plans.keep(request, std::mem::take(&mut shown), &stop);
            }
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
