//! Tests of shares that are slow, and of what is left of questions that nobody waits for.

use std::pin::Pin;
use std::sync::mpsc;
use std::task::Poll;

use futures_util::poll;

use super::*;
use crate::engine::clock::SystemClock;
use crate::engine::source::SourceFile;

/// More silences than any question may take.
const BEFORE_OURS: usize = 12;

/// Time passes when the test says so; whoever waits looks when the test does.
#[derive(Debug, Default)]
struct Hand(Mutex<Duration>);

impl Hand {
    fn pass_a_silence(&self) {
        *lock(&self.0) += SILENT_AFTER;
    }
}

#[derive(Clone, Debug)]
struct HandClock(Arc<Hand>);

impl Clock for HandClock {
    fn now(&self) -> jiff::Timestamp {
        SystemClock::new().now()
    }

    fn elapsed(&self) -> Duration {
        *lock(&self.0.0)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (clock, until) = (self.clone(), self.elapsed() + duration);
        Box::pin(std::future::poll_fn(move |_cx| if clock.elapsed() < until { Poll::Pending } else { Poll::Ready(()) }))
    }
}

fn share() -> (Share, Arc<Hand>) {
    share_of(|| Mounts::of([FarMount { root: "/mnt/nas".into(), identity: String::new() }]), "/mnt/nas/folder")
}

fn share_of(nas: fn() -> Mounts, folder: &str) -> (Share, Arc<Hand>) {
    let hand = Arc::new(Hand::default());
    let far = Far::new(Arc::new(HandClock(Arc::clone(&hand))), nas, |_root| {});
    (far.share_of(Path::new(folder)).unwrap(), hand)
}

type Asking = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// A question that is answered when the test sends something, or is gone.
async fn ask_one_that_lies(share: &Share) -> (mpsc::Sender<()>, Asking) {
    let (release, released) = mpsc::channel::<()>();
    let share = share.clone();
    let work = move || {
        released.recv().ok();
        Ok(())
    };
    let mut asking: Asking = Box::pin(async move { share.ask(work).await });
    assert!(poll!(&mut asking).is_pending());
    (release, asking)
}

async fn ask_many_that_lie(share: &Share, count: usize) -> VecDeque<(mpsc::Sender<()>, Asking)> {
    let mut many = VecDeque::new();
    for _ in 0..count {
        many.push_back(ask_one_that_lies(share).await);
    }
    many
}

/// Waits until the share's threads have taken up all but so many questions.
fn wait_until_begun(share: &Share, left: usize) {
    while share.state().waiting.len() > left {
        std::thread::yield_now();
    }
}

async fn answer_first(many: &mut VecDeque<(mpsc::Sender<()>, Asking)>) {
    let (release, asking) = many.pop_front().unwrap();
    release.send(()).unwrap();
    asking.await.unwrap();
}

#[tokio::test]
async fn a_question_behind_a_crowd_is_not_taken_for_one_that_lies() {
    let (share, hand) = share();
    let mut crowd = ask_many_that_lie(&share, MOST_THREADS + BEFORE_OURS).await;
    let mut ours = Box::pin(share.ask(|| Ok(7)));
    assert!(poll!(&mut ours).is_pending());
    // All the time somebody is answered.
    for _ in 0..BEFORE_OURS {
        answer_first(&mut crowd).await;
        hand.pass_a_silence();
        assert!(poll!(&mut ours).is_pending(), "its turn has not come yet");
    }
    answer_first(&mut crowd).await;
    assert_eq!(ours.await, Ok(7));
}

#[tokio::test]
async fn a_question_that_lies_while_others_are_answered_is_given_up() {
    let (share, hand) = share();
    let (release, mut lying) = ask_one_that_lies(&share).await;
    wait_until_begun(&share, 0);
    let mut silences = 0;
    let failure = loop {
        assert_eq!(share.ask(|| Ok(1)).await, Ok(1));
        hand.pass_a_silence();
        silences += 1;
        match poll!(&mut lying) {
            Poll::Pending => assert!(silences <= MOST_SILENCES),
            Poll::Ready(answer) => break answer.unwrap_err(),
        }
    };
    assert_eq!(failure.kind, FailureKind::SourceSilent);
    assert!(silences >= MOST_SILENCES && !share.state().is_silent, "the share itself answers");
    drop(release);
}

#[tokio::test]
async fn what_waits_for_a_share_that_answers_nobody_is_given_up_with_all_that_it_holds() {
    let (share, hand) = share();
    let crowd = ask_many_that_lie(&share, MOST_THREADS).await;
    wait_until_begun(&share, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, b"f").unwrap();
    let (buffer, file) = (Arc::new(()), SourceFile::open(&path).unwrap().on(share.clone()));
    let held = Arc::clone(&buffer);
    let mut ours = Box::pin(share.ask(move || {
        drop((held, file));
        Ok(())
    }));
    let another = Arc::clone(&buffer);
    let mut dropped = Box::pin(share.ask(move || {
        drop(another);
        Ok(())
    }));
    assert!(poll!(&mut ours).is_pending() && poll!(&mut dropped).is_pending());
    drop(dropped);
    assert_eq!(Arc::strong_count(&buffer), 2, "of who was told to stop");
    hand.pass_a_silence();
    let Poll::Ready(answer) = poll!(&mut ours) else { panic!("it waits on") };
    assert_eq!(answer.unwrap_err().kind, FailureKind::SourceSilent);
    drop(ours);
    assert_eq!(Arc::strong_count(&buffer), 1);
    assert_eq!(share.state().waiting.len(), 1, "the file is closed when the share answers again");
    drop(crowd);
}

#[test]
fn a_file_is_missing_only_on_a_share_that_is_there() {
    let missing = || Failure::new(FailureKind::SourceMissing).with("path", "f");
    let (gone, _) =
        share_of(|| Mounts::of([far_mount("/nowhere/smb-share:server=nas")]), "/nowhere/smb-share:server=nas/f");
    assert_eq!(gone.owns_missing(missing()), Failure { kind: FailureKind::SourceAway, ..missing() });
    let unreadable = Failure::new(FailureKind::SourceUnreadable);
    assert_eq!(gone.owns_missing(unreadable.clone()), unreadable);
    let (there, _) = share_of(|| Mounts::of([far_mount("/")]), "/folder");
    assert_eq!(there.owns_missing(missing()), missing());
}

fn far_mount(root: &str) -> FarMount {
    FarMount { root: root.into(), identity: String::new() }
}

#[test]
fn that_a_file_was_closed_is_no_answer() {
    let (share, _) = share();
    share.state().is_silent = true;
    Box::new(LetGo(())).run(&share);
    assert!(share.state().is_silent && share.state().answers == 0);
}

#[test]
fn a_thread_that_finds_no_work_is_counted_no_more() {
    let (share, _) = share();
    share.state().threads = MOST_THREADS;
    assert!(share.next_job(Duration::ZERO).is_none());
    assert_eq!(share.state().threads, MOST_THREADS - 1, "or nobody does what comes now");
    share.state().waiting.push_back(Box::new(LetGo(())));
    assert!(share.next_job(Duration::ZERO).is_some());
    assert_eq!(share.state().threads, MOST_THREADS - 1);
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_any_more_is_no_answer() {
    static IS_OPEN: Mutex<bool> = Mutex::new(false);
    static OPENED: Condvar = Condvar::new();
    fn wait_for_it(_root: &Path) {
        drop(OPENED.wait_while(lock(&IS_OPEN), |is_open| !*is_open));
    }
    let mounts = || Mounts::of([FarMount { root: "/mnt/nas".into(), identity: String::new() }]);
    let far = Far::new(Arc::new(HandClock(Arc::default())), mounts, wait_for_it);
    let share = far.share_of(Path::new("/mnt/nas/folder")).unwrap();
    let asking = share.clone();
    let mut asking: Asking = Box::pin(async move { asking.ask(|| Ok(())).await });
    assert!(poll!(&mut asking).is_pending());
    wait_until_begun(&share, 0);
    drop(asking);
    *lock(&IS_OPEN) = true;
    OPENED.notify_all();
    while share.state().idle == 0 {
        std::thread::yield_now();
    }
    assert_eq!(share.state().answers, 0);
}
