//! Downloads: an object to a file beside its final name, checked, then named.
//!
//! Runs on the engine's own runtime. A connection that breaks is taken up where it broke, by range and only if the
//! object is still the same. Stopped or dropped, nothing of the file is left.

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
use crate::s3::{S3Store, SentBytes};

/// An object that changes more often while it is fetched is given up.
const MOST_RESTARTS: u32 = 3;

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
    let mut download = Download { target: job.path.clone(), shared, job, control, received, etag: None };
    let result = download.run().await;
    let policy = download.job.policy;
    let (ended, conflict) = match result {
        Ok(()) => (Ended::Done(Verified::Confirmed), None),
        Err(Halt::Stopped) => (Ended::Stopped, None),
        Err(Halt::Skipped(reason)) => (Ended::Skipped(reason), None),
        Err(Halt::Exists(facts)) if policy == ConflictPolicy::Ask => (Ended::Conflict, Some(facts)),
        Err(Halt::Exists(_)) => {
            let failure = Failure::new(FailureKind::TargetExists).with("path", download.target.display());
            (Ended::Failed(failure), None)
        }
        Err(Halt::Failed(failure)) => (Ended::Failed(failure.with("path", download.target.display())), None),
    };
    let end = DownloadEnd { ended, path: download.target, etag: download.etag, conflict };
    // Nobody listens any more only when the engine ends.
    news.send((id, DownloadNews::Ended(Box::new(end)))).ok();
}

struct Download {
    shared: DownloadShared,
    job: Job,
    target: PathBuf,
    control: Control,
    received: SentBytes,
    etag: Option<String>,
}

impl Download {
    async fn run(&mut self) -> Result<(), Halt> {
        let session = self.shared.sessions.get(&self.job.spec.to.connection).await.map_err(|failure| *failure)?;
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
        let file = self.fetch(&store, file.await?).await?;
        self.tell(DownloadNews::Stage(Stage::Finishing));
        self.target = blocking(move || file.finish(if_exists).map_err(|error| error.to_failure())).await?;
        Ok(())
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

    async fn fetch(&mut self, store: &S3Store, mut file: DownloadFile) -> Result<DownloadFile, Halt> {
        let mut backoff = Backoff::new(&self.shared.patience, &self.job.spec.to.connection, &self.control);
        let mut done_bytes = 0;
        let mut restarts = 0;
        loop {
            let had_bytes = done_bytes;
            let (failure, returned) = match self.stream(store, file, &mut done_bytes).await {
                Ok(file) => return Ok(file),
                Err(Broken::Halt(halt)) => return Err(halt),
                Err(Broken::Failure(failure, file)) => (failure, file),
            };
            file = *returned;
            // Another object stands under the key by now: from the start.
            if failure.kind == FailureKind::SourceChanged {
                file = blocking(move || file.restart().map(|()| file).map_err(|error| error.to_failure())).await?;
                self.received.begin_anew();
                (done_bytes, self.etag) = (0, None);
                restarts += 1;
                if restarts > MOST_RESTARTS {
                    return Err(failure.into());
                }
            }
            let kind = if failure.kind == FailureKind::SourceChanged { FailureKind::ServerError } else { failure.kind };
            if done_bytes > had_bytes {
                // A line that breaks again and again still brings the file.
                backoff = Backoff::new(&self.shared.patience, &self.job.spec.to.connection, &self.control);
            }
            let Some(wait) = backoff.next(kind) else { return Err(failure.into()) };
            if backoff.wait(wait, &self.control).await == Waited::Stopped {
                return Err(Halt::Stopped);
            }
        }
    }

    /// One answer, from `done_bytes` on. The file comes back with a failure that may pass.
    async fn stream(
        &mut self,
        store: &S3Store,
        mut file: DownloadFile,
        done_bytes: &mut u64,
    ) -> Result<DownloadFile, Broken> {
        let (bucket, key) = (&self.job.spec.to.bucket, &self.job.key);
        let opened = tokio::select! {
            () = self.control.stopped() => return Err(Broken::Halt(Halt::Stopped)),
            opened = store.get_object(bucket, key, *done_bytes, self.etag.as_deref()) => opened,
        };
        let mut answer = match opened {
            Ok(answer) => answer,
            Err(error) if *done_bytes > 0 && matches!(error.status(), Some(412 | 416)) => {
                let changed = Failure::new(FailureKind::SourceChanged);
                return Err(Broken::Failure(changed, Box::new(file)));
            }
            Err(error) => return Err(Broken::Failure(error.to_failure(), Box::new(file))),
        };
        self.etag = answer.metadata.etag.clone().or(self.etag.take());
        let size = size_of(&answer.metadata);
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
                    let written = blocking(move || {
                        file.write(&bytes).map_err(|error| error.to_failure())?;
                        Ok(file)
                    });
                    file = written.await.map_err(|failure| Broken::Halt(failure.into()))?;
                    *done_bytes += len;
                    self.received.add(len);
                }
                Ok(None) => break,
                Err(error) => return Err(Broken::Failure(error.to_failure(), Box::new(file))),
            }
        }
        if size.is_some_and(|size| size != *done_bytes) {
            return Err(Broken::Failure(Failure::new(FailureKind::ServerError), Box::new(file)));
        }
        Ok(file)
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
    Failure(Failure, Box<DownloadFile>),
}

fn size_of(metadata: &ObjectMetadata) -> Option<u64> {
    metadata.size_bytes
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
