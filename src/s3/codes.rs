//! The table from S3's error codes, and from bare HTTP statuses, to causes.

use crate::model::FailureKind;

/// The cause behind an error code; `None` for codes that say no more than the status.
pub(super) fn kind_of_code(code: &str, message: &str, status: u16) -> Option<FailureKind> {
    use FailureKind as K;
    Some(match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "Forbidden"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "UnauthorizedAccess" => kind_of_denial(message),
        "InvalidAccessKeyId" | "InvalidAccessKey" | "NotSignedUp" | "UnrecognizedClientException" => {
            K::UnknownAccessKey
        }
        "SignatureDoesNotMatch" | "InvalidSignature" | "InvalidSignatureException" => K::WrongSecret,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => K::ExpiredToken,
        "InvalidToken" | "InvalidSecurity" => K::InvalidToken,
        "MissingSecurityHeader" | "MissingAuthenticationToken" | "CredentialsNotSupported" => K::NoCredentials,
        "RequestTimeTooSkewed" => K::ClockSkew,
        "NoSuchBucket" => K::NoSuchBucket,
        "NoSuchKey" | "NoSuchVersion" => K::NoSuchKey,
        "NoSuchUpload" => K::NoSuchUpload,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "Redirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "InvalidRegionName"
        | "InvalidLocationConstraint" => kind_of_malformed(code, message),
        "SlowDown"
        | "TooManyRequests"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "BandwidthLimitExceeded"
        | "SlowDownRead"
        | "SlowDownWrite" => K::Throttled,
        "RequestTimeout" => K::Timeout,
        // Less came than was announced: the line was cut on the far side of a gateway.
        "IncompleteBody" => K::Offline,
        "InternalError"
        | "ServiceUnavailable"
        | "InternalFailure"
        | "OperationAborted"
        | "XMinioServerNotInitialized"
        | "ConditionalRequestConflict"
        | "BadGateway" => K::ServerError,
        "BadDigest"
        | "InvalidDigest"
        | "XAmzContentSHA256Mismatch"
        | "ChecksumMismatch"
        | "XAmzContentChecksumMismatch" => K::ChecksumMismatch,
        "PreconditionFailed" => K::AlreadyExists,
        "BucketAlreadyOwnedByYou" => K::BucketExists,
        "BucketAlreadyExists" => K::BucketOwnedByOther,
        "BucketNotEmpty" => K::BucketNotEmpty,
        "InvalidBucketName" => K::InvalidBucketName,
        "KeyTooLongError" | "KeyTooLong" | "URITooLong" => K::KeyTooLong,
        "InvalidURI" | "InvalidObjectName" | "XMinioInvalidObjectName" => K::InvalidKey,
        "EntityTooLarge" | "MaxMessageLengthExceeded" | "MetadataTooLarge" => K::TooLarge,
        "AccessControlListNotSupported" => K::AclNotSupported,
        "MalformedPolicy" | "InvalidPolicyDocument" => K::PolicyRefused,
        "PolicyTooLarge" => K::PolicyTooLong,
        "InvalidObjectState" => K::Archived,
        "XMinioStorageFull"
        | "InsufficientStorage"
        | "QuotaExceeded"
        | "StorageCapExceeded"
        | "XMinioAdminBucketQuotaExceeded" => K::StorageFull,
        "NotImplemented" | "MethodNotAllowed" | "UnsupportedOperation" | "UnsupportedAlgorithm" => K::Unsupported,
        _ if (500..600).contains(&status) => return None,
        _ => return kind_of_other_code(status),
    })
}

/// What a service has refused as not implemented, where its words are about an option of the request rather than about
/// the operation: `encryption`, or `other`; `tags` where those are not to its liking.
pub(super) fn refused_option(code: &str, message: &str) -> Option<&'static str> {
    if code == "InvalidTag" {
        return Some("tags");
    }
    if code != "NotImplemented" {
        return None;
    }
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&["server-side-encryption", "server side encryption", "server-side encryption", "kms"]) {
        Some("encryption")
    } else {
        says(&["header", "x-amz-"]).then_some("other")
    }
}

/// Codes that are not in the table: their words stand in the detail, the status says how grave it is.
fn kind_of_other_code(status: u16) -> Option<FailureKind> {
    (status == 400).then_some(FailureKind::Unsupported)
}

/// `AccessDenied` hides a few causes that only its message tells.
fn kind_of_denial(message: &str) -> FailureKind {
    let message = message.to_ascii_lowercase();
    if message.contains("blockpublic") || message.contains("public access") || message.contains("public acl") {
        FailureKind::PublicAccessBlocked
    } else if ["requester pays", "requester-pays", "request-payer"].iter().any(|words| message.contains(words)) {
        FailureKind::RequesterPays
    } else if message.contains("cap exceeded") || message.contains("storage cap") {
        FailureKind::StorageFull
    } else if message.contains("request has expired") {
        FailureKind::ExpiredToken
    } else {
        FailureKind::AccessDenied
    }
}

/// `AuthorizationHeaderMalformed` is mostly a wrong region, but also a key id that cannot be one.
fn kind_of_malformed(code: &str, message: &str) -> FailureKind {
    let message = message.to_ascii_lowercase();
    let names_key = message.contains("access key") || message.contains("credential") && !message.contains("region");
    if code == "AuthorizationHeaderMalformed" && names_key && !message.contains("region") {
        FailureKind::UnknownAccessKey
    } else {
        FailureKind::WrongRegion
    }
}

/// The cause behind a bare status: HEAD has no body, gateways have bodies of their own. `missing` is what a 404 means.
pub(super) fn kind_of_status(status: u16, missing: FailureKind) -> FailureKind {
    use FailureKind as K;
    match status {
        301 | 307 | 308 => K::WrongRegion,
        302 | 303 | 511 => K::LoginPage,
        401 | 403 => K::AccessDenied,
        404 => missing,
        407 => K::ProxyLogin,
        408 | 504 => K::Timeout,
        412 => K::AlreadyExists,
        413 => K::TooLarge,
        429 | 503 => K::Throttled,
        507 => K::StorageFull,
        501 => K::Unsupported,
        409 | 500..=599 => K::ServerError,
        _ => K::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureKind as K;

    #[test]
    fn codes_have_their_causes() {
        let cases = [
            ("AccessDenied", "Access Denied", 403, K::AccessDenied),
            (
                "AccessDenied",
                "User is not authorized to perform: s3:PutObject because public ACLs are prevented by the BlockPublicAcls setting",
                403,
                K::PublicAccessBlocked,
            ),
            ("AccessDenied", "The bucket is configured as Requester Pays", 403, K::RequesterPays),
            ("InvalidAccessKeyId", "", 403, K::UnknownAccessKey),
            ("SignatureDoesNotMatch", "", 403, K::WrongSecret),
            ("RequestTimeTooSkewed", "", 403, K::ClockSkew),
            ("ExpiredToken", "", 400, K::ExpiredToken),
            ("InvalidToken", "", 400, K::InvalidToken),
            ("NoSuchBucket", "", 404, K::NoSuchBucket),
            ("NoSuchKey", "", 404, K::NoSuchKey),
            ("NoSuchUpload", "", 404, K::NoSuchUpload),
            ("PermanentRedirect", "", 301, K::WrongRegion),
            (
                "AuthorizationHeaderMalformed",
                "the region 'us-east-1' is wrong; expecting 'eu-west-1'",
                400,
                K::WrongRegion,
            ),
            (
                "AuthorizationHeaderMalformed",
                "a non-empty Access Key (AKID) must be provided",
                400,
                K::UnknownAccessKey,
            ),
            ("IllegalLocationConstraintException", "", 400, K::WrongRegion),
            ("SlowDown", "", 503, K::Throttled),
            ("TooManyRequests", "", 429, K::Throttled),
            ("RequestTimeout", "", 400, K::Timeout),
            ("IncompleteBody", "You did not provide the number of bytes", 400, K::Offline),
            ("InternalError", "", 500, K::ServerError),
            ("BadDigest", "", 400, K::ChecksumMismatch),
            ("XAmzContentSHA256Mismatch", "", 400, K::ChecksumMismatch),
            ("PreconditionFailed", "", 412, K::AlreadyExists),
            ("ConditionalRequestConflict", "", 409, K::ServerError),
            ("BucketAlreadyOwnedByYou", "", 409, K::BucketExists),
            ("BucketAlreadyExists", "", 409, K::BucketOwnedByOther),
            ("BucketNotEmpty", "", 409, K::BucketNotEmpty),
            ("InvalidBucketName", "", 400, K::InvalidBucketName),
            ("KeyTooLongError", "", 400, K::KeyTooLong),
            ("AccessControlListNotSupported", "", 400, K::AclNotSupported),
            ("MalformedPolicy", "Policy has invalid resource", 400, K::PolicyRefused),
            ("InvalidObjectState", "", 403, K::Archived),
            ("XMinioStorageFull", "", 507, K::StorageFull),
            ("NotImplemented", "", 501, K::Unsupported),
            ("EntityTooLarge", "", 400, K::TooLarge),
        ];
        for (code, message, status, expected) in cases {
            assert_eq!(kind_of_code(code, message, status), Some(expected), "{code} {message}");
        }
    }

    #[test]
    fn an_option_that_is_refused_is_told_from_an_operation() {
        let general = "A header you provided implies functionality that is not implemented";
        let cases = [
            ("NotImplemented", &*format!("{general}: x-amz-server-side-encryption"), Some("encryption")),
            ("NotImplemented", "Server side encryption specified but KMS is not configured", Some("encryption")),
            ("NotImplemented", general, Some("other")),
            ("NotImplemented", "Header 'x-amz-storage-class' with value 'GLACIER' not implemented", Some("other")),
            ("NotImplemented", "PutBucketPolicy is not implemented", None),
            ("NotImplemented", "", None),
            ("InvalidTag", "The TagValue you have provided is invalid", Some("tags")),
            ("MethodNotAllowed", general, None),
        ];
        for (code, message, expected) in cases {
            assert_eq!(refused_option(code, message), expected, "{code} {message}");
        }
    }

    #[test]
    fn bare_statuses_have_their_causes() {
        let cases = [
            (301, K::WrongRegion),
            (302, K::LoginPage),
            (403, K::AccessDenied),
            (404, K::NoSuchBucket),
            (407, K::ProxyLogin),
            (412, K::AlreadyExists),
            (429, K::Throttled),
            (500, K::ServerError),
            (502, K::ServerError),
            (503, K::Throttled),
            (504, K::Timeout),
            (507, K::StorageFull),
            (511, K::LoginPage),
        ];
        for (status, expected) in cases {
            assert_eq!(kind_of_status(status, K::NoSuchBucket), expected, "{status}");
        }
        assert_eq!(kind_of_status(404, K::NoSuchKey), K::NoSuchKey);
    }
}
