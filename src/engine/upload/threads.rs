//! The upload threads: each has one current-thread runtime and clients of its own, since waking tasks across
//! threads costs as much as signing a small request does.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;
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
use crate::engine::health::Seat;
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
    seat: Seat,
    /// To all threads.
    pub(crate) parts: async_channel::Sender<PartJob>,
    /// By how often the machine was asleep, and by session.
    stores: Arc<Mutex<BTreeMap<(u64, u64), S3Store>>>,
}

impl ThreadContext {
    /// This thread's store of a session, with its own connections. Its calls wait for the connection's health, and no
    /// longer than until `control` says stop.
    pub(crate) fn store(&self, session: &Session, control: &Control) -> S3Store {
        let health = &self.shared.patience.health;
        self.plain_store(session).gated(health.gate_of_thread(&session.connection().id, control, self.seat))
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
        let count = count.max(1);
        let loads = Arc::new(Loads::new(count));
        for number in 0..count {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .thread_name(format!("upload-{number}-io"))
                .build()?;
            let context = ThreadContext {
                shared: shared.clone(),
                seat: Seat { number, of: count },
                parts: parts.clone(),
                stores: Arc::default(),
            };
            let inlet = Inlet {
                number,
                loads: Arc::clone(&loads),
                files: files_in.clone(),
                parts: parts_in.clone(),
                stop: stop.clone(),
            };
            let thread = std::thread::Builder::new().name(format!("upload-{number}")).spawn(move || {
                runtime.block_on(take_work(context, inlet));
                runtime.shutdown_background();
            })?;
            threads.push(thread);
        }
        Ok(Self { files, stop, threads })
    }

    /// Gives a file to whichever thread carries little and is free first.
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

/// What each thread carries. A thread leaves new work to others that carry less: whatever stands behind one core is time
/// that another core spends idle, and connections that nobody needs.
#[derive(Debug)]
struct Loads {
    carried: Vec<AtomicUsize>,
    /// Threads that leave work to others.
    held: AtomicUsize,
    changed: Notify,
}

impl Loads {
    fn new(threads: usize) -> Self {
        Self {
            carried: (0..threads).map(|_| AtomicUsize::new(0)).collect(),
            held: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// Whether a thread may take one more. It may come to carry two more than the least: threads that take turns for each
    /// small file would wake one another all the time.
    fn may_take(&self, number: usize) -> bool {
        let carried = |thread: &AtomicUsize| thread.load(Ordering::SeqCst);
        let least = self.carried.iter().map(carried).min().unwrap_or_default();
        self.carried.get(number).is_none_or(|own| carried(own) <= least + 1)
    }

    fn changed(&self) {
        if self.held.load(Ordering::SeqCst) > 0 {
            self.changed.notify_waiters();
        }
    }

    /// Resolves when a thread that left work to others may take some again. Dropping it early harms nothing.
    async fn wait_for_turn(&self, number: usize) {
        let _held = Held::of(self);
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Before looking, so that nothing is missed in between.
            changed.as_mut().enable();
            if self.may_take(number) {
                return;
            }
            changed.await;
        }
    }
}

/// A thread that leaves work to others.
struct Held<'a>(&'a Loads);

impl<'a> Held<'a> {
    fn of(loads: &'a Loads) -> Self {
        loads.held.fetch_add(1, Ordering::SeqCst);
        Self(loads)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One piece of work that a thread carries, until this is dropped.
struct Carried {
    loads: Arc<Loads>,
    number: usize,
}

impl Carried {
    fn by(loads: &Arc<Loads>, number: usize) -> Self {
        if let Some(own) = loads.carried.get(number) {
            own.fetch_add(1, Ordering::SeqCst);
        }
        loads.changed();
        Self { loads: Arc::clone(loads), number }
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if let Some(own) = self.loads.carried.get(self.number) {
            own.fetch_sub(1, Ordering::SeqCst);
        }
        self.loads.changed();
    }
}

/// What a thread takes its work from.
struct Inlet {
    number: usize,
    loads: Arc<Loads>,
    files: async_channel::Receiver<FileJob>,
    parts: async_channel::Receiver<PartJob>,
    stop: CancellationToken,
}

async fn take_work(context: ThreadContext, inlet: Inlet) {
    let Inlet { number, loads, files, parts, stop } = inlet;
    let tasks = TaskTracker::new();
    loop {
        let may_take = loads.may_take(number);
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = loads.wait_for_turn(number), if !may_take => {}
            Ok(job) = parts.recv(), if may_take => {
                let (carried, context) = (Carried::by(&loads, number), context.clone());
                tasks.spawn(async move {
                    run_part(context, job).await;
                    drop(carried);
                });
            }
            Ok(job) = files.recv(), if may_take => {
                let (carried, context) = (Carried::by(&loads, number), context.clone());
                tasks.spawn(async move {
                    run_file(context, job).await;
                    drop(carried);
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_to_whoever_carries_less() {
        let loads = Arc::new(Loads::new(2));
        let mut first: Vec<Carried> = Vec::new();
        while loads.may_take(0) {
            first.push(Carried::by(&loads, 0));
        }
        assert_eq!(first.len(), 2, "one more than the other, and the one that was allowed by that");
        let second = Carried::by(&loads, 1);
        assert!(loads.may_take(0) && loads.may_take(1));
        drop(second);
        assert!(!loads.may_take(0));
        drop(first);
        assert!(loads.may_take(0));
    }

    #[tokio::test]
    async fn a_thread_that_waits_for_its_turn_hears_of_it() {
        let loads = Arc::new(Loads::new(2));
        let mut carried: Vec<_> = (0..3).map(|_| Carried::by(&loads, 0)).collect();
        let turn = tokio::spawn({
            let loads = Arc::clone(&loads);
            async move { loads.wait_for_turn(0).await }
        });
        while loads.held.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        carried.pop();
        assert!(!loads.may_take(0));
        let other = Carried::by(&loads, 1);
        turn.await.unwrap();
        assert_eq!(loads.held.load(Ordering::SeqCst), 0);
        drop(other);
    }
}
