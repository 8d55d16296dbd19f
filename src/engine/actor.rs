//! The actor: the only owner of the queue. Everything that happens comes to its loop, which has one arm for each
//! kind of thing; each arm is one call.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::Reporting;
use super::batches::BatchInfo;
use super::decisions::Decisions;
use super::download::{DownloadNews, DownloadShared};
use super::progress::TotalRate;
use super::queue::Queue;
use super::receipts::ReceiptLog;
use super::scan::Scanned;
use super::tools::Tools;
use super::transfers::Running;
use super::upload::{Kept, UploadNews, UploadShared, UploadThreads};
use crate::model::{BatchId, Command, RequestId, RowsWanted, TransferId};
use crate::platform::{InstanceServer, Request};

/// What comes in.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) commands: UnboundedReceiver<Command>,
    pub(super) uploads: UnboundedReceiver<(TransferId, UploadNews)>,
    pub(super) downloads: UnboundedReceiver<(TransferId, DownloadNews)>,
    pub(super) scanned: Receiver<Scanned>,
    pub(super) instance: Option<InstanceServer>,
}

/// The engine's state.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) tools: Tools,
    pub(super) reporting: Reporting,
    pub(super) queue: Queue,
    pub(super) upload_threads: UploadThreads,
    pub(super) upload_shared: UploadShared,
    pub(super) download_shared: DownloadShared,
    pub(super) scanned: Sender<Scanned>,
    /// Transfers with an owner.
    pub(super) running: BTreeMap<TransferId, Running>,
    /// Unfinished multipart uploads of transfers without one.
    pub(super) kept: BTreeMap<TransferId, Kept>,
    pub(super) batches: BTreeMap<BatchId, BatchInfo>,
    pub(super) decisions: Decisions,
    /// What finished uploads leave for receipts.
    pub(super) receipts: ReceiptLog,
    pub(super) rows_wanted: RowsWanted,
    pub(super) total: TotalRate,
    pub(super) picture: Picture,
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
    pub(super) timer: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
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
        loop {
            let flow = tokio::select! {
                command = inbox.commands.recv() => self.take_command(command),
                Some((id, news)) = inbox.uploads.recv() => self.take_upload_news(id, news),
                Some((id, news)) = inbox.downloads.recv() => self.take_download_news(id, news),
                Some(part) = inbox.scanned.recv() => self.take_scanned(part),
                request = next_request(&mut inbox.instance) => self.take_instance_request(request),
                () = due(&mut self.picture.timer) => self.show_transfers(),
            };
            if flow == Flow::Leave {
                break;
            }
            self.start_ready();
            self.report_finished_batches();
            self.plan_picture();
        }
        self.leave(inbox).await;
    }
}

async fn next_request(instance: &mut Option<InstanceServer>) -> Request {
    match instance {
        Some(server) => server.accept().await,
        None => pending().await,
    }
}

async fn due(timer: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>) {
    match timer {
        Some(sleep) => {
            sleep.await;
            *timer = None;
        }
        None => pending().await,
    }
}
