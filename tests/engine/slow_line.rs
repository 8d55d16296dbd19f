//! Lines of 20 kB/s: whatever the systems hold back in their buffers, no limit of ours cuts an upload that moves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::RequestEnd;
use bucketdrop::model::{BatchSummary, ConnectionDraft, Event, PutOptions, SecretPlace};

use crate::line::{Line, Manner};
use crate::support::{MIB, Server, Setup, TestEngine, location, pattern};
use crate::test_clock::{SharedClock, TestClock};

const BYTES_PER_SEC: u64 = 20_000;
/// The clock moves in steps of so much.
const STEP: Duration = Duration::from_secs(5);
/// In real time: no share takes so long while anything is on its way.
const LONGEST_CARRY: Duration = Duration::from_secs(10);
/// In real time: between two requests.
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

fn line_to(server: &Server) -> Line {
    let _inside = server.runtime.enter();
    Line::start(server.endpoint.trim_start_matches("http://").parse().unwrap())
}

/// Uploads one file over a line that carries 20 kB in each second of the engine's clock, all requests together. How
/// long it took by that clock, and how many bytes went.
fn over_a_slow_line(size: usize) -> (Server, BatchSummary, Duration, u64) {
    let (server, clock) = (Server::start(), TestClock::new());
    let line = line_to(&server);
    line.set_manner(Manner { metered: true, ..Manner::default() });
    let mut setup = Setup { clock: Arc::new(SharedClock(Arc::clone(&clock))), ..Setup::default() };
    setup.tuning.first_retry_wait = Duration::from_millis(500);
    setup.tuning.buffer_bytes = 128 * MIB;
    let engine = TestEngine::start(setup);
    let draft = ConnectionDraft { endpoint: line.endpoint(), ..TestEngine::draft(&server) };
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    let path = engine.file("a", &pattern(size));
    let begin = clock.now();
    let batch = engine.enqueue(vec![path], &location(connection.id), PutOptions::default());
    let limit = Duration::from_secs(2 * size as u64 / BYTES_PER_SEC + 600);
    while !engine.has_heard(|event| matches!(event, Event::BatchFinished { .. })) {
        assert!(clock.now().saturating_sub(begin) < limit, "{} bytes went in {limit:?}", line.up_bytes());
        line.allow(BYTES_PER_SEC * STEP.as_secs());
        carry(&server, &line);
        clock.jump(STEP);
        std::thread::park_timeout(Duration::from_millis(1));
    }
    (server, engine.finished(batch), clock.now().saturating_sub(begin), line.up_bytes())
}

/// Time stands still until the line has carried its share, however slow this machine is: a line that seems to stand
/// would be cut, and rightly. Where no request is under way there may be nothing to carry.
fn carry(server: &Server, line: &Line) {
    let begin = Instant::now();
    while line.allowance() > 0 {
        let is_asked = server.plan.log().iter().any(|record| record.end == RequestEnd::UnderWay);
        if begin.elapsed() > if is_asked { LONGEST_CARRY } else { LONGEST_PAUSE } {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

#[test]
fn a_hundred_mebibytes_arrive_over_20_kilobytes_a_second() {
    let size = 100 * MIB;
    let (server, summary, took, went) = over_a_slow_line(size);
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(server.bytes("a").unwrap() == pattern(size));
    assert!(went < (size + size / 50) as u64, "{went} bytes went in {took:?}: something was cut and sent again");
    assert_eq!(server.plan.count("UploadPart"), 13);
}

#[test]
fn a_single_put_of_eight_mebibytes_arrives_over_20_kilobytes_a_second() {
    let (server, summary, took, went) = over_a_slow_line(8 * MIB);
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(took >= Duration::from_secs(400), "{took:?}");
    assert!(went < (8 * MIB + MIB / 4) as u64, "{went} bytes went in {took:?}");
    assert_eq!(server.plan.count("PutObject"), 1);
}

#[test]
#[ignore = "takes seven minutes: tests/soak runs it"]
fn long_eight_mebibytes_in_real_time() {
    let server = Server::start();
    let line = line_to(&server);
    line.set_manner(Manner { bytes_per_sec: Some(BYTES_PER_SEC), ..Manner::default() });
    let engine = TestEngine::start(Setup::default());
    let draft = ConnectionDraft { endpoint: line.endpoint(), ..TestEngine::draft(&server) };
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    let begin = Instant::now();
    let batch =
        engine.enqueue(vec![engine.file("a", &pattern(8 * MIB))], &location(connection.id), PutOptions::default());
    server.runtime.block_on(line.wait_for_up_bytes(8 * MIB as u64));
    let summary = engine.finished(batch);
    println!("8 MiB over 20 kB/s: arrived after {} s, {} bytes went", begin.elapsed().as_secs(), line.up_bytes());
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(server.bytes("a").unwrap() == pattern(8 * MIB));
    assert!(line.up_bytes() < (8 * MIB + MIB / 4) as u64);
}
