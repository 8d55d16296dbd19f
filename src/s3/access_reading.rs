//! What our keys may read of a bucket's settings and of an object. Every question may be refused; then its answer is
//! unknown, and never an error.

use aws_sdk_s3::types::{ObjectOwnership, Owner, Payer, Permission, PolicyStatus};

use super::blank_keys::sdk_key;
use super::classify::About;
use super::{Grouping, S3Error, S3Store};
use crate::model::{
    AclGrant, AclUse, BucketFacts, BucketName, Entry, FailureKind, KnownObject, Layer, LineState, NewestVersion,
    ObjectEncryption, ObjectFacts, ObjectKey, ObjectOwner, ObjectStorage, PaidBy, PolicyFact, PolicyStanding,
    PublicAccessSwitches, Unread,
};

/// The group that every stranger belongs to.
pub(super) const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

/// What our keys see of an object, and whether anybody answered at all.
#[derive(Clone, Debug)]
pub struct SeenObject {
    /// Whether it is there, its size and tag.
    pub object: KnownObject,
    /// Encryption, class and version as far as HEAD tells; its access control list is not asked for.
    pub facts: ObjectFacts,
    /// Whether the service answered.
    pub line: LineState,
}

impl S3Store {
    /// The settings of a bucket that decide about strangers. Four or five questions, at once; each failure is an
    /// unknown.
    pub async fn bucket_access(&self, bucket: &BucketName) -> BucketFacts {
        let store = self.with_one_attempt();
        let (switches, acl_use, policy, policy_standing, paid_by) = futures_util::join!(
            Box::pin(store.public_access_switches(bucket)),
            Box::pin(store.acl_use(bucket)),
            Box::pin(store.policy_fact(bucket)),
            Box::pin(store.policy_standing(bucket)),
            Box::pin(store.paid_by(bucket)),
        );
        let mut not_asked = Vec::new();
        let switches = known(Layer::PublicAccessBlock, switches, &mut not_asked).flatten();
        let acl_use = known(Layer::Ownership, acl_use, &mut not_asked).flatten();
        let policy = known(Layer::Policy, policy, &mut not_asked).unwrap_or_default();
        let paid_by = known(Layer::RequesterPays, paid_by, &mut not_asked).flatten();
        BucketFacts { switches, acl_use, policy, policy_standing, paid_by, not_asked }
    }

    async fn public_access_switches(&self, bucket: &BucketName) -> Result<Option<PublicAccessSwitches>, S3Error> {
        let about = About::bucket("s3:GetBucketPublicAccessBlock", bucket);
        match self.run(about, |client| client.get_public_access_block().bucket(bucket.as_str()).send()).await {
            Ok(output) => {
                let found = output.public_access_block_configuration();
                Ok(found.map(|found| PublicAccessSwitches {
                    block_public_acls: found.block_public_acls().unwrap_or_default(),
                    ignore_public_acls: found.ignore_public_acls().unwrap_or_default(),
                    block_public_policy: found.block_public_policy().unwrap_or_default(),
                    restrict_public_buckets: found.restrict_public_buckets().unwrap_or_default(),
                }))
            }
            Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => {
                Ok(Some(PublicAccessSwitches::default()))
            }
            Err(error) => Err(error),
        }
    }

    async fn acl_use(&self, bucket: &BucketName) -> Result<Option<AclUse>, S3Error> {
        let about = About::bucket("s3:GetBucketOwnershipControls", bucket);
        match self.run(about, |client| client.get_bucket_ownership_controls().bucket(bucket.as_str()).send()).await {
            Ok(output) => {
                let rule = output.ownership_controls().and_then(|controls| controls.rules().first());
                Ok(rule.map(|rule| match rule.object_ownership() {
                    ObjectOwnership::BucketOwnerEnforced => AclUse::Off,
                    _ => AclUse::On,
                }))
            }
            Err(error) if error.code() == Some("OwnershipControlsNotFoundError") => Ok(Some(AclUse::On)),
            Err(error) => Err(error),
        }
    }

    async fn policy_fact(&self, bucket: &BucketName) -> Result<PolicyFact, S3Error> {
        let about = About::bucket("s3:GetBucketPolicy", bucket);
        match self.run(about, |client| client.get_bucket_policy().bucket(bucket.as_str()).send()).await {
            Ok(output) => Ok(match output.policy().map(serde_json::from_str) {
                Some(Ok(policy)) => PolicyFact::Text(policy),
                Some(Err(_not_json)) => PolicyFact::Broken,
                None => PolicyFact::Absent,
            }),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => Ok(PolicyFact::Absent),
            Err(error) => Err(error),
        }
    }

    /// Whether the service calls the bucket's policy public.
    pub async fn policy_standing(&self, bucket: &BucketName) -> PolicyStanding {
        let about = About::bucket("s3:GetBucketPolicyStatus", bucket);
        let store = self.with_one_attempt();
        let asked =
            Box::pin(store.run(about, |client| client.get_bucket_policy_status().bucket(bucket.as_str()).send()));
        match asked.await {
            Ok(output) => match output.policy_status().and_then(PolicyStatus::is_public) {
                Some(true) => PolicyStanding::Public,
                Some(false) => PolicyStanding::NotPublic,
                None => PolicyStanding::Unknown,
            },
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => PolicyStanding::Absent,
            Err(_) => PolicyStanding::Unknown,
        }
    }

    async fn paid_by(&self, bucket: &BucketName) -> Result<Option<PaidBy>, S3Error> {
        let about = About::bucket("s3:GetBucketRequestPayment", bucket);
        let asked = self.run(about, |client| client.get_bucket_request_payment().bucket(bucket.as_str()).send());
        Ok(match asked.await?.payer() {
            Some(Payer::Requester) => Some(PaidBy::Reader),
            Some(Payer::BucketOwner) => Some(PaidBy::Owner),
            _ => None,
        })
    }

    /// What an object's access control list does for strangers, or why there is none to be read; `None` where our keys
    /// may not look.
    pub async fn object_acl(&self, bucket: &BucketName, key: &ObjectKey) -> Option<AclGrant> {
        let about = About::object("s3:GetObjectAcl", bucket, key);
        let store = self.with_one_attempt();
        let asked = Box::pin(
            store.run(about, |client| client.get_object_acl().bucket(bucket.as_str()).key(sdk_key(key)).send()),
        );
        let output = match asked.await {
            Ok(output) => output,
            Err(error) => return without_list(&error),
        };
        let opens = output.grants().iter().any(|grant| {
            grant.grantee().and_then(|grantee| grantee.uri()) == Some(ALL_USERS)
                && matches!(grant.permission(), Some(Permission::Read | Permission::FullControl))
        });
        Some(if opens { AclGrant::Opens } else { AclGrant::DoesNotOpen })
    }

    /// Who an object belongs to: by its list, else by a listing, held against the owner of the bucket; `None` where
    /// any of that may not be read. Two or three questions.
    pub async fn object_owner(&self, bucket: &BucketName, key: &ObjectKey) -> Option<ObjectOwner> {
        let store = self.with_one_attempt();
        let (of_bucket, of_object) =
            futures_util::join!(Box::pin(store.bucket_owner_id(bucket)), Box::pin(store.object_owner_id(bucket, key)));
        Some(if of_bucket? == of_object? { ObjectOwner::Bucket } else { ObjectOwner::Another })
    }

    async fn bucket_owner_id(&self, bucket: &BucketName) -> Option<String> {
        let about = About::bucket("s3:GetBucketAcl", bucket);
        let output = self.run(about, |client| client.get_bucket_acl().bucket(bucket.as_str()).send()).await.ok()?;
        owner_id(output.owner())
    }

    async fn object_owner_id(&self, bucket: &BucketName, key: &ObjectKey) -> Option<String> {
        let about = About::object("s3:GetObjectAcl", bucket, key);
        let list = self.run(about, |client| client.get_object_acl().bucket(bucket.as_str()).key(sdk_key(key)).send());
        if let Some(id) = list.await.ok().and_then(|output| owner_id(output.owner())) {
            return Some(id);
        }
        // Another account's list is seldom for the bucket's owner to read; who has stored what is.
        let about = About::bucket("s3:ListBucket", bucket);
        let listed = self.run(about, |client| {
            client.list_objects_v2().bucket(bucket.as_str()).prefix(key.as_str()).max_keys(1).fetch_owner(true).send()
        });
        let output = listed.await.ok()?;
        let object = output.contents().first().filter(|object| object.key() == Some(key.as_str()))?;
        owner_id(object.owner())
    }

    /// Whether an object is there for our keys: by HEAD, where that is refused by listing, and where there is
    /// nothing by a look at the versions.
    pub async fn see_object(&self, bucket: &BucketName, key: &ObjectKey) -> SeenObject {
        let store = self.with_one_attempt();
        let seen = |object, facts, line| SeenObject { object, facts, line };
        match Box::pin(store.head_object(bucket, key)).await {
            Ok(found) => {
                let facts = ObjectFacts {
                    acl: None,
                    encryption: Some(encryption_of(found.encryption.as_deref())),
                    storage: found.storage,
                    newest: Some(NewestVersion::Object),
                    ..ObjectFacts::default()
                };
                let object = KnownObject::There { size_bytes: found.size_bytes, etag: found.etag };
                seen(object, facts, LineState::Works)
            }
            Err(error) => match error.kind() {
                FailureKind::NoSuchBucket => seen(KnownObject::NoBucket, of_nothing(), LineState::Works),
                FailureKind::NoSuchKey => Box::pin(store.see_missing(bucket, key)).await,
                _ if error.status().is_none() => seen(KnownObject::Unknown, unread(&error), LineState::Unclear),
                _ => Box::pin(store.see_listed(bucket, key, &error)).await,
            },
        }
    }

    async fn see_missing(&self, bucket: &BucketName, key: &ObjectKey) -> SeenObject {
        let newest = self.newest_version(bucket, key).await;
        let object = match newest {
            Some(NewestVersion::DeleteMarker) => KnownObject::Deleted,
            _ => KnownObject::Missing,
        };
        SeenObject { object, facts: ObjectFacts { newest, ..of_nothing() }, line: LineState::Works }
    }

    /// For keys that may list, and not read.
    async fn see_listed(&self, bucket: &BucketName, key: &ObjectKey, refused: &S3Error) -> SeenObject {
        let with_own_key = refused.detail().to_ascii_lowercase().contains("server side encryption");
        let encryption = with_own_key.then_some(ObjectEncryption::CustomerKey);
        let facts = ObjectFacts { encryption, ..unread(refused) };
        let object = match self.list_objects(bucket, key.as_str(), Grouping::Flat, None, 1).await {
            Ok(page) => match page.entries.into_iter().next() {
                Some(Entry::Object(found)) if found.key == *key => {
                    let storage = listed_storage(found.storage_class.as_deref());
                    // Only the newest version of a key is listed, and no delete marker.
                    let facts = ObjectFacts { storage, newest: Some(NewestVersion::Object), ..facts };
                    let object =
                        KnownObject::There { size_bytes: found.size_bytes, etag: found.etag.map(String::from) };
                    return SeenObject { object, facts, line: LineState::Works };
                }
                _ => return Box::pin(self.see_missing(bucket, key)).await,
            },
            Err(error) if error.kind() == FailureKind::NoSuchBucket => {
                return SeenObject { object: KnownObject::NoBucket, facts: of_nothing(), line: LineState::Works };
            }
            Err(_) => KnownObject::Unknown,
        };
        SeenObject { object, facts, line: LineState::Works }
    }

    /// What the newest version of a key is that no listing shows; `None` where versions may not be listed.
    async fn newest_version(&self, bucket: &BucketName, key: &ObjectKey) -> Option<NewestVersion> {
        let about = About::object("s3:ListBucketVersions", bucket, key);
        let asked = self.run(about, |client| {
            client.list_object_versions().bucket(bucket.as_str()).prefix(key.as_str()).max_keys(1).send()
        });
        let output = match asked.await {
            Ok(output) => output,
            Err(error) if is_refusal(&error) => return None,
            Err(_) => return Some(NewestVersion::NoAnswer),
        };
        let is_marker = output
            .delete_markers()
            .iter()
            .any(|marker| marker.key() == Some(key.as_str()) && marker.is_latest() == Some(true));
        Some(if is_marker { NewestVersion::DeleteMarker } else { NewestVersion::Nothing })
    }
}

/// An answer, or a note that there was none: a refusal says that our keys may not look, anything else does not.
fn known<T>(layer: Layer, answer: Result<T, S3Error>, not_asked: &mut Vec<Layer>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(error) => {
            if !is_refusal(&error) {
                not_asked.push(layer);
            }
            None
        }
    }
}

/// Whether our keys may not look; whatever else went wrong says nothing of them.
fn is_refusal(error: &S3Error) -> bool {
    matches!(error.status(), Some(401 | 403))
}

/// What is known of an object that HEAD told nothing of.
fn unread(error: &S3Error) -> ObjectFacts {
    let unread = if is_refusal(error) { Unread::Refused } else { Unread::NoAnswer };
    ObjectFacts { unread, ..ObjectFacts::default() }
}

/// The same of one that is not there.
fn of_nothing() -> ObjectFacts {
    ObjectFacts { unread: Unread::Missing, newest: Some(NewestVersion::Nothing), ..ObjectFacts::default() }
}

/// Why an object's list could not be read: only a refusal says that our keys may not look.
fn without_list(error: &S3Error) -> Option<AclGrant> {
    match (error.status(), error.code()) {
        (Some(501), _) | (_, Some("NotImplemented")) => Some(AclGrant::NoLists),
        _ if is_refusal(error) => None,
        _ => Some(AclGrant::NoAnswer),
    }
}

/// The canonical id; some services leave it empty.
fn owner_id(owner: Option<&Owner>) -> Option<String> {
    owner?.id().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// HEAD names `AES256` or nothing for what strangers do not notice.
fn encryption_of(header: Option<&str>) -> ObjectEncryption {
    match header {
        Some(kind) if kind.starts_with("aws:kms") => ObjectEncryption::Kms,
        _ => ObjectEncryption::PlainOrManaged,
    }
}

/// By storage class, `x-amz-archive-status` (the archives of INTELLIGENT_TIERING) and `x-amz-restore`, which speaks of a
/// restore that is under way as well as of one that is through
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
pub(super) fn storage_of(class: Option<&str>, archive_status: Option<&str>, restore: Option<&str>) -> ObjectStorage {
    let is_in_archive = matches!(class, Some("GLACIER" | "DEEP_ARCHIVE")) || archive_status.is_some();
    let is_restored = restore.is_some_and(|restore| restore.contains("ongoing-request=\"false\""));
    if is_in_archive && !is_restored { ObjectStorage::Archived } else { ObjectStorage::AtHand }
}

/// What a listing tells of it: nothing of what may be in an archive, for only HEAD says what was restored, and which of
/// INTELLIGENT_TIERING's tiers it is.
fn listed_storage(class: Option<&str>) -> Option<ObjectStorage> {
    match class {
        Some("GLACIER" | "DEEP_ARCHIVE" | "INTELLIGENT_TIERING") => None,
        _ => Some(ObjectStorage::AtHand),
    }
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Reply, bucket, key};
    use super::*;

    /// What is seen of an object by a server that answers HEAD so, and lists no object and these versions.
    async fn seen(head: u16, versions: u16, body: &'static str) -> SeenObject {
        let server = Canned::start(move |asked, _| match asked.method() {
            "HEAD" => Reply::head(head, &[]),
            _ if asked.line.contains("versions") => Reply::http(versions, &[], body),
            _ => Reply::http(403, &[], ""),
        })
        .await;
        server.store().await.see_object(&bucket(), &key("k")).await
    }

    #[tokio::test]
    async fn keys_that_may_look_are_not_said_to_be_refused() {
        const NONE: &str = "<ListVersionsResult></ListVersionsResult>";
        const DELETED: &str = "<ListVersionsResult><DeleteMarker><Key>k</Key><IsLatest>true</IsLatest>\
                               </DeleteMarker></ListVersionsResult>";
        let silent = seen(503, 200, NONE).await;
        assert_eq!((silent.object, silent.facts.unread), (KnownObject::Unknown, Unread::NoAnswer));
        let refused = seen(403, 403, "").await;
        assert_eq!((refused.object, refused.facts.unread), (KnownObject::Unknown, Unread::Refused));
        for (status, body, newest) in [
            (200, NONE, Some(NewestVersion::Nothing)),
            (200, DELETED, Some(NewestVersion::DeleteMarker)),
            (503, "", Some(NewestVersion::NoAnswer)),
            (403, "", None),
        ] {
            let missing = seen(404, status, body).await;
            assert_eq!((missing.facts.unread, missing.facts.newest), (Unread::Missing, newest), "{status} {body}");
        }
    }

    #[test]
    fn a_listing_does_not_tell_what_was_restored() {
        for class in ["GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING"] {
            assert_eq!(listed_storage(Some(class)), None, "{class}");
        }
        for class in [None, Some("STANDARD"), Some("GLACIER_IR")] {
            assert_eq!(listed_storage(class), Some(ObjectStorage::AtHand), "{class:?}");
        }
    }

    #[test]
    fn only_what_is_restored_is_at_hand() {
        use ObjectStorage::{Archived, AtHand};
        let (under_way, restored) =
            ("ongoing-request=\"true\"", "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2026 00:00:00 GMT\"");
        for (class, status, restore, expected) in [
            (None, None, None, AtHand),
            (Some("STANDARD_IA"), None, None, AtHand),
            (Some("GLACIER_IR"), None, None, AtHand),
            (Some("GLACIER"), None, None, Archived),
            (Some("GLACIER"), None, Some(under_way), Archived),
            (Some("DEEP_ARCHIVE"), None, Some(restored), AtHand),
            (Some("INTELLIGENT_TIERING"), None, None, AtHand),
            (Some("INTELLIGENT_TIERING"), Some("ARCHIVE_ACCESS"), None, Archived),
            (Some("INTELLIGENT_TIERING"), Some("DEEP_ARCHIVE_ACCESS"), Some(under_way), Archived),
        ] {
            assert_eq!(storage_of(class, status, restore), expected, "{class:?} {status:?} {restore:?}");
        }
    }
}
