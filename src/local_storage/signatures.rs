//! What Amazon asks of a signature beside being right, and the protocol layer does not: that it covers the host and each
//! `x-amz-*` header, and that a presigned address ends within a week. Its version and its region: `access`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use s3s::{S3Error, s3_error};

use super::errors::custom;

/// For how long a presigned address may be good.
const LONGEST_EXPIRY_SECS: u64 = 604_800;

/// What the protocol layer has signed in any case: the canonical request ends with it.
const HASH_OF_BODY: &str = "x-amz-content-sha256";

/// Why a signed request is refused whatever its signature is; `None` for what nobody signed.
pub(super) fn refusal(uri: &Uri, headers: &HeaderMap) -> Option<S3Error> {
    let query: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    if value("X-Amz-Signature").is_none() {
        let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        return not_covered(headers, signed_headers(authorization)?);
    }
    let expires_secs = value("X-Amz-Expires").and_then(|secs| secs.parse::<u64>().ok());
    if expires_secs.is_some_and(|secs| secs > LONGEST_EXPIRY_SECS) {
        let text = "X-Amz-Expires must be less than a week (in seconds); \
                    that is, the given X-Amz-Expires must be less than 604800 seconds";
        return Some(custom(StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError", text));
    }
    not_covered(headers, value("X-Amz-SignedHeaders")?)
}

/// The list in an `Authorization` header. One without is refused by the protocol layer.
fn signed_headers(authorization: &str) -> Option<&str> {
    let (_, list) = authorization.split_once("SignedHeaders=")?;
    list.split(',').next().map(str::trim)
}

/// The refusal of a request with headers that its signature has to cover and does not.
fn not_covered(headers: &HeaderMap, signed: &str) -> Option<S3Error> {
    let signed: BTreeSet<&str> = signed.split(';').collect();
    let must_be_signed = |name: &&str| *name == "host" || (name.starts_with("x-amz-") && *name != HASH_OF_BODY);
    let names = headers.keys().map(HeaderName::as_str).filter(must_be_signed);
    let missing: Vec<&str> = names.filter(|name| !signed.contains(name)).collect();
    if missing.is_empty() {
        return None;
    }
    tracing::debug!(?missing, "headers that are not signed");
    Some(s3_error!(AccessDenied, "There were headers present in the request which were not signed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AK/20260102/us-east-1/s3/aws4_request, \
                          SignedHeaders=host;x-amz-date, Signature=00";

    fn refused(uri: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let headers = [&[("host", "127.0.0.1")][..], headers].concat();
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let map: HeaderMap = headers.collect();
        refusal(&uri.parse().unwrap(), &map).map(|error| error.code().as_str().to_owned())
    }

    #[test]
    fn each_header_of_amazons_has_to_be_signed() {
        let signed = ("authorization", SIGNED);
        assert_eq!(refused("/b/k", &[("x-amz-acl", "public-read")]), None, "nobody signed anything");
        assert_eq!(refused("/b/k", &[signed, ("x-amz-date", "20260102T030405Z"), ("range", "bytes=0-1")]), None);
        assert_eq!(refused("/b/k", &[signed, ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]), None);
        assert_eq!(refused("/b/k", &[signed, ("x-amz-acl", "public-read")]), Some("AccessDenied".into()));
        let hostless = SIGNED.replace("host;", "");
        assert_eq!(refused("/b/k", &[("authorization", &hostless)]), Some("AccessDenied".into()));
        // Without spaces it is the same.
        let narrow = SIGNED.replace(", ", ",");
        assert_eq!(refused("/b/k", &[("authorization", &narrow), ("x-amz-date", "d")]), None);
    }

    #[test]
    fn presigned_addresses_are_held_to_the_same() {
        let at = |expires: u64, signed: &str| {
            format!("/b/k?X-Amz-Expires={expires}&X-Amz-SignedHeaders={signed}&X-Amz-Signature=00")
        };
        let acl = ("x-amz-acl", "public-read");
        assert_eq!(refused(&at(604_800, "host"), &[]), None);
        assert_eq!(refused(&at(604_801, "host"), &[]), Some("AuthorizationQueryParametersError".into()));
        assert_eq!(refused(&at(60, "host%3Bx-amz-acl"), &[acl]), None);
        assert_eq!(refused(&at(60, "host"), &[acl]), Some("AccessDenied".into()));
        assert_eq!(refused(&at(60, "x-amz-acl"), &[acl]), Some("AccessDenied".into()), "the host is not signed");
    }
}
