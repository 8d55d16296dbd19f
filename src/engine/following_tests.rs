//! What is told is what is heard.

use super::*;
use crate::model::{FailureKind, SkipReason};

fn to() -> Location {
    let (connection, bucket) = (ConnectionId::new("c"), BucketName::new("b-1").unwrap());
    Location { connection, bucket, prefix: Prefix::new("p/") }
}

/// Told by one process and heard by another, which has a number of its own for the batch.
fn heard(event: &Event, batch: BatchId) -> Event {
    followed(&words(event).unwrap(), &Followed { batch, to: to() }).unwrap()
}

#[track_caller]
fn same(one: &Event, other: &Event) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn what_is_told_is_what_is_heard() {
    let (theirs, ours) = (BatchId::next(), BatchId::next());
    let failure = Failure::new(FailureKind::AccessDenied).with("bucket", "b-1").detail("x");
    let states = [
        TransferState::Done(Verified::Confirmed),
        TransferState::Skipped(SkipReason::SameKey(ObjectKey::new("p/한"))),
        TransferState::Failed(failure.clone()),
        TransferState::Cancelled,
    ];
    for state in states {
        let report = |id, batch| {
            Event::TransferEnded(Box::new(TransferReport {
                id,
                batch,
                kind: TransferKind::Upload,
                path: "/in/한 글.txt".into(),
                object: to().object(ObjectKey::new("p/한 글.txt")),
                state: state.clone(),
                bytes: 7,
                etag: Some("e".to_owned()),
                version_id: None,
                checksum: Some("CRC64NVME:x".to_owned()),
            }))
        };
        let Event::TransferEnded(told) = heard(&report(TransferId::next(), theirs), ours) else { panic!() };
        let id = told.id;
        same(&Event::TransferEnded(told), &report(id, ours));
    }
    let scanned = |batch| Event::BatchScanned {
        batch,
        counts: BatchCounts { files: 3, total_bytes: 9, skipped: 1 },
        skipped: vec![SkippedItem { path: "/in/x".into(), reason: SkipReason::Unreadable("why".to_owned()) }],
        progress: ScanProgress::Complete,
    };
    same(&heard(&scanned(theirs), ours), &scanned(ours));
    let problems = [KeyProblem::Empty, KeyProblem::TooLong(2000), KeyProblem::NotUnicode];
    let questions: Vec<_> = problems
        .into_iter()
        .chain([KeyProblem::ControlCharacter, KeyProblem::DotSegment, KeyProblem::Taken])
        .map(|problem| NameQuestion {
            path: "/in/y".into(),
            key: "p/y".to_owned(),
            problem,
            suggestion: "y".to_owned(),
        })
        .collect();
    let names = |batch| Event::NamesNeeded { batch, questions: questions.clone() };
    same(&heard(&names(theirs), ours), &names(ours));
    let refused = |batch| Event::PublicRefused {
        batch,
        failure: Box::new(failure.clone()),
        because: Some(vec![LayerFinding { layer: Layer::Policy, finding: Finding::NoPolicy }]),
    };
    same(&heard(&refused(theirs), ours), &refused(ours));
    let left_out = |batch| Event::AclLeftOut { batch, failure: Box::new(failure.clone()) };
    same(&heard(&left_out(theirs), ours), &left_out(ours));
    let finished = |batch| {
        let sum = WrittenSum {
            done: 1,
            skipped: 2,
            cancelled: 3,
            failed: 4,
            done_bytes: 5,
            elapsed_ms: 1500,
            first_failure: Some(failure_json(&failure)),
        };
        Event::BatchFinished { batch, summary: Box::new(summary(sum, &to())) }
    };
    same(&heard(&finished(theirs), ours), &finished(ours));
}

#[test]
fn a_queue_is_told_batch_by_batch() {
    let unfinished = |batch| UnfinishedBatch {
        batch,
        to: to(),
        connection: None,
        stood: crate::model::BatchStood::Filled,
        open: 1,
        failed: 0,
        untold: 0,
    };
    let theirs = [BatchId::next(), BatchId::next()];
    let which = Told::Queue { batches: theirs.map(|batch| written_batch(&unfinished(batch))).into() };
    let (mut queue, ours) = followed_queue(&text(&which).unwrap()).unwrap();
    assert_eq!(ours.iter().map(|batch| &batch.to).collect::<Vec<_>>(), [&to(), &to()]);
    let refused = |batch| Event::PublicRefused {
        batch,
        failure: Box::new(Failure::new(FailureKind::AccessDenied)),
        because: None,
    };
    let told = Told::Of { batch: theirs[1].get(), words: words(&refused(theirs[1])).unwrap() };
    same(&queue.event(&text(&told).unwrap()).unwrap(), &refused(ours[1].batch));
    assert!(!queue.ended(ours[1].batch));
    assert!(queue.event(&text(&told).unwrap()).is_none(), "it has ended");
    assert!(queue.ended(ours[0].batch));
    assert!(followed_queue(&words(&refused(theirs[0])).unwrap()).is_none());
}

#[test]
fn holds_are_of_the_one_connection() {
    let failure = Failure::new(FailureKind::Offline);
    let offline =
        |id| QueueHold::Offline { connection: ConnectionId::new(id), failure: failure.clone(), retry_in_secs: 0 };
    // The last is of a bucket that is missing, and not ours.
    let missing = QueueHold::Refused {
        connection: ConnectionId::new("c"),
        bucket: Some(BucketName::new("gone").unwrap()),
        failure: Failure::new(FailureKind::NoSuchBucket),
    };
    let stalled = QueueHold::JournalStalled(failure.clone());
    let holds = [offline("other"), offline("c"), QueueHold::Held, stalled, missing];
    let (here, mine) = (to(), to().connection);
    let back: Vec<_> = holds.iter().filter_map(|hold| queue_hold(&written_hold(hold, &here)?, &mine)).collect();
    assert_eq!(back, holds[1..4]);
}

fn told_of(news: &mut tokio::sync::mpsc::Receiver<String>, batch: BatchId) -> Vec<Event> {
    let of = Followed { batch, to: to() };
    std::iter::from_fn(|| news.try_recv().ok()).filter_map(|words| followed(&words, &of)).collect()
}

fn holds_of(event: &Event) -> &[QueueHold] {
    let Event::Transfers(view) = event else { panic!("{event:?}") };
    &view.holds
}

#[test]
fn a_stick_that_is_away_is_told_once_and_so_is_its_return() {
    let (followers, batch, other) = (Followers::default(), BatchId::next(), BatchId::next());
    let (teller, mut news) = Teller::for_test();
    followers.add(batch, to(), teller);
    let away = |file: &str| Failure::new(FailureKind::SourceAway).with("path", file);
    followers.tell_away(Some(other), Some(&away("/stick/0")));
    followers.tell_away(Some(batch), Some(&away("/stick/1")));
    followers.tell_away(Some(batch), Some(&away("/stick/2")));
    let [told] = &told_of(&mut news, batch)[..] else { panic!() };
    assert_eq!(holds_of(told), [QueueHold::SourceAway(away("/stick/1"))]);
    // What else holds it comes beside it.
    followers.tell_holds(&[QueueHold::Held]);
    let [told] = &told_of(&mut news, batch)[..] else { panic!() };
    assert_eq!(holds_of(told), [QueueHold::Held, QueueHold::SourceAway(away("/stick/1"))]);
    followers.tell_holds(&[]);
    followers.tell_away(None, None);
    followers.tell_away(None, None);
    let told = told_of(&mut news, batch);
    assert_eq!(told.iter().map(|told| holds_of(told).len()).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_file_that_is_tried_again_is_told_with_its_name_and_hides_nothing_from_older_versions() {
    let (followers, batch) = (Followers::default(), BatchId::next());
    let (teller, mut news) = Teller::for_test();
    followers.add(batch, to(), teller);
    let failure = Failure::new(FailureKind::ServerError).with("host", "h").with("key", "p/slow");
    let retried = QueueHold::FileRetried { connection: to().connection, failure };
    followers.tell_holds(&[retried.clone(), QueueHold::OutsideHours]);
    let words = news.try_recv().unwrap();
    let of = Followed { batch, to: to() };
    assert_eq!(holds_of(&followed(&words, &of).unwrap()), [QueueHold::OutsideHours, retried]);
    // One that does not know the kind reads the holds alone.
    let told: serde_json::Value = serde_json::from_str(&words).unwrap();
    let kinds: Vec<_> = told["holds"].as_array().unwrap().iter().map(|hold| &hold["kind"]).collect();
    assert_eq!(kinds, ["outside-hours"]);
    followers.tell_holds(&[QueueHold::OutsideHours]);
    let words = news.try_recv().unwrap();
    assert!(!words.contains("files"), "{words}");
    assert_eq!(holds_of(&followed(&words, &of).unwrap()), [QueueHold::OutsideHours]);
}

#[test]
fn reasons_that_are_not_known_here_are_not_taken_for_none() {
    let because = |layers: &[(&str, &str)]| {
        let layers = layers.iter().map(|(layer, finding)| ((*layer).to_owned(), (*finding).to_owned())).collect();
        let failure = failure_json(&Failure::new(FailureKind::StaysPrivate));
        let told = text(&Told::PublicRefused { failure, because: Some(layers) }).unwrap();
        match followed(&told, &Followed { batch: BatchId::next(), to: to() }) {
            Some(Event::PublicRefused { because, .. }) => because,
            other => panic!("{other:?}"),
        }
    };
    let known = LayerFinding { layer: Layer::Policy, finding: Finding::NoPolicy };
    let named = (known.layer.code(), known.finding.code());
    assert_eq!(because(&[]), Some(vec![]));
    assert_eq!(because(&[("of-later", "x")]), None);
    assert_eq!(because(&[("of-later", "x"), named]), Some(vec![known]));
}

#[test]
fn who_stops_to_read_is_told_no_more_before_memory_is_full() {
    let (followers, batch) = (Followers::default(), BatchId::next());
    let (teller, mut news) = Teller::for_test();
    followers.add(batch, to(), teller);
    // A mebibyte each; an unread pile of them would have no end.
    let long = SkippedItem { path: "x".repeat(1 << 20).into(), reason: SkipReason::Missing };
    let mut told = 0;
    while followers.has(batch) && told < 1000 {
        followers.tell(&Event::BatchScanned {
            batch,
            counts: BatchCounts { files: 0, total_bytes: 0, skipped: 1 },
            skipped: vec![long.clone()],
            progress: ScanProgress::Scanning,
        });
        told += 1;
    }
    assert!(told < 100, "{told}");
    let kept = std::iter::from_fn(|| news.try_recv().ok()).map(|words| words.len()).sum::<usize>();
    assert!((1 << 20..=64 << 20).contains(&kept), "{kept}");
}
