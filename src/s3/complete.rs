//! Putting the parts of a multipart upload together, and finding out whether that was done.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::types::{ChecksumType, CompletedMultipartUpload, CompletedPart};
use jiff::Timestamp;

use super::blank_keys::sdk_key;
use super::body::CallProgress;
use super::checksum::to_base64;
use super::classify::About;
use super::conditions::is_for_condition;
use super::convert::{etag, text};
use super::learnt::{ChecksumMode, Lesson};
use super::multipart::multipart_etag;
use super::object::Expected;
use super::put::{Teaches, condition_header, timeouts};
use super::{Destination, S3Error, S3Store, SentBytes, Stored, StoredPart, UploadId, WriteCondition};
use crate::model::{FailureKind, Service};

/// Services may take minutes to put a large object together, and send nothing meanwhile.
const COMPLETE_TIMEOUT: Duration = Duration::from_mins(10);

/// So long a look at a key counts. The shorter, the less others can store there unseen.
pub const LOOK_COUNTS_FOR: Duration = Duration::from_millis(500);

/// A key was looked at, and nothing stood there that must not be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// By the wall clock, which goes on while the machine is asleep.
    at: SystemTime,
}

impl Looked {
    /// Just now; taken before the look.
    pub fn now() -> Self {
        Self { at: SystemTime::now() }
    }

    fn counts(self) -> bool {
        self.at.elapsed().is_ok_and(|since| since < LOOK_COUNTS_FOR)
    }
}

/// What is asked about the key right before a write goes out: it may have waited for long until then.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// Nothing.
    No,
    /// Whether something stands there, unless that was asked just now.
    Unless(Option<Looked>),
    /// The same in place of a condition: without an answer nothing goes out.
    InPlace(Option<Looked>),
    /// Whether what stands there was changed before this time; without an answer nothing goes out.
    Older(Timestamp, Looked),
}

impl S3Store {
    /// Whether `If-None-Match: *` on [`S3Store::complete_multipart_upload`] is known to leave an object alone that is
    /// there: of Amazon at its own hosts, of the storage of this program, and of whoever was seen to refuse. What a
    /// PUT does says nothing about it.
    pub fn heeds_condition_on_complete(&self) -> bool {
        let is_known = match self.connection().service {
            Service::ThisComputer | Service::AmazonS3 => self.is_known_service(),
            _ => false,
        };
        let was_seen = self.learnt().known(Lesson::HonoursOnComplete, self.now_secs()) == Some(true);
        (is_known || was_seen) && !self.ignores_conditions()
    }

    /// Puts the parts, in order of number, together. The service checks our checksum and size of the whole object.
    ///
    /// With [`WriteCondition::OnlyIfAbsent`] an existing key gives [`FailureKind::AlreadyExists`], and the upload
    /// still has its parts; where the service is not known to heed that, the key is looked at first. An answer that
    /// was lost or cut is looked into, unless whoever made the call repeats it: only where the upload is gone may an
    /// equal object be its. Dropping the call leaves open whether the object was made.
    pub async fn complete_multipart_upload(
        &self,
        to: &Destination,
        upload: &UploadId,
        parts: &[StoredPart],
        object_crc64: u64,
        object_bytes: u64,
    ) -> Result<Stored, S3Error> {
        let whole = Whole { upload, parts, crc64: object_crc64, bytes: object_bytes };
        self.complete_after(None, to, &whole).await
    }

    /// Whether a completion looks at the key first: then it can be looked at beside the last parts.
    pub fn looks_before_complete(&self, condition: WriteCondition) -> bool {
        condition == WriteCondition::OnlyIfAbsent && !self.ignores_conditions() && !self.heeds_condition_on_complete()
    }

    /// The look of [`S3Store::complete_multipart_upload`] ahead of it. It counts for [`LOOK_COUNTS_FOR`]: whoever
    /// completes later looks again. Fails with [`FailureKind::AlreadyExists`] if the key is taken.
    pub async fn look_before_complete(&self, to: &Destination) -> Result<Looked, S3Error> {
        let at = SystemTime::now();
        self.look_first(to).await.map(|()| Looked { at })
    }

    /// [`S3Store::complete_multipart_upload`], which looks no second time at what was looked at just now.
    pub async fn complete_after(
        &self,
        looked: Option<Looked>,
        to: &Destination,
        whole: &Whole<'_>,
    ) -> Result<Stored, S3Error> {
        let (mut to, mut look) = (to.clone(), Look::No);
        if to.condition == WriteCondition::OnlyIfAbsent && self.ignores_conditions() {
            (to.condition, look) = (WriteCondition::Any, Look::InPlace(None));
        } else if let WriteCondition::OnlyIfOlder { than, looked } = to.condition {
            look = Look::Older(than, looked);
        } else if self.looks_before_complete(to.condition) {
            look = Look::Unless(looked);
        }
        let attempts = CallProgress::new(SentBytes::new());
        let mut result = self.complete(&to, whole, &attempts, look).await;
        if let Err(error) = &result
            && Self::condition_may_be_refused(error, to.condition)
        {
            to.condition = WriteCondition::Any;
            result = self.complete(&to, whole, &attempts, Look::InPlace(None)).await;
        }
        match result {
            Ok(stored) if stored.etag.is_some() => Ok(stored),
            Ok(stored) => self.confirm_complete(&to, whole, stored).await,
            // Who repeats it also knows since when it was tried.
            Err(error) if self.repeats_nothing() || !may_be_done(&error, attempts.attempts()) => Err(error),
            Err(error) if !self.is_gone(&to, whole.upload).await => Err(error),
            Err(error) => {
                let found = self.stored_as(&to.bucket, &to.key, &whole.expected()).await;
                found.ok().flatten().ok_or(error)
            }
        }
    }

    /// To be asked within a call that the gate has let out. Fails with [`FailureKind::AlreadyExists`] if the key is taken.
    pub(super) async fn look_now(&self, to: &Destination, look: Look) -> Result<(), S3Error> {
        match look {
            Look::No => Ok(()),
            Look::Unless(looked) | Look::InPlace(looked) if looked.is_some_and(Looked::counts) => Ok(()),
            Look::Older(_, looked) if looked.counts() => Ok(()),
            Look::Unless(_) => self.let_out().look_first(to).await,
            Look::InPlace(_) => self.let_out().refuse_existing(to).await,
            Look::Older(than, _) => self.let_out().refuse_newer(to, than).await,
        }
    }

    async fn complete(
        &self,
        to: &Destination,
        whole: &Whole<'_>,
        attempts: &CallProgress,
        look: Look,
    ) -> Result<Stored, S3Error> {
        let once = |mode| self.complete_once(to, whole, attempts, (mode, look));
        let result = self.with_checksum(Teaches::Nothing, once).await;
        if let Err(error) = &result
            && is_for_condition(error, to.condition)
        {
            self.learnt().note_known(Lesson::HonoursOnComplete, true, self.now_secs());
        }
        result
    }

    async fn complete_once(
        &self,
        to: &Destination,
        whole: &Whole<'_>,
        attempts: &CallProgress,
        (mode, look): (ChecksumMode, Look),
    ) -> Result<Stored, S3Error> {
        let about = About::object("s3:PutObject", &to.bucket, &to.key);
        let crc = to_base64(whole.crc64);
        let with_crc = mode == ChecksumMode::Crc64Nvme;
        let output = self
            .run_after(Box::pin(self.look_now(to, look)), about, |client| {
                let attempts = attempts.clone();
                client
                    .complete_multipart_upload()
                    .bucket(to.bucket.as_str())
                    .key(sdk_key(&to.key))
                    .upload_id(&whole.upload.0)
                    .multipart_upload(completed(whole.parts, mode))
                    .set_if_none_match(condition_header(to.condition))
                    .set_checksum_crc64_nvme(with_crc.then(|| crc.clone()))
                    .set_checksum_type(with_crc.then_some(ChecksumType::FullObject))
                    .set_mpu_object_size(i64::try_from(whole.bytes).ok().filter(|_| with_crc))
                    .customize()
                    .mutate_request(move |request| request.add_extension(attempts.clone()))
                    .config_override(timeouts(COMPLETE_TIMEOUT, Some(COMPLETE_TIMEOUT)))
                    .send()
            })
            .await?;
        Ok(Stored {
            etag: etag(output.e_tag()),
            version_id: text(output.version_id()),
            checksum_echoed: output.checksum_crc64_nvme() == Some(crc.as_str()),
        })
    }

    /// Whether the server does not know an upload any more, whose parts it has taken.
    async fn is_gone(&self, to: &Destination, upload: &UploadId) -> bool {
        let listed = self.list_parts(&to.bucket, &to.key, upload, None).await;
        listed.is_err_and(|error| error.kind() == FailureKind::NoSuchUpload)
    }

    /// A 200 without an entity tag: done where the upload is gone, or the object is as it should be and no part is
    /// left; else something else has answered.
    async fn confirm_complete(&self, to: &Destination, whole: &Whole<'_>, stored: Stored) -> Result<Stored, S3Error> {
        let about = About::object("s3:PutObject", &to.bucket, &to.key);
        let no_tag = || self.odd_answer(about, "the answer has no ETag, and the object is not there");
        let is_gone = match self.list_parts(&to.bucket, &to.key, whole.upload, None).await {
            Ok(_still_there) => return Err(no_tag()),
            Err(error) => error.kind() == FailureKind::NoSuchUpload,
        };
        match self.head_object(&to.bucket, &to.key).await {
            // Another one may have come in its place since: its tag is not ours.
            Ok(found) if whole.expected().is(&found) => {
                Ok(Stored { etag: found.etag, version_id: stored.version_id.or(found.version_id), ..stored })
            }
            Ok(_another) if is_gone => Ok(stored),
            Ok(_another) => Err(no_tag()),
            Err(error) if error.kind() == FailureKind::NoSuchKey => Err(no_tag()),
            Err(error) if error.kind() == FailureKind::AccessDenied && is_gone => Ok(stored),
            Err(error) => Err(error),
        }
    }
}

/// The object that the parts make.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// The server's name for the upload.
    pub upload: &'a UploadId,
    /// All of them, in order of number.
    pub parts: &'a [StoredPart],
    /// CRC64NVME of the object.
    pub crc64: u64,
    /// Its size.
    pub bytes: u64,
}

impl Whole<'_> {
    fn expected(&self) -> Expected {
        Expected { crc64: self.crc64, bytes: self.bytes, etag: multipart_etag(self.parts) }
    }
}

/// Whether a failed Complete may have worked: the answer was lost, or a repeat of it finds the work done.
fn may_be_done(error: &S3Error, attempts: u32) -> bool {
    match error.kind() {
        FailureKind::AlreadyExists | FailureKind::NoSuchUpload => attempts > 1,
        FailureKind::Timeout | FailureKind::Offline | FailureKind::NotS3 | FailureKind::ServerError => true,
        _ => false,
    }
}

fn completed(parts: &[StoredPart], mode: ChecksumMode) -> CompletedMultipartUpload {
    let with_crc = mode == ChecksumMode::Crc64Nvme;
    let parts = parts.iter().map(|part| {
        CompletedPart::builder()
            .part_number(i32::try_from(part.number).unwrap_or(i32::MAX))
            .e_tag(format!("\"{}\"", part.etag))
            .set_checksum_crc64_nvme(with_crc.then(|| to_base64(part.crc64nvme)))
            .build()
    });
    CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::s3::canned::{Canned, Reply, bucket, key};
    use crate::s3::looks_tests::Slow;

    #[tokio::test]
    async fn a_completion_that_waited_is_looked_at_again_once_it_may_go_out() {
        let (there, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (is_there, was_sent) = (Arc::clone(&there), Arc::clone(&seen));
        let server = Canned::start(move |asked, _| match asked.method() {
            "POST" => {
                was_sent.store(true, Ordering::SeqCst);
                Reply::http(200, &[], "<CompleteMultipartUploadResult/>")
            }
            _ if is_there.load(Ordering::SeqCst) => Reply::head(200, &[("etag", "\"theirs\"")]),
            _ => Reply::head(404, &[]),
        })
        .await;
        let (to, part) = (to(), StoredPart { number: 1, etag: "e1".to_owned(), crc64nvme: 1 });
        let upload = UploadId("u".to_owned());
        let whole = Whole { upload: &upload, parts: &[part], crc64: 1, bytes: 12 };
        let store = server.store().await.gated(Arc::new(Slow));
        let looked = store.look_before_complete(&to).await.unwrap();
        // Somebody else writes the key while the completion waits.
        there.store(true, Ordering::SeqCst);
        let refused = store.complete_after(Some(looked), &to, &whole).await.unwrap_err();
        assert_eq!(refused.kind(), FailureKind::AlreadyExists);
        assert!(!seen.load(Ordering::SeqCst), "it was sent all the same");
    }

    fn to() -> Destination {
        Destination {
            bucket: bucket(),
            key: key("k"),
            content_type: "text/plain".to_owned(),
            options: Arc::default(),
            condition: WriteCondition::OnlyIfAbsent,
        }
    }

    /// The looks that one completion takes.
    async fn looks(looked: Option<Looked>) -> usize {
        let server = Canned::start(|asked, _| match asked.method() {
            "POST" => Reply::http(
                200,
                &[],
                "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag></CompleteMultipartUploadResult>",
            ),
            _ => Reply::head(404, &[]),
        })
        .await;
        let to = to();
        let part = StoredPart { number: 1, etag: "e1".to_owned(), crc64nvme: 1 };
        let upload = UploadId("u".to_owned());
        let whole = Whole { upload: &upload, parts: &[part], crc64: 1, bytes: 12 };
        server.store().await.complete_after(looked, &to, &whole).await.unwrap();
        server.asked().iter().filter(|asked| asked.method() == "HEAD").count()
    }

    #[tokio::test]
    async fn a_look_just_before_a_completion_counts_and_an_old_one_does_not() {
        assert_eq!(looks(None).await, 1);
        let old = SystemTime::now() - LOOK_COUNTS_FOR;
        assert_eq!(looks(Some(Looked { at: old })).await, 1);
        // Counted by a clock that may be set back, it counts no longer.
        let ahead = SystemTime::now() + Duration::from_hours(1);
        assert_eq!(looks(Some(Looked { at: ahead })).await, 1);
        assert!(Looked { at: SystemTime::now() }.counts());
    }
}
