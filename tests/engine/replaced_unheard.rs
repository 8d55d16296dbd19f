//! A file that changed after it was stored takes its own place, nobody hears whether that has worked, and the program
//! ends: either object is known as our own afterwards, none is told to exist already, and nothing is stored twice.

use bucketdrop::local_storage::faults::{Action, Fault, Profile};
use bucketdrop::model::{BatchId, ConflictPolicy, Event};

use crate::opaque::opaque;
use crate::support::{Server, Stopped, TestEngine, connected, on_conflict};

const FIRST: &[u8] = b"as it was";
const SECOND: &[u8] = b"as it is now, which is longer";
const THIRD: &[u8] = b"as it is at last, which is the longest of all";
const RULES: [ConflictPolicy; 5] = [
    ConflictPolicy::Ask,
    ConflictPolicy::Skip,
    ConflictPolicy::Rename,
    ConflictPolicy::OverwriteIfNewer,
    ConflictPolicy::Overwrite,
];

/// The first bytes stand there, unheard; then the second ones were sent in their place, unheard as well. `answer` says
/// whether they were stored.
fn ended_while_it_took_its_place(
    policy: ConflictPolicy,
    service: Profile,
    answer: Action,
) -> (Server, Stopped, BatchId) {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.set_profile(service);
    server.plan.add(Fault::on("PutObject", Action::StallAfter));
    let batch = engine.enqueue(vec![engine.file("a", FIRST)], &at, on_conflict(policy));
    server.wait_for_key("a");
    let stopped = engine.stop();
    let is_stored = answer == Action::StallAfter;
    server.plan.clear();
    server.plan.clear_log();
    server.plan.add(Fault::on("PutObject", answer));
    std::fs::write(stopped.files.path().join("a"), SECOND).unwrap();
    let engine = stopped.start();
    server.wait_for("PutObject", 1);
    if is_stored {
        server.wait_until("the second bytes", |server| server.bytes("a").as_deref() == Some(SECOND));
    }
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    (server, stopped, batch)
}

#[track_caller]
fn goes_on(server: &Server, stopped: Stopped, batch: BatchId, now: &[u8], versions: usize, about: &str) -> TestEngine {
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{about}: {summary:?}");
    assert!(!engine.has_heard(|event| matches!(event, Event::ConflictFound(_))), "{about}");
    assert_eq!(server.bytes("a").unwrap(), now, "{about}");
    assert_eq!(server.all_versions(), vec!["a"; versions], "{about}");
    engine
}

#[test]
fn what_was_stored_unheard_in_the_place_of_our_own_is_not_stored_twice() {
    for service in [Profile::default(), opaque()] {
        for policy in RULES {
            let (server, stopped, batch) = ended_while_it_took_its_place(policy, service, Action::StallAfter);
            let _engine = goes_on(&server, stopped, batch, SECOND, 2, &format!("{policy:?}"));
            assert_eq!(server.plan.count("PutObject"), 0, "{policy:?}: it was there");
        }
    }
}

#[test]
fn what_was_stored_unheard_in_the_place_of_our_own_is_ours_when_the_file_changes_again() {
    for service in [Profile::default(), opaque()] {
        for policy in RULES {
            let (server, stopped, batch) = ended_while_it_took_its_place(policy, service, Action::StallAfter);
            std::fs::write(stopped.files.path().join("a"), THIRD).unwrap();
            goes_on(&server, stopped, batch, THIRD, 3, &format!("{policy:?}"));
        }
    }
}

#[test]
fn our_own_object_is_still_known_when_what_was_to_take_its_place_never_came() {
    for (now, policy) in [SECOND, THIRD].into_iter().flat_map(|now| RULES.map(|policy| (now, policy))) {
        let (server, stopped, batch) = ended_while_it_took_its_place(policy, Profile::default(), Action::StallBefore);
        std::fs::write(stopped.files.path().join("a"), now).unwrap();
        goes_on(&server, stopped, batch, now, 2, &format!("{policy:?}"));
    }
}

#[test]
fn somebody_elses_object_in_its_place_stays() {
    let (server, stopped, batch) =
        ended_while_it_took_its_place(ConflictPolicy::Skip, Profile::default(), Action::StallBefore);
    server.put("a", b"theirs");
    std::fs::write(stopped.files.path().join("a"), THIRD).unwrap();
    let summary = stopped.start().finished(batch);
    assert_eq!((summary.done, summary.skipped), (0, 1), "{summary:?}");
    assert_eq!(server.bytes("a").unwrap(), b"theirs");
}
