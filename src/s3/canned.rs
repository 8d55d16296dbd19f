//! Test servers that answer with whatever a test says, byte by byte, and remember what they were asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::store::World;
use super::wire::Trust;
use super::{KeySource, RegionCache, S3Store, StoreParams};
use crate::model::{
    BucketName, Connection, ConnectionId, CredentialSource, Credentials, Endpoint, ObjectKey, Region, Secret, Service,
};

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// For example `PUT /b/k?x-id=PutObject`.
    pub(super) line: String,
    /// Names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// The body, as far as it was read.
    pub(super) body: Vec<u8>,
}

impl Asked {
    /// A header's value; empty if it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The method.
    pub(super) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }
}

/// What the server does with a request.
pub(super) enum Reply {
    /// Sends these bytes and keeps the connection.
    Raw(Vec<u8>),
    /// Sends these bytes and closes.
    Last(Vec<u8>),
    /// Reads the whole request, says nothing and closes.
    Close,
    /// Closes after so many bytes of the body.
    CutBody(usize),
}

impl Reply {
    /// An answer with a status, headers and a body.
    pub(super) fn http(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let length = format!("content-length: {}\r\n", body.len());
        Self::Raw([&head_lines(status, headers), &length, "\r\n", body].concat().into_bytes())
    }

    /// The answer to a HEAD: a length, and no body.
    pub(super) fn head(status: u16, headers: &[(&str, &str)]) -> Self {
        Self::Raw([&head_lines(status, headers), "\r\n"].concat().into_bytes())
    }

    /// An error in S3's form.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
        Self::http(status, &[("content-type", "application/xml"), ("x-amz-request-id", "REQ1")], &body)
    }
}

fn head_lines(status: u16, headers: &[(&str, &str)]) -> String {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} X\r\n{}", lines.concat())
}

/// What a server has seen so far.
#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    /// Requests that came whole, and connections that ended.
    counts: watch::Sender<Counts>,
}

/// How far a server is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Requests that came whole.
    pub(super) requests: usize,
    /// Connections that began.
    pub(super) begun: usize,
    /// Connections that ended.
    pub(super) ended: usize,
}

type Plan = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// A server on this machine that follows a plan: request and its number, from 0, to reply.
pub(super) struct Canned {
    port: u16,
    scheme: &'static str,
    seen: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Canned {
    /// Starts a plain HTTP server.
    pub(super) async fn start(plan: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, plan).await
    }

    /// Starts a server, with TLS if a configuration is given.
    pub(super) async fn start_with(
        tls: Option<Arc<rustls::ServerConfig>>,
        plan: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let plan: Arc<Plan> = Arc::new(plan);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let watched = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                socket.set_nodelay(true).unwrap();
                watched.counts.send_modify(|counts| counts.begun += 1);
                let (plan, seen, tls) = (Arc::clone(&plan), Arc::clone(&watched), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &*plan, &seen).await,
                        Some(config) => {
                            let acceptor = tokio_rustls::TlsAcceptor::from(config);
                            if let Ok(socket) = acceptor.accept(socket).await {
                                serve(socket, &*plan, &seen).await;
                            }
                        }
                    }
                    seen.counts.send_modify(|counts| counts.ended += 1);
                });
            }
        });
        Self { port, scheme, seen, task }
    }

    /// Everything it was asked.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// Waits until it is so far.
    pub(super) async fn wait_until(&self, is_so_far: impl Fn(&Counts) -> bool) {
        self.seen.counts.subscribe().wait_for(|counts| is_so_far(counts)).await.unwrap();
    }

    /// How far it is.
    pub(super) fn counts(&self) -> Counts {
        *self.seen.counts.borrow()
    }

    /// Its address under a host name.
    pub(super) fn endpoint(&self, host: &str) -> Endpoint {
        Endpoint::parse(&format!("{}://{host}:{}", self.scheme, self.port)).unwrap()
    }

    /// A store on it, with keys.
    pub(super) async fn store(&self) -> S3Store {
        self.store_of(connection(Service::Other, self.endpoint("127.0.0.1")), Trust::Nobody).await
    }

    /// The same, under the name of a service of which nothing is known, not even that it heeds `If-None-Match`.
    pub(super) async fn strange_store_of(&self, service: Service) -> S3Store {
        let connection = connection(service, self.endpoint("127.0.0.1"));
        let time = SharedTimeSource::new(SystemTimeSource::new());
        let params = StoreParams { connection, keys: key_source(), regions: RegionCache::new() };
        S3Store::connect_in(params, World { time, trust: Some(Trust::Nobody) }).await.unwrap()
    }

    /// A store for a connection.
    pub(super) async fn store_of(&self, connection: Connection, trust: Trust) -> S3Store {
        store_at(connection, trust, SharedTimeSource::new(SystemTimeSource::new())).await
    }
}

async fn serve(mut socket: impl AsyncRead + AsyncWrite + Unpin, plan: &Plan, seen: &Seen) {
    let mut pending = Vec::new();
    while let Some((mut asked, length)) = read_head(&mut socket, &mut pending).await {
        let number = seen.asked.lock().unwrap().len();
        // The plan is asked before the body is read, so that it can cut it.
        let reply = plan(&asked, number);
        let wanted = if let Reply::CutBody(bytes) = reply { bytes.min(length) } else { length };
        while pending.len() < wanted {
            let mut chunk = vec![0; 64 * 1024];
            match socket.read(&mut chunk).await {
                Ok(count) if count > 0 => pending.extend_from_slice(&chunk[..count]),
                _ => return,
            }
        }
        asked.body = pending.drain(..wanted.min(pending.len())).collect();
        seen.asked.lock().unwrap().push(asked);
        seen.counts.send_modify(|counts| counts.requests += 1);
        match reply {
            Reply::Raw(bytes) => {
                if socket.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Reply::Last(bytes) => {
                socket.write_all(&bytes).await.ok();
                return;
            }
            Reply::Close | Reply::CutBody(_) => return,
        }
    }
}

async fn read_head(socket: &mut (impl AsyncRead + Unpin), pending: &mut Vec<u8>) -> Option<(Asked, usize)> {
    let end = loop {
        if let Some(end) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut chunk = [0; 4096];
        let count = socket.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        pending.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8_lossy(&pending[..end]).into_owned();
    pending.drain(..end + 4);
    let mut lines = head.split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    Some((Asked { line, headers, body: Vec::new() }, length))
}

/// A connection with keys to an endpoint.
pub(super) fn connection(service: Service, endpoint: Endpoint) -> Connection {
    Connection {
        endpoint: Some(endpoint),
        region: Region::us_east_1(),
        credentials: CredentialSource::ThisRunOnly { access_key_id: ACCESS_KEY_ID.to_owned() },
        ..Connection::plain(ConnectionId::new("test"), service)
    }
}

const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// The secret of [`connection`]; no text may hold it.
pub(super) const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";

/// The keys of [`connection`].
pub(super) fn key_source() -> KeySource {
    KeySource::Static(Credentials {
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: Secret::new(SECRET),
        session_token: None,
    })
}

/// A store for a connection, under a clock.
pub(super) async fn store_at(connection: Connection, trust: Trust, time: SharedTimeSource) -> S3Store {
    let params = StoreParams { connection, keys: key_source(), regions: RegionCache::new() };
    let store = S3Store::connect_in(params, World { time, trust: Some(trust) }).await.unwrap();
    // Most tests are of other things than finding that out.
    store.learnt().note_known(super::learnt::Lesson::HonoursConditions, true, store.now_secs());
    store
}

/// The bucket of most tests.
pub(super) fn bucket() -> BucketName {
    BucketName::new("b-1").unwrap()
}

/// A key.
pub(super) fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key)
}
