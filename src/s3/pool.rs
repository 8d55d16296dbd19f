//! Open connections, and the requests that go over them, one at a time.
//!
//! Whoever sends takes a connection that is idle, or dials one of its own. Nothing is dialled while one is idle, and
//! what was dialled is used by whoever dialled it, so there are never more connections than there were requests at one
//! time. A connection belongs to the runtime that dialled it, so each upload thread has a pool of its own: over another
//! thread's connection a request would stand still whenever that thread reads or hashes.
//!
//! An answer's connection is idle again once the answer's body was read to its end. A call that is dropped half-way
//! closes its connection.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::PathAndQuery;
use http::{Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};

use super::dial::{DialConfig, Dialer};
use super::proxies::Way;

/// Longest wait for a connection that has just given its answer: its task has to see that nothing else comes.
const SETTLE: Duration = Duration::from_millis(50);

/// Requests with no more than this say how far the server is.
const SHORT_BYTES: u64 = 64 * 1024;

/// The connections of one connector. Clones share them; dropping the last one closes those that are idle.
#[derive(Clone)]
pub(super) struct Pool {
    dialer: Arc<Dialer>,
    idle: Arc<IdleTable>,
    quickest: Arc<Quickest>,
}

/// The shortest time from a short request to its answer, in microseconds; the largest number if there was none.
struct Quickest(AtomicU64);

impl Quickest {
    fn note(&self, took: Duration) {
        self.0.fetch_min(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

/// An open connection.
struct Line {
    sender: SendRequest<SdkBody>,
    remote: Option<SocketAddr>,
    /// Not to be used again, as somebody found who saw its answer.
    is_spoilt: Arc<AtomicBool>,
}

impl Pool {
    /// No connection yet. Idle ones are closed after `idle_for`.
    pub(super) fn new(config: &DialConfig, idle_for: Duration) -> Result<Self, String> {
        let (dialer, quickest) = (Arc::new(Dialer::new(config)?), Arc::new(Quickest(AtomicU64::new(u64::MAX))));
        Ok(Self { dialer, idle: IdleTable::new(idle_for), quickest })
    }

    /// A pool for another runtime, dialling in the same way. No connection yet.
    pub(super) fn beside(&self) -> Self {
        let (dialer, quickest) = (Arc::clone(&self.dialer), Arc::clone(&self.quickest));
        Self { dialer, idle: IdleTable::new(self.idle.idle_for), quickest }
    }

    /// The shortest time from a short request to its answer so far, without the time that dialling took; also over the
    /// pools beside this one.
    pub(super) fn quickest_answer(&self) -> Option<Duration> {
        Some(self.quickest.0.load(Ordering::Relaxed)).filter(|micros| *micros != u64::MAX).map(Duration::from_micros)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let capture = request.extensions_mut().remove::<CaptureSmithyConnection>();
        let address = request.uri().clone();
        let origin = origin_of(&address).ok_or_else(|| ConnectorError::user("the address has no host".into()))?;
        let way = self.dialer.way(&address)?;
        prepare(&mut request, &way)?;
        let is_short = request.body().content_length().is_some_and(|bytes| bytes <= SHORT_BYTES);
        loop {
            let (mut line, is_new) = match self.idle_line(&origin).await {
                Some(line) => (line, false),
                None => (self.dial(&address, &way).await?, true),
            };
            if let Some(capture) = &capture {
                line.show_to(capture, &way);
            }
            let sent = Instant::now();
            match line.sender.try_send_request(request).await {
                Ok(response) => {
                    if is_short {
                        self.quickest.note(sent.elapsed());
                    }
                    return lend(response, Lease { line, origin, idle: Arc::downgrade(&self.idle) });
                }
                // The server closed it while it was idle; nothing of the request has left.
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(connector_error(failed.into_error())),
                },
            }
        }
    }

    /// One that is idle, and really takes a request.
    async fn idle_line(&self, origin: &str) -> Option<Line> {
        while let Some(mut line) = self.idle.take(origin) {
            let is_ready =
                line.sender.is_ready() || matches!(tokio::time::timeout(SETTLE, line.sender.ready()).await, Ok(Ok(())));
            if is_ready {
                return Some(line);
            }
        }
        None
    }

    async fn dial(&self, address: &Uri, way: &Way) -> Result<Line, ConnectorError> {
        let dialled = self.dialer.dial(address, way).await?;
        let (sender, connection) = http1::handshake(dialled.socket).await.map_err(connector_error)?;
        tokio::spawn(async move {
            // Whoever waits for an answer hears of it as well.
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection has ended");
            }
        });
        let is_spoilt = Arc::new(AtomicBool::new(false));
        Ok(Line { sender, remote: dialled.remote, is_spoilt })
    }
}

impl HttpConnector for Pool {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let pool = self.clone();
        HttpConnectorFuture::new(async move { pool.send(request).await })
    }
}

impl Line {
    /// Lets whoever sees the answer know the connection, and say that it is not to be used again.
    fn show_to(&self, capture: &CaptureSmithyConnection, way: &Way) {
        let (remote, is_spoilt) = (self.remote, Arc::clone(&self.is_spoilt));
        let is_proxied = !matches!(way, Way::Direct);
        capture.set_connection_retriever(move || {
            let is_spoilt = Arc::clone(&is_spoilt);
            let mut shown = ConnectionMetadata::builder()
                .proxied(is_proxied)
                .poison_fn(move || is_spoilt.store(true, Ordering::Relaxed));
            shown.set_remote_addr(remote);
            Some(shown.build())
        });
    }
}

/// Scheme, host and port.
fn origin_of(address: &Uri) -> Option<String> {
    Some(format!("{}://{}", address.scheme_str()?, address.authority()?))
}

/// Gives a request the form that it has on the wire.
fn prepare(request: &mut Request<SdkBody>, way: &Way) -> Result<(), ConnectorError> {
    let address = request.uri().clone();
    if !request.headers().contains_key(HOST) {
        let host = address.host().unwrap_or_default();
        let default_port = if address.scheme_str() == Some("https") { 443 } else { 80 };
        let text = match address.port_u16().filter(|port| *port != default_port) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let value = HeaderValue::try_from(text).map_err(|error| ConnectorError::user(error.into()))?;
        request.headers_mut().insert(HOST, value);
    }
    if let Way::Forward(proxy) = way {
        // Asked in the server's place: it needs the whole address.
        if let Some(login) = proxy.basic_auth() {
            request.headers_mut().entry(PROXY_AUTHORIZATION).or_insert_with(|| login.clone());
        }
        return Ok(());
    }
    let path = address.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Ok(())
}

/// Who is to blame, in the connector's words.
fn connector_error(error: hyper::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_user() {
        ConnectorError::user(error.into())
    } else if error.is_parse() {
        ConnectorError::other(error.into(), None)
    } else {
        ConnectorError::io(error.into())
    }
}

/// Connections without a request.
struct IdleTable {
    idle_for: Duration,
    state: Mutex<IdleState>,
}

#[derive(Default)]
struct IdleState {
    /// By origin, those that were used last at the end.
    lines: BTreeMap<String, Vec<(Line, Instant)>>,
    /// Whether a task closes the old ones.
    is_swept: bool,
}

impl IdleTable {
    fn new(idle_for: Duration) -> Arc<Self> {
        Arc::new(Self { idle_for, state: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, IdleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that was used last; those that have ended or are too old are dropped on the way.
    fn take(&self, origin: &str) -> Option<Line> {
        let mut state = self.lock();
        let lines = state.lines.get_mut(origin)?;
        loop {
            let (line, since) = lines.pop()?;
            if !line.is_over() && since.elapsed() < self.idle_for {
                return Some(line);
            }
        }
    }

    fn put(self: Arc<Self>, origin: String, line: Line) {
        let mut state = self.lock();
        if line.is_over() {
            return;
        }
        state.lines.entry(origin).or_default().push((line, Instant::now()));
        // Without a runtime the old ones are dropped when the next one is taken.
        if !state.is_swept
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            state.is_swept = true;
            drop(state);
            runtime.spawn(sweep(Sweep(Arc::downgrade(&self)), self.idle_for));
        }
    }
}

impl Line {
    fn is_over(&self) -> bool {
        self.sender.is_closed() || self.is_spoilt.load(Ordering::Relaxed)
    }
}

/// The leave to sweep; given back however the task ends, and be it with its runtime.
struct Sweep(Weak<IdleTable>);

impl Drop for Sweep {
    fn drop(&mut self) {
        if let Some(table) = self.0.upgrade() {
            table.lock().is_swept = false;
        }
    }
}

/// Closes connections that have been idle for too long, until there is none left.
async fn sweep(leave: Sweep, idle_for: Duration) {
    loop {
        tokio::time::sleep(idle_for).await;
        let Some(table) = leave.0.upgrade() else { return };
        let mut state = table.lock();
        for lines in state.lines.values_mut() {
            lines.retain(|(line, since)| !line.is_over() && since.elapsed() < idle_for);
        }
        state.lines.retain(|_, lines| !lines.is_empty());
        if state.lines.is_empty() {
            state.is_swept = false;
            return;
        }
    }
}

/// A connection whose answer is being read.
struct Lease {
    line: Line,
    origin: String,
    idle: Weak<IdleTable>,
}

impl Lease {
    fn end(self) {
        if let Some(idle) = self.idle.upgrade() {
            idle.put(self.origin, self.line);
        }
    }
}

/// An answer whose body gives the connection back.
fn lend(response: Response<Incoming>, lease: Lease) -> Result<HttpResponse, ConnectorError> {
    let response = response.map(|body| SdkBody::from_body_1_x(LentBody::new(body, lease)));
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// The body of an answer; at its end the connection is idle again.
struct LentBody {
    inner: Incoming,
    lease: Option<Lease>,
}

impl LentBody {
    fn new(inner: Incoming, lease: Lease) -> Self {
        let mut body = Self { inner, lease: Some(lease) };
        body.end_if_read();
        body
    }

    fn end_if_read(&mut self) {
        if self.inner.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.end();
        }
    }
}

impl Body for LentBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(_)) => self.end_if_read(),
            Some(Err(_)) => self.lease = None,
            None => {
                if let Some(lease) = self.lease.take() {
                    lease.end();
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for LentBody {
    /// What nobody read, but has come all the same, is no reason to close a connection.
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take()
            && lease.line.sender.is_ready()
        {
            lease.end();
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
