use std::collections::BTreeSet;

use super::super::tests::{add_batch, file};
use super::super::{Ended, Places, Queue};
use crate::model::{
    Failure, FailureKind, Selection, TransferAction as A, TransferId, TransferKind, TransferState, Verified,
};

const LARGE: u64 = 100 * 1024 * 1024;

/// Uploads in the order of the list: which key, and how large.
fn queue_of(files: &[(usize, u64)]) -> (Queue, Vec<TransferId>) {
    let mut queue = Queue::default();
    let ids = push_all(&mut queue, files);
    (queue, ids)
}

fn push_all(queue: &mut Queue, files: &[(usize, u64)]) -> Vec<TransferId> {
    let batch = add_batch(queue, TransferKind::Upload);
    files.iter().map(|(key, size)| queue.push(batch, file(*key, *size)).unwrap()).collect()
}

/// What starts now, as numbers of the list.
fn starts(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
    let jobs = std::iter::from_fn(|| queue.next_ready(&Places::files(1000)));
    jobs.map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
}

/// What starts now of at most so many at a time.
fn starts_with(queue: &mut Queue, ids: &[TransferId], files: usize) -> Vec<usize> {
    let jobs = std::iter::from_fn(|| queue.next_ready(&Places::files(files)));
    jobs.map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
}

fn done() -> Ended {
    Ended::Done(Verified::Accepted)
}

#[test]
fn of_one_key_one_runs_at_a_time_in_the_order_of_the_queue() {
    for size in [1, LARGE] {
        let (mut queue, ids) = queue_of(&[(0, size), (0, size), (1, size), (0, size), (2, size)]);
        // The others are not held up.
        assert_eq!(starts(&mut queue, &ids), [0, 2, 4]);
        queue.end(ids[2], done());
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
        queue.end(ids[0], done());
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], done());
        assert_eq!(starts(&mut queue, &ids), [3]);
    }
}

#[test]
fn a_large_one_and_a_small_one_take_turns_too() {
    let (mut queue, ids) = queue_of(&[(0, LARGE), (0, 1)]);
    assert_eq!(starts(&mut queue, &ids), [0]);
    queue.end(ids[0], done());
    assert_eq!(starts(&mut queue, &ids), [1]);
}

#[test]
fn a_large_one_and_a_small_one_that_both_wait_begin_in_the_order_of_the_queue() {
    // Either lane may be the first to come to the key.
    for (first, second) in [(LARGE, 1), (1, LARGE)] {
        for ahead in [first, second] {
            let (mut queue, ids) = queue_of(&[(9, ahead), (0, first), (0, second), (0, first), (1, second)]);
            let mut order = Vec::new();
            loop {
                // One at a time, and of several lanes.
                let started = starts_with(&mut queue, &ids, 2);
                if started.is_empty() {
                    break;
                }
                for at in started {
                    order.push(at);
                    queue.end(ids[at], done());
                }
            }
            let of_the_key: Vec<usize> = order.iter().copied().filter(|at| (1..=3).contains(at)).collect();
            assert_eq!(of_the_key, [1, 2, 3], "{first}, {second}, {ahead}: {order:?}");
            assert_eq!(order.len(), 5);
            assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty());
        }
    }
}

#[test]
fn what_waits_for_an_earlier_one_of_the_other_kind_goes_on_without_it() {
    for action in [A::Pause, A::Cancel, A::Last] {
        let mut queue = Queue::journalled();
        // Without its intent the small one cannot begin yet.
        let ids = push_all(&mut queue, &[(0, 1), (0, LARGE)]);
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "the large one waits for the small one");
        queue.act(&Selection::One(ids[0]), action);
        assert_eq!(starts(&mut queue, &ids), [1], "{action:?}");
    }
    let mut queue = Queue::journalled();
    let ids = push_all(&mut queue, &[(0, 1), (0, LARGE)]);
    assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
    queue.act(&Selection::One(ids[1]), A::First);
    assert_eq!(starts(&mut queue, &ids), [1], "the user gives another order");
}

#[test]
fn downloads_wait_for_no_upload() {
    let (mut queue, mut ids) = queue_of(&[(0, 1)]);
    let downloads = add_batch(&mut queue, TransferKind::Download);
    ids.extend((0..2).map(|_| queue.push(downloads, file(0, 1)).unwrap()));
    assert_eq!(starts(&mut queue, &ids), [0, 1, 2]);
}

#[test]
fn whatever_ends_an_upload_lets_the_next_one_begin() {
    let failed = || Ended::Failed(Failure::new(FailureKind::AccessDenied));
    for end in [done(), failed(), Ended::Conflict, Ended::Stopped] {
        let (mut queue, ids) = queue_of(&[(0, 1), (0, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        if matches!(end, Ended::Stopped) {
            queue.act(&Selection::One(ids[0]), A::Pause);
            assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "it has not stopped yet");
        }
        queue.end(ids[0], end);
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], done());
    }
}

#[test]
fn one_that_has_to_go_on_keeps_its_turn() {
    let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (1, 1)]);
    assert_eq!(starts(&mut queue, &ids), [0, 2]);
    queue.put_back(super::super::PutBack::All);
    queue.end(ids[2], Ended::Stopped);
    queue.end(ids[0], Ended::Stopped);
    assert_eq!(starts(&mut queue, &ids), [0, 2]);
    // Unless the user gives another order.
    queue.put_back(super::super::PutBack::All);
    queue.end(ids[0], Ended::Stopped);
    queue.act(&Selection::One(ids[1]), A::First);
    assert_eq!(starts(&mut queue, &ids), [1]);
    queue.end(ids[1], done());
    assert_eq!(starts(&mut queue, &ids), [0]);
}

#[test]
fn one_that_goes_on_under_another_name_gives_its_first_one_up() {
    let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (7, 1)]);
    assert_eq!(starts(&mut queue, &ids), [0, 2]);
    queue.note_key(ids[0], &crate::model::ObjectKey::new("to/f0 (2)"));
    queue.put_back(super::super::PutBack::All);
    queue.end(ids[0], Ended::Stopped);
    assert_eq!(starts(&mut queue, &ids), [0, 1]);
}

#[test]
fn a_name_that_another_one_has_is_not_given_and_its_first_one_is_free_once_it_goes_on() {
    let (mut queue, ids) = queue_of(&[(0, 1), (7, 1), (0, 1), (8, 1)]);
    assert_eq!(starts(&mut queue, &ids), [0, 1, 3]);
    // The name of one that runs, also while it stops and has to go on.
    let of_running = crate::model::ObjectKey::new("to/f7");
    assert!(!queue.take_name(ids[0], &of_running));
    queue.put_back(super::super::PutBack::All);
    queue.end(ids[1], Ended::Stopped);
    assert!(!queue.take_name(ids[0], &of_running));
    assert_eq!(starts(&mut queue, &ids), [1]);
    queue.end(ids[1], done());
    assert!(queue.take_name(ids[0], &of_running));
    // Nobody else gets it, and what waited for the first one begins.
    assert!(!queue.take_name(ids[3], &of_running));
    assert_eq!(starts(&mut queue, &ids), [2]);
    for id in [ids[0], ids[2], ids[3]] {
        queue.end(id, done());
    }
    assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty(), "{:?}", queue.key_turns);
}

#[test]
fn one_that_has_to_go_on_and_is_moved_or_cancelled_keeps_nobody() {
    for action in [A::Last, A::Pause, A::Cancel] {
        let (mut queue, ids) = queue_of(&[(0, 1), (0, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        queue.put_back(super::super::PutBack::All);
        queue.end(ids[0], Ended::Stopped);
        // It waits, the other one was laid aside before.
        queue.act(&Selection::One(ids[0]), action);
        assert_eq!(starts(&mut queue, &ids), [1], "{action:?}");
    }
}

#[test]
fn what_waits_for_a_key_can_be_paused_cancelled_and_moved() {
    let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (0, 1), (0, 1)]);
    assert_eq!(starts(&mut queue, &ids), [0]);
    queue.act(&Selection::One(ids[1]), A::Pause);
    queue.act(&Selection::One(ids[3]), A::First);
    queue.act(&Selection::One(ids[1]), A::Resume);
    queue.act(&Selection::One(ids[2]), A::Cancel);
    assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
    queue.end(ids[0], done());
    assert_eq!(starts(&mut queue, &ids), [3]);
    queue.end(ids[3], done());
    assert_eq!(starts(&mut queue, &ids), [1]);
    queue.end(ids[1], done());
    assert!(matches!(queue.shown(ids[2]).unwrap().row.state, TransferState::Cancelled));
    assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty(), "{:?}", queue.key_turns);
}

/// The intents that are durable now, as numbers of the list.
fn write_intents(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
    let mut written = Vec::new();
    while let Some(block) = queue.next_intents(&BTreeSet::new()) {
        assert!(queue.intents_durable(block[0]));
        written.extend(block.iter().map(|id| ids.iter().position(|known| known == id).unwrap()));
    }
    written
}

#[test]
fn what_waits_for_a_key_has_no_intent_and_leaves_room_for_those_of_others() {
    let mut queue = Queue::journalled();
    // More than are written down ahead.
    let mut ids = push_all(&mut queue, &[(0, 1); 600]);
    ids.extend(push_all(&mut queue, &[(1, 1)]));
    assert_eq!(write_intents(&mut queue, &ids), [0, 600]);
    assert_eq!(starts(&mut queue, &ids), [0, 600]);
    for n in 0..20 {
        queue.end(ids[n], done());
        queue.recorded(ids[n]);
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "its intent is not written down");
        assert_eq!(write_intents(&mut queue, &ids), [n + 1]);
        assert_eq!(starts(&mut queue, &ids), [n + 1]);
    }
    assert!(queue.take_void_intents().is_empty() && queue.void_intents().is_empty());
}

#[test]
fn an_intent_is_void_once_another_upload_goes_first() {
    let mut queue = Queue::journalled();
    let ids = push_all(&mut queue, &[(0, 1), (0, 1), (1, 1)]);
    assert_eq!(write_intents(&mut queue, &ids), [0, 2]);
    queue.act(&Selection::One(ids[1]), A::First);
    assert_eq!(write_intents(&mut queue, &ids), [1]);
    assert_eq!(starts(&mut queue, &ids), [1, 2]);
    assert_eq!(queue.take_void_intents(), [ids[0]]);
    queue.end(ids[1], done());
    queue.recorded(ids[1]);
    assert_eq!(write_intents(&mut queue, &ids), [0]);
    assert_eq!(starts(&mut queue, &ids), [0]);
    assert!(queue.take_void_intents().is_empty() && queue.void_intents().is_empty());
}
