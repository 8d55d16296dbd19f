//! A large file: created, its parts sent over all upload threads, completed. Each step is in the journal before the
//! next one leaves: the intent to create, the server's id, the parts that arrived, the intent to complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::file::{Finished, Halt, Upload, UploadNews, is_taken};
use super::kept::{Kept, Origin};
use super::mend::{Mend, corrupted, forget_differing, is_about_parts};
use super::part::{PartHalt, PartSource, send_part};
use super::rehash::rehash;
use super::resume;
use super::verify::{Checked, Content, verify};
use crate::engine::journal::Change;
use crate::engine::orphans::Why;
use crate::engine::queue::Stage;
use crate::engine::sessions::Session;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part, PartPlan};
use crate::s3::{Destination, S3Store, StoredPart, WriteCondition, Written, checksum};

/// Parts of one file under way at a time; the byte budget limits all files together.
const PARTS_IN_FLIGHT: usize = 16;
/// How often an upload that the server has dropped is started anew.
const MOST_RESTARTS: u32 = 3;

/// Sends a large file. What is finished stays in `upload.kept` whatever the end is.
pub(super) async fn send(
    upload: &mut Upload,
    session: &Arc<Session>,
    store: &S3Store,
    source: &Arc<SourceFile>,
    plan: PartPlan,
    mut to: Destination,
) -> Result<Finished, Halt> {
    let (mut restarts, mut mends) = (0, 0);
    loop {
        match try_once(upload, session, store, source, plan, &to).await {
            // The server has forgotten the upload, and there is no such object: once more from the start.
            Err(Halt::Failed(failure)) if failure.kind == FailureKind::NoSuchUpload && restarts < MOST_RESTARTS => {
                upload.start_over(Why::Restarted).await;
                restarts += 1;
            }
            // What the server has put together, or was to put together, is not what was sent: once more.
            Err(Halt::Failed(failure)) if failure.kind == FailureKind::ChecksumMismatch => {
                if mends > 0 {
                    return Err(Halt::Failed(corrupted(failure)));
                }
                mends += 1;
                upload.sent.take_back(upload.sent.get());
                if upload.kept.is_none() {
                    // What is in the way is our own damaged object.
                    to.condition = WriteCondition::Any;
                }
            }
            other => return other,
        }
    }
}

async fn try_once(
    upload: &mut Upload,
    session: &Arc<Session>,
    store: &S3Store,
    source: &Arc<SourceFile>,
    plan: PartPlan,
    to: &Destination,
) -> Result<Finished, Halt> {
    let kept = match resume::take_kept(upload, store, source, plan, to).await? {
        Some(kept) => {
            // Killed between the creation and that look.
            resume::sweep(upload, store, &kept, None).await?;
            kept
        }
        None => create(upload, store, source, plan, to).await?,
    };
    send_missing(upload, session, source, to, kept).await?;
    confirm_source(upload, source).await?;
    complete(upload, store, Some(source), to).await
}

/// A new upload. Creating is not interrupted: an upload whose id is not known cannot be aborted. Nothing is sent
/// before the id is durable.
async fn create(
    upload: &mut Upload,
    store: &S3Store,
    source: &SourceFile,
    plan: PartPlan,
    to: &Destination,
) -> Result<Kept, Halt> {
    let (job, key, stamp) = (upload.job.id, to.key.clone(), source.stamp());
    // An earlier one that came to nothing known is still to be looked for.
    let started = upload.lost_creations.unwrap_or_else(|| upload.now());
    upload.durable(Change::Creating { job, key, stamp, started }).await?;
    // An earlier try may have found out that no list may go with it.
    let (mut backoff, mut to) = (upload.backoff(), Destination { options: upload.put_options(), ..to.clone() });
    let id = loop {
        if upload.control.is_stopped() {
            return Err(Halt::Stopped);
        }
        match store.create_multipart_upload(&to).await {
            Ok(id) => break id,
            Err(error) if upload.leaves_list_out(&mut to, &error) => {}
            Err(error) => {
                // The answer may be all that was lost.
                upload.lost_creations.get_or_insert(started);
                upload.wait_or_fail(&mut backoff, &error).await?;
            }
        }
    };
    upload.note_list_sent(&to);
    let created = upload.now();
    let kept = Kept {
        connection: upload.job.spec.to.connection.clone(),
        bucket: to.bucket.clone(),
        key: to.key.clone(),
        upload: id.clone(),
        stamp,
        plan,
        parts: Arc::default(),
        origin: Origin::ThisRun,
    };
    upload.kept = Some(kept.clone());
    upload.context.shared.orphans.note_in_queue(&id, job);
    let lost_since = upload.lost_creations;
    upload.durable(Change::Created { job, upload_id: id.0, plan, lost_since }).await?;
    resume::sweep(upload, store, &kept, Some(created)).await?;
    Ok(kept)
}

/// Sends the parts that the server does not have yet.
async fn send_missing(
    upload: &mut Upload,
    session: &Arc<Session>,
    source: &Arc<SourceFile>,
    to: &Destination,
    kept: Kept,
) -> Result<(), Halt> {
    upload.sent.add(kept.done_bytes());
    upload.tell(UploadNews::Stage(Stage::Active));
    let shared = Arc::new(PartSource {
        session: Arc::clone(session),
        source: Arc::clone(source),
        to: to.clone(),
        upload: kept.upload.clone(),
        sent: upload.sent.clone(),
        control: upload.control.clone(),
    });
    let mut missing = kept.plan.parts(kept.stamp.size_bytes).filter(|part| !kept.parts.contains_key(&part.number));
    let mut under_way = FuturesUnordered::new();
    let context = upload.context.clone();
    let start = |part: Part| {
        let (context, shared) = (context.clone(), Arc::clone(&shared));
        async move { send_part(context, shared, part).await.map(|stored| (part, stored)) }
    };
    under_way.extend(missing.by_ref().take(PARTS_IN_FLIGHT).map(start));
    let mut parts: BTreeMap<u32, StoredPart> = (*kept.parts).clone();
    let mut result = Ok(());
    while !under_way.is_empty() {
        let next = tokio::select! {
            () = upload.control.stopped() => { result = Err(Halt::Stopped); break }
            next = under_way.next() => next,
        };
        match next {
            Some(Ok((part, stored))) => {
                upload.note_part(part, &stored);
                parts.insert(stored.number, stored);
                under_way.extend(missing.by_ref().take(1).map(start));
            }
            Some(Err(PartHalt::Stopped)) => {
                result = Err(Halt::Stopped);
                break;
            }
            Some(Err(PartHalt::Failed(failure))) => {
                result = Err(Halt::Failed(failure));
                break;
            }
            None => break,
        }
    }
    // Dropping the futures stops the parts that are still under way.
    drop(under_way);
    if let Some(kept) = &mut upload.kept {
        kept.parts = Arc::new(parts);
    }
    result
}

/// The bytes were read over a while: one last look whether they are of one file. Where equal times prove nothing,
/// everything is read once more.
async fn confirm_source(upload: &Upload, source: &Arc<SourceFile>) -> Result<(), Halt> {
    let now = source.check_unchanged()?;
    source.check_not_replaced()?;
    if !upload.is_racy && now.changed_ns == source.stamp().changed_ns {
        return Ok(());
    }
    let Some(kept) = &upload.kept else { return Ok(()) };
    let found = rehash(upload, source, kept.plan.parts(source.size_bytes())).await?;
    let is_as_sent = kept.parts.values().all(|part| found.get(&part.number) == Some(&part.crc64nvme));
    if is_as_sent {
        return Ok(());
    }
    Err(Halt::Failed(Failure::new(FailureKind::SourceChanged).with("path", source.path().display())))
}

/// Puts the parts together; the source is there unless an earlier run had read all of it. Not interrupted: what the server has begun is waited for.
pub(super) async fn complete(
    upload: &mut Upload,
    store: &S3Store,
    source: Option<&SourceFile>,
    to: &Destination,
) -> Result<Finished, Halt> {
    let Some(kept) = upload.kept.clone() else { return Err(Halt::Stopped) };
    upload.tell(UploadNews::Stage(Stage::Finishing));
    let (job, size_bytes, crc64nvme) = (upload.job.id, kept.stamp.size_bytes, whole_checksum(&kept));
    upload.durable(Change::Completing { job, crc64nvme, size_bytes }).await?;
    let parts: Vec<StoredPart> = kept.parts.values().cloned().collect();
    let written = Written::by_parts(&parts, crc64nvme, size_bytes, upload.job.spec.opened);
    let mut backoff = upload.backoff();
    loop {
        match store.complete_multipart_upload(to, &kept.upload, &parts, crc64nvme, size_bytes).await {
            Ok(stored) => {
                upload.kept = None;
                let (etag, version_id) = (stored.etag.clone(), stored.version_id.clone());
                upload.note(Change::Stored { job, etag, version_id });
                let content = Content::Parts { source, kept: &kept, crc64nvme };
                return match verify(upload, store, to, stored, content).await? {
                    Checked::Proven(proven) => Ok(Finished { proven, crc64nvme }),
                    // Said to be there and not: the server has lost it.
                    Checked::Missing(failure) if failure.kind == FailureKind::ChecksumMismatch => {
                        let kind = FailureKind::NoSuchUpload;
                        Err(Halt::Failed(Failure { kind, retryable: false, ..failure }))
                    }
                    Checked::Missing(failure) => Err(Halt::Failed(failure)),
                    Checked::Differs(failure) => {
                        if let Some(source) = source {
                            Mend::whole(source, crc64nvme).again(failure.clone()).await?;
                        }
                        Err(Halt::Failed(failure))
                    }
                };
            }
            Err(error) if is_about_parts(&error) => return Err(forget_differing(upload, store, &error).await),
            // Somebody else wrote the key at the same time: S3 has dropped the upload.
            Err(error) if error.code() == Some("ConditionalRequestConflict") => {
                let kind = FailureKind::NoSuchUpload;
                return Err(Halt::Failed(Failure { kind, retryable: false, ..error.to_failure() }));
            }
            Err(error) if error.kind() == FailureKind::NoSuchUpload => {
                // The answer to an earlier Complete may have been lost.
                return match upload.find_written(store, to, &written).await? {
                    Some(finished) => {
                        upload.kept = None;
                        Ok(finished)
                    }
                    None => Err(Halt::Failed(error.to_failure())),
                };
            }
            Err(error) if is_taken(&error) => {
                if (backoff.has_failed() || upload.is_doubtful())
                    && let Some(finished) = upload.find_written(store, to, &written).await?
                {
                    // The parts were put together once; what is under this id now is of no use.
                    upload.discard_kept(Why::NotNeeded).await;
                    return Ok(finished);
                }
                return Err(Halt::Exists(upload.facts_of_existing(store).await));
            }
            Err(error) => upload.wait_or_fail(&mut backoff, &error).await?,
        }
    }
}

impl Upload {
    fn note_part(&self, part: Part, stored: &StoredPart) {
        self.note(Change::Part {
            job: self.job.id,
            number: stored.number,
            len: part.len,
            crc64nvme: stored.crc64nvme,
            etag: stored.etag.clone(),
        });
    }
}

/// The checksum of the file, from those of its parts.
fn whole_checksum(kept: &Kept) -> u64 {
    let mut whole = 0;
    for part in kept.plan.parts(kept.stamp.size_bytes) {
        if let Some(stored) = kept.parts.get(&part.number) {
            whole = checksum::combine(whole, stored.crc64nvme, part.len);
        }
    }
    whole
}
