//! What was said of a link holds for the object that was there then, and for no other one that takes its place.

use bucketdrop::engine::{NearAnswers, Tuning};
use bucketdrop::local_storage::faults::{Action, Fault, RequestEnd, Signed};
use bucketdrop::model::{
    CheckExtent, Command, ConflictPolicy, Event, LinkCheck, Location, ObjectKey, ObjectRef, PrivateBecause, PutOptions,
    RequestId, Verdict,
};

use crate::support::{BUCKET, Server, Setup, TestEngine, on_conflict};

fn engine() -> TestEngine {
    let setup = Setup::default();
    // Held answers are let go by the test, however busy the computer is.
    let link_limit = std::time::Duration::from_mins(1);
    let tuning = Tuning { near_answers: NearAnswers::CountAsWorld, link_limit, ..setup.tuning };
    TestEngine::start(Setup { tuning, ..setup })
}

/// An object that its list opens for anyone.
fn opened() -> (Server, TestEngine, Location, ObjectRef) {
    let (server, engine) = (Server::start(), engine());
    let at = engine.connect(&server);
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"for anyone");
    let acl = aws_sdk_s3::types::ObjectCannedAcl::PublicRead;
    server.runtime.block_on(server.client().put_object().bucket(BUCKET).key("a").acl(acl).body(body).send()).unwrap();
    let object = at.object(ObjectKey::new("a"));
    (server, engine, at, object)
}

fn ask(engine: &TestEngine, object: &ObjectRef) -> RequestId {
    let request = RequestId::next();
    engine.send(Command::CheckLinks { request, objects: vec![object.clone()], extent: CheckExtent::All });
    request
}

fn answers(engine: &TestEngine, asked: RequestId) -> Vec<LinkCheck> {
    let mut all = Vec::new();
    loop {
        let is_last = engine.expect("LinksChecked", |event| match event {
            Event::LinksChecked { request, checks, end, .. } if *request == asked => {
                all.extend(checks.iter().cloned());
                Some(end.is_some())
            }
            _ => None,
        });
        if is_last {
            return all;
        }
    }
}

fn outdated(engine: &TestEngine) -> ObjectRef {
    engine.expect("LinkOutdated", |event| match event {
        Event::LinkOutdated(object) => Some((**object).clone()),
        _ => None,
    })
}

fn replace(engine: &TestEngine, at: &Location) {
    let path = engine.file("a", b"for nobody");
    assert_eq!(engine.upload(vec![path], at, on_conflict(ConflictPolicy::Overwrite)).done, 1);
}

#[test]
fn an_upload_tells_that_what_was_said_holds_no_more() {
    let (_server, engine, at, object) = opened();
    let asked = ask(&engine, &object);
    assert_eq!(answers(&engine, asked)[0].verdict, Verdict::Public);
    replace(&engine, &at);
    assert_eq!(outdated(&engine), object);
    let asked = ask(&engine, &object);
    assert_eq!(answers(&engine, asked)[0].verdict, Verdict::Private(PrivateBecause::NothingOpensIt));
    // Nothing was said of this one.
    engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default());
    replace(&engine, &at);
    assert_eq!(outdated(&engine), object, "and not b");
}

#[test]
fn a_late_answer_is_asked_for_again_and_not_told() {
    let (server, engine, at, object) = opened();
    // A stranger has seen the object open, and that is not told yet: our own question is held.
    let held = Fault::on("HeadObject", Action::Hold).bucket(BUCKET).key("a").signed(Signed::Header).times(1);
    let rule = server.plan.add(held);
    server.plan.clear_log();
    let asked = ask(&engine, &object);
    server.wait_for("HeadObject", 2);
    let good = RequestEnd::Answered(200);
    server.wait_until("a stranger's answer", |server| {
        server.plan.log().iter().any(|seen| seen.signed == Signed::No && seen.end == good)
    });
    replace(&engine, &at);
    server.plan.release();
    let told = answers(&engine, asked);
    server.plan.remove(rule);
    let verdicts: Vec<&Verdict> = told.iter().map(|check| &check.verdict).collect();
    assert_eq!(verdicts, [&Verdict::Private(PrivateBecause::NothingOpensIt)]);
}
