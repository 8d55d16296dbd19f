//! What a request asks for in the words of policies: actions, the resource, and what conditions can look at.

use std::net::IpAddr;

use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

use super::caller::{Caller, OWN_ACCOUNT};
use super::condition::Context;

/// Actions that a request needs, all of them.
pub(super) fn actions(operation: &str, versioned: Versioned, headers: &HeaderMap) -> Vec<String> {
    let of_version = versioned == Versioned::Yes;
    let pick = |plain: &'static str, of: &'static str| if of_version { of } else { plain };
    let has = |name: &str| headers.contains_key(name);
    let mut actions = match operation {
        "ListBuckets" => vec!["ListAllMyBuckets"],
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => vec!["ListBucket"],
        "ListObjectVersions" => vec!["ListBucketVersions"],
        "ListMultipartUploads" => vec!["ListBucketMultipartUploads"],
        "ListParts" => vec!["ListMultipartUploadParts"],
        "GetPublicAccessBlock" => vec!["GetBucketPublicAccessBlock"],
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => vec!["PutBucketPublicAccessBlock"],
        "DeleteBucketOwnershipControls" => vec!["PutBucketOwnershipControls"],
        "GetBucketCors" => vec!["GetBucketCORS"],
        "GetBucketLifecycleConfiguration" => vec!["GetLifecycleConfiguration"],
        "GetObject" | "HeadObject" => vec![pick("GetObject", "GetObjectVersion")],
        "GetObjectAttributes" => {
            vec![pick("GetObject", "GetObjectVersion"), pick("GetObjectAttributes", "GetObjectVersionAttributes")]
        }
        "GetObjectAcl" => vec![pick("GetObjectAcl", "GetObjectVersionAcl")],
        "PutObjectAcl" => vec![pick("PutObjectAcl", "PutObjectVersionAcl")],
        "GetObjectTagging" => vec![pick("GetObjectTagging", "GetObjectVersionTagging")],
        "PutObjectTagging" => vec![pick("PutObjectTagging", "PutObjectVersionTagging")],
        "DeleteObjectTagging" => vec![pick("DeleteObjectTagging", "DeleteObjectVersionTagging")],
        "DeleteObject" => vec![pick("DeleteObject", "DeleteObjectVersion")],
        "PutObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload"
        | "PostObject" => vec!["PutObject"],
        other => vec![other],
    };
    let stores = matches!(operation, "PutObject" | "CopyObject" | "CreateMultipartUpload");
    let names_acl = headers.keys().any(|name| name == "x-amz-acl" || name.as_str().starts_with("x-amz-grant-"));
    if stores && names_acl {
        actions.push("PutObjectAcl");
    }
    if stores && has("x-amz-tagging") {
        actions.push("PutObjectTagging");
    }
    actions.into_iter().map(|action| format!("s3:{action}")).collect()
}

/// Whether a request names a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versioned {
    Yes,
    No,
}

impl Versioned {
    pub(super) fn of(version: Option<&str>) -> Self {
        if version.is_some() { Self::Yes } else { Self::No }
    }
}

/// Whether an operation is about an object that must be there.
pub(super) fn needs_object(operation: &str) -> bool {
    matches!(
        operation,
        "GetObject"
            | "HeadObject"
            | "GetObjectAcl"
            | "PutObjectAcl"
            | "GetObjectTagging"
            | "PutObjectTagging"
            | "DeleteObjectTagging"
            | "GetObjectAttributes"
            | "RestoreObject"
    )
}

/// A value of the query, decoded.
pub(super) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = uri.query()?.split('&');
    let value = pairs.find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

/// Over what a request is taken to have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// As it did: plain HTTP.
    #[default]
    Http,
    /// As if by HTTPS: `aws:SecureTransport` is true.
    Https,
}

/// From where and over what a request is taken to have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub source_ip: IpAddr,
    pub transport: Transport,
}

/// What conditions of policies can look at.
pub(super) fn context(caller: &Caller, headers: &HeaderMap, uri: &Uri, way: Way) -> Context {
    let mut context = Context::default();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    context.set("aws:SourceIp", way.source_ip.to_string());
    context.set("aws:SecureTransport", (way.transport == Transport::Https).to_string());
    let now = jiff::Timestamp::now();
    context.set("aws:CurrentTime", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    context.set("aws:EpochTime", now.as_second().to_string());
    context.set("aws:ResourceAccount", OWN_ACCOUNT);
    context.set("s3:ResourceAccount", OWN_ACCOUNT);
    let named = [
        ("aws:Referer", "referer"),
        ("aws:UserAgent", "user-agent"),
        ("s3:x-amz-acl", "x-amz-acl"),
        ("s3:x-amz-storage-class", "x-amz-storage-class"),
        ("s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"),
        ("s3:x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-aws-kms-key-id"),
        ("s3:x-amz-content-sha256", "x-amz-content-sha256"),
    ];
    for (key, value) in named.iter().filter_map(|(key, name)| Some((key, header(name)?))) {
        context.set(key, value);
    }
    let asked = [
        ("s3:prefix", "prefix"),
        ("s3:delimiter", "delimiter"),
        ("s3:max-keys", "max-keys"),
        ("s3:VersionId", "versionId"),
    ];
    for (key, value) in asked.iter().filter_map(|(key, name)| Some((key, query_value(uri, name)?))) {
        context.set(key, value);
    }
    set_caller(&mut context, caller);
    if *caller != Caller::Stranger {
        let by_header = headers.contains_key(http::header::AUTHORIZATION);
        context.set("s3:authType", if by_header { "REST-HEADER" } else { "REST-QUERY-STRING" });
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    }
    context
}

fn set_caller(context: &mut Context, caller: &Caller) {
    let kind = match caller {
        Caller::Stranger => "Anonymous",
        Caller::Owner => "Account",
        Caller::Holder { name, .. } => {
            context.set("aws:username", name);
            "User"
        }
    };
    context.set("aws:PrincipalType", kind);
    let userid = match caller {
        Caller::Stranger => Some("anonymous".to_owned()),
        Caller::Owner => Some(OWN_ACCOUNT.to_owned()),
        Caller::Holder { name, .. } => Some(name.clone()),
    };
    let known = [
        ("aws:userid", userid),
        ("aws:PrincipalArn", caller.arn()),
        ("aws:PrincipalAccount", caller.account().map(str::to_owned)),
    ];
    for (key, value) in known {
        if let Some(value) = value {
            context.set(key, value);
        }
    }
}
