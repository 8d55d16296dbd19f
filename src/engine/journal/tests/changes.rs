//! Every change, and how it comes back; durable means durable; two handles, no handle, no journal.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::unbounded_channel;

use super::super::codec::{failure_json, failure_of, options_json, options_of, path_list, paths, skip_json, skip_of};
use super::super::config::JournalFound;
use super::super::{BatchRow, Change, InPlaceOf, Journal, JournalHealth, Outcome, SourceStamp};
use super::model::{State, batch, changes, folder, job, odd_name};
use super::{Opened, Place, config, state_in, try_open, wait, write};
use crate::model::{
    BatchId, ConflictPolicy, ConnectionId, FAILURE_VALUES, Failure, FailureKind, ObjectKey, PartPlan, PutOptions,
    SkipReason, TransferId, Verified,
};

/// The variant's name.
fn name(change: &Change) -> String {
    let text = format!("{change:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

#[test]
fn a_new_journal_is_empty_and_private() {
    let place = Place::new();
    let Opened { journal, restored } = place.open();
    assert_eq!(restored.found, JournalFound::New);
    assert_eq!((restored.last_transfer, restored.last_batch, restored.last_folder), (0, 0, 0));
    assert_eq!(restored.last_written, None);
    assert_eq!(State::of(restored), State::default());
    wait(journal.commit(batch(1)));
    let all_private = || {
        #[cfg(unix)]
        for file in place.files() {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(place.folder().join(&file)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{file}");
        }
    };
    all_private();
    wait(journal.close());
    assert_eq!(place.files(), ["queue.db", "queue.db-sums"], "a clean end leaves one file and its sums");
    all_private();
}

#[test]
fn all_31_kinds_of_changes_come_back_alone_and_in_turn_in_300_steps() {
    let all = changes(7, 300);
    let kinds: BTreeSet<String> = all.iter().map(name).collect();
    assert_eq!(kinds.len(), 31, "{kinds:?}");
    let place = Place::new();
    for (count, block) in all.chunks(10).enumerate() {
        write(&place, block);
        let expected = State::after(&all[..(count * 10 + block.len())]);
        // A start in between has dropped what ended well of reported batches.
        assert_eq!(state_in(&place).shown(), expected.shown(), "after {} changes", (count + 1) * 10);
        if all[..=count * 10].iter().any(|change| matches!(change, Change::BatchReported { .. })) {
            break;
        }
    }
    let place = Place::new();
    write(&place, &all);
    assert_eq!(state_in(&place).shown(), State::after(&all).shown());
}

#[test]
fn every_change_can_be_applied_twice() {
    for seed in 0..20 {
        let all = changes(seed, 120);
        let twice: Vec<Change> = all.iter().flat_map(|change| [change.clone(), change.clone()]).collect();
        let place = Place::new();
        write(&place, &twice);
        assert_eq!(state_in(&place).shown(), State::after(&all).shown(), "seed {seed}");
    }
}

#[test]
fn what_was_cleared_from_the_list_of_a_batch_under_way_is_there_for_its_receipt() {
    let place = Place::new();
    let id = TransferId::restored;
    let done = |job| Change::Ended {
        job,
        outcome: Outcome::Done { verified: Verified::Accepted, crc64nvme: Some(1), etag: None, version_id: None },
        ended: Timestamp::UNIX_EPOCH,
    };
    let skipped =
        |job| Change::Ended { job, outcome: Outcome::Skipped(SkipReason::SystemFile), ended: Timestamp::UNIX_EPOCH };
    // Young enough for a receipt.
    let Change::Batch(row) = batch(1) else { unreachable!() };
    let young = Change::Batch(BatchRow { opened: Timestamp::now(), ..row });
    let mut all = vec![young, folder(1), Change::Jobs((1..=4).map(|id| job(id, 1, 1)).collect())];
    all.extend([done(id(1)), skipped(id(2)), done(id(3))]);
    all.push(Change::Forgotten { jobs: vec![id(1), id(2)] });
    write(&place, &all);
    for is_reported in [false, true] {
        let Opened { journal, restored } = place.open();
        let shown: Vec<u64> = restored.jobs.map(|row| row.job.id.get()).collect();
        assert_eq!(shown, if is_reported { vec![4] } else { vec![3, 4] }, "what was cleared does not come back");
        let stored = wait(journal.rows_of(BatchId::restored(1), None, 100)).unwrap();
        assert_eq!(stored.jobs.iter().map(|row| row.job.id.get()).collect::<Vec<_>>(), [1, 3, 4]);
        wait(journal.commit(Change::BatchReported { batch: BatchId::restored(1) }));
        wait(journal.close());
    }
}

#[test]
fn an_upload_whose_task_died_is_one_to_abort_once_another_begins() {
    let id = TransferId::restored(1);
    let key = ObjectKey::new("k");
    let stamp = SourceStamp { device: 1, inode: 2, size_bytes: 20 << 20, modified_ns: Some(3), changed_ns: None };
    let creating = |in_place_of| {
        let (key, started) = (key.clone(), Timestamp::UNIX_EPOCH);
        Change::Creating { job: id, key, stamp, started, in_place_of }
    };
    let created = |upload_id: &str| Change::Created {
        job: id,
        upload_id: upload_id.to_owned(),
        plan: PartPlan::Multipart { part_bytes: 8 << 20, parts: 3 },
        lost_since: None,
    };
    let begun = [batch(1), folder(1), Change::Jobs(vec![job(1, 1, 1)])];
    let stored = Change::Stored { job: id, etag: Some("e".to_owned()), version_id: None };
    let left_of = |in_place_of, between: Option<Change>| {
        let place = Place::new();
        let first = [creating(in_place_of), created("lost")];
        let again = between.into_iter().chain([creating(None), created("new")]);
        write(&place, &begun.iter().cloned().chain(first).chain(again).collect::<Vec<_>>());
        let orphans = state_in(&place).orphans.into_values();
        orphans.map(|row| (row.key, row.upload_id, row.reason)).collect::<Vec<_>>()
    };
    let left = |between| left_of(None, between);
    assert_eq!(left(None), [(key.clone(), "lost".to_owned(), "restarted".to_owned())]);
    assert!(left(Some(Change::RestartUpload { job: id })).is_empty(), "given up before");
    assert!(left(Some(stored)).is_empty(), "its parts were put together");
    let own = InPlaceOf { crc64nvme: Some(5), etag: Some("e".to_owned()), version_id: None };
    assert_eq!(left_of(Some(Box::new(own)), None).len(), 1, "what it was to replace says nothing of it");
}

#[test]
fn ids_are_never_given_twice_even_after_everything_was_forgotten() {
    let place = Place::new();
    write(&place, &[batch(3), folder(9), Change::Jobs(vec![job(41, 3, 9), job(42, 3, 9)])]);
    let forgotten = (41..=42).map(TransferId::restored).collect();
    write(&place, &[Change::Forgotten { jobs: forgotten }, Change::BatchReported { batch: BatchId::restored(3) }]);
    for _start in 0..2 {
        let Opened { journal, restored } = place.open();
        assert_eq!((restored.last_transfer, restored.last_batch), (42, 3));
        assert!(restored.folders.is_empty() && restored.batches.is_empty(), "nothing names them");
        assert!(restored.last_written.is_some());
        wait(journal.close());
    }
}

#[test]
fn what_ended_well_of_reported_batches_is_dropped_and_the_disk_gets_its_space_back() {
    let place = Place::new();
    let done = |id| Change::Ended {
        job: TransferId::restored(id),
        outcome: Outcome::Done { verified: Verified::Accepted, crc64nvme: Some(1), etag: None, version_id: None },
        ended: Timestamp::UNIX_EPOCH,
    };
    let failed = Change::Ended {
        job: TransferId::restored(5),
        outcome: Outcome::Failed(Failure::new(FailureKind::Timeout)),
        ended: Timestamp::UNIX_EPOCH,
    };
    let mut all = vec![batch(1), batch(2), folder(1), Change::Jobs((1..=20_000).map(|id| job(id, 1, 1)).collect())];
    all.push(Change::Jobs(vec![job(20_001, 2, 1)]));
    all.extend((1..=20_001).filter(|id| *id != 5).map(done));
    all.extend([failed, Change::BatchReported { batch: BatchId::restored(1) }]);
    write(&place, &all);
    let before = std::fs::metadata(place.path()).unwrap().len();
    let Opened { journal, restored } = place.open();
    let left: Vec<u64> = restored.jobs.map(|row| row.job.id.get()).collect();
    assert_eq!(left, [5, 20_001], "the failed one, and the one of a batch that was not reported");
    // Answers come between the steps of the clearing; in the end only those two are there.
    let rows = |batch| wait(journal.rows_of(BatchId::restored(batch), None, 30_000)).unwrap().jobs;
    while rows(1).len() > 1 {}
    assert_eq!(rows(2).len(), 1);
    wait(journal.close());
    // It is done while there is nothing else to do, so a start that ends at once may not come to it.
    let has_shrunk = (0..100).any(|_start| {
        let Opened { journal, restored } = place.open();
        drop(restored);
        (0..20).for_each(|_| drop(wait(journal.rows_of(BatchId::restored(2), None, 1))));
        wait(journal.close());
        std::fs::metadata(place.path()).unwrap().len() < before / 2
    });
    assert!(has_shrunk, "{before} bytes before");
    assert_eq!(state_in(&place).jobs.len(), 2);
}

#[test]
fn rows_of_a_batch_come_in_pages() {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    journal.note(batch(1));
    journal.note(folder(1));
    wait(journal.commit(Change::Jobs((1..=100).map(|id| job(id, 1 + id % 2, 1)).collect())));
    let batch = BatchId::restored(1);
    let first = wait(journal.rows_of(batch, None, 30)).unwrap().jobs;
    let rest = wait(journal.rows_of(batch, first.last().map(|row| row.job.id), 30)).unwrap().jobs;
    let ids: Vec<u64> = first.iter().chain(&rest).map(|row| row.job.id.get()).collect();
    assert_eq!(ids, (1..=50).map(|half| half * 2).collect::<Vec<_>>());
    assert!(wait(journal.rows_of(BatchId::restored(9), None, 30)).unwrap().jobs.is_empty());
}

#[test]
fn durable_means_that_a_copy_of_the_files_has_it_in_100_tries() {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    let all = changes(3, 100);
    for (count, change) in all.iter().enumerate() {
        wait(journal.commit(change.clone()));
        let copy = place.copy();
        assert_eq!(state_in(&copy).shown(), State::after(&all[..=count]).shown(), "after {change:?}");
    }
}

#[test]
fn the_last_handle_lets_the_thread_finish() {
    let place = Place::new();
    let all = changes(11, 200);
    let (config, mut tokens) = config(&place.path());
    let Opened { journal, restored } = try_open(config).unwrap();
    for (count, change) in (1..).zip(&all) {
        journal.record(change.clone(), TransferId::restored(count));
    }
    drop((journal, restored));
    let told: Vec<u64> = std::iter::from_fn(|| tokens.blocking_recv()).map(TransferId::get).collect();
    assert_eq!(told, (1..=200).collect::<Vec<_>>(), "in order, and the channel closes at the end");
    // The thread is just closing the file.
    assert_eq!(state_in(&place).shown(), State::after(&all).shown());
}

#[test]
fn jobs_stream_while_changes_go_on_and_new_jobs_stay_out() {
    let place = Place::new();
    write(&place, &[batch(1), folder(1), Change::Jobs((1..=10_000).map(|id| job(id, 1, 1)).collect())]);
    let Opened { journal, mut restored } = place.open();
    let mut ids = vec![restored.jobs.next().unwrap().job.id.get()];
    wait(journal.commit(Change::Jobs(vec![job(10_001, 1, 1)])));
    ids.extend(restored.jobs.map(|row| row.job.id.get()));
    assert_eq!(ids, (1..=10_000).collect::<Vec<_>>());
}

#[test]
fn a_wrong_change_does_not_hold_up_the_others() {
    let place = Place::new();
    write(&place, &[]);
    // Nothing of ours is refused by SQLite; a rule of somebody else's stands in for a mistake.
    let conn = rusqlite::Connection::open(place.path()).unwrap();
    let rule = "CREATE TRIGGER refuse BEFORE INSERT ON learnt BEGIN SELECT RAISE(ABORT, 'refused'); END";
    conn.execute_batch(rule).unwrap();
    conn.close().unwrap();
    place.forget_sums();
    let Opened { journal, .. } = place.open();
    let wrong = Change::Learnt { id: ConnectionId::new("c"), learnt_json: "{}".into() };
    wait(async {
        journal.note(batch(1));
        journal.note(wrong.clone());
        journal.note(batch(2));
        journal.commit(wrong).await;
        journal.commit(batch(3)).await;
    });
    assert_eq!(*journal.health().borrow(), JournalHealth::Writing);
    wait(journal.close());
    let state = state_in(&place);
    assert_eq!((state.batches.len(), state.learnt.len()), (3, 0));
}

#[test]
fn without_a_journal_everything_is_durable_at_once() {
    let (recorded, mut tokens) = unbounded_channel();
    let journal = Journal::none_telling(recorded);
    journal.note(batch(1));
    journal.record(batch(2), TransferId::restored(7));
    assert_eq!(tokens.try_recv(), Ok(TransferId::restored(7)));
    wait(async {
        journal.commit(batch(3)).await;
        journal.room().await;
        assert!(journal.rows_of(BatchId::restored(1), None, 5).await.unwrap().jobs.is_empty());
        journal.close().await;
        assert_eq!(*Journal::none().health().borrow(), JournalHealth::Writing);
    });
}

#[test]
fn values_survive_their_texts() {
    let reasons = [
        SkipReason::SystemFile,
        SkipReason::Excluded,
        SkipReason::SymbolicLink,
        SkipReason::SpecialFile,
        SkipReason::Unreadable("거부".into()),
        SkipReason::Missing,
        SkipReason::DeadLink,
        SkipReason::EmptyFolder,
        SkipReason::Exists,
        SkipReason::NotNewer,
        SkipReason::NameDeclined,
        SkipReason::SameKey(ObjectKey::new("a\u{1}\"b")),
    ];
    for reason in reasons {
        assert_eq!(skip_of(&skip_json(&reason)).unwrap(), reason);
    }
    for kind in FailureKind::ALL {
        let failure = Failure::new(*kind).with("path", "/a\n").with("minutes", 5).detail("<xml>");
        assert_eq!(failure_of(&failure_json(&failure)).unwrap(), failure);
    }
    let every =
        FAILURE_VALUES.iter().fold(Failure::new(FailureKind::Internal), |failure, name| failure.with(name, "x"));
    assert_eq!(failure_of(&failure_json(&every)).unwrap(), every);
    let options = PutOptions {
        on_conflict: ConflictPolicy::OverwriteIfNewer,
        content_type: Some("text/plain".into()),
        cache_control: Some("no-store".into()),
        metadata: vec![("a".into(), "b".into()), ("a".into(), "c".into())],
        tags: vec![("t".into(), String::new())],
        storage_class: Some("STANDARD_IA".into()),
        acl: Some("private".into()),
        encryption: Some("aws:kms:key".into()),
        exclude: vec!["*.tmp".into()],
        gathered: crate::model::Gathered::ByName,
        access: crate::model::UploadAccess::Public,
        verify: Some(crate::model::VerifyWish::ReadBack),
    };
    assert_eq!(options_of(&options_json(&options)).unwrap(), options);
    for list in [vec![], vec![OsString::new().into(), odd_name(1).into(), "/a/b".into()]] {
        assert_eq!(paths(&path_list(&list)).unwrap(), list);
    }
    assert!(paths(&[9, 0, 0, 0, 0, 0, 0, 0, 1]).is_err() && paths(&[1]).is_err());
}

#[test]
fn times_of_any_year_survive() {
    let place = Place::new();
    let times = [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH, Timestamp::new(-1, -5).unwrap()];
    let jobs = (1..).zip(times).map(|(id, time)| super::super::NewJob { modified: Some(time), ..job(id, 1, 1) });
    write(&place, &[batch(1), folder(1), Change::Jobs(jobs.collect())]);
    let found: Vec<Timestamp> = state_in(&place).jobs.values().filter_map(|row| row.job.modified).collect();
    assert_eq!(found, times);
}

#[test]
fn the_observer_hears_of_every_commit_before_anybody_else() {
    struct Count(std::sync::Mutex<Vec<u64>>);
    impl super::JournalObserver for Count {
        fn committed(&self, number: u64) {
            self.0.lock().unwrap().push(number);
        }
    }
    let place = Place::new();
    let observer = Arc::new(Count(std::sync::Mutex::default()));
    let (mut config, _tokens) = config(&place.path());
    config.observer = Some(Arc::clone(&observer) as Arc<dyn super::JournalObserver>);
    let Opened { journal, .. } = try_open(config).unwrap();
    for number in 1..=5 {
        wait(journal.commit(batch(number)));
        assert_eq!(*observer.0.lock().unwrap(), (1..=number).collect::<Vec<_>>());
    }
}
