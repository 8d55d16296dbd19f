//! Uploads that are to be public, by whichever way their bucket allows. What it refuses fails none of them.

use aws_sdk_s3::types::Permission;
use bucketdrop::local_storage::faults::{Action, Fault, RequestEnd, Signed};
use bucketdrop::local_storage::{PublicAccessBlock, PublicAccessSwitch, Rights};
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, Event, Failure, FailureKind, Finding, Layer, PutOptions, RowsWanted, TransferTab,
    UploadAccess,
};
use serde_json::json;

use crate::sharing::{block, enforce_ownership, engine_with, reads, set_policy};
use crate::support::{BUCKET, MIB, Server, TestEngine, connected, on_conflict, pattern};

fn public() -> PutOptions {
    PutOptions { access: UploadAccess::Public, ..PutOptions::default() }
}

/// What was told of a batch, each time.
fn refusals(engine: &TestEngine, wanted: BatchId) -> Vec<Failure> {
    let mut told = Vec::new();
    while engine.has_heard(|event| matches!(event, Event::PublicRefused { batch, .. } if *batch == wanted)) {
        told.push(engine.expect("PublicRefused", |event| match event {
            Event::PublicRefused { batch, failure, .. } if *batch == wanted => Some((**failure).clone()),
            _ => None,
        }));
    }
    told
}

/// What was told of a batch that has no list, each time.
fn left_out(engine: &TestEngine, wanted: BatchId) -> Vec<Failure> {
    let mut told = Vec::new();
    while engine.has_heard(|event| matches!(event, Event::AclLeftOut { batch, .. } if *batch == wanted)) {
        told.push(engine.expect("AclLeftOut", |event| match event {
            Event::AclLeftOut { batch, failure } if *batch == wanted => Some((**failure).clone()),
            _ => None,
        }));
    }
    told
}

/// What was told of a batch: which layers refuse.
fn layers(engine: &TestEngine, wanted: BatchId) -> Vec<Vec<(Layer, Finding)>> {
    let mut told = Vec::new();
    while engine.has_heard(|event| matches!(event, Event::PublicRefused { batch, .. } if *batch == wanted)) {
        told.push(engine.expect("PublicRefused", |event| match event {
            Event::PublicRefused { batch, because, .. } if *batch == wanted => {
                Some(because.iter().flatten().map(|found| (found.layer, found.finding)).collect())
            }
            _ => None,
        }));
    }
    told
}

fn kinds(engine: &TestEngine, batch: BatchId) -> Vec<FailureKind> {
    refusals(engine, batch).into_iter().map(|failure| failure.kind).collect()
}

fn many(engine: &TestEngine, folder: &str, count: usize) -> std::path::PathBuf {
    for number in 0..count {
        engine.file(&format!("{folder}/{number:02}"), format!("content {number}").as_bytes());
    }
    engine.files.path().join(folder)
}

/// Requests of an operation that were refused.
fn refused(server: &Server, operation: &str) -> usize {
    let is_refused = |end: &RequestEnd| matches!(end, RequestEnd::Answered(status) if *status >= 400);
    server.plan.log().iter().filter(|r| r.operation == operation && is_refused(&r.end)).count()
}

#[test]
fn where_lists_count_each_object_opens_by_its_own() {
    let (server, engine, at) = connected();
    engine.file("d/big", &pattern(20 * MIB));
    let batch = engine.enqueue(vec![many(&engine, "d", 10)], &at, public());
    assert_eq!(engine.finished(batch).done, 11);
    assert_eq!((reads(&server, "d/07"), reads(&server, "d/big")), (200, 200));
    assert_eq!(kinds(&engine, batch), []);
    assert_eq!(server.plan.count("GetBucketOwnershipControls"), 1, "asked once, not for each file");
    assert_eq!(server.plan.count("GetObjectAcl"), 0);
    // Nothing becomes public unasked.
    engine.upload(vec![engine.file("private", b"1")], &at, PutOptions::default());
    assert_eq!(reads(&server, "private"), 403);
}

#[test]
fn where_lists_are_off_everything_arrives_and_the_reason_is_told_once() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    engine.file("d/big", &pattern(20 * MIB));
    let batch = engine.enqueue(vec![many(&engine, "d", 30)], &at, public());
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (31, 0));
    let told = refusals(&engine, batch);
    assert_eq!(told.iter().map(|failure| failure.kind).collect::<Vec<_>>(), [FailureKind::AclNotSupported]);
    assert!(told[0].args.contains(&("bucket", BUCKET.to_owned())), "{told:?}");
    assert_eq!((refused(&server, "PutObject"), refused(&server, "CreateMultipartUpload")), (0, 0));
    assert_eq!(reads(&server, "d/07"), 403);
}

#[test]
fn a_list_that_was_chosen_fails_no_upload_where_lists_are_off() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    engine.file("d/big", &pattern(20 * MIB));
    let with = |acl: &str| PutOptions { acl: Some(acl.to_owned()), ..PutOptions::default() };
    let batch = engine.enqueue(vec![many(&engine, "d", 5)], &at, with("public-read"));
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (6, 0));
    assert_eq!(kinds(&engine, batch), [FailureKind::AclNotSupported], "told once");
    assert_eq!(reads(&server, "d/03"), 403);
    // One that opens for nobody in particular is told as what it is.
    engine.file("e/big", &pattern(20 * MIB));
    let batch = engine.enqueue(vec![many(&engine, "e", 5)], &at, with("authenticated-read"));
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (6, 0));
    let told = left_out(&engine, batch);
    assert_eq!(told.iter().map(|failure| failure.kind).collect::<Vec<_>>(), [FailureKind::AclLeftOut], "told once");
    for value in [("name", "authenticated-read".to_owned()), ("bucket", BUCKET.to_owned())] {
        assert!(told[0].args.contains(&value), "{told:?}");
    }
    assert_eq!(kinds(&engine, batch), []);
    // The one that such buckets take as well goes with its object.
    let batch = engine.enqueue(vec![engine.file("other", b"1")], &at, with("bucket-owner-full-control"));
    assert_eq!((engine.finished(batch).done, left_out(&engine, batch).len()), (1, 0));
}

#[test]
fn a_list_that_was_chosen_and_is_not_heeded_is_told() {
    let (server, engine, at) = connected();
    block(&server, |switches| switches.ignore_public_acls(true));
    for (folder, acl) in [("d", "public-read"), ("e", "public-read-write")] {
        let options = PutOptions { acl: Some(acl.to_owned()), ..PutOptions::default() };
        let batch = engine.enqueue(vec![many(&engine, folder, 5)], &at, options);
        assert_eq!(engine.finished(batch).done, 5);
        let told = layers(&engine, batch);
        assert_eq!(told, [vec![(Layer::PublicAccessBlock, Finding::AclsIgnored)]]);
    }
    // Where it counts nothing is told, and it is the list that was chosen.
    block(&server, |switches| switches);
    let options = PutOptions { acl: Some("public-read-write".to_owned()), ..PutOptions::default() };
    let batch = engine.enqueue(vec![many(&engine, "f", 5)], &at, options);
    assert_eq!((engine.finished(batch).done, kinds(&engine, batch)), (5, vec![]));
    assert_eq!(reads(&server, "f/03"), 200);
    let list = server.client().get_object_acl().bucket(BUCKET).key("f/03").send();
    let list = server.runtime.block_on(list).unwrap();
    assert!(list.grants().iter().any(|grant| grant.permission() == Some(&Permission::Write)), "{list:?}");
}

#[test]
fn a_list_that_an_earlier_run_had_to_leave_out_is_told_by_the_one_that_goes_on() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
    let options = PutOptions { acl: Some("authenticated-read".to_owned()), ..PutOptions::default() };
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, options);
    server.wait_for_answers("UploadPart", 4);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 32 * MIB as u64);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(left_out(&engine, batch).len(), 1);
}

#[test]
fn where_the_policy_opens_the_place_no_list_is_sent() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    set_policy(
        &server,
        &json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")}}),
    );
    let batch = engine.enqueue(vec![many(&engine, "d", 5)], &at, public());
    assert_eq!(engine.finished(batch).done, 5);
    assert_eq!((kinds(&engine, batch), reads(&server, "d/03")), (vec![], 200));
    // One that was chosen is missed, and yet the object is public.
    let options = PutOptions { acl: Some("public-read".to_owned()), ..PutOptions::default() };
    let batch = engine.enqueue(vec![many(&engine, "e", 5)], &at, options);
    assert_eq!(engine.finished(batch).done, 5);
    assert_eq!((kinds(&engine, batch).len(), left_out(&engine, batch).len()), (0, 1));
}

#[test]
fn blocked_public_access_fails_no_upload() {
    let (server, engine, at) = connected();
    block(&server, |switches| switches.block_public_acls(true));
    let batch = engine.enqueue(vec![many(&engine, "d", 5)], &at, public());
    assert_eq!(engine.finished(batch).done, 5);
    assert_eq!(kinds(&engine, batch), [FailureKind::PublicAccessBlocked]);
    // A list that has no effect is no success either.
    block(&server, |switches| switches.ignore_public_acls(true));
    let batch = engine.enqueue(vec![many(&engine, "e", 5)], &at, public());
    assert_eq!(engine.finished(batch).done, 5);
    assert_eq!(kinds(&engine, batch), [FailureKind::PublicAccessBlocked]);
    assert_eq!(refused(&server, "PutObject"), 0);
}

#[test]
fn what_is_taken_and_not_heeded_is_found_out_by_asking() {
    let (server, engine, at) = connected();
    // The account's block cannot be read through S3, and takes no write back.
    server.plan.set_account_block(PublicAccessBlock::only(&[PublicAccessSwitch::IgnorePublicAcls]));
    let batch = engine.enqueue(vec![many(&engine, "d", 30)], &at, public());
    assert_eq!(engine.finished(batch).done, 30);
    let told = refusals(&engine, batch);
    assert_eq!(told.iter().map(|failure| failure.kind).collect::<Vec<_>>(), [FailureKind::StaysPrivate]);
    assert!(told[0].args.contains(&("bucket", BUCKET.to_owned())), "{told:?}");
    let strangers = server.plan.log().iter().filter(|seen| seen.signed == Signed::No).count();
    assert_eq!(strangers, 4, "one object, by HEAD and by GET, and once more for the reason");
}

#[test]
fn which_layers_refuse_is_told_once_for_a_batch() {
    let (server, engine, at) = connected();
    let batch = |folder: &str| {
        let batch = engine.enqueue(vec![many(&engine, folder, 20)], &at, public());
        assert_eq!(engine.finished(batch).done, 20);
        layers(&engine, batch)
    };
    let (no_policy, no_list) = ((Layer::Policy, Finding::NoPolicy), (Layer::ObjectAcl, Finding::AclDoesNotOpen));
    block(&server, |switches| switches.block_public_acls(true));
    let told = batch("a");
    assert_eq!(told.len(), 1, "{told:?}");
    let new_lists = (Layer::PublicAccessBlock, Finding::NewAclsRefused);
    assert!([new_lists, no_policy, no_list].iter().all(|found| told[0].contains(found)), "{told:?}");
    block(&server, |switches| switches);
    enforce_ownership(&server);
    assert_eq!(batch("b"), [vec![no_policy, (Layer::Ownership, Finding::AclsOff), no_list]]);
    let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/c/*")}});
    set_policy(&server, &deny);
    assert_eq!(batch("c")[0][0], (Layer::Policy, Finding::PolicyDenies));
    // What the keys may not read is told as that.
    let rights = Rights::everything().except(&["s3:GetBucketPolicy*", "s3:PutObjectAcl"]);
    let (engine, at) = engine_with(&server, rights);
    let batch = engine.enqueue(vec![engine.file("k", b"1")], &at, public());
    assert_eq!(engine.finished(batch).done, 1);
    let told = layers(&engine, batch);
    assert!(told.len() == 1 && told[0].contains(&(Layer::Policy, Finding::Unknown)), "{told:?}");
}

/// Rights to upload, and none to read a setting.
fn blind() -> Rights {
    Rights::only(&["s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "s3:ListBucket", "s3:AbortMultipartUpload"])
}

#[test]
fn keys_that_may_not_look_find_out_by_one_refusal() {
    for size in [5, 20 * MIB] {
        let server = Server::start();
        enforce_ownership(&server);
        let (engine, at) = engine_with(&server, blind());
        let first = engine.enqueue(vec![engine.file("first", &pattern(size))], &at, public());
        assert_eq!(engine.finished(first).done, 1);
        assert_eq!(kinds(&engine, first), [FailureKind::AclNotSupported]);
        assert_eq!(refused(&server, "PutObject") + refused(&server, "CreateMultipartUpload"), 1);
        assert_eq!(server.bytes("first").unwrap(), pattern(size));
        // Many at once: those that are under way find out for themselves, the rest is told.
        engine.send(Command::LimitFiles(8));
        let batch = engine.enqueue(vec![many(&engine, "d", 60)], &at, public());
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (60, 0));
        assert_eq!(kinds(&engine, batch), [FailureKind::AclNotSupported]);
        let again = refused(&server, "PutObject");
        assert!(again < 40, "{again} refused");
    }
}

#[test]
fn keys_that_may_not_set_lists_upload_all_the_same() {
    let server = Server::start();
    let rights = Rights::everything().except(&["s3:PutObjectAcl"]);
    let (engine, at) = engine_with(&server, rights);
    let batch = engine.enqueue(vec![engine.file("k", b"1")], &at, public());
    assert_eq!(engine.finished(batch).done, 1);
    let told = refusals(&engine, batch);
    assert_eq!(told[0].kind, FailureKind::AccessDenied);
    assert!(told[0].args.contains(&("action", "s3:PutObjectAcl".to_owned())), "{told:?}");
    // Keys that may not write at all are told that, not something about lists.
    let (engine, at) = engine_with(&server, Rights::only(&["s3:ListBucket"]));
    let batch = engine.enqueue(vec![engine.file("k2", b"1")], &at, public());
    let summary = engine.finished(batch);
    assert_eq!((summary.failed, summary.first_failure.map(|f| f.kind)), (1, Some(FailureKind::AccessDenied)));
    assert_eq!(kinds(&engine, batch), []);
}

#[test]
fn a_service_without_lists_is_not_mistaken_for_one_without_conditions() {
    let (server, engine, at) = connected();
    // As R2 says it.
    let body = "<Error><Code>NotImplemented</Code><Message>Header 'x-amz-acl' with value 'public-read' not \
                implemented</Message></Error>";
    let headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
    let answer = Action::Answer { status: 501, headers, body: body.to_owned() };
    server.plan.add(Fault::on("PutObject", answer).times(1));
    let batch = engine.enqueue(vec![engine.file("k", b"1")], &at, public());
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(kinds(&engine, batch), [FailureKind::AclNotSupported]);
    // The reason is looked for by our keys and as a stranger, and that is all that is asked for.
    assert_eq!((server.plan.count("PutObject"), server.plan.count("HeadObject")), (2, 2));
    // One that the user chose is left out for the same words.
    let headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
    let answer = Action::Answer { status: 501, headers, body: body.to_owned() };
    server.plan.add(Fault::on("PutObject", answer).times(1));
    let options = PutOptions { acl: Some("authenticated-read".to_owned()), ..PutOptions::default() };
    let batch = engine.enqueue(vec![engine.file("l", b"1")], &at, options);
    assert_eq!((engine.finished(batch).done, left_out(&engine, batch).len()), (1, 1));
}

#[test]
fn what_is_there_stays_as_it_is() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    server.put("k", b"theirs");
    let options = PutOptions { access: UploadAccess::Public, ..on_conflict(ConflictPolicy::Skip) };
    let summary = engine.upload(vec![engine.file("k", b"ours")], &at, options);
    assert_eq!((summary.done, summary.skipped), (0, 1));
    assert_eq!(server.bytes("k").unwrap(), b"theirs");
    assert!(!engine.has_heard(|event| matches!(event, Event::PublicRefused { .. })), "nothing was uploaded");
}

#[test]
fn a_restart_in_the_middle_keeps_the_wish() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, public());
    server.wait_for_answers("UploadPart", 4);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 32 * MIB as u64);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    engine.send(Command::ShowTransfers(RowsWanted::default()));
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!((kinds(&engine, batch), reads(&server, "big")), (vec![], 200));
}

#[test]
fn a_large_file_that_an_earlier_run_began_without_a_list_opens_in_the_end() {
    let (server, engine, at) = connected();
    enforce_ownership(&server);
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, public());
    server.wait_for_answers("UploadPart", 4);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 32 * MIB as u64);
    let stopped = engine.stop();
    server.plan.clear();
    let lists_on = server.client().delete_bucket_ownership_controls().bucket(BUCKET).send();
    server.runtime.block_on(lists_on).unwrap();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!((kinds(&engine, batch), reads(&server, "big")), (vec![], 200));
    assert_eq!(server.plan.count("PutObjectAcl"), 1);
}
