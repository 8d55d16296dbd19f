//! Takes in a request body: to a blob, in order, hashed as it comes, and checked against what the client promised.
//!
//! Bytes are gathered to about a mebibyte and then hashed and written on a blocking thread, so memory stays flat and
//! no async worker is held up.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, TrailingHeaders, s3_error};

use super::blobs::{BlobId, BlobStore, BlobWriter, PendingBlob};
use super::checksums::{Algorithm, Digests, Hasher, decode_content_md5};
use super::errors::{custom, disk, internal};
use super::handling::Handling;
use super::index::Segment;

/// What S3 takes in one request: 5 GiB.
pub(super) const LARGEST_BODY_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// How much is gathered before it goes to the blocking thread.
const BATCH_BYTES: usize = 1024 * 1024;

/// What a client says about the body it sends.
pub(super) struct Promise {
    content_length: u64,
    md5: Option<[u8; 16]>,
    checksum: Option<Promised>,
    trailers: Option<TrailingHeaders>,
}

struct Promised {
    algorithm: Algorithm,
    /// `None` when it comes behind the body.
    value: Option<Vec<u8>>,
}

/// A body that has arrived whole and is what it was promised to be.
pub(super) struct Received {
    /// `None` when the body was empty.
    pub blob: Option<PendingBlob>,
    pub size_bytes: u64,
    pub digests: Digests,
    /// The algorithm whose value the client sent.
    pub checked: Option<Algorithm>,
}

impl Promise {
    /// Reads the headers of a PutObject or UploadPart.
    pub(super) fn read(
        headers: &HeaderMap,
        content_length: Option<i64>,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let content_length = content_length
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| s3_error!(MissingContentLength, "You must provide the Content-Length HTTP header."))?;
        if content_length > LARGEST_BODY_BYTES {
            return Err(s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size"));
        }
        Ok(Self { content_length, trailers, ..Self::of_headers(headers)? })
    }

    /// Reads only the digests, for a body that is taken in by other means.
    pub(super) fn of_headers(headers: &HeaderMap) -> S3Result<Self> {
        let md5 = header_text(headers, "content-md5")?.map(decode_content_md5).transpose()?;
        Ok(Self { content_length: 0, md5, checksum: Promised::read(headers)?, trailers: None })
    }

    /// The algorithm whose value the client sends.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|promised| promised.algorithm)
    }
}

impl Promised {
    fn read(headers: &HeaderMap) -> S3Result<Option<Self>> {
        let mut found = None;
        for algorithm in Algorithm::ALL {
            if let Some(value) = header_text(headers, algorithm.header())? {
                let value = Some(algorithm.decode(value)?);
                if found.replace(Self { algorithm, value }).is_some() {
                    let text = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
                    return Err(s3_error!(InvalidRequest, "{text}"));
                }
            }
        }
        if let Some(trailer) = header_text(headers, "x-amz-trailer")? {
            let algorithm = Algorithm::from_header(trailer.trim()).ok_or_else(|| {
                s3_error!(InvalidRequest, "The value specified in the x-amz-trailer header is not supported")
            })?;
            if found.replace(Self { algorithm, value: None }).is_some() {
                let text = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
                return Err(s3_error!(InvalidRequest, "{text}"));
            }
        }
        let named = header_text(headers, "x-amz-sdk-checksum-algorithm")?;
        match (&found, named) {
            (None, Some(_)) => Err(s3_error!(
                InvalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
            )),
            (Some(promised), Some(named)) if Algorithm::from_name(named) != Some(promised.algorithm) => {
                Err(s3_error!(InvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid."))
            }
            _ => Ok(found),
        }
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> S3Result<Option<&'a str>> {
    let value = headers.get(name).map(|value| value.to_str());
    value.transpose().map_err(|_error| s3_error!(InvalidRequest, "The header {name} is invalid."))
}

impl Received {
    pub(super) fn segment(&self) -> Option<Segment> {
        self.blob.as_ref().map(|blob| Segment { blob: blob.id(), size_bytes: self.size_bytes })
    }

    /// The index names its blob now.
    pub(super) fn keep(self) {
        if let Some(blob) = self.blob {
            blob.keep();
        }
    }

    pub(super) fn new_blobs(&self) -> Vec<BlobId> {
        self.blob.iter().map(PendingBlob::id).collect()
    }
}

/// Reads the body to its end. `also` names algorithms to compute beside the one promised.
pub(super) async fn receive(
    blobs: &Arc<BlobStore>,
    body: Option<StreamingBlob>,
    promise: Promise,
    also: &[Algorithm],
    handling: Handling,
) -> S3Result<Received> {
    let algorithms: Vec<Algorithm> = promise.algorithm().into_iter().chain(also.iter().copied()).collect();
    let mut sink = Sink::new(blobs, &algorithms);
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| body_error(error.as_ref()))?;
            let flip_at = handling.flip_bit_at.and_then(|at| at.checked_rem(promise.content_length));
            sink.push(with_flipped_bit(chunk, sink.size_bytes, flip_at)).await?;
            if sink.size_bytes > promise.content_length {
                return Err(s3_error!(
                    IncompleteBody,
                    "The request body is longer than the Content-Length HTTP header"
                ));
            }
        }
    }
    if sink.size_bytes != promise.content_length {
        let text = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        return Err(s3_error!(IncompleteBody, "{text}"));
    }
    let mut received = sink.finish().await?;
    if handling.verifies() {
        promise.check(&received.digests)?;
    } else if handling.believes()
        && let Some(promised) = &promise.checksum
        && let Some(claimed) = promise.claimed(promised)?
    {
        received.digests.replace(promised.algorithm, claimed);
    }
    Ok(Received { checked: promise.algorithm(), ..received })
}

impl Promise {
    /// Compares what was computed with what was promised.
    pub(super) fn check(&self, digests: &Digests) -> S3Result<()> {
        if self.md5.is_some_and(|promised| promised != digests.md5) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        let Some(promised) = &self.checksum else { return Ok(()) };
        let value = self.claimed(promised)?.ok_or_else(|| {
            let text = "The request contained trailing data that was not well-formed";
            custom(StatusCode::BAD_REQUEST, "MalformedTrailerError", text)
        })?;
        if digests.raw(promised.algorithm) != Some(value.as_slice()) {
            let name = promised.algorithm.name();
            return Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."));
        }
        Ok(())
    }

    /// The value that the client sent, in front of the body or behind it.
    fn claimed(&self, promised: &Promised) -> S3Result<Option<Vec<u8>>> {
        if promised.value.is_some() {
            return Ok(promised.value.clone());
        }
        let Some(trailers) = &self.trailers else { return Ok(None) };
        let text =
            |map: &HeaderMap| header_text(map, promised.algorithm.header()).map(|value| value.map(str::to_owned));
        let value = trailers.read(text).transpose()?.flatten();
        value.map(|value| promised.algorithm.decode(&value)).transpose()
    }
}

/// A chunk that begins at `begins` of the body, as a line that corrupts delivers it.
fn with_flipped_bit(chunk: Bytes, begins: u64, flip_at: Option<u64>) -> Bytes {
    let at = flip_at.and_then(|at| usize::try_from(at.checked_sub(begins)?).ok()).filter(|at| *at < chunk.len());
    let Some(at) = at else { return chunk };
    let mut changed = chunk.to_vec();
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1;
    }
    Bytes::from(changed)
}

/// Why reading the body failed, by what the protocol layer says about it.
fn body_error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> S3Error {
    let text = format!("{error} {error:?}");
    if text.contains("Sha256Mismatch") {
        let text = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return custom(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", text);
    }
    if text.contains("SignatureMismatch") {
        return s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match.");
    }
    tracing::debug!(%error, "request body ended early");
    s3_error!(IncompleteBody, "The request body terminated unexpectedly")
}

/// Hashes and writes on blocking threads, a batch at a time.
pub(super) struct Sink {
    blobs: Arc<BlobStore>,
    /// Taken out while a blocking thread has it.
    state: Option<SinkState>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    pub(super) size_bytes: u64,
}

struct SinkState {
    hasher: Hasher,
    writer: Option<BlobWriter>,
}

impl Sink {
    pub(super) fn new(blobs: &Arc<BlobStore>, algorithms: &[Algorithm]) -> Self {
        let state = Some(SinkState { hasher: Hasher::new(algorithms), writer: None });
        Self { blobs: Arc::clone(blobs), state, waiting: Vec::new(), waiting_bytes: 0, size_bytes: 0 }
    }

    pub(super) async fn push(&mut self, chunk: Bytes) -> S3Result<()> {
        self.size_bytes += chunk.len() as u64;
        self.waiting_bytes += chunk.len();
        self.waiting.push(chunk);
        if self.waiting_bytes < BATCH_BYTES {
            return Ok(());
        }
        let (state, batch) = self.take()?;
        let blobs = Arc::clone(&self.blobs);
        let work = move || state.absorb(&batch, &blobs);
        let state = tokio::task::spawn_blocking(work).await.map_err(|error| internal("write", &error))?;
        self.state = Some(state.map_err(disk)?);
        Ok(())
    }

    fn take(&mut self) -> S3Result<(SinkState, Vec<Bytes>)> {
        self.waiting_bytes = 0;
        let state = self.state.take().ok_or_else(|| internal("write", &"an earlier write had failed"))?;
        Ok((state, std::mem::take(&mut self.waiting)))
    }

    pub(super) async fn finish(mut self) -> S3Result<Received> {
        let (state, batch) = self.take()?;
        let blobs = Arc::clone(&self.blobs);
        let work = move || {
            let state = state.absorb(&batch, &blobs)?;
            let blob = state.writer.map(BlobWriter::finish).transpose()?;
            Ok((blob, state.hasher.finish()))
        };
        let finished = tokio::task::spawn_blocking(work).await.map_err(|error| internal("write", &error))?;
        let (blob, digests) = finished.map_err(disk)?;
        Ok(Received { blob, digests, size_bytes: self.size_bytes, checked: None })
    }
}

impl SinkState {
    fn absorb(mut self, batch: &[Bytes], blobs: &Arc<BlobStore>) -> std::io::Result<Self> {
        for chunk in batch.iter().filter(|chunk| !chunk.is_empty()) {
            self.hasher.update(chunk);
            let writer = match &mut self.writer {
                Some(writer) => writer,
                empty => empty.insert(blobs.create()?),
            };
            writer.write(chunk)?;
        }
        Ok(self)
    }
}
