//! When a line closes, is tried, and opens again.

use super::*;

const NOW: FailedCall = FailedCall { left_at: Duration::ZERO, age: Age::Current, leave: Leave::Go };
const OLD: FailedCall = FailedCall { age: Age::Old, ..NOW };
const TRIAL: FailedCall = FailedCall { leave: Leave::GoAsTrial, ..NOW };

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn line() -> Line<()> {
    Line::new(Duration::ZERO)
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind)
}

fn closed(kind: FailureKind) -> Line<()> {
    let mut line = line();
    for _ in 0..4 {
        line.failed(&failure(kind), NOW, secs(0));
    }
    assert!(!line.is_open());
    line
}

#[test]
fn a_server_that_names_a_time_is_left_alone_for_it_but_not_for_ever() {
    let throttled = |secs: &str| failure(FailureKind::Throttled).with(crate::model::RETRY_AFTER_SECS, secs);
    for (asked, due) in [("20", 27), ("3600", 67), ("1", 8)] {
        let mut line = line();
        line.failed(&throttled(asked), NOW, secs(7));
        assert_eq!(line.due(), Some(secs(due)), "{asked}");
        line.jitter(secs(7), 0.5);
        assert_eq!(line.due(), Some(secs(due)), "{asked}, with a little chance");
    }
    // What says nothing is met as ever.
    for asked in ["0", "soon", "-5"] {
        let mut line = line();
        line.failed(&throttled(asked), NOW, secs(7));
        assert!(line.is_open(), "{asked}");
    }
}

#[test]
fn what_drains_and_is_not_answered_is_waited_for_longer_each_time() {
    let mut line = line();
    for (held, at) in [(900, 0), (0, 1), (0, 2)] {
        assert!(line.gauge.begin(secs(at)));
        line.gauge.note(Some(held), secs(at));
    }
    assert_eq!(line.patience(secs(0)), Patience::Drained { doublings: 0 });
    // All eight of them at once, which is one time.
    for after in 60..68 {
        line.failed(&failure(FailureKind::Timeout), NOW, secs(after));
    }
    // The question that finds out whether the line is there has no body, and is answered.
    line.worked(Age::Current);
    assert_eq!(line.patience(secs(100)), Patience::Drained { doublings: 1 });
    line.failed(&failure(FailureKind::Timeout), NOW, secs(200));
    assert_eq!(line.patience(secs(200)), Patience::Drained { doublings: 2 });
    line.worked(Age::Current);
    assert_eq!(line.patience(secs(200 + 29 * 60)), Patience::Drained { doublings: 2 });
    assert_eq!(line.patience(secs(200 + 31 * 60)), Patience::Drained { doublings: 0 });
}

#[test]
fn single_failures_close_nothing() {
    let mut line = line();
    for _ in 0..50 {
        for _ in 0..3 {
            line.failed(&failure(FailureKind::ServerError), NOW, secs(0));
        }
        line.worked(Age::Current);
    }
    assert!(line.is_open());
}

#[test]
fn an_outage_is_tried_ever_more_rarely_and_ends_with_one_good_call() {
    let mut line = closed(FailureKind::ConnectionRefused);
    let mut probes = 0;
    for second in 1..=600 {
        if line.begin_probe(secs(second)) {
            probes += 1;
            assert_eq!(line.leave(CallKind::Write, Seat::default(), Wait::Short, None), Leave::Wait);
            line.probed(Some(&failure(FailureKind::ConnectionRefused)), Acquaintance::Stranger, secs(second));
        }
    }
    assert!((10..=20).contains(&probes), "{probes}");
    let due = line.due().unwrap();
    assert!(due <= secs(660));
    assert!(line.begin_probe(due));
    line.probed(None, Acquaintance::KnownAsS3, due);
    assert_eq!(line.leave(CallKind::Write, Seat::default(), Wait::Short, None), Leave::GoAsTrial);
    assert_eq!(line.leave(CallKind::Write, Seat::default(), Wait::Short, None), Leave::Wait, "one only");
    line.worked(Age::Current);
    assert!(line.is_open());
    assert_eq!(line.hold(&ConnectionId::local(), due), None);
}

#[test]
fn what_left_before_the_closing_has_no_say() {
    let mut line = closed(FailureKind::Offline);
    let due = line.due();
    line.failed(&failure(FailureKind::Offline), OLD, secs(3));
    assert_eq!(line.due(), due, "no longer wait");
    line.worked(Age::Old);
    assert!(line.is_open(), "a late answer shows that the line is there");
    let mut line = closed(FailureKind::Throttled);
    line.worked(Age::Old);
    assert!(!line.is_open(), "but not that the server wants more");
}

#[test]
fn a_server_that_answers_but_still_slows_down_is_asked_more_rarely() {
    let mut line = closed(FailureKind::Throttled);
    let mut at = secs(0);
    let mut waits = Vec::new();
    for _ in 0..4 {
        waits.push(line.due().unwrap().saturating_sub(at).as_secs());
        at = line.due().unwrap();
        assert!(line.begin_probe(at));
        line.probed(None, Acquaintance::KnownAsS3, at);
        assert_eq!(line.leave(CallKind::Write, Seat::default(), Wait::Short, None), Leave::GoAsTrial);
        line.failed(&failure(FailureKind::Throttled), TRIAL, at);
    }
    assert_eq!(waits, [1, 2, 4, 8]);
}

#[test]
fn wrong_keys_wait_for_somebody() {
    let mut line = line();
    assert!(line.refuse(&failure(FailureKind::WrongSecret), secs(1)));
    assert!(!line.refuse(&failure(FailureKind::WrongSecret), secs(1)), "told once");
    assert_eq!(line.due(), None);
    assert!(matches!(line.hold(&ConnectionId::local(), secs(9)), Some(QueueHold::Refused { .. })));
    line.try_now(secs(500));
    assert!(line.begin_probe(secs(500)));
}

#[test]
fn three_denied_files_in_a_row_are_enough() {
    let mut line = line();
    let denied = failure(FailureKind::AccessDenied);
    assert!(!line.denied(&denied) && !line.denied(&denied));
    line.stored();
    assert!(!line.denied(&denied) && !line.denied(&denied));
    assert!(line.denied(&denied));
    assert_eq!(line.due(), None);
    line.try_now(secs(5));
    assert!(line.is_open());
}
