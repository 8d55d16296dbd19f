//! A receipt held against the bucket: by HEAD, or by fetching every object.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::form;
use crate::engine::tools::{Pace, Tools};
use crate::model::{
    CheckedRow, ConnectionId, Event, Failure, FailureKind, ObjectMetadata, ReceiptCounts, ReceiptFormat, ReceiptRow,
    ReceiptVerdict, RequestId, VerifyWish,
};
use crate::platform::open_file;
use crate::s3::{Grouping, Judgement, S3Store, SentContent, checksum};

/// Objects looked at at a time.
const LOOKS_AT_ONCE: usize = 16;
/// Objects fetched at a time.
const FETCHES_AT_ONCE: usize = 4;
/// Between interim events.
const PACE: Duration = Duration::from_millis(250);
/// Most rows of one event.
const MOST_ROWS_TOLD: usize = 1_000;

impl Tools {
    /// Checks a receipt row by row and tells how it goes. Ends early once `stop` says so.
    pub(crate) async fn check_receipt(
        self,
        request: RequestId,
        path: PathBuf,
        connection: Option<ConnectionId>,
        verify: VerifyWish,
        stop: CancellationToken,
    ) {
        let mut told = Told { counts: ReceiptCounts::default(), rows: Vec::new() };
        let result = tokio::select! {
            () = stop.cancelled() => Err(Failure::new(FailureKind::Cancelled)),
            result = self.check_rows(request, &path, connection, verify, &mut told) => result,
        };
        let Told { counts, rows } = told;
        self.sink.send(Event::ReceiptChecked { request, rows, counts, end: Some(result.map_err(Box::new)) });
    }

    async fn check_rows(
        &self,
        request: RequestId,
        path: &Path,
        connection: Option<ConnectionId>,
        verify: VerifyWish,
        told: &mut Told,
    ) -> Result<(), Failure> {
        let (rows, reading) = start_reading(path.to_owned());
        let at_once = if verify == VerifyWish::ReadBack { FETCHES_AT_ONCE } else { LOOKS_AT_ONCE };
        let rows = futures_util::stream::unfold(rows, |mut rows| async move { Some((rows.recv().await?, rows)) });
        let checks = rows.map(|row| self.check_row(row, connection.as_ref(), verify)).buffered(at_once);
        let mut checks = std::pin::pin!(checks);
        let mut pace = Pace::new(std::sync::Arc::clone(&self.clock), PACE);
        while let Some(row) = checks.next().await {
            told.counts.add(row.verdict);
            told.rows.push(row);
            if told.rows.len() >= MOST_ROWS_TOLD || pace.is_due() {
                let rows = std::mem::take(&mut told.rows);
                self.sink.send(Event::ReceiptChecked { request, rows, counts: told.counts, end: None });
            }
        }
        let read = reading.await.map_err(|error| Failure::new(FailureKind::Internal).detail(error))?;
        read.map_err(|failure| failure.with("path", path.display()))
    }

    async fn check_row(&self, row: ReceiptRow, connection: Option<&ConnectionId>, verify: VerifyWish) -> CheckedRow {
        let own = self.own_connection(&row.connection);
        let (verdict, why) = match self.sessions.get(connection.unwrap_or(&own)).await {
            Err(failure) => (ReceiptVerdict::Unknown, Some(*failure)),
            Ok(session) if verify == VerifyWish::ReadBack => fetch(&session.store, &row).await,
            Ok(session) => look(&session.store, &row).await,
        };
        CheckedRow { bucket: row.bucket, key: row.key, verdict, why }
    }

    /// The connection of a row. One that an earlier command's options described is not known any more; where this command
    /// has one as well, that one stands for it.
    fn own_connection(&self, of_row: &ConnectionId) -> ConnectionId {
        if !of_row.is_from_command_line() || self.book.find(of_row).is_ok() {
            return of_row.clone();
        }
        self.book.of_command_line().unwrap_or_else(|| of_row.clone())
    }
}

/// What was found and is still to be told.
struct Told {
    counts: ReceiptCounts,
    rows: Vec<CheckedRow>,
}

/// Reads on a blocking thread, no faster than rows are checked.
fn start_reading(path: PathBuf) -> (mpsc::Receiver<ReceiptRow>, tokio::task::JoinHandle<Result<(), Failure>>) {
    let (found, rows) = mpsc::channel(256);
    let reading = tokio::task::spawn_blocking(move || {
        let file = open_file(&path).map_err(|error| {
            let is_missing = error.kind() == std::io::ErrorKind::NotFound;
            let kind = if is_missing { FailureKind::ReceiptMissing } else { FailureKind::SourceUnreadable };
            Failure::new(kind).detail(error)
        })?;
        // Nobody listens any more once the check was stopped.
        let read = form::read(file, ReceiptFormat::of_path(&path), |row| found.blocking_send(row).is_ok());
        read.map_err(|problem| Failure::new(FailureKind::NotAReceipt).detail(problem))
    });
    (rows, reading)
}

async fn look(store: &S3Store, row: &ReceiptRow) -> (ReceiptVerdict, Option<Failure>) {
    match store.head_object(&row.bucket, &row.key).await {
        Ok(found) => {
            let verdict = compare(row, &found);
            (
                verdict,
                (verdict == ReceiptVerdict::Unknown)
                    .then(|| Failure::new(FailureKind::Unverified).with("key", &row.key)),
            )
        }
        Err(error) if error.kind() == FailureKind::NoSuchKey => gone(store, row).await,
        Err(error) => (ReceiptVerdict::Unknown, Some(error.to_failure())),
    }
}

/// A HEAD's 404 has no words: without the bucket, nothing is known of the object.
async fn gone(store: &S3Store, row: &ReceiptRow) -> (ReceiptVerdict, Option<Failure>) {
    match store.list_objects(&row.bucket, row.key.as_str(), Grouping::Flat, None, 1).await {
        Err(error) if error.kind() == FailureKind::NoSuchBucket => (ReceiptVerdict::Unknown, Some(error.to_failure())),
        _ => (ReceiptVerdict::Gone, None),
    }
}

/// What a HEAD says to a row: the size first, then the checksum, then the version, last the entity tag.
fn compare(row: &ReceiptRow, found: &ObjectMetadata) -> ReceiptVerdict {
    let verdict = |is_same: bool| if is_same { ReceiptVerdict::Same } else { ReceiptVerdict::Changed };
    if found.size_bytes.is_some_and(|size| size != row.size_bytes) {
        return ReceiptVerdict::Changed;
    }
    let kind = |checksum: &str| checksum.split_once(':').map(|(kind, value)| (kind.to_owned(), value.contains('-')));
    match (&row.checksum, &found.checksum) {
        (Some(ours), Some(theirs)) if kind(ours) == kind(theirs) => return verdict(ours == theirs),
        _ => {}
    }
    // A version never changes; another one may hold the same bytes. `null` is written anew each time.
    if row.version_id.as_deref().is_some_and(|version| version != "null") && row.version_id == found.version_id {
        return ReceiptVerdict::Same;
    }
    match (&row.etag, &found.etag) {
        (Some(ours), Some(theirs)) => verdict(ours == theirs),
        _ => ReceiptVerdict::Unknown,
    }
}

async fn fetch(store: &S3Store, row: &ReceiptRow) -> (ReceiptVerdict, Option<Failure>) {
    let Some(crc64nvme) = row.checksum.as_deref().and_then(checksum::from_text) else {
        let why = Failure::new(FailureKind::ReceiptIncomplete).with("key", &row.key);
        return (ReceiptVerdict::Unknown, Some(why.detail("the receipt has no CRC64NVME for it")));
    };
    let sent = SentContent { crc64nvme, size_bytes: row.size_bytes, bytes: None };
    match store.read_back(&row.bucket, &row.key, None, &sent).await {
        Ok(Judgement::Same) => (ReceiptVerdict::Same, None),
        Ok(_) => (ReceiptVerdict::Changed, None),
        Err(error) if error.kind() == FailureKind::NoSuchKey => (ReceiptVerdict::Gone, None),
        Err(error) => (ReceiptVerdict::Unknown, Some(error.to_failure())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ObjectKey, Verified};

    fn row() -> ReceiptRow {
        ReceiptRow {
            path: "p".to_owned(),
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            key: ObjectKey::new("k"),
            size_bytes: 5,
            checksum: Some("CRC64NVME:a=".to_owned()),
            etag: Some("e".to_owned()),
            version_id: Some("v".to_owned()),
            level: Verified::Accepted,
            link: None,
            time: None,
        }
    }

    fn found(size: u64, checksum: Option<&str>, version: Option<&str>, etag: Option<&str>) -> ObjectMetadata {
        ObjectMetadata {
            size_bytes: Some(size),
            checksum: checksum.map(str::to_owned),
            version_id: version.map(str::to_owned),
            etag: etag.map(str::to_owned),
            ..ObjectMetadata::default()
        }
    }

    #[test]
    fn the_strongest_evidence_decides() {
        use ReceiptVerdict::{Changed, Same, Unknown};
        let cases = [
            (found(6, Some("CRC64NVME:a="), Some("v"), Some("e")), Changed),
            (found(5, Some("CRC64NVME:a="), Some("v2"), Some("e2")), Same),
            (found(5, Some("CRC64NVME:b="), Some("v"), Some("e")), Changed),
            (found(5, Some("CRC32:b="), Some("v"), Some("e2")), Same),
            (found(5, Some("CRC64NVME:b=-2"), None, Some("e")), Same),
            (found(5, None, None, Some("e2")), Changed),
            (found(5, None, None, None), Unknown),
        ];
        for (found, expected) in cases {
            assert_eq!(compare(&row(), &found), expected, "{found:?}");
        }
        // The version of a bucket that keeps none is called so whatever is written.
        let null = ReceiptRow { version_id: Some("null".to_owned()), ..row() };
        assert_eq!(compare(&null, &self::found(5, None, Some("null"), Some("e2"))), Changed);
        assert_eq!(compare(&null, &self::found(5, None, Some("null"), Some("e"))), Same);
    }
}
