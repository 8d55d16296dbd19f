//! Marks of server-side encryption: who asked for which kind. Bytes are not encrypted, so that this is for tests
//! only: without a plan, requests that ask for encryption are refused rather than fooled.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Extensions, HeaderMap};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::handling::Handling;

/// How an object is said to be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Encryption {
    /// With keys of the service: nobody notices.
    Managed,
    /// With a key of the key management service: only who signs can read it.
    Kms {
        /// `aws:kms` or `aws:kms:dsse`.
        algorithm: String,
        key_id: String,
        bucket_key: bool,
    },
    /// With a key that comes along with each request.
    Customer {
        /// Base64 of its MD5.
        key_md5: String,
    },
}

/// Key that stands for "the account's own" where no id is given.
const DEFAULT_KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000";

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

impl Encryption {
    /// What a request that stores something asks for.
    pub(super) fn asked_for(headers: &HeaderMap) -> S3Result<Option<Self>> {
        if let Some(key_md5) = customer_key(headers, "x-amz-server-side-encryption-customer")? {
            return Ok(Some(Self::Customer { key_md5 }));
        }
        let key_id = text(headers, "x-amz-server-side-encryption-aws-kms-key-id");
        match text(headers, "x-amz-server-side-encryption") {
            None if key_id.is_some() => {
                let text = "The header x-amz-server-side-encryption must be aws:kms when a key id is given";
                Err(s3_error!(InvalidArgument, "{text}"))
            }
            None => Ok(None),
            Some("AES256") => Ok(Some(Self::Managed)),
            Some(algorithm @ ("aws:kms" | "aws:kms:dsse")) => Ok(Some(Self::Kms {
                algorithm: algorithm.to_owned(),
                key_id: key_id.unwrap_or(DEFAULT_KEY).to_owned(),
                bucket_key: text(headers, "x-amz-server-side-encryption-bucket-key-enabled") == Some("true"),
            })),
            Some(_) => {
                let text = "The encryption method specified is not supported";
                Err(s3_error!(InvalidEncryptionAlgorithmError, "{text}"))
            }
        }
    }

    /// Whether ETags are something else than the MD5 of the bytes.
    pub(super) fn hides_md5(&self) -> bool {
        !matches!(self, Self::Managed)
    }
}

/// MD5 of the key that a request brings along; `None` when it brings none.
fn customer_key(headers: &HeaderMap, prefix: &str) -> S3Result<Option<String>> {
    let field = |name: &str| text(headers, &format!("{prefix}-{name}"));
    let (algorithm, key, md5) = (field("algorithm"), field("key"), field("key-md5"));
    if algorithm.is_none() && key.is_none() && md5.is_none() {
        return Ok(None);
    }
    let invalid = |text: &str| s3_error!(InvalidArgument, "{text}");
    if algorithm != Some("AES256") {
        let text = "Requests specifying Server Side Encryption with Customer provided keys must provide a valid \
                    encryption algorithm.";
        return Err(invalid(text));
    }
    let key = key.and_then(|key| BASE64.decode(key).ok()).filter(|key| key.len() == 32);
    let key = key.ok_or_else(|| invalid("The secret key was invalid for the specified algorithm."))?;
    let computed = BASE64.encode(<md5::Md5 as md5::Digest>::digest(&key));
    if md5 != Some(computed.as_str()) {
        return Err(invalid("The calculated MD5 hash of the key did not match the hash that was provided."));
    }
    Ok(Some(computed))
}

/// Whether a request may read an object with these marks, as far as encryption goes.
pub(super) fn check_reading(encryption: Option<&Encryption>, headers: &HeaderMap) -> S3Result<()> {
    check_key(encryption, customer_key(headers, "x-amz-server-side-encryption-customer")?)
}

/// The same for the source of a copy.
pub(super) fn check_source(encryption: Option<&Encryption>, headers: &HeaderMap) -> S3Result<()> {
    check_key(encryption, customer_key(headers, "x-amz-copy-source-server-side-encryption-customer")?)
}

fn check_key(encryption: Option<&Encryption>, given: Option<String>) -> S3Result<()> {
    match (encryption, given) {
        (Some(Encryption::Customer { key_md5 }), Some(given)) if given == *key_md5 => Ok(()),
        (Some(Encryption::Customer { .. }), Some(_)) => Err(s3_error!(AccessDenied, "Access Denied")),
        (Some(Encryption::Customer { .. }), None) => {
            let text = "The object was stored using a form of Server Side Encryption. The correct parameters must be \
                        provided to retrieve the object.";
            Err(s3_error!(InvalidRequest, "{text}"))
        }
        (_, Some(_)) => {
            let text = "The encryption parameters are not applicable to this object.";
            Err(s3_error!(InvalidRequest, "{text}"))
        }
        (_, None) => Ok(()),
    }
}

/// What a stranger is told about an object that only who signs can read.
pub(super) fn must_sign() -> S3Error {
    let text = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.";
    s3_error!(InvalidArgument, "{text}")
}

/// Whether marks may be made for a request: tests only.
pub(super) fn may_pretend(extensions: &Extensions) -> bool {
    extensions.get::<Handling>().is_some()
}

/// Sets the fields of an answer that tell of encryption.
macro_rules! tell_encryption {
    ($output:expr, $encryption:expr) => {
        match $encryption {
            None => {}
            Some($crate::local_storage::encryption::Encryption::Managed) => {
                $output.server_side_encryption = Some(s3s::dto::ServerSideEncryption::from_static("AES256"));
            }
            Some($crate::local_storage::encryption::Encryption::Kms { algorithm, key_id, bucket_key }) => {
                $output.server_side_encryption = Some(s3s::dto::ServerSideEncryption::from(algorithm.clone()));
                $output.ssekms_key_id = Some(key_id.clone());
                $output.bucket_key_enabled = bucket_key.then_some(true);
            }
            Some($crate::local_storage::encryption::Encryption::Customer { key_md5 }) => {
                $output.sse_customer_algorithm = Some("AES256".to_owned());
                $output.sse_customer_key_md5 = Some(key_md5.clone());
            }
        }
    };
}

pub(super) use tell_encryption;
