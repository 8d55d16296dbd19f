//! Rows H of the fault catalogue: services that say no. A refusal is named, not repeated, and stops nothing else.

use aws_sdk_s3::types::{
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, Payer as SdkPayer, RequestPaymentConfiguration,
};
use bucketdrop::engine::Reporting;
use bucketdrop::local_storage::Rights;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::locale::{Lang, failure_advice, failure_advice_cli};
use bucketdrop::model::{
    Command, ConnectionDraft, Event, Failure, FailureKind, ObjectKey, Payer, PutOptions, QueueHold, RequestId,
    SecretPlace, Selection, Target, TransferAction, TransferState,
};

use crate::catalogue_common::{LARGE, SMALL, Scene};
use crate::support::{BUCKET, Server, Setup, TestEngine, location, pattern};

fn with_options(scene: &Scene, name: &str, size: usize, options: PutOptions) -> (u64, Option<FailureKind>) {
    let paths = vec![scene.engine.file(name, &pattern(size))];
    let summary = scene.engine.upload(paths, &scene.at, options);
    (summary.done, summary.first_failure.map(|failure| failure.kind))
}

#[test]
fn h10_wrong_region() {
    let scene = Scene::with(|_, draft| "eu-central-1".clone_into(&mut draft.region));
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
    let wrong = |record: &&bucketdrop::local_storage::faults::RequestRecord| {
        record.end == bucketdrop::local_storage::faults::RequestEnd::Answered(400)
    };
    let refused = scene.server.plan.log().iter().filter(wrong).count();
    assert!(refused <= 4, "the region is learnt once for each upload thread: {refused} refusals");
    let moved = Action::Answer {
        status: 301,
        headers: vec![("x-amz-bucket-region".into(), "us-east-1".into())],
        body: "<Error><Code>PermanentRedirect</Code><Endpoint>127.0.0.1:9</Endpoint></Error>".into(),
    };
    let scene = Scene::with(|_, draft| "eu-central-1".clone_into(&mut draft.region));
    // Whatever is asked first.
    scene.server.plan.add(Fault::anywhere(moved).times(1));
    scene.arrives("moved", SMALL);
}

#[test]
fn h11_clock_skew() {
    let skewed = Fault::anywhere(Action::error(403, "RequestTimeTooSkewed"));
    let scene = Scene::new().fault(skewed);
    let (batch, failure) = scene.held("a", SMALL);
    assert_eq!(failure.kind, FailureKind::ClockSkew);
    assert!(scene.count("PutObject") <= 2, "{}", scene.count("PutObject"));
    scene.server.plan.clear();
    scene.goes_on(batch, "a", SMALL);
}

#[test]
fn h14_access_denied_on_put() {
    for operation in ["PutObject", "CreateMultipartUpload", "UploadPart"] {
        let size = if operation == "PutObject" { SMALL } else { LARGE };
        let denied = Fault::on(operation, Action::error(403, "AccessDenied")).key("denied");
        let scene = Scene::new().fault(denied);
        let paths = vec![scene.engine.file("denied", &pattern(size)), scene.engine.file("allowed", &pattern(size))];
        let summary = scene.engine.upload(paths, &scene.at, PutOptions::default());
        assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
        assert_eq!(summary.first_failure.unwrap().kind, FailureKind::AccessDenied);
        assert!(scene.server.bytes("allowed").unwrap() == pattern(size));
        let log = scene.server.plan.log();
        let asked = log.iter().filter(|r| r.operation == operation && r.key.as_deref() == Some("denied"));
        assert!(asked.count() <= 3, "no more than one try for each part");
    }
}

#[test]
fn h15_access_denied_on_list_buckets() {
    let scene = Scene::new().fault(Fault::on("ListBuckets", Action::error(403, "AccessDenied")));
    let request = RequestId::next();
    scene.engine.send(Command::ListBuckets { request, connection: scene.at.connection.clone() });
    let listed = scene.engine.expect("BucketsListed", |event| match event {
        Event::BucketsListed { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    });
    assert_eq!(listed.unwrap_err().kind, FailureKind::AccessDenied);
    scene.arrives("into a bucket that was typed in", SMALL);
}

#[test]
fn h16_access_denied_on_bucket_location_and_head() {
    let scene = Scene::new();
    for operation in ["GetBucketLocation", "HeadBucket"] {
        scene.server.plan.add(Fault::on(operation, Action::error(403, "AccessDenied")));
    }
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
}

#[test]
fn h17_a_key_that_may_only_write() {
    let scene = Scene::new();
    for operation in ["HeadObject", "GetObject"] {
        scene.server.plan.add(Fault::on(operation, Action::error(403, "AccessDenied")).key("only written"));
    }
    for size in [SMALL, LARGE] {
        let paths = vec![scene.engine.file("only written", &pattern(size))];
        let overwrite = crate::support::on_conflict(bucketdrop::model::ConflictPolicy::Overwrite);
        assert_eq!(scene.engine.upload(paths, &scene.at, overwrite).done, 1);
        assert!(matches!(scene.engine.report().state, TransferState::Done(_)));
    }
    let paths = vec![scene.engine.file("only written", &pattern(SMALL))];
    let summary =
        scene.engine.upload(paths, &scene.at, crate::support::on_conflict(bucketdrop::model::ConflictPolicy::Skip));
    assert_eq!(summary.skipped, 1, "the condition of the write itself still holds");
    assert_eq!(scene.server.versions("only written"), 2);
}

#[test]
fn h18_access_denied_on_abort() {
    let scene = Scene::new();
    for operation in ["AbortMultipartUpload", "ListParts", "ListMultipartUploads"] {
        scene.server.plan.add(Fault::on(operation, Action::error(403, "AccessDenied")));
    }
    let hang = scene.server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let paths = vec![scene.engine.file("a", &pattern(LARGE))];
    let batch = scene.engine.enqueue(paths, &scene.at, PutOptions::default());
    scene.server.wait_for("UploadPart", 3);
    scene.engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    let summary = scene.engine.finished(batch);
    assert_eq!((summary.cancelled, summary.failed), (1, 0), "a cancel ends also where nothing may be aborted");
    scene.server.plan.remove(hang);
    // What may neither be aborted nor listed does not stop the same file from being uploaded.
    let paths = vec![scene.engine.file("a", &pattern(LARGE))];
    assert_eq!(scene.engine.upload(paths, &scene.at, PutOptions::default()).done, 1);
    assert!(scene.server.bytes("a").unwrap() == pattern(LARGE));
    assert_eq!(scene.server.versions("a"), 1);
}

#[test]
fn h29_metadata_too_large() {
    let options = PutOptions { metadata: vec![("note".into(), "x".repeat(3000))], ..PutOptions::default() };
    for size in [SMALL, LARGE] {
        let scene = Scene::new();
        let (done, kind) = with_options(&scene, "a", size, options.clone());
        assert_eq!((done, kind), (0, Some(FailureKind::TooLarge)));
        assert!(scene.server.plan.log().len() <= 4, "{:#?}", scene.server.plan.log());
        assert_eq!(scene.server.unfinished_uploads(), 0);
    }
}

#[test]
fn h30_acl_refused() {
    let options = PutOptions { acl: Some("public-read".into()), ..PutOptions::default() };
    for (operation, size) in [("PutObject", SMALL), ("CreateMultipartUpload", LARGE)] {
        let refused = Fault::on(operation, Action::error(400, "AccessControlListNotSupported"));
        let scene = Scene::new().fault(refused);
        let (done, kind) = with_options(&scene, "a", size, options.clone());
        // This service says so whatever is sent; of one that means the list, see `public.rs`.
        assert_eq!((done, kind), (0, Some(FailureKind::AclNotSupported)));
        assert_eq!(scene.count(operation), 2, "once more without the list, and no more");
    }
}

#[test]
fn h31_public_access_blocked() {
    let options = PutOptions { acl: Some("public-read".into()), ..PutOptions::default() };
    let scene = Scene::new().fault(Fault::on("PutObject", Action::error(403, "AccessDenied")));
    let (done, kind) = with_options(&scene, "a", SMALL, options);
    let kind = kind.unwrap();
    assert!(matches!(kind, FailureKind::AccessDenied | FailureKind::PublicAccessBlocked), "{kind:?}");
    assert_eq!((done, scene.count("PutObject")), (0, 1), "no loop");
}

#[test]
fn h32_every_write_carries_a_checksum() {
    let (scene, line) = Scene::over_a_line();
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
    let heads = String::from_utf8_lossy(&line.first_bytes()).to_lowercase();
    assert!(heads.matches("put /").count() > 1, "{heads}");
    for put in heads.split("put /").skip(1) {
        let head = put.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("\nx-amz-checksum-") || head.contains("\ncontent-md5"), "{head}");
    }
}

fn delete(scene: &Scene, keys: &[&str]) -> (u64, Vec<FailureKind>) {
    let request = RequestId::next();
    let targets = keys.iter().map(|key| Target::Object(ObjectKey::new(*key))).collect();
    scene.engine.send(Command::DeleteObjects { request, at: scene.at.clone(), targets, counted: RequestId::next() });
    scene.engine.expect("ObjectsDeleted", |event| match event {
        Event::ObjectsDeleted { request: r, deleted, failed, end: Some(end), .. } if *r == request => {
            assert!(end.is_ok(), "{end:?}");
            Some((*deleted, failed.iter().map(|(_, failure)| failure.kind).collect()))
        }
        _ => None,
    })
}

#[test]
fn h33_a_locked_object_stays() {
    let scene = Scene::new();
    scene.server.put("locked", b"x");
    for operation in ["DeleteObject", "DeleteObjects"] {
        scene.server.plan.add(Fault::on(operation, Action::error(403, "AccessDenied")));
    }
    let (deleted, failed) = delete(&scene, &["locked"]);
    assert_eq!((deleted, failed), (0, vec![FailureKind::AccessDenied]));
    scene.holds("locked", b"x");
}

#[test]
fn h34_versioned_delete() {
    let scene = Scene::new();
    scene.server.put("a", b"one");
    scene.server.put("b", b"one");
    scene.server.put("b", b"two");
    let (deleted, failed) = delete(&scene, &["a", "b"]);
    assert_eq!((deleted, failed.len()), (2, 0));
    assert!(scene.server.keys().is_empty(), "hidden");
    assert_eq!((scene.server.versions("a"), scene.server.markers("a")), (1, 1), "and kept");
    assert_eq!((scene.server.versions("b"), scene.server.markers("b")), (2, 1));
    // A key that is only hidden is free.
    assert_eq!(scene.upload("a", b"new").done, 1);
    assert_eq!(scene.server.bytes("a").unwrap(), b"new");
    assert_eq!(scene.server.versions("a"), 2);
}

/// A key of another account, which the bucket's owner lets do anything, and pay for it.
fn pays_its_own_way(server: &Server, draft: &mut ConnectionDraft) {
    let other = server.plan.add_key(Rights::everything().of_another_account());
    (draft.access_key_id, draft.secret_access_key) = (other.access_key_id, other.secret_access_key);
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::test-bucket", "arn:aws:s3:::test-bucket/*"]}]}"#;
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build().unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    let paying = RequestPaymentConfiguration::builder().payer(SdkPayer::Requester).build().unwrap();
    server.runtime.block_on(async {
        let owner = server.client();
        owner.put_bucket_policy().bucket(BUCKET).policy(policy).send().await.unwrap();
        owner.put_bucket_ownership_controls().bucket(BUCKET).ownership_controls(controls).send().await.unwrap();
        owner.put_bucket_request_payment().bucket(BUCKET).request_payment_configuration(paying).send().await.unwrap();
    });
}

fn listed(scene: &Scene) -> Result<usize, Failure> {
    let request = RequestId::next();
    scene.engine.send(Command::ListObjects { request, at: scene.at.clone(), after: None });
    let result = scene.engine.expect("ObjectsListed", |event| match event {
        Event::ObjectsListed { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    });
    result.map(|page| page.entries.len()).map_err(|failure| *failure)
}

/// What somebody without keys gets by a signed link.
fn by_link(scene: &Scene, key: &str) -> Vec<u8> {
    let request = RequestId::next();
    let objects = vec![scene.at.object(ObjectKey::new(key))];
    scene.engine.send(Command::SignLinks { request, objects, expires_secs: 600 });
    let links = scene.engine.expect("LinksSigned", |event| match event {
        Event::LinksSigned { request: r, result } if *r == request => Some(result.clone()),
        _ => None,
    });
    let url = links.unwrap().remove(0).url;
    let fetched = std::process::Command::new("curl").args(["-sS", "--noproxy", "*"]).arg(url).output().unwrap();
    assert!(fetched.status.success(), "{fetched:?}");
    fetched.stdout
}

#[test]
fn h35_requester_pays() {
    let scene = Scene::with(pays_its_own_way);
    scene.server.put("there", b"bytes");
    // Nobody agreed to pay: refused, asked once, and told what it may be and where that is switched on.
    let mut refusals = vec![scene.fails("small", SMALL), scene.fails("large", LARGE)];
    assert_eq!((scene.count("PutObject"), scene.count("CreateMultipartUpload")), (2, 1), "one PUT was the test's own");
    refusals.push(listed(&scene).unwrap_err());
    for failure in refusals {
        assert_eq!(failure.kind, FailureKind::AccessDenied);
        let (window, line) = (failure_advice(Lang::En, &failure), failure_advice_cli(Lang::En, &failure));
        assert!(window.contains("requester pays") && window.contains("“I pay”"), "{window}");
        assert!(line.contains("--requester-pays"), "{line}");
        assert!(failure_advice(Lang::Ko, &failure).contains("“요금을 제가 냅니다”"), "{failure:?}");
    }
    assert!(by_link(&scene, "there").starts_with(b"<?xml"), "a refusal");
    // The same with the switch on.
    let mut draft = TestEngine::draft(&scene.server);
    pays_its_own_way(&scene.server, &mut draft);
    let paying = ConnectionDraft { payer: Payer::Requester, ..draft };
    let connection = scene.engine.save(paying, SecretPlace::Keychain).unwrap();
    assert_eq!(connection.payer, Payer::Requester);
    let scene = Scene { at: location(connection.id), ..scene };
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
    assert_eq!(listed(&scene).unwrap(), 3);
    assert_eq!(by_link(&scene, "there"), b"bytes");
    assert_eq!(delete(&scene, &["small", "large", "there"]), (3, Vec::new()));
    // Whoever may not for another reason is not told to pay.
    let scene = Scene::with(|server, draft| {
        let other = server.plan.add_key(Rights::only(&["s3:ListBucket"]));
        (draft.access_key_id, draft.secret_access_key) = (other.access_key_id, other.secret_access_key);
    });
    let advice = failure_advice(Lang::En, &scene.fails("a", SMALL));
    assert!(!advice.contains("requester pays"), "{advice}");
}

#[test]
fn h39_no_such_bucket() {
    const FILES: usize = 400;
    // As the window has it: a command ends, and its files fail one by one.
    let engine = TestEngine::start(Setup { reporting: Reporting::Counts, ..Setup::default() });
    let server = Server::start();
    let at = engine.connect(&server);
    let bucket = bucketdrop::model::BucketName::new("no-such-bucket").unwrap();
    let elsewhere = bucketdrop::model::Location { bucket: bucket.clone(), ..at.clone() };
    let mut paths: Vec<_> = (0..FILES).map(|n| engine.file(&format!("d/{n}"), b"x")).collect();
    paths.push(engine.file("large", &pattern(LARGE)));
    let batch = engine.enqueue(paths, &elsewhere, PutOptions::default());
    engine.expect("a hold", |event| match event {
        Event::Transfers(view) => view.holds.iter().find_map(|hold| match hold {
            QueueHold::Refused { failure, bucket: of, .. } if failure.kind == FailureKind::NoSuchBucket => {
                assert_eq!(of.as_ref(), Some(&bucket));
                Some(())
            }
            _ => None,
        }),
        _ => None,
    });
    let beside = engine.upload(vec![engine.file("beside", b"beside")], &at, PutOptions::default());
    assert_eq!(beside.done, 1, "another bucket is not concerned");
    // What was under way at that moment, and the one file of the other bucket.
    assert!(server.plan.count("PutObject") < FILES / 2, "{} requests", server.plan.count("PutObject"));
    let made = server.client().create_bucket().bucket("no-such-bucket").send();
    server.runtime.block_on(made).unwrap();
    engine.send(Command::TryConnection(at.connection.clone()));
    let summary = engine.finished(batch);
    // As with denials, the first two are taken for the files' own.
    assert_eq!((summary.done, summary.failed), (FILES as u64 - 1, 2), "{summary:?}");
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::NoSuchBucket);
}

#[test]
fn h39_a_command_goes_on_with_its_other_buckets() {
    let scene = Scene::new();
    let bucket = bucketdrop::model::BucketName::new("no-such-bucket").unwrap();
    let elsewhere = bucketdrop::model::Location { bucket, ..scene.at.clone() };
    let paths = (0..20).map(|n| scene.engine.file(&format!("d/{n}"), b"x")).collect();
    let summary = scene.engine.upload(paths, &elsewhere, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (0, 20), "nobody is there who would make the bucket");
    scene.arrives("another bucket is not concerned", SMALL);
}

#[test]
fn h39_what_waits_for_a_bucket_goes_on_when_the_user_makes_it() {
    let engine = TestEngine::start(Setup { reporting: Reporting::Counts, ..Setup::default() });
    let server = Server::start();
    let at = engine.connect(&server);
    let bucket = bucketdrop::model::BucketName::new("no-such-bucket").unwrap();
    let elsewhere = bucketdrop::model::Location { bucket: bucket.clone(), ..at.clone() };
    let paths: Vec<_> = (0..20).map(|n| engine.file(&format!("d/{n}"), b"x")).collect();
    let batch = engine.enqueue(paths, &elsewhere, PutOptions::default());
    engine.expect("a hold", |event| match event {
        Event::Transfers(view) => view.holds.iter().find_map(|hold| match hold {
            QueueHold::Refused { failure, .. } if failure.kind == FailureKind::NoSuchBucket => Some(()),
            _ => None,
        }),
        _ => None,
    });
    let (request, connection) = (RequestId::next(), at.connection.clone());
    let region = bucketdrop::model::Region::us_east_1();
    engine.send(Command::CreateBucket { request, connection, name: bucket, region });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (18, 2), "{summary:?}");
}

#[test]
fn h40_storage_full() {
    for (status, code) in [(507, "XMinioStorageFull"), (507, "InsufficientStorage")] {
        let scene = Scene::new().fault(Fault::on("PutObject", Action::error(status, code)));
        let (batch, failure) = scene.held("a", SMALL);
        assert_eq!(failure.kind, FailureKind::StorageFull, "{code}");
        assert!(scene.count("PutObject") <= 3, "{}", scene.count("PutObject"));
        scene.server.plan.clear();
        scene.goes_on(batch, "a", SMALL);
    }
}

#[test]
fn h41_delete_objects_needs_md5() {
    let scene = Scene::new().fault(Fault::on("DeleteObjects", Action::error(400, "MissingContentMD5")));
    for key in ["a", "b", "c"] {
        scene.server.put(key, b"x");
    }
    assert_eq!(delete(&scene, &["a", "b", "c"]), (3, Vec::new()));
    assert!(scene.server.keys().is_empty());
}

#[test]
fn h42_delete_objects_in_part() {
    let answer = "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code>\
                  <Message>no</Message></Error></DeleteResult>";
    let partly = Action::Answer {
        status: 200,
        headers: vec![("content-type".into(), "application/xml".into())],
        body: answer.into(),
    };
    let scene = Scene::new().fault(Fault::on("DeleteObjects", partly));
    scene.server.put("a", b"x");
    scene.server.put("b", b"x");
    let (deleted, failed) = delete(&scene, &["a", "b"]);
    assert_eq!((deleted, failed), (1, vec![FailureKind::AccessDenied]), "never all deleted");
}
