//! Turns at keys, intents and moves together: nothing that waits is ever in no line.

use std::collections::BTreeSet;

use super::tests::{add_batch, file};
use super::*;
use crate::model::{ConflictScope, FailureKind, Selection, TransferAction as A};

const LARGE: u64 = 100 * 1024 * 1024;

fn push_all(queue: &mut Queue, files: &[(usize, u64)]) -> Vec<TransferId> {
    let batch = add_batch(queue, TransferKind::Upload);
    files.iter().map(|(key, size)| queue.push(batch, file(*key, *size)).unwrap()).collect()
}

fn at(ids: &[TransferId], id: TransferId) -> usize {
    ids.iter().position(|known| *known == id).unwrap()
}

/// What starts now, as numbers of the list.
fn starts(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
    std::iter::from_fn(|| queue.next_ready(&Places::files(1000))).map(|job| at(ids, job.id)).collect()
}

/// The next block of intents, durable at once.
fn write_block(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
    let block = queue.next_intents(&BTreeSet::new()).unwrap_or_default();
    assert!(block.is_empty() || queue.intents_durable(block[0]));
    block.into_iter().map(|id| at(ids, id)).collect()
}

fn write_intents(queue: &mut Queue, ids: &[TransferId]) {
    while !write_block(queue, ids).is_empty() {}
}

fn finish(queue: &mut Queue, id: TransferId) {
    queue.end(id, Ended::Done(Verified::Accepted));
    queue.recorded(id);
}

/// Runs everything to its end; the order in which it began.
fn run_all(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
    let mut order = Vec::new();
    loop {
        write_intents(queue, ids);
        let Some(job) = queue.next_ready(&Places::files(1)) else { return order };
        order.push(at(ids, job.id));
        finish(queue, job.id);
    }
}

#[test]
fn one_that_waits_for_its_key_is_moved_beside_one_that_is_ready_and_begins_all_the_same() {
    type Move = fn(&mut Queue, &[TransferId]);
    let moves: [(&str, Move); 4] = [
        ("sooner", |queue, ids| drop(queue.act(&Selection::One(ids[3]), A::Sooner))),
        ("later", |queue, ids| drop(queue.act(&Selection::One(ids[1]), A::Later))),
        ("before", |queue, ids| drop(queue.move_before(ids[3], Some(ids[2])))),
        ("before the last", |queue, ids| drop(queue.move_before(ids[1], Some(ids[4])))),
    ];
    for (how, change) in moves {
        let mut queue = Queue::journalled();
        let ids = push_all(&mut queue, &[(0, 1), (0, 1), (1, 1), (0, 1), (2, 1)]);
        // The first runs; 1 and 3 are laid aside, 2 and 4 are ready.
        write_intents(&mut queue, &ids);
        assert_eq!(at(&ids, queue.next_ready(&Places::files(1)).unwrap().id), 0);
        change(&mut queue, &ids);
        finish(&mut queue, ids[0]);
        let mut order = run_all(&mut queue, &ids);
        order.sort_unstable();
        assert_eq!(order, [1, 2, 3, 4], "{how}");
        assert_eq!(queue.counts().active, 0, "{how}");
    }
}

#[test]
fn one_that_has_to_go_first_and_is_moved_down_goes_first_no_more() {
    let mut queue = Queue::journalled();
    let ids = push_all(&mut queue, &[(0, 1), (1, 1), (2, 1), (3, 1)]);
    queue.act(&Selection::One(ids[2]), A::First);
    queue.move_before(ids[2], Some(ids[3]));
    assert_eq!(run_all(&mut queue, &ids), [0, 1, 2, 3]);
}

#[test]
fn three_at_one_key_do_not_block_each_other() {
    for (kind, other) in [(LARGE, 1), (1, LARGE)] {
        let mut queue = Queue::default();
        let ids = push_all(&mut queue, &[(0, other), (0, kind), (0, kind)]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        queue.end(ids[0], Ended::Failed(Failure::new(FailureKind::AccessDenied)));
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], Ended::Conflict);
        assert_eq!(starts(&mut queue, &ids), [2]);
        queue.act(&Selection::One(ids[0]), A::Retry);
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "it waits for the third");
        // The line goes down, and the second comes to the key before the third, though after the first.
        queue.put_back(PutBack::All);
        queue.end(ids[2], Ended::Stopped);
        queue.decide(ids[1], ConflictPolicy::Overwrite, ConflictScope::This);
        let mut order = Vec::new();
        while let [started] = starts(&mut queue, &ids)[..] {
            order.push(started);
            finish(&mut queue, ids[started]);
        }
        assert_eq!(order, [0, 1, 2], "{kind}");
        assert_eq!(queue.counts().active, 0, "{kind}");
    }
}

#[test]
fn one_that_is_freed_brings_no_block_of_others() {
    let mut queue = Queue::journalled();
    let files: Vec<(usize, u64)> = (0..300).map(|key| (key, 1)).collect();
    let ids = [push_all(&mut queue, &files), push_all(&mut queue, &files)].concat();
    let more: Vec<(usize, u64)> = (300..3000).map(|key| (key, 1)).collect();
    let ids = [ids, push_all(&mut queue, &more)].concat();
    write_intents(&mut queue, &ids);
    for _ in 0..100 {
        let job = queue.next_ready(&Places::files(1)).unwrap();
        finish(&mut queue, job.id);
        write_intents(&mut queue, &ids);
    }
    let ahead = queue.void_intents().len();
    assert!(ahead < 768, "{ahead} have an intent and were not begun");
}

#[test]
fn those_that_go_first_together_keep_their_order() {
    let mut queue = Queue::journalled();
    let first = push_all(&mut queue, &[(0, 1), (1, 1)]);
    let ids = [first, push_all(&mut queue, &[(2, 1), (3, 1), (4, 1)])].concat();
    write_intents(&mut queue, &ids);
    let batch = queue.batch_of(ids[2]).unwrap();
    queue.act(&Selection::Batch(batch), A::Pause);
    queue.act(&Selection::Batch(batch), A::First);
    assert_eq!(run_all(&mut queue, &ids), [2, 3, 4, 0, 1]);
}

#[test]
fn what_goes_to_a_closed_bucket_holds_nobody_up_and_goes_first_once_it_opens() {
    let mut queue = Queue::journalled();
    // More than intents are written down for ahead, one of them large; as `add_batch` has it, all to one bucket.
    let mut files = vec![(5000, LARGE)];
    files.extend((0..1000).map(|key| (key, 1)));
    let closed = push_all(&mut queue, &files);
    let other = super::tests::add_batch_into(&mut queue, "other");
    let others: Vec<TransferId> = (0..3).map(|key| queue.push(other, file(key, 1)).unwrap()).collect();
    let to = queue.destination(closed[0]).unwrap();
    // Some have their intents already.
    assert_eq!(write_block(&mut queue, &closed).len(), 512);
    queue.close_bucket(&to.connection, &to.bucket);
    let ids = [closed, others].concat();
    write_intents(&mut queue, &ids);
    assert_eq!(starts(&mut queue, &ids), [1001, 1002, 1003]);
    queue.open_bucket(&to.connection, &to.bucket);
    for id in &ids[1001..] {
        finish(&mut queue, *id);
    }
    let mut order = run_all(&mut queue, &ids);
    assert_eq!(order.iter().copied().filter(|n| *n > 0).collect::<Vec<_>>(), (1..=1000).collect::<Vec<_>>());
    order.sort_unstable();
    assert_eq!(order, (0..=1000).collect::<Vec<_>>());
}
