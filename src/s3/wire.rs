//! The SDK's way to the network: the connections of [`Pool`], and what the SDK leaves open.
//!
//! - A request may not wait for ever: a body that nobody takes and an answer that does not come end in a timeout.
//! - An answer may not fill the memory: all but objects' own bytes end at [`MAX_ANSWER_BYTES`].
//! - A web page is no success: `200 text/html` to a write, or to anything that is no storage, is what captive portals
//!   and servers of web pages say.
//! - A certificate does not get better by asking again: TLS refusals are not retried.
//! - Every `Date` header tells how far the clocks are apart; presigned links need to know.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::RegionCache;
use super::answer_rest::{Pieces, overdue};
use super::body::{Activity, CallProgress, WatchedBody};
use super::classify::find_source;
use super::dial::DialConfig;
pub(super) use super::dial::{Proxies, Trust};
use super::gate::{Patience, Timers};
use super::list_page::{EMPTY_PAGE, PageCatch};
use super::pool::Pool;
use super::region_news::BucketPlaces;

/// Most bytes of an answer that is not an object: a page of 1,000 keys of 1 KiB, each tripled by encoding, fits.
pub(super) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Longest wait for a TCP and TLS connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are closed before routers forget them: the first request after a pause would hang otherwise.
const POOL_IDLE: Duration = Duration::from_secs(20);
/// Longest time in which not one step of a body is taken. Slow lines are alive as long as anything moves.
const STALL: Duration = Duration::from_secs(30);
/// A request's watchdog looks so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// However many share a slow line, nobody waits longer for one step of a body, or for an answer.
const LONGEST_SILENCE: Duration = Duration::from_hours(1);
/// A minute's patience becomes half an hour at most.
const MOST_DOUBLINGS: u32 = 5;
/// Longest wait for an answer once the body is sent, unless the operation says otherwise.
const DEFAULT_READ: Duration = Duration::from_mins(1);
/// What the system may still hold of a body that it took from us, and the slowest line that we wait for it on:
/// until all of that has drained no answer can come, and until half of it has, no further step is taken.
const SYSTEM_BUFFER_BYTES: u64 = 4 * 1024 * 1024;
const SLOWEST_BYTES_PER_SEC: u64 = 10_000;
/// Shares of a limit add up to it but for rounding.
const USED_UP: f64 = 0.999;
/// A body of which so much more than the system can hold has left so fast shows by itself that its line is no slow one.
const FAST_BYTES_PER_SEC: u64 = 250_000;
const ENOUGH_TO_TELL: u64 = 1024 * 1024;

/// A web page came back for a write or an object: something between here and the service answers in its place.
#[derive(Debug, thiserror::Error)]
#[error("a web page answered (status {status}) where S3 never sends one")]
pub(super) struct WebPageAnswer {
    pub(super) status: u16,
}

/// The answer cannot be taken as a whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenAnswer {
    /// It is longer than any that S3 gives.
    #[error("the answer is larger than 16 MiB")]
    TooLarge,
    /// Its XML ends in the middle.
    #[error("the answer was cut off")]
    Cut,
}

/// Nothing moved for too long.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    /// The server takes no more bytes.
    #[error("the server took no data for {0} s")]
    Body(u64),
    /// The request is sent, no answer comes.
    #[error("no answer within {0} s after the request was sent")]
    Answer(u64),
}

/// The server has waited long enough for bytes that we are still reading.
#[derive(Debug, thiserror::Error)]
#[error("the server did not wait any longer for bytes that were still being read")]
pub(super) struct HeldUp;

/// The store's connector, and where it notes what it learns; clones share both.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pool: Pool,
    known: RegionCache,
    time: SharedTimeSource,
    timers: Timers,
    buckets: BucketPlaces,
}

impl Wire {
    /// With a pool of its own.
    pub(super) fn new(
        trust: &Trust,
        proxies: Proxies,
        known: RegionCache,
        time: SharedTimeSource,
        buckets: BucketPlaces,
    ) -> Result<Self, String> {
        let config = DialConfig { trust: trust.clone(), proxies, limit: CONNECT_TIMEOUT };
        Ok(Self { pool: Pool::new(&config, POOL_IDLE)?, known, time, timers: Timers::default(), buckets })
    }

    /// The same for another runtime, with a pool of its own and other timers.
    pub(super) fn beside(&self, timers: Timers) -> Self {
        Self { pool: self.pool.beside(), timers, ..self.clone() }
    }

    /// The shortest time from a short request to its answer so far, over all pools of this connection.
    pub(super) fn quickest_answer(&self) -> Option<Duration> {
        self.pool.quickest_answer()
    }

    /// Sends one request that was made without the SDK, under the same limits and rules as one of its own.
    pub(super) fn send(&self, request: HttpRequest) -> HttpConnectorFuture {
        WireConnector { wire: self.clone(), read_timeout: DEFAULT_READ }.call(request)
    }

    fn note_server(&self, asked: &str, response: &HttpResponse) {
        let learnt = self.known.learnt();
        if !learnt.is_named_verifier.get()
            && let Some(name) = response.headers().get("server")
        {
            learnt.note_server(name, host_of(asked));
        }
        let Some(date) = response.headers().get("date") else { return };
        let Ok(server) = DateTime::from_str(date, Format::HttpDate) else { return };
        learnt.note_clock_offset(server.secs() - DateTime::from(self.time.now()).secs());
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let read_timeout = settings.read_timeout().unwrap_or(DEFAULT_READ);
        SharedHttpConnector::new(WireConnector { wire: self.clone(), read_timeout })
    }
}

/// The connector as one operation sees it: with its own limit for the wait.
#[derive(Debug)]
struct WireConnector {
    wire: Wire,
    read_timeout: Duration,
}

impl HttpConnector for WireConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let progress = request.extension::<CallProgress>().cloned();
        let kind = AnswerKind::of(&request);
        let catch = request.extension::<PageCatch>().cloned();
        let counted = progress.clone().map(|progress| {
            let attempt = progress.begin_attempt();
            (progress, attempt)
        });
        let body_bytes = request.body().content_length().unwrap_or(SYSTEM_BUFFER_BYTES);
        let (server_port, asked) = (port_of(request.uri()), request.uri().to_owned());
        let activity = watch_body(&mut request, counted);
        let answer = self.wire.pool.call(request);
        let wire = self.wire.clone();
        let limits = Limits { answer: self.read_timeout, body_bytes, server_port, progress: progress.clone() };
        HttpConnectorFuture::new(async move {
            let result = tokio::select! {
                biased;
                result = answer => result,
                silence = silence(&wire.timers, &activity, &limits) => Err(ConnectorError::timeout(Box::new(silence))),
            };
            let result = match own_the_delay(result, &activity) {
                Ok(response) => {
                    wire.note_server(&asked, &response);
                    wire.buckets.note(&wire.known, &asked, &response);
                    let (response, pieces) = match kind {
                        AnswerKind::Completion => {
                            let (response, pieces) = Pieces::counted(response);
                            (response, Some(pieces))
                        }
                        _ => (response, None),
                    };
                    tokio::select! {
                        biased;
                        checked = check_answer(response, kind, catch) => checked,
                        silence = overdue(&wire.timers, pieces.as_ref(), limits.answer) => {
                            Err(ConnectorError::timeout(Box::new(silence)))
                        }
                    }
                }
                Err(error) if is_tls_refusal(&error) => Err(ConnectorError::other(error.into_source(), None)),
                Err(error) => Err(error),
            };
            if let Some(progress) = progress
                && !result.as_ref().is_ok_and(|response| response.status().is_success())
            {
                progress.take_back();
            }
            result
        })
    }
}

/// The host of an address like `https://host:port/path`, without its port.
fn host_of(uri: &str) -> &str {
    let authority = authority_of(uri.split_once("://").map_or(uri, |(_, rest)| rest));
    authority.rsplit_once(':').map_or(authority, |(host, _port)| host)
}

fn authority_of(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// The port of an address like `https://host:port/path`.
fn port_of(uri: &str) -> u16 {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("https", uri));
    let port = authority_of(rest).rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(if scheme == "http" { 80 } else { 443 })
}

/// Puts the watching body in place; an empty one needs no watching.
fn watch_body(request: &mut HttpRequest, progress: Option<(CallProgress, u32)>) -> Arc<Activity> {
    if request.body().content_length() == Some(0) {
        return Arc::new(Activity::complete());
    }
    let activity = Arc::new(Activity::default());
    let body = WatchedBody::new(request.take_body(), progress, Arc::clone(&activity));
    *request.body_mut() = SdkBody::from_body_1_x(body);
    activity
}

/// How long a request may be silent.
struct Limits {
    /// Once the body is gone.
    answer: Duration,
    /// Of the body.
    body_bytes: u64,
    server_port: u16,
    progress: Option<CallProgress>,
}

impl Limits {
    fn patience(&self) -> Patience {
        let pacer = self.progress.as_ref().and_then(CallProgress::pacer);
        pacer.map_or_else(Patience::default, |pacer| pacer.patience(self.server_port))
    }

    /// How long no step of the body may be taken, or no answer come once it is handed over: on a line that may be slow,
    /// what the systems hold of this body and of those that share the line has to leave first.
    fn longest(&self, awaited: Awaited, speed: Speed) -> Duration {
        let is_complete = awaited == Awaited::Answer;
        let at_least = if is_complete { self.answer } else { STALL };
        let sharing = match self.patience() {
            Patience::Fast => return at_least,
            Patience::Drained { doublings } if is_complete => {
                return at_least.saturating_mul(1 << doublings.min(MOST_DOUBLINGS));
            }
            // A proxy has it, perhaps.
            Patience::Drained { .. } => 1,
            Patience::MaybeSlow { sharing } => sharing,
        };
        if speed == Speed::Fast {
            return at_least;
        }
        let held = self.body_bytes.min(SYSTEM_BUFFER_BYTES) / if is_complete { 1 } else { 2 };
        let drain = Duration::from_secs(held / SLOWEST_BYTES_PER_SEC).saturating_mul(sharing);
        if is_complete { at_least + drain.min(LONGEST_SILENCE) } else { drain.clamp(at_least, LONGEST_SILENCE) }
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// That the next step of the body is taken.
    Step,
    /// The answer: the body is handed over.
    Answer,
}

impl Awaited {
    fn by(activity: &Activity) -> Self {
        if activity.is_complete() { Self::Answer } else { Self::Step }
    }
}

/// What a body's own way has shown of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speed {
    Unknown,
    Fast,
}

impl Speed {
    fn of(taken_bytes: u64, within: Duration) -> Self {
        let left = taken_bytes.saturating_sub(SYSTEM_BUFFER_BYTES);
        if left >= ENOUGH_TO_TELL && left >= FAST_BYTES_PER_SEC.saturating_mul(within.as_secs().max(1)) {
            Self::Fast
        } else {
            Self::Unknown
        }
    }
}

/// Returns once nothing has moved for too long that the other side should have moved: while the next bytes are still being
/// read, it is we who keep it waiting. Looks now and then, and judges by what is known of the line then: each
/// look uses up its share of the limit that holds at that time, since so much of the buffers has drained meanwhile.
async fn silence(timers: &Timers, activity: &Activity, limits: &Limits) -> Silence {
    let (mut quiet, mut moving) = (Duration::ZERO, Duration::ZERO);
    let mut used = 0.0;
    loop {
        let before = (activity.steps(), Awaited::by(activity));
        timers.sleep(LOOK_EVERY).await;
        let is_being_read = activity.waits_for_source();
        if is_being_read {
            activity.note_look_at_reading();
        }
        if is_being_read || before != (activity.steps(), Awaited::by(activity)) {
            moving += quiet + LOOK_EVERY;
            (quiet, used) = (Duration::ZERO, 0.0);
            continue;
        }
        quiet += LOOK_EVERY;
        let awaited = before.1;
        let limit = limits.longest(awaited, Speed::of(activity.bytes(), moving));
        used += LOOK_EVERY.as_secs_f64() / limit.as_secs_f64();
        if used >= USED_UP {
            let secs = quiet.as_secs();
            return match awaited {
                Awaited::Answer => Silence::Answer(secs),
                Awaited::Step => Silence::Body(secs),
            };
        }
    }
}

/// A server that gives up on a body which we keep it waiting for is not to blame, nor is the line: one that breaks
/// meanwhile is.
fn own_the_delay(
    result: Result<HttpResponse, ConnectorError>,
    activity: &Activity,
) -> Result<HttpResponse, ConnectorError> {
    let has_given_up = match &result {
        Ok(response) => matches!(response.status().as_u16(), 400 | 408 | 504),
        Err(error) => is_closed_by_server(error),
    };
    if has_given_up && activity.is_held_up() { Err(ConnectorError::user(Box::new(HeldUp))) } else { result }
}

/// Whether it was the other side that has ended the connection, as far as can be told.
fn is_closed_by_server(error: &ConnectorError) -> bool {
    use std::io::ErrorKind as K;
    match find_source::<std::io::Error>(error) {
        Some(io) => matches!(io.kind(), K::ConnectionReset | K::BrokenPipe | K::UnexpectedEof),
        None => error.is_io(),
    }
}

/// What kind of answer a request can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswerKind {
    /// An object's own bytes, of any size and type.
    Object,
    /// A document about buckets and objects.
    Document,
    /// Headers only.
    Headers,
    /// The answer to a write: nothing, or a short document.
    Write,
    /// The same, which takes as long as an object takes to be put together.
    Completion,
    /// The answer to a change of settings: nothing.
    Setting,
}

impl AnswerKind {
    fn of(request: &HttpRequest) -> Self {
        match request.method() {
            "HEAD" => Self::Headers,
            "GET" if request.uri().contains("x-id=GetObject") => Self::Object,
            "GET" => Self::Document,
            // Requests about objects and parts have their operation's name in the query.
            "PUT" | "DELETE" if !request.uri().contains("x-id=") => Self::Setting,
            "POST" if request.uri().contains("uploadId=") => Self::Completion,
            _ => Self::Write,
        }
    }
}

/// Refuses web pages in place of an answer to a write or of an object, and takes documents in as a whole: capped, and complete.
/// The SDK's parser takes a document that ends in the middle for one that is empty.
/// A page of a listing is read here where `catch` asks for that, since the SDK takes much longer.
async fn check_answer(
    mut response: HttpResponse,
    kind: AnswerKind,
    catch: Option<PageCatch>,
) -> Result<HttpResponse, ConnectorError> {
    let success = response.status().is_success();
    let is_page = match kind {
        AnswerKind::Write | AnswerKind::Completion => is_web_page(&response),
        // Some servers call nothing HTML as well.
        AnswerKind::Setting => is_web_page(&response) && !is_empty(&response),
        // Looked at before a write: an object has a time, whatever its type.
        AnswerKind::Headers => is_web_page(&response) && !response.headers().contains_key("last-modified"),
        // Objects may be web pages, but they come with a tag, and from something that calls itself a storage.
        AnswerKind::Object => is_web_page(&response) && !is_of_storage(&response),
        AnswerKind::Document => false,
    };
    if success && is_page {
        let status = response.status().as_u16();
        return Err(ConnectorError::other(Box::new(WebPageAnswer { status }), None));
    }
    if kind == AnswerKind::Headers || kind == AnswerKind::Object && success {
        return Ok(response);
    }
    let mut body = match Limited::new(response.take_body(), MAX_ANSWER_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(ConnectorError::other(Box::new(BrokenAnswer::TooLarge), None));
        }
        Err(error) => return Err(ConnectorError::io(error)),
    };
    if success && !calls_itself_html(&response) && is_cut_xml(&body) {
        return Err(ConnectorError::io(Box::new(BrokenAnswer::Cut)));
    }
    if success && catch.is_some_and(|catch| catch.read(&body)) {
        body = Bytes::from_static(EMPTY_PAGE);
        // The SDK holds the one against the other.
        response.headers_mut().insert("content-length", EMPTY_PAGE.len().to_string());
    }
    *response.body_mut() = SdkBody::from(body);
    Ok(response)
}

/// Whether a document starts as XML and does not end with its root's end tag.
fn is_cut_xml(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    if !rest.starts_with('<') {
        return false;
    }
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some((_, after)) = rest.split_once('>') else { return true };
        rest = after.trim_start();
    }
    let Some((root, content)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) else { return true };
    if root.ends_with('/') {
        return false;
    }
    let name = root.split_whitespace().next().unwrap_or_default();
    let last = content.rsplit_once("</").map_or("", |(_, last)| last);
    last.strip_suffix('>').map(str::trim_end) != Some(name)
}

/// Whether an answer calls itself HTML and carries no entity tag, which no S3 service does to a write.
fn is_web_page(response: &HttpResponse) -> bool {
    calls_itself_html(response) && !response.headers().contains_key("etag")
}

/// Whether an answer carries anything that only storages send.
fn is_of_storage(response: &HttpResponse) -> bool {
    const OWN_HEADERS: [&str; 6] = ["x-amz-", "x-minio-", "x-goog-", "x-oss-", "x-cos-", "x-obs-"];
    const OWN_NAMES: [&str; 4] = ["AmazonS3", "MinIO", "UploadServer", crate::model::SERVER_NAME];
    let has_header = response
        .headers()
        .iter()
        .any(|(name, _)| OWN_HEADERS.iter().any(|start| name.to_ascii_lowercase().starts_with(start)));
    let server = response.headers().get("server").unwrap_or_default();
    has_header || OWN_NAMES.iter().any(|name| server.contains(name))
}

/// Whether an answer says that nothing follows its head.
fn is_empty(response: &HttpResponse) -> bool {
    response.status().as_u16() == 204 || response.headers().get("content-length") == Some("0")
}

fn calls_itself_html(response: &HttpResponse) -> bool {
    let content_type = response.headers().get("content-type").unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("text/html")
}

fn is_tls_refusal(error: &ConnectorError) -> bool {
    super::classify::find_source::<rustls::Error>(error).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_may_be_slow_is_waited_for_until_the_systems_buffers_have_drained() {
        #[derive(Debug)]
        struct Says(Patience);
        impl super::super::gate::BodyPacer for Says {
            fn take(&self, wanted_bytes: usize) -> super::super::gate::Allowance {
                super::super::gate::Allowance::Now(wanted_bytes)
            }
            fn patience(&self, _server_port: u16) -> Patience {
                self.0
            }
        }
        let limits = |patience, body_bytes| {
            let sent = super::super::SentBytes::paced(Arc::new(Says(patience)));
            Limits { answer: DEFAULT_READ, body_bytes, server_port: 443, progress: Some(CallProgress::new(sent)) }
        };
        let (secs, mib) = (Duration::from_secs, 1024 * 1024);
        let fast = limits(Patience::Fast, 8 * mib);
        assert_eq!(
            (fast.longest(Awaited::Step, Speed::Unknown), fast.longest(Awaited::Answer, Speed::Unknown)),
            (secs(30), secs(60))
        );
        let alone = limits(Patience::MaybeSlow { sharing: 1 }, 8 * mib);
        assert_eq!(
            (alone.longest(Awaited::Step, Speed::Unknown), alone.longest(Awaited::Answer, Speed::Unknown)),
            (secs(209), secs(479))
        );
        assert_eq!(
            (alone.longest(Awaited::Step, Speed::Fast), alone.longest(Awaited::Answer, Speed::Fast)),
            (secs(30), secs(60))
        );
        let shared = limits(Patience::MaybeSlow { sharing: 13 }, 8 * mib);
        assert!(shared.longest(Awaited::Step, Speed::Unknown) >= secs(1800), "a third of 13 buffers at 20 kB/s, twice");
        for (doublings, answer) in [(0, 60), (1, 120), (3, 480), (9, 1920)] {
            let drained = limits(Patience::Drained { doublings }, 8 * mib);
            assert_eq!(
                (drained.longest(Awaited::Step, Speed::Unknown), drained.longest(Awaited::Answer, Speed::Unknown)),
                (secs(209), secs(answer))
            );
        }
        let tiny = limits(Patience::MaybeSlow { sharing: 16 }, 1000);
        assert_eq!(
            (tiny.longest(Awaited::Step, Speed::Unknown), tiny.longest(Awaited::Answer, Speed::Unknown)),
            (secs(30), secs(60))
        );
        // Eight megabytes in five seconds do not fit into any buffer; four do.
        assert_eq!(Speed::of(8 * mib, secs(5)), Speed::Fast);
        assert_eq!(Speed::of(4 * mib + 500_000, secs(5)), Speed::Unknown);
        assert_eq!(Speed::of(8 * mib, secs(200)), Speed::Unknown);
    }

    #[test]
    fn only_completions_may_take_their_time() {
        for (method, uri, expected) in [
            ("POST", "http://h/b/k?uploadId=u&x-id=CompleteMultipartUpload", AnswerKind::Completion),
            ("POST", "http://h/b/k?uploads&x-id=CreateMultipartUpload", AnswerKind::Write),
            ("PUT", "http://h/b/k?partNumber=1&uploadId=u&x-id=UploadPart", AnswerKind::Write),
            ("DELETE", "http://h/b/k?uploadId=u&x-id=AbortMultipartUpload", AnswerKind::Write),
        ] {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method(method).unwrap();
            request.set_uri(uri).unwrap();
            assert_eq!(AnswerKind::of(&request), expected, "{method} {uri}");
        }
    }

    #[test]
    fn hosts_and_ports_of_addresses() {
        let hosts = ["https://a.b/c:1?d", "http://a.b:80", "https://s3.amazonaws.com?x"];
        assert_eq!(hosts.map(host_of), ["a.b", "a.b", "s3.amazonaws.com"]);
        let ports = ["https://a.b/c:1?d", "http://a.b", "http://127.0.0.1:9000/x", "https://[::1]:8443?x"];
        assert_eq!(ports.map(port_of), [443, 80, 9000, 8443]);
        assert_eq!(port_of("https://[::1]/x"), 443);
    }

    #[test]
    fn cut_documents_are_seen() {
        let whole = [
            "",
            "{\"a\":1}",
            "<A/>",
            "<A x='1'></A>",
            "<?xml version='1.0'?>\n<A><B>1</B></A>\n",
            "<!-- c --><A>t</A >",
            "hello",
        ];
        for text in whole {
            assert!(!is_cut_xml(text.as_bytes()), "{text}");
        }
        for text in ["<A>", "<A><B>1</B>", "<A><B></B></B>", "<?xml version='1.0'?>", "<A><B>1</", "<A", "<?xml"] {
            assert!(is_cut_xml(text.as_bytes()), "{text}");
        }
    }
}

#[cfg(test)]
#[path = "held_up_tests.rs"]
mod held_up_tests;
