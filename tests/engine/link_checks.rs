//! Checks of links against a server in every state: each verdict right, and "public" never without the answer for it.

use std::collections::HashSet;

use bucketdrop::engine::{NearAnswers, Tuning};
use bucketdrop::local_storage::PublicAccessBlock;
use bucketdrop::local_storage::faults::{Action, Fault, RequestEnd, Signed};
use bucketdrop::model::{
    Access, AccessReport, CheckExtent, CheckProgress, Command, Event, Failure, FailureKind, Finding, GivenLink, Layer,
    LinkCheck, LinkKind, ObjectKey, ObjectRef, OnlyHere, PrivateBecause, PutOptions, RequestId, ShareWay,
    SharingHistory, SignedLink, Verdict,
};

use crate::link_world::{World, only_from_here, wrong};
use crate::support::{Server, Setup, TestEngine, connected};

/// On one computer every address is near: here they count as the world.
fn engine() -> TestEngine {
    let setup = Setup::default();
    // A busy computer may take longer than a person would wait; what does not answer at all is waited for as long.
    let link_limit = std::time::Duration::from_secs(25);
    let tuning = Tuning { near_answers: NearAnswers::CountAsWorld, link_limit, ..setup.tuning };
    TestEngine::start(Setup { tuning, ..setup })
}

type Ended = Result<(), Box<Failure>>;

fn answers(engine: &TestEngine, asked: RequestId) -> (Vec<LinkCheck>, CheckProgress, Ended) {
    let mut all = Vec::new();
    loop {
        let (progress, end) = engine.expect("LinksChecked", |event| match event {
            Event::LinksChecked { request, checks, progress, end } if *request == asked => {
                all.extend(checks.iter().cloned());
                Some((*progress, end.clone()))
            }
            _ => None,
        });
        if let Some(end) = end {
            return (all, progress, end);
        }
    }
}

fn check(engine: &TestEngine, objects: Vec<ObjectRef>, extent: CheckExtent) -> Vec<LinkCheck> {
    let request = RequestId::next();
    engine.send(Command::CheckLinks { request, objects, extent });
    let (checks, _, end) = answers(engine, request);
    assert_eq!(end, Ok(()));
    checks
}

fn explain(engine: &TestEngine, object: &ObjectRef) -> AccessReport {
    let asked = RequestId::next();
    engine.send(Command::ExplainAccess { request: asked, object: object.clone() });
    engine.expect("AccessExplained", |event| match event {
        Event::AccessExplained { request, result, .. } if *request == asked => {
            Some((**result.as_ref().unwrap()).clone())
        }
        _ => None,
    })
}

/// Nothing is called public that a stranger was not given.
fn assert_public_was_seen(server: &Server, checks: &[LinkCheck]) {
    let given: HashSet<(String, String)> = server
        .plan
        .log()
        .into_iter()
        .filter(|seen| seen.signed == Signed::No && matches!(seen.end, RequestEnd::Answered(200 | 206 | 416)))
        .filter_map(|seen| Some((seen.bucket?, seen.key?)))
        .collect();
    for check in checks.iter().filter(|check| check.verdict.access() == Access::Public) {
        // Behind a domain of one's own stands whatever its address says.
        let place = if check.address.contains("localhost") {
            let path = check.address.splitn(4, '/').nth(3).unwrap_or_default();
            let path = percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned();
            let (bucket, key) = path.split_once('/').unwrap();
            (bucket.to_owned(), key.to_owned())
        } else {
            (check.object.bucket.to_string(), check.object.key.to_string())
        };
        assert!(given.contains(&place), "{place:?}: {check:?}");
    }
}

#[test]
fn a_hundred_objects_are_judged_rightly() {
    let engine = engine();
    let server = Server::start();
    let mut world = World::new(&server, &engine);
    world.fill();
    server.plan.clear_log();
    let objects = world.cases.iter().map(|case| case.object.clone()).collect();
    let checks = check(&engine, objects, CheckExtent::All);
    let mut mistakes = wrong(&world.cases, &checks);
    assert_public_was_seen(&server, &checks);
    let mut count = world.cases.len();

    for (address, expected) in
        [("203.0.113.7", only_from_here()), ("198.51.100.1", Verdict::Private(PrivateBecause::OpensForSome))]
    {
        let server = Server::start();
        server.plan.set_source_ip(Some(address.parse().unwrap()));
        let mut world = World::new(&server, &engine);
        world.networks(&expected);
        let checks = check(&engine, world.cases.iter().map(|case| case.object.clone()).collect(), CheckExtent::All);
        mistakes.extend(wrong(&world.cases, &checks));
        count += world.cases.len();
    }

    let server = Server::start();
    let mut world = World::new(&server, &engine);
    world.account();
    server.plan.set_account_block(PublicAccessBlock::all());
    let checks = check(&engine, world.cases.iter().map(|case| case.object.clone()).collect(), CheckExtent::All);
    mistakes.extend(wrong(&world.cases, &checks));
    count += world.cases.len();

    assert!(mistakes.is_empty(), "{} of {count} are wrong:\n{}", mistakes.len(), mistakes.join("\n"));
    assert!(count >= 100, "{count}");
    println!("{count} of {count} verdicts are right");
}

#[test]
fn the_doctor_reads_every_layer_and_offers_what_fits() {
    let engine = engine();
    let server = Server::start();
    let mut world = World::new(&server, &engine);
    world.fill();
    let object = |name: &str| {
        let found = world.cases.iter().find(|case| case.name == name).unwrap();
        found.object.clone()
    };
    let finding = |report: &AccessReport, layer: Layer| {
        let found: Vec<Finding> =
            report.layers.iter().filter(|found| found.layer == layer).map(|found| found.finding).collect();
        found
    };
    let report = explain(&engine, &object("all-four/rest"));
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::PublicAccessBlocked));
    assert_eq!(finding(&report, Layer::PublicAccessBlock), [Finding::AllBlocked]);
    assert_eq!(report.layers[0].layer, Layer::PublicAccessBlock);
    assert_eq!(report.ways[0], ShareWay::ExpiringLink);
    let report = explain(&engine, &object("enforced/1"));
    assert_eq!(finding(&report, Layer::Ownership), [Finding::AclsOff]);
    assert_eq!(finding(&report, Layer::Policy), [Finding::PolicyDoesNotOpen]);
    assert!(!report.ways.contains(&ShareWay::PublicObject));
    let report = explain(&engine, &object("lists/closed-1"));
    assert!(report.ways.contains(&ShareWay::PublicObject));
    let report = explain(&engine, &object("special/g-1"));
    assert_eq!(
        (finding(&report, Layer::StorageClass), report.ways),
        (vec![Finding::Archived], vec![ShareWay::Restore])
    );
    let report = explain(&engine, &object("versions/gone-1"));
    assert_eq!(finding(&report, Layer::Version), [Finding::DeleteMarker]);
    // Where the keys may not look it is not known, which is said, and no layer is blamed.
    let unseen = world.cases.iter().filter(|case| case.name == "lists/closed-1").map(|case| case.object.clone());
    let blind = unseen.clone().find(|seen| seen.connection != object("lists/closed-1").connection).unwrap();
    let report = explain(&engine, &blind);
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::Unexplained));
    for layer in [Layer::PublicAccessBlock, Layer::Ownership, Layer::Policy, Layer::ObjectAcl, Layer::RequesterPays] {
        assert_eq!(finding(&report, layer), [Finding::Unknown], "{layer:?}");
    }
    assert_eq!(finding(&report, Layer::Encryption), [Finding::PlainOrManaged], "this they may see");
    let report = explain(&engine, &object("open/plain.txt"));
    assert_eq!((report.check.verdict.clone(), report.ways.len()), (Verdict::Public, 0));
    assert_eq!(report.layers[0].finding, Finding::PolicyOpens);
}

#[test]
fn the_doctor_tells_a_refusal_from_no_answer_and_from_no_lists() {
    use crate::support::TestEngine;
    let (server, engine, at) = connected();
    engine.upload(vec![engine.file("a.txt", b"one")], &at, PutOptions::default());
    let list = |engine: &TestEngine| {
        let report = explain(engine, &at.object(ObjectKey::new("a.txt")));
        report.layers.iter().find(|found| found.layer == Layer::ObjectAcl).unwrap().finding
    };
    assert_eq!(list(&engine), Finding::AclDoesNotOpen);
    let answers = [
        (Action::error(403, "AccessDenied"), Finding::Unknown),
        (Action::error(501, "NotImplemented"), Finding::NoLists),
        (Action::error(503, "SlowDown"), Finding::NotAsked),
        (Action::CloseBefore, Finding::NotAsked),
    ];
    for (answer, expected) in answers {
        let rule = server.plan.add(Fault::on("GetObjectAcl", answer));
        assert_eq!(list(&engine), expected);
        server.plan.remove(rule);
    }
}

#[test]
fn what_is_being_restored_does_not_open_yet() {
    use bucketdrop::local_storage::faults::Restores;
    let engine = engine();
    let server = Server::start();
    let at = engine.connect(&server);
    World::new(&server, &engine).open(at.bucket.as_str(), "", "");
    let s3 = server.client();
    let bytes = aws_sdk_s3::primitives::ByteStream::from_static(b"bytes");
    let put = s3.put_object().bucket(at.bucket.as_str()).key("a").body(bytes);
    server.runtime.block_on(put.storage_class(aws_sdk_s3::types::StorageClass::Glacier).send()).unwrap();
    let restore = aws_sdk_s3::types::RestoreRequest::builder().days(1).build();
    server.plan.set_restores(Restores::UnderWay);
    let restore = s3.restore_object().bucket(at.bucket.as_str()).key("a").restore_request(restore);
    server.runtime.block_on(restore.send()).unwrap();
    let object = at.object(ObjectKey::new("a"));
    let report = explain(&engine, &object);
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::Archived));
    assert!(report.layers.iter().any(|layer| layer.finding == Finding::Archived), "{:?}", report.layers);
    server.plan.set_restores(Restores::AtOnce);
    assert_eq!(check(&engine, vec![object], CheckExtent::All)[0].verdict, Verdict::Public);
}

#[test]
fn answers_hold_until_something_changes() {
    let (server, engine, at) = {
        let engine = engine();
        let server = Server::start();
        let at = engine.connect(&server);
        (server, engine, at)
    };
    let object = at.object(ObjectKey::new("a.txt"));
    engine.upload(vec![engine.file("a.txt", b"one")], &at, PutOptions::default());
    server.plan.clear_log();
    let private = check(&engine, vec![object.clone()], CheckExtent::Sample);
    assert_eq!(private[0].verdict, Verdict::Private(PrivateBecause::NothingOpensIt));
    // Others may ask at any time; as a stranger nobody does but a check.
    let by_strangers = || server.plan.log().iter().filter(|seen| seen.signed == Signed::No).count();
    let asked = by_strangers();
    assert_eq!(check(&engine, vec![object.clone()], CheckExtent::Sample), private);
    assert_eq!(by_strangers(), asked, "given again without asking");
    // Asked for anew, and found open.
    World::new(&server, &engine).open(object.bucket.as_str(), "", "");
    assert_eq!(check(&engine, vec![object.clone()], CheckExtent::All)[0].verdict, Verdict::Public);
    // An upload makes what was known worthless, and its own size and tag are known without asking.
    let overwrite = crate::support::on_conflict(bucketdrop::model::ConflictPolicy::Overwrite);
    engine.upload(vec![engine.file("a.txt", b"another")], &at, overwrite);
    server.plan.clear_log();
    assert_eq!(check(&engine, vec![object.clone()], CheckExtent::Sample)[0].verdict, Verdict::Public);
    let log = server.plan.log();
    let heads = |signed: bool| {
        log.iter().filter(|seen| seen.operation == "HeadObject" && (seen.signed != Signed::No) == signed).count()
    };
    assert_eq!((heads(true), heads(false)), (0, 1));
    // Nobody has said that it is not in an archive: a GET does.
    let gets = log.iter().filter(|seen| seen.operation == "GetObject" && seen.signed == Signed::No).count();
    assert_eq!(gets, 1);
}

#[test]
fn many_links_are_sampled_and_can_be_stopped() {
    let engine = engine();
    let server = Server::start();
    let at = engine.connect(&server);
    let objects: Vec<ObjectRef> = (0..300).map(|number| at.object(ObjectKey::new(format!("k{number}")))).collect();
    let request = RequestId::next();
    engine.send(Command::CheckLinks { request, objects: objects.clone(), extent: CheckExtent::Sample });
    let (checks, progress, end) = answers(&engine, request);
    assert_eq!((checks.len(), end), (20, Ok(())));
    assert_eq!(progress, CheckProgress { checked: 20, asked: 20, total: 300 });
    assert!(checks.iter().any(|check| check.object == objects[0]));
    assert!(checks.iter().any(|check| check.object == objects[299]));
    // Nothing answers: at most eight are asked at a time, and stopping ends it at once.
    let rule = server.plan.add(Fault::anywhere(Action::Hold));
    server.plan.clear_log();
    let request = RequestId::next();
    engine.send(Command::CheckLinks { request, objects, extent: CheckExtent::All });
    server.wait_for("HeadObject", 16);
    let strangers = server.plan.log().iter().filter(|seen| seen.signed == Signed::No).count();
    assert_eq!(strangers, 8);
    // Neither do further questions ask for more at a time, whoever puts them.
    let (others, why) = (RequestId::next(), RequestId::next());
    let others_objects = (0..50).map(|number| at.object(ObjectKey::new(format!("o{number}")))).collect();
    engine.send(Command::CheckLinks { request: others, objects: others_objects, extent: CheckExtent::All });
    engine.send(Command::ExplainAccess { request: why, object: at.object(ObjectKey::new("o")) });
    history(&engine);
    assert_eq!(server.plan.log().iter().filter(|seen| seen.signed == Signed::No).count(), 8);
    engine.send(Command::StopRequest { request: others });
    engine.send(Command::StopRequest { request: why });
    engine.send(Command::StopRequest { request });
    let (_, progress, end) = answers(&engine, request);
    assert_eq!(end.unwrap_err().kind, FailureKind::Cancelled);
    assert!(progress.asked == 300 && progress.checked < 300);
    server.plan.remove(rule);
}

#[test]
fn signed_links_are_asked_for_and_leave_no_trace() {
    let engine = engine();
    let server = Server::start();
    let at = engine.connect(&server);
    engine.upload(vec![engine.file("a.txt", b"one")], &at, PutOptions::default());
    let (there, missing) = (at.object(ObjectKey::new("a.txt")), at.object(ObjectKey::new("none")));
    let request = RequestId::next();
    engine.send(Command::SignLinks { request, objects: vec![there.clone(), missing.clone()], expires_secs: 600 });
    let mut links: Vec<SignedLink> = engine.expect("LinksSigned", |event| match event {
        Event::LinksSigned { request: answered, result } if *answered == request => Some(result.clone().unwrap()),
        _ => None,
    });
    let (signature, expires) = (links[0].url.rsplit_once("X-Amz-Signature=").unwrap().1.to_owned(), links[0].expires);
    let other = if signature.starts_with('0') { "1" } else { "0" };
    let spoilt = links[0].url.replace(&signature, &format!("{other}{}", signature.split_at(1).1));
    links.push(SignedLink { url: spoilt, ..links[0].clone() });
    let given = GivenLink {
        object: there.clone(),
        kind: LinkKind::Presigned,
        address: links[0].url.clone(),
        given_at: jiff::Timestamp::UNIX_EPOCH,
        expires: Some(expires),
        verdict: None,
    };
    engine.send(Command::RecordLinks(vec![given]));
    for (link, expected) in links.into_iter().zip(["public", "not-found-missing", "private-wrong-signature"]) {
        let request = RequestId::next();
        let extent = CheckExtent::All;
        engine.send(Command::CheckSignedLinks { request, links: vec![link], extent });
        let (checks, _, _) = answers(&engine, request);
        assert_eq!((checks[0].verdict.code(), checks[0].kind), (expected, LinkKind::Presigned));
        assert!(!checks[0].address.contains('?'));
    }
    let engine = engine.restart();
    let history = history(&engine);
    assert_eq!(history.links.len(), 1);
    let kept = history.links[0].expires.map(jiff::Timestamp::as_millisecond);
    assert_eq!((&history.links[0].object, kept), (&there, Some(expires.as_millisecond())));
    assert!(history.links[0].given_at > jiff::Timestamp::UNIX_EPOCH && history.links[0].verdict.is_some());
    let stopped = engine.stop();
    // A database that is just being closed takes files away.
    for entry in walkdir::WalkDir::new(stopped.home.path()).into_iter().flatten() {
        if entry.file_type().is_file()
            && let Ok(bytes) = std::fs::read(entry.path())
        {
            let found = bytes.windows(signature.len()).any(|window| window == signature.as_bytes());
            assert!(!found, "{}", entry.path().display());
        }
    }
}

#[test]
fn what_kms_encrypts_opens_by_a_signed_link_only() {
    let engine = engine();
    let server = Server::start();
    let at = engine.connect(&server);
    World::new(&server, &engine).open(at.bucket.as_str(), "", "");
    let bytes = aws_sdk_s3::primitives::ByteStream::from_static(b"bytes");
    let put = server.client().put_object().bucket(at.bucket.as_str()).key("k").body(bytes);
    let put = put.server_side_encryption(aws_sdk_s3::types::ServerSideEncryption::AwsKms).send();
    server.runtime.block_on(put).unwrap();
    let object = at.object(ObjectKey::new("k"));
    let report = explain(&engine, &object);
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::Encrypted));
    assert_eq!(report.ways, [ShareWay::ExpiringLink, ShareWay::ReEncrypt]);
    let request = RequestId::next();
    engine.send(Command::SignLinks { request, objects: vec![object], expires_secs: 600 });
    let links = engine.expect("LinksSigned", |event| match event {
        Event::LinksSigned { request: answered, result } if *answered == request => Some(result.clone().unwrap()),
        _ => None,
    });
    let request = RequestId::next();
    engine.send(Command::CheckSignedLinks { request, links, extent: CheckExtent::All });
    let (checks, _, _) = answers(&engine, request);
    assert_eq!((&checks[0].verdict, checks[0].kind), (&Verdict::Public, LinkKind::Presigned));
}

#[test]
fn what_no_browser_can_open_is_not_signed() {
    let engine = engine();
    let server = Server::start();
    let at = engine.connect(&server);
    for key in ["a/../b", "./a", "a/."] {
        let request = RequestId::next();
        let objects = vec![at.object(ObjectKey::new("fine")), at.object(ObjectKey::new(key))];
        engine.send(Command::SignLinks { request, objects, expires_secs: 600 });
        let failure = engine.expect("LinksSigned", |event| match event {
            Event::LinksSigned { request: answered, result } if *answered == request => {
                Some(result.clone().unwrap_err())
            }
            _ => None,
        });
        assert_eq!(failure.kind, FailureKind::KeyOutOfReach, "{key}");
        assert!(failure.args.contains(&("key", key.to_owned())), "{failure:?}");
    }
}

fn history(engine: &TestEngine) -> SharingHistory {
    let asked = RequestId::next();
    engine.send(Command::ListHistory { request: asked });
    engine.expect("HistoryListed", |event| match event {
        Event::HistoryListed { request, result } if *request == asked => Some((**result.as_ref().unwrap()).clone()),
        _ => None,
    })
}

#[test]
fn what_opens_on_this_computer_only_is_called_that() {
    let (server, engine, at) = connected();
    engine.upload(vec![engine.file("a.txt", b"one")], &at, PutOptions::default());
    World::new(&server, &engine).open(at.bucket.as_str(), "", "");
    let checks = check(&engine, vec![at.object(ObjectKey::new("a.txt"))], CheckExtent::Sample);
    assert_eq!(checks[0].verdict, Verdict::OnlyFromHere(OnlyHere::Loopback));
    assert_eq!(checks[0].verdict.access(), Access::Unknown);
}
