//! Lines, servers and keys that fail for minutes, by the test clock: nothing fails for it, nothing storms, everything
//! goes on by itself. Named after the rows of the fault catalogue.

use std::sync::Arc;
use std::time::Duration;

use bucketdrop::local_storage::faults::{Action, Fault, RequestEnd};
use bucketdrop::model::{
    BatchId, Command, ConnectionDraft, Event, FailureKind, Location, OpenTransfers, PutOptions, QueueHold, RowsWanted,
    Secret, SecretPlace, TransferTab, TransfersView,
};

use crate::support::{MIB, Server, Setup, TestEngine, location, pattern};
use crate::test_clock::{SharedClock, TestClock};

const HALF: Duration = Duration::from_millis(500);
const SECOND: Duration = Duration::from_secs(1);

struct Stage {
    server: Server,
    engine: TestEngine,
    clock: Arc<TestClock>,
    at: Location,
}

fn stage() -> Stage {
    stage_with(|_| {})
}

fn stage_with(change: impl Fn(&mut ConnectionDraft)) -> Stage {
    let (server, clock) = (Server::start(), TestClock::new());
    let mut setup = Setup { clock: Arc::new(SharedClock(Arc::clone(&clock))), ..Setup::default() };
    setup.tuning.first_retry_wait = HALF;
    setup.tuning.give_up_after = Duration::from_mins(2);
    let engine = TestEngine::start(setup);
    let mut draft = TestEngine::draft(&server);
    change(&mut draft);
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    Stage { server, engine, clock, at: location(connection.id) }
}

impl Stage {
    fn enqueue(&self, count: usize) -> BatchId {
        let paths = (0..count).map(|n| self.engine.file(&format!("f{n:04}"), &pattern(1000 + n))).collect();
        self.engine.enqueue(paths, &self.at, PutOptions::default())
    }

    /// Lets time pass until a batch is through.
    #[track_caller]
    fn finish(&self, batch: BatchId, limit: Duration) -> bucketdrop::model::BatchSummary {
        let through = |event: &Event| matches!(event, Event::BatchFinished { batch: b, .. } if *b == batch);
        self.clock.pass_until(limit, HALF, || self.engine.has_heard(through));
        self.engine.finished(batch)
    }

    fn requests(&self) -> usize {
        self.server.plan.log().len()
    }

    /// The latest picture of the queue that fits, while time passes.
    #[track_caller]
    fn view(&self, fits: impl Fn(&TransfersView) -> bool) -> TransfersView {
        self.engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 10 }));
        let fitting = |event: &Event| matches!(event, Event::Transfers(view) if fits(view));
        self.clock.pass_until(Duration::from_mins(5), HALF, || self.engine.has_heard(fitting));
        self.engine.expect("a picture", |event| match event {
            Event::Transfers(view) if fits(view) => Some((**view).clone()),
            _ => None,
        })
    }

    fn notices(&self) -> usize {
        self.engine.count_heard(|event| matches!(event, Event::Notice(_)))
    }
}

/// The server is gone for ten minutes with 200 files queued.
fn gone_for_ten_minutes(how: Action) {
    let stage = stage();
    // It was there before: what never was is another matter.
    let first = stage.engine.enqueue(vec![stage.engine.file("first", b"1")], &stage.at, PutOptions::default());
    assert_eq!(stage.finish(first, Duration::from_mins(2)).done, 1);
    stage.server.plan.add(Fault::anywhere(how));
    let batch = stage.enqueue(200);
    let held = stage.view(|view| !view.holds.is_empty());
    assert!(matches!(&held.holds[..], [QueueHold::Offline { retry_in_secs: 0..=60, .. }]), "{:?}", held.holds);
    let under_way = stage.requests();
    // How many go at once depends on how quick the first answers were.
    assert!(under_way < 200, "{under_way} requests before it was noticed");
    stage.clock.pass(Duration::from_mins(10), HALF);
    let probes = stage.requests() - under_way;
    assert!((5..=60).contains(&probes), "{probes} probes");
    stage.server.plan.clear();
    let before = stage.server.plan.count("PutObject");
    stage.clock.pass_until(Duration::from_secs(65), HALF, || stage.server.plan.count("PutObject") > before + 20);
    let summary = stage.finish(batch, Duration::from_mins(2));
    assert_eq!((summary.done, summary.failed), (200, 0));
    let open = stage.view(|view| view.counts.done == 201);
    assert!(open.holds.is_empty(), "{:?}", open.holds);
}

#[test]
fn n2_server_gone_for_ten_minutes() {
    gone_for_ten_minutes(Action::CloseBefore);
}

#[test]
fn h5_gateway_down_for_ten_minutes() {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    gone_for_ten_minutes(Action::Answer { status: 502, headers, body: "<html>Bad gateway</html>".to_owned() });
}

#[test]
fn n19_login_page_in_the_way_for_ten_minutes() {
    gone_for_ten_minutes(Action::html_page());
}

#[test]
fn what_was_never_s3_is_not_asked_for_ever_and_nothing_is_lost() {
    let stage = stage();
    stage.server.plan.add(Fault::anywhere(Action::html_page()));
    let batch = stage.enqueue(3);
    let refused = |hold: &QueueHold| match hold {
        QueueHold::Refused { failure, .. } => failure.kind == FailureKind::NotS3,
        _ => false,
    };
    let held = stage.view(|view| view.holds.iter().any(refused));
    assert_eq!((held.counts.active, held.counts.failed), (3, 0));
    let asked = stage.requests();
    stage.clock.pass(Duration::from_mins(10), HALF);
    assert_eq!(stage.requests(), asked, "somebody has to act");
    stage.server.plan.clear();
    stage.engine.send(Command::TryConnection(stage.at.connection.clone()));
    let summary = stage.finish(batch, Duration::from_mins(2));
    assert_eq!((summary.done, summary.failed), (3, 0));
}

/// Nobody answers at this address: the queue waits, and with the right one the same files go.
fn nobody_there(endpoint: &str, kind: FailureKind) {
    let stage = stage_with(|draft| endpoint.clone_into(&mut draft.endpoint));
    let batch = stage.enqueue(30);
    let held = stage.view(|view| !view.holds.is_empty());
    let [QueueHold::Offline { failure, .. }] = &held.holds[..] else { panic!("{:?}", held.holds) };
    assert!([kind, FailureKind::Offline].contains(&failure.kind), "{failure:?}");
    assert_eq!((held.counts.active, held.counts.failed), (30, 0));
    let id = Some(stage.at.connection.clone());
    let right = ConnectionDraft { id, ..TestEngine::draft(&stage.server) };
    stage.engine.save_with(right, SecretPlace::Keychain, OpenTransfers::Follow).unwrap();
    assert_eq!(stage.finish(batch, Duration::from_mins(1)).done, 30);
}

#[test]
fn n1_a_host_that_is_not_found_holds_the_queue() {
    nobody_there("http://nowhere.invalid", FailureKind::HostNotFound);
}

#[test]
fn n2_a_refused_connection_holds_the_queue() {
    // Taken, so that nobody else gets it, and never listened at.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    nobody_there(&format!("http://{}", taken.local_addr().unwrap()), FailureKind::ConnectionRefused);
}

/// The server asks for less for a minute.
fn throttled_for_a_minute(status: u16, code: &str) {
    let stage = stage();
    stage.server.plan.add(Fault::on("PutObject", Action::error(status, code)));
    let batch = stage.enqueue(100);
    let held = stage.view(|view| !view.holds.is_empty());
    assert!(matches!(&held.holds[..], [QueueHold::Throttled { .. }]), "{:?}", held.holds);
    let under_way = stage.requests();
    stage.clock.pass(Duration::from_mins(1), HALF);
    let probes = stage.requests() - under_way;
    assert!(probes <= 60, "{probes} probes");
    stage.server.plan.clear();
    let summary = stage.finish(batch, Duration::from_secs(65));
    assert_eq!((summary.done, summary.failed), (100, 0));
}

#[test]
fn h2_slow_down_for_a_minute() {
    throttled_for_a_minute(503, "SlowDown");
}

#[test]
fn h3_too_many_requests_for_a_minute() {
    throttled_for_a_minute(429, "TooManyRequests");
}

#[test]
fn h1_a_tenth_of_all_requests_fails() {
    let stage = stage();
    for n in (0..1000).step_by(10) {
        let first = Action::error(500, "InternalError");
        let times = if n % 100 == 0 { 2 } else { 1 };
        stage.server.plan.add(Fault::on("PutObject", first).key(&format!("f{n:04}")).first_attempts(times));
    }
    let batch = stage.enqueue(1000);
    let summary = stage.finish(batch, Duration::from_mins(5));
    assert_eq!((summary.done, summary.failed), (1000, 0));
    assert!(stage.requests() <= 1300, "{} requests", stage.requests());
}

#[test]
fn idle_sockets_and_broken_connections_are_repeated() {
    let stage = stage();
    for (n, action) in [
        Action::error(400, "RequestTimeout"),
        Action::CloseInRequest { after_bytes: 400 },
        Action::CloseAfter,
        Action::error(504, "GatewayTimeout"),
    ]
    .into_iter()
    .enumerate()
    {
        stage.server.plan.add(Fault::on("PutObject", action).key(&format!("f{n:04}")).first_attempts(2));
    }
    let batch = stage.enqueue(8);
    let summary = stage.finish(batch, Duration::from_mins(10));
    assert_eq!((summary.done, summary.failed), (8, 0));
}

/// A request that would hang for ever is given up and repeated. How long it took, by the clock.
fn hangs_once(fault: Fault, size: usize) -> Duration {
    let stage = stage();
    stage.server.plan.add(fault);
    let begin = stage.clock.now();
    let path = stage.engine.file("a", &pattern(size));
    let batch = stage.engine.enqueue(vec![path], &stage.at, PutOptions::default());
    let through = |event: &Event| matches!(event, Event::BatchFinished { .. });
    // A large body is many reads of the server, so the bytes count too.
    let progress = || {
        let log = stage.server.plan.log();
        let under_way = log.iter().filter(|record| record.end == RequestEnd::UnderWay).count();
        (log.len(), under_way, log.iter().map(|record| record.request_bytes).sum::<u64>())
    };
    stage.clock.rush_until(Duration::from_mins(20), progress, || stage.engine.has_heard(through));
    assert_eq!(stage.engine.finished(batch).done, 1);
    assert!(stage.server.bytes("a").unwrap() == pattern(size));
    stage.clock.now().saturating_sub(begin)
}

#[test]
fn n6_server_stops_reading() {
    let fault = Fault::on("UploadPart", Action::StallInRequest { after_bytes: 100_000 }).part(2).attempt(1);
    let took = hangs_once(fault, 20 * MIB);
    // Half a minute, and what the clock gains on a machine that is slow between two steps.
    assert!(took <= Duration::from_mins(3), "{took:?}");
}

#[test]
fn n7_body_sent_and_no_answer() {
    let took = hangs_once(Fault::on("PutObject", Action::StallBefore).attempt(1), 1000);
    // A minute, and whatever the machine takes for the other requests meanwhile: the clock rushes.
    assert!((Duration::from_mins(1)..=Duration::from_mins(4)).contains(&took), "{took:?}");
    hangs_once(Fault::on("UploadPart", Action::StallAfter).part(1).attempt(1), 9 * MIB);
}

#[test]
fn n8_answer_that_never_ends() {
    let fault = Fault::on("CreateMultipartUpload", Action::StallAnswer { after_bytes: 20 }).attempt(1);
    let took = hangs_once(fault, 9 * MIB);
    assert!(took <= Duration::from_mins(8), "{took:?}");
}

#[test]
fn n11_after_the_machine_has_slept_nobody_waits_for_dead_connections() {
    let stage = stage();
    stage.server.plan.add(Fault::on("PutObject", Action::StallBefore).first_attempts(1));
    let batch = stage.enqueue(3);
    stage.server.wait_for("PutObject", 3);
    stage.clock.jump(SECOND);
    stage.clock.sleep_machine(Duration::from_mins(30));
    let through = |event: &Event| matches!(event, Event::BatchFinished { .. });
    // Shorter than any time for which a silent request is waited.
    stage.clock.pass_until(Duration::from_secs(15), SECOND, || stage.engine.has_heard(through));
    assert_eq!(stage.engine.finished(batch).done, 3);
}

#[test]
fn h12_wrong_keys_hold_the_queue_until_they_are_right() {
    let stage = stage_with(|draft| draft.secret_access_key = Secret::new("wrong".repeat(8)));
    let batch = stage.enqueue(50);
    let held = stage.view(|view| !view.holds.is_empty() && view.counts.moving == 0);
    let [QueueHold::Refused { failure, .. }] = &held.holds[..] else { panic!("{:?}", held.holds) };
    assert_eq!(failure.kind, FailureKind::WrongSecret);
    assert_eq!((held.counts.active, held.counts.failed), (50, 0));
    stage.clock.pass(SECOND, HALF);
    let asked = stage.requests();
    stage.clock.pass(Duration::from_mins(10), SECOND);
    assert_eq!(stage.requests(), asked, "nothing is tried with keys that are wrong");
    assert_eq!(stage.notices(), 1, "told once");
    let right = ConnectionDraft { id: Some(stage.at.connection.clone()), ..TestEngine::draft(&stage.server) };
    stage.engine.save(right, SecretPlace::Keychain).unwrap();
    assert_eq!(stage.finish(batch, Duration::from_mins(1)).done, 50);
}

#[test]
fn h13_an_ended_session_goes_on_with_new_keys_and_the_same_upload() {
    let stage = stage();
    for part in 3..=5 {
        let ended = Action::error(400, "ExpiredToken");
        stage.server.plan.add(Fault::on("UploadPart", ended).part(part));
    }
    let path = stage.engine.file("big", &pattern(40 * MIB));
    let batch = stage.engine.enqueue(vec![path], &stage.at, PutOptions::default());
    let held = stage.view(|view| !view.holds.is_empty() && view.counts.moving == 0);
    let [QueueHold::CredentialsExpired { failure, .. }] = &held.holds[..] else { panic!("{:?}", held.holds) };
    assert_eq!(failure.kind, FailureKind::ExpiredToken);
    assert_eq!((held.counts.active, held.counts.failed), (1, 0));
    stage.server.plan.clear();
    let fresh = ConnectionDraft { id: Some(stage.at.connection.clone()), ..TestEngine::draft(&stage.server) };
    stage.engine.save(fresh, SecretPlace::Keychain).unwrap();
    let summary = stage.finish(batch, Duration::from_mins(1));
    assert_eq!((summary.done, summary.failed), (1, 0));
    assert!(stage.server.bytes("big").unwrap() == pattern(40 * MIB));
    assert_eq!(stage.server.plan.count("CreateMultipartUpload"), 1, "the same upload");
}

#[test]
fn h14_three_denied_files_in_a_row_hold_the_others() {
    let stage = stage();
    stage.engine.send(Command::LimitFiles(1));
    stage.server.plan.add(Fault::on("PutObject", Action::error(403, "AccessDenied")));
    let batch = stage.enqueue(20);
    let held = stage.view(|view| !view.holds.is_empty() && view.counts.failed == 3);
    let [QueueHold::Refused { failure, .. }] = &held.holds[..] else { panic!("{:?}", held.holds) };
    assert_eq!(failure.kind, FailureKind::AccessDenied);
    assert_eq!((held.counts.active, held.counts.failed), (17, 3));
    stage.server.plan.clear();
    stage.engine.send(Command::TryConnection(stage.at.connection.clone()));
    let summary = stage.finish(batch, Duration::from_mins(1));
    assert_eq!((summary.done, summary.failed), (17, 3));
}

#[test]
fn a_file_that_never_works_fails_while_the_others_go_on() {
    let stage = stage();
    stage.server.plan.add(Fault::on("PutObject", Action::error(500, "InternalError")).key("f0003"));
    let batch = stage.enqueue(40);
    let summary = stage.finish(batch, Duration::from_mins(15));
    assert_eq!((summary.done, summary.failed), (39, 1));
    let failure = summary.first_failure.unwrap();
    assert_eq!(failure.kind, FailureKind::ServerError);
    assert!(failure.args.iter().any(|(name, _)| *name == "path"), "{failure:?}");
    let tries = stage.server.plan.log().iter().filter(|r| r.key.as_deref() == Some("f0003")).count();
    assert!((8..=20).contains(&tries), "{tries} tries");
}

#[test]
fn a_connection_that_is_down_holds_no_other_up() {
    let stage = stage();
    let other = Server::start();
    let there = location(stage.engine.save(TestEngine::draft(&other), SecretPlace::Keychain).unwrap().id);
    stage.server.plan.add(Fault::anywhere(Action::CloseBefore));
    // Enough of both kinds to take every place and every buffer.
    let large = (0..10).map(|n| stage.engine.file(&format!("gone/{n}"), &pattern(9 * MIB + n)));
    let small = (0..150).map(|n| stage.engine.file(&format!("gone/s{n}"), &pattern(MIB)));
    let gone = stage.engine.enqueue(small.chain(large).collect(), &stage.at, PutOptions::default());
    stage.view(|view| matches!(&view.holds[..], [QueueHold::Offline { .. }]));
    let paths = vec![stage.engine.file("a", b"a"), stage.engine.file("b", &pattern(9 * MIB))];
    let batch = stage.engine.enqueue(paths, &there, PutOptions::default());
    assert_eq!(stage.finish(batch, Duration::from_secs(30)).done, 2);
    assert_eq!(other.keys(), ["a", "b"]);
    stage.server.plan.clear();
    let summary = stage.finish(gone, Duration::from_mins(3));
    assert_eq!((summary.done, summary.failed), (160, 0));
    assert_eq!(stage.server.unfinished_uploads(), 0);
}
