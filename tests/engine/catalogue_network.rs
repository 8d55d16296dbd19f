//! Rows N of the fault catalogue: the network. What concerns waiting for a line that is gone for long is tested beside
//! the code that waits.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::{Action, EventKind, Fault};
use bucketdrop::model::{Command, ConnectionDraft, FailureKind, PutOptions, SecretPlace, TransferTab};

use crate::catalogue_common::{LARGE, SMALL, Scene};
use crate::line::{Accident, Cut, Line, Manner, Way};
use crate::support::{MIB, Server, Setup, TestEngine, location, pattern};

#[test]
fn n04_reset_mid_body() {
    for after_bytes in [0, 1, 700, 5_000, 90_000] {
        let (scene, line) = Scene::over_a_line();
        line.plan(3, Accident { way: Way::Up, after_bytes, cut: Cut::Reset });
        scene.arrives("small", SMALL);
        assert!(line.accepted() >= 4, "three connections were reset: {}", line.accepted());
    }
    for after_bytes in [1_000, 3 * MIB as u64, 8 * MIB as u64 + 2_000] {
        let (scene, line) = Scene::over_a_line();
        line.plan(5, Accident { way: Way::Up, after_bytes, cut: Cut::Reset });
        scene.arrives("large", LARGE);
    }
}

#[test]
fn n04_parts_that_have_arrived_are_not_sent_again() {
    let scene =
        Scene::new().fault(Fault::on("UploadPart", Action::CloseInRequest { after_bytes: 4_000_000 }).part(2).times(4));
    scene.arrives("large", LARGE);
    let log = scene.server.plan.log();
    for (part, times) in [(1, 1), (2, 5), (3, 1)] {
        let sent = log.iter().filter(|record| record.operation == "UploadPart" && record.part_number == Some(part));
        assert_eq!(sent.count(), times, "part {part}");
    }
}

#[test]
fn n05_fin_without_response() {
    let (scene, line) = Scene::over_a_line();
    // The request passes whole, its answer does not.
    line.plan(2, Accident { way: Way::Down, after_bytes: 0, cut: Cut::Close });
    scene.arrives("small", SMALL);
    for operation in ["PutObject", "UploadPart", "CompleteMultipartUpload"] {
        for times in [1, 4] {
            let scene = Scene::new().fault(Fault::on(operation, Action::CloseAfter).times(times));
            scene.arrives("a", if operation == "PutObject" { SMALL } else { LARGE });
        }
    }
}

/// Each upload thread has a pool of its own, so the bound holds for each of them: no more connections than requests may
/// be in flight, and one of the engine's for everything else.
#[test]
fn connections_are_as_many_as_requests_in_flight_at_most_for_each_thread_and_one() {
    // So slow a limit lets so many requests out at a time, however fast the answers come.
    const AT_ONCE: u64 = 8;
    for threads in [1, 2, 4] {
        let server = Server::start();
        let line = {
            let _inside = server.runtime.enter();
            Line::start(server.endpoint.trim_start_matches("http://").parse().unwrap())
        };
        let (under_way, most) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let seen = Arc::clone(&most);
        server.plan.on_event(move |event| match event.kind {
            EventKind::Arrived if event.operation == "PutObject" => {
                seen.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
            }
            EventKind::Answering if event.operation == "PutObject" => {
                under_way.fetch_sub(1, SeqCst);
            }
            _ => {}
        });
        let mut setup = Setup::default();
        setup.tuning.upload_threads = usize::try_from(threads).unwrap();
        let engine = TestEngine::start(setup);
        let draft = ConnectionDraft { endpoint: line.endpoint(), ..TestEngine::draft(&server) };
        let at = location(engine.save(draft, SecretPlace::Keychain).unwrap().id);
        engine.send(Command::LimitBandwidth(Some(80_000)));
        let name = |number: u32| engine.file(&format!("{threads}-{number}"), &pattern(100));
        let summary = engine.upload((0..200).map(name).collect(), &at, PutOptions::default());
        assert_eq!(summary.done, 200, "{summary:?}");
        let (open, most) = (line.most_open(), most.load(SeqCst));
        assert!((1..=AT_ONCE).contains(&most.unsigned_abs()), "{most} requests in flight at a time");
        // Each thread may have had all of them out at some time.
        assert!(open <= AT_ONCE * threads + 1, "{open} connections at a time by {threads} threads");
    }
}

type Row = Box<dyn FnOnce() + Send>;

/// What rows N6 to N8 are with a line that really falls silent, for a minute of real time, so they take it together. By
/// the test clock each has a test of its own, `n6_…` to `n8_…`.
#[test]
fn a_line_that_is_really_silent_is_given_up() {
    let stalled = |way, after_bytes, size| {
        move || {
            let (scene, line) = Scene::over_a_line();
            line.plan(1, Accident { way, after_bytes, cut: Cut::Stall });
            scene.arrives("a", size);
        }
    };
    let rows: Vec<(&str, Row)> = vec![
        // More than the system takes off our hands; the wait for an answer grows with what it may still hold.
        ("the server stops reading", Box::new(stalled(Way::Up, 200_000, SMALL * 80))),
        ("the answer does not come", Box::new(stalled(Way::Down, 0, SMALL))),
        ("the answer begins and does not end", Box::new(stalled(Way::Down, 20, SMALL))),
    ];
    let running: Vec<_> = rows
        .into_iter()
        .map(|(name, row)| (name, std::thread::Builder::new().name(name.into()).spawn(row).unwrap()))
        .collect();
    for (name, row) in running {
        assert!(row.join().is_ok(), "{name}");
    }
}

/// A minute of real silence.
#[test]
fn n10_a_connection_of_the_pool_is_dead() {
    let (scene, line) = Scene::over_a_line();
    scene.arrives("first", SMALL);
    line.forget_all();
    scene.arrives("second", SMALL);
}

#[test]
fn n09_slow_but_alive_link() {
    let (scene, line) = Scene::over_a_line();
    line.set_manner(Manner { bytes_per_sec: Some(40_000), ..Manner::default() });
    let bytes = pattern(300_000);
    let batch = scene.engine.enqueue(vec![scene.engine.file("a", &bytes)], &scene.at, PutOptions::default());
    assert_eq!(scene.engine.finished(batch).done, 1);
    scene.holds("a", &bytes);
    assert_eq!((scene.count("PutObject"), line.accepted()), (1, 1), "nothing was sent twice");
    // More than the system's own buffers take at once.
    line.set_manner(Manner { bytes_per_sec: Some(1_000_000), ..Manner::default() });
    let bytes = pattern(8 * MIB);
    let batch = scene.engine.enqueue(vec![scene.engine.file("b", &bytes)], &scene.at, PutOptions::default());
    let some = scene.engine.row(TransferTab::Active, |row| row.done_bytes > 0);
    let more = scene.engine.row(TransferTab::Active, |row| row.done_bytes > some.done_bytes);
    assert!(more.done_bytes < bytes.len() as u64, "progress moves: {some:?}, {more:?}");
    assert_eq!(scene.engine.finished(batch).done, 1);
    scene.holds("b", &bytes);
}

#[test]
fn n12_network_switch() {
    let (scene, line) = Scene::over_a_line();
    line.set_manner(Manner { bytes_per_sec: Some(8_000_000), ..Manner::default() });
    let batch = scene.engine.enqueue(
        vec![scene.engine.file("large", &pattern(LARGE)), scene.engine.file("small", &pattern(SMALL))],
        &scene.at,
        PutOptions::default(),
    );
    for megabytes in [3, 9, 15] {
        scene.server.runtime.block_on(line.wait_for_up_bytes(megabytes * 1_000_000));
        line.kill_all();
    }
    let summary = scene.engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (2, 0), "{summary:?}");
    scene.holds("large", &pattern(LARGE));
    scene.holds("small", &pattern(SMALL));
}

#[test]
fn n13_ipv6_only() {
    let (scene, line) = Scene::over_ipv6();
    assert!(line.endpoint().starts_with("http://[::1]:"));
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
}

#[test]
fn n19_captive_portal() {
    for operation in ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"] {
        let size = if operation == "PutObject" { SMALL } else { LARGE };
        let scene = Scene::new().fault(Fault::on(operation, Action::html_page()).times(2));
        scene.arrives("a", size);
    }
    let moved = Action::Answer {
        status: 302,
        headers: vec![("location".into(), "http://127.0.0.1:9/login".into())],
        body: String::new(),
    };
    for portal in [moved, Action::html_page()] {
        let scene = Scene::new().fault(Fault::anywhere(portal));
        let (batch, failure) = scene.held("a", SMALL);
        assert!(matches!(failure.kind, FailureKind::LoginPage | FailureKind::NotS3), "{failure:?}");
        assert!(!failure.detail.contains('<'), "{failure:?}");
        assert!(scene.server.plan.log().len() <= 12, "{:#?}", scene.server.plan.log());
        scene.server.plan.clear();
        scene.goes_on(batch, "a", SMALL);
    }
}

#[test]
fn n21_protocol_garbage() {
    let (scene, line) = Scene::over_a_line();
    line.plan(u32::MAX, Accident { way: Way::Up, after_bytes: 500, cut: Cut::Garbage });
    let (batch, failure) = scene.held("a", SMALL);
    assert_eq!(failure.kind, FailureKind::NotS3, "{failure:?}");
    assert!(line.accepted() < 30, "no storm: {} connections", line.accepted());
    line.heal();
    scene.goes_on(batch, "a", SMALL);
    let (scene, line) = Scene::over_a_line();
    line.plan(1, Accident { way: Way::Up, after_bytes: 500, cut: Cut::Garbage });
    scene.arrives("a", SMALL);
}

#[test]
fn n22_nobody_waits_for_100_continue() {
    let (scene, line) = Scene::over_a_line();
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
    let heads = String::from_utf8_lossy(&line.first_bytes()).to_lowercase();
    assert!(heads.contains("put /") && !heads.contains("\nexpect:"), "{heads}");
}

#[test]
fn a_long_line_only_takes_longer() {
    let (scene, line) = Scene::over_a_line();
    line.set_manner(Manner { one_way: Duration::from_millis(25), ..Manner::default() });
    let began = Instant::now();
    scene.arrives("small", SMALL);
    assert!(began.elapsed() >= Duration::from_millis(50));
    scene.arrives("large", LARGE);
}

#[test]
fn a_line_that_turns_a_bit_over_is_found_out_and_repaired() {
    let (scene, line) = Scene::over_a_line();
    line.flip_bit(Way::Up, 40_000);
    scene.arrives("small", SMALL);
    assert_eq!(scene.count("PutObject"), 2);
    for connection in 0..3 {
        let (scene, line) = Scene::over_a_line();
        line.flip_bit(Way::Up, 4_000_000 + connection);
        scene.arrives("large", LARGE);
    }
}
