//! From an address to an open connection: TCP, the environment's proxies, TLS.
//!
//! Only HTTP/1.1 is offered. Over HTTP/2 all requests to a host would share one connection, whose end (gateways send
//! GOAWAY after a thousand requests) breaks all of them at once, and one slow line would hold all of them up.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Once};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connection, HttpConnector, HttpInfo};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tower_service::Service as _;

type BoxError = Box<dyn Error + Send + Sync>;

/// Whether proxies are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxies {
    /// Never: the endpoint is this very machine.
    None,
    /// Those of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    OfEnvironment,
    /// The one on this port of this computer, with a login.
    #[cfg(test)]
    WithLogin(u16),
}

/// Which certificates are trusted.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// None are needed: the endpoint is plain HTTP.
    Nobody,
    /// Those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
    /// These only, in PEM.
    #[cfg(test)]
    Only(Vec<u8>),
}

/// How connections are made.
#[derive(Clone, Debug)]
pub(super) struct DialConfig {
    pub(super) trust: Trust,
    pub(super) proxies: Proxies,
    /// Longest wait for TCP, proxy and TLS together.
    pub(super) limit: Duration,
}

/// No connection came about in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {0} s")]
struct NoConnection(u64);

/// The bytes of an open connection.
pub(super) trait Socket: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Socket for T {}

/// An open connection.
pub(super) struct Dialled {
    pub(super) socket: Box<dyn Socket>,
    /// Of whatever is at the other end: the server, or a proxy.
    pub(super) remote: Option<SocketAddr>,
}

/// The way to an address.
pub(super) enum Way {
    /// Straight there.
    Direct,
    /// Through a proxy that only passes bytes on (`CONNECT`).
    Tunnel(Intercept),
    /// By a proxy that is asked in the server's place.
    Forward(Intercept),
}

/// Opens connections.
pub(super) struct Dialer {
    https: HttpsConnector<HttpConnector>,
    tls: Arc<ClientConfig>,
    proxies: Option<Matcher>,
    limit: Duration,
}

impl Dialer {
    /// Opens nothing yet; reads the environment's proxies and, for the first time in a run, the system's certificates.
    pub(super) fn new(config: &DialConfig) -> Result<Self, String> {
        let tls = tls_config(&config.trust)?;
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.enforce_http(false);
        let proxies = match config.proxies {
            Proxies::None => None,
            Proxies::OfEnvironment => Some(Matcher::from_env()),
            #[cfg(test)]
            Proxies::WithLogin(port) => {
                Some(Matcher::builder().all(format!("http://user:word@127.0.0.1:{port}")).build())
            }
        };
        Ok(Self { https: HttpsConnector::from((http, Arc::clone(&tls))), tls, proxies, limit: config.limit })
    }

    /// By which way requests to an address go.
    pub(super) fn way(&self, address: &Uri) -> Way {
        match self.proxies.as_ref().and_then(|proxies| proxies.intercept(address)) {
            None => Way::Direct,
            Some(proxy) if address.scheme_str() == Some("https") => Way::Tunnel(proxy),
            Some(proxy) => Way::Forward(proxy),
        }
    }

    /// Opens a connection to the host of an address.
    pub(super) async fn dial(&self, address: &Uri, way: &Way) -> Result<Dialled, ConnectorError> {
        match tokio::time::timeout(self.limit, self.open(address, way)).await {
            Ok(Ok(dialled)) => Ok(dialled),
            Ok(Err(error)) => Err(ConnectorError::io(error)),
            Err(_elapsed) => Err(ConnectorError::timeout(Box::new(NoConnection(self.limit.as_secs())))),
        }
    }

    async fn open(&self, address: &Uri, way: &Way) -> Result<Dialled, BoxError> {
        let mut https = self.https.clone();
        std::future::poll_fn(|cx| https.poll_ready(cx)).await?;
        let proxy = match way {
            Way::Direct => return Ok(dialled(https.call(address.clone()).await?)),
            Way::Forward(proxy) => return Ok(dialled(https.call(proxy.uri().clone()).await?)),
            Way::Tunnel(proxy) => proxy,
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), https);
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        let stream = tunnel.call(address.clone()).await?;
        let remote = remote_of(&stream);
        let host = address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, TokioIo::new(stream)).await?;
        Ok(Dialled { socket: Box::new(TokioIo::new(stream)), remote })
    }
}

fn dialled(stream: impl Socket + Connection + 'static) -> Dialled {
    let remote = remote_of(&stream);
    Dialled { socket: Box::new(stream), remote }
}

fn remote_of(stream: &impl Connection) -> Option<SocketAddr> {
    let mut extras = http::Extensions::new();
    stream.connected().get_extras(&mut extras);
    extras.get::<HttpInfo>().map(HttpInfo::remote_addr)
}

fn tls_config(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    /// Read once: it takes long on some systems.
    static SYSTEM: LazyLock<Result<Arc<ClientConfig>, String>> = LazyLock::new(|| config_of(system_roots()));
    if !matches!(trust, Trust::Nobody) {
        seed_tls();
    }
    match trust {
        Trust::Nobody => config_of(RootCertStore::empty()),
        Trust::System => SYSTEM.clone(),
        #[cfg(test)]
        Trust::Only(pem) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates(pem));
            config_of(roots)
        }
    }
}

/// Begins to compute, on a thread of its own, what TLS draws its random numbers from: it takes some 20 ms, and the first
/// connection of a run would wait for it. Does nothing from the second call on.
pub fn seed_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let seed = || {
            let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
            if random.fill(&mut [0; 1]).is_err() {
                tracing::warn!("there are no random numbers");
            }
        };
        if let Err(error) = std::thread::Builder::new().name("tls-seed".to_owned()).spawn(seed) {
            tracing::debug!(%error, "no thread to seed TLS on; the first connection does it");
        }
    });
}

fn config_of(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "certificates of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (taken, _odd) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        tracing::warn!("the system trusts no certificates");
    }
    roots
}

#[cfg(test)]
fn certificates(pem: &[u8]) -> Vec<rustls::pki_types::CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject as _;
    rustls::pki_types::CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().unwrap()
}
