//! From what the SDK gives to a cause: the chain of sources, the S3 error code, the HTTP status, the body.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ErrorKind;

use super::codes::{kind_of_code, kind_of_status, refused_option};
use super::error::{Facts, S3Error};
use super::key_command::CommandProblem;
use super::learnt::Learnt;
use super::proxies::ProxyTrouble;
use super::wire::{BrokenAnswer, HeldUp, Silence, WebPageAnswer};
use crate::model::{BucketName, FailureKind, ObjectKey, RETRY_AFTER_SECS, Region};

/// What a request was about, for the words of its failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    /// In the form policies use.
    pub(super) action: &'static str,
    /// Of which bucket.
    pub(super) bucket: Option<&'a BucketName>,
    /// Of which object.
    pub(super) key: Option<&'a ObjectKey>,
    /// Of the request's body, where it is an object's.
    pub(super) body_bytes: u64,
}

impl<'a> About<'a> {
    /// What a 404 without words means.
    fn missing(&self) -> FailureKind {
        if self.key.is_some() { FailureKind::NoSuchKey } else { FailureKind::NoSuchBucket }
    }

    /// A request to the service itself.
    pub(super) fn service(action: &'static str) -> Self {
        Self { action, bucket: None, key: None, body_bytes: 0 }
    }

    /// A request to a bucket.
    pub(super) fn bucket(action: &'static str, bucket: &'a BucketName) -> Self {
        Self { action, bucket: Some(bucket), key: None, body_bytes: 0 }
    }

    /// A request to an object.
    pub(super) fn object(action: &'static str, bucket: &'a BucketName, key: &'a ObjectKey) -> Self {
        Self { action, bucket: Some(bucket), key: Some(key), body_bytes: 0 }
    }

    /// The same with an object's bytes.
    pub(super) fn with_body(self, bytes: usize) -> Self {
        Self { body_bytes: bytes as u64, ..self }
    }
}

/// Where the request went, for telling what an odd answer means.
pub(super) struct Asked<'a> {
    /// Host and port of the service.
    pub(super) host: &'a str,
    /// Whether the user typed the endpoint, so that it may be no S3 at all.
    pub(super) typed_endpoint: bool,
    /// Whether requests go out without TLS.
    pub(super) plain_http: bool,
    /// What the answers have told so far.
    pub(super) learnt: &'a Learnt,
}

/// Finds the cause of a failed call.
pub(super) fn classify<E>(error: &SdkError<E, HttpResponse>, about: About<'_>, asked: &Asked<'_>) -> S3Error
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let found = match error {
        // The SDK calls it a service error, too, when a success cannot be read.
        SdkError::ServiceError(service) if service.raw().status().is_success() && service.err().code().is_none() => {
            from_unreadable(error, service.raw(), about, asked)
        }
        SdkError::ServiceError(service) => from_answer(service.err(), service.raw(), about, asked),
        SdkError::ResponseError(response) => from_unreadable(error, response.raw(), about, asked),
        _ => from_chain(error, about, asked),
    };
    let mut found = with_scheme(found, error, asked).with("host", asked.host);
    if let Some(bucket) = about.bucket {
        found = found.with("bucket", bucket);
    }
    if let Some(key) = about.key {
        found = found.with("key", key);
    }
    if let Some(region) = found.region_hint().cloned() {
        found = found.with("region", region);
    }
    if found.kind() == FailureKind::ClockSkew {
        // One that is not known, or that rounds to nothing, is not named.
        let minutes = asked.learnt.clock_offset_secs().map(|secs| (secs.abs() + 30) / 60);
        let told_hours = (asked.learnt.clock_offset_told_secs().saturating_abs().saturating_add(1_800)) / 3_600;
        if told_hours > 24 {
            found = found.with("hours", told_hours);
        } else if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
            found = found.with("minutes", minutes);
        }
    }
    found
}

/// What servers of TLS say to a request that comes without: nginx, Apache, and whatever is written in Go, as MinIO.
const WANTS_HTTPS: [&str; 3] = [
    "The plain HTTP request was sent to HTTPS port",
    "You're speaking plain HTTP to an SSL-enabled server port",
    "Client sent an HTTP request to an HTTPS server",
];

/// Adds what tells that `https://` is missing in the endpoint: surely where the server says so itself; perhaps where
/// something that was never seen to be S3 has taken a connection and says nothing that is HTTP, as OpenSSL does.
fn with_scheme(found: S3Error, error: &(dyn Error + 'static), asked: &Asked<'_>) -> S3Error {
    if !asked.plain_http || !asked.typed_endpoint || found.args_have(WANTS) {
        return found;
    }
    let has_connected = find_source::<hyper::Error>(error).is_some();
    let is_no_http = matches!(found.kind(), FailureKind::Offline | FailureKind::NotS3) && found.status().is_none();
    if has_connected && is_no_http && !asked.learnt.spoke_s3.get() { found.with(PERHAPS_WANTS, "yes") } else { found }
}

/// The value of a failure that says: the server wants https.
const WANTS: &str = "wants-https";
/// Perhaps it does.
const PERHAPS_WANTS: &str = "maybe-https";

/// S3 said no, in its own form or with a bare status.
fn from_answer(err: &impl ProvideErrorMetadata, raw: &HttpResponse, about: About<'_>, asked: &Asked<'_>) -> S3Error {
    let status = raw.status().as_u16();
    let body = raw.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    if asked.plain_http && says_https(status, &text) {
        return wants_https(about, raw);
    }
    let code = err.code().map(ToOwned::to_owned).or_else(|| tag(&text, "Code").map(ToOwned::to_owned));
    let message = err.message().or_else(|| tag(&text, "Message"));
    let kind = match code.as_deref() {
        Some(code) => kind_of_code(code, message.unwrap_or_default(), status),
        None if looks_like_html(raw, &text) => web_page_kind(status, asked),
        None => None,
    };
    let redirect_elsewhere = code.is_none() && (300..400).contains(&status) && asked.typed_endpoint;
    let kind = match kind {
        Some(kind) => kind,
        None if redirect_elsewhere && region_hint(raw, &text).is_none() => FailureKind::NotS3,
        None => kind_of_status(status, about.missing()),
    };
    if code.is_some() {
        asked.learnt.spoke_s3.note();
    }
    let wait = retry_after_secs(raw).filter(|_| matches!(kind, FailureKind::Throttled | FailureKind::ServerError));
    let wait = wait.map(|secs| (RETRY_AFTER_SECS, secs.to_string()));
    let option = refused_option(code.as_deref().unwrap_or_default(), message.unwrap_or_default());
    S3Error::new(Facts {
        action: about.action,
        kind,
        args: wait.into_iter().chain(option.map(|option| ("option", option.to_owned()))).collect(),
        detail: answer_detail(status, code.as_deref(), message, raw),
        status: Some(status),
        code,
        region_hint: region_hint(raw, &text),
    })
}

/// There was an answer, but not one that S3 would give.
fn from_unreadable(error: &(dyn Error + 'static), raw: &HttpResponse, about: About<'_>, asked: &Asked<'_>) -> S3Error {
    let status = raw.status().as_u16();
    let text = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default());
    if asked.plain_http && says_https(status, &text) {
        return wants_https(about, raw);
    }
    let kind = if looks_like_html(raw, &text) {
        web_page_kind(status, asked).unwrap_or(FailureKind::NotS3)
    } else if let Some(kind) = kind_of_chain(error) {
        kind
    } else if !raw.status().is_success() {
        kind_of_status(status, about.missing())
    } else if asked.learnt.spoke_s3.get() {
        FailureKind::ServerError
    } else {
        FailureKind::NotS3
    };
    S3Error::new(Facts {
        action: about.action,
        kind,
        args: Vec::new(),
        detail: format!("{} ({})", answer_detail(status, None, None, raw), chain_text(error)),
        status: Some(status),
        code: None,
        region_hint: region_hint(raw, &text),
    })
}

fn says_https(status: u16, text: &str) -> bool {
    status == 400 && WANTS_HTTPS.iter().any(|words| text.contains(words))
}

fn wants_https(about: About<'_>, raw: &HttpResponse) -> S3Error {
    let status = raw.status().as_u16();
    let refused = S3Error::local(about.action, FailureKind::NotS3, answer_detail(status, None, None, raw));
    refused.with_status(Some(status)).with(WANTS, "yes")
}

/// There was no answer.
fn from_chain(error: &(dyn Error + 'static), about: About<'_>, asked: &Asked<'_>) -> S3Error {
    let mut kind = kind_of_chain(error).unwrap_or(FailureKind::Internal);
    let status = find_source::<WebPageAnswer>(error).map(|page| page.status);
    if kind == FailureKind::LoginPage {
        kind = web_page_kind(status.unwrap_or(200), asked).unwrap_or(kind);
    }
    let mut found = S3Error::local(about.action, kind, chain_text(error));
    if status.is_some() {
        found = found.with_status(status);
    }
    if let Some(ProxyTrouble::Unusable { variable, .. }) = find_source(error) {
        found = found.with("setting", variable);
    }
    found
}

/// A web page where S3 should be: a login page if this endpoint has been S3 before or is a known service,
/// else most likely the wrong endpoint.
fn web_page_kind(status: u16, asked: &Asked<'_>) -> Option<FailureKind> {
    let may_be_no_s3 = asked.typed_endpoint && !asked.learnt.spoke_s3.get();
    match status {
        511 => Some(FailureKind::LoginPage),
        // Gateways and proxies have pages of their own; the status says it all.
        500.. | 407 | 408 | 429 => None,
        _ if may_be_no_s3 => Some(FailureKind::NotS3),
        200..=399 => Some(FailureKind::LoginPage),
        _ => None,
    }
}

/// The cause as the sources tell it; the innermost that is understood wins over wrappers.
pub(super) fn kind_of_chain(error: &(dyn Error + 'static)) -> Option<FailureKind> {
    if let Some(tls) = find_source::<rustls::Error>(error) {
        return Some(kind_of_tls(tls));
    }
    if let Some(proxy) = find_source::<ProxyTrouble>(error) {
        return Some(proxy.kind());
    }
    if find_source::<WebPageAnswer>(error).is_some() {
        return Some(FailureKind::LoginPage);
    }
    match find_source::<BrokenAnswer>(error) {
        Some(BrokenAnswer::TooLarge) => return Some(FailureKind::NotS3),
        Some(BrokenAnswer::Cut) => return Some(FailureKind::Offline),
        None => {}
    }
    if find_source::<HeldUp>(error).is_some() {
        return Some(FailureKind::SourceSilent);
    }
    if find_source::<Silence>(error).is_some() {
        return Some(FailureKind::Timeout);
    }
    if let Some(credentials) = find_source::<CredentialsError>(error) {
        return Some(kind_of_credentials(credentials));
    }
    kind_of_line(error)
}

/// The same where it is about the line, and about what came over it.
fn kind_of_line(error: &(dyn Error + 'static)) -> Option<FailureKind> {
    let text = chain_text(error).to_ascii_lowercase();
    if text.contains("dns error") || text.contains("failed to lookup address") || text.contains("resolve dns") {
        return Some(FailureKind::HostNotFound);
    }
    if text.contains("proxy authorization required") || text.contains("proxy authentication required") {
        return Some(FailureKind::ProxyLogin);
    }
    let io_kind = sources(error).filter_map(|source| source.downcast_ref::<io::Error>()).find_map(kind_of_io);
    if io_kind.is_some() {
        return io_kind;
    }
    if find_source::<aws_smithy_async::future::timeout::TimedOutError>(error).is_some() || text.contains("timed out") {
        return Some(FailureKind::Timeout);
    }
    if text.contains("invalid bucket") || text.contains("not a valid dns") || text.contains("virtual host label") {
        return Some(FailureKind::InvalidBucketName);
    }
    if let Some(kind) = find_source::<hyper::Error>(error).and_then(kind_of_http) {
        return Some(kind);
    }
    if let Some(kind) = find_source::<ConnectorError>(error).and_then(kind_of_connector) {
        return Some(kind);
    }
    // What the SDK says of answers, which has no type of its own.
    if text.contains("parse") || text.contains("invalid http version") {
        return Some(FailureKind::NotS3);
    }
    if text.contains("incomplete") || text.contains("connection closed") {
        return Some(FailureKind::Offline);
    }
    None
}

/// What the connection's protocol says: whatever ends a connection in the middle is the line's fault, or the server's
/// way to end it, in HTTP/2 (GOAWAY, a stream that is reset) as in HTTP/1. `None` where it is about our own request.
fn kind_of_http(error: &hyper::Error) -> Option<FailureKind> {
    match () {
        () if error.is_timeout() => Some(FailureKind::Timeout),
        () if error.is_parse() => Some(FailureKind::NotS3),
        () if error.is_user() => None,
        () => Some(FailureKind::Offline),
    }
}

/// What the connector itself calls its failure, where nothing inside of it tells more.
fn kind_of_connector(error: &ConnectorError) -> Option<FailureKind> {
    match error.as_other() {
        _ if error.is_timeout() => Some(FailureKind::Timeout),
        _ if error.is_io() => Some(FailureKind::Offline),
        Some(ErrorKind::TransientError | ErrorKind::ServerError) => Some(FailureKind::Offline),
        Some(ErrorKind::ThrottlingError) => Some(FailureKind::Throttled),
        _ => None,
    }
}

fn kind_of_tls(error: &rustls::Error) -> FailureKind {
    use rustls::CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. },
        ) => FailureKind::TlsExpired,
        rustls::Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
            FailureKind::TlsWrongName
        }
        rustls::Error::InvalidMessage(_) => FailureKind::NotS3,
        _ => FailureKind::TlsNotTrusted,
    }
}

/// Numbers of the system for "no handle left" and "no memory left", which pass.
#[cfg(not(windows))]
const NOTHING_LEFT: [i32; 4] = [12, 23, 24, 105];
#[cfg(windows)]
const NOTHING_LEFT: [i32; 4] = [8, 14, 10_024, 10_055];

fn kind_of_io(error: &io::Error) -> Option<FailureKind> {
    use io::ErrorKind as K;
    if error.raw_os_error().is_some_and(|code| NOTHING_LEFT.contains(&code)) {
        return Some(FailureKind::OutOfHandles);
    }
    match error.kind() {
        K::ConnectionRefused => Some(FailureKind::ConnectionRefused),
        K::TimedOut => Some(FailureKind::Timeout),
        K::NetworkUnreachable
        | K::HostUnreachable
        | K::NetworkDown
        | K::ConnectionReset
        | K::ConnectionAborted
        | K::BrokenPipe
        | K::NotConnected
        | K::AddrNotAvailable
        | K::UnexpectedEof => Some(FailureKind::Offline),
        _ => None,
    }
}

/// Why the chain of credential sources gave none.
pub(super) fn kind_of_credentials(error: &CredentialsError) -> FailureKind {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => return FailureKind::NoCredentials,
        CredentialsError::ProviderTimedOut(_) => return FailureKind::Timeout,
        _ => {}
    }
    match find_source::<CommandProblem>(error) {
        Some(CommandProblem::NotAllowed { .. }) => return FailureKind::CredentialProcessOff,
        Some(CommandProblem::Failed { .. }) => return FailureKind::CredentialProcessFailed,
        None => {}
    }
    let text = chain_text(error);
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    // The SDK has no types for these outside of itself. A sign-in leaves its token in a file, and a server that does
    // not know it any more calls that unauthorized.
    if says(&["SSO token", "sso/cache", "sso\\cache", "Session token not found or invalid"]) {
        return FailureKind::SsoSignedOut;
    }
    if says(&["external process", "credentials-process"]) {
        return FailureKind::CredentialProcessFailed;
    }
    if says(&["sts:AssumeRole"]) {
        return FailureKind::RoleRefused;
    }
    if says(&["expired"]) {
        return FailureKind::ExpiredToken;
    }
    match kind_of_line(error) {
        // A file in ~/.aws that cannot be parsed, not an answer.
        Some(FailureKind::NotS3) | None => FailureKind::CredentialsUnreadable,
        Some(kind) => kind,
    }
}

/// The first source of a type, looking into `io::Error` as well, which hides what it wraps from `source`.
pub(super) fn find_source<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    sources(error).find_map(|source| source.downcast_ref::<T>())
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
    .take(32)
}

/// The chain in words, each once.
pub(super) fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for source in sources(error) {
        let words = source.to_string();
        if !words.is_empty() && !text.contains(&words) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&words);
        }
    }
    text
}

fn answer_detail(status: u16, code: Option<&str>, message: Option<&str>, raw: &HttpResponse) -> String {
    let mut detail = format!("HTTP {status}");
    if let Some(code) = code {
        detail.push(' ');
        detail.push_str(code);
    }
    if let Some(message) = message {
        detail.push_str(": ");
        detail.push_str(message);
    }
    if code.is_none()
        && let Some(content_type) = raw.headers().get("content-type")
    {
        detail.push_str(", ");
        detail.push_str(content_type);
    }
    for name in ["x-amz-request-id", "x-amz-id-2", "cf-ray"] {
        if let Some(id) = raw.headers().get(name) {
            detail.push_str(", ");
            detail.push_str(name);
            detail.push(' ');
            detail.push_str(id);
        }
    }
    detail
}

/// How long the server wants to be left alone: in seconds, as a date beside its own, or in Amazon's milliseconds. What
/// makes no sense says nothing.
fn retry_after_secs(raw: &HttpResponse) -> Option<u64> {
    let header = |name| raw.headers().get(name).map(str::trim);
    if let Some(millis) = header("x-amz-retry-after").and_then(|text| text.parse::<u64>().ok()) {
        return Some(millis.div_ceil(1_000));
    }
    let text = header("retry-after")?;
    if let Ok(secs) = text.parse() {
        return Some(secs);
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    let until = date(text)?.duration_since(date(header("date")?)?);
    u64::try_from(until.as_secs()).ok()
}

/// The region that the server names; anything that is no region code is dropped, so that no server can
/// smuggle in a host.
fn region_hint(raw: &HttpResponse, text: &str) -> Option<Region> {
    let header = raw.headers().get("x-amz-bucket-region");
    header.or_else(|| tag(text, "Region")).and_then(Region::new)
}

/// The text of the first `<name>` element.
pub(super) fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = after.split_once(&format!("</{name}>"))?;
    (!value.trim().is_empty()).then(|| value.trim())
}

fn looks_like_html(raw: &HttpResponse, text: &str) -> bool {
    let content_type = raw.headers().get("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    let start: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(15).collect();
    let start = start.to_ascii_lowercase();
    content_type.starts_with("text/html") || start.starts_with("<!doctype html") || start.starts_with("<html")
}
