//! Outages in real time and many faults at once: `tests/soak` runs these. The same by the test clock, and with fewer
//! trials, is in `health.rs`.

#![expect(clippy::print_stdout, reason = "long runs say how many trials stand behind a zero")]

use std::time::{Duration, Instant};

use bucketdrop::engine::Tuning;
use bucketdrop::local_storage::faults::{Action, Fault, Outage};
use bucketdrop::model::{BatchId, ConflictPolicy, Event, Location, PutOptions};

use crate::line::Line;
use crate::support::{MIB, Server, Setup, TestEngine, connected, location, on_conflict, pattern};

/// Going again takes no longer once the fault is over.
const GOING_AGAIN: Duration = Duration::from_secs(65);
const MOST_PROBES: usize = 60;

/// A server behind a line that counts, and an engine with the program's own patience.
struct Stage {
    name: String,
    server: Server,
    line: Line,
    engine: TestEngine,
    at: Location,
}

impl Stage {
    fn new(name: &str) -> Self {
        let server = Server::start();
        let line = {
            let _inside = server.runtime.enter();
            Line::start(server.endpoint.trim_start_matches("http://").parse().unwrap())
        };
        let usual = Setup::default().tuning;
        let program = Tuning::default();
        let (first_retry_wait, give_up_after) = (program.first_retry_wait, program.give_up_after);
        let engine = TestEngine::start(Setup {
            tuning: Tuning { first_retry_wait, give_up_after, ..usual },
            ..Setup::default()
        });
        let draft = bucketdrop::model::ConnectionDraft { endpoint: line.endpoint(), ..TestEngine::draft(&server) };
        let connection = engine.save(draft, bucketdrop::model::SecretPlace::Keychain).unwrap();
        // What never answered as S3 is not asked for ever.
        let first =
            engine.upload(vec![engine.file("first", b"1")], &location(connection.id.clone()), PutOptions::default());
        assert_eq!(first.done, 1, "{name}");
        Self { name: name.to_owned(), server, line, engine, at: location(connection.id) }
    }

    fn enqueue(&self, count: usize) -> BatchId {
        let paths = (0..count).map(|n| self.engine.file(&format!("f{n:04}"), &pattern(1000 + n))).collect();
        self.engine.enqueue(paths, &self.at, PutOptions::default())
    }

    /// What has reached the server or its port: requests, and connections that came to nothing.
    fn tries(&self) -> usize {
        self.server.plan.log().len().max(usize::try_from(self.line.accepted()).unwrap())
    }

    /// The fault lasts for `time`, begun before the files were queued; then everything arrives.
    fn sits_out(&self, batch: BatchId, files: usize, time: Duration, end: impl FnOnce(&Server)) {
        // What was under way when it came is no probe.
        std::thread::park_timeout(Duration::from_secs(5));
        let before = self.tries();
        let begin = Instant::now();
        while let Some(left) = time.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
            std::thread::park_timeout(left);
        }
        let probes = self.tries() - before;
        end(&self.server);
        let (over, stored) = (Instant::now(), self.server.plan.count("PutObject"));
        self.server.wait_until("the first files after it", |server| server.plan.count("PutObject") > stored + 5);
        let waited = over.elapsed();
        let summary = self.engine.finished(batch);
        println!(
            "{}: {files} files, {} s: {} failed, {} stored, {before} tries before it was noticed, {probes} probes, \
             going again after {:.1} s",
            self.name,
            time.as_secs(),
            summary.failed,
            summary.done,
            waited.as_secs_f64(),
        );
        assert_eq!((summary.done, summary.failed), (files as u64, 0), "{}: {summary:?}", self.name);
        assert!(probes <= MOST_PROBES, "{}: {probes} probes", self.name);
        assert!(waited <= GOING_AGAIN, "{}: {waited:?}", self.name);
        for n in 0..files {
            assert!(self.server.bytes(&format!("f{n:04}")).unwrap() == pattern(1000 + n), "{}: f{n:04}", self.name);
        }
        assert!(!self.engine.has_heard(|event| matches!(event, Event::ConflictFound(_))), "{}", self.name);
    }
}

/// All at the same time, since they take no processor.
fn at_once(runs: Vec<Box<dyn FnOnce() + Send>>) {
    let start = |run| std::thread::Builder::new().name("outage".to_owned()).spawn(run).unwrap();
    let threads: Vec<_> = runs.into_iter().map(start).collect();
    let ended: Vec<_> = threads.into_iter().map(std::thread::JoinHandle::join).collect();
    assert!(ended.iter().all(Result::is_ok), "one of them failed, see above");
}

#[test]
#[ignore = "takes ten minutes: tests/soak runs it"]
fn a_server_that_is_gone_for_ten_minutes_in_real_time() {
    let time = Duration::from_mins(10);
    let fault = |name: &'static str, action: Action| -> Box<dyn FnOnce() + Send> {
        Box::new(move || {
            let stage = Stage::new(name);
            stage.server.plan.add(Fault::anywhere(action));
            stage.sits_out(stage.enqueue(200), 200, time, |server| server.plan.clear());
        })
    };
    let outage = |name: &'static str, outage: Outage| -> Box<dyn FnOnce() + Send> {
        Box::new(move || {
            let stage = Stage::new(name);
            stage.server.plan.set_outage(outage);
            stage.sits_out(stage.enqueue(200), 200, time, |server| server.plan.set_outage(Outage::None));
        })
    };
    let gateway = Action::Answer { status: 502, headers: Vec::new(), body: "<html>Bad gateway</html>".to_owned() };
    at_once(vec![
        fault("connections closed", Action::CloseBefore),
        fault("bad gateway", gateway),
        fault("login page", Action::html_page()),
        outage("nobody listens", Outage::Refusing),
        outage("nothing answers", Outage::Silent),
    ]);
}

#[test]
#[ignore = "takes two minutes: tests/soak runs it"]
fn a_server_that_asks_for_less_for_a_minute_in_real_time() {
    let runs = [("SlowDown", 503), ("TooManyRequests", 429)].map(|(code, status)| -> Box<dyn FnOnce() + Send> {
        Box::new(move || {
            let stage = Stage::new(code);
            stage.server.plan.add(Fault::anywhere(Action::error(status, code)));
            stage.sits_out(stage.enqueue(200), 200, Duration::from_mins(1), |server| server.plan.clear());
        })
    });
    at_once(runs.into());
}

/// 990 small files and 10 in parts.
fn thousand(engine: &TestEngine) -> Vec<std::path::PathBuf> {
    let small = (0..990).map(|n| engine.file(&format!("f{n:04}"), &pattern(100 + n)));
    let large = (990..1000).map(|n| engine.file(&format!("f{n:04}"), &pattern(9 * MIB + n)));
    small.chain(large).collect()
}

/// How many requests a thousand files take; some of the requests fail.
fn requests(policy: ConflictPolicy, seed: Option<u64>) -> usize {
    let (server, engine, at) = connected();
    server.keep_versions();
    let paths = thousand(&engine);
    if let Some(seed) = seed {
        server.plan.add(Fault::anywhere(Action::error(500, "InternalError")).per_mille(100, seed));
    }
    let summary = engine.upload(paths, &at, on_conflict(policy));
    let needed = server.plan.log().len();
    server.plan.clear();
    assert_eq!((summary.done, summary.failed), (1000, 0), "{policy:?}, seed {seed:?}: {summary:?}");
    let keys: Vec<String> = (0..1000).map(|n| format!("f{n:04}")).collect();
    assert_eq!(server.keys(), keys, "{policy:?}, seed {seed:?}");
    needed
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn a_tenth_of_all_requests_fails_twenty_times() {
    for policy in [ConflictPolicy::Overwrite, ConflictPolicy::Ask] {
        let undisturbed = requests(policy, None);
        let disturbed: Vec<usize> = (1..=10).map(|seed| requests(policy, Some(seed))).collect();
        let most = disturbed.iter().max().unwrap();
        println!(
            "10 % of all requests answer 500, {policy:?}: {} × 1,000 files, 0 failed, {undisturbed} requests \
             undisturbed, at most {most}: {:.2} times",
            disturbed.len(),
            *most as f64 / undisturbed as f64
        );
        assert!(most * 10 <= undisturbed * 13, "{disturbed:?} requests instead of {undisturbed}");
    }
}
