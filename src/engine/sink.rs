//! The way of events to the front end. Every send wakes it, so that nobody can forget to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use tokio::sync::Notify;

use super::following::Followers;
use crate::model::{Event, Failure, Notice, TransfersView};

/// With more events than these unread, nothing is added to a long answer.
const FEW_UNREAD: usize = 64;

/// The engine's end; clones share the channel.
#[derive(Clone, Debug)]
pub(crate) struct EventSink {
    events: async_channel::Sender<Event>,
    /// The latest picture of the queue only: a front end that does not look piles nothing up.
    view: async_channel::Sender<Box<TransfersView>>,
    waker: Arc<Waker>,
    followers: Followers,
    crowd: Arc<Crowd>,
}

/// Events that nobody takes. None is dropped: whoever makes many of them waits instead.
#[derive(Debug)]
struct Crowd {
    /// So many that wait are too many.
    most: usize,
    /// Somebody waits until they are taken.
    is_told: AtomicBool,
    taken: Notify,
    /// The same for those that write long answers.
    taken_for_answers: Notify,
}

/// The front end's end.
#[derive(Debug)]
pub(crate) struct EventSource {
    events: async_channel::Receiver<Event>,
    view: async_channel::Receiver<Box<TransfersView>>,
    crowd: Arc<Crowd>,
}

/// A new channel that wakes `waker` with every event, and is crowded with so many that nobody has taken.
pub(crate) fn channel(waker: Waker, most_unread: usize) -> (EventSink, EventSource) {
    let (events, events_out) = async_channel::unbounded();
    let (view, view_out) = async_channel::bounded(1);
    let crowd = Arc::new(Crowd {
        most: most_unread,
        is_told: AtomicBool::new(false),
        taken: Notify::new(),
        taken_for_answers: Notify::new(),
    });
    let followers = Followers::default();
    let sink = EventSink { events, view, waker: Arc::new(waker), followers, crowd: Arc::clone(&crowd) };
    (sink, EventSource { events: events_out, view: view_out, crowd })
}

impl EventSink {
    /// Other processes that listen to uploads they handed over. What concerns these is told to them, too.
    pub(crate) fn followers(&self) -> &Followers {
        &self.followers
    }

    /// Whether so many events wait for the front end that no more should be made; if so, [`Self::room`] tells when that is
    /// over.
    pub(crate) fn is_crowded(&self) -> bool {
        let is_full = || self.events.len() >= self.crowd.most;
        if !is_full() {
            return false;
        }
        self.crowd.is_told.store(true, Ordering::SeqCst);
        // Taken just before that was said, nobody would tell.
        is_full()
    }

    /// Resolves when the front end has taken what was too much; never while nobody has asked.
    pub(crate) async fn room(&self) {
        self.crowd.taken.notified().await;
    }

    /// Resolves once the front end has taken nearly everything: for answers of many long events, each of which waits for
    /// this.
    pub(crate) async fn nearly_all_taken(&self) {
        loop {
            let taken = self.crowd.taken_for_answers.notified();
            if self.events.len() <= FEW_UNREAD || self.events.is_closed() {
                return;
            }
            taken.await;
        }
    }

    /// Sends an event. Once the front end is gone it is dropped.
    pub(crate) fn send(&self, event: Event) {
        self.followers.tell(&event);
        if self.events.try_send(event).is_ok() {
            self.waker.wake_by_ref();
        }
    }

    /// Sends a failure as a notice.
    pub(crate) fn notice_failure(&self, failure: Failure) {
        self.notice(Notice::failure(failure));
    }

    /// Sends a notice.
    pub(crate) fn notice(&self, notice: Notice) {
        self.send(Event::Notice(Box::new(notice)));
    }

    /// Replaces the picture of the queue.
    pub(crate) fn show(&self, view: TransfersView) {
        self.followers.tell_holds(&view.holds);
        if self.view.force_send(Box::new(view)).is_ok() {
            self.waker.wake_by_ref();
        }
    }
}

impl EventSource {
    /// Everything new, the picture of the queue last and at most once. Never blocks.
    pub(crate) fn drain(&self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            events.push(event);
        }
        self.crowd.taken_for_answers.notify_waiters();
        if self.crowd.is_told.swap(false, Ordering::SeqCst) {
            self.crowd.taken.notify_one();
        }
        if let Ok(view) = self.view.try_recv() {
            events.push(Event::Transfers(view));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_picture_is_kept() {
        let (sink, source) = channel(Waker::noop().clone(), 8);
        for linkable in 0..5 {
            sink.show(TransfersView { linkable, ..TransfersView::default() });
        }
        sink.send(Event::ShutdownComplete);
        let events = source.drain();
        assert_eq!(events.len(), 2);
        assert!(matches!(&events[1], Event::Transfers(view) if view.linkable == 4));
        assert!(source.drain().is_empty());
    }

    #[tokio::test]
    async fn whoever_makes_too_many_events_hears_when_they_are_taken() {
        let (sink, source) = channel(Waker::noop().clone(), 2);
        assert!(!sink.is_crowded());
        sink.send(Event::ShutdownComplete);
        assert!(!sink.is_crowded());
        sink.send(Event::ShutdownComplete);
        sink.send(Event::ShutdownComplete);
        assert!(sink.is_crowded());
        assert_eq!(source.drain().len(), 3, "none is lost");
        sink.room().await;
        assert!(!sink.is_crowded());
        // Nobody is woken who does not wait.
        sink.send(Event::ShutdownComplete);
        drop(source.drain());
        let woken = tokio::time::timeout(std::time::Duration::ZERO, sink.room()).await;
        assert!(woken.is_err());
    }

    #[tokio::test]
    async fn a_long_answer_waits_until_it_is_read() {
        let (sink, source) = channel(Waker::noop().clone(), 1000);
        (0..=FEW_UNREAD).for_each(|_| sink.send(Event::ShutdownComplete));
        let answer = sink.clone();
        let waits = tokio::spawn(async move { answer.nearly_all_taken().await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        assert_eq!(source.drain().len(), FEW_UNREAD + 1);
        waits.await.unwrap();
    }
}
