//! Scans that a disk or share holds up: nobody else waits for them, people are told, and a batch that is cancelled, or a
//! plan of an upload that is stopped, ends without them. The thread that hangs in the kernel is let go; what it finds
//! later, nobody takes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::far::{Far, SILENT_AFTER};
use super::scan::{ScanRequest, Scanned, scan};
use super::sink::EventSink;
use super::tools::Tools;
use crate::model::{BatchId, Failure, FailureKind};

/// A scan that was told to stop gets so long to tell what it has found.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The folder that a scan is in. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts(Arc<Mutex<PathBuf>>);

impl Whereabouts {
    /// The scan looks at this next.
    pub(crate) fn note(&self, path: &Path) {
        path.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn get(&self) -> PathBuf {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tools {
    /// Scans, and hands on what is found. The last part always comes, soon after `stop` at the latest.
    pub(crate) async fn scan(self, request: ScanRequest, found: Sender<Scanned>, stop: CancellationToken) {
        let (batch, at) = (request.batch, request.at.clone());
        let (to_us, parts) = mpsc::channel(1);
        let stopped = stop.clone();
        // Not waited for: it may never end.
        tokio::task::spawn_blocking(move || scan(request, &to_us, &stopped));
        Patient { clock: self.clock, far: self.far, sink: self.sink, batch, at }.hand_on(parts, &found, &stop).await;
    }
}

/// Who waits for a scan.
struct Patient {
    clock: Arc<dyn Clock>,
    far: Far,
    sink: EventSink,
    batch: BatchId,
    at: Whereabouts,
}

impl Patient {
    async fn hand_on(&self, mut parts: Receiver<Scanned>, found: &Sender<Scanned>, stop: &CancellationToken) {
        let mut is_told = false;
        loop {
            let last_words = async {
                stop.cancelled().await;
                self.clock.watch(LAST_WORDS).await;
            };
            let part = tokio::select! {
                biased;
                part = parts.recv() => match part {
                    Some(part) => part,
                    // The next start makes it again.
                    None => return tracing::error!("a scan has died"),
                },
                () = last_words => {
                    tracing::warn!(at = %self.at.get().display(), "a scan that hangs was left");
                    let (files, skipped, questions) = (Vec::new(), Vec::new(), Vec::new());
                    Scanned { batch: self.batch, files, skipped, questions, is_last: true }
                }
                () = self.clock.watch(SILENT_AFTER), if !is_told && !stop.is_cancelled() => {
                    is_told = true;
                    self.sink.notice_failure(silence(&self.far, &self.at.get()));
                    continue;
                }
            };
            let is_last = part.is_last;
            // Nobody listens any more only when the engine ends.
            if found.send(part).await.is_err() || is_last {
                break;
            }
            is_told = false;
        }
    }
}

/// What people are told of a scan that does not get any further.
fn silence(far: &Far, at: &Path) -> Failure {
    match far.share_of(at) {
        Some(share) => share.silence(),
        None => Failure::new(FailureKind::SourceSilent).with("share", at.display()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::Waker;

    use tokio::sync::Notify;

    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::engine::sink;
    use crate::model::Event;
    use crate::platform::{FarMount, Mounts};

    /// Each wait ends when the test says so.
    #[derive(Debug, Default)]
    struct Steps(Arc<Notify>);

    impl Clock for Steps {
        fn now(&self) -> jiff::Timestamp {
            SystemClock::new().now()
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let step = Arc::clone(&self.0);
            Box::pin(async move { step.notified().await })
        }
    }

    fn first_part(batch: BatchId) -> Scanned {
        Scanned { batch, files: Vec::new(), skipped: Vec::new(), questions: Vec::new(), is_last: false }
    }

    #[tokio::test]
    async fn a_scan_that_hangs_is_told_and_can_be_stopped() {
        let nas = || Mounts::of([FarMount { root: "/mnt/nas".into(), identity: String::new() }]);
        let (tick, batch) = (Arc::new(Notify::new()), BatchId::next());
        let clock: Arc<dyn Clock> = Arc::new(Steps(Arc::clone(&tick)));
        let (sink, events) = sink::channel(Waker::noop().clone(), usize::MAX);
        let at = Whereabouts::default();
        at.note(Path::new("/mnt/nas/photos"));
        let far = Far::new(Arc::clone(&clock), nas, |_root| {});
        let patient = Patient { clock, far, sink, batch, at };
        // The scan never lets go of its end.
        let (scans, parts) = mpsc::channel(1);
        let (found, mut heard) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let waiting = tokio::spawn(async move { patient.hand_on(parts, &found, &stopped).await });
        scans.send(first_part(batch)).await.unwrap();
        assert!(!heard.recv().await.unwrap().is_last);
        tick.notify_one();
        let told = loop {
            if let Some(Event::Notice(notice)) = events.drain().into_iter().next() {
                break format!("{:?}", notice.text);
            }
            tokio::task::yield_now().await;
        };
        assert!(told.contains("SourceSilent") && told.contains("\"/mnt/nas\""), "{told}");
        stop.cancel();
        tick.notify_one();
        assert!(heard.recv().await.unwrap().is_last, "nobody waits for it");
        waiting.await.unwrap();
        assert!(scans.is_closed(), "what it finds later, nobody takes");
    }
}
