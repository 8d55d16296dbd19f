//! The upload threads: each has one current-thread runtime and clients of its own, since waking tasks across
//! threads costs as much as signing a small request does.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::buffers::BufferPool;
use super::control::{Backoff, Control, Patience};
use super::file::{FileJob, UploadNews, run_file};
use super::part::{PartJob, run_part};
use super::public::PublicWays;
use crate::engine::checking::Checks;
use crate::engine::far::Far;
use crate::engine::journal::Journal;
use crate::engine::orphans::Orphans;
use crate::engine::sessions::{Session, Sessions};
use crate::engine::sink::EventSink;
use crate::engine::source::Devices;
use crate::model::{ConnectionId, TransferId};
use crate::s3::{S3Store, Timers};

/// What all upload threads share.
#[derive(Clone, Debug)]
pub(crate) struct UploadShared {
    pub(crate) patience: Patience,
    pub(crate) pool: BufferPool,
    pub(crate) sessions: Sessions,
    pub(crate) journal: Journal,
    pub(crate) orphans: Orphans,
    pub(crate) sink: EventSink,
    /// How batches that are to be public become so.
    pub(crate) public: PublicWays,
    /// To ask for what was stored as a stranger would.
    pub(crate) checks: Checks,
    /// Where files come from.
    pub(crate) devices: Devices,
    pub(crate) far: Far,
    /// A file that was changed while it was sent has to be quiet for so long.
    pub(crate) quiet_for: Duration,
    /// To the actor.
    pub(crate) news: UnboundedSender<(TransferId, UploadNews)>,
}

/// One upload thread's own things, for the tasks on it.
#[derive(Clone, Debug)]
pub(crate) struct ThreadContext {
    pub(crate) shared: UploadShared,
    /// To all threads.
    pub(crate) parts: async_channel::Sender<PartJob>,
    /// By how often the machine was asleep, and by session.
    stores: Arc<Mutex<BTreeMap<(u64, u64), S3Store>>>,
}

impl ThreadContext {
    /// This thread's store of a session, with its own connections. Its calls wait for the connection's health, and no longer than until `control`
    /// says stop.
    pub(crate) fn store(&self, session: &Session, control: &Control) -> S3Store {
        self.plain_store(session).gated(self.shared.patience.health.gate(&session.connection().id, control))
    }

    /// The tries of one piece of work.
    pub(crate) fn backoff(&self, connection: &ConnectionId, control: &Control) -> Backoff {
        Backoff::new(&self.shared.patience, connection, control)
    }

    fn plain_store(&self, session: &Session) -> S3Store {
        let wanted = (self.shared.patience.health.naps(), session.generation);
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(&wanted) {
            return store.clone();
        }
        let clock = Arc::clone(&self.shared.patience.clock);
        let timers = Timers::new(move |duration| clock.watch(duration));
        let store = session.store.beside(timers);
        // Both numbers only grow: the first are the ones that are not used any more.
        stores.retain(|(naps, _), _| *naps >= wanted.0);
        while stores.len() >= 8 {
            stores.pop_first();
        }
        stores.entry(wanted).or_insert(store).clone()
    }
}

/// The running threads. They end by themselves after [`UploadThreads::stop`], or when this is dropped.
#[derive(Debug)]
pub(crate) struct UploadThreads {
    files: async_channel::Sender<FileJob>,
    stop: CancellationToken,
    threads: Vec<JoinHandle<()>>,
}

impl UploadThreads {
    /// Starts `count` threads named `upload-N`.
    pub(crate) fn start(count: usize, shared: &UploadShared) -> io::Result<Self> {
        let (files, files_in) = async_channel::unbounded();
        let (parts, parts_in) = async_channel::unbounded();
        let stop = CancellationToken::new();
        let mut threads = Vec::new();
        for number in 0..count.max(1) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .thread_name(format!("upload-{number}-io"))
                .build()?;
            let context = ThreadContext { shared: shared.clone(), parts: parts.clone(), stores: Arc::default() };
            let (files_in, parts_in, stop) = (files_in.clone(), parts_in.clone(), stop.clone());
            let thread = std::thread::Builder::new().name(format!("upload-{number}")).spawn(move || {
                runtime.block_on(take_work(context, files_in, parts_in, stop));
                runtime.shutdown_background();
            })?;
            threads.push(thread);
        }
        Ok(Self { files, stop, threads })
    }

    /// Gives a file to whichever thread is free first.
    pub(crate) fn run(&self, job: FileJob) {
        // Fails only once every thread has ended, when nobody waits for an answer any more.
        self.files.try_send(job).ok();
    }

    /// Lets the threads end: no more work is taken, what runs is dropped.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// The threads, to be joined where waiting is allowed.
    pub(crate) fn take_threads(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.threads)
    }
}

impl Drop for UploadThreads {
    /// The threads end, and with them the last hold on the journal: the next engine can open it.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn take_work(
    context: ThreadContext,
    files: async_channel::Receiver<FileJob>,
    parts: async_channel::Receiver<PartJob>,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Ok(job) = parts.recv() => {
                tasks.spawn(run_part(context.clone(), job));
            }
            Ok(job) = files.recv() => {
                tasks.spawn(run_file(context.clone(), job));
            }
        }
    }
}
