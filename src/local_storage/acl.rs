//! Canned ACLs of objects, the fixed one of buckets, and who may call what.

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{
    GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, Grant, Grantee, ObjectCannedACL,
    Permission, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::path::S3Path;
use s3s::{S3Request, S3Response, S3Result, s3_error};
use std::sync::Arc;

use http::HeaderName;

use super::errors::with_headers;
use super::index::{BucketRow, ObjectRow, Write};
use super::requests::{canned_acl, is_public, refuse_unsupported};
use super::service::{Storage, owner};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

pub(super) async fn get(storage: &Storage, input: GetObjectAclInput) -> S3Result<S3Response<GetObjectAclOutput>> {
    let (object, _) = storage.object(&input.bucket, &input.key, input.version_id).await?;
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(grants_of(&object.acl)),
        owner: Some(owner()),
        request_charged: None,
    }))
}

pub(super) async fn put(
    storage: &Storage,
    req: S3Request<PutObjectAclInput>,
) -> S3Result<S3Response<PutObjectAclOutput>> {
    let input = req.input;
    refuse_unsupported(&req.headers)?;
    let acl = match (&input.acl, &input.access_control_policy) {
        (Some(acl), None) => canned_acl(Some(acl))?,
        (None, Some(policy)) => canned_from_grants(policy.grants.as_deref().unwrap_or_default())?,
        _ => return Err(s3_error!(MissingSecurityHeader, "Your request was missing a required header: x-amz-acl")),
    };
    let change = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        let mut object = ObjectRow::require(write.conn, bucket.id, &input.key, input.version_id.as_deref())?;
        object.acl = acl;
        write.update_object(bucket.id, &input.key, &object)
    };
    storage.index.write(Vec::new(), change).await?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

pub(super) async fn get_of_bucket(
    storage: &Storage,
    input: GetBucketAclInput,
) -> S3Result<S3Response<GetBucketAclOutput>> {
    storage.require_bucket(&input.bucket).await?;
    let grants = Some(grants_of(ObjectCannedACL::PRIVATE));
    Ok(S3Response::new(GetBucketAclOutput { grants, owner: Some(owner()) }))
}

fn grant(kind: &'static str, uri: Option<&str>, permission: &'static str) -> Grant {
    let is_owner = uri.is_none();
    let grantee = Grantee {
        type_: Type::from_static(kind),
        uri: uri.map(str::to_owned),
        id: owner().id.filter(|_| is_owner),
        display_name: owner().display_name.filter(|_| is_owner),
        email_address: None,
    };
    Grant { grantee: Some(grantee), permission: Some(Permission::from_static(permission)) }
}

fn grants_of(acl: &str) -> Vec<Grant> {
    let mut grants = vec![grant(Type::CANONICAL_USER, None, Permission::FULL_CONTROL)];
    let group = |uri, permission| grant(Type::GROUP, Some(uri), permission);
    match acl {
        ObjectCannedACL::PUBLIC_READ => grants.push(group(ALL_USERS, Permission::READ)),
        ObjectCannedACL::PUBLIC_READ_WRITE => {
            grants.extend([group(ALL_USERS, Permission::READ), group(ALL_USERS, Permission::WRITE)]);
        }
        ObjectCannedACL::AUTHENTICATED_READ => grants.push(group(AUTHENTICATED_USERS, Permission::READ)),
        _ => {}
    }
    grants
}

/// Finds the canned ACL that says the same as a list of grants; other lists are not kept.
fn canned_from_grants(grants: &[Grant]) -> S3Result<String> {
    let groups: Vec<(&str, &str)> = grants
        .iter()
        .filter_map(|grant| Some((grant.grantee.as_ref()?.uri.as_deref()?, grant.permission.as_ref()?.as_str())))
        .collect();
    match groups.as_slice() {
        [] => Ok(ObjectCannedACL::PRIVATE.to_owned()),
        [(ALL_USERS, Permission::READ)] => Ok(ObjectCannedACL::PUBLIC_READ.to_owned()),
        [(AUTHENTICATED_USERS, Permission::READ)] => Ok(ObjectCannedACL::AUTHENTICATED_READ.to_owned()),
        _ => Err(s3_error!(NotImplemented, "Only grants that equal a canned ACL are implemented")),
    }
}

/// Decides who may do what: the holder of the keys everything, anyone else may read public objects.
pub(super) struct Access(pub Arc<Storage>);

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_some() {
            return self.check_scope(cx);
        }
        let denied = || s3_error!(AccessDenied, "Access Denied");
        let S3Path::Object { bucket, key } = cx.s3_path() else { return Err(denied()) };
        if !matches!(cx.s3_op().name(), "GetObject" | "HeadObject") {
            return Err(denied());
        }
        let query = cx.uri().query().unwrap_or_default();
        if query.split('&').any(|pair| pair.starts_with("response-")) {
            let text = "Request specific response headers cannot be used for anonymous GET requests.";
            return Err(s3_error!(InvalidRequest, "{text}"));
        }
        let (bucket, key) = (bucket.to_string(), key.to_string());
        let version = query.split('&').find_map(|pair| pair.strip_prefix("versionId=")).map(str::to_owned);
        // A missing key is not told from a private one to someone who may not list.
        let acl = self.0.index.read(move |conn| ObjectRow::acl_of(conn, &bucket, &key, version.as_deref())).await?;
        if acl.is_some_and(|acl| is_public(&acl)) { Ok(()) } else { Err(denied()) }
    }
}

impl Access {
    /// A valid signature must also be of the kind Amazon takes (version 4) and for this region.
    fn check_scope(&self, cx: &S3AccessContext<'_>) -> S3Result<()> {
        let header = cx.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let query = cx.uri().query().unwrap_or_default();
        let credential = match header {
            Some(header) => header.split([',', ' ']).find_map(|field| field.strip_prefix("Credential=")),
            None => query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential=")),
        };
        let Some(credential) = credential else {
            let text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
            return Err(s3_error!(InvalidRequest, "{text}"));
        };
        let credential = percent_encoding::percent_decode_str(credential).decode_utf8_lossy();
        let expected = self.0.region.as_str();
        match credential.split('/').nth(2) {
            Some(region) if region == expected => Ok(()),
            given => {
                let given = given.unwrap_or_default();
                let code = if header.is_some() { "header" } else { "query" };
                let error = s3_error!(
                    AuthorizationHeaderMalformed,
                    "The authorization {code} is malformed; the region '{given}' is wrong; expecting '{expected}'"
                );
                Err(with_headers(error, &[(HeaderName::from_static("x-amz-bucket-region"), expected)]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canned_acls_come_back_from_their_grants() {
        for acl in [ObjectCannedACL::PRIVATE, ObjectCannedACL::PUBLIC_READ, ObjectCannedACL::AUTHENTICATED_READ] {
            assert_eq!(canned_from_grants(&grants_of(acl)).unwrap(), acl);
        }
    }
}
