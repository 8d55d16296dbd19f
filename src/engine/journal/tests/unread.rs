//! A journal that cannot be read to its end: that is told, nothing of it is lost, and it is read once more when the user
//! lets the queue go on.

use std::path::Path;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::super::{Change, Journal, JournalError, Outcome};
use super::fault_vfs::{Disk, NAME};
use super::model::{batch, folder, job};
use super::{Opened, PATIENCE, config, try_open, wait};
use crate::engine::{Engine, EngineConfig, EngineHandle, JournalTest, JournalUse, Reporting, SystemClock, Tuning};
use crate::model::{
    BatchId, Command, ConnectionId, Event, FailureKind, NoticeText, ReceiptFormat, ReceiptOver, RequestId, Selection,
    TransferAction, TransferId, Verified,
};
use crate::platform::{Home, MemoryStore};

/// Too many for SQLite to keep all their pages in memory.
const FILES: u64 = 40_000;
/// The row of what the queue was told.
const STANDING: &str = "queue:standing";

/// Held by the user, so that nothing is sent.
fn queue_of_many(path: &Path) {
    let Opened { journal, .. } = try_open(config(path).0).unwrap();
    let long = |id| format!("{}/{id}", "k".repeat(250)).into_boxed_str();
    let jobs = (1..=FILES).map(|id| super::super::NewJob { key: Some(long(id)), ..job(id, 1, 1) }).collect();
    let filled = Change::BatchFilled { batch: crate::model::BatchId::restored(1), left_out: 0 };
    let held = Change::Paused { jobs: (1..=FILES).map(TransferId::restored).collect() };
    let learnt_json = r#"{"is_held":true,"paused_batches":[]}"#.to_owned();
    let standing = Change::Learnt { id: ConnectionId::new(STANDING), learnt_json };
    for change in [batch(1), folder(1), Change::Jobs(jobs), filled, held, standing] {
        wait(journal.commit(change));
    }
    wait(journal.close());
}

/// The journal of an engine that has left; its thread may still be closing it.
fn opened_after(path: &Path) -> Opened {
    let end = Instant::now() + PATIENCE;
    loop {
        match try_open(config(path).0) {
            Err(JournalError::InUse { .. }) if Instant::now() < end => {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            opened => return opened.unwrap(),
        }
    }
}

/// Whether the next start holds the queue.
fn is_held(path: &Path) -> bool {
    let Opened { journal, restored } = opened_after(path);
    let is_held = restored.learnt[&ConnectionId::new(STANDING)].contains("\"is_held\":true");
    wait(journal.close());
    is_held
}

fn count(path: &Path) -> u64 {
    let Opened { journal, mut restored } = opened_after(path);
    let count = restored.jobs.by_ref().count() as u64;
    wait(journal.close());
    count
}

/// A reading that fails in the middle of taking the queue back.
fn middle(path: &Path, disk: &Disk) -> u64 {
    let (mut config, _tokens) = config(path);
    config.vfs = Some(NAME.to_owned());
    disk.make_unreadable(u64::MAX);
    let (journal, mut restored) = Journal::open(config).unwrap();
    let opened = disk.reads();
    assert_eq!(restored.jobs.by_ref().count() as u64, FILES);
    let all = disk.reads();
    wait(journal.close());
    assert!(all > opened + 500, "{opened} to open, {all} in all");
    opened + (all - opened) / 2
}

fn start(home: &Home) -> EngineHandle {
    let (vfs, retry_after) = (Some(NAME.to_owned()), Some(Duration::from_millis(20)));
    let config = EngineConfig {
        home: home.clone(),
        secret_store: Arc::new(MemoryStore::default()),
        reporting: Reporting::Counts,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Tested(JournalTest { vfs, retry_after, ..JournalTest::default() }),
    };
    Engine::start_tuned(config, Tuning { upload_threads: 1, ..Tuning::default() }, Waker::noop().clone()).unwrap()
}

/// What a start says: whether the journal cannot be read, and then of how many files, and whether it asks.
fn told(engine: &EngineHandle) -> (bool, u64, bool) {
    let (end, mut is_unreadable) = (Instant::now() + PATIENCE, false);
    while Instant::now() < end {
        for event in engine.drain_events() {
            match event {
                Event::Notice(notice) => match &notice.text {
                    NoticeText::Failure(failure) => is_unreadable |= failure.kind == FailureKind::JournalUnreadable,
                    NoticeText::Message { .. } => {}
                },
                Event::QueueRestored { files, asks, .. } => return (is_unreadable, files, asks),
                _ => {}
            }
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("nothing was said of the queue")
}

#[test]
fn a_queue_that_cannot_be_read_to_its_end_is_told_and_read_on_when_it_may_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    home.ensure().unwrap();
    let path = home.journal_file();
    queue_of_many(&path);
    let disk = Disk::over(path.parent().unwrap());
    let middle = middle(&path, &disk);

    disk.make_unreadable(middle);
    let engine = start(&home);
    let (is_unreadable, files, asks) = told(&engine);
    assert!(is_unreadable && asks && files > 0 && files < FILES, "{is_unreadable}, {files} files, asks: {asks}");
    disk.make_readable();
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.shutdown(PATIENCE);
    assert!(is_held(&path), "nobody has let it go on");

    disk.make_unreadable(middle);
    let engine = start(&home);
    assert!(told(&engine).0);
    disk.make_readable();
    engine.send(Command::ResumeQueue);
    assert_eq!(told(&engine), (false, FILES, false), "all of them are back");
    engine.shutdown(PATIENCE);
    assert_eq!(count(&path), FILES);
    assert!(!is_held(&path), "the user has");

    // A disk that goes on refusing: told again, and the rest is there at the next start.
    disk.make_unreadable(middle);
    let engine = start(&home);
    assert!(told(&engine).0);
    engine.send(Command::ResumeQueue);
    let end = Instant::now() + PATIENCE;
    let is_told = |event: &Event| match event {
        Event::Notice(notice) => {
            matches!(&notice.text, NoticeText::Failure(why) if why.kind == FailureKind::JournalUnreadable)
        }
        _ => false,
    };
    while !engine.drain_events().iter().any(is_told) {
        assert!(Instant::now() < end, "it was not told again");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    disk.make_readable();
    engine.shutdown(PATIENCE);
    assert_eq!(count(&path), FILES, "nothing is lost");
}

/// Asks for a receipt of the first batch; how many objects it has, or why there is none.
fn receipt(engine: &EngineHandle, path: &Path) -> Result<u64, FailureKind> {
    let asked = RequestId::next();
    let (batch, path, format) = (BatchId::restored(1), path.to_owned(), ReceiptFormat::Csv);
    engine.send(Command::SaveReceipt { request: asked, batch, path, format, over: ReceiptOver::AnyFile });
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        for event in engine.drain_events() {
            if let Event::ReceiptSaved { request, result } = event
                && request == asked
            {
                return result.map_err(|failure| failure.kind);
            }
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("no receipt and no word of it")
}

#[test]
fn a_receipt_that_cannot_be_read_to_its_end_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::under(folder.path());
    home.ensure().unwrap();
    let path = home.journal_file();
    queue_of_many(&path);
    // All but one are stored; that one keeps the batch open.
    let Opened { journal, restored } = try_open(config(&path).0).unwrap();
    drop(restored);
    for id in 2..=FILES {
        let outcome = Outcome::Done { verified: Verified::Accepted, crc64nvme: Some(1), etag: None, version_id: None };
        journal.note(Change::Ended { job: TransferId::restored(id), outcome, ended: jiff::Timestamp::UNIX_EPOCH });
    }
    wait(journal.close());
    let disk = Disk::over(path.parent().unwrap());
    let engine = start(&home);
    told(&engine);
    let file = folder.path().join("receipt.csv");
    std::fs::write(&file, b"an older one").unwrap();
    // In the middle of it, by the number of its own readings.
    disk.make_unreadable(u64::MAX);
    assert_eq!(receipt(&engine, &file), Ok(FILES - 1));
    let readings = disk.reads();
    assert!(readings > 500, "{readings}");
    std::fs::write(&file, b"an older one").unwrap();
    disk.make_unreadable(readings / 2);
    assert_eq!(receipt(&engine, &file), Err(FailureKind::JournalUnreadable));
    assert_eq!(std::fs::read(&file).unwrap(), b"an older one", "what is not whole takes no place");
    disk.make_readable();
    assert_eq!(receipt(&engine, &file), Ok(FILES - 1));
    engine.shutdown(PATIENCE);
}
