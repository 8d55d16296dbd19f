//! Who may do what, as clients that Bucketdrop had no hand in see it; and what only a plan can set: further keys, the
//! account's Block Public Access, how buckets are made, from where strangers come.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{GlacierJobParameters, ObjectCannedAcl, RestoreRequest, StorageClass, Tier};
use bucketdrop::local_storage::faults::{Action, Fault, NewBuckets, Restores, Signed};
use bucketdrop::local_storage::{PublicAccessBlock, PublicAccessSwitch, Rights, Transport};
use bucketdrop::model::Credentials;

use super::{Served, config, python, sdk, serve, succeeds};

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_access() {
    let served = serve().await;
    let settings = [
        "s3:GetBucketPolicy",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketAcl",
        "s3:GetObjectAcl",
    ];
    let keys = [
        ("WRITER", Rights::only(&["s3:PutObject"])),
        ("BLIND", Rights::everything().except(&settings)),
        ("LISTER", Rights::only(&["s3:GetObject", "s3:ListBucket"])),
        ("OTHER", Rights::everything().of_another_account()),
    ];
    let mut command = python("access.py", served.storage.endpoint(), &served.keys);
    for (name, rights) in keys {
        let key = served.faults.add_key(rights);
        command.env(format!("{name}_KEY"), &key.access_key_id);
        command.env(format!("{name}_SECRET"), key.secret_access_key.expose());
    }
    succeeds(command).await;
    served.storage.shutdown().await;
}

/// Status and body of a stranger's GET, by a client that knows nothing of S3.
async fn stranger(served: &Served, path: &str) -> (u16, String) {
    let url = format!("{}/{path}", served.storage.endpoint());
    let mut command = std::process::Command::new("curl");
    command.args(["--silent", "--noproxy", "*", "--max-time", "20", "--write-out", "\n%{http_code}", &url]);
    let output = succeeds(command).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), body.to_owned())
}

async fn put(s3: &Client, key: &str, acl: Option<ObjectCannedAcl>) -> Result<(), SdkError<PutObjectError>> {
    let body = ByteStream::from_static(b"bytes");
    s3.put_object().bucket("bucket").key(key).body(body).set_acl(acl).send().await.map(|_| ())
}

fn policy(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::bucket/*"{condition}}}}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn new_buckets_can_be_made_as_amazon_makes_them() {
    let served = serve().await;
    served.storage.ensure_bucket("old-bucket").await.unwrap();
    served.faults.set_new_buckets(NewBuckets::AsAmazon);
    served.storage.ensure_bucket("bucket").await.unwrap();
    let s3 = served.sdk();
    let block = s3.get_public_access_block().bucket("bucket").send().await.unwrap();
    let block = block.public_access_block_configuration().unwrap();
    let switches =
        [block.block_public_acls, block.ignore_public_acls, block.block_public_policy, block.restrict_public_buckets];
    assert_eq!(switches, [Some(true); 4]);
    assert!(s3.get_public_access_block().bucket("old-bucket").send().await.is_err());
    let refused = put(&s3, "k", Some(ObjectCannedAcl::PublicRead)).await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessControlListNotSupported"));
    put(&s3, "k", None).await.unwrap();
    let refused = s3.put_bucket_policy().bucket("bucket").policy(policy("")).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
    assert!(refused.message().unwrap().contains("BlockPublicPolicy"));
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_block_counts_and_cannot_be_seen() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let s3 = served.sdk();
    put(&s3, "by-acl", Some(ObjectCannedAcl::PublicRead)).await.unwrap();
    s3.put_bucket_policy().bucket("bucket").policy(policy("")).send().await.unwrap();
    put(&s3, "by-policy", None).await.unwrap();
    assert_eq!(stranger(&served, "bucket/by-policy").await, (200, "bytes".into()));
    let only = |switch| served.faults.set_account_block(PublicAccessBlock::only(&[switch]));
    only(PublicAccessSwitch::RestrictPublicBuckets);
    assert_eq!(stranger(&served, "bucket/by-policy").await.0, 403);
    assert_eq!(stranger(&served, "bucket/by-acl").await.0, 200);
    only(PublicAccessSwitch::BlockPublicAcls);
    assert_eq!(put(&s3, "k", Some(ObjectCannedAcl::PublicRead)).await.unwrap_err().code(), Some("AccessDenied"));
    only(PublicAccessSwitch::BlockPublicPolicy);
    assert!(s3.put_bucket_policy().bucket("bucket").policy(policy("")).send().await.is_err());
    s3.delete_bucket_policy().bucket("bucket").send().await.unwrap();
    only(PublicAccessSwitch::IgnorePublicAcls);
    assert_eq!(stranger(&served, "bucket/by-acl").await.0, 403);
    let seen = s3.get_public_access_block().bucket("bucket").send().await.unwrap_err();
    assert_eq!(seen.code(), Some("NoSuchPublicAccessBlockConfiguration"));
    served.faults.set_account_block(PublicAccessBlock::default());
    assert_eq!(stranger(&served, "bucket/by-acl").await.0, 200);
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_come_from_where_the_plan_says() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let s3 = served.sdk();
    put(&s3, "k", None).await.unwrap();
    let office = policy(r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#);
    s3.put_bucket_policy().bucket("bucket").policy(office).send().await.unwrap();
    assert_eq!(stranger(&served, "bucket/k").await.0, 403);
    served.faults.set_source_ip(Some("203.0.113.7".parse().unwrap()));
    assert_eq!(stranger(&served, "bucket/k").await.0, 200);
    let tls = policy(r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#);
    s3.put_bucket_policy().bucket("bucket").policy(tls).send().await.unwrap();
    assert_eq!(stranger(&served, "bucket/k").await.0, 403);
    served.faults.set_transport(Transport::Https);
    assert_eq!(stranger(&served, "bucket/k").await.0, 200);
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_takes_as_long_as_the_plan_says() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let s3 = served.sdk();
    let put = s3.put_object().bucket("bucket").key("cold").storage_class(StorageClass::Glacier);
    put.body(ByteStream::from_static(b"bytes")).send().await.unwrap();
    served.faults.set_restores(Restores::UnderWay);
    let restore = || {
        let tier = GlacierJobParameters::builder().tier(Tier::Standard).build().unwrap();
        let wanted = RestoreRequest::builder().days(1).glacier_job_parameters(tier).build();
        s3.restore_object().bucket("bucket").key("cold").restore_request(wanted).send()
    };
    restore().await.unwrap();
    let told = async || s3.head_object().bucket("bucket").key("cold").send().await.unwrap().restore.unwrap();
    assert_eq!(told().await, "ongoing-request=\"true\"");
    assert_eq!(restore().await.unwrap_err().code(), Some("RestoreAlreadyInProgress"));
    assert_eq!(
        s3.get_object().bucket("bucket").key("cold").send().await.unwrap_err().code(),
        Some("InvalidObjectState")
    );
    served.faults.set_restores(Restores::AtOnce);
    assert!(told().await.starts_with("ongoing-request=\"false\""));
    s3.get_object().bucket("bucket").key("cold").send().await.unwrap();
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_can_be_for_strangers_only() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let (s3, plan) = (served.sdk(), &served.faults);
    for key in ["cdn", "portal", "moved", "region"] {
        put(&s3, key, Some(ObjectCannedAcl::PublicRead)).await.unwrap();
    }
    let for_strangers = |key: &str, action| plan.add(Fault::anywhere(action).key(key).signed(Signed::No));
    for_strangers("cdn", Action::old_copy("0123456789abcdef0123456789abcdef", "an older text"));
    for_strangers("portal", Action::html_page());
    for_strangers("moved", Action::redirect(302, "http://127.0.0.1:9/elsewhere"));
    for_strangers("region", Action::other_region("eu-central-1"));
    for key in ["cdn", "portal", "moved", "region"] {
        let got = s3.get_object().bucket("bucket").key(key).send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().to_vec(), b"bytes");
    }
    assert_eq!(stranger(&served, "bucket/cdn").await, (200, "an older text".into()));
    assert_eq!(stranger(&served, "bucket/portal").await.0, 200);
    assert_eq!(stranger(&served, "bucket/moved").await.0, 302);
    let (status, body) = stranger(&served, "bucket/region").await;
    assert!(status == 301 && body.contains("PermanentRedirect") && body.contains("s3.eu-central-1"), "{body}");
    let signed: Vec<Signed> =
        plan.log().iter().filter(|record| record.key.as_deref() == Some("cdn")).map(|record| record.signed).collect();
    assert_eq!(signed, [Signed::Header, Signed::Header, Signed::No]);
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_can_be_changed_and_keys_of_a_plan_end_with_it() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let key: Credentials = served.faults.add_key(Rights::only(&["s3:PutObject"]).within(&["bucket/in/*"]));
    let holder = sdk(served.storage.endpoint(), &key);
    put(&holder, "in/a", None).await.unwrap();
    assert_eq!(put(&holder, "out/a", None).await.unwrap_err().code(), Some("AccessDenied"));
    served.faults.set_rights(&key.access_key_id, Rights::everything());
    put(&holder, "out/a", None).await.unwrap();
    holder.list_buckets().send().await.unwrap();
    let served = served.restart().await;
    let stranger = sdk(served.storage.endpoint(), &key);
    assert_eq!(put(&stranger, "in/b", None).await.unwrap_err().code(), Some("InvalidAccessKeyId"));
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_nothing_is_said_to_be_encrypted() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let s3 = served.sdk();
    s3.put_bucket_policy().bucket("bucket").policy(policy("")).send().await.unwrap();
    put(&s3, "k", None).await.unwrap();
    let Served { storage, keys, folder, .. } = served;
    storage.shutdown().await;
    let storage = bucketdrop::local_storage::LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
    let s3 = sdk(storage.endpoint(), &keys);
    let kms = aws_sdk_s3::types::ServerSideEncryption::AwsKms;
    let refused = s3.put_object().bucket("bucket").key("k").server_side_encryption(kms).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("NotImplemented"));
    let kept = s3.get_bucket_policy().bucket("bucket").send().await.unwrap();
    assert_eq!(kept.policy(), Some(policy("").as_str()));
    storage.shutdown().await;
}
