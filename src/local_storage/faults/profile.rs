//! Services that differ from Amazon: what they refuse, ignore or make up, for as long as a plan says so.

use http::{HeaderMap, StatusCode};
use s3s::{S3Error, S3ErrorCode};

use crate::local_storage::operation::Asked;

/// A service's manners. The default is Amazon's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What becomes of checksums.
    pub checksums: Checksums,
    /// What becomes of `If-None-Match` and `If-Match` on writes.
    pub conditions: Conditions,
    /// What ETags are.
    pub etags: Etags,
    /// Most rows of one page of `ListParts`; `None` for Amazon's 1,000.
    pub largest_page: Option<i32>,
    /// Which hosts it answers for.
    pub names: ServedNames,
}

/// The names in `Host` that a storage takes for its own; all others are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServedNames {
    /// Those of this computer: `127.0.0.1`, `localhost`, `[::1]` and `BUCKET.localhost`, with any port.
    #[default]
    Own,
    /// These as well, in lower case and without a port: for tests in which a proxy or a line has another name.
    Also(&'static [&'static str]),
}

impl ServedNames {
    /// What is answered for beside the storage's own names.
    pub(in crate::local_storage) fn further(self) -> &'static [&'static str] {
        match self {
            Self::Own => &[],
            Self::Also(names) => names,
        }
    }
}

/// What a service does with checksums of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Compares, keeps and echoes them.
    #[default]
    Verified,
    /// Takes their headers, compares nothing, and never speaks of them again.
    Ignored,
    /// Takes their headers, compares nothing, and repeats the client's own value as if it were the object's.
    IgnoredAndEchoed,
    /// Refuses their headers; `Content-MD5` is compared, and what is not refused is treated as Amazon does.
    Refused(Dialect),
}

/// How a service refuses checksum headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Cloudflare R2 at the beginning of 2025: 501 `NotImplemented`, with the header's name.
    R2,
    /// Backblaze B2: 400 `InvalidArgument`, also for the checksum mode of GET and HEAD.
    BackblazeB2,
    /// Google Cloud's XML interface: 403 `SignatureDoesNotMatch`.
    GoogleCloud,
    /// Linode: 400 `XAmzContentSHA256Mismatch`.
    Linode,
    /// Ceph before it knew trailers, and Storj: 411 `MissingContentLength`.
    OldCeph,
    /// OpenStack Swift: 501 `NotImplemented` for CRC64NVME; others are known.
    Swift,
}

/// What a service does with conditions of writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conditions {
    /// Holds to them.
    #[default]
    Honoured,
    /// Writes all the same.
    Ignored,
}

/// What a service answers as ETag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Etags {
    /// MD5, or MD5 of MD5s with the count of parts.
    #[default]
    Md5,
    /// 32 hexadecimal digits that say nothing, for objects and parts.
    Random,
    /// None for objects; parts keep theirs, since nothing could be completed without.
    Absent,
}

impl Profile {
    /// Whether answers to an operation go without the `ETag` header.
    pub(in crate::local_storage) fn hides_etag(&self, operation: &str) -> bool {
        self.etags == Etags::Absent && matches!(operation, "PutObject" | "GetObject" | "HeadObject")
    }

    /// The answer to a request that the service does not take.
    pub(in crate::local_storage) fn refusal(&self, asked: &Asked, headers: &HeaderMap) -> Option<S3Error> {
        let Checksums::Refused(dialect) = self.checksums else { return None };
        let writes = matches!(asked.operation, "PutObject" | "UploadPart" | "CreateMultipartUpload");
        let completes = asked.operation == "CompleteMultipartUpload";
        let offending = headers.iter().find_map(|(name, value)| {
            let name = name.as_str();
            let value = value.to_str().unwrap_or_default();
            let is_checksum = name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-mode"
                || name == "x-amz-sdk-checksum-algorithm"
                || name == "x-amz-trailer";
            let refused = match dialect {
                Dialect::Swift => {
                    let names = name == "x-amz-checksum-crc64nvme" || value.eq_ignore_ascii_case("CRC64NVME");
                    (writes || completes) && is_checksum && names
                }
                Dialect::BackblazeB2 => is_checksum || name == "x-amz-checksum-mode",
                Dialect::R2 => (writes || completes) && is_checksum,
                Dialect::GoogleCloud | Dialect::Linode | Dialect::OldCeph => writes && is_checksum,
            };
            refused.then(|| (name.to_owned(), value.to_owned()))
        });
        offending.map(|(name, value)| dialect.error(&name, &value))
    }
}

impl Dialect {
    fn error(self, name: &str, value: &str) -> S3Error {
        let (status, code, message) = match self {
            Self::R2 | Self::Swift => {
                (501, "NotImplemented", format!("Header '{name}' with value '{value}' not implemented"))
            }
            Self::BackblazeB2 => {
                (400, "InvalidArgument", format!("Unsupported header '{name}' received for this API call."))
            }
            Self::GoogleCloud => {
                let text = "The request signature we calculated does not match the signature you provided. Check your \
                            Google secret key and signing method.";
                (403, "SignatureDoesNotMatch", text.to_owned())
            }
            Self::Linode => (400, "XAmzContentSHA256Mismatch", "UnknownError".to_owned()),
            Self::OldCeph => {
                (411, "MissingContentLength", "You must provide the Content-Length HTTP header.".to_owned())
            }
        };
        let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
        error.set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST));
        error
    }
}
