//! Downloads: an object to a file beside its final name, checked, then named.
//!
//! Runs on the engine's own runtime. A connection that breaks is taken up where it broke, by range and only if the
//! object is still the same; an answer that is not the very rest is thrown away, and the file begun again. The bytes are
//! summed up as they come and held against what the server keeps of the object. Stopped or dropped, nothing of the file
//! is left.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::names;
use super::queue::{Ended, Job, Stage};
use super::sessions::Sessions;
use super::source::{local_facts, make_folder};
use super::upload::{Backoff, ConflictFacts, Control, Patience, Waited};
use crate::model::{
    ConflictPolicy, Failure, FailureKind, ObjectKey, ObjectMetadata, Prefix, SkipReason, TransferId, Verified,
};
use crate::platform::{DownloadFile, IfTargetExists, NameRules, safe_relative_path};
use crate::s3::{Arrival, ArrivalSum, S3Store, SentBytes};

/// An object that changes more often while it is fetched is given up.
const MOST_RESTARTS: u32 = 3;
/// So often an object whose bytes arrived changed is fetched.
const MOST_DAMAGED: u32 = 2;

/// What all downloads share.
#[derive(Clone, Debug)]
pub(crate) struct DownloadShared {
    pub(crate) patience: Patience,
    pub(crate) sessions: Sessions,
    pub(crate) news: UnboundedSender<(TransferId, DownloadNews)>,
}

/// What a running download tells the actor.
#[derive(Debug)]
pub(crate) enum DownloadNews {
    Stage(Stage),
    /// The size as the server says it.
    Size(u64),
    Ended(Box<DownloadEnd>),
}

/// How a download ended.
#[derive(Debug)]
pub(crate) struct DownloadEnd {
    pub(crate) ended: Ended,
    /// Where the file stands, or was to stand.
    pub(crate) path: PathBuf,
    pub(crate) etag: Option<String>,
    pub(crate) conflict: Option<ConflictFacts>,
}

/// Why a download ended without a file.
#[derive(Debug)]
enum Halt {
    Stopped,
    Exists(ConflictFacts),
    Skipped(SkipReason),
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Owns a download until its end is told.
pub(crate) async fn run_download(shared: DownloadShared, job: Job, control: Control, received: SentBytes) {
    let id = job.id;
    let news = shared.news.clone();
    let mut download = Download { target: job.path.clone(), shared, job, control, received, object: None };
    let result = download.run().await;
    let policy = download.job.policy;
    let (ended, conflict) = match result {
        Ok(verified) => (Ended::Done(verified), None),
        Err(Halt::Stopped) => (Ended::Stopped, None),
        Err(Halt::Skipped(reason)) => (Ended::Skipped(reason), None),
        Err(Halt::Exists(facts)) if policy == ConflictPolicy::Ask => (Ended::Conflict, Some(facts)),
        Err(Halt::Exists(_)) => {
            let failure = Failure::new(FailureKind::TargetExists).with("path", download.target.display());
            (Ended::Failed(failure), None)
        }
        Err(Halt::Failed(failure)) => (Ended::Failed(failure.with("path", download.target.display())), None),
    };
    let etag = download.object.and_then(|object| object.etag);
    let end = DownloadEnd { ended, path: download.target, etag, conflict };
    // Nobody listens any more only when the engine ends.
    news.send((id, DownloadNews::Ended(Box::new(end)))).ok();
}

struct Download {
    shared: DownloadShared,
    job: Job,
    target: PathBuf,
    control: Control,
    received: SentBytes,
    /// As the first answer told it; what comes later has to be the same.
    object: Option<ObjectMetadata>,
}

/// A file with what has arrived of it so far.
#[derive(Debug)]
struct Arriving {
    file: DownloadFile,
    sum: ArrivalSum,
}

impl Download {
    async fn run(&mut self) -> Result<Verified, Halt> {
        let session = tokio::select! {
            biased;
            // Keys may be waited for as long as a prompt stands.
            () = self.control.stopped() => return Err(Halt::Stopped),
            session = self.shared.sessions.get(&self.job.spec.to.connection) => session.map_err(|failure| *failure)?,
        };
        let connection = &self.job.spec.to.connection;
        let store = session.store.gated(self.shared.patience.health.gate(connection, &self.control));
        // Queued under a stand-in name when its own leads out of the folder or cannot be written.
        relative_path(&self.job.spec.to.prefix, &self.job.key)?;
        let if_exists = self.place(&store).await?;
        let root = self.job.spec.local_root.clone();
        let relative = self.target.strip_prefix(&root).unwrap_or(&self.target).to_owned();
        let file = blocking(move || {
            make_folder(&root)?;
            DownloadFile::create(&root, &relative).map_err(|error| error.to_failure())
        });
        let (file, verified) = self.fetch(&store, file.await?).await?;
        self.target = blocking(move || file.finish(if_exists).map_err(|error| error.to_failure())).await?;
        Ok(verified)
    }

    /// Finds a name by the rule for files that are there.
    async fn place(&mut self, store: &S3Store) -> Result<IfTargetExists, Halt> {
        let wanted = self.target.clone();
        let Some(existing) = facts(&wanted).await? else { return Ok(IfTargetExists::Keep) };
        match self.job.policy {
            ConflictPolicy::Overwrite => Ok(IfTargetExists::Replace),
            ConflictPolicy::Skip => Err(Halt::Skipped(SkipReason::Exists)),
            ConflictPolicy::Ask => Err(Halt::Exists(existing)),
            ConflictPolicy::OverwriteIfNewer => {
                let bucket = &self.job.spec.to.bucket;
                let found = store.head_object(bucket, &self.job.key).await.map_err(|error| error.to_failure())?;
                match (found.modified, existing.modified) {
                    (Some(theirs), Some(ours)) if theirs > ours => Ok(IfTargetExists::Replace),
                    _ => Err(Halt::Skipped(SkipReason::NotNewer)),
                }
            }
            ConflictPolicy::Rename => {
                let name = wanted.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let (stem, extension) = names::split_extension(&name);
                for number in 2..10_000 {
                    let candidate = wanted.with_file_name(format!("{stem} ({number}){extension}"));
                    if facts(&candidate).await?.is_none() {
                        self.target = candidate;
                        return Ok(IfTargetExists::Keep);
                    }
                }
                Err(Halt::Exists(existing))
            }
        }
    }

    /// Fetches until all bytes are there and are the object, as far as the server tells anything to know it by.
    async fn fetch(&mut self, store: &S3Store, file: DownloadFile) -> Result<(DownloadFile, Verified), Halt> {
        let mut backoff = self.backoff();
        let mut arriving = Arriving { file, sum: ArrivalSum::of(&ObjectMetadata::default()) };
        let (mut done_bytes, mut furthest_bytes) = (0, 0);
        let (mut restarts, mut damaged, mut in_vain) = (0, 0, 0);
        let mut broke = None;
        let mut doubted_md5 = None;
        loop {
            let broken = match self.stream(store, arriving, &mut done_bytes).await {
                Ok(whole) => match self.judge(store, whole, &mut doubted_md5) {
                    Ok(good) => return Ok(good),
                    Err(broken) => broken,
                },
                Err(broken) => broken,
            };
            let (kind, failure) = match broken {
                Broken::Halt(halt) => return Err(halt),
                Broken::Failure(failure, returned) => {
                    arriving = *returned;
                    broke = Some(failure.clone());
                    (failure.kind, failure)
                }
                Broken::Anew(failure, file) => {
                    arriving = self.begin_anew(*file).await?;
                    done_bytes = 0;
                    match failure.kind {
                        FailureKind::SourceChanged => {
                            // Another object's bytes are to come.
                            restarts += 1;
                            furthest_bytes = 0;
                        }
                        FailureKind::ChecksumMismatch => damaged += 1,
                        _ => in_vain += 1,
                    }
                    if damaged >= MOST_DAMAGED {
                        return Err(Failure::new(FailureKind::DataCorrupted).with("key", &self.job.key).into());
                    }
                    if restarts > MOST_RESTARTS || in_vain > MOST_RESTARTS {
                        // What broke the line each time says more than that the server cannot go on from there.
                        return Err(broke.filter(|_| restarts <= MOST_RESTARTS).unwrap_or(failure).into());
                    }
                    (FailureKind::ServerError, failure)
                }
            };
            if done_bytes > furthest_bytes {
                // A line that breaks again and again still brings the file. Where every break means to begin again, it
                // has to get further each time.
                (furthest_bytes, in_vain) = (done_bytes, 0);
                backoff = self.backoff();
            }
            let Some(wait) = backoff.next(kind) else { return Err(failure.into()) };
            if backoff.wait(wait, &self.control).await == Waited::Stopped {
                return Err(Halt::Stopped);
            }
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(&self.shared.patience, &self.job.spec.to.connection, &self.control)
    }

    /// Throws away what has come so far.
    async fn begin_anew(&mut self, mut file: DownloadFile) -> Result<Arriving, Failure> {
        let file = blocking(move || file.restart().map(|()| file).map_err(|error| error.to_failure())).await?;
        self.received.begin_anew();
        self.object = None;
        Ok(Arriving { file, sum: ArrivalSum::of(&ObjectMetadata::default()) })
    }

    /// Holds all bytes against what the server told of the object. `doubted_md5` is their MD5 of last time, where it was
    /// not the entity tag of a server whose tags may be anything.
    fn judge(
        &self,
        store: &S3Store,
        whole: Arriving,
        doubted_md5: &mut Option<String>,
    ) -> Result<(DownloadFile, Verified), Broken> {
        self.tell(DownloadNews::Stage(Stage::Finishing));
        let Arriving { file, sum } = whole;
        match store.judge_arrival(&self.job.spec.to.bucket, sum) {
            Arrival::Same => Ok((file, Verified::Confirmed)),
            Arrival::Unproven => Ok((file, Verified::Unverified)),
            Arrival::Doubtful { md5_hex } if doubted_md5.as_ref() == Some(&md5_hex) => {
                // What damages data on its way does not do it twice in the same way: the tag is something else, or the
                // stored bytes are damaged. Of other objects that says nothing.
                Ok((file, Verified::Unverified))
            }
            Arrival::Doubtful { md5_hex } => {
                *doubted_md5 = Some(md5_hex);
                Err(Broken::anew(FailureKind::ChecksumMismatch, file))
            }
            Arrival::Differs => Err(Broken::anew(FailureKind::ChecksumMismatch, file)),
        }
    }

    /// One answer, from `done_bytes` on. The file comes back with a failure that may pass.
    async fn stream(
        &mut self,
        store: &S3Store,
        mut arriving: Arriving,
        done_bytes: &mut u64,
    ) -> Result<Arriving, Broken> {
        let (bucket, key) = (&self.job.spec.to.bucket, &self.job.key);
        // Of one that broke before its first byte nothing has to fit.
        let known = self.object.as_ref().filter(|_| *done_bytes > 0);
        let known_tag = known.and_then(|object| object.etag.as_deref());
        let opened = tokio::select! {
            () = self.control.stopped() => return Err(Broken::Halt(Halt::Stopped)),
            opened = store.get_object(bucket, key, *done_bytes, known_tag) => opened,
        };
        let mut answer = match opened {
            Ok(answer) => answer,
            Err(error) if *done_bytes > 0 && matches!(error.status(), Some(412 | 416)) => {
                return Err(Broken::anew(FailureKind::SourceChanged, arriving.file));
            }
            Err(error) => return Err(Broken::Failure(error.to_failure(), Box::new(arriving))),
        };
        match &self.object {
            Some(known) if *done_bytes > 0 && !is_same(known, &answer.metadata) => {
                return Err(Broken::anew(FailureKind::SourceChanged, arriving.file));
            }
            // A server that ignores ranges sends all of it once more.
            _ if answer.begins_at_byte != Some(*done_bytes) => {
                return Err(Broken::anew(FailureKind::ServerError, arriving.file));
            }
            Some(_) if *done_bytes > 0 => {}
            _ => {
                arriving.sum = ArrivalSum::of(&answer.metadata);
                self.object = Some(answer.metadata.clone());
            }
        }
        let size = self.object.as_ref().and_then(|object| object.size_bytes);
        if let Some(size) = size
            && size != self.job.size_bytes
        {
            self.tell(DownloadNews::Size(size));
        }
        self.tell(DownloadNews::Stage(Stage::Active));
        loop {
            let chunk = tokio::select! {
                () = self.control.stopped() => return Err(Broken::Halt(Halt::Stopped)),
                chunk = answer.chunk() => chunk,
            };
            match chunk {
                Ok(Some(bytes)) => {
                    let len = bytes.len() as u64;
                    if size.is_some_and(|size| *done_bytes + len > size) {
                        return Err(Broken::anew(FailureKind::ServerError, arriving.file));
                    }
                    let written = blocking(move || {
                        arriving.file.write(&bytes).map_err(|error| error.to_failure())?;
                        arriving.sum.update(&bytes);
                        Ok(arriving)
                    });
                    arriving = written.await.map_err(|failure| Broken::Halt(failure.into()))?;
                    *done_bytes += len;
                    self.received.add(len);
                }
                Ok(None) => break,
                Err(error) if error.kind() == FailureKind::ChecksumMismatch => {
                    return Err(Broken::anew(FailureKind::ChecksumMismatch, arriving.file));
                }
                // All of it is there: whether it is right, its sum tells.
                Err(_broken_after_the_end) if size == Some(*done_bytes) => break,
                Err(error) => return Err(Broken::Failure(error.to_failure(), Box::new(arriving))),
            }
        }
        if size.is_some_and(|size| size != *done_bytes) {
            return Err(Broken::Failure(Failure::new(FailureKind::ServerError), Box::new(arriving)));
        }
        Ok(arriving)
    }

    fn tell(&self, news: DownloadNews) {
        // Nobody listens any more only when the engine ends.
        self.shared.news.send((self.job.id, news)).ok();
    }
}

/// Why one answer ended early.
enum Broken {
    Halt(Halt),
    /// May pass; the file with what it has so far.
    Failure(Failure, Box<Arriving>),
    /// May pass, but what the file has so far is good for nothing.
    Anew(Failure, Box<DownloadFile>),
}

impl Broken {
    fn anew(kind: FailureKind, file: DownloadFile) -> Self {
        Self::Anew(Failure::new(kind), Box::new(file))
    }
}

/// Whether two answers are surely about the same object: nothing of it differs, and its tag or its time is the same.
fn is_same(known: &ObjectMetadata, answer: &ObjectMetadata) -> bool {
    fn differ<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> Option<bool> {
        Some(a? != b?)
    }
    let by_tag = differ(known.etag.as_ref(), answer.etag.as_ref());
    let by_time = differ(known.modified.as_ref(), answer.modified.as_ref());
    let by_size = differ(known.size_bytes.as_ref(), answer.size_bytes.as_ref());
    [by_tag, by_time, by_size].into_iter().all(|differs| differs != Some(true))
        && (by_tag.is_some() || by_time.is_some())
}

async fn facts(path: &Path) -> Result<Option<ConflictFacts>, Failure> {
    let path = path.to_owned();
    let found: Option<(u64, Option<Timestamp>)> = blocking(move || Ok(local_facts(&path))).await?;
    Ok(found.map(|(size_bytes, modified)| ConflictFacts { size_bytes: Some(size_bytes), modified }))
}

/// Where an object stands below the download folder: its key below the folder that was shown.
pub(crate) fn relative_path(at: &Prefix, key: &ObjectKey) -> Result<PathBuf, Failure> {
    let relative = key.as_str().strip_prefix(at.as_str()).unwrap_or(key.as_str());
    safe_relative_path(relative, NameRules::HERE).map_err(|error| error.to_failure())
}

/// Work that waits for the disk, on a thread where that is allowed.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Failure::new(FailureKind::Internal).detail(error)),
    }
}
