//! Parts too large for memory: sent in small steps that are read as they go, under a checksum that was computed by an
//! earlier reading. What is sent is hashed again; if it differs, the last step is withheld, so that the server never
//! has a whole part of bytes that were not announced.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, Digest};
use http_body::{Body, Frame, SizeHint};
use md5::{Digest as _, Md5};

use super::blank_keys::sdk_key;
use super::body::CallProgress;
use super::checksum::to_base64;
use super::classify::About;
use super::convert::etag;
use super::learnt::ChecksumMode;
use super::multipart::{SentPart, of_part, part_mode};
use super::put::{Sums, Teaches, with_body};
use super::{Destination, S3Error, S3Store, SentBytes, StoredPart, UploadId};
use crate::model::{Failure, FailureKind};

/// Bytes read and sent at a time.
pub const PART_STEP_BYTES: usize = 1024 * 1024;

/// Where the bytes of a part come from; read more than once.
pub trait PartReader: fmt::Debug + Send + Sync {
    /// Fills `buffer`, whatever was in it, with `len` bytes from a position of the file; fails if the file is not what it
    /// was. Never blocks: the thread that sends has other requests under way. Dropped, nobody wants the bytes any more.
    fn read(&self, buffer: BytesMut, offset: u64, len: usize) -> Reading;
}

/// Bytes that are being read.
pub type Reading = Pin<Box<dyn Future<Output = Result<BytesMut, Failure>> + Send>>;

/// A part that is not held in memory.
#[derive(Clone, Debug)]
pub struct StreamedPart {
    /// Its file.
    pub reader: Arc<dyn PartReader>,
    /// First byte within the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
    /// CRC64NVME, of an earlier reading.
    pub crc64nvme: u64,
    /// Counts what was really sent.
    pub sent: SentBytes,
}

impl S3Store {
    /// [`S3Store::upload_part`] for a part that is read as it is sent, in steps of 1 MiB. Bytes that are not those
    /// that were announced give [`FailureKind::SourceChanged`].
    ///
    /// The signature does not cover the body, over plain HTTP either: that would take one more reading. It covers the
    /// checksum header.
    pub async fn upload_part_streamed(
        &self,
        to: &Destination,
        upload: &UploadId,
        number: u32,
        part: &StreamedPart,
    ) -> Result<StoredPart, S3Error> {
        let progress = CallProgress::new(part.sent.clone());
        let refused = Arc::new(Refused::default());
        let sent = self
            .with_checksum(Teaches::PartRung, |mode| {
                self.streamed_once(to, upload, number, part, &progress, &refused, mode)
            })
            .await;
        match (sent, refused.take()) {
            (Ok(stored), _) => {
                progress.keep(part.len);
                Ok(stored)
            }
            (Err(error), Some(failure)) => {
                let error = error.with_kind(failure.kind).with_detail(&failure.detail);
                Err(with_values(error, &failure))
            }
            (Err(error), None) => Err(error),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of them differ from part to part")]
    async fn streamed_once(
        &self,
        to: &Destination,
        upload: &UploadId,
        number: u32,
        part: &StreamedPart,
        progress: &CallProgress,
        refused: &Arc<Refused>,
        mode: ChecksumMode,
    ) -> Result<StoredPart, S3Error> {
        let bytes = usize::try_from(part.len).unwrap_or(usize::MAX);
        let about = About::object("s3:PutObject", &to.bucket, &to.key).with_body(bytes);
        let sums = self.sums_of(part, part_mode(mode), about).await?;
        let output = self
            .run(about, |client| {
                let progress = progress.clone();
                client
                    .upload_part()
                    .bucket(to.bucket.as_str())
                    .key(sdk_key(&to.key))
                    .upload_id(&upload.0)
                    .part_number(i32::try_from(number).unwrap_or(i32::MAX))
                    .body(stream(part, refused))
                    .set_checksum_crc64_nvme(sums.crc64.clone())
                    .set_content_md5(sums.md5.clone())
                    .customize()
                    .mutate_request(move |request| request.add_extension(progress.clone()))
                    .config_override(with_body())
                    .disable_payload_signing()
                    .send()
            })
            .await
            .map_err(of_part)?;
        if let Some(etag) = etag(output.e_tag()) {
            return Ok(StoredPart { number, etag, crc64nvme: part.crc64nvme });
        }
        let sent = SentPart { number, size_bytes: part.len, crc64nvme: part.crc64nvme };
        self.find_part(to, upload, about, sent).await
    }

    async fn sums_of(&self, part: &StreamedPart, mode: ChecksumMode, about: About<'_>) -> Result<Sums, S3Error> {
        let mut sums = Sums { crc64: None, crc32: None, md5: None };
        match mode {
            ChecksumMode::Crc64Nvme => sums.crc64 = Some(to_base64(part.crc64nvme)),
            ChecksumMode::ContentMd5 => {
                let mut md5 = Md5::new();
                let mut steps = Steps::new(part);
                while let Some(step) = poll_fn(|cx| steps.poll_next(cx)).await {
                    let step = step.map_err(|failure| {
                        let error = S3Error::local(about.action, failure.kind, &failure.detail);
                        with_values(error.with("key", to_key(about)), &failure)
                    })?;
                    md5.update(&step);
                }
                sums.md5 = Some(STANDARD.encode(md5.finalize()));
            }
            ChecksumMode::Crc32 | ChecksumMode::None => {}
        }
        Ok(sums)
    }
}

fn with_values(error: S3Error, failure: &Failure) -> S3Error {
    failure.args.iter().fold(error, |error, (name, value)| error.with(name, value))
}

fn to_key(about: About<'_>) -> String {
    about.key.map(ToString::to_string).unwrap_or_default()
}

/// Why the reader refused; set once, and every further attempt ends at once.
#[derive(Debug, Default)]
struct Refused {
    is_set: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

impl Refused {
    fn set(&self, failure: Failure) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        self.is_set.store(true, Ordering::Release);
    }

    fn take(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that can be made again for every attempt.
fn stream(part: &StreamedPart, refused: &Arc<Refused>) -> ByteStream {
    let (part, refused) = (part.clone(), Arc::clone(refused));
    ByteStream::new(SdkBody::retryable(move || {
        let digest = Digest::new(CrcAlgorithm::Crc64Nvme);
        let body = PartBody { steps: Steps::new(&part), digest, refused: Arc::clone(&refused) };
        SdkBody::from_body_1_x(body)
    }))
}

/// The bytes of a part, step by step, through one buffer that is used again as soon as the last step has left.
struct Steps {
    part: StreamedPart,
    done_bytes: u64,
    buffer: BytesMut,
    /// Never locked: a body has to be one that could be shared.
    reading: Mutex<Option<Reading>>,
}

impl Steps {
    fn new(part: &StreamedPart) -> Self {
        Self { part: part.clone(), done_bytes: 0, buffer: BytesMut::new(), reading: Mutex::default() }
    }

    fn left_bytes(&self) -> u64 {
        self.part.len - self.done_bytes
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        let left = self.left_bytes();
        if left == 0 {
            return Poll::Ready(None);
        }
        let step = usize::try_from(left).map_or(PART_STEP_BYTES, |left| left.min(PART_STEP_BYTES));
        let under_way = self.reading.get_mut().unwrap_or_else(PoisonError::into_inner);
        let reading = under_way.get_or_insert_with(|| {
            let buffer = std::mem::take(&mut self.buffer);
            self.part.reader.read(buffer, self.part.offset + self.done_bytes, step)
        });
        let read = std::task::ready!(reading.as_mut().poll(cx));
        *under_way = None;
        Poll::Ready(Some(read.map(|mut buffer| {
            self.done_bytes += step as u64;
            let bytes = buffer.split().freeze();
            self.buffer = buffer;
            bytes
        })))
    }
}

struct PartBody {
    steps: Steps,
    digest: Digest,
    refused: Arc<Refused>,
}

/// The body's end as the connector sees it; the cause stands in [`Refused`].
#[derive(Debug, thiserror::Error)]
#[error("the part's bytes are not those that were announced")]
struct Withheld;

impl Body for PartBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.refused.is_set.load(Ordering::Acquire) {
            return Poll::Ready(Some(Err(Box::new(Withheld))));
        }
        let step = match std::task::ready!(self.steps.poll_next(cx)) {
            None => return Poll::Ready(None),
            Some(Ok(step)) => step,
            Some(Err(failure)) => {
                self.refused.set(failure);
                return Poll::Ready(Some(Err(Box::new(Withheld))));
            }
        };
        self.digest.update(&step);
        if self.steps.left_bytes() == 0 && self.digest.finalize() != self.steps.part.crc64nvme {
            let detail = "two readings of a part gave different bytes";
            self.refused.set(Failure::new(FailureKind::SourceChanged).detail(detail));
            return Poll::Ready(Some(Err(Box::new(Withheld))));
        }
        Poll::Ready(Some(Ok(Frame::data(step))))
    }

    fn is_end_stream(&self) -> bool {
        self.steps.left_bytes() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.steps.left_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Reply, bucket, key};
    use super::super::checksum::crc64nvme;
    use super::*;
    use crate::s3::WriteCondition;

    /// Bytes that follow from their position; the nth reading of one position gives another byte.
    #[derive(Debug)]
    struct Source {
        lies_from_reading: usize,
        readings: Mutex<usize>,
    }

    impl PartReader for Source {
        fn read(&self, mut buffer: BytesMut, offset: u64, len: usize) -> Reading {
            buffer.clear();
            buffer.resize(len, 0);
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from((offset + at as u64) % 251).unwrap();
            }
            let mut readings = self.readings.lock().unwrap();
            *readings += usize::from(offset == OFFSET);
            if *readings >= self.lies_from_reading && offset == OFFSET {
                buffer[7] ^= 1;
            }
            // Never there at once.
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(buffer)
            })
        }
    }

    const OFFSET: u64 = 1000;
    const LEN: u64 = 3 * PART_STEP_BYTES as u64 + 17;

    fn part(lies_from_reading: usize) -> (StreamedPart, Vec<u8>) {
        let source = Source { lies_from_reading, readings: Mutex::new(0) };
        let bytes: Vec<u8> = (OFFSET..OFFSET + LEN).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let sent = SentBytes::new();
        let crc64nvme = crc64nvme(&bytes);
        (StreamedPart { reader: Arc::new(source), offset: OFFSET, len: LEN, crc64nvme, sent }, bytes)
    }

    fn to() -> Destination {
        Destination {
            bucket: bucket(),
            key: key("k"),
            content_type: "a/b".to_owned(),
            options: Arc::default(),
            condition: WriteCondition::Any,
        }
    }

    #[tokio::test]
    async fn a_part_is_sent_as_it_is_read_and_again_after_a_cut() {
        let server = Canned::start(|_, number| match number {
            0 => Reply::CutBody(2_000_000),
            _ => Reply::http(200, &[("etag", "\"e\"")], ""),
        })
        .await;
        let (part, bytes) = part(usize::MAX);
        let upload = UploadId("u".to_owned());
        let stored = server.store().await.upload_part_streamed(&to(), &upload, 3, &part).await.unwrap();
        assert_eq!(stored, StoredPart { number: 3, etag: "e".to_owned(), crc64nvme: part.crc64nvme });
        assert_eq!(part.sent.get(), LEN);
        let asked = server.asked();
        assert_eq!(asked.len(), 2);
        assert!(asked[1].body == bytes);
        assert_eq!(asked[1].header("content-length"), LEN.to_string());
        assert_eq!(asked[1].header("x-amz-checksum-crc64nvme"), to_base64(part.crc64nvme));
        assert_eq!(asked[1].header("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
        for absent in ["x-amz-trailer", "content-encoding", "transfer-encoding"] {
            assert_eq!(asked[1].header(absent), "", "{absent}");
        }
    }

    #[tokio::test]
    async fn bytes_that_were_not_announced_never_make_a_whole_part() {
        let server = Canned::start(|_, _| Reply::http(200, &[("etag", "\"e\"")], "")).await;
        let (part, _) = part(1);
        let upload = UploadId("u".to_owned());
        let error = server.store().await.upload_part_streamed(&to(), &upload, 1, &part).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::SourceChanged);
        assert_eq!(part.sent.get(), 0);
        assert!(server.asked().is_empty(), "no request was whole");
    }

    #[tokio::test]
    async fn where_crcs_are_refused_the_md5_takes_one_more_reading() {
        let server = Canned::start(|asked, _| match asked.header("x-amz-checksum-crc64nvme") {
            "" => Reply::http(200, &[("etag", "\"e\"")], ""),
            _ => Reply::error(501, "NotImplemented", "x-amz-checksum-crc64nvme"),
        })
        .await;
        let (part, bytes) = part(usize::MAX);
        let upload = UploadId("u".to_owned());
        server.store().await.upload_part_streamed(&to(), &upload, 1, &part).await.unwrap();
        let asked = server.asked();
        let last = asked.last().unwrap();
        assert_eq!(last.header("content-md5"), STANDARD.encode(Md5::digest(&bytes)));
        assert!(last.body == bytes);
    }
}
