//! Several processes at a time: a journal for each, and nothing of any is lost or comes twice.

use jiff::Timestamp;

use super::super::config::JournalFound;
use super::super::{Change, Journal, JournalError, PartRow};
use super::fault_vfs::{Disk, Fault, NAME};
use super::model::{State, batch, folder, job};
use super::{Opened, Place, config, copy_files, wait, write};
use crate::model::{BatchId, ConnectionId, FailureKind, PartPlan, TransferId};

fn open_free(place: &Place) -> Result<Opened, JournalError> {
    Journal::open_free(&config(&place.path()).0).map(|(journal, restored)| Opened { journal, restored })
}

/// Opens the first free one, looks, and ends.
fn state_of_next(place: &Place) -> State {
    let Opened { journal, restored } = open_free(place).unwrap();
    let state = State::of(restored);
    wait(journal.close());
    state
}

/// What the second process does: a batch of four files, one of them in parts.
fn second_run() -> Vec<Change> {
    let Change::Batch(row) = batch(1) else { unreachable!() };
    let opened = Timestamp::from_second(1_700_000_777).unwrap();
    let big = TransferId::restored(3);
    let plan = PartPlan::Multipart { part_bytes: 8 << 20, parts: 3 };
    vec![
        Change::Batch(super::super::BatchRow { opened, ..row }),
        folder(1),
        Change::Jobs((1..=4).map(|id| job(id, 1, 1)).collect()),
        Change::Created { job: big, upload_id: "upload".into(), plan, lost_since: None },
        Change::Part { job: big, number: 2, len: 8 << 20, crc64nvme: 77, etag: "e".into() },
        Change::Rank { job: TransferId::restored(4), rank: -3 },
    ]
}

#[test]
fn what_another_process_has_left_is_taken_over_once() {
    let place = Place::new();
    write(&place, &[batch(1), folder(1), Change::Jobs((1..=6).map(|id| job(id, 1, 1)).collect())]);
    let Opened { journal: first, restored } = open_free(&place).unwrap();
    let own = State::of(restored);
    let Opened { journal: second, restored } = open_free(&place).unwrap();
    assert!(State::of(restored).jobs.is_empty(), "the first one's are not here");
    wait(async {
        for change in second_run() {
            second.commit(change).await;
        }
        second.close().await;
        first.close().await;
    });
    let left = Place::new();
    copy_files(place.folder(), left.folder());
    for start in 0..3 {
        if start == 1 {
            // Killed before the second one's file was emptied.
            for name in left.files().iter().filter(|name| name.contains(".2")) {
                std::fs::copy(left.folder().join(name), place.folder().join(name)).unwrap();
            }
        }
        let state = state_of_next(&place);
        assert_eq!((state.jobs.len(), state.batches.len()), (own.jobs.len() + 4, own.batches.len() + 1), "{start}");
        for (id, row) in &own.jobs {
            assert_eq!(&state.jobs[id], row, "one's own stay what they were");
        }
        let came: Vec<_> = state.jobs.iter().filter(|(id, _)| !own.jobs.contains_key(id)).collect();
        let batches: Vec<BatchId> = came.iter().map(|(_, row)| row.job.batch).collect();
        assert!(batches.iter().all(|batch| *batch == batches[0] && !own.batches.contains_key(batch)));
        for ((_, row), number) in came.iter().zip(1..) {
            let was = job(number, 1, 1);
            assert_eq!((&row.job.name, &row.job.key, row.job.size_bytes), (&was.name, &was.key, was.size_bytes));
            assert_eq!(state.folders[&row.job.folder].path.to_str().unwrap(), "/home/somewhere/1");
        }
        assert_ne!(came[3].1.rank, 0, "still moved");
        assert_eq!(came[2].1.work.as_ref().unwrap().upload_id.as_deref(), Some("upload"));
        let part = PartRow { number: 2, len: 8 << 20, crc64nvme: 77, etag: "e".into() };
        assert_eq!(state.parts[came[2].0].values().collect::<Vec<_>>(), [&part]);
    }
}

#[test]
fn what_another_process_has_left_and_cannot_be_opened_is_told_and_comes_later() {
    let place = Place::new();
    let Opened { journal: first, .. } = open_free(&place).unwrap();
    let Opened { journal: second, .. } = open_free(&place).unwrap();
    wait(async {
        for change in second_run() {
            second.commit(change).await;
        }
        second.close().await;
        first.close().await;
    });
    let theirs = super::super::slots::slot(&place.path(), 2);
    let version = |version: i64| {
        let conn = rusqlite::Connection::open(&theirs).unwrap();
        conn.pragma_update(None, "user_version", version).unwrap();
    };
    // A later version of the program has written it.
    version(99);
    let Opened { journal, restored } = open_free(&place).unwrap();
    let [told] = &restored.found_beside[..] else { panic!("{:?}", restored.found_beside) };
    let failure = told.to_failure().unwrap();
    assert_eq!(failure.kind, FailureKind::JournalLeftBeside);
    assert!(failure.args.contains(&("path", theirs.display().to_string())), "{failure:?}");
    assert!(failure.detail.contains("schema 99"), "{failure:?}");
    assert!(State::of(restored).jobs.is_empty());
    wait(journal.close());
    version(super::super::schema::NEWEST);
    assert_eq!(state_of_next(&place).jobs.len(), 4, "nothing is lost");
}

#[test]
fn damage_in_what_another_process_has_left_is_told() {
    let place = Place::new();
    let Opened { journal: first, .. } = open_free(&place).unwrap();
    let Opened { journal: second, .. } = open_free(&place).unwrap();
    wait(async {
        first.commit(batch(1)).await;
        for change in second_run() {
            second.commit(change).await;
        }
        second.close().await;
        first.close().await;
    });
    let theirs = super::super::slots::slot(&place.path(), 2);
    let mut bytes = std::fs::read(&theirs).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 0x5a;
    std::fs::write(&theirs, &bytes).unwrap();

    let Opened { journal, restored } = open_free(&place).unwrap();
    assert_eq!(restored.found, JournalFound::Good);
    let [told] = &restored.found_beside[..] else { panic!("{:?}", restored.found_beside) };
    let JournalFound::MovedAside { to, .. } = told else { panic!("{told:?}") };
    assert_eq!(std::fs::read(to).unwrap(), bytes, "what was damaged is kept as it was");
    assert_eq!(told.to_failure().unwrap().kind, FailureKind::JournalDamaged);
    assert_eq!(State::of(restored).batches.len(), 2, "and what can be read of it has come");
    wait(journal.close());
    let Opened { journal, restored } = open_free(&place).unwrap();
    assert_eq!(restored.found_beside, [], "it is told once");
    wait(journal.close());
}

#[test]
fn what_the_queue_of_another_process_was_told_holds_for_the_batches_as_they_are_numbered_here() {
    let standing = |is_held: bool, paused: &[u64]| Change::Learnt {
        id: ConnectionId::new("queue:standing"),
        learnt_json: format!("{{\"is_held\":{is_held},\"paused_batches\":{paused:?}}}"),
    };
    for (ours, theirs) in [(None, true), (Some(false), true), (Some(true), false)] {
        let place = Place::new();
        let Opened { journal: first, .. } = open_free(&place).unwrap();
        let Opened { journal: second, .. } = open_free(&place).unwrap();
        wait(async {
            for change in [batch(1), batch(2)].into_iter().chain(ours.map(|is_held| standing(is_held, &[2]))) {
                first.commit(change).await;
            }
            for change in second_run() {
                second.commit(change).await;
            }
            second.commit(standing(theirs, &[1, 77])).await;
            second.close().await;
            first.close().await;
        });
        for start in 0..2 {
            let Opened { journal, restored } = open_free(&place).unwrap();
            let told = &restored.learnt[&ConnectionId::new("queue:standing")];
            let paused = if ours.is_some() { "[2,3]" } else { "[3]" };
            assert_eq!(*told, format!("{{\"is_held\":true,\"paused_batches\":{paused}}}"), "start {start}");
            wait(journal.close());
        }
    }
}

#[test]
fn each_process_has_its_own_and_the_ninth_has_none() {
    let place = Place::new();
    let open: Vec<Opened> = (0..8).map(|_| open_free(&place).unwrap()).collect();
    assert!(matches!(open_free(&place).err().unwrap(), JournalError::InUse { .. }));
    for (number, opened) in open.iter().enumerate() {
        let Change::Batch(row) = batch(1) else { unreachable!() };
        let opened_at = Timestamp::from_second(1_700_000_000 + i64::try_from(number).unwrap()).unwrap();
        wait(opened.journal.commit(Change::Batch(super::super::BatchRow { opened: opened_at, ..row })));
    }
    for opened in &open {
        wait(opened.journal.close());
    }
    assert_eq!(state_of_next(&place).batches.len(), 8, "all of them, in one");
    assert_eq!(state_of_next(&place).batches.len(), 8);
}

#[test]
fn a_damaged_one_is_moved_aside_and_the_rest_of_it_taken_over() {
    let place = Place::new();
    let Opened { journal: first, .. } = open_free(&place).unwrap();
    let Opened { journal: second, .. } = open_free(&place).unwrap();
    wait(async {
        for change in second_run() {
            second.commit(change).await;
        }
        second.close().await;
        first.close().await;
    });
    let path = place.folder().join("queue.db.2");
    let mut bytes = std::fs::read(&path).unwrap();
    // A row's own bytes: SQLite would not notice.
    let name = "파일 4.bin".as_bytes();
    let at = bytes.windows(name.len()).position(|bytes| bytes == name).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let state = state_of_next(&place);
    assert_eq!(state.jobs.len(), 4);
    assert!(state.jobs.values().all(|row| row.state == super::super::JobState::Paused), "nothing goes on by itself");
    assert!(place.files().iter().any(|name| name.starts_with("queue.db.2.corrupt-")), "{:?}", place.files());
}

fn open_on_disk(place: &Place) -> Result<Opened, JournalError> {
    let mut config = config(&place.path()).0;
    config.vfs = Some(NAME.to_owned());
    Journal::open_free(&config).map(|(journal, restored)| Opened { journal, restored })
}

/// A batch that a third process adds.
fn third_run() -> Vec<Change> {
    let Change::Batch(row) = batch(1) else { unreachable!() };
    let opened = Timestamp::from_second(1_700_000_999).unwrap();
    let jobs = Change::Jobs(vec![job(1, 1, 1), job(2, 1, 1)]);
    vec![Change::Batch(super::super::BatchRow { opened, ..row }), folder(1), jobs]
}

#[test]
fn a_disk_that_fails_while_taking_over_loses_nothing_and_doubles_nothing() {
    let left = Place::new();
    write(&left, &[batch(1), folder(1), Change::Jobs((1..=6).map(|id| job(id, 1, 1)).collect())]);
    let Opened { journal: first, .. } = open_free(&left).unwrap();
    let Opened { journal: second, .. } = open_free(&left).unwrap();
    wait(async {
        for change in second_run() {
            second.commit(change).await;
        }
        second.close().await;
        first.close().await;
    });
    let mut held = 0;
    // Around the calls that copy and empty.
    for n in 8..=30 {
        let fault = if n % 2 == 0 { Fault::NoSpace } else { Fault::Io };
        let place = left.copy();
        let disk = Disk::over(place.folder());
        disk.fail_at(n, fault);
        let opened = open_on_disk(&place);
        disk.heal();
        let Ok(Opened { journal, restored }) = opened else { continue };
        let here = State::of(restored).jobs.len();
        // Somebody starts meanwhile, and has something of its own.
        let Opened { journal: guest, restored } = open_on_disk(&place).unwrap();
        let there = State::of(restored).jobs.len();
        assert_eq!(here + there, 10, "{fault:?} at call {n}: {here} and {there}");
        let files = place.files();
        let is_held = here == 10 && files.iter().any(|name| name == "queue.db.3");
        held += u32::from(is_held);
        if there == 0 {
            wait(async {
                for change in third_run() {
                    guest.commit(change).await;
                }
            });
        }
        wait(guest.close());
        if is_held {
            // Off the list before the next start: its batch must not come again.
            let forgotten = (1..=20).map(TransferId::restored).collect();
            wait(async {
                for batch in 1..=3 {
                    journal.commit(Change::BatchReported { batch: BatchId::restored(batch) }).await;
                }
                journal.commit(Change::Forgotten { jobs: forgotten }).await;
            });
        }
        wait(journal.close());
        let expected = if is_held { 2 } else { 10 + if there == 0 { 2 } else { 0 } };
        for start in 0..2 {
            let state = state_of_next(&place);
            assert_eq!(state.jobs.len(), expected, "start {start} after {fault:?} at call {n}");
        }
        drop(disk);
    }
    assert!(held >= 2, "taken over and not emptied only {held} times");
}
