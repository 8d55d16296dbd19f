//! Lines of 20 kB/s: whatever the systems hold back in their buffers, no limit of ours cuts an upload that moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::EventKind;
use bucketdrop::model::{BatchSummary, ConnectionDraft, Event, PutOptions, SecretPlace};

use crate::line::{Line, Manner};
use crate::support::{MIB, Server, Setup, TestEngine, location, pattern};
use crate::test_clock::{SharedClock, TestClock};

const BYTES_PER_SEC: u64 = 20_000;
/// The clock moves in steps of so much.
const STEP: Duration = Duration::from_secs(10);
/// In real time: no share takes so long while anything is on its way.
const LONGEST_CARRY: Duration = Duration::from_secs(30);
/// In real time: until a server that has everything has answered, and the engine has heard it.
const LONGEST_ANSWER: Duration = Duration::from_secs(2);
/// The same where many requests share the line: most of them have nothing to wait for but the line, and until one is cut
/// the clock is stopped so long a dozen times.
const LONGEST_ANSWER_OF_MANY: Duration = Duration::from_millis(100);
/// In real time: between two requests.
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

/// Requests whose bodies are on their way: what they wait for is the line.
#[derive(Default)]
struct Arriving(AtomicUsize);

impl Arriving {
    fn at(server: &Server) -> Arc<Self> {
        let arriving = Arc::new(Self::default());
        let ear = Arc::clone(&arriving);
        server.plan.on_event(move |event| {
            let has_body = matches!(event.operation, "PutObject" | "UploadPart");
            match event.kind {
                EventKind::Arrived if has_body => ear.0.fetch_add(1, Ordering::SeqCst),
                EventKind::BodyRead if has_body => ear.0.fetch_sub(1, Ordering::SeqCst),
                _ => return,
            };
        });
        arriving
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn line_to(server: &Server) -> Line {
    let _inside = server.runtime.enter();
    Line::start_thin(server.endpoint.trim_start_matches("http://").parse().unwrap())
}

/// Uploads files of one size, called by their numbers, over a line that carries 20 kB in each second of the engine's clock,
/// all requests together. How long it took by that clock, and how many bytes went.
fn over_a_slow_line(files: usize, size: usize) -> (Server, BatchSummary, Duration, u64) {
    let (server, clock) = (Server::start(), TestClock::new());
    let (line, arriving) = (line_to(&server), Arriving::at(&server));
    line.set_manner(Manner { metered: true, ..Manner::default() });
    let mut setup = Setup { clock: Arc::new(SharedClock(Arc::clone(&clock))), ..Setup::default() };
    setup.tuning.first_retry_wait = Duration::from_millis(500);
    setup.tuning.buffer_bytes = 128 * MIB;
    let engine = TestEngine::start(setup);
    let draft = ConnectionDraft { endpoint: line.endpoint(), ..TestEngine::draft(&server) };
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    let paths = (0..files).map(|number| engine.file(&number.to_string(), &pattern(size))).collect();
    let begin = clock.now();
    let batch = engine.enqueue(paths, &location(connection.id), PutOptions::default());
    let limit = Duration::from_secs(2 * (files * size) as u64 / BYTES_PER_SEC + 600);
    while !engine.has_heard(|event| matches!(event, Event::BatchFinished { .. })) {
        assert!(clock.now().saturating_sub(begin) < limit, "{} bytes went in {limit:?}", line.up_bytes());
        line.allow(BYTES_PER_SEC * STEP.as_secs());
        carry(&line, &arriving, &clock, if files == 1 { LONGEST_ANSWER } else { LONGEST_ANSWER_OF_MANY });
        clock.turn(STEP);
        std::thread::park_timeout(Duration::from_millis(1));
    }
    (server, engine.finished(batch), clock.now().saturating_sub(begin), line.up_bytes())
}

/// Time stands still until the line has carried its share, and whoever has all its bytes has answered, however slow this
/// machine is: a request that seems to stand would be cut, and rightly. While none is under way there may be nothing to
/// carry.
fn carry(line: &Line, arriving: &Arriving, clock: &TestClock, longest_answer: Duration) {
    let begin = Instant::now();
    let mut carried = None;
    let mut seen = (0, 0);
    loop {
        let is_carried = line.allowance() == 0;
        let now = (clock.watches(), arriving.count());
        if now != seen {
            (seen, carried) = (now, None);
        }
        // The engine watches what it has sent until it has heard the answer.
        let longest = match clock.watches() {
            0 => LONGEST_PAUSE,
            watched if is_carried && watched <= arriving.count() => return,
            _ if is_carried => longest_answer,
            _ => LONGEST_CARRY,
        };
        let since = if is_carried { *carried.get_or_insert_with(Instant::now) } else { begin };
        if since.elapsed() > longest {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

#[test]
fn a_hundred_mebibytes_arrive_over_20_kilobytes_a_second() {
    let size = 100 * MIB;
    let (server, summary, took, went) = over_a_slow_line(1, size);
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(server.bytes("0").unwrap() == pattern(size));
    assert!(went < (size + size / 50) as u64, "{went} bytes went in {took:?}: something was cut and sent again");
    assert_eq!(server.plan.count("UploadPart"), 13);
}

#[test]
fn a_single_put_of_eight_mebibytes_arrives_over_20_kilobytes_a_second() {
    let (server, summary, took, went) = over_a_slow_line(1, 8 * MIB);
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(took >= Duration::from_secs(400), "{took:?}");
    assert!(went < (8 * MIB + MIB / 4) as u64, "{went} bytes went in {took:?}");
    assert_eq!(server.plan.count("PutObject"), 1);
}

#[test]
fn a_crowd_of_small_files_shares_20_kilobytes_a_second_and_each_is_sent_once() {
    let (files, size) = (300, 100_000);
    let (server, summary, took, went) = over_a_slow_line(files, size);
    assert_eq!((summary.done, summary.failed), (files as u64, 0), "{summary:?}");
    assert!(took >= Duration::from_secs(1_400), "{took:?}");
    assert_eq!(server.plan.count("PutObject"), files, "something was cut and sent again");
    assert!(went < (files * (size + 2_000)) as u64, "{went} bytes went in {took:?}");
    assert_eq!(server.keys().len(), files);
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
