//! A journal that takes its time: nothing is sent before it is written down, and whoever looks at the queue is answered
//! all the while.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Condvar, Mutex};

use bucketdrop::engine::{HandedUpload, JournalObserver, JournalTest, JournalUse, handed_text};
use bucketdrop::local_storage::faults::EventKind;
use bucketdrop::model::{Command, Event, Location, PutOptions, RequestId, RowsWanted, TransferTab};
use bucketdrop::platform::{Home, Instance, PlatformError};

use crate::support::{MIB, Server, Setup, TestEngine, pattern};

/// Holds the journal's thread up, from a moment on.
#[derive(Default)]
struct Brake {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Free,
    /// The next commit stays without an answer.
    Pulled,
    /// One does.
    Holding,
}

impl Brake {
    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
        self.changed.notify_all();
    }

    fn wait_until_it_holds(&self) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| *state != State::Holding).unwrap());
    }
}

impl JournalObserver for Brake {
    fn committed(&self, _number: u64) {
        let mut state = self.state.lock().unwrap();
        if *state == State::Free {
            return;
        }
        *state = State::Holding;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| *state != State::Free).unwrap());
    }
}

/// Any number of questions are answered; each goes through the actor.
fn is_alive(engine: &TestEngine, active: u64) {
    for first_index in 0..20 {
        engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index, count: 5 }));
        engine.expect("a picture", |event| match event {
            Event::Transfers(view) if view.first_index == first_index && view.counts.active == active => Some(()),
            _ => None,
        });
        let request = RequestId::next();
        engine.send(Command::ListUploaded { request });
        let answers = |event: &Event| matches!(event, Event::UploadedObjects { request: r, .. } if *r == request);
        engine.expect("an answer", |event| answers(event).then_some(()));
    }
}

fn braked() -> (Server, TestEngine, Arc<Brake>) {
    let brake = Arc::new(Brake::default());
    let observer: Arc<dyn JournalObserver> = Arc::clone(&brake) as _;
    let journal = JournalUse::Tested(JournalTest { observer: Some(observer), ..JournalTest::default() });
    let home = tempfile::tempdir().unwrap();
    Home::under(home.path()).ensure().unwrap();
    let Instance::First(server) = Instance::claim(&Home::under(home.path())).unwrap() else { panic!("another runs") };
    (Server::start(), TestEngine::start_in(home, Setup { journal, instance: Some(server), ..Setup::default() }), brake)
}

/// Another process hands an upload over; its answer.
fn hand_over(engine: &TestEngine, path: PathBuf, to: &Location) -> Receiver<Result<(), PlatformError>> {
    let window = Instance::find_running(&Home::under(engine.home.path())).unwrap().unwrap();
    let text = handed_text(&HandedUpload { to: to.clone(), options: PutOptions::default(), connection: None });
    let (sender, answer) = std::sync::mpsc::channel();
    let ask = move || sender.send(window.upload(&[path], text, drop)).unwrap();
    std::thread::Builder::new().name("another process".to_owned()).spawn(ask).unwrap();
    answer
}

#[test]
fn nothing_is_sent_before_the_journal_has_it_and_the_queue_stays_in_sight() {
    let (server, engine, brake) = braked();
    let at = engine.connect(&server);
    let paths = vec![engine.file("a", b"a"), engine.file("b", b"b"), engine.file("big", &pattern(9 * MIB))];
    brake.set(State::Pulled);
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    brake.wait_until_it_holds();
    is_alive(&engine, 3);
    let writes = ["PutObject", "CreateMultipartUpload", "UploadPart"];
    assert!(writes.iter().all(|operation| server.plan.count(operation) == 0), "sent before it was written down");
    brake.set(State::Free);
    assert_eq!(engine.finished(batch).done, 3);
}

#[test]
fn no_part_is_sent_before_the_journal_has_the_upload_id() {
    let (server, engine, brake) = braked();
    let at = engine.connect(&server);
    let pulls = Arc::clone(&brake);
    server.plan.on_event(move |event| {
        if event.operation == "CreateMultipartUpload" && event.kind == EventKind::Arrived {
            pulls.set(State::Pulled);
        }
    });
    let batch = engine.enqueue(vec![engine.file("big", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("CreateMultipartUpload", 1);
    brake.wait_until_it_holds();
    is_alive(&engine, 1);
    assert_eq!(server.plan.count("UploadPart"), 0, "a part was sent before the id was written down");
    brake.set(State::Free);
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.plan.count("UploadPart"), 3);
}

#[test]
fn an_end_is_told_once_it_is_written_down() {
    let (server, engine, brake) = braked();
    let at = engine.connect(&server);
    let pulls = Arc::clone(&brake);
    server.plan.on_event(move |event| {
        if event.operation == "PutObject" && event.kind == EventKind::Answering {
            pulls.set(State::Pulled);
        }
    });
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    server.wait_for_answers("PutObject", 1);
    brake.wait_until_it_holds();
    is_alive(&engine, 1);
    let is_end = |event: &Event| matches!(event, Event::BatchFinished { .. });
    assert!(!engine.has_heard(is_end), "told before it was written down");
    brake.set(State::Free);
    assert_eq!(engine.finished(batch).done, 1);
}

#[test]
fn an_upload_that_is_handed_over_is_taken_once_it_is_written_down() {
    let (server, engine, brake) = braked();
    let at = engine.connect(&server);
    brake.set(State::Pulled);
    let answer = hand_over(&engine, engine.file("a", b"a"), &at);
    brake.wait_until_it_holds();
    let early = answer.try_recv();
    assert!(matches!(early, Err(TryRecvError::Empty)), "taken before it was written down: {early:?}");
    brake.set(State::Free);
    answer.recv().unwrap().unwrap();
    server.wait_for_key("a");
}

#[test]
fn an_upload_whose_asker_did_not_wait_is_left_to_it() {
    let (server, engine, brake) = braked();
    let at = engine.connect(&server);
    brake.set(State::Pulled);
    let answer = hand_over(&engine, engine.file("theirs", b"a"), &at);
    brake.wait_until_it_holds();
    // Not taken, and it never will be: what cannot be written down in two seconds is refused.
    assert!(matches!(answer.recv().unwrap(), Err(PlatformError::InstanceConfused { .. })));
    brake.set(State::Free);
    assert_eq!(engine.upload(vec![engine.file("ours", b"b")], &at, PutOptions::default()).done, 1);
    let engine = engine.restart();
    assert_eq!(engine.upload(vec![engine.file("ours too", b"c")], &at, PutOptions::default()).done, 1);
    assert!(!engine.has_heard(|event| matches!(event, Event::QueueRestored { .. })));
    assert_eq!(server.keys(), ["ours", "ours too"]);
}
