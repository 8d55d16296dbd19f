//! The program is killed (SIGKILL) in the middle of uploads, at every commit of its journal and at every event on the
//! wire, and started again. What has to hold afterwards: every file is in the bucket once, byte for byte, under one
//! version; nothing unfinished is left on the server.
//!
//! The short forms take every so-manieth point; `tests/soak` runs the long ones.

#![cfg(unix)]

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bucketdrop::engine::{JournalObserver, JournalTest, JournalUse};
use bucketdrop::local_storage::faults::RequestEnd;
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, ConnectionDraft, ConnectionId, DraftSource, Event, RowsWanted, SecretPlace,
    TransferTab,
};
use rustix::process::{Pid, Signal, getpid, kill_process};
use tempfile::TempDir;

use crate::support::{MIB, Server, Setup, TestEngine, location, on_conflict, pattern};

const HOME: &str = "BUCKETDROP_CRASH_HOME";
const FILES: &str = "BUCKETDROP_CRASH_FILES";
const CONNECTION: &str = "BUCKETDROP_CRASH_CONNECTION";
const POLICY: &str = "BUCKETDROP_CRASH_POLICY";
const DIES_AT_COMMIT: &str = "BUCKETDROP_CRASH_AT_COMMIT";
const MAY_BEGIN: &str = "BUCKETDROP_CRASH_MAY_BEGIN";
const COMMITS: &str = "BUCKETDROP_CRASH_COMMITS";
/// Exit status of a child that had a conflict with itself.
const CONFLICT: i32 = 4;
/// Exit status of a child with a failed file.
const FAILED: i32 = 3;
/// Runs whose events are counted, half of them with each rule for taken keys.
const UNDISTURBED_RUNS: u64 = 4;
/// No child takes so long unless it hangs, even where several share a processor.
const LONGEST: Duration = Duration::from_mins(4);

/// Says how many commits there were, and dies of its own hand at one.
struct DiesAt {
    commit: Option<u64>,
    count_in: PathBuf,
}

impl JournalObserver for DiesAt {
    fn committed(&self, number: u64) {
        std::fs::write(&self.count_in, number.to_string()).unwrap();
        if self.commit == Some(number) {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    }
}

/// The program that is killed: goes on with what it finds, or begins; ends when everything is through.
#[test]
#[ignore = "a program of its own, started by the tests below"]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let commit = std::env::var(DIES_AT_COMMIT).ok().map(|at| at.parse().unwrap());
    let observer: Arc<dyn JournalObserver> = Arc::new(DiesAt { commit, count_in: variable(COMMITS).into() });
    let journal = JournalUse::Tested(JournalTest { observer: Some(observer), ..JournalTest::default() });
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
        engine.handle.shutdown(LONGEST);
        std::process::exit(status);
    }
    engine.handle.shutdown(LONGEST);
    std::process::exit(0);
}

/// When a child is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    Never,
    AtCommit(u64),
    /// At the n-th event that the server sees of this child.
    AtWire(u64),
    /// After so long.
    After(Duration),
}

/// At how many points a start could have been killed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Points {
    pub(crate) commits: u64,
    pub(crate) wire: u64,
}

/// Counts wire events, and kills at one of them.
#[derive(Default)]
pub(crate) struct Trap {
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

    pub(crate) fn kill(&self) {
        let pid = i32::try_from(self.pid.load(Ordering::SeqCst)).unwrap();
        if let Some(pid) = Pid::from_raw(pid) {
            // It may have ended meanwhile.
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

/// How many files, and how many of them are large.
#[derive(Clone, Copy)]
pub(crate) struct Files {
    pub(crate) small: usize,
    pub(crate) large: usize,
    /// Of each large one; a few bytes more, so that no two are alike.
    pub(crate) large_bytes: usize,
}

/// One set of files; any number of trials upload it.
pub(crate) struct Sources {
    folder: TempDir,
    expected: Vec<(String, Vec<u8>)>,
}

impl Sources {
    pub(crate) fn new(files: Files) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("d");
        std::fs::create_dir(&root).unwrap();
        let mut expected = Vec::new();
        let large = (0..files.large).map(|n| (format!("large-{n}"), pattern(files.large_bytes + n)));
        let small = (0..files.small).map(|n| (format!("small-{n:03}"), pattern(1 + n * 700)));
        for (name, bytes) in large.chain(small) {
            std::fs::write(root.join(&name), &bytes).unwrap();
            expected.push((format!("d/{name}"), bytes));
        }
        expected.sort();
        Arc::new(Self { folder, expected })
    }
}

/// What went wrong in a trial.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    pub(crate) lost: Vec<String>,
    pub(crate) corrupt: Vec<String>,
    pub(crate) duplicate_versions: Vec<String>,
    pub(crate) strangers: Vec<String>,
    pub(crate) unfinished_uploads: usize,
    /// Ends of the program that were neither good nor ours.
    pub(crate) bad_ends: Vec<String>,
    /// The program had ended before the first kill, though each run gets that far: the trial has shown nothing.
    pub(crate) missed: Option<Kill>,
    /// Kills that came before the program had ended; no violation.
    pub(crate) kills: usize,
    /// Starts beyond the one after the last kill, until nothing was unfinished; no violation.
    pub(crate) more_starts: usize,
}

impl Violations {
    pub(crate) fn is_none(&self) -> bool {
        self.lost.is_empty()
            && self.corrupt.is_empty()
            && self.duplicate_versions.is_empty()
            && self.strangers.is_empty()
            && self.unfinished_uploads == 0
            && self.bad_ends.is_empty()
            && self.missed.is_none()
    }
}

/// One bucket, one home, one set of files.
pub(crate) struct Trial {
    pub(crate) server: Server,
    pub(crate) trap: Arc<Trap>,
    home: TempDir,
    sources: Arc<Sources>,
    connection: ConnectionId,
    policy: ConflictPolicy,
}

impl Trial {
    pub(crate) fn new(sources: &Arc<Sources>, policy: ConflictPolicy) -> Self {
        let server = Server::start();
        let endpoint = server.endpoint.clone();
        Self::over(server, &endpoint, sources, policy)
    }

    /// The same, with the server reached at another address.
    pub(crate) fn over(server: Server, endpoint: &str, sources: &Arc<Sources>, policy: ConflictPolicy) -> Self {
        server.keep_versions();
        let home = tempfile::tempdir().unwrap();
        let connection = {
            let engine = TestEngine::start_beside(home.path(), Setup::default());
            let draft = ConnectionDraft {
                source: DraftSource::AwsProfile,
                endpoint: endpoint.to_owned(),
                access_key_id: String::new(),
                secret_access_key: bucketdrop::model::Secret::default(),
                ..TestEngine::draft(&server)
            };
            let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
            engine.leave();
            connection.id
        };
        let trap = Arc::new(Trap::default());
        let listens = Arc::clone(&trap);
        server.plan.on_event(move |_event| listens.event());
        Self { server, trap, home, sources: Arc::clone(sources), connection, policy }
    }

    fn commits_file(&self) -> PathBuf {
        self.home.path().join("commits of the last start")
    }

    /// Commits that the last start has made, and events that the server saw of it.
    pub(crate) fn points_of_last_start(&self) -> Points {
        let commits = std::fs::read_to_string(self.commits_file()).ok().and_then(|text| text.parse().ok());
        Points { commits: commits.unwrap_or_default(), wire: self.trap.seen.load(Ordering::SeqCst) }
    }

    pub(crate) fn spawn(&self, kill: Kill) -> Child {
        let mut process = Process::new(std::env::current_exe().unwrap());
        process
            .args(["crash::child", "--exact", "--ignored", "--nocapture"])
            .env(HOME, self.home.path())
            .env(FILES, self.sources.folder.path().join("d"))
            .env(CONNECTION, self.connection.as_str())
            .env(POLICY, self.policy.code())
            .env(COMMITS, self.commits_file())
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
        // What is there is of the start before.
        std::fs::remove_file(self.commits_file()).ok();
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

    /// Runs the program until it ends or is killed; whether it ended by itself. Requests that were in flight have
    /// ended at the server then.
    pub(crate) fn run(&self, kill: Kill) -> Result<bool, String> {
        let mut child = self.spawn(kill);
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if matches!(kill, Kill::After(after) if begin.elapsed() >= after) {
                child.kill().unwrap();
            }
            if begin.elapsed() >= LONGEST {
                child.kill().unwrap();
                return Err(format!("the program hangs; {kill:?}"));
            }
            std::thread::park_timeout(Duration::from_millis(3));
        };
        self.settle();
        match status.code() {
            None => Ok(false),
            Some(0) => Ok(true),
            Some(CONFLICT) => Err(format!("asked about its own object; {kill:?}")),
            Some(FAILED) => Err(format!("a file failed; {kill:?}")),
            Some(code) => Err(format!("ended with {code}; {kill:?}")),
        }
    }

    /// Waits until the server is through with the requests of a program that is gone.
    pub(crate) fn settle(&self) {
        self.server.wait_until("the end of requests in flight", |server| {
            server.plan.log().iter().all(|record| record.end != RequestEnd::UnderWay)
        });
    }

    /// Kills at these points, one start after the other, then lets a last start finish, and looks at the bucket.
    pub(crate) fn violations(&self, kills: &[Kill]) -> Violations {
        let mut found = Violations::default();
        let mut run = |kill| self.run(kill).map_err(|bad| found.bad_ends.push(bad)).unwrap_or(false);
        let came: Vec<bool> = kills.iter().map(|kill| !run(*kill)).collect();
        let mut has_ended = run(Kill::Never);
        let mut more_starts = 0;
        // What was given up without an answer is aborted by the start after.
        for _start in 0..2 {
            if self.server.unfinished_uploads() > 0 {
                more_starts += 1;
                has_ended &= run(Kill::Never);
            }
        }
        if !has_ended {
            found.bad_ends.push("the last start did not end by itself".into());
        }
        found.more_starts = more_starts;
        found.kills = came.iter().filter(|came| **came).count();
        let is_certain = |kill: &&Kill| matches!(kill, Kill::AtWire(_)) && came.first() == Some(&false);
        found.missed = kills.first().filter(is_certain).copied();
        let versions = self.server.all_versions();
        for (key, bytes) in &self.sources.expected {
            match versions.iter().filter(|version| *version == key).count() {
                0 => found.lost.push(key.clone()),
                1 => {}
                more => found.duplicate_versions.push(format!("{key} × {more}")),
            }
            if self.server.bytes(key).is_some_and(|stored| stored != *bytes) {
                found.corrupt.push(key.clone());
            }
        }
        let is_ours = |key: &String| self.sources.expected.iter().any(|(ours, _)| ours == key);
        found.strangers = versions.into_iter().filter(|key| !is_ours(key)).collect();
        found.unfinished_uploads = self.server.unfinished_uploads();
        found
    }

    /// One kill after so long, or sooner: a program that had ended by then is tried again with half the time. How many
    /// had, and what is wrong in any of the trials.
    pub(crate) fn killed_after(sources: &Arc<Sources>, policy: ConflictPolicy, after: Duration) -> (usize, Violations) {
        let (mut too_late, mut after) = (0, after);
        loop {
            let found = Self::new(sources, policy).violations(&[Kill::After(after)]);
            if found.kills > 0 || !found.is_none() {
                return (too_late, found);
            }
            too_late += 1;
            after /= 2;
        }
    }

    #[track_caller]
    fn survives(&self, kills: &[Kill]) {
        let found = self.violations(kills);
        assert!(found.is_none(), "{found:?}; {kills:?}; {:?}", self.policy);
    }
}

/// How many events the server sees of any run that nothing disturbs: the fewest of some, since not all ask it as much.
/// What the tests themselves ask afterwards is not among them.
pub(crate) fn wire_events(sources: &Arc<Sources>) -> u64 {
    let counts = (0..UNDISTURBED_RUNS).map(|number| {
        let trial = Trial::new(sources, policy(number));
        assert!(trial.run(Kill::Never).unwrap());
        trial.points_of_last_start().wire
    });
    counts.min().unwrap_or_default()
}

/// How many commits the first start makes.
pub(crate) fn commits(sources: &Arc<Sources>) -> u64 {
    // Killed at a commit that never comes, the program ends by itself.
    let mut least = 1;
    let mut most = 512;
    while least < most {
        let middle = u64::midpoint(least, most);
        if Trial::new(sources, ConflictPolicy::Overwrite).run(Kill::AtCommit(middle)).unwrap() {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    least - 1
}

pub(crate) fn policy(number: u64) -> ConflictPolicy {
    // Overwriting is what could make second versions, asking what could ask about our own.
    if number.is_multiple_of(2) { ConflictPolicy::Overwrite } else { ConflictPolicy::Ask }
}

const FEW: Files = Files { small: 8, large: 1, large_bytes: 17 * MIB };

#[test]
fn killed_at_a_commit_of_the_journal() {
    let sources = Sources::new(FEW);
    for at in 1..=9 {
        Trial::new(&sources, policy(at)).survives(&[Kill::AtCommit(at)]);
    }
}

#[test]
fn killed_at_an_event_on_the_wire() {
    let sources = Sources::new(FEW);
    let events = wire_events(&sources);
    assert!(events > 20, "{events}");
    for number in 0..9 {
        let at = 1 + number * (events - 1) / 8;
        Trial::new(&sources, policy(number)).survives(&[Kill::AtWire(at)]);
    }
}

#[test]
fn killed_at_a_few_random_moments() {
    let sources = Sources::new(FEW);
    let begin = Instant::now();
    Trial::new(&sources, ConflictPolicy::Overwrite).survives(&[]);
    let whole = begin.elapsed();
    for number in 0..6 {
        let thousandths = u32::try_from(RandomState::new().build_hasher().finish() % 1000).unwrap();
        let after = whole * thousandths / 1000;
        let (_, found) = Trial::killed_after(&sources, policy(number), after);
        assert!(found.is_none(), "{found:?}; after {after:?} or sooner");
    }
}

#[test]
fn killed_again_while_it_recovers() {
    let sources = Sources::new(FEW);
    for at in 1..=4 {
        let kills = [Kill::AtWire(5 * at), Kill::AtCommit(at), Kill::AtWire(2 * at)];
        Trial::new(&sources, policy(at)).survives(&kills);
    }
}
