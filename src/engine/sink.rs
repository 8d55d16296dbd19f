//! The way of events to the front end. Every send wakes it, so that nobody can forget to.

use std::sync::Arc;
use std::task::Waker;

use super::following::Followers;
use crate::model::{Event, Failure, Notice, TransfersView};

/// The engine's end; clones share the channel.
#[derive(Clone, Debug)]
pub(crate) struct EventSink {
    events: async_channel::Sender<Event>,
    /// The latest picture of the queue only: a front end that does not look piles nothing up.
    view: async_channel::Sender<Box<TransfersView>>,
    waker: Arc<Waker>,
    followers: Followers,
}

/// The front end's end.
#[derive(Debug)]
pub(crate) struct EventSource {
    events: async_channel::Receiver<Event>,
    view: async_channel::Receiver<Box<TransfersView>>,
}

/// A new channel that wakes `waker` with every event.
pub(crate) fn channel(waker: Waker) -> (EventSink, EventSource) {
    let (events, events_out) = async_channel::unbounded();
    let (view, view_out) = async_channel::bounded(1);
    let sink = EventSink { events, view, waker: Arc::new(waker), followers: Followers::default() };
    (sink, EventSource { events: events_out, view: view_out })
}

impl EventSink {
    /// Other processes that listen to uploads they handed over. What concerns these is told to them, too.
    pub(crate) fn followers(&self) -> &Followers {
        &self.followers
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
        let (sink, source) = channel(Waker::noop().clone());
        for linkable in 0..5 {
            sink.show(TransfersView { linkable, ..TransfersView::default() });
        }
        sink.send(Event::ShutdownComplete);
        let events = source.drain();
        assert_eq!(events.len(), 2);
        assert!(matches!(&events[1], Event::Transfers(view) if view.linkable == 4));
        assert!(source.drain().is_empty());
    }
}
