//! Signature Version 4 for requests whose headers are all known, with a signing key that is kept: it is the same for
//! all requests of a day, and deriving it anew costs as much as the rest of the signature.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A request that is to be signed.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a str,
    /// Encoded.
    pub(super) path: &'a str,
    /// Encoded, sorted by name.
    pub(super) query: &'a str,
    pub(super) region: &'a str,
    pub(super) payload: Payload<'a>,
}

/// Whether the signature covers the body.
pub(super) enum Payload<'a> {
    Signed(&'a Bytes),
    Unsigned,
}

/// Signs; keeps the key of the latest day, region and secret.
#[derive(Default)]
pub(super) struct Signer(Mutex<Option<Kept>>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

struct Kept {
    secret: Zeroizing<String>,
    region: String,
    /// Days since 1970.
    day: u64,
    key: Zeroizing<Vec<u8>>,
    /// Seconds since 1970, and the same as a text such as `20260102T030405Z`.
    second: u64,
    text: String,
}

impl Signer {
    /// Adds the lines of the signature to those that are signed. `lines` has names in lower case, each once, `host`
    /// among them; it comes back sorted.
    pub(super) fn sign(
        &self,
        keys: &Credentials,
        now: SystemTime,
        request: &Unsigned<'_>,
        lines: &mut Vec<(Cow<'static, str>, String)>,
    ) {
        let second = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let hash = match request.payload {
            Payload::Signed(bytes) => hex(&Sha256::digest(bytes)),
            Payload::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = fresh(&mut kept, keys, request.region, second);
        lines.push(("x-amz-content-sha256".into(), hash.clone()));
        lines.push(("x-amz-date".into(), kept.text.clone()));
        if let Some(token) = keys.session_token() {
            lines.push(("x-amz-security-token".into(), token.to_owned()));
        }
        lines.sort_unstable();
        let mut names = String::with_capacity(160);
        let mut canonical = String::with_capacity(1024);
        // Writing to a String cannot fail.
        writeln!(canonical, "{}\n{}\n{}", request.method, request.path, request.query).ok();
        for (name, value) in lines.iter() {
            writeln!(canonical, "{name}:{value}").ok();
            if !names.is_empty() {
                names.push(';');
            }
            names.push_str(name);
        }
        write!(canonical, "\n{names}\n{hash}").ok();
        let date = kept.text.split('T').next().unwrap_or_default();
        let scope = format!("{date}/{}/s3/aws4_request", request.region);
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", kept.text);
        let signature = calculate_signature(&*kept.key, to_sign.as_bytes());
        let key_id = keys.access_key_id();
        let value =
            format!("AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}");
        lines.push(("authorization".into(), value));
    }
}

/// What is kept, made anew where it is of another day, region or secret.
fn fresh<'a>(kept: &'a mut Option<Kept>, keys: &Credentials, region: &str, second: u64) -> &'a Kept {
    let day = second / 86_400;
    let secret = keys.secret_access_key();
    let known = kept.take().filter(|kept| kept.day == day && kept.region == region && *kept.secret == *secret);
    let mut fresh = known.unwrap_or_else(|| {
        let at = UNIX_EPOCH + std::time::Duration::from_secs(second);
        Kept {
            secret: Zeroizing::new(secret.to_owned()),
            region: region.to_owned(),
            day,
            key: Zeroizing::new(generate_signing_key(secret, at, region, "s3").as_ref().to_vec()),
            second: u64::MAX,
            text: String::new(),
        }
    });
    if fresh.second != second {
        fresh.second = second;
        fresh.text = date_text(second);
    }
    kept.insert(fresh)
}

fn date_text(second: u64) -> String {
    let at = i64::try_from(second).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
    at.unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A SHA-256 as text, by its two halves: digit by digit it took a tenth of what signing costs.
fn hex(hash: &[u8]) -> String {
    let (halves, _none_left) = hash.as_chunks::<16>();
    let mut text = String::with_capacity(hash.len() * 2);
    for half in halves {
        // Writing to a String cannot fail.
        write!(text, "{:032x}", u128::from_be_bytes(*half)).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of "Authenticating Requests: Using the Authorization Header", PUT Object, in the S3 API reference.
    #[test]
    fn amazons_own_example() {
        let keys =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "test");
        let body = Bytes::from_static(b"Welcome to Amazon S3.");
        let request = Unsigned {
            method: "PUT",
            path: "/test%24file.text",
            query: "",
            region: "us-east-1",
            payload: Payload::Signed(&body),
        };
        let now = UNIX_EPOCH + std::time::Duration::from_hours(380_376);
        let signer = Signer::default();
        for _kept_or_not in 0..2 {
            let mut lines = vec![
                ("date".into(), "Fri, 24 May 2013 00:00:00 GMT".to_owned()),
                ("host".into(), "examplebucket.s3.amazonaws.com".to_owned()),
                ("x-amz-storage-class".into(), "REDUCED_REDUNDANCY".to_owned()),
            ];
            signer.sign(&keys, now, &request, &mut lines);
            let (_, value) = lines.iter().find(|(name, _)| name == "authorization").unwrap();
            assert_eq!(
                value,
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                 SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, \
                 Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
            );
        }
    }

    #[test]
    fn another_secret_region_or_day_makes_another_key() {
        let signer = Signer::default();
        let mut seen = std::collections::BTreeSet::new();
        for (secret, region, day) in [("a", "r", 1), ("b", "r", 1), ("b", "s", 1), ("b", "s", 2), ("b", "s", 2)] {
            let keys = Credentials::new("id", secret, None, None, "test");
            let now = UNIX_EPOCH + std::time::Duration::from_secs(day * 86_400);
            let request = Unsigned { method: "PUT", path: "/k", query: "", region, payload: Payload::Unsigned };
            let mut lines = vec![("host".into(), "h".to_owned())];
            signer.sign(&keys, now, &request, &mut lines);
            seen.insert(lines.pop().unwrap().1);
        }
        assert_eq!(seen.len(), 4);
    }
}
