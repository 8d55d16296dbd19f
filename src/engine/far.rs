//! Files on shares. A question to a share may be answered late or never, and nothing gets a thread back that waits in the
//! kernel for one. So each share has a few threads of its own, which nobody waits for longer than the share may take: one
//! that hangs takes no thread of an upload, of another share, or of the engine with it.
//!
//! A share that answers nobody for a while is silent: it gets at most one more question at a time, until it has answered
//! any of them, also one that nobody waits for any more. Questions that wait for one of its threads are no sign of that:
//! behind a crowd each has to wait its turn, however promptly the share answers. One that nobody waits for any more is
//! dropped with all that it holds, unless it was begun.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::clock::Clock;
use crate::model::{Failure, FailureKind};
use crate::platform::{FarMount, Mounts, is_share_gone};

/// A share from which nothing at all has come for so long does not answer. Long enough for disks that have to spin up.
pub(crate) const SILENT_AFTER: Duration = Duration::from_secs(15);
/// No single question may take more of these in a row, counted once it was begun, whatever else the share answers.
const MOST_SILENCES: u32 = 4;
/// Threads of one share.
const MOST_THREADS: usize = 8;
/// A thread without work ends after so long.
const IDLE: Duration = Duration::from_secs(10);
/// What is mounted is looked up again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Folders that are remembered.
const MOST_FOLDERS: usize = 1000;

/// Finds the share that a file is on. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Far(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    mounts: fn() -> Mounts,
    before_each: fn(&Path),
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    read_at: Option<Duration>,
    mounts: Arc<Mounts>,
    folders: HashMap<PathBuf, Option<Share>>,
    shares: BTreeMap<FarMount, Share>,
}

impl Far {
    /// With what tells the mounts, and what is called on a share's thread before each question to it.
    pub(crate) fn new(clock: Arc<dyn Clock>, mounts: fn() -> Mounts, before_each: fn(&Path)) -> Self {
        Self(Arc::new(Inner { clock, mounts, before_each, known: Mutex::default() }))
    }

    /// The share that a folder is on; `None` on disks of this computer. Asks no share anything.
    pub(crate) fn share_of(&self, folder: &Path) -> Option<Share> {
        let mounts = {
            let mut known = lock(&self.0.known);
            known.look_again(&self.0);
            if !known.mounts.may_be_far() {
                return None;
            }
            if let Some(share) = known.folders.get(folder) {
                return share.clone();
            }
            Arc::clone(&known.mounts)
        };
        // Without the lock: this looks at links on disks.
        let mount = mounts.far_of(folder);
        let mut known = lock(&self.0.known);
        let share = mount.map(|mount| known.share(&self.0, &mount));
        if known.folders.len() >= MOST_FOLDERS {
            known.folders.clear();
        }
        known.folders.insert(folder.to_owned(), share.clone());
        share
    }
}

impl Known {
    fn look_again(&mut self, inner: &Inner) {
        let now = inner.clock.elapsed();
        if self.read_at.is_some_and(|at| now.saturating_sub(at) < LOOK_AGAIN) {
            return;
        }
        self.read_at = Some(now);
        self.mounts = Arc::new((inner.mounts)());
        self.folders.clear();
        let mounts = &self.mounts;
        self.shares.retain(|mount, _| mounts.has(mount));
    }

    fn share(&mut self, inner: &Inner, mount: &FarMount) -> Share {
        let made = || {
            let (clock, before_each) = (Arc::clone(&inner.clock), inner.before_each);
            Share(Arc::new(ShareInner {
                root: mount.root.clone(),
                clock,
                before_each,
                state: Mutex::default(),
                work: Condvar::new(),
            }))
        };
        self.shares.entry(mount.clone()).or_insert_with(made).clone()
    }
}

/// A share and its threads. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Share(Arc<ShareInner>);

#[derive(Debug)]
struct ShareInner {
    root: PathBuf,
    clock: Arc<dyn Clock>,
    before_each: fn(&Path),
    state: Mutex<State>,
    work: Condvar,
}

/// Something to be done on a share's thread.
trait Job: Send {
    /// Whether somebody waits for it.
    fn is_wanted(&self) -> bool;
    /// Does it, on this thread.
    fn run(self: Box<Self>, share: &Share);
}

/// A question to a share.
struct Question<T, W> {
    work: W,
    is_begun: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<T, Failure>>,
}

impl<T: Send, W: FnOnce() -> Result<T, Failure> + Send> Job for Question<T, W> {
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(self: Box<Self>, share: &Share) {
        let Self { work, is_begun, answer } = *self;
        is_begun.store(true, Ordering::Relaxed);
        let result = share.answers(|| (!answer.is_closed()).then(work));
        if let Some(result) = result {
            // Nobody may want to know any more.
            answer.send(result).ok();
        }
    }
}

/// Something to be dropped.
struct LetGo<T>(T);

impl<T: Send> Job for LetGo<T> {
    fn is_wanted(&self) -> bool {
        true
    }

    /// No answer: many a share closes files without its server.
    fn run(self: Box<Self>, share: &Share) {
        (share.0.before_each)(&share.0.root);
        drop(self.0);
    }
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Job>>,
    threads: usize,
    idle: usize,
    /// Questions that came back so far.
    answers: u64,
    is_silent: bool,
    is_tried: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("threads", &self.threads).field("idle", &self.idle).finish_non_exhaustive()
    }
}

impl Share {
    /// The folder that it is mounted at.
    pub(crate) fn root(&self) -> &Path {
        &self.0.root
    }

    /// What people are told when it does not answer.
    pub(crate) fn silence(&self) -> Failure {
        Failure::new(FailureKind::SourceSilent).with("share", self.0.root.display())
    }

    /// The same failure; that of a file that is missing is put down to the share if that is not there any more either.
    /// For a desktop's share in one mount with others the mount tells nothing: it stays when the share goes. Asks the
    /// share, so on one of its threads only.
    pub(crate) fn owns_missing(&self, failure: Failure) -> Failure {
        if failure.kind != FailureKind::SourceMissing {
            return failure;
        }
        let kind = if is_share_gone(&self.0.root) { FailureKind::SourceAway } else { failure.kind };
        Failure { kind, ..failure }
    }

    /// Asks the share something on a thread of its own: [`FailureKind::SourceSilent`] if it answers nobody any more, or not
    /// this. Dropped, nobody waits for the answer any more: what was not begun is dropped as well; what the kernel has begun
    /// goes on, and gives its memory back when it ends.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(_turn) = self.turn() else { return Err(self.silence()) };
        let (answer, answered) = oneshot::channel();
        let is_begun = Arc::new(AtomicBool::new(false));
        let mut asked = Asked { share: self, is_begun: Arc::clone(&is_begun), answered };
        self.run(Box::new(Question { work, is_begun, answer }));
        let mut silences = 0;
        while silences < MOST_SILENCES {
            let (before, was_begun) = (self.state().answers, asked.is_begun.load(Ordering::Relaxed));
            tokio::select! {
                biased;
                done = &mut asked.answered => {
                    return done.unwrap_or_else(|_died| Err(Failure::new(FailureKind::Internal)));
                }
                () = self.0.clock.watch(SILENT_AFTER) => {}
            }
            let mut state = self.state();
            if state.answers == before {
                state.is_silent = true;
                break;
            }
            silences += u32::from(was_begun);
        }
        tracing::warn!(share = %self.0.root.display(), "a share does not answer");
        Err(self.silence())
    }

    /// Lets go of something on one of its threads; nobody waits for that.
    pub(crate) fn let_go<T: Send + 'static>(&self, thing: T) {
        self.run(Box::new(LetGo(thing)));
    }

    /// Whether it may be asked; of a silent one only by one at a time, as long as there is a thread that may get stuck.
    fn turn(&self) -> Option<Turn> {
        let mut state = self.state();
        if !state.is_silent {
            return Some(Turn(None));
        }
        if state.is_tried || state.threads - state.idle >= MOST_THREADS {
            return None;
        }
        state.is_tried = true;
        Some(Turn(Some(self.clone())))
    }

    fn run(&self, job: Box<dyn Job>) {
        let mut state = self.state();
        state.waiting.push_back(job);
        if state.waiting.len() <= state.idle {
            self.0.work.notify_one();
        } else if state.threads < MOST_THREADS {
            state.threads += 1;
            drop(state);
            self.start_thread();
        }
    }

    fn start_thread(&self) {
        let share = self.clone();
        let thread = std::thread::Builder::new().name("share".to_owned()).spawn(move || share.work());
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread for a share");
            self.state().threads -= 1;
        }
    }

    fn work(&self) {
        let _count = Count(self);
        while let Some(job) = self.next_job(IDLE) {
            if job.is_wanted() {
                job.run(self);
            }
        }
    }

    /// Waits for the share; what has come from it is counted before anybody hears of it. `None` if nothing was asked after
    /// all, which is no answer.
    fn answers<T>(&self, work: impl FnOnce() -> Option<T>) -> Option<T> {
        (self.0.before_each)(&self.0.root);
        let result = work()?;
        let mut state = self.state();
        state.answers += 1;
        state.is_silent = false;
        Some(result)
    }

    /// `None` when there was nothing to do for a while: then this thread is counted no more. Under the same lock as the
    /// look for work, so that what comes next gets a thread of its own.
    fn next_job(&self, idle: Duration) -> Option<Box<dyn Job>> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state.idle += 1;
            let waited = self.0.work.wait_timeout_while(state, idle, |state| state.waiting.is_empty());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
        }
        let job = state.waiting.pop_front();
        if job.is_none() {
            state.threads -= 1;
        }
        job
    }

    /// Nobody waits for some questions any more: those that were not begun are dropped, with their buffers and files.
    fn drop_unwanted(&self) {
        let mut state = self.state();
        let (wanted, unwanted): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut state.waiting).into_iter().partition(|job| job.is_wanted());
        state.waiting = wanted;
        drop(state);
        // Without the lock: a file among them is let go of by this very share.
        drop(unwanted);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

/// Somebody who waits for an answer.
struct Asked<'a, T> {
    share: &'a Share,
    is_begun: Arc<AtomicBool>,
    answered: oneshot::Receiver<Result<T, Failure>>,
}

impl<T> Drop for Asked<'_, T> {
    fn drop(&mut self) {
        self.answered.close();
        if !self.is_begun.load(Ordering::Relaxed) {
            self.share.drop_unwanted();
        }
    }
}

/// The right to ask; of the one who tries a silent share, it is given back when that one has done.
struct Turn(Option<Share>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(share) = &self.0 {
            share.state().is_tried = false;
        }
    }
}

/// A thread that ends by a panic is not counted any more either.
struct Count<'a>(&'a Share);

impl Drop for Count<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state().threads -= 1;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "far_tests.rs"]
mod tests;
