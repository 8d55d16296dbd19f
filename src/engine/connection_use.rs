//! Connections that transfers go through, when they are deleted or led elsewhere: only the actor knows its queue, so
//! that whoever changes a connection asks it, and lets it cancel what would otherwise be sent somewhere else.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::actor::{Actor, Flow};
use super::commands::run;
use super::tools::Tools;
use crate::model::{
    BucketName, Connection, ConnectionId, Event, Failure, FailureKind, OpenTransfers, QueueStake, RequestId, Selection,
    TransferAction,
};

/// For transfers to end that were cancelled.
const CANCEL_LIMIT: Duration = Duration::from_secs(30);
/// For what they have left on the server to be removed; afterwards nobody knows where it lies.
const CLEAN_LIMIT: Duration = Duration::from_secs(20);

/// What the actor is asked about a connection, or told.
#[derive(Debug)]
pub(super) enum UseQuestion {
    /// What its transfers would lose.
    Stake(ConnectionId, oneshot::Sender<QueueStake>),
    /// Cancels its transfers; answered once they have ended, with the tasks that clean up after them.
    Cancel(ConnectionId, oneshot::Sender<TaskTracker>),
    /// A bucket was made: uploads may wait for it.
    Made(ConnectionId, BucketName),
}

/// Asks the actor. Clones ask the same one.
#[derive(Clone, Debug)]
pub(crate) struct Uses(UnboundedSender<UseQuestion>);

/// Who waits for the transfers of a connection to end, and what cleans up after those of each.
#[derive(Debug, Default)]
pub(super) struct Cleaning {
    waiting: Vec<(ConnectionId, oneshot::Sender<TaskTracker>)>,
    tasks: BTreeMap<ConnectionId, TaskTracker>,
}

impl Uses {
    /// Questions go there.
    pub(super) fn new(questions: UnboundedSender<UseQuestion>) -> Self {
        Self(questions)
    }

    /// The user has made a bucket.
    pub(super) fn tell_made(&self, at: ConnectionId, bucket: BucketName) {
        // Nobody is there any more only when the engine ends.
        self.0.send(UseQuestion::Made(at, bucket)).ok();
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> UseQuestion) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        // Nobody is there any more only when the engine ends.
        let gone = || Failure::new(FailureKind::Cancelled);
        self.0.send(question(reply)).map_err(|_gone| gone())?;
        answer.await.map_err(|_gone| gone())
    }
}

impl Tools {
    /// Sees to the transfers of a connection before it is changed. With [`OpenTransfers::Cancel`] they have ended, and
    /// what they have left on the server is gone or given up, when this returns.
    ///
    /// # Errors
    /// `ConnectionInUse` if there are any and nothing was said of them, or if they do not end.
    pub(super) async fn settle_transfers(&self, connection: &Connection, open: OpenTransfers) -> Result<(), Failure> {
        let id = &connection.id;
        match open {
            OpenTransfers::Follow => Ok(()),
            OpenTransfers::Ask => {
                let stake = self.uses.ask(|reply| UseQuestion::Stake(id.clone(), reply)).await?;
                if stake.is_nothing() { Ok(()) } else { Err(in_use(connection, &stake)) }
            }
            OpenTransfers::Cancel => {
                let cancelled = self.uses.ask(|reply| UseQuestion::Cancel(id.clone(), reply));
                let cleaning = tokio::select! {
                    biased;
                    cleaning = cancelled => cleaning?,
                    () = self.clock.watch(CANCEL_LIMIT) => {
                        let stake = self.uses.ask(|reply| UseQuestion::Stake(id.clone(), reply)).await?;
                        return Err(in_use(connection, &stake));
                    }
                };
                cleaning.close();
                tokio::select! {
                    biased;
                    () = cleaning.wait() => {}
                    () = self.clock.watch(CLEAN_LIMIT) => {
                        tracing::warn!("a connection is changed before everything it had begun was cleaned up");
                    }
                }
                Ok(())
            }
        }
    }
}

fn in_use(connection: &Connection, stake: &QueueStake) -> Failure {
    let QueueStake { open, failed, .. } = stake;
    let detail = format!(
        "{} transfers have not ended ({} bytes), {} have failed ({} bytes)",
        open.transfers, open.bytes, failed.transfers, failed.bytes
    );
    Failure::new(FailureKind::ConnectionInUse)
        .with("connection", &connection.name)
        .with("open", open.transfers)
        .with("failed", failed.transfers)
        .detail(detail)
}

impl Actor {
    /// Somebody is about to change a connection, or has made a bucket.
    pub(super) fn take_use_question(&mut self, question: UseQuestion) -> Flow {
        match question {
            UseQuestion::Stake(connection, reply) => {
                let stake = self.stake(&Selection::Connection(connection));
                // Whoever has given up waiting needs no answer; the same below.
                reply.send(stake).ok();
            }
            UseQuestion::Cancel(connection, reply) => {
                let selection = Selection::Connection(connection.clone());
                self.act(&selection, TransferAction::Cancel);
                self.act(&selection, TransferAction::ForgetFailed);
                self.cleaning.waiting.push((connection, reply));
            }
            UseQuestion::Made(at, bucket) => self.bucket_was_made(&at, &bucket),
        }
        Flow::GoOn
    }

    /// Tells whoever waits for it that the transfers of a connection have ended.
    pub(super) fn answer_unused(&mut self) {
        for (connection, reply) in std::mem::take(&mut self.cleaning.waiting) {
            if reply.is_closed() {
                continue;
            }
            let selection = Selection::Connection(connection.clone());
            if self.queue.has_open_through(&connection) || self.is_still_found(&selection) {
                self.cleaning.waiting.push((connection, reply));
            } else {
                // Whoever else waits for this connection waits for the same.
                reply.send(self.cleaning.tasks.get(&connection).cloned().unwrap_or_default()).ok();
            }
        }
    }

    /// Tells when nothing is being removed from servers any more, or after a while: what is left is written down.
    pub(super) fn wait_for_cleaning(&self, request: RequestId) {
        let tasks: Vec<TaskTracker> = self.cleaning.tasks.values().cloned().collect();
        let tools = self.tools.clone();
        run(async move {
            let cleaned = async {
                for tasks in &tasks {
                    tasks.close();
                    tasks.wait().await;
                }
            };
            tokio::select! {
                biased;
                () = cleaned => {}
                () = tools.clock.watch(CLEAN_LIMIT) => {
                    tracing::warn!("not everything that was given up is removed yet");
                }
            }
            tools.sink.send(Event::ServersCleaned { request });
        });
    }

    /// A batch is about to go through a connection.
    pub(super) fn meet_connection(&mut self, connection: &ConnectionId) {
        if self.queue.meet(connection) {
            self.find_twins();
        }
    }

    /// Tells the queue which of its connections lead to the same buckets: uploads through them share those keys.
    pub(super) fn find_twins(&mut self) {
        let known: Vec<Connection> = self.queue.met().iter().filter_map(|id| self.tools.book.find(id).ok()).collect();
        let places = known.iter().enumerate().map(|(at, connection)| {
            let first = known.iter().position(|first| first.leads_to_same_buckets(connection));
            (connection.id.clone(), first.unwrap_or(at))
        });
        self.queue.lead_to(&places.collect());
    }

    /// Cleans up on a server after a transfer; whoever changes the connection waits for it.
    pub(super) fn clean_up(&mut self, connection: &ConnectionId, task: impl Future<Output = ()> + Send + 'static) {
        self.cleaning.tasks.entry(connection.clone()).or_default().spawn(task);
    }
}
