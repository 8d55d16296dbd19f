//! An engine, a storage with a fault plan, and a patient ear for events. Nothing here sleeps: the waker rings.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use bucketdrop::engine::{
    Clock, Engine, EngineConfig, EngineHandle, JournalUse, NearAnswers, Reporting, SystemClock, Tuning,
};
use bucketdrop::local_storage::faults::{FaultPlan, RequestEnd};
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig, generate_keys};
use bucketdrop::model::{
    Addressing, BatchId, BatchSummary, BucketName, Command, Connection, ConnectionDraft, ConnectionId, Credentials,
    Event, Failure, Location, OpenTransfers, Prefix, PutOptions, RequestId, RowsWanted, SecretPlace, Selection,
    Service, TransferAction, TransferId, TransferReport, TransferRow, TransferTab,
};
use bucketdrop::platform::testing::SilentStore;
use bucketdrop::platform::{Home, InstanceServer, MemoryStore, SecretStore};
use tempfile::TempDir;

pub(crate) const BUCKET: &str = "test-bucket";
pub(crate) const MIB: usize = 1024 * 1024;
/// Nothing here takes so long unless it hangs, also where others keep the machine busy; the longest silence that is sat
/// out takes a minute.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

/// The server side.
pub(crate) struct Server {
    _storage: LocalStorage,
    pub(crate) plan: Arc<FaultPlan>,
    pub(crate) keys: Credentials,
    pub(crate) endpoint: String,
    _folder: TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (folder, keys, plan) = (tempfile::tempdir().unwrap(), generate_keys(), FaultPlan::new());
        let config = LocalStorageConfig {
            folder: folder.path().to_owned(),
            port: 0,
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            region: "us-east-1".into(),
            durability: Durability::Fast,
            faults: Some(Arc::clone(&plan)),
        };
        let storage = runtime.block_on(async {
            let storage = LocalStorage::start(config).await.unwrap();
            storage.ensure_bucket(BUCKET).await.unwrap();
            storage
        });
        let endpoint = storage.endpoint().to_owned();
        Self { _storage: storage, plan, keys, endpoint, _folder: folder, runtime }
    }

    /// Another client than the engine's.
    pub(crate) fn client(&self) -> Client {
        let secret = self.keys.secret_access_key.expose();
        let keys = aws_sdk_s3::config::Credentials::new(&self.keys.access_key_id, secret, None, None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .credentials_provider(keys)
            .force_path_style(true)
            .build();
        Client::from_conf(config)
    }

    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let body = aws_sdk_s3::primitives::ByteStream::from(bytes.to_vec());
        self.runtime.block_on(self.client().put_object().bucket(BUCKET).key(key).body(body).send()).unwrap();
    }

    /// Bytes and content type of an object; `None` if there is none.
    pub(crate) fn get(&self, key: &str) -> Option<(Vec<u8>, Option<String>)> {
        self.runtime.block_on(async {
            let found = self.client().get_object().bucket(BUCKET).key(key).send().await.ok()?;
            let content_type = found.content_type().map(str::to_owned);
            Some((found.body.collect().await.unwrap().into_bytes().to_vec(), content_type))
        })
    }

    pub(crate) fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        self.get(key).map(|(bytes, _)| bytes)
    }

    /// Every key, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.runtime.block_on(async {
            let mut keys = Vec::new();
            let mut pages = self.client().list_objects_v2().bucket(BUCKET).into_paginator().send();
            while let Some(page) = pages.next().await {
                keys.extend(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()));
            }
            keys
        })
    }

    /// Multipart uploads that were neither completed nor aborted.
    pub(crate) fn unfinished_uploads(&self) -> usize {
        let listed = self.client().list_multipart_uploads().bucket(BUCKET).send();
        self.runtime.block_on(listed).unwrap().uploads().len()
    }

    /// Another program's unfinished upload, with one part; its id.
    pub(crate) fn create_upload(&self, key: &str, part: &[u8]) -> String {
        let body = aws_sdk_s3::primitives::ByteStream::from(part.to_vec());
        self.runtime.block_on(async {
            let client = self.client();
            let created = client.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
            let id = created.upload_id().unwrap().to_owned();
            let part = client.upload_part().bucket(BUCKET).key(key).upload_id(&id).part_number(1).body(body);
            part.send().await.unwrap();
            id
        })
    }

    /// The key of every version of every object, in order.
    pub(crate) fn all_versions(&self) -> Vec<String> {
        self.runtime.block_on(async {
            let listed = self.client().list_object_versions().bucket(BUCKET).send().await.unwrap();
            assert!(listed.is_truncated() != Some(true) && listed.delete_markers().is_empty());
            let mut keys: Vec<String> = listed.versions().iter().map(|one| one.key().unwrap().to_owned()).collect();
            keys.sort();
            keys
        })
    }

    /// Whether anything was asked that writes, other than by this test itself.
    pub(crate) fn has_seen_a_write(&self) -> bool {
        self.plan.count("PutObject") + self.plan.count("CreateMultipartUpload") > 0
    }

    /// Aborts every unfinished upload, as a service does with old ones.
    pub(crate) fn abort_all(&self) {
        self.runtime.block_on(async {
            let client = self.client();
            let listed = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
            for upload in listed.uploads() {
                let (key, id) = (upload.key().unwrap(), upload.upload_id().unwrap());
                client.abort_multipart_upload().bucket(BUCKET).key(key).upload_id(id).send().await.unwrap();
            }
        });
    }

    /// Waits until something holds; only for what no event tells.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < end, "{what} did not come");
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Waits until an object is there.
    #[track_caller]
    pub(crate) fn wait_for_key(&self, key: &str) {
        self.wait_until(key, |server| server.keys().iter().any(|known| known == key));
    }

    /// Waits until there are so many unfinished uploads.
    #[track_caller]
    pub(crate) fn wait_for_unfinished(&self, count: usize) {
        self.wait_until("the number of unfinished uploads", |server| server.unfinished_uploads() == count);
    }

    /// Waits until so many requests of an operation have come.
    pub(crate) fn wait_for(&self, operation: &str, count: usize) {
        let seen = self.plan.wait_until(|log| log.iter().filter(|r| r.operation == operation).count() >= count);
        let result = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, seen).await });
        assert!(result.is_ok(), "{count} × {operation} did not come");
    }

    /// Waits until so many requests of an operation have been answered well.
    pub(crate) fn wait_for_answers(&self, operation: &str, count: usize) {
        let good = RequestEnd::Answered(200);
        let seen = self
            .plan
            .wait_until(|log| log.iter().filter(|r| r.operation == operation && r.end == good).count() >= count);
        let result = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, seen).await });
        assert!(result.is_ok(), "{count} × {operation} were not answered");
    }
}

/// How an engine is set up.
pub(crate) struct Setup {
    pub(crate) store: Arc<dyn SecretStore>,
    pub(crate) tuning: Tuning,
    pub(crate) reporting: Reporting,
    pub(crate) instance: Option<InstanceServer>,
    pub(crate) journal: JournalUse,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Default for Setup {
    fn default() -> Self {
        let tuning = Tuning {
            upload_threads: 2,
            buffer_bytes: 64 * MIB,
            first_retry_wait: Duration::from_millis(5),
            give_up_after: Duration::from_millis(100),
            keychain_limit: PATIENCE,
            source_quiet_for: Duration::from_millis(40),
            suspend: || panic!("nobody asked for that"),
            keep_awake: || bucketdrop::platform::Awake::stand_in(std::sync::mpsc::channel().0),
            near_answers: NearAnswers::OnlyHere,
            link_limit: PATIENCE,
            ..Tuning::default()
        };
        Self {
            store: Arc::new(MemoryStore::default()),
            tuning,
            reporting: Reporting::EachTransfer,
            instance: None,
            journal: JournalUse::Keep,
            clock: Arc::new(SystemClock::new()),
        }
    }
}

impl Setup {
    /// With a keychain that does not answer, which is not waited for as long as for one that may be only slow.
    pub(crate) fn with_silent(store: Arc<SilentStore>) -> Self {
        let mut setup = Self { store, ..Self::default() };
        setup.tuning.keychain_limit = Duration::from_secs(5);
        setup
    }
}

/// The engine under test.
pub(crate) struct TestEngine {
    pub(crate) handle: EngineHandle,
    bell: Arc<Bell>,
    heard: Mutex<VecDeque<Event>>,
    store: Arc<dyn SecretStore>,
    pub(crate) home: TempDir,
    pub(crate) files: TempDir,
    /// The folders that it works in: its own, or those of another one.
    pub(crate) works_in: PathBuf,
}

/// What is left of an engine that was shut down: its folders and its keychain.
pub(crate) struct Stopped {
    store: Arc<dyn SecretStore>,
    pub(crate) home: TempDir,
    pub(crate) files: TempDir,
}

impl Stopped {
    /// The next start.
    pub(crate) fn start(self) -> TestEngine {
        self.start_with(JournalUse::Keep)
    }

    /// The same; how the journal is used.
    pub(crate) fn start_with(self, journal: JournalUse) -> TestEngine {
        let setup = Setup { store: self.store, journal, ..Setup::default() };
        let path = self.home.path().to_owned();
        TestEngine { home: self.home, files: self.files, ..TestEngine::start_beside(&path, setup) }
    }
}

impl TestEngine {
    pub(crate) fn start(setup: Setup) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), setup)
    }

    pub(crate) fn start_in(home: TempDir, setup: Setup) -> Self {
        let path = home.path().to_owned();
        Self { home, ..Self::start_beside(&path, setup) }
    }

    /// In the folders of another engine; its own `home` stays empty.
    pub(crate) fn start_beside(home: &Path, setup: Setup) -> Self {
        let bell = Arc::new(Bell::default());
        let store = Arc::clone(&setup.store);
        let config = EngineConfig {
            home: Home::under(home),
            secret_store: setup.store,
            reporting: setup.reporting,
            instance: setup.instance,
            clock: setup.clock,
            journal: setup.journal,
        };
        let handle = Engine::start_tuned(config, setup.tuning, Waker::from(Arc::clone(&bell))).unwrap();
        let files = tempfile::tempdir().unwrap();
        let (home, works_in) = (tempfile::tempdir().unwrap(), home.to_owned());
        Self { handle, bell, heard: Mutex::default(), store, home, files, works_in }
    }

    /// Its keychain, for another one.
    pub(crate) fn store(&self) -> Arc<dyn SecretStore> {
        Arc::clone(&self.store)
    }

    /// Quits as a user does.
    #[track_caller]
    pub(crate) fn stop(self) -> Stopped {
        self.leave();
        Stopped { store: self.store, home: self.home, files: self.files }
    }

    /// Quits and starts again in the same folders. What was heard before is forgotten.
    #[track_caller]
    pub(crate) fn restart(self) -> Self {
        self.stop().start()
    }

    pub(crate) fn send(&self, command: Command) {
        self.handle.send(command);
    }

    /// The first event that `pick` takes; others stay for later. Fails the test if none comes.
    #[track_caller]
    pub(crate) fn expect<T>(&self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            *self.bell.rung.lock().unwrap() = false;
            let mut heard = self.heard.lock().unwrap();
            heard.extend(self.handle.drain_events());
            if let Some((at, found)) = heard.iter().enumerate().find_map(|(at, event)| Some((at, pick(event)?))) {
                heard.remove(at);
                return found;
            }
            drop(heard);
            let rung = self.bell.rung.lock().unwrap();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(rung);
                panic!("{what} did not come; heard: {:#?}", self.heard.lock().unwrap());
            }
            drop(self.bell.changed.wait_timeout_while(rung, left, |rung| !*rung).unwrap());
        }
    }

    /// Whatever was heard so far does not count any more.
    pub(crate) fn forget_heard(&self) {
        self.handle.drain_events();
        self.heard.lock().unwrap().clear();
    }

    /// Whether such an event has been heard so far.
    pub(crate) fn has_heard(&self, pick: impl Fn(&Event) -> bool) -> bool {
        let mut heard = self.heard.lock().unwrap();
        heard.extend(self.handle.drain_events());
        heard.iter().any(pick)
    }

    /// How many such events have been heard so far and not been taken.
    pub(crate) fn count_heard(&self, pick: impl Fn(&Event) -> bool) -> usize {
        let mut heard = self.heard.lock().unwrap();
        heard.extend(self.handle.drain_events());
        heard.iter().filter(|event| pick(event)).count()
    }

    pub(crate) fn draft(server: &Server) -> ConnectionDraft {
        ConnectionDraft {
            name: "Test".into(),
            service: Service::Other,
            endpoint: server.endpoint.clone(),
            addressing: Addressing::Path,
            access_key_id: server.keys.access_key_id.clone(),
            secret_access_key: server.keys.secret_access_key.clone(),
            ..ConnectionDraft::default()
        }
    }

    pub(crate) fn save(&self, draft: ConnectionDraft, place: SecretPlace) -> Result<Connection, Failure> {
        self.save_with(draft, place, OpenTransfers::Ask)
    }

    /// The same, saying what becomes of the transfers that go through it.
    pub(crate) fn save_with(
        &self,
        draft: ConnectionDraft,
        place: SecretPlace,
        open: OpenTransfers,
    ) -> Result<Connection, Failure> {
        let request = RequestId::next();
        self.send(Command::SaveConnection { request, draft: Box::new(draft), place, open });
        self.expect("ConnectionSaved", |event| match event {
            Event::ConnectionSaved { request: r, result } if *r == request => {
                Some(result.clone().map(|c| *c).map_err(|f| *f))
            }
            _ => None,
        })
    }

    /// A saved connection to the server, and its bucket's root.
    pub(crate) fn connect(&self, server: &Server) -> Location {
        let connection = self.save(Self::draft(server), SecretPlace::Keychain).unwrap();
        location(connection.id)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn enqueue(&self, paths: Vec<PathBuf>, to: &Location, options: PutOptions) -> BatchId {
        let batch = BatchId::next();
        self.send(Command::Enqueue { batch, paths, to: to.clone(), options: Box::new(options) });
        batch
    }

    #[track_caller]
    pub(crate) fn finished(&self, batch: BatchId) -> BatchSummary {
        self.expect("BatchFinished", |event| match event {
            Event::BatchFinished { batch: b, summary } if *b == batch => Some((**summary).clone()),
            _ => None,
        })
    }

    /// Uploads and waits for the end.
    #[track_caller]
    pub(crate) fn upload(&self, paths: Vec<PathBuf>, to: &Location, options: PutOptions) -> BatchSummary {
        let batch = self.enqueue(paths, to, options);
        self.finished(batch)
    }

    /// How the next transfer ended.
    #[track_caller]
    pub(crate) fn report(&self) -> TransferReport {
        self.expect("TransferEnded", |event| match event {
            Event::TransferEnded(report) => Some((**report).clone()),
            _ => None,
        })
    }

    /// The first row of a tab that fits.
    #[track_caller]
    pub(crate) fn row(&self, tab: TransferTab, fits: impl Fn(&TransferRow) -> bool) -> TransferRow {
        self.send(Command::ShowTransfers(RowsWanted { tab, first_index: 0, count: 1_000 }));
        self.expect("a row", |event| match event {
            Event::Transfers(view) if view.tab == tab => view.rows.iter().find(|row| fits(row)).cloned(),
            _ => None,
        })
    }

    /// Waits until so many parts are written down: what the server has answered, the engine may not have heard yet. What
    /// runs has the journal to itself, so a copy is looked at; one taken in the middle of a write is taken again.
    #[track_caller]
    pub(crate) fn wait_for_written_parts(&self, count: i64) {
        let end = Instant::now() + PATIENCE;
        let look = || -> Option<i64> {
            let copy = copy_of_home(self.home.path());
            let journal = rusqlite::Connection::open(Home::under(copy.path()).journal_file()).ok()?;
            journal.query_row("SELECT count(*) FROM part", [], |row| row.get(0)).ok()
        };
        while look().is_none_or(|written| written < count) {
            assert!(Instant::now() < end, "{count} parts were not written down");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    pub(crate) fn act(&self, id: TransferId, action: TransferAction) {
        self.send(Command::Transfers { selection: Selection::One(id), action });
    }
}

pub(crate) fn location(connection: ConnectionId) -> Location {
    Location { connection, bucket: BucketName::new(BUCKET).unwrap(), prefix: Prefix::root() }
}

/// Bytes that differ from place to place.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Options with a rule for keys that are taken.
pub(crate) fn on_conflict(policy: bucketdrop::model::ConflictPolicy) -> PutOptions {
    PutOptions { on_conflict: policy, ..PutOptions::default() }
}

/// Server and engine, connected; what the server is like was found out by a first write, so that no later one has to
/// go alone.
pub(crate) fn connected() -> (Server, TestEngine, Location) {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    engine.upload(vec![engine.file("first write", b"1")], &at, PutOptions::default());
    engine.expect("a picture of it", |event| match event {
        Event::Transfers(view) if view.counts.done == 1 => Some(()),
        _ => None,
    });
    engine.forget_heard();
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    engine.expect("an empty list", |event| match event {
        Event::Transfers(view) if view.counts == bucketdrop::model::TransferCounts::default() => Some(()),
        _ => None,
    });
    engine.forget_heard();
    let gone = server.client().delete_object().bucket(BUCKET).key("first write").send();
    server.runtime.block_on(gone).unwrap();
    server.plan.clear_log();
    std::fs::remove_file(engine.files.path().join("first write")).unwrap();
    (server, engine, at)
}

pub(crate) fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap().to_owned()
}

/// A home as a kill would leave it now.
pub(crate) fn copy_of_home(home: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(copy.path().join(&folder)).unwrap();
        for entry in std::fs::read_dir(home.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                std::fs::copy(entry.path(), copy.path().join(path)).unwrap();
            }
        }
    }
    copy
}
