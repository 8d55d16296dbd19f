//! What another account has put into a bucket belongs to it, and no policy of the bucket opens it.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ObjectCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule};
use bucketdrop::engine::{NearAnswers, Tuning};
use bucketdrop::local_storage::faults::Fault;
use bucketdrop::local_storage::{PublicAccessBlock, Rights, faults::Action};
use bucketdrop::model::{
    AccessReport, Command, Event, Finding, Layer, Location, ObjectKey, PrivateBecause, RequestId, ShareWay, Verdict,
};

use crate::support::{BUCKET, Server, Setup, TestEngine};

/// Anybody may read, and the other account write.
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::test-bucket/*"},
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:*",
     "Resource": ["arn:aws:s3:::test-bucket", "arn:aws:s3:::test-bucket/*"]}]}"#;

fn shared() -> (Server, TestEngine, Location) {
    let server = Server::start();
    let setup = Setup::default();
    let tuning = Tuning { near_answers: NearAnswers::CountAsWorld, ..setup.tuning };
    let engine = TestEngine::start(Setup { tuning, ..setup });
    let at = engine.connect(&server);
    let other = server.plan.add_key(Rights::everything().of_another_account());
    let keys = aws_sdk_s3::config::Credentials::new(
        &other.access_key_id,
        other.secret_access_key.expose(),
        None,
        None,
        "test",
    );
    let theirs = server.client().config().to_builder().credentials_provider(keys).build();
    let theirs = aws_sdk_s3::Client::from_conf(theirs);
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter).build().unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    server.runtime.block_on(async {
        let ours = server.client();
        ours.put_bucket_ownership_controls().bucket(BUCKET).ownership_controls(controls).send().await.unwrap();
        ours.put_bucket_policy().bucket(BUCKET).policy(POLICY).send().await.unwrap();
        let put = |client: &aws_sdk_s3::Client, key: &str| {
            client.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"bytes"))
        };
        put(&ours, "ours").send().await.unwrap();
        put(&theirs, "theirs").send().await.unwrap();
        let shared = ObjectCannedAcl::BucketOwnerFullControl;
        put(&theirs, "theirs, for us to read").acl(shared).send().await.unwrap();
        put(&theirs, "theirs, for all").acl(ObjectCannedAcl::PublicRead).send().await.unwrap();
    });
    (server, engine, at)
}

fn explain(engine: &TestEngine, at: &Location, key: &str) -> AccessReport {
    let asked = RequestId::next();
    engine.send(Command::ExplainAccess { request: asked, object: at.object(ObjectKey::new(key)) });
    engine.expect("AccessExplained", |event| match event {
        Event::AccessExplained { request, result, .. } if *request == asked => {
            Some((**result.as_ref().unwrap()).clone())
        }
        _ => None,
    })
}

#[test]
fn another_accounts_object_is_named_as_that() {
    let (server, engine, at) = shared();
    assert_eq!(explain(&engine, &at, "ours").check.verdict, Verdict::Public);
    assert_eq!(explain(&engine, &at, "theirs, for all").check.verdict, Verdict::Public);
    for key in ["theirs", "theirs, for us to read"] {
        let report = explain(&engine, &at, key);
        assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::OtherOwner), "{key}");
        assert_eq!(report.layers.first().map(|first| first.layer), Some(Layer::Ownership), "{key}");
        assert!(report.layers.iter().any(|layer| layer.finding == Finding::OwnedElsewhere), "{:?}", report.layers);
        assert_eq!(report.ways.first(), Some(&ShareWay::TakeOver), "{key}");
    }
    // The account's own block is still told from that.
    server.plan.set_account_block(PublicAccessBlock::all());
    let report = explain(&engine, &at, "ours");
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::PerhapsBlocked));
    assert!(report.layers.iter().any(|layer| layer.finding == Finding::OwnedByBucket), "{:?}", report.layers);
}

#[test]
fn where_nobody_tells_the_owner_no_reason_is_made_up() {
    let (server, engine, at) = shared();
    server.plan.add(Fault::on("GetBucketAcl", Action::error(403, "AccessDenied")));
    let report = explain(&engine, &at, "theirs");
    assert_eq!(report.check.verdict, Verdict::Private(PrivateBecause::Unexplained));
}
