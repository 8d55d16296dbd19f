//! Making things readable for anyone: bucket policies, and the access control lists of objects.
//!
//! Nothing here decides; each call does one thing, and only when told. Settings of accounts are never touched.

use aws_sdk_s3::types::{AccessControlPolicy, Grant, Grantee, Permission, Type};

use super::access_reading::ALL_USERS;
use super::blank_keys::sdk_key;
use super::classify::About;
use super::{S3Error, S3Store};
use crate::model::{BucketName, FailureKind, ObjectKey};

/// An object's access control list as it was read, to be given back with or without strangers in it.
#[derive(Clone, Debug)]
pub struct ObjectAcl {
    policy: AccessControlPolicy,
    version: Option<String>,
}

impl ObjectAcl {
    /// Whether it was read by the id of a version, and is given back to that very one.
    pub fn names_version(&self) -> bool {
        self.version.is_some()
    }

    /// Whether it lets anyone read.
    pub fn opens(&self) -> bool {
        self.policy.grants().iter().any(|grant| {
            is_of_strangers(grant) && matches!(grant.permission(), Some(Permission::Read | Permission::FullControl))
        })
    }
}

fn is_of_strangers(grant: &Grant) -> bool {
    grant.grantee().and_then(Grantee::uri) == Some(ALL_USERS)
}

impl S3Store {
    /// The policy of a bucket as it stands there; `None` if it has none.
    pub async fn bucket_policy(&self, bucket: &BucketName) -> Result<Option<String>, S3Error> {
        let about = About::bucket("s3:GetBucketPolicy", bucket);
        match self.run(about, |client| client.get_bucket_policy().bucket(bucket.as_str()).send()).await {
            Ok(output) => Ok(output.policy().filter(|policy| !policy.trim().is_empty()).map(ToOwned::to_owned)),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a policy in the place of the one that is there. Dropped half-way, it is open which one is there.
    pub async fn put_bucket_policy(&self, bucket: &BucketName, policy: &str) -> Result<(), S3Error> {
        let about = About::bucket("s3:PutBucketPolicy", bucket);
        self.run(about, |client| client.put_bucket_policy().bucket(bucket.as_str()).policy(policy).send()).await?;
        Ok(())
    }

    /// Takes the policy of a bucket away; that there is none is fine.
    pub async fn delete_bucket_policy(&self, bucket: &BucketName) -> Result<(), S3Error> {
        let about = About::bucket("s3:DeleteBucketPolicy", bucket);
        match self.run(about, |client| client.delete_bucket_policy().bucket(bucket.as_str()).send()).await {
            Err(error) if error.code() != Some("NoSuchBucketPolicy") => Err(error),
            _ => Ok(()),
        }
    }

    /// Who may do what with an object by its own list: with that of a version, or of the newest one. A version's own
    /// list takes a right of its own (`s3:GetObjectVersionAcl`), and so does changing it.
    pub async fn read_object_acl(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        version: Option<&str>,
    ) -> Result<ObjectAcl, S3Error> {
        let action = if version.is_some() { "s3:GetObjectVersionAcl" } else { "s3:GetObjectAcl" };
        let about = About::object(action, bucket, key);
        let version = version.map(str::to_owned);
        let asked = self.run(about, |client| {
            let request = client.get_object_acl().bucket(bucket.as_str()).key(sdk_key(key));
            request.set_version_id(version.clone()).send()
        });
        let output = asked.await?;
        let policy = AccessControlPolicy::builder()
            .set_owner(output.owner().cloned())
            .set_grants(Some(output.grants().to_vec()))
            .build();
        Ok(ObjectAcl { policy, version })
    }

    /// Adds "anyone may read" to a list that was just read, and leaves everything else in it. It goes to the version
    /// that it was read from.
    pub async fn open_object(&self, bucket: &BucketName, key: &ObjectKey, acl: &ObjectAcl) -> Result<(), S3Error> {
        let everyone = Grantee::builder().r#type(Type::Group).uri(ALL_USERS).build();
        let everyone = everyone.map_err(|error| S3Error::local("s3:PutObjectAcl", FailureKind::Internal, error))?;
        let mut grants = acl.policy.grants().to_vec();
        grants.push(Grant::builder().grantee(everyone).permission(Permission::Read).build());
        self.put_object_acl(bucket, key, acl, grants).await
    }

    /// Takes "anyone may read" out of a list that was just read, and leaves everything else in it.
    pub async fn close_object(&self, bucket: &BucketName, key: &ObjectKey, acl: &ObjectAcl) -> Result<(), S3Error> {
        let stays = |grant: &&Grant| !(is_of_strangers(grant) && grant.permission() == Some(&Permission::Read));
        let grants = acl.policy.grants().iter().filter(stays).cloned().collect();
        self.put_object_acl(bucket, key, acl, grants).await
    }

    async fn put_object_acl(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        acl: &ObjectAcl,
        grants: Vec<Grant>,
    ) -> Result<(), S3Error> {
        let action = if acl.names_version() { "s3:PutObjectVersionAcl" } else { "s3:PutObjectAcl" };
        let about = About::object(action, bucket, key);
        let policy =
            AccessControlPolicy::builder().set_owner(acl.policy.owner().cloned()).set_grants(Some(grants)).build();
        let put = self.run(about, |client| {
            let request = client.put_object_acl().bucket(bucket.as_str()).key(sdk_key(key));
            request.set_version_id(acl.version.clone()).access_control_policy(policy.clone()).send()
        });
        put.await.map(|_output| ())
    }
}
