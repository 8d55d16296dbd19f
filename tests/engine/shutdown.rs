//! Leaving in time, with everything kept that the next start goes on with.

use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{Command, Event, PutOptions, ShutdownMode};

use crate::support::{MIB, connected, pattern};

/// Nobody waits longer for the end than this, and where something holds it up, it lasts until then.
const LIMIT: Duration = Duration::from_mins(5);
/// Two seconds by the rule; a machine that is busy with other things takes longer. Less than a request waits for an
/// answer that does not come.
const IN_TIME: Duration = Duration::from_secs(50);

#[test]
fn unfinished_multipart_uploads_stay_for_the_next_start() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for("UploadPart", 3);
    assert_eq!(server.unfinished_uploads(), 1);
    let begin = Instant::now();
    engine.send(Command::Shutdown(ShutdownMode::Now));
    engine.expect("ShutdownComplete", |event| matches!(event, Event::ShutdownComplete).then_some(()));
    assert!(begin.elapsed() < IN_TIME, "{:?}", begin.elapsed());
    assert_eq!(server.unfinished_uploads(), 1);
    assert_eq!(server.plan.count("AbortMultipartUpload"), 0);
    engine.handle.shutdown(Duration::from_secs(1));
}

#[test]
fn a_server_that_never_answers_does_not_keep_the_program() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::anywhere(Action::StallBefore));
    engine.enqueue(vec![engine.file("a", b"a"), engine.file("b", &pattern(9 * MIB))], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let begin = Instant::now();
    engine.handle.shutdown(LIMIT);
    assert!(begin.elapsed() < IN_TIME, "{:?}", begin.elapsed());
}

#[test]
fn an_idle_engine_leaves_at_once_and_twice() {
    let (_server, engine, _at) = connected();
    let begin = Instant::now();
    engine.handle.shutdown(LIMIT);
    engine.handle.shutdown(LIMIT);
    assert!(begin.elapsed() < IN_TIME, "{:?}", begin.elapsed());
    // Commands after the end are no panic.
    engine.send(Command::Shutdown(ShutdownMode::Now));
}
