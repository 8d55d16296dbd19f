//! A front end that does not take what it is told, as a command line whose output nobody reads.

use bucketdrop::model::{Command, Event, PutOptions, RequestId};

use crate::support::{Server, Setup, TestEngine};

const FILES: usize = 60;
const MOST_UNREAD: usize = 8;
const AT_ONCE: usize = 2;

#[test]
fn no_upload_is_begun_while_nobody_takes_the_results_and_none_is_lost() {
    let server = Server::start();
    let mut setup = Setup::default();
    setup.tuning.most_unread_events = MOST_UNREAD;
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    engine.send(Command::LimitFiles(u32::try_from(AT_ONCE).unwrap()));
    engine.forget_heard();
    let paths = (0..FILES).map(|number| engine.file(&format!("f{number:02}"), b"content")).collect();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    server.wait_for_answers("PutObject", 1);
    // Time for whatever would go on, on a machine of any speed.
    for asked in 1..=40 {
        let (request, connection) = (RequestId::next(), at.connection.clone());
        engine.send(Command::ListBuckets { request, connection });
        server.wait_for_answers("ListBuckets", asked);
    }
    let begun = server.plan.count("PutObject");
    assert!(begun <= MOST_UNREAD + AT_ONCE, "{begun} were sent, and nobody has heard of one");
    assert_eq!(engine.finished(batch).done, FILES as u64);
    let ended = |event: &Event| matches!(event, Event::TransferEnded(_));
    assert_eq!((engine.count_heard(ended), server.keys().len()), (FILES, FILES));
}
