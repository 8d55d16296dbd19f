//! Names a request before the protocol layer has looked at it, for the plan of faults and its log.

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

/// What a request asks for, as far as its first line and headers tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub operation: &'static str,
    pub bucket: Option<String>,
    pub key: Option<String>,
    pub part_number: Option<u32>,
    pub signed: Signed,
}

/// Where a request carries its signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Signed {
    /// Nowhere: a stranger asks.
    #[default]
    No,
    /// In the `Authorization` header.
    Header,
    /// In its address: a link that expires.
    Address,
}

impl Signed {
    fn read(uri: &Uri, headers: &HeaderMap) -> Self {
        let query = Query(uri.query().unwrap_or_default());
        if headers.contains_key(http::header::AUTHORIZATION) {
            Self::Header
        } else if query.has("X-Amz-Signature") || query.has("Signature") {
            Self::Address
        } else {
            Self::No
        }
    }
}

impl Asked {
    pub(super) fn read(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let path = percent_decode_str(uri.path()).decode_utf8_lossy();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = if let Some(bucket) = bucket_in_host(headers) {
            (bucket, path)
        } else {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (bucket.to_owned(), key)
        };
        let query = Query(uri.query().unwrap_or_default());
        let bucket = Some(bucket).filter(|bucket| !bucket.is_empty());
        let key = Some(key.to_owned()).filter(|key| !key.is_empty());
        let operation = match (&bucket, &key) {
            (None, _) => "ListBuckets",
            (Some(_), None) => of_bucket(method, query),
            (Some(_), Some(_)) => of_object(method, query, headers),
        };
        let part_number = query.get("partNumber").and_then(|number| number.parse().ok());
        Self { operation, bucket, key, part_number, signed: Signed::read(uri, headers) }
    }
}

/// The bucket of a virtual-host style request to `BUCKET.localhost`.
fn bucket_in_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(http::header::HOST)?.to_str().ok()?;
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.strip_suffix(".localhost").map(str::to_ascii_lowercase)
}

#[derive(Clone, Copy)]
struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    fn get(self, name: &str) -> Option<&'a str> {
        self.0.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then_some(value)
        })
    }

    fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn of_bucket(method: &Method, query: Query<'_>) -> &'static str {
    match *method {
        Method::PUT if query.has("versioning") => "PutBucketVersioning",
        Method::PUT if query.has("policy") => "PutBucketPolicy",
        Method::PUT if query.has("publicAccessBlock") => "PutPublicAccessBlock",
        Method::PUT if query.has("ownershipControls") => "PutBucketOwnershipControls",
        Method::PUT if query.has("acl") => "PutBucketAcl",
        Method::PUT if query.has("requestPayment") => "PutBucketRequestPayment",
        Method::PUT => "CreateBucket",
        Method::HEAD => "HeadBucket",
        Method::DELETE if query.has("policy") => "DeleteBucketPolicy",
        Method::DELETE if query.has("publicAccessBlock") => "DeletePublicAccessBlock",
        Method::DELETE if query.has("ownershipControls") => "DeleteBucketOwnershipControls",
        Method::DELETE => "DeleteBucket",
        Method::POST if query.has("delete") => "DeleteObjects",
        Method::GET if query.has("uploads") => "ListMultipartUploads",
        Method::GET if query.has("location") => "GetBucketLocation",
        Method::GET if query.has("lifecycle") => "GetBucketLifecycleConfiguration",
        Method::GET if query.has("versioning") => "GetBucketVersioning",
        Method::GET if query.has("versions") => "ListObjectVersions",
        Method::GET if query.has("acl") => "GetBucketAcl",
        Method::GET if query.has("policyStatus") => "GetBucketPolicyStatus",
        Method::GET if query.has("policy") => "GetBucketPolicy",
        Method::GET if query.has("publicAccessBlock") => "GetPublicAccessBlock",
        Method::GET if query.has("ownershipControls") => "GetBucketOwnershipControls",
        Method::GET if query.has("requestPayment") => "GetBucketRequestPayment",
        Method::GET if query.get("list-type") == Some("2") => "ListObjectsV2",
        Method::GET => "ListObjects",
        _ => "Other",
    }
}

fn of_object(method: &Method, query: Query<'_>, headers: &HeaderMap) -> &'static str {
    let is_copy = headers.contains_key("x-amz-copy-source");
    match *method {
        Method::PUT if query.has("uploadId") && is_copy => "UploadPartCopy",
        Method::PUT if query.has("uploadId") => "UploadPart",
        Method::PUT if query.has("acl") => "PutObjectAcl",
        Method::PUT if query.has("tagging") => "PutObjectTagging",
        Method::PUT if is_copy => "CopyObject",
        Method::PUT => "PutObject",
        Method::HEAD => "HeadObject",
        Method::DELETE if query.has("uploadId") => "AbortMultipartUpload",
        Method::DELETE if query.has("tagging") => "DeleteObjectTagging",
        Method::DELETE => "DeleteObject",
        Method::POST if query.has("uploads") => "CreateMultipartUpload",
        Method::POST if query.has("restore") => "RestoreObject",
        Method::POST if query.has("uploadId") => "CompleteMultipartUpload",
        Method::GET if query.has("uploadId") => "ListParts",
        Method::GET if query.has("acl") => "GetObjectAcl",
        Method::GET if query.has("attributes") => "GetObjectAttributes",
        Method::GET if query.has("tagging") => "GetObjectTagging",
        Method::GET => "GetObject",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_named() {
        let cases = [
            ("GET", "/", "", "ListBuckets", None),
            ("GET", "/b?list-type=2&prefix=x", "", "ListObjectsV2", None),
            ("PUT", "/b/k%20%ED%95%9C", "", "PutObject", Some("k 한")),
            ("PUT", "/b/k?partNumber=3&uploadId=u", "", "UploadPart", Some("k")),
            ("POST", "/b/k?uploadId=u", "", "CompleteMultipartUpload", Some("k")),
            ("POST", "/b/k?uploads", "", "CreateMultipartUpload", Some("k")),
            ("HEAD", "//k", "b.localhost:9000", "HeadObject", Some("/k")),
            ("DELETE", "/b", "127.0.0.1:9000", "DeleteBucket", None),
            ("PUT", "/b?policy", "", "PutBucketPolicy", None),
            ("GET", "/b?policyStatus", "", "GetBucketPolicyStatus", None),
            ("DELETE", "/b?publicAccessBlock", "", "DeletePublicAccessBlock", None),
            ("GET", "/b?ownershipControls=", "", "GetBucketOwnershipControls", None),
            ("GET", "/b?lifecycle", "", "GetBucketLifecycleConfiguration", None),
            ("POST", "/b/k?restore", "", "RestoreObject", Some("k")),
        ];
        for (method, uri, host, operation, key) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::HOST, host.parse().unwrap());
            let asked = Asked::read(&method.parse().unwrap(), &uri.parse().unwrap(), &headers);
            assert_eq!((asked.operation, asked.key.as_deref()), (operation, key), "{method} {uri}");
        }
    }
}
