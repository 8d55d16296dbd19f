//! Shares that do not answer: their files wait, everything else goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bucketdrop::engine::{Clock, SystemClock};
use bucketdrop::locale::{Lang, failure_title};
use bucketdrop::model::{
    BatchId, Event, Failure, FailureKind, Location, NoticeText, PutOptions, TransferAction, TransferState, TransferTab,
};
use bucketdrop::platform::{FarMount, Mounts};
use tempfile::TempDir;

use crate::support::{MIB, Server, Setup, TestEngine, pattern};
use crate::test_clock::{SharedClock, TestClock};

/// No wait of the engine is longer, in the time of its clock.
const LIMIT: Duration = Duration::from_mins(2);

/// What every share of these tests is like now; all of them, since which files are far is asked by a plain function.
static SHARES: Mutex<BTreeMap<PathBuf, State>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

#[derive(Default)]
struct State {
    /// So many questions are still answered; `None` for all.
    answers: Option<usize>,
    /// Questions that hang.
    hanging: usize,
}

fn mounts() -> Mounts {
    let shares = SHARES.lock().unwrap();
    Mounts::of(shares.keys().map(|root| FarMount { root: root.clone(), identity: String::new() }))
}

fn before_share(root: &Path) {
    let mut shares = SHARES.lock().unwrap();
    let share = shares.get_mut(root).unwrap();
    match &mut share.answers {
        None => return,
        Some(0) => {}
        Some(left) => {
            *left -= 1;
            return;
        }
    }
    share.hanging += 1;
    CHANGED.notify_all();
    let mut shares = CHANGED.wait_while(shares, |shares| shares[root].answers == Some(0)).unwrap();
    shares.get_mut(root).unwrap().hanging -= 1;
    CHANGED.notify_all();
}

/// A folder that is taken for a share.
struct Share {
    folder: TempDir,
    root: PathBuf,
}

impl Share {
    /// Before the engine looks for shares.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        SHARES.lock().unwrap().insert(root.clone(), State::default());
        Self { folder, root }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn answers(&self, questions: Option<usize>) {
        SHARES.lock().unwrap().get_mut(&self.root).unwrap().answers = questions;
        CHANGED.notify_all();
    }

    /// Waits until so many questions hang.
    fn wait_hanging(&self, count: usize) {
        let shares = SHARES.lock().unwrap();
        drop(CHANGED.wait_while(shares, |shares| shares[&self.root].hanging < count).unwrap());
    }

    fn wait_hanging_none(&self) {
        let shares = SHARES.lock().unwrap();
        drop(CHANGED.wait_while(shares, |shares| shares[&self.root].hanging > 0).unwrap());
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.answers(None);
    }
}

/// Whose time moves by hand.
fn world() -> (Server, TestEngine, Location, Arc<TestClock>) {
    let clock = TestClock::new();
    let (server, engine, at) = world_with(Arc::new(SharedClock(Arc::clone(&clock))));
    (server, engine, at, clock)
}

/// One upload thread, which a share must not have for itself.
fn world_with(clock: Arc<dyn Clock>) -> (Server, TestEngine, Location) {
    let server = Server::start();
    let mut setup = Setup { clock, ..Setup::default() };
    (setup.tuning.mounts, setup.tuning.before_share, setup.tuning.upload_threads) = (mounts, before_share, 1);
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    (server, engine, at)
}

fn told(event: &Event) -> Option<&Failure> {
    match event {
        Event::Notice(notice) => match &notice.text {
            NoticeText::Failure(failure) => Some(failure),
            NoticeText::Message { .. } => None,
        },
        _ => None,
    }
}

/// Time passes until the share is said not to answer.
#[track_caller]
fn until_silent(engine: &TestEngine, clock: &TestClock) -> Failure {
    let is_silent = |event: &Event| told(event).is_some_and(|failure| failure.kind == FailureKind::SourceSilent);
    clock.rush_until(LIMIT, || (), || engine.has_heard(is_silent));
    engine.expect("the reason", |event| told(event).cloned())
}

#[track_caller]
fn until_paused(engine: &TestEngine, clock: &TestClock, count: u64) {
    let are_paused = |event: &Event| matches!(event, Event::Transfers(view) if view.counts.paused == count);
    clock.rush_until(LIMIT, || (), || engine.has_heard(are_paused));
}

#[track_caller]
fn until_finished(engine: &TestEngine, clock: &TestClock, batch: BatchId) {
    let is_it = |event: &Event| matches!(event, Event::BatchFinished { batch: b, .. } if *b == batch);
    clock.rush_until(LIMIT, || (), || engine.has_heard(is_it));
    let summary = engine.finished(batch);
    assert_eq!((summary.failed, summary.cancelled), (0, 0), "{summary:?}");
}

#[test]
fn everything_else_goes_on_while_a_share_hangs_and_then_its_files_too() {
    let (share, other) = (Share::new(), Share::new());
    let (server, engine, at, clock) = world();
    share.answers(Some(0));
    let bytes = pattern(3 * MIB);
    let names: Vec<String> = (0..12).map(|n| format!("far {n}")).collect();
    let files = names.iter().map(|name| share.file(name, &bytes)).collect();
    let far = engine.enqueue(files, &at, PutOptions::default());
    share.wait_hanging(1);
    let large = pattern(20 * MIB);
    let beside = vec![engine.file("small", b"s"), engine.file("large", &large), other.file("other", &bytes)];
    let beside = engine.enqueue(beside, &at, PutOptions::default());
    // The thread is not held up. Of time no more passes than a server that seems far gets between its first parts: the
    // share is not said to be silent before a quarter of a minute.
    let is_through = |event: &Event| matches!(event, Event::BatchFinished { batch, .. } if *batch == beside);
    clock.pass_until(Duration::from_secs(12), Duration::from_millis(10), || engine.has_heard(is_through));
    assert_eq!(engine.finished(beside).done, 3);
    assert!(!engine.has_heard(|event| told(event).is_some()), "nobody waited so long");
    assert!(server.bytes("large").unwrap() == large && server.bytes("other").unwrap() == bytes);
    // The files say what they wait for, once.
    let failure = until_silent(&engine, &clock);
    assert_eq!(failure_title(Lang::En, &failure), format!("The share “{}” does not answer", share.root.display()));
    assert!(failure.retryable);
    until_paused(&engine, &clock, 12);
    assert!(!engine.has_heard(|event| told(event).is_some()), "it is said once");
    // Also what comes later has all the places.
    assert_eq!(engine.upload(vec![engine.file("later", b"l")], &at, PutOptions::default()).done, 1);
    share.answers(None);
    until_finished(&engine, &clock, far);
    for name in &names {
        assert!(server.bytes(name).unwrap() == bytes, "{name}");
    }
}

#[test]
fn a_large_file_goes_on_where_its_share_fell_silent() {
    let share = Share::new();
    let (server, engine, at, clock) = world();
    // It is opened, and some of its parts are read.
    share.answers(Some(12));
    let bytes = pattern(30 * MIB + 17);
    let batch = engine.enqueue(vec![share.file("far", &bytes)], &at, PutOptions::default());
    share.wait_hanging(1);
    until_silent(&engine, &clock);
    until_paused(&engine, &clock, 1);
    assert_eq!(server.unfinished_uploads(), 1);
    share.answers(None);
    until_finished(&engine, &clock, batch);
    assert!(server.bytes("far").unwrap() == bytes);
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1);
}

#[test]
fn what_hangs_can_be_paused_and_cancelled_at_once() {
    let share = Share::new();
    let (server, engine, at) = world_with(Arc::new(SystemClock::new()));
    for (questions, name) in [(0, "not opened"), (7, "half read")] {
        share.answers(Some(questions));
        let batch = engine.enqueue(vec![share.file(name, &pattern(20 * MIB))], &at, PutOptions::default());
        share.wait_hanging(1);
        let row = engine.row(TransferTab::Active, |row| row.object.key.as_str() == name);
        engine.act(row.id, TransferAction::Pause);
        engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
        engine.act(row.id, TransferAction::Resume);
        engine.row(TransferTab::Active, |row| row.state != TransferState::Paused);
        engine.act(row.id, TransferAction::Cancel);
        assert_eq!(engine.finished(batch).cancelled, 1);
        share.answers(None);
        share.wait_hanging_none();
    }
    server.wait_for_unfinished(0);
    assert_eq!(engine.upload(vec![share.file("next", b"n")], &at, PutOptions::default()).done, 1);
}

#[test]
fn a_share_that_hangs_keeps_nobody_from_quitting_and_the_next_start_goes_on() {
    let share = Share::new();
    let (server, engine, at) = world_with(Arc::new(SystemClock::new()));
    share.answers(Some(5));
    let bytes = pattern(20 * MIB);
    engine.enqueue(vec![share.file("far", &bytes)], &at, PutOptions::default());
    share.wait_hanging(1);
    let stopped = engine.stop();
    share.answers(None);
    let engine = stopped.start();
    engine.expect("its end", |event| matches!(event, Event::BatchFinished { .. }).then_some(()));
    assert!(server.bytes("far").unwrap() == bytes);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_with_more_than_the_0_bytes_that_its_share_tells_is_not_stored() {
    SHARES.lock().unwrap().insert("/proc".into(), State::default());
    let (server, engine, at) = world_with(Arc::new(SystemClock::new()));
    let summary = engine.upload(vec!["/proc/self/status".into()], &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (0, 1));
    assert!(server.keys().is_empty());
}
