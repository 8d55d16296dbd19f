//! Who may do what. Every request passes [`Access`] before it is read; the rules it is held to are in the files
//! beside this one, each for one thing that a bucket can be set to.

mod asked;
pub(in crate::local_storage) mod block;
mod caller;
mod condition;
mod evaluate;
mod grants;
mod judge;
pub(in crate::local_storage) mod ownership;
mod policy;
mod public;
pub(in crate::local_storage) mod settings;
mod validate;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, UploadPartCopyInput};
use s3s::path::S3Path;
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::encryption::must_sign;
use super::errors::with_headers;
use super::index::{BucketRow, ObjectRow};
use super::service::Storage;
use asked::{Versioned, Way, context, needs_object, query_value};
use judge::ObjectFacts;

pub use asked::Transport;
pub use block::{PublicAccessBlock, PublicAccessSwitch};
pub(super) use caller::{Caller, OTHER_ID, OWN_ID};
pub use caller::{KeyAccount, Rights};
pub(super) use grants::{Acl, Owners, of_headers};
pub(super) use judge::{Case, refused};
pub(super) use settings::{BucketSettings, Payer};

/// Decides on every request.
pub(super) struct Access(pub Arc<Storage>);

/// An object that must be looked up for a decision.
struct Place<'a> {
    key: &'a str,
    version: Option<String>,
}

/// Marks a request whose sender pays, for the answer to say so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charged;

/// What a lookup found of the object.
#[derive(Clone, Debug)]
enum Found {
    /// The operation needs none.
    NotNeeded,
    /// It needs one that is not there.
    Missing,
    There(ObjectFacts),
}

impl Found {
    fn facts(&self) -> Option<&ObjectFacts> {
        if let Self::There(facts) = self { Some(facts) } else { None }
    }
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let caller = self.caller(cx)?;
        cx.extensions_mut().insert(caller.clone());
        if caller == Caller::Owner && !self.0.has_rules() {
            return Ok(());
        }
        let operation = cx.s3_op().name();
        let (bucket, key) = match cx.s3_path() {
            S3Path::Root => return check_without_bucket(&caller, operation, ""),
            S3Path::Bucket { bucket } => (bucket.to_string(), None),
            S3Path::Object { bucket, key } => (bucket.to_string(), Some(key.to_string())),
        };
        if operation == "CreateBucket" {
            return check_without_bucket(&caller, operation, &bucket);
        }
        refuse_overrides(cx, &caller, operation)?;
        let version = query_value(cx.uri(), "versionId");
        let key = key.as_deref();
        let place = key.filter(|_| needs_object(operation)).map(|key| Place { key, version: version.clone() });
        let (case, object) = self.lookup(&caller, &bucket, place, cx.headers(), cx.uri()).await?;
        if operation == "DeleteObjects" {
            check_payer(&case, cx.headers(), cx.uri())?;
            // Each key is decided on by itself, once the list is read.
            let all = case.check_delete("*", None);
            cx.extensions_mut().insert(case);
            return if caller == Caller::Stranger { all } else { Ok(()) };
        }
        for action in asked::actions(operation, Versioned::of(version.as_deref()), cx.headers()) {
            decide(&case, &action, key, &object).map_err(|error| self.with_region(operation, error))?;
        }
        if check_payer(&case, cx.headers(), cx.uri())? == Pays::Caller {
            cx.extensions_mut().insert(Charged);
        }
        let needs_signature = object.facts().is_some_and(ObjectFacts::needs_signature);
        if caller == Caller::Stranger && needs_signature { Err(must_sign()) } else { Ok(()) }
    }

    async fn copy_object(&self, req: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        let source = req.input.copy_source.clone();
        self.check_source(&source, &req.extensions, &req.headers, &req.uri).await
    }

    async fn upload_part_copy(&self, req: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        let source = req.input.copy_source.clone();
        self.check_source(&source, &req.extensions, &req.headers, &req.uri).await
    }
}

/// Decides on one action, with what was looked up of the object.
fn decide(case: &Case, action: &str, key: Option<&str>, object: &Found) -> S3Result<()> {
    let decision = case.may(action, key, object.facts());
    // Who may not list must not learn whether a key is there.
    let may_list = || case.may("s3:ListBucket", None, None);
    match (decision, object) {
        (Ok(()), Found::Missing) => may_list().map_err(|denial| case.refusal(denial, "s3:ListBucket", None)),
        (Err(judge::Denial::Implicit), Found::Missing) if may_list().is_ok() => Ok(()),
        (Err(denial), _) => Err(case.refusal(denial, action, key)),
        (Ok(()), _) => Ok(()),
    }
}

/// What is not about a bucket that is there.
fn check_without_bucket(caller: &Caller, operation: &str, bucket: &str) -> S3Result<()> {
    let action = if operation == "CreateBucket" { "s3:CreateBucket" } else { "s3:ListAllMyBuckets" };
    let allowed = match caller {
        Caller::Owner => true,
        Caller::Stranger => false,
        Caller::Holder { rights, .. } => {
            caller.is_of_own_account() && rights.opinion(action, bucket) == caller::Opinion::Allow
        }
    };
    if allowed {
        return Ok(());
    }
    let why = format!("because no identity-based policy allows the {action} action");
    Err(refused(caller, action, if bucket.is_empty() { "*" } else { bucket }, &why))
}

/// Strangers may not choose headers of an answer.
fn refuse_overrides(cx: &S3AccessContext<'_>, caller: &Caller, operation: &str) -> S3Result<()> {
    let query = cx.uri().query().unwrap_or_default();
    let reads = matches!(operation, "GetObject" | "HeadObject");
    if *caller == Caller::Stranger && reads && query.split('&').any(|pair| pair.starts_with("response-")) {
        let text = "Request specific response headers cannot be used for anonymous GET requests.";
        return Err(s3_error!(InvalidRequest, "{text}"));
    }
    Ok(())
}

/// Who pays for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pays {
    BucketOwner,
    Caller,
}

/// Where readers pay, they must be somebody and say so; the bucket's own account need not.
fn check_payer(case: &Case, headers: &HeaderMap, uri: &Uri) -> S3Result<Pays> {
    if case.settings.payer == Payer::BucketOwner {
        return Ok(Pays::BucketOwner);
    }
    let said = headers.get("x-amz-request-payer").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let agrees = said.or_else(|| query_value(uri, "x-amz-request-payer")).as_deref() == Some("requester");
    match &case.caller {
        Caller::Stranger => Err(s3_error!(AccessDenied, "Access Denied")),
        _ if agrees => Ok(Pays::Caller),
        caller if caller.is_of_own_account() => Ok(Pays::BucketOwner),
        _ => Err(s3_error!(AccessDenied, "Access Denied")),
    }
}

impl Access {
    /// Who has signed, with a signature of the right kind and for this region.
    fn caller(&self, cx: &S3AccessContext<'_>) -> S3Result<Caller> {
        let Some(credentials) = cx.credentials() else { return Ok(Caller::Stranger) };
        self.check_scope(cx)?;
        let rights = self.0.plan.as_ref().and_then(|plan| plan.rights_of(&credentials.access_key));
        Ok(match rights {
            Some(rights) => Caller::Holder { name: credentials.access_key.clone(), rights },
            None => Caller::Owner,
        })
    }

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

    /// HeadBucket tells where a bucket is even to those who may not look into it.
    fn with_region(&self, operation: &str, error: S3Error) -> S3Error {
        if operation != "HeadBucket" {
            return error;
        }
        with_headers(error, &[(HeaderName::from_static("x-amz-bucket-region"), &self.0.region)])
    }

    /// Everything that counts for a request, and what of the object if one is needed; or `NoSuchBucket`.
    async fn lookup(
        &self,
        caller: &Caller,
        bucket: &str,
        place: Option<Place<'_>>,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> S3Result<(Case, Found)> {
        let name = bucket.to_owned();
        let wanted = place.map(|place| (place.key.to_owned(), place.version));
        let read = move |conn: &rusqlite::Connection| {
            let bucket = BucketRow::require(conn, &name)?;
            let object = wanted.map(|(key, version)| ObjectRow::require(conn, bucket.id, &key, version.as_deref()));
            Ok((bucket, object))
        };
        let (row, object) = self.0.index.read(read).await?;
        let surroundings = self.0.surroundings();
        let way = Way {
            source_ip: surroundings.source_ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            transport: surroundings.transport,
        };
        let mut context = context(caller, headers, uri, way);
        if let Some(Ok(object)) = &object {
            for (key, value) in &object.detail.tags {
                context.set(&format!("s3:ExistingObjectTag/{key}"), value);
            }
        }
        let case = Case {
            caller: caller.clone(),
            bucket: bucket.to_owned(),
            policy: row.settings.policy(),
            block: row.settings.block.clone().unwrap_or_default().and(&surroundings.account_block),
            settings: row.settings,
            context,
            partition: partition(&self.0.region),
        };
        let found = match object {
            None => Found::NotNeeded,
            Some(Err(_not_there)) => Found::Missing,
            Some(Ok(object)) => Found::There(ObjectFacts {
                acl: Acl::from_column(&object.acl),
                owner: object.detail.owner,
                encryption: object.detail.encryption,
            }),
        };
        Ok((case, found))
    }

    /// Whether the caller may read what he wants to copy from.
    async fn check_source(
        &self,
        source: &CopySource,
        extensions: &http::Extensions,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> S3Result<()> {
        let caller = extensions.get::<Caller>().cloned().unwrap_or(Caller::Stranger);
        if caller == Caller::Owner && !self.0.has_rules() {
            return Ok(());
        }
        // What else a source can be is refused where it is read.
        let CopySource::Bucket { bucket, key, version_id } = source else { return Ok(()) };
        let version = version_id.as_deref().map(str::to_owned);
        let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let place = Place { key, version };
        let (case, object) = self.lookup(&caller, bucket, Some(place), headers, uri).await?;
        decide(&case, action, Some(key), &object)
    }
}

/// The first field of ARNs in a region.
fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
