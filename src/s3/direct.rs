//! The two requests that carry files, PUT and UploadPart, without the SDK's machinery.
//!
//! The SDK resolves endpoint, identity and signature anew for each request, which costs more than sending a small
//! file. Here only what differs is done each time: the path, the headers, one signature with a kept key. Where requests
//! go and for which region they are signed is still the SDK's word: one presigned request of it per bucket and region
//! tells ([`Route`]). Whatever is not the plain case (no keys, directory buckets, headers that need care) goes through
//! the SDK as before, and connection, time limits and the meaning of answers are the same for both.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region as SdkRegion;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::S3Store;
use super::body::CallProgress;
use super::learnt::shifted;
use super::payer;
use super::signer::{Payload, Signer, Unsigned};
use crate::model::{BucketName, ObjectKey, encode_key};

/// What a value in a query may hold as it is: what the signature's rules call unreserved.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What the service's logs show of us.
const USER_AGENT: &str = concat!("bucketdrop/", env!("CARGO_PKG_VERSION"));
/// Routes remembered; connections are used for few buckets.
const MOST_ROUTES: usize = 256;

/// Where a bucket's objects are, and for which region requests are signed.
#[derive(Debug)]
pub(super) struct Route {
    /// Scheme, host and port.
    origin: String,
    /// As it stands in the `Host` header.
    host: String,
    /// What stands before a key, with `/` at both ends.
    path: String,
    region: String,
}

type Routes = BTreeMap<(String, String), Option<Arc<Route>>>;

/// What is kept between requests: routes, and the signing key.
#[derive(Debug, Default)]
pub(super) struct Direct {
    /// By bucket and region; `None` for those that only the SDK can reach.
    routes: Mutex<Routes>,
    signer: Signer,
}

/// A write.
pub(super) struct Write<'a> {
    pub(super) key: &'a ObjectKey,
    /// Sorted by name, values encoded.
    pub(super) query: String,
    /// Names in lower case.
    pub(super) headers: Headers,
    pub(super) body: &'a Bytes,
    pub(super) progress: &'a CallProgress,
}

/// Header lines, names in lower case.
#[derive(Debug, Default)]
pub(super) struct Headers {
    lines: Vec<(Cow<'static, str>, String)>,
    is_odd: bool,
}

impl Headers {
    /// Adds a line if there is a value.
    pub(super) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: Option<&str>) {
        let Some(value) = value else { return };
        self.is_odd |= !is_plain(value);
        self.lines.push((name.into(), value.to_owned()));
    }

    /// Adds a line whose name was given by somebody.
    pub(super) fn add_named(&mut self, prefix: &str, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        self.is_odd |=
            name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        self.add(format!("{prefix}{name}"), Some(value));
    }

    /// Whether all values mean the same to everybody on the way: no line is folded, nothing is trimmed.
    pub(super) fn are_plain(&self) -> bool {
        let mut names: Vec<&str> = self.lines.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        !self.is_odd && names.windows(2).all(|pair| pair.first() != pair.last())
    }
}

fn is_plain(value: &str) -> bool {
    let is_trimmed = value.trim() == value && !value.is_empty() && !value.contains("  ");
    is_trimmed && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// A value as it stands in a query.
pub(super) fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, QUERY).to_string()
}

impl S3Store {
    /// The way to a bucket for this client's region; `None` where the SDK has to make the request.
    pub(super) async fn route(&self, client: &Client, bucket: &BucketName) -> Option<Arc<Route>> {
        // Who lets the SDK repeat calls lets it make them.
        self.inner.provider.as_ref().filter(|_| self.repeats_nothing())?;
        let region = client.config().region().map(SdkRegion::as_ref).unwrap_or_default();
        let known = |routes: &Routes| {
            routes
                .iter()
                .find(|((name, at), _)| name == bucket.as_str() && at == region)
                .map(|(_, route)| route.clone())
        };
        if let Some(route) = known(&self.inner.direct.routes.lock().unwrap_or_else(PoisonError::into_inner)) {
            return route;
        }
        // Keys that did not come are no reason to ask the SDK for the rest of the run.
        let route = Box::pin(find_route(client, bucket)).await.ok()?.map(Arc::new);
        let mut routes = self.inner.direct.routes.lock().unwrap_or_else(PoisonError::into_inner);
        while routes.len() >= MOST_ROUTES {
            routes.pop_first();
        }
        routes.insert((bucket.as_str().to_owned(), region.to_owned()), route.clone());
        route
    }

    /// Makes a write, which ends when nothing moves any more, and has no limit beside that. An answer that is no success
    /// comes as a service error whose code is for its body to tell.
    pub(super) async fn write_directly<E>(
        &self,
        route: &Route,
        write: Write<'_>,
        refused: impl FnOnce(ErrorMetadata) -> E,
    ) -> Result<HttpResponse, SdkError<E, HttpResponse>> {
        let request = self.signed(route, write).await?;
        let response = self.inner.wire.send(request).await.map_err(SdkError::dispatch_failure)?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(SdkError::service_error(refused(ErrorMetadata::builder().build()), response))
    }

    async fn signed<E>(&self, route: &Route, write: Write<'_>) -> Result<HttpRequest, SdkError<E, HttpResponse>> {
        let Some(provider) = &self.inner.provider else {
            return Err(SdkError::construction_failure("there are no keys"));
        };
        let keys = provider.provide_credentials().await.map_err(SdkError::construction_failure)?;
        let path = format!("{}{}", route.path, encode_key(write.key));
        let mut lines = write.headers.lines;
        lines.push(("host".into(), route.host.clone()));
        if self.agrees_to_pay() {
            lines.push((payer::NAME.into(), payer::REQUESTER.to_owned()));
        }
        let unsigned = Unsigned {
            method: "PUT",
            path: &path,
            query: &write.query,
            region: &route.region,
            // Over TLS nothing can change the body on its way; the checksum header is signed in any case.
            payload: if self.is_plain_http() { Payload::Signed(write.body) } else { Payload::Unsigned },
        };
        let now = shifted(self.inner.time.now(), self.learnt().clock_correction_secs());
        self.inner.direct.signer.sign(&keys, now, &unsigned, &mut lines);
        let mut request = HttpRequest::new(SdkBody::from(write.body.clone()));
        request.set_method("PUT").map_err(SdkError::construction_failure)?;
        let uri = format!("{}{path}?{}", route.origin, write.query);
        request.set_uri(uri).map_err(SdkError::construction_failure)?;
        let headers = request.headers_mut();
        for (name, value) in lines {
            headers.try_insert(name, value).map_err(SdkError::construction_failure)?;
        }
        headers.insert("content-length", write.body.len().to_string());
        headers.insert("user-agent", USER_AGENT);
        request.add_extension(write.progress.clone());
        Ok(request)
    }
}

/// It could not be found out now.
struct NotNow;

/// Asks the SDK for the address of an object in a bucket, and takes it apart. `None` where only the SDK gets there.
async fn find_route(client: &Client, bucket: &BucketName) -> Result<Option<Route>, NotNow> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !bucket.as_str().bytes().all(is_name) {
        return Ok(None);
    }
    let config = PresigningConfig::builder().start_time(SystemTime::UNIX_EPOCH).expires_in(Duration::from_secs(1));
    let Ok(config) = config.build() else { return Ok(None) };
    let Ok(asked) = client.put_object().bucket(bucket.as_str()).key("k").presigned(config).await else {
        return Err(NotNow);
    };
    Ok(route_of(asked.uri()))
}

/// From a presigned address of the key `k`; `None` if it is signed in some other way than Signature Version 4 for S3.
fn route_of(address: &str) -> Option<Route> {
    let (place, query) = address.split_once('?')?;
    let uri: http::Uri = place.parse().ok()?;
    let host = uri.authority()?.as_str();
    let values: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let is_ours = values.get("X-Amz-Algorithm") == Some(&"AWS4-HMAC-SHA256")
        && !values.keys().any(|name| name.to_ascii_lowercase().starts_with("x-amz-s3session"));
    let mut scope = values.get("X-Amz-Credential")?.rsplit("%2F");
    let (_request, service, region) = (scope.next()?, scope.next()?, scope.next()?);
    let path = uri.path().strip_suffix('k').filter(|path| path.ends_with('/'))?;
    (is_ours && service == "s3").then(|| Route {
        origin: format!("{}://{host}", uri.scheme_str().unwrap_or("https")),
        host: host.to_owned(),
        path: path.to_owned(),
        region: region.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_what_the_sdk_says() {
        let query = "x-id=PutObject&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F19700101%2Feu-west-1%2Fs3%2Faws4_request";
        let route = route_of(&format!("https://b.s3.eu-west-1.amazonaws.com/k?{query}")).unwrap();
        assert_eq!((route.origin.as_str(), route.path.as_str()), ("https://b.s3.eu-west-1.amazonaws.com", "/"));
        assert_eq!(route.region, "eu-west-1");
        let route = route_of(&format!("http://127.0.0.1:9000/x/b/k?{query}")).unwrap();
        assert_eq!((route.host.as_str(), route.path.as_str()), ("127.0.0.1:9000", "/x/b/"));
        for other in [
            query.replace("%2Fs3%2F", "%2Fs3express%2F"),
            query.replace("%2Fs3%2F", "%2Fs3-outposts%2F"),
            query.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            format!("{query}&X-Amz-S3session-Token=t"),
        ] {
            assert!(route_of(&format!("https://b.example/k?{other}")).is_none(), "{other}");
        }
    }

    /// Fails the first time.
    #[derive(Debug, Default)]
    struct LateKeys(super::super::learnt::Seen);

    impl aws_credential_types::provider::ProvideCredentials for LateKeys {
        fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            use aws_credential_types::provider::error::CredentialsError;
            let came_before = self.0.get();
            self.0.note();
            let keys = if came_before {
                Ok(aws_credential_types::Credentials::new("id", "secret", None, None, "test"))
            } else {
                Err(CredentialsError::provider_error("not yet"))
            };
            aws_credential_types::provider::future::ProvideCredentials::ready(keys)
        }
    }

    #[tokio::test]
    async fn keys_that_come_late_do_not_cost_the_direct_way() {
        use crate::s3::canned::{Canned, Reply, bucket};
        let server = Canned::start(|_, _| Reply::head(404, &[])).await;
        let mut store = server.store().await;
        let keys = aws_credential_types::provider::SharedCredentialsProvider::new(LateKeys::default());
        Arc::get_mut(&mut store.inner).unwrap().provider = Some(keys);
        let store = store.with_one_attempt();
        let client = store.client(&crate::model::Region::us_east_1());
        assert!(store.route(&client, &bucket()).await.is_none());
        assert!(store.route(&client, &bucket()).await.is_some());
    }

    #[test]
    fn only_plain_headers_go_this_way() {
        for (name, value, expected) in [
            ("title", "a b", true),
            ("title", "a  b", false),
            ("title", " a", false),
            ("title", "", false),
            ("title", "한글", false),
            ("ti tle", "a", false),
            ("", "a", false),
        ] {
            let mut headers = Headers::default();
            headers.add_named("x-amz-meta-", name, value);
            assert_eq!(headers.are_plain(), expected, "{name:?} {value:?}");
        }
        let mut twice = Headers::default();
        twice.add_named("x-amz-meta-", "A", "1");
        twice.add_named("x-amz-meta-", "a", "2");
        assert!(!twice.are_plain());
    }
}
