//! What answers, but never as S3, is not asked for ever.

use super::*;

const NOW: FailedCall = FailedCall { left_at: Duration::ZERO, age: Age::Current, leave: Leave::Go };

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind)
}

fn closed(kind: FailureKind) -> Line<()> {
    let mut line = Line::new(Duration::ZERO);
    (0..FAILURES_TO_CLOSE).for_each(|_| line.failed(&failure(kind), NOW, Duration::ZERO));
    line
}

/// How often it is asked of what answers as something else, until somebody has to act.
fn probes_until_refused(line: &mut Line<()>, whose: Acquaintance) -> Option<u32> {
    (1..=20).find(|_| {
        let due = line.due().unwrap();
        assert!(line.begin_probe(due));
        line.probed(Some(&failure(FailureKind::NotS3)), whose, due)
    })
}

#[test]
fn what_never_was_s3_is_not_asked_for_ever() {
    let mut line = closed(FailureKind::NotS3);
    assert_eq!(probes_until_refused(&mut line, Acquaintance::Stranger), Some(3));
    let hold = line.hold(&ConnectionId::local(), Duration::from_secs(99));
    assert!(matches!(hold, Some(QueueHold::Refused { failure, .. }) if failure.kind == FailureKind::NotS3));
    line.try_now(Duration::from_secs(100));
    assert_eq!(probes_until_refused(&mut line, Acquaintance::Stranger), Some(3), "with patience anew");
    let mut known = closed(FailureKind::NotS3);
    assert_eq!(probes_until_refused(&mut known, Acquaintance::KnownAsS3), None, "it was S3, and will be");
    // A server that is not there may come back.
    let mut silent = closed(FailureKind::NotS3);
    for _ in 0..20 {
        for kind in [FailureKind::NotS3, FailureKind::NotS3, FailureKind::ConnectionRefused] {
            let due = silent.due().unwrap();
            assert!(silent.begin_probe(due));
            assert!(!silent.probed(Some(&failure(kind)), Acquaintance::Stranger, due));
        }
    }
}
