//! The actor: the only owner of the queue. Everything that happens comes to its loop, which has one arm for each
//! kind of thing; each arm is one call.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::Reporting;
use super::away::Away;
use super::batches::BatchInfo;
use super::clock::Clock;
use super::connection_use::{Cleaning, UseQuestion};
use super::decisions::Decisions;
use super::download::{DownloadNews, DownloadShared};
use super::handed::Handed;
use super::health::HealthBook;
use super::holding::Holding;
use super::journal::{BatchRow, Journal, JournalHealth, Restored};
use super::late_journal;
use super::missing_buckets::MissingBuckets;
use super::orphans::Orphans;
use super::pasted::Pasted;
use super::progress::TotalRate;
use super::queue::{Folder, Queue};
use super::receipts::ReceiptLog;
use super::recovery::{Rest, Wake};
use super::scan::Scanned;
use super::sessions::SessionNews;
use super::standing::Standing;
use super::telling::WalksAgain;
use super::tools::Tools;
use super::transfers::{Outcome, Running};
use super::upload::{Earlier, Kept, UploadNews, UploadShared, UploadThreads};
use super::when_done::Ending;
use crate::model::{BatchId, Command, Location, RequestId, RowsWanted, TransferId};
use crate::platform::{InstanceServer, Request};

/// What small uploads tell is taken together, so that looking after the queue is paid for once.
const MOST_AT_ONCE: usize = 256;

/// What comes in.
pub(super) struct Inbox {
    pub(super) commands: UnboundedReceiver<Command>,
    pub(super) uploads: UnboundedReceiver<(TransferId, UploadNews)>,
    pub(super) downloads: UnboundedReceiver<(TransferId, DownloadNews)>,
    pub(super) scanned: Receiver<Scanned>,
    pub(super) instance: Option<InstanceServer>,
    /// What the journal was asked to record and has.
    pub(super) recorded: UnboundedReceiver<TransferId>,
    pub(super) journal_health: watch::Receiver<JournalHealth>,
    /// What an earlier run has left, until it is back in the queue.
    pub(super) restored: Option<Box<Restored>>,
    /// The same, where the journal could not be opened yet.
    pub(super) late: Option<UnboundedReceiver<Box<Restored>>>,
    /// When that goes on.
    pub(super) wake: Wake,
    pub(super) sessions: UnboundedReceiver<SessionNews>,
    /// What those ask who are about to change one.
    pub(super) uses: UnboundedReceiver<UseQuestion>,
}

/// The engine's state.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) tools: Tools,
    pub(super) reporting: Reporting,
    /// How the engine was started on the queue of an earlier run.
    pub(super) wake: Wake,
    pub(super) journal: Journal,
    /// What was asked of the queue before the journal could be opened; `None` once it is, or where there is none.
    pub(super) asked_early: Option<Vec<Command>>,
    pub(super) orphans: Orphans,
    pub(super) queue: Queue,
    pub(super) upload_threads: UploadThreads,
    pub(super) upload_shared: UploadShared,
    pub(super) download_shared: DownloadShared,
    pub(super) scanned: Sender<Scanned>,
    /// Transfers with an owner.
    pub(super) running: BTreeMap<TransferId, Running>,
    /// Unfinished multipart uploads of transfers without one.
    pub(super) kept: BTreeMap<TransferId, Kept>,
    /// What else an earlier run has left open.
    pub(super) earlier: BTreeMap<TransferId, Earlier>,
    /// Results of transfers whose end is being written down.
    pub(super) recording: BTreeMap<TransferId, Outcome>,
    /// Transfers that were cancelled while they waited, whose end is being written down; by the first of each list.
    pub(super) cancelling: BTreeMap<TransferId, Vec<TransferId>>,
    /// Numbers of the folders that were journalled last.
    pub(super) folders: VecDeque<(Arc<Folder>, u32)>,
    pub(super) last_folder: u32,
    pub(super) journal_health: watch::Receiver<JournalHealth>,
    pub(super) batches: BTreeMap<BatchId, BatchInfo>,
    /// Uploads of other processes that are being written down, by the token of each.
    pub(super) handed: BTreeMap<TransferId, Handed>,
    /// Batches of an earlier run whose scan has to be made again, once the queue may go on.
    pub(super) unfilled: Vec<BatchRow>,
    /// Those whose scan is made again for a command.
    pub(super) walks: WalksAgain,
    /// What of an earlier run's queue could not be read yet.
    pub(super) unread: Option<Box<Rest>>,
    pub(super) decisions: Decisions,
    /// What finished uploads leave for receipts.
    pub(super) receipts: ReceiptLog,
    /// Where batches went that are through, also those of earlier runs that the journal still has.
    pub(super) ended_batches: BTreeMap<BatchId, Location>,
    pub(super) rows_wanted: RowsWanted,
    pub(super) total: TotalRate,
    pub(super) picture: Picture,
    /// Which connections can be used.
    pub(super) health: HealthBook,
    pub(super) holding: Holding,
    /// Buckets that uploads have not found.
    pub(super) missing_buckets: MissingBuckets,
    /// What the journal has of it.
    pub(super) standing: Standing,
    pub(super) when_done: Ending,
    /// Files whose device is not there.
    pub(super) away: Away,
    /// Images that are uploaded from files of the program's own.
    pub(super) pasted: Pasted,
    /// What is removed from servers after transfers, and who waits for that.
    pub(super) cleaning: Cleaning,
    /// Counts and deletions that can be stopped.
    pub(super) stoppable: BTreeMap<RequestId, (CancellationToken, AbortHandle)>,
    /// The latest listing; a newer one takes its place.
    pub(super) listing: Option<AbortHandle>,
    /// The latest look at an object.
    pub(super) inspecting: Option<AbortHandle>,
}

/// When the picture of the queue is painted again: at most ten times a second, never while nothing changes.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) is_stale: bool,
    pub(super) last_shown: Option<Duration>,
    pub(super) timer: Option<Sleep>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("is_stale", &self.is_stale).finish_non_exhaustive()
    }
}

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    GoOn,
    Leave,
}

impl Actor {
    /// Runs until told to leave, or until the front end is gone.
    pub(super) async fn run(mut self, mut inbox: Inbox) {
        let (health, journal, sink) = (self.health.clone(), self.journal.clone(), self.tools.sink.clone());
        if let Some(restored) = inbox.restored.take() {
            tokio::task::block_in_place(|| self.restore(*restored, inbox.wake));
            // A command beside the window knows nothing of the window's uploads.
            if inbox.instance.is_some() {
                self.clear_old_pasted();
            }
            self.after_each_turn();
        }
        let (mut news, mut recorded) = (Vec::new(), Vec::new());
        loop {
            let flow = tokio::select! {
                command = inbox.commands.recv() => self.take_command(command),
                1.. = inbox.uploads.recv_many(&mut news, MOST_AT_ONCE) => {
                    for (id, news) in news.drain(..) {
                        self.take_upload_news(id, news);
                    }
                    Flow::GoOn
                }
                Some((id, news)) = inbox.downloads.recv() => self.take_download_news(id, news),
                // While nothing can be written down, scans wait: what they find has to be kept somewhere.
                Some(part) = next_scanned(&journal, &mut inbox.scanned), if !self.is_stalled() && !self.is_unheard() => {
                    self.take_scanned(part)
                }
                1.. = inbox.recorded.recv_many(&mut recorded, MOST_AT_ONCE) => {
                    for id in recorded.drain(..) {
                        self.take_recorded(id);
                    }
                    Flow::GoOn
                }
                Ok(()) = inbox.journal_health.changed() => self.take_journal_health(),
                Some(restored) = late_journal::opened(&mut inbox.late) => self.take_late(*restored, inbox.wake),
                // What waited for the front end goes on after this turn.
                () = sink.room() => Flow::GoOn,
                request = next_request(&mut inbox.instance) => self.take_instance_request(request),
                () = Sleep::due(&mut self.picture.timer) => self.show_transfers(),
                () = health.changed() => self.look_around(),
                () = Sleep::due(&mut self.holding.tick) => self.look_around(),
                () = Sleep::due(&mut self.when_done.timer) => self.count_down(),
                () = Sleep::due(&mut self.away.timer) => self.try_source(),
                Some(news) = inbox.sessions.recv() => self.take_session_news(news),
                Some(question) = inbox.uses.recv() => self.take_use_question(question),
            };
            if flow == Flow::Leave {
                break;
            }
            self.after_each_turn();
        }
        self.leave(inbox).await;
    }

    fn after_each_turn(&mut self) {
        self.start_ready();
        self.report_finished_batches();
        self.answer_unused();
        self.plan_look();
        self.note_business();
        self.plan_picture();
    }
}

/// The next part of a scan, once the journal has room for it: a disk that hangs must not fill the memory.
async fn next_scanned(journal: &Journal, scanned: &mut Receiver<Scanned>) -> Option<Scanned> {
    journal.room().await;
    scanned.recv().await
}

async fn next_request(instance: &mut Option<InstanceServer>) -> Request {
    match instance {
        Some(server) => server.accept().await,
        None => pending().await,
    }
}

/// A timer of the actor.
pub(super) struct Sleep {
    at: Duration,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Sleep {
    /// Until an instant of the engine's clock.
    pub(super) fn until(clock: &dyn Clock, at: Duration) -> Self {
        Self { at, future: clock.sleep(at.saturating_sub(clock.elapsed())) }
    }

    pub(super) fn at(&self) -> Duration {
        self.at
    }

    /// Resolves when a timer has run out, and takes it away; never without one.
    async fn due(timer: &mut Option<Self>) {
        match timer {
            Some(sleep) => {
                sleep.future.as_mut().await;
                *timer = None;
            }
            None => pending().await,
        }
    }
}

impl std::fmt::Debug for Sleep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sleep").field("at", &self.at).finish_non_exhaustive()
    }
}
