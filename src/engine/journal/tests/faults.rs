//! A disk that is full or fails at any call: nothing committed is lost, what waits arrives once the fault is over,
//! and the journal says what is the matter.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::super::{Change, Journal, JournalError, JournalHealth};
use super::fault_vfs::{Disk, Fault, NAME};
use super::kills::prefix_of;
use super::model::{State, changes};
use super::{Opened, Place, config, state_in, try_open, wait};
use crate::model::{FailureKind, TransferId};

/// Calls at which the fault begins.
const TRIALS: u64 = 200;
/// Enough for more than 200 writes and syncs.
const CHANGES: usize = 260;

fn open_on(place: &Place) -> Result<(Opened, UnboundedReceiver<TransferId>), JournalError> {
    let (mut config, tokens) = config(&place.path());
    config.vfs = Some(NAME.to_owned());
    try_open(config).map(|opened| (opened, tokens))
}

/// Submits everything, in groups of one; heals the disk once the journal says it has stalled. Returns how many
/// changes were durable while it had.
async fn run(journal: &Journal, all: &[Change], disk: &Disk, place: &Place, kind: FailureKind) -> Option<usize> {
    let mut health = journal.health();
    let mut stalled = None;
    for (done, change) in all.iter().enumerate() {
        let durable = journal.commit(change.clone());
        tokio::pin!(durable);
        loop {
            tokio::select! {
                biased;
                () = &mut durable => break,
                changed = health.changed() => changed.unwrap(),
            }
            let JournalHealth::Stalled(failure) = health.borrow_and_update().clone() else { continue };
            assert!(failure.kind == kind || failure.kind == FailureKind::JournalUnwritable, "{failure:?}");
            if stalled.is_some() {
                // Another call has failed in its own way before the disk was healed.
                continue;
            }
            stalled = Some(done);
            let copy = place.copy();
            let found = prefix_of(&state_in(&copy), all, done);
            assert!(found.is_some(), "{done} durable changes while it stalls");
            disk.heal();
        }
    }
    stalled
}

/// The fault strikes from the n-th call after the start.
fn strikes_while_running(fault: Fault, kind: FailureKind) {
    let (mut stalls, mut unnoticed) = (0, 0);
    for n in 1..=TRIALS {
        let place = Place::new();
        let disk = Disk::over(place.folder());
        let (Opened { journal, .. }, _tokens) = open_on(&place).unwrap();
        disk.fail_at(n, fault);
        let all = changes(n, CHANGES);
        let stalled = wait(run(&journal, &all, &disk, &place, kind));
        assert!(disk.has_struck(), "call {n} was not reached: {} calls", disk.calls());
        match stalled {
            Some(_) => stalls += 1,
            // A checkpoint's calls: nobody has to wait for those.
            None => unnoticed += 1,
        }
        assert_eq!(*journal.health().borrow(), JournalHealth::Writing);
        disk.heal();
        wait(journal.close());
        assert_eq!(state_in(&place).shown(), State::after(&all).shown(), "fault at call {n}");
    }
    assert!(stalls >= TRIALS * 9 / 10, "{stalls} stalls, {unnoticed} faults that nobody had to notice");
}

#[test]
fn no_space_at_each_of_the_first_200_calls_loses_none_of_260_changes() {
    strikes_while_running(Fault::NoSpace, FailureKind::JournalFull);
}

#[test]
fn io_errors_at_each_of_the_first_200_calls_lose_none_of_260_changes() {
    strikes_while_running(Fault::Io, FailureKind::JournalUnwritable);
}

/// The fault strikes while a journal with something in it is opened, or after.
fn strikes_while_opening(fault: Fault) -> u64 {
    let mut refused = 0;
    for n in 1..=30 {
        let (place, fresh) = (Place::new(), Place::new());
        let all = changes(n, 40);
        super::write(&place, &all);
        for (place, expected) in [(&place, State::after(&all)), (&fresh, State::default())] {
            let disk = Disk::over(place.folder());
            disk.fail_at(n, fault);
            match open_on(place) {
                Ok((opened, _tokens)) => {
                    disk.heal();
                    wait(opened.journal.close());
                }
                Err(error) => {
                    assert!(matches!(error, JournalError::Full { .. } | JournalError::Io { .. }), "{error:?}");
                    refused += 1;
                }
            }
            disk.heal();
            let (opened, _tokens) = open_on(place).unwrap();
            let journal = opened.journal;
            assert_eq!(State::of(opened.restored).shown(), expected.shown(), "call {n}");
            wait(journal.close());
        }
    }
    refused
}

#[test]
fn faults_at_each_of_the_first_30_calls_of_opening_lose_nothing() {
    for fault in [Fault::NoSpace, Fault::Io] {
        let refused = strikes_while_opening(fault);
        assert!(refused >= 8, "{refused} of 60 opens were refused");
    }
}

#[test]
fn killed_at_each_of_the_first_200_calls_all_that_was_told_is_there() {
    for n in 1..=TRIALS {
        let place = Place::new();
        let disk = Disk::over(place.folder());
        let (Opened { journal, .. }, mut tokens) = open_on(&place).unwrap();
        disk.fail_at(n, Fault::Kill);
        let all = changes(1_000 + n, CHANGES);
        for (count, change) in all.iter().enumerate() {
            journal.record(change.clone(), TransferId::restored(count as u64));
            if count % 3 == 0 && !disk.has_struck() {
                let mut health = journal.health();
                wait(async {
                    tokio::select! {
                        () = journal.commit(Change::PartsLost { job: TransferId::restored(1), numbers: Vec::new() }) => {}
                        stalled = health.wait_for(|health| *health != JournalHealth::Writing) => drop(stalled),
                    }
                });
            }
        }
        // Ends although the disk refuses; then nobody is told any more.
        wait(journal.close());
        let told = std::iter::from_fn(|| tokens.try_recv().ok()).count();
        let state = state_in(&place);
        assert!(prefix_of(&state, &all, told).is_some(), "killed at call {n}, {told} told");
    }
}

#[test]
fn a_long_stall_keeps_order_and_bounds_what_may_come() {
    let place = Place::new();
    let disk = Disk::over(place.folder());
    let (Opened { journal, .. }, _tokens) = open_on(&place).unwrap();
    disk.fail_at(1, Fault::NoSpace);
    wait(async {
        journal.note(super::model::batch(1));
        journal.note(super::model::folder(1));
        let mut rows = 0;
        // A scan that waits for room stops by itself.
        while tokio::time::timeout(Duration::from_millis(50), journal.room()).await.is_ok() {
            let block = (rows + 1..=rows + 5_000).map(|id| super::model::job(id, 1, 1));
            journal.note(Change::Jobs(block.collect()));
            rows += 5_000;
        }
        assert!((40_000..=45_000).contains(&rows), "{rows} rows");
        let mut health = journal.health();
        let stalled = health.wait_for(|health| *health != JournalHealth::Writing).await.unwrap().clone();
        let is_full = |why: &crate::model::Failure| why.kind == FailureKind::JournalFull;
        assert!(matches!(&stalled, JournalHealth::Stalled(why) if is_full(why)), "{stalled:?}");
        assert!(
            journal.rows_of(crate::model::BatchId::restored(1), None, 5).await.unwrap().jobs.is_empty(),
            "reading goes on"
        );
        disk.heal();
        journal.room().await;
        journal.close().await;
        assert_eq!(state_in(&place).jobs.len() as u64, rows);
    });
}

#[test]
fn a_file_system_without_logs_gets_the_older_way() {
    let place = Place::new();
    let disk = Disk::over(place.folder());
    disk.refuse_log();
    let all = changes(9, 120);
    let (Opened { journal, .. }, _tokens) = open_on(&place).unwrap();
    wait(async {
        for change in &all {
            journal.commit(change.clone()).await;
        }
    });
    assert!(!place.files().contains(&"queue.db-wal".to_owned()), "{:?}", place.files());
    let killed = state_in(&place.copy());
    assert_eq!(killed.shown(), State::after(&all).shown());
    wait(journal.close());
    let (Opened { journal, restored }, _tokens) = open_on(&place).unwrap();
    assert_eq!(State::of(restored).shown(), State::after(&all).shown());
    wait(journal.close());
}

#[test]
fn a_file_that_can_only_be_read_is_refused_and_untouched() {
    let place = Place::new();
    super::write(&place, &changes(2, 30));
    let before = std::fs::read(place.path()).unwrap();
    let disk = Disk::over(place.folder());
    disk.set_read_only();
    let error = open_on(&place).err().unwrap();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
    assert_eq!(error.to_failure().kind, FailureKind::JournalReadOnly);
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
}
