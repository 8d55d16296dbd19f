//! A large file: created, its parts sent over all upload threads, completed.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::file::{Finished, Halt, Upload, UploadNews, is_taken};
use super::kept::Kept;
use super::mend::{Mend, corrupted, forget_differing, is_about_parts};
use super::part::{PartHalt, PartSource, send_part};
use super::verify::{Checked, Content, Proven, verify};
use crate::engine::queue::Stage;
use crate::engine::sessions::Session;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part, PartPlan, Verified};
use crate::s3::{Destination, S3Store, StoredPart, WriteCondition, checksum};

/// Parts of one file under way at a time; the byte budget limits all files together.
const PARTS_IN_FLIGHT: usize = 8;

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
            Err(Halt::Failed(failure)) if failure.kind == FailureKind::NoSuchUpload && restarts == 0 => {
                upload.drop_kept().await;
                upload.sent.take_back(upload.sent.get());
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
    let kept = take_or_create(upload, store, source, plan, to).await?;
    send_missing(upload, session, source, to, kept).await?;
    // The bytes were read over a while: one last look whether they are of one file.
    source.check_unchanged()?;
    complete(upload, store, source, to).await
}

/// The upload of an earlier run if it still fits, else a new one. Creating is not interrupted: an upload whose
/// id is not known cannot be aborted.
async fn take_or_create(
    upload: &mut Upload,
    store: &S3Store,
    source: &SourceFile,
    plan: PartPlan,
    to: &Destination,
) -> Result<Kept, Halt> {
    if let Some(kept) = &upload.kept {
        if kept.key == to.key && kept.facts == source.facts() && kept.plan == plan {
            return Ok(kept.clone());
        }
        upload.drop_kept().await;
    }
    let mut backoff = upload.backoff();
    loop {
        if upload.control.is_stopped() {
            return Err(Halt::Stopped);
        }
        match store.create_multipart_upload(to).await {
            Ok(id) => {
                let kept = Kept {
                    connection: upload.job.spec.to.connection.clone(),
                    bucket: to.bucket.clone(),
                    key: to.key.clone(),
                    upload: id,
                    facts: source.facts(),
                    plan,
                    parts: Arc::default(),
                };
                upload.kept = Some(kept.clone());
                return Ok(kept);
            }
            Err(error) => upload.wait_or_fail(&mut backoff, &error).await?,
        }
    }
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
    let mut missing = kept.plan.parts(kept.facts.size_bytes).filter(|part| !kept.parts.contains_key(&part.number));
    let mut under_way = FuturesUnordered::new();
    let start = |part: Part| send_part(upload.context.clone(), Arc::clone(&shared), part);
    under_way.extend(missing.by_ref().take(PARTS_IN_FLIGHT).map(start));
    let mut parts: BTreeMap<u32, StoredPart> = (*kept.parts).clone();
    let mut result = Ok(());
    while !under_way.is_empty() {
        let next = tokio::select! {
            () = upload.control.stopped() => { result = Err(Halt::Stopped); break }
            next = under_way.next() => next,
        };
        match next {
            Some(Ok(stored)) => {
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

/// Puts the parts together. Not interrupted: what the server has begun is waited for.
async fn complete(
    upload: &mut Upload,
    store: &S3Store,
    source: &SourceFile,
    to: &Destination,
) -> Result<Finished, Halt> {
    let Some(kept) = upload.kept.clone() else { return Err(Halt::Stopped) };
    upload.tell(UploadNews::Stage(Stage::Finishing));
    let size_bytes = source.facts().size_bytes;
    let parts: Vec<StoredPart> = kept.parts.values().cloned().collect();
    let crc64nvme = whole_checksum(&kept);
    let mut backoff = upload.backoff();
    loop {
        let completed = store.complete_multipart_upload(to, &kept.upload, &parts, crc64nvme, size_bytes).await;
        match completed {
            Ok(stored) => {
                upload.kept = None;
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
                        Mend::whole(source, crc64nvme).again(failure.clone()).await?;
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
                return match store.find_stored(&to.bucket, &to.key, crc64nvme, size_bytes).await {
                    Ok(Some(stored)) => {
                        upload.kept = None;
                        Ok(Finished { proven: Proven { stored, verified: Verified::Confirmed }, crc64nvme })
                    }
                    _ => Err(Halt::Failed(error.to_failure())),
                };
            }
            Err(error) if is_taken(&error) => {
                if let Some(finished) = upload.perhaps_ours(store, to, &backoff, crc64nvme, size_bytes).await {
                    upload.kept = None;
                    return Ok(finished);
                }
                return Err(Halt::Exists(upload.facts_of_existing(store).await));
            }
            Err(error) => upload.wait_or_fail(&mut backoff, &error).await?,
        }
    }
}

/// The checksum of the file, from those of its parts.
fn whole_checksum(kept: &Kept) -> u64 {
    let mut whole = 0;
    for part in kept.plan.parts(kept.facts.size_bytes) {
        if let Some(stored) = kept.parts.get(&part.number) {
            whole = checksum::combine(whole, stored.crc64nvme, part.len);
        }
    }
    whole
}
