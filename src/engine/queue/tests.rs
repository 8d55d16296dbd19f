use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::{
    BucketName, ConflictScope, ConnectionId, FailureKind, Prefix, RowsWanted, Selection, TransferAction, TransferState,
};
use ConflictPolicy as P;
use TransferAction as A;

const LARGE: u64 = 100 * 1024 * 1024;

fn queue_with(sizes: &[u64]) -> (Queue, BatchId, Vec<TransferId>) {
    let mut queue = Queue::default();
    let batch = add_batch(&mut queue, TransferKind::Upload);
    let ids = sizes.iter().enumerate().map(|(n, size)| queue.push(batch, file(n, *size)).unwrap()).collect();
    (queue, batch, ids)
}

/// As many places as files.
pub(super) fn place_for(files: usize) -> Places {
    Places::files(files)
}

pub(super) fn add_batch(queue: &mut Queue, kind: TransferKind) -> BatchId {
    add_batch_to(queue, kind, &ConnectionId::new("c"))
}

/// Uploads to another bucket.
pub(super) fn add_batch_into(queue: &mut Queue, bucket: &str) -> BatchId {
    let (connection, bucket) = (ConnectionId::new("c"), BucketName::new(bucket).unwrap());
    add_batch_at(queue, TransferKind::Upload, Location { connection, bucket, prefix: Prefix::new("to") })
}

fn add_batch_to(queue: &mut Queue, kind: TransferKind, connection: &ConnectionId) -> BatchId {
    let (connection, bucket) = (connection.clone(), BucketName::new("bucket").unwrap());
    add_batch_at(queue, kind, Location { connection, bucket, prefix: Prefix::new("to") })
}

fn add_batch_at(queue: &mut Queue, kind: TransferKind, to: Location) -> BatchId {
    let batch = BatchId::next();
    let spec = BatchSpec {
        kind,
        to,
        options: Arc::new(PutOptions::default()),
        local_root: PathBuf::new(),
        then: AfterDownload::Keep,
        started: Duration::ZERO,
        opened: Timestamp::UNIX_EPOCH,
    };
    queue.open_batch(batch, spec);
    batch
}

pub(super) fn file(number: usize, size_bytes: u64) -> NewTransfer {
    let folder = Folder { path: "/d".into(), key_prefix: "to/".into(), naming: Naming::Exact };
    NewTransfer { folder: Arc::new(folder), name: format!("f{number}").into(), key: None, size_bytes, modified: None }
}

fn done() -> Ended {
    Ended::Done(Verified::Accepted)
}

fn failed() -> Ended {
    Ended::Failed(Failure::new(FailureKind::AccessDenied))
}

fn state(queue: &Queue, id: TransferId) -> TransferState {
    queue.shown(id).unwrap().row.state
}

#[test]
fn small_files_and_large_ones_each_get_half_of_the_places() {
    let (mut queue, _, ids) = queue_with(&[LARGE, LARGE, LARGE, 1, 1, 1, 1]);
    let started: Vec<_> = std::iter::from_fn(|| queue.next_ready(&Places::files(4))).map(|job| job.id).collect();
    assert_eq!(started, [ids[0], ids[1], ids[3], ids[4]]);
    queue.end(ids[0], done());
    assert_eq!(queue.next_ready(&Places::files(4)).unwrap().id, ids[2]);
    // Only small ones wait from here on: they take all places.
    queue.end(ids[1], done());
    assert_eq!(queue.next_ready(&Places::files(4)).unwrap().id, ids[5]);
}

#[test]
fn with_one_place_the_order_is_kept() {
    let (mut queue, _, ids) = queue_with(&[1, LARGE, 1]);
    for id in ids {
        let job = queue.next_ready(&Places::files(1)).unwrap();
        assert_eq!(job.id, id);
        assert!(queue.next_ready(&Places::files(1)).is_none());
        queue.end(id, done());
    }
    assert!(queue.next_ready(&Places::files(1)).is_none());
}

#[test]
fn downloads_do_not_wait_for_uploads() {
    let (mut queue, _, _) = queue_with(&[1]);
    let downloads = add_batch(&mut queue, TransferKind::Download);
    let id = queue.push(downloads, file(9, LARGE)).unwrap();
    assert!(queue.next_ready(&Places::files(1)).is_some());
    assert_eq!(queue.next_ready(&Places::files(1)).unwrap().id, id);
}

#[test]
fn a_batch_ends_once_and_again_after_a_retry() {
    let (mut queue, batch, ids) = queue_with(&[1, 1]);
    for id in &ids {
        queue.next_ready(&Places::files(8)).unwrap();
        assert!(queue.take_finished().is_empty());
        queue.end(*id, failed());
    }
    assert!(queue.take_finished().is_empty(), "the scan goes on");
    queue.scan_complete(batch);
    assert_eq!(queue.take_finished(), [batch]);
    assert_eq!(queue.summary(batch, Duration::from_secs(1)).unwrap().failed, 2);
    queue.act(&Selection::Batch(batch), TransferAction::Retry);
    let job = queue.next_ready(&Places::files(8)).unwrap();
    queue.end(job.id, done());
    assert!(queue.take_finished().is_empty(), "one is still tried again");
    let job = queue.next_ready(&Places::files(8)).unwrap();
    queue.end(job.id, failed());
    assert_eq!(queue.take_finished(), [batch]);
    let summary = queue.summary(batch, Duration::from_secs(1)).unwrap();
    assert_eq!((summary.done, summary.failed), (1, 1), "of the whole batch");
    assert!(queue.take_finished().is_empty(), "told already");
}

#[test]
fn a_pause_is_kept_through_the_owners_end() {
    let (mut queue, _, ids) = queue_with(&[5]);
    let job = queue.next_ready(&Places::files(8)).unwrap();
    let asks = queue.act(&Selection::All, TransferAction::Pause);
    assert_eq!(asks, [Ask::Stop(job.id, StopReason::Pause)]);
    assert_eq!(state(&queue, ids[0]), TransferState::Paused);
    assert!(queue.has_owners() && queue.next_ready(&Places::files(8)).is_none());
    assert_eq!(queue.end(ids[0], Ended::Stopped), Some(Settled::Waiting));
    assert_eq!(queue.counts().paused, 1);
    queue.act(&Selection::All, TransferAction::Resume);
    assert_eq!(queue.next_ready(&Places::files(8)).unwrap().id, ids[0]);
}

#[test]
fn a_resume_before_the_pause_is_through_queues_again() {
    let (mut queue, _, ids) = queue_with(&[5]);
    queue.next_ready(&Places::files(8)).unwrap();
    queue.act(&Selection::All, TransferAction::Pause);
    queue.act(&Selection::All, TransferAction::Resume);
    assert!(queue.next_ready(&Places::files(8)).is_none(), "the old owner still holds it");
    queue.end(ids[0], Ended::Stopped);
    assert_eq!(queue.next_ready(&Places::files(8)).unwrap().id, ids[0]);
}

#[test]
fn a_cancel_beats_a_pause_and_a_done_beats_both() {
    let (mut queue, _, ids) = queue_with(&[5, 5]);
    queue.next_ready(&Places::files(8)).unwrap();
    queue.next_ready(&Places::files(8)).unwrap();
    queue.act(&Selection::All, TransferAction::Pause);
    queue.act(&Selection::All, TransferAction::Cancel);
    assert_eq!(queue.end(ids[0], Ended::Stopped), Some(Settled::Ended));
    assert_eq!(state(&queue, ids[0]), TransferState::Cancelled);
    assert_eq!(queue.end(ids[1], done()), Some(Settled::Ended));
    assert_eq!(state(&queue, ids[1]), TransferState::Done(Verified::Accepted));
    assert_eq!(queue.end(ids[1], failed()), None, "it has no owner any more");
}

#[test]
fn an_answer_for_the_rest_settles_what_waits_and_what_comes() {
    let (mut queue, batch, ids) = queue_with(&[1, 1, 1]);
    for _ in 0..2 {
        let job = queue.next_ready(&Places::files(8)).unwrap();
        assert_eq!(queue.end(job.id, Ended::Conflict), Some(Settled::NeedsDecision));
    }
    let asks = queue.decide(ids[0], ConflictPolicy::Skip, ConflictScope::RestOfBatch);
    assert!(asks.contains(&Ask::ConflictGone(ids[1], batch)) && asks.contains(&Ask::Ended(ids[1])));
    assert_eq!(queue.counts().done, 2);
    assert_eq!(queue.rest_policy(batch), Some(ConflictPolicy::Skip));
    assert_eq!(queue.next_ready(&Places::files(8)).unwrap().policy, ConflictPolicy::Skip);
}

#[test]
fn a_decided_transfer_goes_ahead_of_the_queue() {
    let (mut queue, _, ids) = queue_with(&[1, 1, 1]);
    queue.next_ready(&Places::files(1)).unwrap();
    queue.end(ids[0], Ended::Conflict);
    queue.decide(ids[0], ConflictPolicy::Overwrite, ConflictScope::This);
    let job = queue.next_ready(&Places::files(1)).unwrap();
    assert_eq!((job.id, job.policy), (ids[0], ConflictPolicy::Overwrite));
}

#[test]
fn forgetting_everything_frees_the_list() {
    let (mut queue, batch, ids) = queue_with(&[1, 1]);
    queue.scan_complete(batch);
    for id in &ids {
        queue.next_ready(&Places::files(8)).unwrap();
        queue.end(*id, done());
    }
    queue.take_finished();
    queue.act(&Selection::All, TransferAction::Forget);
    assert!(queue.records.is_empty() && queue.batches.is_empty());
    assert_eq!(queue.counts(), TransferCounts::default());
    assert_eq!(queue.linkable(), 0);
}

#[test]
fn clearing_what_is_finished_leaves_what_has_failed() {
    let (mut queue, batch, ids) = queue_with(&[1, 2]);
    queue.scan_complete(batch);
    for (id, ended) in [(ids[0], done()), (ids[1], failed())] {
        queue.next_ready(&Places::files(8)).unwrap();
        queue.end(id, ended);
    }
    for selection in [Selection::One(ids[1]), Selection::All] {
        queue.act(&selection, TransferAction::Forget);
        assert_eq!(queue.counts().failed, 1);
    }
    assert_eq!(queue.counts().done, 0);
    assert!(queue.act(&Selection::All, TransferAction::ForgetFailed).contains(&Ask::DropKept(ids[1])));
    assert_eq!(queue.counts(), TransferCounts::default());
}

#[test]
fn rows_are_those_asked_for() {
    let (mut queue, _, ids) = queue_with(&[1; 10]);
    for _ in 0..4 {
        queue.next_ready(&Places::files(8)).unwrap();
    }
    queue.end(ids[1], done());
    queue.end(ids[3], failed());
    let rows = |tab, first_index, count| -> Vec<TransferId> {
        queue.rows(&RowsWanted { tab, first_index, count }).iter().map(|row| row.id).collect()
    };
    assert_eq!(rows(TransferTab::Done, 0, 10), [ids[1]]);
    assert_eq!(rows(TransferTab::Failed, 0, 10), [ids[3]]);
    assert_eq!(rows(TransferTab::Active, 1, 3), [ids[2], ids[4], ids[5]]);
    assert_eq!(rows(TransferTab::Active, 8, 3), []);
}

/// What may happen to a queue.
#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    Start,
    End(usize, u8),
    Act(Option<usize>, u8),
    Decide(usize, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => prop_oneof![Just(1), Just(LARGE)].prop_map(Step::Push),
        4 => Just(Step::Start),
        4 => (any::<usize>(), 0u8..5).prop_map(|(at, how)| Step::End(at, how)),
        3 => (prop::option::of(any::<usize>()), 0u8..5).prop_map(|(at, what)| Step::Act(at, what)),
        1 => (any::<usize>(), 0u8..4).prop_map(|(at, what)| Step::Decide(at, what)),
    ];
    prop::collection::vec(step, 0..120)
}

/// A queue, and what its owners believe.
struct World {
    queue: Queue,
    batch: BatchId,
    ids: Vec<TransferId>,
    owned: BTreeMap<TransferId, Option<StopReason>>,
    finished: usize,
}

impl World {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Push(size) => {
                if let Some(id) = self.queue.push(self.batch, file(self.ids.len(), *size)) {
                    self.ids.push(id);
                }
            }
            Step::Start => self.start(),
            Step::End(at, how) => {
                let ids: Vec<TransferId> = self.owned.keys().copied().collect();
                let Some(id) = pick(&ids, *at) else { return };
                let stopped = self.owned.remove(&id).unwrap();
                let ended = match how {
                    0 | 1 => done(),
                    2 => failed(),
                    3 if stopped.is_some() => Ended::Stopped,
                    _ => Ended::Conflict,
                };
                assert!(self.queue.end(id, ended).is_some());
            }
            Step::Act(at, what) => {
                let selection = match at {
                    Some(at) => match pick(&self.ids, *at) {
                        Some(id) => Selection::One(id),
                        None => return,
                    },
                    None => Selection::All,
                };
                let action = [A::Pause, A::Resume, A::Cancel, A::Retry, A::Forget][usize::from(*what)];
                let asks = self.queue.act(&selection, action);
                self.obey(asks);
            }
            Step::Decide(at, what) => {
                let Some(id) = pick(&self.ids, *at) else { return };
                let policy = [P::Skip, P::Overwrite, P::Rename, P::Ask][usize::from(*what)];
                let asks = self.queue.decide(id, policy, ConflictScope::This);
                self.obey(asks);
            }
        }
        self.finished += self.queue.take_finished().len();
    }

    fn start(&mut self) {
        if let Some(job) = self.queue.next_ready(&Places::files(4)) {
            assert!(self.owned.insert(job.id, None).is_none(), "a second owner");
            assert!(self.owned.len() <= 4);
        }
    }

    fn obey(&mut self, asks: Vec<Ask>) {
        for ask in asks {
            if let Ask::Stop(id, reason) = ask {
                *self.owned.get_mut(&id).expect("only owners are told to stop") = Some(reason);
            }
        }
    }

    fn check(&self) {
        assert_eq!(self.queue.has_owners(), !self.owned.is_empty());
        let (mut counts, mut pending) = (TransferCounts::default(), 0);
        for record in &self.queue.records {
            let Some(shown) = record.shown_state() else { continue };
            match shown.tab() {
                TransferTab::Active => counts.active += 1,
                TransferTab::Done => counts.done += 1,
                TransferTab::Failed => counts.failed += 1,
            }
            counts.paused += u64::from(shown == TransferState::Paused);
            counts.moving += u64::from(matches!(record.state, State::Running(Stage::Active | Stage::Finishing)));
            pending += if counts_as_pending(&record.state) { record.size_bytes } else { 0 };
        }
        assert_eq!(self.queue.counts(), counts);
        assert_eq!(self.queue.pending_bytes(), pending);
    }

    /// From any state, resuming, deciding and letting owners finish brings everything to its end.
    fn finish(&mut self) {
        self.queue.scan_complete(self.batch);
        for _round in 0..self.ids.len() * 4 + 4 {
            let asks = self.queue.act(&Selection::All, TransferAction::Resume);
            self.obey(asks);
            self.start();
            for id in std::mem::take(&mut self.owned).into_keys() {
                assert!(self.queue.end(id, done()).is_some());
            }
            for id in self.ids.clone() {
                let asks = self.queue.decide(id, ConflictPolicy::Skip, ConflictScope::This);
                self.obey(asks);
            }
            self.finished += self.queue.take_finished().len();
        }
        assert_eq!(self.queue.counts().active, 0, "everything ends");
        assert_eq!(self.finished, 1, "the batch ends once");
    }
}

fn pick(ids: &[TransferId], at: usize) -> Option<TransferId> {
    if ids.is_empty() { None } else { ids.get(at % ids.len()).copied() }
}

proptest! {
    #[test]
    fn never_two_owners_and_always_an_end(steps in steps()) {
        let (queue, batch, ids) = queue_with(&[1]);
        let mut world = World { queue, batch, ids, owned: BTreeMap::new(), finished: 0 };
        for step in &steps {
            world.take(step);
            world.check();
        }
        world.finish();
    }
}

#[test]
fn uploads_of_a_closed_connection_make_room_and_downloads_take_none() {
    let mut queue = Queue::default();
    let (gone, there) = (ConnectionId::new("gone"), ConnectionId::new("there"));
    let mut batches = Vec::new();
    for connection in [&gone, &there] {
        for kind in [TransferKind::Upload, TransferKind::Download] {
            let batch = add_batch_to(&mut queue, kind, connection);
            for n in 0..3 {
                queue.push(batch, file(n, 1)).unwrap();
            }
            batches.push(batch);
        }
    }
    let start = |queue: &mut Queue, closed: &BTreeSet<ConnectionId>| -> Vec<BatchId> {
        let places = Places { closed: closed.clone(), ..place_for(2) };
        std::iter::from_fn(|| queue.next_ready(&places)).map(|job| job.batch).collect()
    };
    assert_eq!(start(&mut queue, &BTreeSet::new()), [batches[0], batches[0], batches[1], batches[1]]);
    let closed = BTreeSet::from([gone]);
    assert!(queue.has_uploads_beside(&closed));
    assert_eq!(start(&mut queue, &closed), [batches[3], batches[3]], "downloads that wait take no place");
    let asks = queue.put_back(PutBack::UploadsOf(&closed));
    let Ask::Stop(first, StopReason::Pause) = asks[0] else { panic!("{asks:?}") };
    assert_eq!(asks.len(), 2, "uploads only");
    assert!(start(&mut queue, &closed).is_empty(), "they have not stopped yet");
    for ask in &asks {
        let Ask::Stop(id, _) = ask else { panic!("{ask:?}") };
        queue.end(*id, Ended::Stopped);
    }
    assert_eq!(start(&mut queue, &closed), [batches[2], batches[2]]);
    assert!(matches!(state(&queue, first), TransferState::Queued), "it waits for its connection");
}

#[test]
fn keys_that_are_taken_are_found_in_one_walk() {
    let (queue, batch, _) = queue_with(&vec![1; 20_000]);
    let typed = (0..20_000).map(|n| ObjectKey::new(format!("to/f{}", n * 2))).collect();
    let begin = std::time::Instant::now();
    let taken = queue.taken_keys(batch, &typed);
    // Key by key this takes half a minute.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(taken.len(), 10_000);
    assert!(taken.contains(&ObjectKey::new("to/f19998")) && !taken.contains(&ObjectKey::new("to/f1")));
    assert!(queue.taken_keys(BatchId::next(), &typed).is_empty(), "another batch");
}
