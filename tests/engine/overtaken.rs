//! Two drops of one name under the rule "overwrite": the later one stays, also when the earlier one comes to its end
//! after it, unless the user says otherwise.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, ConflictScope, Event, Location, TransferAction, TransferId, TransferState,
    TransferTab,
};

use crate::support::{Server, TestEngine, connected, on_conflict};

const OLDER: &[u8] = b"what was dropped first";
const NEWER: &[u8] = b"what was dropped later";

/// The earlier one is held by the user while the later one is stored.
fn overtaken() -> (Server, TestEngine, Location, (BatchId, TransferId)) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let earlier = engine.enqueue(vec![engine.file("a", OLDER)], &at, on_conflict(ConflictPolicy::Overwrite));
    server.wait_for("PutObject", 1);
    let row = engine.row(TransferTab::Active, |_| true);
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    server.plan.clear();
    let later = engine.upload(vec![engine.file("sub/a", NEWER)], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!((later.done, server.bytes("a").unwrap()), (1, NEWER.to_vec()));
    (server, engine, at, (earlier, row.id))
}

fn asked(engine: &TestEngine) -> TransferId {
    engine.expect("ConflictFound", |event| match event {
        Event::ConflictFound(conflict) => Some(conflict.transfer),
        _ => None,
    })
}

#[test]
fn what_was_dropped_later_is_not_overwritten_unasked() {
    for policy in [ConflictPolicy::Overwrite, ConflictPolicy::Skip] {
        let (server, engine, _at, (batch, id)) = overtaken();
        engine.act(id, TransferAction::Resume);
        assert_eq!(asked(&engine), id);
        assert_eq!(server.bytes("a").unwrap(), NEWER, "nobody has said so");
        engine.send(Command::ResolveConflict { transfer: id, policy, scope: ConflictScope::This });
        let (summary, is_overwritten) = (engine.finished(batch), policy == ConflictPolicy::Overwrite);
        assert_eq!((summary.done == 1, summary.skipped == 0), (is_overwritten, is_overwritten), "{summary:?}");
        assert_eq!(server.bytes("a").unwrap(), if is_overwritten { OLDER } else { NEWER });
    }
}

#[test]
fn what_was_dropped_later_is_not_overwritten_after_another_start_either() {
    let (server, engine, _at, (batch, id)) = overtaken();
    let engine = engine.restart();
    engine.act(id, TransferAction::Resume);
    assert_eq!(asked(&engine), id);
    let (policy, scope) = (ConflictPolicy::Skip, ConflictScope::This);
    engine.send(Command::ResolveConflict { transfer: id, policy, scope });
    assert_eq!(engine.finished(batch).skipped, 1);
    assert_eq!(server.bytes("a").unwrap(), NEWER);
}

#[test]
fn through_two_connections_to_one_bucket_the_later_drop_waits_for_the_earlier_one() {
    let (server, engine, at) = connected();
    let other_way = engine.connect(&server);
    assert!(other_way.connection != at.connection);
    server.plan.add(Fault::on("PutObject", Action::Hold).times(1));
    let earlier = engine.enqueue(vec![engine.file("a", OLDER)], &at, on_conflict(ConflictPolicy::Overwrite));
    server.wait_for("PutObject", 1);
    let paths = vec![engine.file("sub/a", NEWER), engine.file("b", NEWER)];
    let later = engine.enqueue(paths, &other_way, on_conflict(ConflictPolicy::Overwrite));
    // What goes to another key does not wait.
    server.wait_for_key("b");
    assert_eq!(server.plan.count("PutObject"), 2);
    server.plan.release();
    assert_eq!((engine.finished(earlier).done, engine.finished(later).done), (1, 2));
    assert_eq!(server.bytes("a").unwrap(), NEWER);
}
