use std::collections::BTreeSet;
use std::sync::Arc;

use super::tests::file;
use super::*;
use crate::model::{
    BucketName, ConflictScope, ConnectionId, FailureKind, Prefix, Selection, TransferAction as A, TransferState,
};
use ConflictPolicy as P;

const LARGE: u64 = 100 * 1024 * 1024;

fn id(name: &str) -> ConnectionId {
    ConnectionId::new(name)
}

/// A batch of uploads by a rule, through a connection: keys by number, and sizes.
fn push(queue: &mut Queue, connection: &str, rule: P, files: &[(usize, u64)]) -> Vec<TransferId> {
    let batch = BatchId::next();
    let options = PutOptions { on_conflict: rule, ..PutOptions::default() };
    let spec = BatchSpec {
        kind: TransferKind::Upload,
        to: Location {
            connection: id(connection),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::new(""),
        },
        options: Arc::new(options),
        local_root: std::path::PathBuf::new(),
        then: AfterDownload::Keep,
        started: Duration::ZERO,
        opened: Timestamp::UNIX_EPOCH,
    };
    queue.open_batch(batch, spec);
    files.iter().map(|(key, size)| queue.push(batch, file(*key, *size)).unwrap()).collect()
}

/// Where connections lead; uploads come for them.
fn lead(queue: &mut Queue, places: &[(&str, usize)]) {
    for (name, _) in places {
        queue.meet(&id(name));
    }
    queue.lead_to(&places.iter().map(|(name, place)| (id(name), *place)).collect());
}

/// Connections "a" and "b" lead to the same buckets.
fn twins() -> Queue {
    let mut queue = Queue::default();
    lead(&mut queue, &[("a", 0), ("b", 0)]);
    queue
}

fn starts(queue: &mut Queue, closed: &[&str]) -> Vec<(TransferId, P)> {
    let places = Places { closed: closed.iter().map(|name| id(name)).collect(), ..Places::files(1000) };
    std::iter::from_fn(|| queue.next_ready(&places)).map(|job| (job.id, job.policy)).collect()
}

fn done() -> Ended {
    Ended::Done(Verified::Accepted)
}

fn away(queue: &mut Queue, id: TransferId) {
    assert!(queue.put_aside(id));
    queue.end(id, Ended::Stopped);
}

#[test]
fn uploads_through_two_connections_to_one_bucket_take_turns() {
    for (first, second) in [(1, 1), (LARGE, LARGE), (1, LARGE), (LARGE, 1)] {
        let mut queue = twins();
        let older = push(&mut queue, "a", P::Overwrite, &[(0, first)])[0];
        let newer = push(&mut queue, "b", P::Overwrite, &[(0, second)])[0];
        let elsewhere = push(&mut queue, "c", P::Overwrite, &[(0, first)])[0];
        assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite), (elsewhere, P::Overwrite)], "{first} {second}");
        queue.end(older, done());
        assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
    }
}

#[test]
fn a_closed_connection_keeps_no_key_from_another_one_and_its_older_upload_asks() {
    for (first, second) in [(1, 1), (LARGE, LARGE), (1, LARGE), (LARGE, 1)] {
        for has_begun in [false, true] {
            let mut queue = twins();
            let older = push(&mut queue, "a", P::Overwrite, &[(0, first)])[0];
            if has_begun {
                assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
            }
            let newer = push(&mut queue, "b", P::Overwrite, &[(0, second)])[0];
            if has_begun {
                // It waits beside its lane when the connection of the other one closes.
                assert_eq!(starts(&mut queue, &[]), []);
                queue.put_back(PutBack::Of(&id("a")));
                queue.end(older, Ended::Stopped);
            }
            assert_eq!(starts(&mut queue, &["a"]), [(newer, P::Overwrite)], "{first} {second} {has_begun}");
            queue.end(newer, done());
            assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)], "{first} {second} {has_begun}");
            queue.end(older, done());
            assert!(queue.overtaken.is_empty());
        }
    }
}

#[test]
fn a_bucket_that_one_connection_does_not_find_keeps_no_key_from_another_one_and_its_older_upload_asks() {
    let bucket = BucketName::new("bucket").unwrap();
    for (first, second) in [(1, 1), (LARGE, LARGE), (1, LARGE), (LARGE, 1)] {
        for has_begun in [false, true] {
            let mut queue = twins();
            let older = push(&mut queue, "a", P::Overwrite, &[(0, first)])[0];
            if has_begun {
                assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
            }
            let newer = push(&mut queue, "b", P::Overwrite, &[(0, second)])[0];
            if has_begun {
                assert_eq!(starts(&mut queue, &[]), []);
                queue.put_back(PutBack::UploadsTo(&id("a"), &bucket));
                queue.end(older, Ended::Stopped);
            }
            queue.close_bucket(&id("a"), &bucket);
            assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)], "{first} {second} {has_begun}");
            queue.end(newer, done());
            queue.open_bucket(&id("a"), &bucket);
            assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)], "{first} {second} {has_begun}");
            queue.end(older, done());
            assert!(queue.overtaken.is_empty());
        }
    }
}

#[test]
fn with_intents_too_a_closed_connection_keeps_no_key_from_another_one() {
    let mut queue = Queue::journalled();
    lead(&mut queue, &[("a", 0), ("b", 0)]);
    let older = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
    let write = |queue: &mut Queue, closed: &BTreeSet<ConnectionId>| {
        let block = queue.next_intents(closed).unwrap_or_default();
        block.first().into_iter().for_each(|first| assert!(queue.intents_durable(*first)));
        block
    };
    assert_eq!(write(&mut queue, &BTreeSet::new()), [older]);
    let newer = push(&mut queue, "b", P::Overwrite, &[(0, 1)])[0];
    // The older one has the key by its intent.
    assert_eq!(write(&mut queue, &BTreeSet::new()), []);
    let closed = BTreeSet::from([id("a")]);
    assert_eq!(write(&mut queue, &closed), [newer]);
    assert_eq!(starts(&mut queue, &["a"]), [(newer, P::Overwrite)]);
    queue.end(newer, done());
    assert_eq!(queue.take_overtaken(), [older]);
    queue.recorded(newer);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)]);
}

#[test]
fn a_connection_that_loses_its_last_twin_while_it_is_closed_is_not_taken_for_closed_for_ever() {
    let mut queue = Queue::journalled();
    lead(&mut queue, &[("a", 0), ("b", 0)]);
    assert_eq!(starts(&mut queue, &["a"]), []);
    lead(&mut queue, &[("a", 0)]);
    // Without its intent the small one cannot begin yet; the large one waits for it.
    push(&mut queue, "a", P::Overwrite, &[(0, 1), (0, LARGE)]);
    assert_eq!(starts(&mut queue, &[]), []);
}

#[test]
fn what_was_dropped_before_asks_once_it_is_back_and_a_later_one_was_stored() {
    let failed = || Ended::Failed(Failure::new(FailureKind::SourceMissing));
    for how in ["away", "paused", "failed"] {
        let mut queue = Queue::journalled();
        let older = push(&mut queue, "a", P::Overwrite, &[(0, LARGE)])[0];
        assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
        match how {
            "away" => away(&mut queue, older),
            "paused" => {
                queue.act(&Selection::One(older), A::Pause);
                queue.end(older, Ended::Stopped);
            }
            _ => {
                queue.end(older, failed());
                queue.recorded(older);
            }
        }
        // It holds nobody up.
        let newer = push(&mut queue, "a", P::Overwrite, &[(0, LARGE), (1, LARGE)]);
        assert_eq!(starts(&mut queue, &[]), [(newer[0], P::Overwrite), (newer[1], P::Overwrite)], "{how}");
        queue.end(newer[1], done());
        assert_eq!(queue.take_overtaken(), [], "another key");
        queue.end(newer[0], done());
        queue.recorded(newer[0]);
        assert_eq!(queue.take_overtaken(), [older], "{how}");
        queue.act(&Selection::One(older), if how == "failed" { A::Retry } else { A::Resume });
        assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)], "{how}");
        // The user's answer is about what stands there now.
        queue.end(older, Ended::Conflict);
        assert!(queue.asks_by_itself(older), "what was said of the rest of the batch was about something else");
        queue.decide(older, P::Overwrite, ConflictScope::This);
        assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)], "{how}");
        queue.end(older, done());
        assert!(queue.overtaken.is_empty());
    }
}

#[test]
fn while_it_waits_for_a_later_one_that_runs_it_is_overtaken_too_and_rules_that_spare_it_stay() {
    for (rule, then) in [(P::Overwrite, P::Ask), (P::Ask, P::Ask), (P::Skip, P::Skip), (P::Rename, P::Rename)] {
        let mut queue = Queue::default();
        let older = push(&mut queue, "a", rule, &[(0, 1)])[0];
        starts(&mut queue, &[]);
        away(&mut queue, older);
        let newer = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
        assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
        queue.act(&Selection::One(older), A::Resume);
        assert_eq!(starts(&mut queue, &[]), []);
        queue.end(newer, done());
        assert_eq!(starts(&mut queue, &[]), [(older, then)]);
    }
}

#[test]
fn a_later_one_is_not_overtaken_by_an_earlier_one() {
    let mut queue = Queue::default();
    let [older, newer] = push(&mut queue, "a", P::Overwrite, &[(0, 1), (0, 1)])[..] else { panic!() };
    queue.act(&Selection::One(newer), A::First);
    assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
    away(&mut queue, newer);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
    queue.end(older, done());
    queue.act(&Selection::One(newer), A::Resume);
    assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
}

#[test]
fn an_answer_about_an_object_that_a_later_upload_has_replaced_is_asked_for_again() {
    let mut queue = Queue::default();
    let older = push(&mut queue, "a", P::Ask, &[(0, 1)])[0];
    starts(&mut queue, &[]);
    queue.end(older, Ended::Conflict);
    let newer = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
    starts(&mut queue, &[]);
    queue.end(newer, done());
    assert!(queue.was_overtaken(older));
    queue.decide(older, P::Overwrite, ConflictScope::This);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)]);
    queue.end(older, Ended::Conflict);
    assert!(!queue.was_overtaken(older) && matches!(state(&queue, older), TransferState::NeedsDecision));
    queue.decide(older, P::Overwrite, ConflictScope::This);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
}

fn state(queue: &Queue, id: TransferId) -> TransferState {
    queue.shown(id).unwrap().row.state
}

/// A queue with one upload of an earlier run, for key 0.
fn restored(past: Past, stands: Stands) -> (Queue, TransferId) {
    let mut first = Queue::default();
    let batch = BatchId::next();
    let names = push(&mut first, "a", P::Overwrite, &[(0, 1)]);
    let spec = BatchSpec::clone(&first.batches.values().next().unwrap().spec);
    let mut queue = Queue::default();
    queue.restore_batch(batch, RestoredBatch { spec, policy: None, left_out: 0, scan: RestoredScan::Complete });
    let NewTransfer { folder, name, .. } = file(0, 1);
    queue.restore_job(RestoredJob {
        id: names[0],
        batch,
        folder,
        name: name.into_boxed_os_str(),
        key: None,
        size_bytes: 1,
        modified: None,
        policy: None,
        rank: 0,
        past,
        stands,
    });
    (queue, names[0])
}

#[test]
fn what_has_failed_in_an_earlier_run_asks_too() {
    let stands = Stands::Ended(Ending::Failed(Failure::new(FailureKind::AccessDenied)));
    let (mut queue, older) = restored(Past::Doubtful, stands);
    let newer = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
    assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
    queue.end(newer, done());
    queue.act(&Selection::One(older), A::Retry);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)]);
}

#[test]
fn what_an_earlier_run_has_left_and_goes_on_after_a_later_one_was_stored_asks() {
    for stands in [Stands::Queued, Stands::Paused] {
        for past in [Past::Clear, Past::Doubtful] {
            // Woken while the later one runs, or afterwards.
            for is_early in [false, true] {
                let (mut queue, older) = restored(past, stands.clone());
                let newer = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
                assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
                if is_early {
                    queue.wake_restored();
                    assert_eq!(starts(&mut queue, &[]), []);
                }
                queue.end(newer, done());
                queue.wake_restored();
                queue.act(&Selection::One(older), A::Resume);
                assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)], "{stands:?} {past:?} {is_early}");
            }
        }
    }
}

#[test]
fn what_an_earlier_run_has_left_and_is_woken_first_does_not_ask() {
    let (mut queue, older) = restored(Past::Clear, Stands::Queued);
    queue.wake_restored();
    let newer = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
    assert_eq!(starts(&mut queue, &[]), [(older, P::Overwrite)]);
    assert!(queue.overtaken.is_empty());
    queue.end(older, done());
    assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
}

#[test]
fn what_was_paused_before_it_began_asks_once_a_later_one_was_stored() {
    for size in [1, LARGE] {
        for how_many in [Selection::All, Selection::Connection(id("a"))] {
            let mut queue = Queue::default();
            let older = push(&mut queue, "a", P::Overwrite, &[(0, size), (1, size)]);
            queue.act(&how_many, A::Pause);
            let newer = push(&mut queue, "a", P::Overwrite, &[(0, size)])[0];
            assert_eq!(starts(&mut queue, &[]), [(newer, P::Overwrite)]);
            queue.end(newer, done());
            queue.act(&how_many, A::Resume);
            assert_eq!(starts(&mut queue, &[]), [(older[0], P::Ask), (older[1], P::Overwrite)], "{size}");
            assert!(queue.overtaken.is_empty());
        }
    }
}

#[test]
fn a_key_stays_the_same_while_an_upload_has_it_whatever_becomes_of_a_twin() {
    let gone: &[&[(&str, usize)]] = &[&[("b", 0)], &[("a", 1), ("b", 0)]];
    for left in gone {
        let mut queue = twins();
        let first = push(&mut queue, "b", P::Overwrite, &[(0, LARGE)])[0];
        assert_eq!(starts(&mut queue, &[]), [(first, P::Overwrite)]);
        // "a", which stands for both, is deleted or leads elsewhere.
        lead(&mut queue, left);
        let second = push(&mut queue, "b", P::Overwrite, &[(0, LARGE)])[0];
        assert_eq!(starts(&mut queue, &[]), [], "{left:?}");
        lead(&mut queue, &[*left, &[("c", 0)]].concat());
        let third = push(&mut queue, "c", P::Overwrite, &[(0, LARGE)])[0];
        assert_eq!(starts(&mut queue, &[]), [], "{left:?}");
        for (ended, next) in [(first, second), (second, third)] {
            queue.end(ended, done());
            assert_eq!(starts(&mut queue, &[]), [(next, P::Overwrite)], "{left:?}");
        }
    }
}

#[test]
fn what_has_failed_finds_later_ones_when_a_twin_is_gone() {
    let mut queue = twins();
    let older = push(&mut queue, "b", P::Overwrite, &[(0, 1)])[0];
    starts(&mut queue, &[]);
    queue.end(older, Ended::Failed(Failure::new(FailureKind::SourceMissing)));
    lead(&mut queue, &[("b", 0)]);
    let newer = push(&mut queue, "b", P::Overwrite, &[(0, 1)])[0];
    starts(&mut queue, &[]);
    queue.end(newer, done());
    queue.act(&Selection::One(older), A::Retry);
    assert_eq!(starts(&mut queue, &[]), [(older, P::Ask)]);
}

#[test]
fn connections_that_come_together_under_their_uploads_share_keys_once_those_have_ended() {
    let mut queue = Queue::default();
    lead(&mut queue, &[("a", 0), ("b", 1)]);
    let of_a = push(&mut queue, "a", P::Overwrite, &[(0, 1)])[0];
    let of_b = push(&mut queue, "b", P::Overwrite, &[(0, 1)])[0];
    assert_eq!(starts(&mut queue, &[]), [(of_a, P::Overwrite), (of_b, P::Overwrite)]);
    assert!(!queue.meet(&id("a")), "nothing has changed");
    lead(&mut queue, &[("a", 0), ("b", 0)]);
    assert!(queue.meet(&id("a")), "they go by two names");
    queue.end(of_a, done());
    queue.end(of_b, done());
    lead(&mut queue, &[("a", 0), ("b", 0)]);
    assert!(!queue.meet(&id("a")));
    let first = push(&mut queue, "b", P::Overwrite, &[(0, 1)])[0];
    push(&mut queue, "a", P::Overwrite, &[(0, 1)]);
    assert_eq!(starts(&mut queue, &[]), [(first, P::Overwrite)]);
}
