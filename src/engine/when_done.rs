//! What goes with a busy queue and with its end: the machine stays awake, and afterwards sleeps or not.

use std::time::Duration;

use super::actor::{Actor, Flow, Sleep};
use super::commands::run;
use crate::model::{Event, Failure, FailureKind, KeepAwake, WhenDone};
use crate::platform::Awake;

/// Time to say no to the machine's sleep.
const COUNTDOWN_SECS: u64 = 30;

/// The end of the queue, and what follows.
#[derive(Debug, Default)]
pub(super) struct Ending {
    then: WhenDone,
    was_open: bool,
    awake: Option<Awake>,
    /// Seconds until the machine sleeps.
    countdown: Option<u64>,
    pub(super) timer: Option<Sleep>,
}

impl Actor {
    /// What follows when the queue is through.
    pub(super) fn set_when_done(&mut self, then: WhenDone) {
        self.when_done.then = then;
        if then != WhenDone::Sleep {
            self.stop_countdown();
        }
    }

    /// Notes whether there is anything to do, and tells the end of it once.
    pub(super) fn note_business(&mut self) {
        // What is paused, or waits for an answer, is not through.
        let is_open = self.queue.has_unended() || !self.batches.is_empty();
        // What waits for a line that will be there again may have no owner meanwhile.
        let will_move = || self.queue.is_busy() && self.health.waits_for_line(&self.queue.connections_with_work());
        let moves = !self.is_held() && (self.queue.has_owners() || will_move());
        let wants_awake = moves && self.tools.book.settings().keep_awake == KeepAwake::WhileBusy;
        if wants_awake && self.when_done.awake.is_none() {
            self.when_done.awake = Some((self.tools.keep_awake)());
        } else if !wants_awake && !self.queue.has_owners() {
            self.when_done.awake = None;
        }
        if is_open {
            self.stop_countdown();
        }
        if std::mem::replace(&mut self.when_done.was_open, is_open) && !is_open {
            let then = self.when_done.then;
            self.tools.sink.send(Event::QueueDone { then });
            if then == WhenDone::Sleep {
                self.when_done.countdown = Some(COUNTDOWN_SECS);
                self.tell_countdown();
            }
        }
    }

    fn tell_countdown(&mut self) {
        let next = self.tools.clock.elapsed() + Duration::from_secs(1);
        self.when_done.timer = self.when_done.countdown.map(|_| Sleep::until(&*self.tools.clock, next));
        self.tools.sink.send(Event::SleepsSoon { in_secs: self.when_done.countdown });
    }

    /// One second less.
    pub(super) fn count_down(&mut self) -> Flow {
        let Some(left) = self.when_done.countdown else { return Flow::GoOn };
        if left > 1 {
            self.when_done.countdown = Some(left - 1);
            self.tell_countdown();
            return Flow::GoOn;
        }
        self.when_done.countdown = None;
        self.when_done.then = WhenDone::Nothing;
        self.tools.sink.send(Event::SleepsSoon { in_secs: Some(0) });
        let (suspend, sink) = (self.tools.suspend, self.tools.sink.clone());
        run(async move {
            let slept = tokio::task::spawn_blocking(suspend).await;
            let failure = match slept {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_failure(),
                Err(error) => Failure::new(FailureKind::Internal).detail(error),
            };
            sink.notice_failure(failure);
        });
        Flow::GoOn
    }

    fn stop_countdown(&mut self) {
        if self.when_done.countdown.take().is_some() {
            self.tell_countdown();
        }
    }
}
