//! The program is killed (SIGKILL) in the middle of uploads, at every commit of its journal and at every event on the
//! wire, and started again. What has to hold afterwards: every file is in the bucket once, byte for byte, under one
//! version; nothing unfinished is left on the server.
//!
//! The short forms take every so-manieth point; `tests/soak` runs the long ones.

#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bucketdrop::engine::{JournalObserver, JournalTest, JournalUse};
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, ConnectionDraft, ConnectionId, DraftSource, Event, RowsWanted, SecretPlace,
    TransferTab,
};
use rustix::process::{Pid, Signal, getpid, kill_process};
use tempfile::TempDir;

use crate::support::{BUCKET, MIB, Server, Setup, TestEngine, location, on_conflict, pattern};

const HOME: &str = "BUCKETDROP_CRASH_HOME";
const FILES: &str = "BUCKETDROP_CRASH_FILES";
const CONNECTION: &str = "BUCKETDROP_CRASH_CONNECTION";
const POLICY: &str = "BUCKETDROP_CRASH_POLICY";
const DIES_AT_COMMIT: &str = "BUCKETDROP_CRASH_AT_COMMIT";
const MAY_BEGIN: &str = "BUCKETDROP_CRASH_MAY_BEGIN";
/// Exit status of a child that had a conflict with itself.
const CONFLICT: i32 = 4;
/// Exit status of a child with a failed file.
const FAILED: i32 = 3;
/// No child takes so long unless it hangs.
const LONGEST: Duration = Duration::from_mins(1);

/// Dies of its own hand at a commit.
struct DiesAt(u64);

impl JournalObserver for DiesAt {
    fn committed(&self, number: u64) {
        if number == self.0 {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    }
}

/// The program that is killed: goes on with what it finds, or begins; ends when everything is through.
#[test]
#[ignore = "a program of its own, started by the tests below"]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let observer = std::env::var(DIES_AT_COMMIT).ok().map(|at| {
        let dies: Arc<dyn JournalObserver> = Arc::new(DiesAt(at.parse().unwrap()));
        dies
    });
    let journal = JournalUse::Tested(JournalTest { observer, ..JournalTest::default() });
    let engine = TestEngine::start_beside(Path::new(&variable(HOME)), Setup { journal, ..Setup::default() });
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 0 }));
    let (mut is_restored, mut is_told) = (false, false);
    let active = engine.expect("the first picture", |event| {
        is_restored |= matches!(event, Event::QueueRestored { .. });
        is_told |= matches!(event, Event::BatchFinished { .. });
        match event {
            Event::Transfers(view) => Some(view.counts.active),
            _ => None,
        }
    });
    if active == 0 && !is_restored && !is_told && std::env::var_os(MAY_BEGIN).is_some() {
        let policy = ConflictPolicy::from_code(&variable(POLICY)).unwrap();
        let to = location(ConnectionId::new(variable(CONNECTION)));
        let batch = BatchId::next();
        let (paths, options) = (vec![variable(FILES).into()], Box::new(on_conflict(policy)));
        engine.send(Command::Enqueue { batch, paths, to, options });
        is_restored = true;
    }
    if active > 0 || is_restored || is_told {
        let status = engine.expect("the end", |event| match event {
            Event::BatchFinished { summary, .. } if summary.failed > 0 => Some(FAILED),
            Event::BatchFinished { .. } => Some(0),
            Event::ConflictFound(_) => Some(CONFLICT),
            _ => None,
        });
        engine.handle.shutdown(Duration::from_secs(5));
        std::process::exit(status);
    }
    engine.handle.shutdown(Duration::from_secs(5));
    std::process::exit(0);
}

/// When a child is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    Never,
    AtCommit(u64),
    /// At the n-th event that the server sees of this child.
    AtWire(u64),
    /// After so long.
    After(Duration),
}

/// Counts wire events, and kills at one of them.
#[derive(Default)]
struct Trap {
    seen: AtomicU64,
    kill_at: AtomicU64,
    pid: AtomicU64,
}

impl Trap {
    fn event(&self) {
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.kill_at.load(Ordering::SeqCst) {
            self.kill();
        }
    }

    fn kill(&self) {
        let pid = i32::try_from(self.pid.load(Ordering::SeqCst)).unwrap();
        if let Some(pid) = Pid::from_raw(pid) {
            // It may have ended meanwhile.
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

/// How many files, and how many of them are large.
#[derive(Clone, Copy)]
struct Files {
    small: usize,
    large: usize,
}

/// One bucket, one home, one set of files.
struct Trial {
    server: Server,
    trap: Arc<Trap>,
    home: TempDir,
    files: TempDir,
    connection: ConnectionId,
    policy: ConflictPolicy,
    expected: Vec<(String, Vec<u8>)>,
}

impl Trial {
    fn new(files: Files, policy: ConflictPolicy) -> Self {
        let server = Server::start();
        server.keep_versions();
        let home = tempfile::tempdir().unwrap();
        let connection = {
            let engine = TestEngine::start_beside(home.path(), Setup::default());
            let draft = ConnectionDraft {
                source: DraftSource::AwsProfile,
                access_key_id: String::new(),
                secret_access_key: bucketdrop::model::Secret::default(),
                ..TestEngine::draft(&server)
            };
            let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
            engine.handle.shutdown(Duration::from_secs(5));
            connection.id
        };
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("d");
        std::fs::create_dir(&root).unwrap();
        let mut expected = Vec::new();
        let large = (0..files.large).map(|n| (format!("large-{n}"), pattern(17 * MIB + n)));
        let small = (0..files.small).map(|n| (format!("small-{n:03}"), pattern(1 + n * 700)));
        for (name, bytes) in large.chain(small) {
            std::fs::write(root.join(&name), &bytes).unwrap();
            expected.push((format!("d/{name}"), bytes));
        }
        expected.sort();
        let trap = Arc::new(Trap::default());
        let listens = Arc::clone(&trap);
        server.plan.on_event(move |_event| listens.event());
        Self { server, trap, home, files: folder, connection, policy, expected }
    }

    fn spawn(&self, kill: Kill) -> Child {
        let mut process = Process::new(std::env::current_exe().unwrap());
        process
            .args(["crash::child", "--exact", "--ignored", "--nocapture"])
            .env(HOME, self.home.path())
            .env(FILES, self.files.path().join("d"))
            .env(CONNECTION, self.connection.as_str())
            .env(POLICY, self.policy.code())
            .env("AWS_ACCESS_KEY_ID", &self.server.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", self.server.keys.secret_access_key.expose())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_PROFILE")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Once anything was sent the journal has the batch: then nothing may begin anew.
        if !self.server.has_seen_a_write() {
            process.env(MAY_BEGIN, "1");
        }
        self.trap.pid.store(0, Ordering::SeqCst);
        self.trap.seen.store(0, Ordering::SeqCst);
        self.trap.kill_at.store(0, Ordering::SeqCst);
        match kill {
            Kill::AtCommit(number) => {
                process.env(DIES_AT_COMMIT, number.to_string());
            }
            Kill::AtWire(number) => self.trap.kill_at.store(number, Ordering::SeqCst),
            Kill::Never | Kill::After(_) => {}
        }
        let child = process.spawn().unwrap();
        self.trap.pid.store(u64::from(child.id()), Ordering::SeqCst);
        child
    }

    /// Runs the program until it ends or is killed; whether it ended by itself.
    #[track_caller]
    fn run(&self, kill: Kill) -> bool {
        let mut child = self.spawn(kill);
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if matches!(kill, Kill::After(after) if begin.elapsed() >= after) {
                child.kill().unwrap();
            }
            assert!(begin.elapsed() < LONGEST, "the program hangs; {kill:?}");
            std::thread::park_timeout(Duration::from_millis(3));
        };
        match status.code() {
            None => false,
            Some(0) => true,
            Some(code) => panic!("the program ended with {code}; {kill:?}; {:?}", self.policy),
        }
    }

    /// Kills at these points, one start after the other, then lets a last start finish, and looks at the bucket.
    #[track_caller]
    fn survives(&self, kills: &[Kill]) {
        for kill in kills {
            self.run(*kill);
        }
        assert!(self.run(Kill::Never), "{kills:?}");
        // What was given up without an answer is aborted by the start after.
        for _start in 0..2 {
            if self.server.unfinished_uploads() > 0 {
                self.run(Kill::Never);
            }
        }
        let versions = self.server.all_versions();
        let wanted: Vec<&str> = self.expected.iter().map(|(key, _)| key.as_str()).collect();
        let found: Vec<&str> = versions.iter().map(String::as_str).collect();
        assert_eq!(found, wanted, "each file once, under one version; {kills:?}; {:?}", self.policy);
        for (key, bytes) in &self.expected {
            assert!(self.server.bytes(key).unwrap() == *bytes, "{key} has other bytes; {kills:?}");
        }
        assert_eq!(self.server.unfinished_uploads(), 0, "{kills:?}; {:?}", self.policy);
    }
}

/// How many events the server sees of a run that nothing disturbs.
fn wire_events(files: Files) -> u64 {
    let trial = Trial::new(files, ConflictPolicy::Overwrite);
    trial.survives(&[]);
    trial.trap.seen.load(Ordering::SeqCst)
}

/// How many commits the first start makes.
fn commits(files: Files) -> u64 {
    // Killed at a commit that never comes, the program ends by itself.
    let mut least = 1;
    let mut most = 512;
    while least < most {
        let middle = u64::midpoint(least, most);
        if Trial::new(files, ConflictPolicy::Overwrite).run(Kill::AtCommit(middle)) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    least - 1
}

fn policy(number: u64) -> ConflictPolicy {
    // Overwriting is what could make second versions, asking what could ask about our own.
    if number.is_multiple_of(2) { ConflictPolicy::Overwrite } else { ConflictPolicy::Ask }
}

const FEW: Files = Files { small: 8, large: 1 };
const MANY: Files = Files { small: 36, large: 4 };

#[test]
fn killed_at_a_commit_of_the_journal() {
    for at in 1..=9 {
        Trial::new(FEW, policy(at)).survives(&[Kill::AtCommit(at)]);
    }
}

#[test]
fn killed_at_an_event_on_the_wire() {
    let events = wire_events(FEW);
    assert!(events > 20, "{events}");
    for number in 0..9 {
        let at = 1 + number * (events - 1) / 8;
        Trial::new(FEW, policy(number)).survives(&[Kill::AtWire(at)]);
    }
}

#[test]
fn killed_again_while_it_recovers() {
    for at in 1..=4 {
        Trial::new(FEW, policy(at)).survives(&[Kill::AtWire(5 * at), Kill::AtCommit(at), Kill::AtWire(2 * at)]);
    }
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_killed_at_every_commit_and_again_while_it_recovers() {
    let commits = commits(MANY);
    println!("{commits} commits");
    for at in 1..=commits {
        Trial::new(MANY, policy(at)).survives(&[Kill::AtCommit(at)]);
        Trial::new(MANY, policy(at + 1)).survives(&[Kill::AtCommit(at), Kill::AtCommit(1 + at % 7)]);
    }
    println!("{} trials, 0 violations", 2 * commits);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_killed_at_every_event_on_the_wire_and_again_while_it_recovers() {
    let events = wire_events(MANY);
    println!("{events} events on the wire");
    for at in 1..=events {
        Trial::new(MANY, policy(at)).survives(&[Kill::AtWire(at)]);
        Trial::new(MANY, policy(at + 1)).survives(&[Kill::AtWire(at), Kill::AtWire(1 + at % 11)]);
    }
    println!("{} trials, 0 violations", 2 * events);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_killed_at_random_moments() {
    let trial = Trial::new(MANY, ConflictPolicy::Overwrite);
    let begin = Instant::now();
    trial.survives(&[]);
    let whole_ms = u64::try_from(begin.elapsed().as_millis()).unwrap();
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let mut state = u64::try_from(seed & u128::from(u64::MAX)).unwrap() | 1;
    println!("a run takes {whole_ms} ms; seed {state}");
    let trials = 200;
    for number in 0..trials {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let after = Duration::from_millis(state % whole_ms);
        Trial::new(MANY, policy(number)).survives(&[Kill::After(after)]);
    }
    println!("{trials} trials in {BUCKET}, 0 violations");
}
