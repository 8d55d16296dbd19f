//! Going on with a multipart upload: one of this run as it is, one of an earlier run only as far as server, journal
//! and the local bytes agree. An upload id that the journal does not have is never taken over.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::complete::{complete, find_assembled};
use super::file::{Finished, Halt, Upload};
use super::kept::{Kept, Origin};
use super::multipart::{is_damaged, is_gone};
use super::rehash::rehash;
use crate::engine::journal::Change;
use crate::engine::orphans::{Intended, Ours, Swept, Why, sweep_strays};
use crate::engine::source::{SourceFile, looks_the_same};
use crate::model::{ConflictPolicy, FailureKind, Notice, PartPlan, Severity, SkipReason};
use crate::s3::{Destination, ListedPart, S3Store, StoredPart, WriteCondition};

/// A file changed while nobody looked: its upload starts again.
const NOTICE_CHANGED: &str = "notice-upload-source-changed";
/// The server has dropped an unfinished upload.
const NOTICE_DROPPED: &str = "notice-upload-dropped";

/// What the server holds of an upload.
enum Held {
    /// These parts.
    Parts(BTreeMap<u32, ListedPart>),
    /// It does not know the upload.
    Unknown,
    /// It does not tell us.
    Untold,
}

/// Ends an upload that an earlier run, or an earlier try that was stopped, was putting together, without looking at
/// the source: everything was sent and checked by then. `None` if that did not come to anything and the file takes the
/// usual way after all.
pub(super) async fn settle(upload: &mut Upload, store: &S3Store) -> Result<Option<Finished>, Halt> {
    let Some(kept) = upload.kept.clone() else { return Ok(None) };
    let Origin::Completing { crc64nvme, .. } = kept.origin else { return Ok(None) };
    upload.key = kept.key.clone();
    let to = upload.destination(match upload.job.policy {
        ConflictPolicy::Overwrite | ConflictPolicy::OverwriteIfNewer => WriteCondition::Any,
        ConflictPolicy::Ask | ConflictPolicy::Skip | ConflictPolicy::Rename => WriteCondition::OnlyIfAbsent,
    });
    // It was said to be stored: only the check of it was not through.
    let mut settled = Ok(None);
    if upload.told(crc64nvme).is_some() {
        settled = find_assembled(upload, store, kept.clone(), &to).await;
    }
    if matches!(settled, Ok(None)) {
        settled = put_together(upload, store, &kept, &to).await;
    }
    match settled {
        // What the server holds is not what was sent, or a rule decides: both are matters of the usual way.
        Err(Halt::Failed(failure)) if is_damaged(failure.kind) => {}
        Err(Halt::Exists(_)) if upload.job.policy != ConflictPolicy::Ask => {}
        // Our own, of the bytes that the file had before.
        Err(Halt::Exists(_) | Halt::Skipped(SkipReason::NotNewer)) if upload.stands_told(store).await? => {}
        settled => return settled,
    }
    upload.sent.begin_anew();
    upload.set_origin(Origin::Journal);
    Ok(None)
}

async fn put_together(
    upload: &mut Upload,
    store: &S3Store,
    kept: &Kept,
    to: &Destination,
) -> Result<Option<Finished>, Halt> {
    match held(upload, store, kept).await? {
        Held::Parts(found) if !is_all_there(kept, &found) => {
            upload.set_origin(Origin::Journal);
            return Ok(None);
        }
        // An equal object that was there before proves nothing while the parts are there: they are put together.
        Held::Parts(_) | Held::Untold => match complete(upload, store, None, to, None).await {
            Err(Halt::Failed(failure)) if is_gone(failure.kind) => {}
            other => return other.map(Some),
        },
        Held::Unknown => {
            if let Some(finished) = find_assembled(upload, store, kept.clone(), to).await? {
                return Ok(Some(finished));
            }
        }
    }
    upload.tell_notice(NOTICE_DROPPED);
    upload.start_over(Why::Restarted).await;
    Ok(None)
}

fn is_all_there(kept: &Kept, found: &BTreeMap<u32, ListedPart>) -> bool {
    let mut planned = kept.plan.parts(kept.stamp.size_bytes);
    planned.all(|part| match (kept.parts.get(&part.number), found.get(&part.number)) {
        (Some(ours), Some(theirs)) => agrees(ours, theirs, part.len),
        _ => false,
    })
}

fn agrees(ours: &StoredPart, theirs: &ListedPart, len: u64) -> bool {
    theirs.etag.as_deref() == Some(&*ours.etag) && theirs.size_bytes == Some(len)
}

/// The upload of an earlier try if it still fits; what does not fit is given up.
pub(super) async fn take_kept(
    upload: &mut Upload,
    store: &S3Store,
    source: &Arc<SourceFile>,
    plan: PartPlan,
    to: &Destination,
) -> Result<Option<Kept>, Halt> {
    let Some(kept) = upload.kept.clone() else { return Ok(None) };
    let has_changed = !looks_the_same(&kept.stamp, &source.stamp());
    if has_changed || kept.key != to.key || kept.plan != plan {
        if has_changed {
            upload.tell_notice(NOTICE_CHANGED);
        }
        upload.start_over(Why::Restarted).await;
        return Ok(None);
    }
    if kept.is_surely_of(&source.stamp()) {
        return Ok(Some(kept));
    }
    let mut good = (*kept.parts).clone();
    if kept.origin != Origin::ThisRun {
        match held(upload, store, &kept).await? {
            Held::Parts(found) => {
                for part in plan.parts(kept.stamp.size_bytes) {
                    let both = good.get(&part.number).zip(found.get(&part.number));
                    if !both.is_some_and(|(ours, theirs)| agrees(ours, theirs, part.len)) {
                        good.remove(&part.number);
                    }
                }
            }
            Held::Unknown => {
                upload.tell_notice(NOTICE_DROPPED);
                upload.start_over(Why::Restarted).await;
                return Ok(None);
            }
            // Nothing of it can be trusted then; it stays on the list of what is to be aborted.
            Held::Untold => {
                upload.start_over(Why::Restarted).await;
                return Ok(None);
            }
        }
    }
    let to_read: Vec<_> = plan.parts(kept.stamp.size_bytes).filter(|part| good.contains_key(&part.number)).collect();
    let local = rehash(upload, source, to_read.into_iter()).await?;
    good.retain(|number, part| local.get(number) == Some(&part.crc64nvme));
    let lost: Vec<u32> = kept.parts.keys().filter(|number| !good.contains_key(number)).copied().collect();
    if !lost.is_empty() {
        tracing::info!(parts = lost.len(), "parts of an earlier run are sent again");
        upload.note(Change::PartsLost { job: upload.job.id, numbers: lost });
    }
    let (parts, stamp, was_racy) = (Arc::new(good), source.stamp(), upload.is_racy);
    let kept = Kept { parts, origin: Origin::ThisRun, stamp, was_racy, ..kept };
    upload.kept = Some(kept.clone());
    Ok(Some(kept))
}

/// The file is small by now: what was sent of it in parts is of no use.
pub(super) async fn drop_parts(upload: &mut Upload) {
    if upload.kept.is_some() {
        upload.tell_notice(NOTICE_CHANGED);
        upload.start_over(Why::Restarted).await;
    }
}

/// All parts that the server holds.
async fn held(upload: &Upload, store: &S3Store, kept: &Kept) -> Result<Held, Halt> {
    let mut backoff = upload.backoff();
    let (mut parts, mut after) = (BTreeMap::new(), None);
    loop {
        if upload.control.is_stopped() {
            return Err(Halt::Stopped);
        }
        match store.list_parts(&kept.bucket, &kept.key, &kept.upload, after).await {
            Ok(page) => {
                parts.extend(page.parts.into_iter().map(|part| (part.number, part)));
                match page.next_after {
                    Some(next) => after = Some(next),
                    None => return Ok(Held::Parts(parts)),
                }
            }
            Err(error) => match error.kind() {
                FailureKind::NoSuchUpload => return Ok(Held::Unknown),
                FailureKind::AccessDenied => return Ok(Held::Untold),
                _ => upload.wait_or_fail(&mut backoff, &error).await?,
            },
        }
    }
}

/// Aborts uploads of this file that were started and whose ids nobody heard, now that one of ours tells who we are.
/// `created` is when that one was created by our clock, if it was in this run. Asked until there is an answer.
pub(super) async fn sweep(
    upload: &mut Upload,
    store: &S3Store,
    kept: &Kept,
    created: Option<Timestamp>,
) -> Result<(), Halt> {
    let Some(since) = upload.lost_creations else { return Ok(()) };
    let intended = Intended { since, until: upload.lost_until.or(created).unwrap_or_else(|| upload.now()) };
    let ours =
        Ours { connection: &kept.connection, bucket: &kept.bucket, key: &kept.key, upload: &kept.upload, created };
    let mut backoff = upload.backoff();
    loop {
        match sweep_strays(&upload.context.shared.orphans, store, &ours, intended).await {
            Ok(Swept::All(_swept)) => break,
            // The transfer's end, or its next try, looks once more.
            Ok(Swept::Unsure) => return Ok(()),
            Err(error) => match upload.wait_or_fail(&mut backoff, &error).await {
                Ok(()) => {}
                // Who may upload may not always list: then they stay for the user to judge.
                Err(Halt::Failed(failure)) => {
                    tracing::info!(kind = ?failure.kind, "unfinished uploads cannot be listed");
                    return Ok(());
                }
                Err(halt) => return Err(halt),
            },
        }
    }
    (upload.lost_creations, upload.lost_until) = (None, None);
    upload.note(Change::Swept { job: upload.job.id });
    Ok(())
}

impl Upload {
    pub(super) fn set_origin(&mut self, origin: Origin) {
        if let Some(kept) = &mut self.kept {
            kept.origin = origin;
        }
    }

    fn tell_notice(&self, id: &'static str) {
        let notice = Notice::message(Severity::Info, id).with("path", self.job.path.display());
        self.context.shared.sink.notice(notice);
    }
}
