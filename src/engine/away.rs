//! Files whose stick or share is away: they are put aside, the queue goes on with others, and now and then one of them is
//! tried. Once that works, all go on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::actor::{Actor, Flow, Sleep};
use super::following::Followers;
use super::queue::Queue;
use crate::model::{BatchId, ConnectionId, Failure, Selection, TransferAction, TransferId};

/// Between two tries.
const TRY_EVERY: Duration = Duration::from_secs(5);

/// What was put aside. A restart tries all of them anew, so nothing of it is written down.
#[derive(Debug, Default)]
pub(super) struct Away {
    /// Held like what the user has paused; the next one to be tried is first.
    aside: VecDeque<TransferId>,
    known: BTreeSet<TransferId>,
    /// The one that is tried.
    tried: Option<TransferId>,
    /// Why, of each batch that has some: the first of its files. Whoever comes to listen later is told of it, too.
    told: BTreeMap<BatchId, Failure>,
    /// What has been told since nothing was put aside: each kind of absence, and each share, once.
    noticed: Vec<Failure>,
    pub(super) timer: Option<Sleep>,
}

impl Away {
    /// Whether a transfer stands still because its source is away.
    pub(super) fn has(&self, id: TransferId) -> bool {
        self.known.contains(&id)
    }

    fn put(&mut self, id: TransferId) {
        if self.known.insert(id) {
            self.aside.push_back(id);
        }
    }

    /// These are not put aside any more; gives those that were.
    fn give_back(&mut self, is_meant: impl Fn(TransferId) -> bool) -> Vec<TransferId> {
        let mut given = Vec::new();
        self.aside.retain(|id| {
            let is_meant = is_meant(*id);
            if is_meant {
                given.push(*id);
                self.known.remove(id);
            }
            !is_meant
        });
        given
    }

    /// Whether a reason to put something aside is to be told.
    fn is_news(&mut self, failure: &Failure) -> bool {
        let share_of = |failure: &Failure| failure.args.iter().find(|(name, _)| *name == "share").cloned();
        if self.noticed.iter().any(|told| told.kind == failure.kind && share_of(told) == share_of(failure)) {
            return false;
        }
        self.noticed.push(failure.clone());
        true
    }

    /// The next one to be tried; none while another one is. One of a connection that is not closed, if there is any: the
    /// others would not run, and neither does one whose connection has been closed before its turn.
    fn next(&mut self, queue: &mut Queue, closed: &BTreeSet<ConnectionId>) -> Option<TransferId> {
        // One that the user has paused or cancelled before it ran proves nothing.
        self.tried = self.tried.filter(|id| queue.is_under_way(*id));
        let may_run = |queue: &Queue, id| {
            closed.is_empty() || queue.connection_of(id).is_none_or(|connection| !closed.contains(&connection))
        };
        if self.tried.is_some_and(|id| may_run(queue, id)) {
            return None;
        }
        while let Some(gone) = self.aside.pop_front_if(|id| !queue.is_paused(*id)) {
            self.known.remove(&gone);
        }
        let open = self.aside.iter().position(|id| queue.is_paused(*id) && may_run(queue, *id));
        if let Some(tried) = self.tried.take() {
            if open.is_none() || !queue.lay_back(tried) {
                self.tried = Some(tried);
                return None;
            }
            self.put(tried);
        }
        self.tried = self.aside.remove(open.unwrap_or_default());
        if let Some(id) = self.tried {
            self.known.remove(&id);
        }
        self.tried
    }

    /// The source of a transfer answers: if it was the one that was tried, gives all others.
    fn answered(&mut self, id: TransferId) -> VecDeque<TransferId> {
        if self.tried != Some(id) {
            return VecDeque::new();
        }
        self.tried = None;
        self.timer = None;
        self.known.clear();
        std::mem::take(&mut self.aside)
    }

    /// Files of a batch are away.
    fn tell_away(&mut self, followers: &Followers, batch: BatchId, failure: &Failure) {
        self.told.entry(batch).or_insert_with(|| failure.clone());
        followers.tell_away(Some(batch), Some(failure));
    }

    /// The files of a batch are not away any more, or somebody has decided about them; without a batch those of all.
    fn tell_back(&mut self, followers: &Followers, of: Option<BatchId>) {
        match of {
            Some(batch) => drop(self.told.remove(&batch)),
            None => self.told.clear(),
        }
        followers.tell_away(of, None);
    }

    /// Tells whoever has just come to listen to these batches which of them wait for a stick or share.
    pub(super) fn tell_joined(&self, followers: &Followers, batches: impl Iterator<Item = BatchId>) {
        for batch in batches {
            if let Some(failure) = self.told.get(&batch) {
                followers.tell_away(Some(batch), Some(failure));
            }
        }
    }
}

impl Actor {
    /// The source of a running transfer is away: it is put aside when its owner has ended, unless the user has paused or
    /// cancelled it meanwhile. Told once for
    /// each reason.
    pub(super) fn put_aside(&mut self, id: TransferId, failure: &Failure) {
        if self.away.aside.is_empty() && self.away.tried.is_none() {
            self.away.noticed.clear();
        }
        self.away.tried = self.away.tried.filter(|tried| *tried != id);
        if self.queue.put_aside(id) {
            if self.away.is_news(failure) {
                self.tools.sink.notice_failure(failure.clone());
            }
            self.away.put(id);
            if let Some(batch) = self.queue.batch_of(id) {
                self.away.tell_away(self.tools.sink.followers(), batch, failure);
            }
        }
        self.plan_try();
    }

    /// What the user says of transfers that are put aside holds: one that is paused does not go on by itself.
    pub(super) fn give_back(&mut self, selection: &Selection, action: TransferAction) {
        use TransferAction as A;
        if !matches!(action, A::Pause | A::Resume | A::Cancel | A::First) {
            return;
        }
        let queue = &self.queue;
        let given = self.away.give_back(|id| match selection {
            Selection::All => true,
            Selection::Batch(batch) => queue.batch_of(id) == Some(*batch),
            Selection::Connection(connection) => queue.connection_of(id).as_ref() == Some(connection),
            Selection::One(one) => *one == id,
        });
        let followers = self.tools.sink.followers();
        match selection {
            Selection::One(_) if !self.away.aside.is_empty() => {}
            Selection::Batch(batch) => self.away.tell_back(followers, Some(*batch)),
            Selection::Connection(connection) => {
                let is_its =
                    |batch: &BatchId| self.queue.target_of(*batch).is_some_and(|to| to.connection == *connection);
                for batch in self.queue.batch_ids().into_iter().filter(is_its) {
                    self.away.tell_back(followers, Some(batch));
                }
            }
            Selection::One(_) | Selection::All => self.away.tell_back(followers, None),
        }
        if action == A::Pause {
            let asks = self.queue.keep_paused(&given);
            self.carry_out(asks, None);
        }
    }

    fn plan_try(&mut self) {
        if self.away.timer.is_none() && !self.away.aside.is_empty() {
            let at = self.tools.clock.elapsed() + TRY_EVERY;
            self.away.timer = Some(Sleep::until(&*self.tools.clock, at));
        }
    }

    /// Time to try one of them.
    pub(super) fn try_source(&mut self) -> Flow {
        if let Some(id) = self.away.next(&mut self.queue, &self.health.closed()) {
            self.act_on_one(id);
        }
        self.plan_try();
        Flow::GoOn
    }

    /// A transfer's source can be read, or it has ended in a way that is not its source's: if it was the one that was
    /// tried, all others go on, too.
    pub(super) fn source_answers(&mut self, id: TransferId) {
        if self.away.tried == Some(id) {
            self.away.tell_back(self.tools.sink.followers(), None);
        }
        for id in self.away.answered(id) {
            if self.queue.is_paused(id) {
                self.act_on_one(id);
            }
        }
    }

    fn act_on_one(&mut self, id: TransferId) {
        let asks = self.queue.act(&Selection::One(id), TransferAction::Resume);
        self.carry_out(asks, None);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::engine::following::followed_queue;
    use crate::engine::queue::{Ask, BatchSpec, Ended, Folder, Naming, NewTransfer, Places};
    use crate::model::{
        AfterDownload, BatchStood, BucketName, Event, FailureKind, Location, Prefix, PutOptions, QueueHold,
        TransferKind, TransferState, UnfinishedBatch,
    };
    use crate::platform::Teller;

    /// A queue of so many files, all of which run.
    fn running(files: usize) -> (Queue, Vec<TransferId>) {
        let mut queue = Queue::journalled();
        let ids = push(&mut queue, "c", files);
        start(&mut queue, files);
        (queue, ids)
    }

    /// A batch of so many files through a connection.
    fn push(queue: &mut Queue, connection: &str, files: usize) -> Vec<TransferId> {
        let (batch, bucket) = (BatchId::next(), BucketName::new("bucket").unwrap());
        let to = Location { connection: ConnectionId::new(connection), bucket, prefix: Prefix::new("") };
        let spec = BatchSpec {
            kind: TransferKind::Upload,
            to,
            options: Arc::new(PutOptions::default()),
            local_root: std::path::PathBuf::new(),
            then: AfterDownload::Keep,
            started: Duration::ZERO,
            opened: Timestamp::UNIX_EPOCH,
        };
        queue.open_batch(batch, spec);
        let folder = Folder { path: "/stick".into(), key_prefix: String::new(), naming: Naming::Exact };
        let folder = Arc::new(folder);
        let file = |number: usize| NewTransfer {
            folder: Arc::clone(&folder),
            name: format!("f{number}").into(),
            key: None,
            size_bytes: 1 << 30,
            modified: None,
        };
        (0..files).map(|number| queue.push(batch, file(number)).unwrap()).collect()
    }

    fn start(queue: &mut Queue, files: usize) {
        for _ in 0..files {
            queue.next_ready(&Places::files(files)).unwrap();
        }
    }

    /// As the actor does it.
    fn put_aside(queue: &mut Queue, away: &mut Away, id: TransferId) {
        if queue.put_aside(id) {
            away.put(id);
        }
        queue.end(id, Ended::Stopped);
    }

    fn state(queue: &Queue, id: TransferId) -> TransferState {
        queue.shown(id).unwrap().row.state
    }

    fn act(queue: &mut Queue, id: TransferId, action: TransferAction) -> Vec<Ask> {
        queue.act(&Selection::One(id), action)
    }

    #[test]
    fn what_the_user_pauses_does_not_go_on_by_itself() {
        let (mut queue, ids) = running(3);
        let mut away = Away::default();
        // Paused while its source was just being found away.
        act(&mut queue, ids[0], TransferAction::Pause);
        for id in &ids {
            put_aside(&mut queue, &mut away, *id);
            assert_eq!(state(&queue, *id), TransferState::Paused);
        }
        assert!(!away.has(ids[0]) && away.has(ids[1]) && away.has(ids[2]));
        // Paused while it stood aside.
        let given = away.give_back(|id| id == ids[1]);
        assert_eq!(queue.keep_paused(&given), [Ask::NotePaused(ids[1])], "also after a restart");
        assert_eq!(away.next(&mut queue, &BTreeSet::new()), Some(ids[2]));
        assert!(away.answered(ids[2]).is_empty(), "nothing but the last one was put aside");
    }

    #[test]
    fn who_comes_to_listen_later_is_told_what_is_away_and_that_it_is_back() {
        let (mut away, followers) = (Away::default(), Followers::default());
        let to = Location {
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::new(""),
        };
        let batches = [BatchId::next(), BatchId::next(), BatchId::next()];
        let gone = |file: &str| Failure::new(FailureKind::SourceAway).with("path", file);
        away.tell_away(&followers, batches[0], &gone("/stick/1"));
        away.tell_away(&followers, batches[0], &gone("/stick/2"));
        away.tell_away(&followers, batches[1], &gone("/share/1"));
        away.tell_back(&followers, Some(batches[1]));

        let (teller, mut news) = Teller::for_test();
        let unfinished = batches.map(|batch| UnfinishedBatch {
            batch,
            to: to.clone(),
            connection: None,
            stood: BatchStood::Filled,
            open: 1,
            failed: 0,
            untold: 0,
        });
        followers.add_queue(&unfinished, teller);
        away.tell_joined(&followers, batches.into_iter());
        away.tell_back(&followers, None);
        let (queue, ours) = followed_queue(&news.try_recv().unwrap()).unwrap();
        assert_eq!(ours.len(), 3);
        let holds = std::iter::from_fn(|| news.try_recv().ok()).map(|words| match queue.event(&words) {
            Some(Event::Transfers(view)) => view.holds,
            other => panic!("{other:?}"),
        });
        assert_eq!(holds.collect::<Vec<_>>(), [vec![QueueHold::SourceAway(gone("/stick/1"))], Vec::new()]);
    }

    #[test]
    fn one_that_is_tried_and_never_runs_makes_room_for_the_next() {
        let (mut queue, ids) = running(3);
        let mut away = Away::default();
        for id in &ids {
            put_aside(&mut queue, &mut away, *id);
        }
        for (id, action) in [(ids[0], TransferAction::Cancel), (ids[1], TransferAction::Pause)] {
            assert_eq!(away.next(&mut queue, &BTreeSet::new()), Some(id));
            act(&mut queue, id, TransferAction::Resume);
            assert_eq!(away.next(&mut queue, &BTreeSet::new()), None, "it waits for its turn");
            act(&mut queue, id, action);
        }
        assert_eq!(away.next(&mut queue, &BTreeSet::new()), Some(ids[2]));
        act(&mut queue, ids[2], TransferAction::Resume);
        start(&mut queue, 1);
        assert_eq!(away.next(&mut queue, &BTreeSet::new()), None, "it runs");
    }

    #[test]
    fn one_whose_connection_is_closed_makes_room_for_those_of_others() {
        let mut queue = Queue::journalled();
        let (down, well) = (push(&mut queue, "down", 2), push(&mut queue, "well", 2));
        start(&mut queue, 4);
        let mut away = Away::default();
        for id in down.iter().chain(&well) {
            put_aside(&mut queue, &mut away, *id);
        }
        // Closed only once it waits for its turn.
        assert_eq!(away.next(&mut queue, &BTreeSet::new()), Some(down[0]));
        act(&mut queue, down[0], TransferAction::Resume);
        let closed = BTreeSet::from([ConnectionId::new("down")]);
        assert_eq!(away.next(&mut queue, &closed), Some(well[0]), "the first that can run");
        assert!(away.has(down[0]) && queue.is_paused(down[0]), "it is tried again later");
        act(&mut queue, well[0], TransferAction::Resume);
        assert_eq!(away.next(&mut queue, &closed), None, "it waits for its turn");
        start(&mut queue, 1);
        assert_eq!(away.answered(well[0]), [down[1], well[1], down[0]], "all go on");
    }

    #[test]
    fn where_every_connection_is_closed_one_waits_for_its_turn() {
        let (mut queue, ids) = running(2);
        let mut away = Away::default();
        for id in &ids {
            put_aside(&mut queue, &mut away, *id);
        }
        let closed = BTreeSet::from([ConnectionId::new("c")]);
        assert_eq!(away.next(&mut queue, &closed), Some(ids[0]));
        act(&mut queue, ids[0], TransferAction::Resume);
        assert_eq!(away.next(&mut queue, &closed), None);
        assert!(away.has(ids[1]) && queue.is_under_way(ids[0]));
    }
}
