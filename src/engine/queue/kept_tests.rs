//! The queue of an engine with a journal: intents before starts, ends told once they are durable, and a queue of an
//! earlier run.

use std::collections::BTreeSet;

use super::tests::{add_batch, file, place_for};
use super::*;
use crate::model::{Selection, TransferAction, TransferState};

const LARGE: u64 = 100 * 1024 * 1024;

fn kept(sizes: &[u64]) -> (Queue, BatchId, Vec<TransferId>) {
    let mut queue = Queue::journalled();
    let batch = add_batch(&mut queue, TransferKind::Upload);
    let ids = sizes.iter().enumerate().map(|(n, size)| queue.push(batch, file(n, *size)).unwrap()).collect();
    (queue, batch, ids)
}

fn intents(queue: &mut Queue) -> Option<Vec<TransferId>> {
    queue.next_intents(&BTreeSet::new())
}

fn state(queue: &Queue, id: TransferId) -> TransferState {
    queue.shown(id).unwrap().row.state
}

#[test]
fn small_files_start_once_their_intent_is_durable_and_large_ones_at_once() {
    let (mut queue, _, ids) = kept(&[1, LARGE, 1]);
    let job = queue.next_ready(&place_for(8)).unwrap();
    assert_eq!((job.id, job.intent), (ids[1], Intent::Missing));
    assert!(queue.next_ready(&place_for(8)).is_none());
    assert_eq!(intents(&mut queue).unwrap(), [ids[0], ids[2]]);
    assert!(queue.next_ready(&place_for(8)).is_none(), "asked for is not durable");
    assert!(intents(&mut queue).is_none());
    assert!(queue.intents_durable(ids[0]) && !queue.intents_durable(ids[0]));
    let job = queue.next_ready(&place_for(8)).unwrap();
    assert_eq!((job.id, job.intent), (ids[0], Intent::Durable));
}

#[test]
fn intents_come_in_blocks_ahead_of_their_turn() {
    let (mut queue, _, ids) = kept(&[1; 2000]);
    let first = intents(&mut queue).unwrap();
    assert_eq!(first, ids[..512]);
    assert!(intents(&mut queue).is_none(), "enough are ahead");
    queue.intents_durable(first[0]);
    for id in &ids[..300] {
        assert_eq!(queue.next_ready(&place_for(8)).unwrap().id, *id);
        queue.end(*id, Ended::Done(Verified::Accepted));
        queue.recorded(*id);
    }
    assert_eq!(intents(&mut queue).unwrap(), ids[512..1024]);
}

#[test]
fn a_pause_voids_an_intent() {
    let (mut queue, _, ids) = kept(&[1, 1]);
    let block = intents(&mut queue).unwrap();
    let asks = queue.act(&Selection::One(ids[0]), TransferAction::Pause);
    assert_eq!(asks, [Ask::NotePaused(ids[0])]);
    let asks = queue.act(&Selection::One(ids[0]), TransferAction::Resume);
    assert_eq!(asks, [Ask::NoteQueued(ids[0])]);
    queue.intents_durable(block[0]);
    assert_eq!(queue.next_ready(&place_for(8)).unwrap().id, ids[1], "the other's intent was written after the pause");
    assert!(queue.next_ready(&place_for(8)).is_none());
    assert_eq!(intents(&mut queue).unwrap(), [ids[0]]);
}

#[test]
fn an_end_is_told_once_it_is_durable_and_its_place_is_free_before() {
    let (mut queue, batch, ids) = kept(&[LARGE, LARGE]);
    queue.scan_complete(batch);
    assert_eq!(queue.next_ready(&place_for(1)).unwrap().id, ids[0]);
    queue.end(ids[0], Ended::Done(Verified::Accepted));
    assert_eq!(queue.to_record(ids[0]), Some(Ending::Done(Verified::Accepted)));
    assert_eq!((state(&queue, ids[0]), queue.counts().done), (TransferState::Finishing, 0));
    assert!(queue.is_recording() && queue.take_finished().is_empty());
    assert_eq!(queue.next_ready(&place_for(1)).unwrap().id, ids[1], "the place is free");
    queue.end(ids[1], Ended::Done(Verified::Accepted));
    assert!(queue.act(&Selection::All, TransferAction::Cancel).is_empty(), "it has ended");
    assert!(queue.recorded(ids[0]) && !queue.recorded(ids[0]));
    assert!(queue.take_finished().is_empty());
    assert!(queue.recorded(ids[1]));
    assert_eq!((queue.take_finished(), queue.counts().done, queue.is_recording()), (vec![batch], 2, false));
}

#[test]
fn an_upload_that_was_asked_to_go_first_does() {
    let (mut queue, _, ids) = kept(&[1; 1000]);
    let block = intents(&mut queue).unwrap();
    queue.intents_durable(block[0]);
    queue.act(&Selection::One(ids[900]), TransferAction::First);
    let urgent = intents(&mut queue).unwrap();
    assert_eq!(urgent[0], ids[900], "at once, whatever is ahead");
    queue.intents_durable(urgent[0]);
    assert_eq!(queue.next_ready(&place_for(8)).unwrap().id, ids[900]);
    assert_eq!(queue.next_ready(&place_for(8)).unwrap().id, ids[0]);
}

#[test]
fn what_was_never_started_is_not_in_doubt_after_a_quit() {
    let (mut queue, _, ids) = kept(&[1, 1, 1]);
    let block = intents(&mut queue).unwrap();
    queue.intents_durable(block[0]);
    let job = queue.next_ready(&place_for(1)).unwrap();
    queue.act(&Selection::One(job.id), TransferAction::Pause);
    queue.end(job.id, Ended::Stopped);
    queue.act(&Selection::One(job.id), TransferAction::Resume);
    intents(&mut queue).unwrap();
    let mut void = queue.void_intents();
    void.sort();
    assert_eq!(void, ids[1..], "the first was on its way once");
}

#[test]
fn a_restored_queue_waits_until_it_is_woken() {
    let (mut old, batch, ids) = kept(&[1, LARGE, 1]);
    let spec = (*old.next_ready(&place_for(8)).unwrap().spec).clone();
    let mut queue = Queue::journalled();
    queue.restore_batch(batch, RestoredBatch { spec, policy: None, left_out: 2, scan: RestoredScan::Complete });
    let stands = [Stands::Queued, Stands::Queued, Stands::Ended(Ending::Done(Verified::Confirmed))];
    for (number, (id, stands)) in ids.iter().zip(stands).enumerate() {
        let NewTransfer { folder, name, key, size_bytes, modified } = file(number, 7);
        queue.restore_job(RestoredJob {
            id: *id,
            batch,
            folder,
            name: name.into_boxed_os_str(),
            key,
            size_bytes,
            modified,
            policy: None,
            rank: if *id == ids[1] { -1 } else { 0 },
            past: Past::Doubtful,
            stands,
        });
    }
    assert_eq!((queue.counts().active, queue.counts().done, queue.pending_bytes()), (2, 1, 14));
    assert!(intents(&mut queue).is_none() && queue.next_ready(&place_for(8)).is_none());
    queue.wake_restored();
    let block = intents(&mut queue).unwrap();
    assert_eq!(block, [ids[1], ids[0]], "by rank");
    queue.intents_durable(block[0]);
    for id in [ids[1], ids[0]] {
        let job = queue.next_ready(&place_for(8)).unwrap();
        assert_eq!((job.id, job.past), (id, Past::Doubtful));
        queue.end(job.id, Ended::Done(Verified::Accepted));
        queue.recorded(job.id);
    }
    assert_eq!(queue.take_finished(), [batch]);
    let summary = queue.summary(batch, Duration::ZERO).unwrap();
    assert_eq!((summary.done, summary.skipped), (3, 2));
}

#[test]
fn a_block_on_its_way_is_not_taken_for_another_one() {
    let (mut queue, _, ids) = kept(&[1, 1, 1]);
    let first = intents(&mut queue).unwrap();
    assert_eq!(first, ids);
    // The one that names the block, paused and resumed before that is durable.
    for action in [TransferAction::Pause, TransferAction::Resume] {
        queue.act(&Selection::One(ids[0]), action);
    }
    assert!(intents(&mut queue).is_none(), "it has no other name");
    queue.act(&Selection::One(ids[1]), TransferAction::Pause);
    queue.act(&Selection::One(ids[1]), TransferAction::Resume);
    let second = intents(&mut queue).unwrap();
    assert_eq!(second, [ids[1], ids[0]]);
    assert!(queue.intents_durable(first[0]));
    assert_eq!(queue.next_ready(&place_for(8)).unwrap().id, ids[2], "nothing of it is lost");
    assert!(queue.next_ready(&place_for(8)).is_none(), "nothing starts before its intent is durable");
    assert!(queue.intents_durable(second[0]));
    let started = [(); 2].map(|()| queue.next_ready(&place_for(8)).unwrap().id);
    assert_eq!(started, ids[..2]);
}
