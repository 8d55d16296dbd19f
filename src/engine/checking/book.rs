//! What checks have found in the last minutes, and what uploads have just stored.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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

/// Whether the object of a question is still what it was when the question was asked. For as long as it is held, the
/// book marks it when the object changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Timely(Arc<AtomicBool>);

impl Timely {
    /// The object has changed meanwhile: what was found is about another one.
    pub(super) fn is_late(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
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
    /// Questions whose answers are not told yet.
    asked: Vec<(ObjectRef, Weak<AtomicBool>)>,
    /// Objects of whose links something was told, and that have not changed since. As many as were asked for.
    told: HashSet<ObjectRef>,
}

impl Pages {
    /// Whatever is being found out of these comes too late.
    fn outdate(&mut self, is_changed: impl Fn(&ObjectRef) -> bool) {
        self.asked.retain(|(object, answer)| {
            let Some(answer) = answer.upgrade() else { return false };
            let is_late = is_changed(object);
            if is_late {
                answer.store(true, Ordering::Release);
            }
            !is_late
        });
    }
}

impl Book {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, pages: Mutex::default() }
    }

    /// Tells the time.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
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

    /// To be taken before a check begins, and held until its answer is told.
    pub(super) fn begin(&self, object: &ObjectRef) -> Timely {
        let timely = Timely::default();
        let mut pages = self.pages();
        pages.asked.retain(|(_, answer)| answer.strong_count() > 0);
        pages.asked.push((object.clone(), Arc::downgrade(&timely.0)));
        timely
    }

    /// Remembers what was found, unless the object has changed since. What is not known is asked again.
    pub(super) fn keep(&self, check: &LinkCheck, timely: &Timely) {
        if matches!(check.verdict, Verdict::Unknown(_)) {
            return;
        }
        let now = self.clock.elapsed();
        let mut pages = self.pages();
        if !timely.is_late() {
            make_room(&mut pages.checks, now);
            pages.checks.insert(check.object.clone(), (now, check.clone()));
        }
    }

    /// Tells what was found, without what comes too late; a change that is told of the same objects comes before or
    /// after all of it. `tell` must not wait.
    pub(super) fn tell<T>(&self, found: Vec<(LinkCheck, Timely)>, tell: impl FnOnce(Vec<LinkCheck>) -> T) -> T {
        let mut pages = self.pages();
        let in_time = found.into_iter().filter(|(_, timely)| !timely.is_late());
        let checks: Vec<LinkCheck> = in_time.map(|(check, _)| check).collect();
        pages.told.extend(checks.iter().map(|check| check.object.clone()));
        tell(checks)
    }

    /// What an upload of the last minutes has stored.
    pub(super) fn stored(&self, object: &ObjectRef) -> Option<KnownObject> {
        let now = self.clock.elapsed();
        let pages = self.pages();
        pages.stored.get(object).filter(|(at, _)| holds(*at, now)).map(|(_, known)| known.clone())
    }

    /// An upload has stored an object, or may have. Whether something was told of the one that was there before.
    pub(super) fn note_changed(&self, object: ObjectRef, known: Option<KnownObject>) -> bool {
        let now = self.clock.elapsed();
        let mut pages = self.pages();
        pages.outdate(|asked| *asked == object);
        // Mostly nobody has asked, and each upload comes by here: what is empty is not worth a hash.
        if !pages.checks.is_empty() {
            pages.checks.remove(&object);
        }
        let was_told = !pages.told.is_empty() && pages.told.remove(&object);
        match known {
            Some(known) => {
                make_room(&mut pages.stored, now);
                pages.stored.insert(object, (now, known));
            }
            None => drop(pages.stored.remove(&object)),
        }
        was_told
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
        pages.outdate(is_there);
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
        book.keep(&check("a"), &book.begin(&a));
        book.note_changed(object("b"), Some(KnownObject::Missing));
        let settings = book.bucket(&a);
        book.keep(&check("a"), &book.begin(&a));
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
        book.keep(&check("a"), &book.begin(&a));
        book.keep(&check("b"), &book.begin(&b));
        assert!(book.check(&a, "https://x/k").is_some());
        assert!(book.check(&a, "https://other/k").is_none());
        let (under_way, other) = (book.begin(&a), book.begin(&b));
        book.note_changed(a.clone(), Some(KnownObject::Missing));
        assert!(book.check(&a, "https://x/k").is_none() && book.check(&b, "https://x/k").is_some());
        assert!(book.stored(&a).is_some());
        book.keep(&check("a"), &under_way);
        assert!(book.check(&a, "https://x/k").is_none(), "asked for before the upload ended");
        assert!(under_way.is_late() && !other.is_late(), "the other object is what it was");
        book.forget_bucket(&a.connection, &a.bucket);
        assert!(book.check(&b, "https://x/k").is_none() && book.stored(&a).is_none());
        assert!(other.is_late());
        let unknown = Verdict::Unknown(crate::model::UnknownBecause::Timeout);
        book.keep(&LinkCheck { verdict: unknown, ..check("a") }, &book.begin(&a));
        assert!(book.check(&a, "https://x/k").is_none());
    }

    #[test]
    fn only_answers_in_time_are_told_and_only_told_ones_are_taken_back() {
        let book = Book::new(Arc::new(SystemClock::new()));
        let (a, b) = (object("a"), object("b"));
        assert!(!book.note_changed(a.clone(), None), "nothing was told of it");
        let late = book.begin(&a);
        assert!(!book.note_changed(a.clone(), None));
        let in_time = book.begin(&b);
        let told = book.tell(vec![(check("a"), late), (check("b"), in_time)], |checks| checks);
        assert!(told.iter().map(|check| &check.object).eq([&b]));
        assert!(!book.note_changed(a, None) && book.note_changed(b.clone(), None));
        assert!(!book.note_changed(b, None), "once is enough");
    }
}
