//! One part of a large file: read, hash, send, on whichever upload thread takes it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::big_part;
use super::buffers::{Grant, Share};
use super::control::{Control, Waited};
use super::mend::Mend;
use super::threads::ThreadContext;
use crate::engine::sessions::Session;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part};
use crate::s3::{Destination, PartBody, SentBytes, StoredPart, UploadId};

/// What a part needs besides its range; shared by all parts of a file.
#[derive(Debug)]
pub(crate) struct PartSource {
    pub(crate) session: Arc<Session>,
    pub(crate) source: Arc<SourceFile>,
    pub(crate) to: Destination,
    pub(crate) upload: UploadId,
    pub(crate) sent: SentBytes,
    pub(crate) control: Control,
}

/// One part to be sent. Dropping the receiver of its answer stops it.
#[derive(Debug)]
pub(crate) struct PartJob {
    source: Arc<PartSource>,
    part: Part,
    grant: Grant,
    answer: oneshot::Sender<Result<StoredPart, Failure>>,
}

/// Why a part did not arrive.
#[derive(Debug)]
pub(super) enum PartHalt {
    /// It was told to stop.
    Stopped,
    /// It failed for good.
    Failed(Failure),
}

/// Sends one part through the shared queue, as often as it takes. Dropping the future stops the part.
pub(super) async fn send_part(
    context: ThreadContext,
    source: Arc<PartSource>,
    part: Part,
) -> Result<StoredPart, PartHalt> {
    let mut backoff = context.backoff(&source.session.connection().id, &source.control);
    let len = big_part::memory_bytes(part);
    loop {
        let grant = context.shared.pool.grant(Share::Parts, len).await.ok_or(PartHalt::Stopped)?;
        let (answer, answered) = oneshot::channel();
        let job = PartJob { source: Arc::clone(&source), part, grant, answer };
        context.parts.send(job).await.map_err(|_closed| PartHalt::Stopped)?;
        let failure = match answered.await {
            Ok(Ok(stored)) => return Ok(stored),
            Ok(Err(failure)) => failure,
            Err(_dropped) => return Err(PartHalt::Stopped),
        };
        let Some(wait) = backoff.next(failure.kind) else { return Err(PartHalt::Failed(failure)) };
        backoff.tell_if_long(&failure);
        tracing::info!(part = part.number, kind = ?failure.kind, "a part is sent again");
        if backoff.wait(wait, &source.control).await == Waited::Stopped {
            return Err(PartHalt::Stopped);
        }
    }
}

/// Runs on the thread that took the job.
pub(super) async fn run_part(context: ThreadContext, job: PartJob) {
    let PartJob { source, part, grant, mut answer } = job;
    let result = tokio::select! {
        () = answer.closed() => return,
        result = read_and_send(&context, &source, part, grant) => result,
    };
    // The file's task has given up meanwhile.
    answer.send(result).ok();
}

async fn read_and_send(
    context: &ThreadContext,
    source: &PartSource,
    part: Part,
    grant: Grant,
) -> Result<StoredPart, Failure> {
    let store = context.store(&source.session, &source.control);
    if big_part::is_big(part) {
        let sent = big_part::send_big(source, &store, part).await;
        drop(grant);
        return sent;
    }
    let mut buffer = grant.buffer();
    let (_stamp, crc64nvme) = source.source.read_all(buffer.as_mut(), part.offset).await?;
    let bytes = buffer.freeze();
    let mut mend = Mend::new(&source.source, part, crc64nvme);
    loop {
        let body = PartBody { bytes: bytes.clone(), crc64nvme, sent: source.sent.clone() };
        match store.upload_part(&source.to, &source.upload, part.number, body).await {
            Err(error) if error.kind() == FailureKind::ChecksumMismatch => mend.again(error.to_failure()).await?,
            sent => return sent.map_err(|error| error.to_failure()),
        }
    }
}
