//! What the tests of the fault catalogue share: one test for each row, named after it. Every bucket keeps versions, so
//! that a file that was stored twice is found out, and what arrived is read back by Amazon's own SDK.

use std::net::SocketAddr;
use std::time::Duration;

use bucketdrop::local_storage::faults::Fault;
use bucketdrop::model::{
    BatchId, BatchSummary, Command, ConnectionDraft, Event, Failure, Location, PutOptions, QueueHold, RequestId,
    RowsWanted, SecretPlace, TransferTab,
};

use crate::line::Line;
use crate::support::{BUCKET, MIB, Server, Setup, TestEngine, location, pattern};

/// One PUT, and a multipart upload of three parts.
pub(crate) const SMALL: usize = 100_000;
pub(crate) const LARGE: usize = 20 * MIB;

/// Server and engine, connected, over a bucket that keeps versions.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) engine: TestEngine,
    pub(crate) at: Location,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// With a connection that is not quite what `TestEngine::draft` makes.
    pub(crate) fn with(change: impl FnOnce(&Server, &mut ConnectionDraft)) -> Self {
        // Faults that last for seconds are meant to be sat out.
        Self::build(Duration::from_secs(10), change)
    }

    /// Gives up soon, for faults that last.
    pub(crate) fn impatient() -> Self {
        Self::build(Duration::from_millis(500), |_, _| {})
    }

    fn build(give_up_after: Duration, change: impl FnOnce(&Server, &mut ConnectionDraft)) -> Self {
        let server = Server::start();
        server.keep_versions();
        let mut setup = Setup::default();
        setup.tuning.give_up_after = give_up_after;
        let engine = TestEngine::start(setup);
        let mut draft = TestEngine::draft(&server);
        change(&server, &mut draft);
        let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
        Self { server, engine, at: location(connection.id) }
    }

    /// With a line between engine and server.
    pub(crate) fn over_a_line() -> (Self, Line) {
        Self::over(Line::start)
    }

    /// With a line that only listens on IPv6.
    pub(crate) fn over_ipv6() -> (Self, Line) {
        Self::over(|server| Line::start_at("[::1]:0".parse().unwrap(), server))
    }

    fn over(start: impl FnOnce(SocketAddr) -> Line) -> (Self, Line) {
        let mut line = None;
        let scene = Self::with(|server, draft| {
            let to = server.endpoint.trim_start_matches("http://").parse().unwrap();
            let started = {
                let _inside = server.runtime.enter();
                start(to)
            };
            draft.endpoint = started.endpoint();
            line = Some(started);
        });
        (scene, line.unwrap())
    }

    pub(crate) fn fault(self, fault: Fault) -> Self {
        self.server.plan.add(fault);
        self
    }

    #[track_caller]
    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> BatchSummary {
        self.engine.upload(vec![self.engine.file(name, bytes)], &self.at, PutOptions::default())
    }

    /// Uploads a file and holds what is in the bucket against it.
    #[track_caller]
    pub(crate) fn arrives(&self, name: &str, size: usize) {
        let bytes = pattern(size);
        let summary = self.upload(name, &bytes);
        assert_eq!((summary.done, summary.failed), (1, 0), "{name}, {size} bytes: {summary:?}");
        self.holds(name, &bytes);
    }

    /// The object is there byte for byte, in one version, and no upload was left unfinished.
    #[track_caller]
    pub(crate) fn holds(&self, key: &str, bytes: &[u8]) {
        let stored = self.server.bytes(key).unwrap_or_else(|| panic!("{key} is not there"));
        assert!(stored == bytes, "{key}: {} bytes arrived of {}, or others", stored.len(), bytes.len());
        assert_eq!(self.server.versions(key), 1, "versions of {key}");
        self.server.wait_for_unfinished(0);
    }

    /// Uploads a file that does not arrive, and says why.
    #[track_caller]
    pub(crate) fn fails(&self, name: &str, size: usize) -> Failure {
        let summary = self.upload(name, &pattern(size));
        assert_eq!((summary.done, summary.failed), (0, 1), "{summary:?}");
        summary.first_failure.unwrap()
    }

    /// Lists the bucket, as a window does before anything is dropped onto it.
    pub(crate) fn look(&self) {
        let request = RequestId::next();
        self.engine.send(Command::ListObjects { request, at: self.at.clone(), after: None });
        let listed = self.engine.expect("ObjectsListed", |event| match event {
            Event::ObjectsListed { request: r, result, .. } if *r == request => Some(result.is_ok()),
            _ => None,
        });
        assert!(listed);
    }

    /// Queues a file that nothing can be done for now, and says why the queue stands still.
    #[track_caller]
    pub(crate) fn held(&self, name: &str, size: usize) -> (BatchId, Failure) {
        let paths = vec![self.engine.file(name, &pattern(size))];
        let batch = self.engine.enqueue(paths, &self.at, PutOptions::default());
        self.engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 10 }));
        let failure = self.engine.expect("a hold", |event| match event {
            Event::Transfers(view) => view.holds.iter().find_map(|hold| match hold {
                QueueHold::Offline { failure, .. } | QueueHold::Refused { failure, .. } => Some(failure.clone()),
                _ => None,
            }),
            _ => None,
        });
        (batch, failure)
    }

    /// Once nothing is in the way any more, a held file goes on and arrives.
    #[track_caller]
    pub(crate) fn goes_on(&self, batch: BatchId, name: &str, size: usize) {
        self.engine.send(Command::TryConnection(self.at.connection.clone()));
        let summary = self.engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
        self.holds(name, &pattern(size));
    }

    /// How many requests of an operation came.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.server.plan.count(operation)
    }
}

impl Server {
    /// From now on the bucket keeps versions.
    pub(crate) fn keep_versions(&self) {
        let enabled = aws_sdk_s3::types::BucketVersioningStatus::Enabled;
        let wanted = aws_sdk_s3::types::VersioningConfiguration::builder().status(enabled).build();
        let put = self.client().put_bucket_versioning().bucket(BUCKET).versioning_configuration(wanted).send();
        self.runtime.block_on(put).unwrap();
    }

    /// How many versions a key has, delete markers not counted.
    pub(crate) fn versions(&self, key: &str) -> usize {
        let listed = self.client().list_object_versions().bucket(BUCKET).prefix(key).send();
        let listed = self.runtime.block_on(listed).unwrap();
        listed.versions().iter().filter(|version| version.key() == Some(key)).count()
    }

    /// How many delete markers a key has.
    pub(crate) fn markers(&self, key: &str) -> usize {
        let listed = self.client().list_object_versions().bucket(BUCKET).prefix(key).send();
        let listed = self.runtime.block_on(listed).unwrap();
        listed.delete_markers().iter().filter(|marker| marker.key() == Some(key)).count()
    }
}
