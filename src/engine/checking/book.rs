//! What checks have found in the last minutes, and what uploads have just stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::engine::clock::Clock;
use crate::model::{BucketFacts, BucketName, ConnectionId, KnownObject, LinkCheck, ObjectRef, PolicyStanding, Verdict};

/// What was found holds for so long.
const HOLDS_FOR: Duration = Duration::from_mins(3);
/// Most links and objects that are remembered; then those that hold no more go, and if need be all.
const MOST: usize = 20_000;

type Place = (ConnectionId, BucketName);

/// The settings of one bucket, asked for once however many links need them.
#[derive(Debug, Default)]
pub(super) struct BucketCells {
    pub(super) facts: OnceCell<BucketFacts>,
    pub(super) standing: OnceCell<PolicyStanding>,
}

/// Remembers. Locks are held for a look only.
#[derive(Debug)]
pub(super) struct Book {
    clock: Arc<dyn Clock>,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    checks: HashMap<ObjectRef, (Duration, LinkCheck)>,
    stored: HashMap<ObjectRef, (Duration, KnownObject)>,
    buckets: HashMap<Place, (Duration, Arc<BucketCells>)>,
    /// Grows with everything that makes older answers worthless.
    epochs: HashMap<Place, u64>,
}

impl Book {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, pages: Mutex::default() }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found at this very address, if that still holds.
    pub(super) fn check(&self, object: &ObjectRef, address: &str) -> Option<LinkCheck> {
        let now = self.clock.elapsed();
        let pages = self.pages();
        let (at, check) = pages.checks.get(object)?;
        (holds(*at, now) && check.address == address).then(|| check.clone())
    }

    /// To be taken before a check begins.
    pub(super) fn epoch(&self, object: &ObjectRef) -> u64 {
        self.pages().epochs.get(&place(object)).copied().unwrap_or_default()
    }

    /// Remembers what was found, unless the bucket has changed since. What is not known is asked again.
    pub(super) fn keep(&self, check: &LinkCheck, epoch: u64) {
        if matches!(check.verdict, Verdict::Unknown(_)) {
            return;
        }
        let now = self.clock.elapsed();
        let mut pages = self.pages();
        if pages.epochs.get(&place(&check.object)).copied().unwrap_or_default() == epoch {
            make_room(&mut pages.checks, now);
            pages.checks.insert(check.object.clone(), (now, check.clone()));
        }
    }

    /// What an upload of the last minutes has stored.
    pub(super) fn stored(&self, object: &ObjectRef) -> Option<KnownObject> {
        let now = self.clock.elapsed();
        let pages = self.pages();
        pages.stored.get(object).filter(|(at, _)| holds(*at, now)).map(|(_, known)| known.clone())
    }

    pub(super) fn note_stored(&self, object: ObjectRef, known: KnownObject) {
        let now = self.clock.elapsed();
        let mut pages = self.pages();
        *pages.epochs.entry(place(&object)).or_default() += 1;
        pages.checks.remove(&object);
        make_room(&mut pages.stored, now);
        pages.stored.insert(object, (now, known));
    }

    /// What an upload has stored is there no more, or is something else now.
    pub(super) fn forget_stored(&self, object: &ObjectRef) {
        self.pages().stored.remove(object);
    }

    pub(super) fn forget_bucket(&self, connection: &ConnectionId, bucket: &BucketName) {
        let mut pages = self.pages();
        let place = (connection.clone(), bucket.clone());
        let is_there = |object: &ObjectRef| object.connection == place.0 && object.bucket == place.1;
        pages.checks.retain(|object, _| !is_there(object));
        pages.stored.retain(|object, _| !is_there(object));
        pages.buckets.remove(&place);
        *pages.epochs.entry(place).or_default() += 1;
    }

    /// The settings of a bucket, asked for already or not.
    pub(super) fn bucket(&self, object: &ObjectRef) -> Arc<BucketCells> {
        let now = self.clock.elapsed();
        let mut pages = self.pages();
        let (at, cells) = pages.buckets.entry(place(object)).or_insert_with(|| (now, Arc::default()));
        if !holds(*at, now) {
            (*at, *cells) = (now, Arc::default());
        }
        Arc::clone(cells)
    }

    /// The settings of a bucket are asked for anew.
    pub(super) fn forget_settings(&self, object: &ObjectRef) {
        self.pages().buckets.remove(&place(object));
    }
}

fn place(object: &ObjectRef) -> Place {
    (object.connection.clone(), object.bucket.clone())
}

fn holds(at: Duration, now: Duration) -> bool {
    now.saturating_sub(at) < HOLDS_FOR
}

fn make_room<T>(page: &mut HashMap<ObjectRef, (Duration, T)>, now: Duration) {
    if page.len() >= MOST {
        page.retain(|_, (at, _)| holds(*at, now));
    }
    if page.len() >= MOST {
        page.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SystemClock;
    use crate::model::{LinkKind, ObjectKey};

    fn object(key: &str) -> ObjectRef {
        let bucket = BucketName::new("b").unwrap();
        ObjectRef { connection: ConnectionId::new("c"), bucket, key: ObjectKey::new(key) }
    }

    fn check(key: &str) -> LinkCheck {
        LinkCheck {
            object: object(key),
            kind: LinkKind::Public,
            verdict: Verdict::Public,
            status: Some(200),
            address: "https://x/k".into(),
            checked_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// A clock that stands where it is set.
    #[derive(Debug, Default)]
    struct SetClock(Mutex<Duration>);

    impl Clock for SetClock {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        fn sleep(&self, _duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn what_was_found_holds_for_three_minutes() {
        let clock = Arc::new(SetClock::default());
        let book = Book::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let a = object("a");
        book.keep(&check("a"), book.epoch(&a));
        book.note_stored(object("b"), KnownObject::Missing);
        let settings = book.bucket(&a);
        book.keep(&check("a"), book.epoch(&a));
        for (secs, holds) in [(179, true), (180, false)] {
            *clock.0.lock().unwrap() = Duration::from_secs(secs);
            assert_eq!(book.check(&a, "https://x/k").is_some(), holds, "{secs} s");
            assert_eq!(book.stored(&object("b")).is_some(), holds, "{secs} s");
            assert_eq!(Arc::ptr_eq(&settings, &book.bucket(&a)), holds, "{secs} s");
        }
    }

    #[test]
    fn what_changes_makes_older_answers_worthless() {
        let book = Book::new(Arc::new(SystemClock::new()));
        let (a, b) = (object("a"), object("b"));
        book.keep(&check("a"), book.epoch(&a));
        book.keep(&check("b"), book.epoch(&b));
        assert!(book.check(&a, "https://x/k").is_some());
        assert!(book.check(&a, "https://other/k").is_none());
        let under_way = book.epoch(&a);
        book.note_stored(a.clone(), KnownObject::Missing);
        assert!(book.check(&a, "https://x/k").is_none() && book.check(&b, "https://x/k").is_some());
        assert!(book.stored(&a).is_some());
        book.keep(&check("a"), under_way);
        assert!(book.check(&a, "https://x/k").is_none(), "asked for before the upload ended");
        book.forget_bucket(&a.connection, &a.bucket);
        assert!(book.check(&b, "https://x/k").is_none() && book.stored(&a).is_none());
        let unknown = Verdict::Unknown(crate::model::UnknownBecause::Timeout);
        book.keep(&LinkCheck { verdict: unknown, ..check("a") }, book.epoch(&a));
        assert!(book.check(&a, "https://x/k").is_none());
    }
}
