//! Files that are damaged, cut, emptied, or something else altogether: moved aside, never deleted, never a panic, and
//! what can be read is carried over.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::Change;
use super::super::config::JournalFound;
use super::super::sums::Sums;
use super::super::types::{InPlaceOf, JobState, SourceStamp};
use super::fault_vfs::{Disk, NAME};
use super::model::{State, batch, changes, folder, job};
use super::{Opened, Place, config, state_in, try_open, wait, write};
use crate::model::{FailureKind, ObjectKey, PartPlan, TransferId};

const PAGE: usize = 4096;

/// A journal of some hundred jobs in every state, in one file.
fn full_journal() -> (Place, State) {
    let place = Place::new();
    let mut all = changes(77, 150);
    all.push(Change::Jobs((100..2_500).map(|id| job(id, 2, 1)).collect()));
    write(&place, &all);
    let state = state_in(&place);
    (place, state)
}

/// Opens a journal that may be damaged. What is there afterwards, and where the old one went.
fn open_damaged(place: &Place) -> (State, Option<std::path::PathBuf>) {
    let Opened { journal, restored } = place.open();
    let aside = match &restored.found {
        JournalFound::MovedAside { to, .. } => Some(to.clone()),
        _ => None,
    };
    let told = restored.found.to_failure();
    assert_eq!(told.map(|failure| failure.kind), aside.as_ref().map(|_| FailureKind::JournalDamaged));
    let state = State::of(restored);
    // It takes changes again.
    wait(journal.commit(batch(900)));
    wait(journal.close());
    (state, aside)
}

fn aside_files(place: &Place) -> Vec<String> {
    place.files().into_iter().filter(|name| name.contains(".corrupt-") && !name.ends_with("-sums")).collect()
}

#[test]
fn a_byte_flipped_at_16_places_of_every_page_is_survived_and_heads_of_pages_are_noticed() {
    let (place, whole) = full_journal();
    let good = std::fs::read(place.path()).unwrap();
    let pages = good.len() / PAGE;
    assert!(pages >= 20, "{pages} pages");
    let (mut trials, mut moved, mut noticed_heads) = (0, 0, 0);
    for page in 0..pages {
        // The first byte of a page says what it is; in the first page the file's own head comes before.
        let head = if page == 0 { 100 } else { page * PAGE };
        let spread = (1..16).map(|part| page * PAGE + part * (PAGE / 16) + (page * 37) % 251);
        for at in std::iter::once(head).chain(spread) {
            let mut bytes = good.clone();
            bytes[at] ^= 0x5a;
            let copy = Place::new();
            std::fs::write(copy.path(), &bytes).unwrap();
            let (state, aside) = open_damaged(&copy);
            trials += 1;
            if let Some(aside) = &aside {
                moved += 1;
                assert_eq!(std::fs::read(aside).unwrap(), bytes, "the damaged file is what it was");
                assert_eq!(aside.parent(), copy.path().parent());
                noticed_heads += usize::from(at == head);
            } else {
                assert_eq!(aside_files(&copy), Vec::<String>::new());
            }
            let kept = state.jobs.keys().filter(|id| whole.jobs.contains_key(id)).count();
            let structure_is_whole = page > 1;
            assert!(!structure_is_whole || kept * 10 >= whole.jobs.len() || aside.is_some(), "page {page}, byte {at}");
        }
    }
    assert_eq!(trials, pages * 16);
    assert!(moved * 2 >= trials || noticed_heads * 10 >= pages * 8, "{moved} of {trials} noticed");
    println!("{trials} flips: {moved} moved aside, {noticed_heads} of {pages} page heads noticed");
}

#[test]
fn with_its_sums_every_turned_bit_is_told_and_nothing_of_its_page_goes_on_by_itself() {
    let (place, whole) = full_journal();
    let good = std::fs::read(place.path()).unwrap();
    let sums = std::fs::read(place.path().with_file_name(sums_name(&place))).unwrap();
    let (mut trials, mut held, mut lost) = (0, 0, 0);
    for page in 0..good.len() / PAGE {
        for part in 0..6 {
            let at = page * PAGE + part * (PAGE / 6) + (page * 53 + part * 7) % 600;
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (part % 8);
            let copy = Place::new();
            std::fs::write(copy.path(), &bytes).unwrap();
            std::fs::write(copy.path().with_file_name(sums_name(&copy)), &sums).unwrap();
            let (state, aside) = open_damaged(&copy);
            trials += 1;
            let aside = aside.unwrap_or_else(|| panic!("page {page}, byte {at}: not noticed"));
            assert_eq!(std::fs::read(aside).unwrap(), bytes, "the damaged file is what it was");
            for (id, row) in &state.jobs {
                match row.state {
                    JobState::Paused => {
                        held += usize::from(whole.jobs.get(id).is_none_or(|was| was.state != JobState::Paused));
                    }
                    _ if page > 0 => {
                        let was = &whole.jobs[id];
                        assert_eq!(row.job, was.job, "page {page}, byte {at}: silently wrong");
                        assert_eq!(state.folders[&row.job.folder], whole.folders[&was.job.folder], "byte {at}");
                        let (is, was) = (&state.batches[&row.job.batch], &whole.batches[&was.job.batch]);
                        assert_eq!((&is.to, &is.options), (&was.to, &was.options), "byte {at}");
                    }
                    _ => {}
                }
            }
            lost += whole.jobs.keys().filter(|id| !state.jobs.contains_key(id)).count();
        }
    }
    assert!(held > 0);
    println!("{trials} turned bits: {trials} told, {held} transfers held, {lost} not readable, 0 silently wrong");
}

#[test]
fn the_sums_are_those_of_the_file_however_often_the_log_was_moved() {
    let place = Place::new();
    for run in 0..3_u64 {
        let Opened { journal, restored } = place.open();
        assert_eq!(restored.found.to_failure(), None);
        drop(restored);
        wait(journal.commit(batch(run + 1)));
        let mut moves = 0;
        for block in 0..20 {
            let first = 1 + (run * 20 + block) * 4_000;
            wait(journal.commit(Change::Jobs((first..first + 4_000).map(|id| job(id, run + 1, 1)).collect())));
            // The file becomes shorter, too, and pages change places.
            let gone = (first.saturating_sub(3_000)..first).step_by(2).map(TransferId::restored);
            wait(journal.commit(Change::Forgotten { jobs: gone.collect() }));
            super::moved(&journal);
            let copy = place.copy();
            if copy.files().contains(&sums_name(&copy)) {
                moves += 1;
                assert!(sums_are_right(&copy), "run {run}, block {block}");
            }
        }
        assert!(moves > 3, "{moves} moves");
        wait(journal.close());
        assert!(sums_are_right(&place), "at the end of run {run}");
    }
}

#[test]
fn sums_that_another_process_brings_up_to_date_while_this_one_opens_are_right() {
    let (place, whole) = full_journal();
    let sums = place.path().with_file_name(sums_name(&place));
    let right = sums.with_extension("db-sums.right");
    std::fs::rename(&sums, &right).unwrap();
    // Of the file as it was before the other one moved its log.
    let mut before = std::fs::read(place.path()).unwrap();
    *before.last_mut().unwrap() ^= 1;
    std::fs::write(&sums, Sums::of(&mut std::io::Cursor::new(before)).unwrap().written()).unwrap();
    let disk = Disk::over(place.folder());
    disk.rename_then(right, sums);
    let (mut config, _tokens) = config(&place.path());
    config.vfs = Some(NAME.to_owned());
    let Opened { journal, restored } = try_open(config).unwrap();
    assert_eq!(restored.found, JournalFound::Good);
    assert_eq!(State::of(restored), whole);
    wait(journal.close());
}

fn sums_are_right(place: &Place) -> bool {
    let written = std::fs::read(place.path().with_file_name(sums_name(place))).unwrap();
    Sums::of(&mut std::fs::File::open(place.path()).unwrap()).unwrap().written() == written
}

fn sums_name(place: &Place) -> String {
    format!("{}-sums", place.path().file_name().unwrap().to_string_lossy())
}

#[test]
fn the_rest_of_the_jobs_is_carried_over_when_one_leaf_is_lost() {
    let (place, whole) = full_journal();
    let good = std::fs::read(place.path()).unwrap();
    let (mut carried, mut leaves) = (0, 0);
    for page in 1..good.len() / PAGE {
        // A leaf with rows of a table with ids.
        if good[page * PAGE] != 13 {
            continue;
        }
        let mut bytes = good.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0xff);
        let copy = Place::new();
        std::fs::write(copy.path(), &bytes).unwrap();
        let (state, aside) = open_damaged(&copy);
        assert!(aside.is_some(), "page {page}");
        leaves += 1;
        let lost: BTreeSet<&TransferId> = whole.jobs.keys().filter(|id| !state.jobs.contains_key(id)).collect();
        // A leaf of jobs holds about 80; the leaves of batches and folders take all of theirs with them.
        carried += usize::from(lost.len() <= 120);
        for (id, row) in &state.jobs {
            assert_eq!(row.job, whole.jobs[id].job, "what is carried over is what it was");
        }
    }
    assert!(leaves >= 20 && carried + 4 >= leaves, "{carried} of {leaves}");
    println!("{leaves} leaves lost: at most 120 of {} jobs gone in {carried} cases", whole.jobs.len());
}

#[test]
fn a_file_cut_at_every_page_and_within_is_moved_aside() {
    let (place, _whole) = full_journal();
    let good = std::fs::read(place.path()).unwrap();
    let mut trials = 0;
    for page in 0..good.len() / PAGE {
        for len in [page * PAGE + 1, page * PAGE + 99, page * PAGE + 2048, (page + 1) * PAGE] {
            if len >= good.len() {
                continue;
            }
            let copy = Place::new();
            std::fs::write(copy.path(), &good[..len]).unwrap();
            let (_state, aside) = open_damaged(&copy);
            assert_eq!(std::fs::read(aside.unwrap()).unwrap(), &good[..len], "cut to {len}");
            trials += 1;
        }
    }
    assert!(trials >= 80, "{trials} cuts");
}

#[test]
fn an_emptied_file_does_not_take_its_log_with_it() {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    wait(journal.commit(batch(1)));
    let copy = place.copy();
    let log = std::fs::read(copy.folder().join("queue.db-wal")).unwrap();
    std::fs::write(copy.path(), b"").unwrap();
    let (_state, aside) = open_damaged(&copy);
    let aside = aside.unwrap();
    assert_eq!(std::fs::read(format!("{}-wal", aside.display())).unwrap(), log);
    wait(journal.close());
}

#[test]
fn files_that_are_something_else_are_moved_aside() {
    let contents: [&[u8]; 4] = [b"x", b"settings = 1\n", &[0; 8192], b"SQLite format 3\0 and then nothing of use"];
    for content in contents {
        let place = Place::new();
        std::fs::write(place.path(), content).unwrap();
        let (state, aside) = open_damaged(&place);
        assert_eq!(std::fs::read(aside.unwrap()).unwrap(), content);
        assert_eq!(state, State::default());
    }
    let place = Place::new();
    rusqlite::Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let (_state, aside) = open_damaged(&place);
    assert!(aside.is_some(), "a database of another program");
}

#[test]
fn damaged_again_and_again_every_one_is_kept() {
    let place = Place::new();
    for round in 1..=5 {
        std::fs::write(place.path(), format!("damage {round}")).unwrap();
        let (_state, aside) = open_damaged(&place);
        assert!(aside.is_some());
        assert_eq!(aside_files(&place).len(), round);
    }
}

#[test]
fn an_end_that_is_lost_is_looked_for_again() {
    let (place, whole) = full_journal();
    let conn = rusqlite::Connection::open(place.path()).unwrap();
    // The table of ends is gone, the rest is whole.
    conn.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE ended").unwrap();
    conn.close().unwrap();
    place.forget_sums();
    let (state, aside) = open_damaged(&place);
    assert!(aside.is_some());
    assert_eq!(state.jobs.len(), whole.jobs.len(), "nobody is lost");
    for row in state.jobs.values() {
        assert!(!matches!(row.state, super::super::JobState::Ended(_)), "{row:?}");
    }
}

#[test]
fn rows_that_make_no_sense_are_left_out() {
    let nonsense = [
        "UPDATE batch SET options = '{' WHERE id = 2",
        "UPDATE batch SET sources = x'01' WHERE id = 2",
        "UPDATE batch SET opened = 'soon' WHERE id = 2",
        "UPDATE folder SET key_prefix = x'ff', naming = 7",
        "UPDATE orphan SET key = x'ff'",
        "UPDATE meta SET last_transfer = -5",
        "DELETE FROM meta",
    ];
    for sql in nonsense {
        // An orphan that makes no sense is no reason to leave everything else.
        let is_noticed = !sql.contains("orphan") && !sql.contains("last_transfer");
        let place = Place::new();
        let connection = crate::model::ConnectionId::new("c");
        let bucket = crate::model::BucketName::new("bucket").unwrap();
        let key = crate::model::ObjectKey::new("k");
        let orphan = Change::Orphan { connection, bucket, key, upload_id: "u".into(), reason: "r".into() };
        let jobs = Change::Jobs(vec![job(1, 1, 1), job(2, 2, 1)]);
        write(&place, &[batch(1), batch(2), folder(1), orphan, jobs]);
        edit(&place.path(), sql);
        place.forget_sums();
        let (state, aside) = open_damaged(&place);
        assert_eq!(aside.is_some(), is_noticed, "{sql}");
        let jobs = state.jobs.keys().map(|id| id.get()).collect::<Vec<_>>();
        let expected: &[u64] = if sql.contains("batch") {
            &[1]
        } else if sql.contains("folder") {
            &[]
        } else {
            &[1, 2]
        };
        assert_eq!(jobs, expected, "{sql}");
    }
}

#[test]
fn a_job_that_makes_no_sense_does_not_end_the_stream() {
    let place = Place::new();
    write(&place, &[batch(1), folder(1), Change::Jobs((1..=5_000).map(|id| job(id, 1, 1)).collect())]);
    edit(&place.path(), "UPDATE job SET key = x'ff' WHERE id BETWEEN 2 AND 4999");
    assert_eq!(state_in(&place).jobs.len(), 2);
}

#[test]
fn uploads_of_transfers_that_are_lost_are_still_known() {
    let key = ObjectKey::new("where it goes");
    let stamp = SourceStamp { device: 1, inode: 2, size_bytes: 3, modified_ns: None, changed_ns: None };
    let plan = PartPlan::Multipart { part_bytes: 8 << 20, parts: 2 };
    // What the first was to take the place of says nothing of its own end.
    let own = InPlaceOf { crc64nvme: Some(5), etag: Some("e".to_owned()), version_id: None };
    let created = |id: u64| {
        let (job, key, started) = (TransferId::restored(id), key.clone(), jiff::Timestamp::UNIX_EPOCH);
        let upload_id = format!("upload {id}");
        let in_place_of = (id == 1).then(|| Box::new(own.clone()));
        [
            Change::Creating { job, key, stamp, started, in_place_of },
            Change::Created { job, upload_id, plan, lost_since: None },
        ]
    };
    for lost in ["DELETE FROM folder WHERE id = 1", "DELETE FROM job WHERE id = 1", "DELETE FROM batch WHERE id = 1"] {
        let place = Place::new();
        let jobs = Change::Jobs(vec![job(1, 1, 1), job(2, 2, 2)]);
        let mut all = vec![batch(1), batch(2), folder(1), folder(2), jobs];
        all.extend(created(1).into_iter().chain(created(2)));
        write(&place, &all);
        edit(&place.path(), &format!("PRAGMA foreign_keys = OFF; {lost}; DELETE FROM meta"));
        place.forget_sums();
        let opened = place.open();
        assert!(matches!(opened.restored.found, JournalFound::MovedAside { .. }), "{lost}");
        let left: Vec<_> = opened
            .restored
            .orphans
            .iter()
            .map(|row| (row.upload_id.as_str(), row.key.clone(), row.bucket.as_str()))
            .collect();
        assert_eq!(left, [("upload 1", key.clone(), "bucket")], "{lost}");
        wait(opened.journal.close());
        let state = state_in(&place);
        assert!(state.jobs.contains_key(&TransferId::restored(2)) && state.jobs.len() == 1, "{lost}");
    }
}

#[test]
fn an_exchange_that_was_broken_off_is_finished() {
    let place = Place::new();
    let all = changes(3, 50);
    write(&place, &all);
    std::fs::rename(place.path(), format!("{}.salvaged", place.path().display())).unwrap();
    assert_eq!(state_in(&place).shown(), State::after(&all).shown());
    // One that was broken off before was only a copy in the making.
    std::fs::write(format!("{}.salvage", place.path().display()), "half").unwrap();
    std::fs::write(place.path(), "damage").unwrap();
    let (config, _tokens) = config(&place.path());
    let opened = try_open(config).unwrap();
    assert!(matches!(opened.restored.found, JournalFound::MovedAside { .. }));
}

fn edit(path: &Path, sql: &str) {
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
    conn.execute_batch(sql).unwrap();
    conn.close().unwrap();
}
