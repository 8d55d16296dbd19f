//! A large file: created, its parts sent over all upload threads, completed ([`super::complete`]). Each step is in the
//! journal before the next one leaves: the intent to create, the server's id, the parts that arrived, the intent to
//! complete.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FusedFuture as _;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};

use super::complete::complete;
use super::file::{Finished, Halt, Upload, UploadNews, facts_of};
use super::kept::{Kept, Leftover, Origin};
use super::mend::corrupted;
use super::own::InTheWay;
use super::part::{PartHalt, PartSource, send_part};
use super::rehash::rehash;
use super::resume;
use crate::engine::journal::Change;
use crate::engine::orphans::{Why, is_refusal};
use crate::engine::pace::NEAR;
use crate::engine::queue::Stage;
use crate::engine::sessions::Session;
use crate::engine::source::SourceFile;
use crate::model::{ConflictPolicy, Failure, FailureKind, Part, PartPlan};
use crate::s3::{Destination, LOOK_COUNTS_FOR, Looked, S3Store, StoredPart, WriteCondition};

/// Parts of one file under way at a time; the byte budget limits all files together.
const PARTS_IN_FLIGHT: usize = 16;
/// The first parts begin one after the other, this share of a round trip apart: begun at once, they would all end at
/// once, and the line stand still for a round trip until the next ones come.
const STAGGER_SHARE: u32 = 4;
/// Longest time between two of them.
const MOST_STAGGER: Duration = Duration::from_millis(50);
/// Parts that take longer have time for a look whether they are sent for nothing.
const LOOK_AFTER: Duration = Duration::from_secs(3);
/// With so few of many parts left, the key is looked at beside them where the completion would have to, if they are
/// likely through before the look is too old.
const LAST_PARTS: usize = 6;
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
            Err(Halt::Failed(failure)) if is_gone(failure.kind) && restarts < MOST_RESTARTS => {
                upload.start_over(Why::Restarted).await;
                restarts += 1;
                // What was ours in the way may be somebody else's by now.
                let rule = upload.job.policy;
                if upload.in_the_way == InTheWay::Unknown
                    && !matches!(rule, ConflictPolicy::Overwrite | ConflictPolicy::OverwriteIfNewer)
                {
                    to.condition = WriteCondition::OnlyIfAbsent;
                }
            }
            // What the server has put together, or was to put together, is not what was sent: once more.
            Err(Halt::Failed(failure)) if is_damaged(failure.kind) => {
                if mends > 0 {
                    return Err(Halt::Failed(corrupted(failure)));
                }
                mends += 1;
                upload.sent.begin_anew();
                if upload.in_the_way != InTheWay::Unknown {
                    to.condition = WriteCondition::Any;
                }
            }
            other => return other,
        }
    }
}

/// The server has nothing left of the upload: it says so, or has none of the object that it said to have made.
pub(super) fn is_gone(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NoSuchUpload | FailureKind::NothingStored)
}

/// What the server holds is not what was sent, or it does not know its own parts again.
pub(super) fn is_damaged(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::ChecksumMismatch | FailureKind::PartsRefused)
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
    let looked = send_missing(upload, Way { session, store, source, to }, kept).await?;
    confirm_source(upload, source).await?;
    complete(upload, store, Some(source), to, looked).await
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
    // An hour may pass until the answer.
    let in_place_of = upload.in_place_of();
    upload.durable(Change::Creating { job, key, stamp, started, in_place_of }).await?;
    let creating = upload.context.shared.orphans.begin_creating(&to.bucket, &to.key);
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
                if !is_refusal(&error) {
                    // The answer may be all that was lost.
                    upload.lost_creations.get_or_insert(started);
                }
                let halted = upload.wait_or_fail(&mut backoff, &error).await;
                if halted.is_err() && upload.lost_creations.is_none() {
                    upload.note(Change::Swept { job });
                }
                halted?;
            }
        }
    };
    upload.note_list_sent(&to);
    let created = upload.now();
    let kept = Kept {
        connection: upload.job.spec.to.connection.clone(),
        bucket: to.bucket.clone(),
        key: to.key.clone(),
        upload: id,
        stamp,
        plan,
        parts: Arc::default(),
        origin: Origin::ThisRun,
        was_racy: upload.is_racy,
    };
    upload.kept = Some(kept.clone());
    upload.context.shared.orphans.note_in_queue(Leftover::from(&kept), job);
    drop(creating);
    let lost_since = upload.lost_creations;
    upload.durable(Change::Created { job, upload_id: kept.upload.0.clone(), plan, lost_since }).await?;
    resume::sweep(upload, store, &kept, Some(created)).await?;
    Ok(kept)
}

/// What the parts go through, from where to where.
#[derive(Clone, Copy)]
struct Way<'a> {
    session: &'a Arc<Session>,
    store: &'a S3Store,
    source: &'a Arc<SourceFile>,
    to: &'a Destination,
}

/// Sends the parts that the server does not have yet. Where the key was not looked at before, that is done beside
/// them once they take long; where the completion has to look at it, beside the last of many.
async fn send_missing(upload: &mut Upload, way: Way<'_>, kept: Kept) -> Result<Option<Looked>, Halt> {
    upload.sent.add(kept.done_bytes());
    upload.tell(UploadNews::Stage(Stage::Active));
    let mut parts = (*kept.parts).clone();
    let result = send_parts(upload, way, &kept, &mut parts).await;
    if let Some(kept) = &mut upload.kept {
        kept.parts = Arc::new(parts);
    }
    result
}

/// Sends what is not in `parts`, and adds it. Parts that are under way when this ends are stopped.
async fn send_parts(
    upload: &Upload,
    way: Way<'_>,
    kept: &Kept,
    parts: &mut BTreeMap<u32, StoredPart>,
) -> Result<Option<Looked>, Halt> {
    let shared = Arc::new(part_source(upload, way, kept));
    let wanted = |part: &Part| !kept.parts.contains_key(&part.number);
    let mut missing = kept.plan.parts(kept.stamp.size_bytes).filter(wanted).peekable();
    let mut under_way = FuturesUnordered::new();
    let context = upload.context.clone();
    let start = |part: Part, after: Duration| {
        let (context, shared) = (context.clone(), Arc::clone(&shared));
        async move {
            if !after.is_zero() {
                context.shared.patience.clock.sleep(after).await;
            }
            send_part(context, shared, part).await.map(|stored| (part, stored))
        }
    };
    let apart = stagger(way.store.quickest_answer());
    under_way.extend((0..).zip(missing.by_ref().take(PARTS_IN_FLIGHT)).map(|(n, part)| start(part, apart * n)));
    let asks = upload.asks_late(way.store) && way.to.condition == WriteCondition::OnlyIfAbsent;
    let mut late_look = std::pin::pin!(look_late(upload, way.store).fuse());
    let looks = under_way.len() == PARTS_IN_FLIGHT && way.store.looks_before_complete(way.to.condition);
    // Boxed: every upload's future would be as large.
    let mut last_look = Box::pin(way.store.look_before_complete(way.to)).fuse();
    let (mut nears_end, mut looked) = (false, None);
    let clock = &upload.context.shared.patience.clock;
    let (began, mut sent) = (clock.elapsed(), 0);
    while !under_way.is_empty() {
        nears_end = nears_end
            || (looks
                && missing.peek().is_none()
                && ends_soon(under_way.len(), clock.elapsed().saturating_sub(began), sent));
        let next = tokio::select! {
            () = upload.control.stopped() => return Err(Halt::Stopped),
            Err(halt) = &mut late_look, if asks => return Err(halt),
            // What it finds, the completion finds as well, and tells.
            Ok(found) = &mut last_look, if nears_end => {
                looked = Some(found);
                continue;
            }
            next = under_way.next() => next,
        };
        match next {
            Some(Ok((part, stored))) => {
                sent += 1;
                upload.note_part(part, &stored);
                parts.insert(stored.number, stored);
                under_way.extend(missing.by_ref().take(1).map(|part| start(part, Duration::ZERO)));
            }
            Some(Err(PartHalt::Stopped)) => return Err(Halt::Stopped),
            Some(Err(PartHalt::Failed(failure))) => return Err(Halt::Failed(failure)),
            None => break,
        }
    }
    if nears_end && looked.is_none() && !last_look.is_terminated() {
        looked = tokio::select! {
            () = upload.control.stopped() => return Err(Halt::Stopped),
            found = last_look => found.ok(),
        };
    }
    Ok(looked)
}

fn part_source(upload: &Upload, way: Way<'_>, kept: &Kept) -> PartSource {
    PartSource {
        session: Arc::clone(way.session),
        source: Arc::clone(way.source),
        to: way.to.clone(),
        upload: kept.upload.clone(),
        sent: upload.sent.clone(),
        control: upload.control.clone(),
    }
}

/// Whether the last parts will be through soon enough, if they take as long as those before.
fn ends_soon(left: usize, elapsed: Duration, sent: u32) -> bool {
    let each = elapsed.checked_div(sent).unwrap_or(Duration::MAX);
    left <= LAST_PARTS && u32::try_from(left).is_ok_and(|left| each.saturating_mul(left) < LOOK_COUNTS_FOR)
}

/// The time between the first parts, by how quickly the server has answered so far.
fn stagger(quickest_answer: Option<Duration>) -> Duration {
    // To a server that is near they need no time between them.
    let far = quickest_answer.filter(|quickest| *quickest >= NEAR).unwrap_or_default();
    (far / STAGGER_SHARE).min(MOST_STAGGER)
}

/// Long before the parts are put together, and without a request for what is sent in a moment: whether the key is
/// taken. What cannot be found out is left to the condition of the completion.
async fn look_late(upload: &Upload, store: &S3Store) -> Result<(), Halt> {
    upload.context.shared.patience.clock.sleep(LOOK_AFTER).await;
    match upload.look(store).await {
        Ok(Some(existing)) => Err(Halt::Exists(facts_of(&existing))),
        Ok(None) | Err(Halt::Failed(_)) => Ok(()),
        Err(halt) => Err(halt),
    }
}

/// The bytes were read over a while: one last look whether they are of one file. Where equal times prove nothing,
/// everything is read once more.
async fn confirm_source(upload: &Upload, source: &Arc<SourceFile>) -> Result<(), Halt> {
    let question = source.ask(|source| {
        let now = source.check_unchanged()?;
        source.check_not_replaced().map(|()| now)
    });
    let now = upload.unless_stopped(question).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_looked_at_early_only_where_the_rest_is_quickly_through() {
        let after = |secs, sent, left| ends_soon(left, Duration::from_secs(secs), sent);
        assert!(after(4, 58, 6) && !after(4, 57, 7), "few parts");
        assert!(!after(60, 58, 6) && !after(60, 63, 1), "slow ones");
        assert!(after(10, 63, 1) && !after(1, 0, 1), "the last one; nothing known");
    }

    #[test]
    fn first_parts_begin_apart_on_far_lines_only() {
        let apart = |ms| stagger(Some(Duration::from_millis(ms)));
        assert_eq!((stagger(None), apart(2)), (Duration::ZERO, Duration::ZERO));
        assert_eq!((apart(52), apart(900)), (Duration::from_millis(13), MOST_STAGGER));
    }
}
