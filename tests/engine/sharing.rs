//! Opening things for anyone and taking that back, against a storage that holds requests to policies, Block Public
//! Access, ownership and lists; and addresses that take one upload, used by a client that knows nothing of S3.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, VersioningConfiguration,
};
use bucketdrop::local_storage::Rights;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    CheckExtent, Command, Event, Failure, FailureKind, Layer, Location, NoticeText, ObjectKey, OpenWhat, Prefix,
    RequestId, SecretPlace, SharingChange, SharingHistory, SharingPlan, SignedUpload, UploadInvitation,
};
use serde_json::{Value, json};

use crate::support::{BUCKET, Server, Setup, TestEngine, location};

/// Status and body of a request by a client that has no keys.
pub(crate) fn stranger(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let host = server.endpoint.trim_start_matches("http://");
    let mut socket = std::net::TcpStream::connect(host).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
        write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    // A refusal may come before the body is taken.
    socket.write_all(body).ok();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

/// What a stranger gets for reading an object.
pub(crate) fn reads(server: &Server, key: &str) -> u16 {
    stranger(server, "GET", &format!("/{BUCKET}/{key}"), &[], b"").0
}

pub(crate) fn set_policy(server: &Server, policy: &Value) {
    let put = server.client().put_bucket_policy().bucket(BUCKET).policy(policy.to_string()).send();
    server.runtime.block_on(put).unwrap();
}

fn policy_of(server: &Server) -> Option<Value> {
    let got = server.runtime.block_on(server.client().get_bucket_policy().bucket(BUCKET).send());
    got.ok().map(|output| serde_json::from_str(output.policy().unwrap()).unwrap())
}

pub(crate) fn block(server: &Server, set: impl Fn(PublicAccessBlockBuilder) -> PublicAccessBlockBuilder) {
    let switches = set(PublicAccessBlockConfiguration::builder()).build();
    let put = server.client().put_public_access_block().bucket(BUCKET).public_access_block_configuration(switches);
    server.runtime.block_on(put.send()).unwrap();
}

type PublicAccessBlockBuilder = aws_sdk_s3::types::builders::PublicAccessBlockConfigurationBuilder;

/// Lists of objects mean nothing from here on.
pub(crate) fn enforce_ownership(server: &Server) {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build();
    let controls = OwnershipControls::builder().rules(rule.unwrap()).build().unwrap();
    let put = server.client().put_bucket_ownership_controls().bucket(BUCKET).ownership_controls(controls).send();
    server.runtime.block_on(put).unwrap();
}

/// An engine whose keys have these rights.
pub(crate) fn engine_with(server: &Server, rights: Rights) -> (TestEngine, Location) {
    let keys = server.plan.add_key(rights);
    let engine = TestEngine::start(Setup::default());
    let mut draft = TestEngine::draft(server);
    draft.access_key_id = keys.access_key_id;
    draft.secret_access_key = keys.secret_access_key;
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    (engine, location(connection.id))
}

fn started() -> (Server, TestEngine, Location) {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    (server, engine, at)
}

pub(crate) fn plan(engine: &TestEngine, at: &Location, what: OpenWhat) -> Result<SharingPlan, Failure> {
    let request = RequestId::next();
    let (connection, bucket) = (at.connection.clone(), at.bucket.clone());
    engine.send(Command::PlanSharing { request, connection, bucket, what });
    engine.expect("SharingPlanned", |event| match event {
        Event::SharingPlanned { request: r, result } if *r == request => {
            Some(result.clone().map(|plan| *plan).map_err(|failure| *failure))
        }
        _ => None,
    })
}

pub(crate) fn apply(engine: &TestEngine, plan: SharingPlan) -> Result<SharingChange, Failure> {
    let request = RequestId::next();
    engine.send(Command::ApplySharing { request, plan: Box::new(plan) });
    engine.expect("SharingApplied", |event| match event {
        Event::SharingApplied { request: r, result } if *r == request => {
            Some(result.clone().map(|change| *change).map_err(|failure| *failure))
        }
        _ => None,
    })
}

pub(crate) fn undo(engine: &TestEngine, change: &SharingChange) -> Result<(), Failure> {
    let request = RequestId::next();
    engine.send(Command::UndoSharing { request, change: change.id });
    engine.expect("SharingUndone", |event| match event {
        Event::SharingUndone { request: r, change: c, result } if *r == request => {
            assert_eq!(*c, change.id);
            Some(result.clone().map_err(|failure| *failure))
        }
        _ => None,
    })
}

fn history(engine: &TestEngine) -> SharingHistory {
    let request = RequestId::next();
    engine.send(Command::ListHistory { request });
    engine.expect("HistoryListed", |event| match event {
        Event::HistoryListed { request: r, result } if *r == request => Some(*result.clone().unwrap()),
        _ => None,
    })
}

fn prefix(text: &str) -> OpenWhat {
    OpenWhat::Prefix(Prefix::new(text))
}

fn others_policy() -> Value {
    json!({"Version": "2012-10-17", "Id": "ours", "Statement": [{"Sid": "Inbox", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": ["s3:PutObject"],
        "Resource": [format!("arn:aws:s3:::{BUCKET}/inbox/*")]}]})
}

#[test]
fn a_prefix_opens_by_the_plan_and_closes_again_after_a_restart() {
    let (server, engine, at) = started();
    set_policy(&server, &others_policy());
    for key in ["photos/1.png", "photos/sub/2.png", "photos", "photosX/3.png", "other.txt"] {
        server.put(key, b"bytes");
    }
    assert_eq!(reads(&server, "photos/1.png"), 403);
    let planned = plan(&engine, &at, prefix("photos/")).unwrap();
    assert_eq!((planned.objects, planned.is_more, planned.blocked_by.len()), (2, false, 0), "{planned:?}");
    assert_eq!(policy_of(&server), Some(others_policy()), "a plan changes nothing");
    assert_eq!(reads(&server, "photos/1.png"), 403);
    let statement: Value = serde_json::from_str(planned.statement.as_deref().unwrap()).unwrap();
    assert_eq!((&statement["Action"], &statement["Principal"]), (&json!("s3:GetObject"), &json!("*")));
    let shown = planned.policy_after.clone().unwrap();
    let change = apply(&engine, planned.clone()).unwrap();
    assert_eq!(policy_of(&server), Some(serde_json::from_str(&shown).unwrap()), "what was shown is what stands there");
    let after: Vec<u16> = ["photos/1.png", "photos/sub/2.png", "photos", "photosX/3.png", "other.txt"]
        .map(|key| reads(&server, key))
        .to_vec();
    assert_eq!(after, [200, 200, 403, 403, 403]);
    let again = plan(&engine, &at, prefix("photos/sub/")).unwrap();
    assert_eq!((again.statement.clone(), again.policy_after), (None, again.policy_before.clone()));
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::PolicyChanged, "a plan counts once");
    let engine = engine.restart();
    assert_eq!(history(&engine).changes, std::slice::from_ref(&change));
    undo(&engine, &change).unwrap();
    assert_eq!(policy_of(&server), Some(others_policy()));
    assert_eq!(reads(&server, "photos/1.png"), 403);
    assert!(history(&engine).changes[0].undone_at.is_some());
    undo(&engine, &change).unwrap();
}

#[test]
fn a_policy_that_is_only_written_in_another_way_is_the_same() {
    let (server, engine, at) = started();
    set_policy(&server, &others_policy());
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    let mut other_order = others_policy();
    let action = other_order["Statement"][0]["Action"].take();
    // A list of one, and the one itself.
    other_order["Statement"][0]["Action"] = action[0].clone();
    set_policy(&server, &other_order);
    apply(&engine, planned).unwrap();
    assert_eq!(policy_of(&server).unwrap()["Statement"].as_array().unwrap().len(), 2);
}

/// What is said of an object's link; answers of the last minutes may be given again.
pub(crate) fn verdict(engine: &TestEngine, at: &Location, key: &str) -> &'static str {
    let request = RequestId::next();
    let (objects, extent) = (vec![at.object(ObjectKey::new(key))], CheckExtent::Sample);
    engine.send(Command::CheckLinks { request, objects, extent });
    engine.expect("LinksChecked", |event| match event {
        Event::LinksChecked { request: r, checks, .. } if *r == request => checks.first().map(|c| c.verdict.code()),
        _ => None,
    })
}

#[test]
fn what_was_known_of_links_holds_no_more_when_something_was_opened_or_closed() {
    let (server, engine, at) = started();
    server.put("a/x", b"bytes");
    assert_eq!(verdict(&engine, &at, "a/x"), "private-nothing-opens-it");
    let change = apply(&engine, plan(&engine, &at, prefix("a/")).unwrap()).unwrap();
    assert_eq!(verdict(&engine, &at, "a/x"), "only-this-computer");
    undo(&engine, &change).unwrap();
    assert_eq!(verdict(&engine, &at, "a/x"), "private-nothing-opens-it");
    // Also where the server made the change and said that it had not.
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    let after = Action::ErrorAfter { status: 403, code: "AccessDenied".to_owned() };
    server.plan.add(Fault::on("PutBucketPolicy", after));
    assert!(apply(&engine, planned).is_err());
    assert_eq!((reads(&server, "a/x"), verdict(&engine, &at, "a/x")), (200, "only-this-computer"));
}

#[test]
fn without_a_policy_before_there_is_none_afterwards() {
    let (server, engine, at) = started();
    let change = apply(&engine, plan(&engine, &at, prefix("we*ird ?$/")).unwrap()).unwrap();
    server.put("we*ird ?$/x", b"1");
    // For this storage a `${*}` is any one character, so two tell.
    server.put("weXXird ?$/x", b"1");
    assert_eq!((reads(&server, "we*ird%20%3F$/x"), reads(&server, "weXXird%20%3F$/x")), (200, 403));
    undo(&engine, &change).unwrap();
    assert_eq!(policy_of(&server), None);
}

#[test]
fn what_others_change_meanwhile_is_neither_lost_nor_overwritten() {
    let (server, engine, at) = started();
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    set_policy(&server, &others_policy());
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::PolicyChanged);
    assert_eq!(policy_of(&server), Some(others_policy()));
    // A plan that was tampered with opens nothing.
    let mut forged = plan(&engine, &at, prefix("a/")).unwrap();
    forged.what = prefix("");
    assert_eq!(apply(&engine, forged).unwrap_err().kind, FailureKind::PolicyChanged);
    assert!(history(&engine).changes.is_empty());
    let change = apply(&engine, plan(&engine, &at, prefix("a/")).unwrap()).unwrap();
    let mut theirs = policy_of(&server).unwrap();
    theirs["Statement"].as_array_mut().unwrap().push(json!({"Sid": "Theirs", "Effect": "Deny", "Principal": "*",
        "Action": "s3:DeleteObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")}));
    theirs["Statement"].as_array_mut().unwrap().push(json!({"Sid": "Open", "Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")}));
    set_policy(&server, &theirs);
    undo(&engine, &change).unwrap();
    theirs["Statement"].as_array_mut().unwrap().remove(1);
    assert_eq!(policy_of(&server), Some(theirs));
    engine.expect("a warning that it is still open", |event| match event {
        Event::Notice(notice) => {
            matches!(&notice.text, NoticeText::Message { id, .. } if *id == "notice-sharing-still-open").then_some(())
        }
        _ => None,
    });
}

#[test]
fn a_change_in_the_last_moment_is_seen() {
    let (server, engine, at) = started();
    set_policy(&server, &others_policy());
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    // Whoever asks the second time is shown what somebody has written since the first.
    let theirs = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Deny", "Principal": "*",
        "Action": "s3:DeleteObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")}]});
    let answer = Action::Answer { status: 200, headers: Vec::new(), body: theirs.to_string() };
    server.plan.add(Fault::on("GetBucketPolicy", answer).after(1));
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::PolicyChanged);
    server.plan.clear();
    assert_eq!((policy_of(&server), server.plan.count("PutBucketPolicy")), (Some(others_policy()), 1), "our own only");
    assert!(history(&engine).changes.is_empty());
}

#[test]
fn keys_that_may_only_look_change_nothing_and_say_so() {
    let server = Server::start();
    let (engine, at) = engine_with(&server, Rights::everything().except(&["s3:PutBucketPolicy"]));
    let failure = apply(&engine, plan(&engine, &at, prefix("a/")).unwrap()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::AccessDenied);
    assert!(failure.args.contains(&("action", "s3:PutBucketPolicy".to_owned())), "{failure:?}");
    assert_eq!(policy_of(&server), None);
    assert!(history(&engine).changes.is_empty());
    // What may not be read would be replaced blindly.
    let (blind, at) = engine_with(&server, Rights::everything().except(&["s3:GetBucketPolicy"]));
    let failure = plan(&blind, &at, prefix("a/")).unwrap_err();
    assert!(failure.args.contains(&("action", "s3:GetBucketPolicy".to_owned())), "{failure:?}");
    let (unlisting, at) = engine_with(&server, Rights::everything().except(&["s3:ListBucket"]));
    let planned = plan(&unlisting, &at, prefix("a/")).unwrap();
    assert_eq!((planned.objects, planned.is_more), (0, true));
}

#[test]
fn what_stands_in_the_way_is_said_before() {
    let (server, engine, at) = started();
    block(&server, |switches| switches.block_public_policy(true));
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    assert_eq!(planned.blocked_by, [Layer::PublicAccessBlock]);
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::PublicAccessBlocked);
    assert_eq!((policy_of(&server), history(&engine).changes.len()), (None, 0));
    block(&server, |switches| switches.restrict_public_buckets(true));
    assert_eq!(plan(&engine, &at, prefix("a/")).unwrap().blocked_by, [Layer::PublicAccessBlock]);
    block(&server, |switches| switches);
    set_policy(
        &server,
        &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/a/private/*")}]}),
    );
    assert_eq!(plan(&engine, &at, prefix("a/")).unwrap().blocked_by, [Layer::Policy]);
    assert!(plan(&engine, &at, prefix("b/")).unwrap().blocked_by.is_empty());
    enforce_ownership(&server);
    let objects = OpenWhat::Objects(vec![ObjectKey::new("a/x")]);
    assert_eq!(plan(&engine, &at, objects).unwrap().blocked_by, [Layer::Ownership]);
}

#[test]
fn a_policy_that_nobody_understands_is_left_alone() {
    let (server, engine, at) = started();
    let page = r#"{"Version":"2012-10-17","Statement":"#;
    let answer = Action::Answer { status: 200, headers: Vec::new(), body: page.to_owned() };
    server.plan.add(Fault::on("GetBucketPolicy", answer));
    let failure = plan(&engine, &at, prefix("a/")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::PolicyUnreadable, "{failure:?}");
    assert_eq!(server.plan.count("PutBucketPolicy") + server.plan.count("DeleteBucketPolicy"), 0);
}

#[test]
fn an_answer_that_is_lost_is_looked_into() {
    let (server, engine, at) = started();
    server.plan.add(Fault::on("PutBucketPolicy", Action::error(503, "SlowDown")));
    let planned = plan(&engine, &at, prefix("a/")).unwrap();
    assert_eq!(apply(&engine, planned.clone()).unwrap_err().kind, FailureKind::Throttled);
    assert_eq!((policy_of(&server), history(&engine).changes.len()), (None, 0));
    server.plan.clear();
    let after = Action::ErrorAfter { status: 500, code: "InternalError".to_owned() };
    server.plan.add(Fault::on("PutBucketPolicy", after));
    let change = apply(&engine, planned).unwrap();
    server.plan.clear();
    assert_eq!(history(&engine).changes, [change]);
}

#[test]
fn objects_open_and_close_by_their_lists_and_keep_the_rest() {
    let (server, engine, at) = started();
    for key in ["a", "b", "open before"] {
        server.put(key, b"bytes");
    }
    let acl = |key: &str, acl| {
        let put = server.client().put_object_acl().bucket(BUCKET).key(key).acl(acl).send();
        server.runtime.block_on(put).unwrap();
    };
    acl("open before", ObjectCannedAcl::PublicRead);
    acl("b", ObjectCannedAcl::AuthenticatedRead);
    let keys = ["a", "b", "open before"].map(ObjectKey::new).to_vec();
    let planned = plan(&engine, &at, OpenWhat::Objects(keys)).unwrap();
    assert_eq!((planned.objects, planned.blocked_by.len()), (3, 0));
    assert_eq!(planned.statement, None);
    let change = apply(&engine, planned.clone()).unwrap();
    assert_eq!(change.what, OpenWhat::Objects(["a", "b"].map(ObjectKey::new).to_vec()), "only what was closed");
    assert_eq!(["a", "b", "open%20before"].map(|key| reads(&server, key)), [200; 3]);
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::AlreadyPublic);
    let gone = server.client().delete_object().bucket(BUCKET).key("a").send();
    server.runtime.block_on(gone).unwrap();
    undo(&engine, &change).unwrap();
    assert_eq!(["b", "open%20before"].map(|key| reads(&server, key)), [403, 200]);
    let kept = server.client().get_object_acl().bucket(BUCKET).key("b").send();
    let kept = server.runtime.block_on(kept).unwrap();
    let groups: Vec<_> = kept.grants().iter().filter_map(|grant| grant.grantee()?.uri()).collect();
    assert_eq!(groups, ["http://acs.amazonaws.com/groups/global/AuthenticatedUsers"]);
    // One that cannot be opened takes the others back.
    server.put("c", b"bytes");
    server.plan.add(Fault::on("PutObjectAcl", Action::error(403, "AccessDenied")).key("c"));
    let both = OpenWhat::Objects(["b", "c"].map(ObjectKey::new).to_vec());
    assert_eq!(apply(&engine, plan(&engine, &at, both).unwrap()).unwrap_err().kind, FailureKind::AccessDenied);
    assert_eq!(["b", "c"].map(|key| reads(&server, key)), [403; 2]);
    assert_eq!(history(&engine).changes.len(), 1);
}

/// Status of a stranger's GET for one version.
fn reads_version(server: &Server, key: &str, version: &str) -> u16 {
    stranger(server, "GET", &format!("/{BUCKET}/{key}?versionId={version}"), &[], b"").0
}

fn versions(server: &Server, status: BucketVersioningStatus) {
    let status = VersioningConfiguration::builder().status(status).build();
    let put = server.client().put_bucket_versioning().bucket(BUCKET).versioning_configuration(status).send();
    server.runtime.block_on(put).unwrap();
}

/// Puts a version, and gives its id.
fn put_version(server: &Server, key: &str) -> String {
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"bytes");
    let put = server.runtime.block_on(server.client().put_object().bucket(BUCKET).key(key).body(body).send());
    put.unwrap().version_id.unwrap_or_else(|| "null".to_owned())
}

fn file_of_changes(engine: &TestEngine) -> std::path::PathBuf {
    let mut files = walkdir::WalkDir::new(engine.home.path()).into_iter().map(|entry| entry.unwrap().into_path());
    files.find(|path| path.ends_with("sharing.db")).unwrap()
}

fn expect_notice(engine: &TestEngine, wanted: &str) -> Vec<(&'static str, String)> {
    engine.expect(wanted, |event| match event {
        Event::Notice(notice) => match &notice.text {
            NoticeText::Message { id, args } if *id == wanted => Some(args.clone()),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn the_very_version_that_was_opened_is_closed_again() {
    let (server, engine, at) = started();
    // One from before the bucket kept versions, one that gets a newer one, and one that is deleted.
    server.put("old", b"bytes");
    versions(&server, BucketVersioningStatus::Enabled);
    let (replaced, deleted) = (put_version(&server, "replaced"), put_version(&server, "deleted"));
    let keys = ["old", "replaced", "deleted"].map(ObjectKey::new).to_vec();
    let change = apply(&engine, plan(&engine, &at, OpenWhat::Objects(keys.clone())).unwrap()).unwrap();
    let opened = [("old", "null"), ("replaced", &replaced), ("deleted", &deleted)];
    let read = || opened.map(|(key, version)| reads_version(&server, key, version));
    let newer = [put_version(&server, "old"), put_version(&server, "replaced")];
    server.runtime.block_on(server.client().delete_object().bucket(BUCKET).key("deleted").send()).unwrap();
    let policy = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObjectVersion",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*")}]});
    assert_eq!(read(), [200; 3], "by their ids they still open");
    // The newer one was opened by somebody else, and stays.
    let theirs = server.client().put_object_acl().bucket(BUCKET).key("replaced").acl(ObjectCannedAcl::PublicRead);
    server.runtime.block_on(theirs.send()).unwrap();
    undo(&engine, &change).unwrap();
    assert_eq!(read(), [403; 3]);
    assert_eq!((reads(&server, "replaced"), reads_version(&server, "replaced", &newer[1])), (200, 200));
    // A refusal, and not because they are gone.
    set_policy(&server, &policy);
    assert_eq!(read(), [200; 3]);
}

#[test]
fn keys_without_rights_to_versions_open_and_close_the_newest() {
    let server = Server::start();
    versions(&server, BucketVersioningStatus::Enabled);
    let (first, _) = (put_version(&server, "a"), put_version(&server, "b"));
    let (engine, at) =
        engine_with(&server, Rights::everything().except(&["s3:GetObjectVersionAcl", "s3:PutObjectVersionAcl"]));
    let keys = ["a", "b"].map(ObjectKey::new).to_vec();
    let change = apply(&engine, plan(&engine, &at, OpenWhat::Objects(keys)).unwrap()).unwrap();
    assert_eq!(["a", "b"].map(|key| reads(&server, key)), [200; 2]);
    put_version(&server, "a");
    // What it may not close is said, and what it may is closed.
    assert_eq!(undo(&engine, &change).unwrap_err().kind, FailureKind::AccessDenied);
    assert_eq!((reads_version(&server, "a", &first), reads(&server, "b")), (200, 403));
    assert_eq!(history(&engine).changes[0].undone_at, None, "it can be tried again");
}

#[test]
fn where_the_version_is_not_known_the_newest_is_closed_and_that_is_said() {
    let (server, engine, at) = started();
    versions(&server, BucketVersioningStatus::Enabled);
    let opened = put_version(&server, "a");
    let change = apply(&engine, plan(&engine, &at, OpenWhat::Objects(vec![ObjectKey::new("a")])).unwrap()).unwrap();
    let conn = rusqlite::Connection::open(file_of_changes(&engine)).unwrap();
    conn.execute("UPDATE change SET body = ?", [r#"{"acl":{"keys":["a"]}}"#]).unwrap();
    drop(conn);
    put_version(&server, "a");
    undo(&engine, &change).unwrap();
    expect_notice(&engine, "notice-sharing-older-versions");
    assert_eq!(reads_version(&server, "a", &opened), 200);
}

#[test]
fn that_the_list_of_changes_is_damaged_is_said() {
    let (server, engine, at) = started();
    server.put("a", b"bytes");
    apply(&engine, plan(&engine, &at, OpenWhat::Objects(vec![ObjectKey::new("a")])).unwrap()).unwrap();
    let file = file_of_changes(&engine);
    std::fs::write(&file, "x".repeat(8192)).unwrap();
    assert!(history(&engine).changes.is_empty());
    let aside = file.with_extension("damaged");
    assert_eq!(expect_notice(&engine, "notice-sharing-damaged"), [("path", aside.display().to_string())]);
    assert_eq!(std::fs::read(aside).unwrap(), "x".repeat(8192).into_bytes());
}

#[test]
fn that_one_change_cannot_be_read_is_said_once_and_the_others_can_be_taken_back() {
    let (server, engine, at) = started();
    let mut changes = Vec::new();
    for key in ["a", "b"] {
        server.put(key, b"bytes");
        let what = OpenWhat::Objects(vec![ObjectKey::new(key)]);
        changes.push(apply(&engine, plan(&engine, &at, what).unwrap()).unwrap());
    }
    let file = file_of_changes(&engine);
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute(&format!("UPDATE change SET body = CAST(x'ff' AS TEXT) WHERE id = {}", changes[0].id.0), []).unwrap();
    drop(conn);
    let others = vec![changes.remove(1)];
    assert_eq!(history(&engine).changes, others);
    let told = [("count", "1".to_owned()), ("path", file.display().to_string())];
    assert_eq!(expect_notice(&engine, "notice-sharing-unreadable"), told);
    // The next look tells nothing: its answer would come after what it has to tell.
    let request = RequestId::next();
    engine.send(Command::ListHistory { request });
    engine.expect("HistoryListed", |event| match event {
        Event::Notice(notice) => panic!("{notice:?}"),
        Event::HistoryListed { request: of, .. } => (*of == request).then_some(()),
        _ => None,
    });
    undo(&engine, &others[0]).unwrap();
    assert_eq!(["a", "b"].map(|key| reads(&server, key)), [200, 403]);
}

#[test]
fn after_a_refusal_no_further_object_is_opened() {
    let (server, engine, at) = started();
    let names: Vec<String> = (0..40).map(|number| format!("k{number}")).collect();
    for name in &names {
        server.put(name, b"bytes");
    }
    let keys = names.iter().map(|name| ObjectKey::new(name.as_str())).collect();
    let planned = plan(&engine, &at, OpenWhat::Objects(keys)).unwrap();
    server.plan.add(Fault::on("PutObjectAcl", Action::error(403, "AccessDenied")));
    assert_eq!(apply(&engine, planned).unwrap_err().kind, FailureKind::AccessDenied);
    let asked = server.plan.count("PutObjectAcl");
    assert!((1..=8).contains(&asked), "{asked}: more than were under way at the first refusal");
}

fn invite(engine: &TestEngine, at: &Location, key: &str, size_bytes: Option<u64>) -> Result<SignedUpload, Failure> {
    let request = RequestId::next();
    let content_type = size_bytes.map(|_| "image/png".to_owned());
    let object = at.object(ObjectKey::new(key));
    let invitation = Box::new(UploadInvitation { object, content_type, size_bytes, expires_secs: 600 });
    engine.send(Command::SignUpload { request, invitation });
    engine.expect("UploadSigned", |event| match event {
        Event::UploadSigned { request: r, result } if *r == request => {
            Some(result.clone().map(|signed| *signed).map_err(|failure| *failure))
        }
        _ => None,
    })
}

/// Uploads as whoever got the address would.
fn upload_by(server: &Server, signed: &SignedUpload, body: &[u8], leave_out: &str) -> u16 {
    let path = signed.url.strip_prefix(&server.endpoint).unwrap();
    let headers: Vec<(&str, &str)> = signed
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != leave_out && *name != "content-length")
        .collect();
    stranger(server, "PUT", path, &headers, body).0
}

#[test]
fn an_address_takes_one_upload_and_only_as_it_says() {
    let (server, engine, at) = started();
    let before = jiff::Timestamp::now().as_second();
    let signed = invite(&engine, &at, "in box/사진+1.png", Some(5)).unwrap();
    assert!(signed.keeps_what_is_there, "this storage says by its name that it heeds the condition");
    let (ends, after) = (signed.expires.as_second(), jiff::Timestamp::now().as_second());
    // Whole seconds, and the server's clock may be read a moment earlier.
    assert!((before + 598..=after + 601).contains(&ends), "{before} {ends} {after}");
    assert!(!format!("{signed:?}").contains("X-Amz"));
    assert_eq!(upload_by(&server, &signed, b"123456", ""), 403, "another size");
    assert_eq!(upload_by(&server, &signed, b"12345", "content-type"), 403, "no type");
    assert_eq!(upload_by(&server, &signed, b"12345", "if-none-match"), 403, "no condition");
    assert_eq!(server.keys().len(), 0);
    assert_eq!(upload_by(&server, &signed, b"12345", ""), 200);
    assert_eq!(server.get("in box/사진+1.png"), Some((b"12345".to_vec(), Some("image/png".to_owned()))));
    assert_eq!(upload_by(&server, &signed, b"54321", ""), 412, "it replaces nothing, and works once");
    let any = invite(&engine, &at, "any", None).unwrap();
    assert_eq!(upload_by(&server, &any, b"of any size", ""), 200);
    assert_eq!(server.bytes("any").unwrap(), b"of any size");
    assert_eq!(invite(&engine, &at, "", None).unwrap_err().kind, FailureKind::InvalidKey);
    let (path, query) = any.url.split_once('?').unwrap();
    let elsewhere = SignedUpload { url: format!("{path}2?{query}"), ..any };
    assert_eq!(upload_by(&server, &elsewhere, b"x", ""), 403, "it is for one key only");
}
