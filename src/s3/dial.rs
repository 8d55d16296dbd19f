//! From an address to an open connection: TCP, the environment's proxies, TLS.
//!
//! Only HTTP/1.1 is offered. Over HTTP/2 all requests to a host would share one connection, whose end (gateways send
//! GOAWAY after a thousand requests) breaks all of them at once, and one slow line would hold all of them up.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service as _;

use super::addresses::Connector;
use super::proxies::{ProxyRules, ProxyTrouble, Socks, Way};
#[cfg(test)]
use super::proxies::{Setting, Variables};
use super::socks::{self, SocksError};

type BoxError = Box<dyn Error + Send + Sync>;

/// Whether proxies are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxies {
    /// Never: the endpoint is this very machine.
    None,
    /// Those of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    OfEnvironment,
    /// The one of this kind on this port of this computer, with a login.
    #[cfg(test)]
    WithLogin(&'static str, u16),
}

/// Which certificates are trusted.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// None are needed: the endpoint is plain HTTP.
    Nobody,
    /// Those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
    /// These only.
    Roots(Arc<RootCertStore>),
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

/// Opens connections.
pub(super) struct Dialer {
    https: HttpsConnector<Connector>,
    tls: Arc<ClientConfig>,
    proxies: Option<ProxyRules>,
    limit: Duration,
}

impl Dialer {
    /// Opens nothing yet; reads the environment's proxies and, for the first time in a run, the system's certificates.
    pub(super) fn new(config: &DialConfig) -> Result<Self, String> {
        let tls = tls_config(&config.trust)?;
        let http = Connector::new();
        let proxies = match config.proxies {
            Proxies::None => None,
            Proxies::OfEnvironment => Some(ProxyRules::of_environment()),
            #[cfg(test)]
            Proxies::WithLogin(kind, port) => {
                let all = Setting { name: "ALL_PROXY", value: format!("{kind}://user:word@127.0.0.1:{port}") };
                Some(ProxyRules::new(&Variables { all, ..Variables::default() }))
            }
        };
        Ok(Self { https: HttpsConnector::from((http, Arc::clone(&tls))), tls, proxies, limit: config.limit })
    }

    /// By which way requests to an address go. Fails if there is only one past a proxy that cannot be used.
    pub(super) fn way(&self, address: &Uri) -> Result<Way, ConnectorError> {
        let way = self.proxies.as_ref().map_or(Ok(Way::Direct), |proxies| proxies.way(address));
        way.map_err(|trouble| ConnectorError::user(Box::new(trouble)))
    }

    /// Opens a connection to the host of an address.
    pub(super) async fn dial(&self, address: &Uri, way: &Way) -> Result<Dialled, ConnectorError> {
        match tokio::time::timeout(self.limit, self.open(address, way)).await {
            Ok(Ok(dialled)) => Ok(dialled),
            // Asking it again would be no use, and might lock an account.
            Ok(Err(error)) if error.is::<ProxyTrouble>() => Err(ConnectorError::user(error)),
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
            Way::Socks(socks) => return self.open_through(socks, https, address).await,
            Way::Tunnel(proxy) => proxy,
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), https);
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        let stream = tunnel.call(address.clone()).await?;
        let remote = remote_of(&stream);
        self.secure(TokioIo::new(stream), remote, address).await
    }

    async fn open_through(
        &self,
        socks: &Socks,
        mut https: HttpsConnector<Connector>,
        address: &Uri,
    ) -> Result<Dialled, BoxError> {
        let proxy = socks.proxy.uri();
        let port = proxy.port_u16().unwrap_or(socks::DEFAULT_PORT);
        let at = format!("http://{}:{port}/", proxy.host().unwrap_or_default());
        let stream = https.call(at.parse::<Uri>()?).await?;
        let remote = remote_of(&stream);
        let mut stream = TokioIo::new(stream);
        match socks::pass(&mut stream, socks, address).await {
            Ok(()) => {}
            Err(SocksError::Line(error)) => return Err(error.into()),
            Err(SocksError::Proxy(trouble)) => return Err(trouble.into()),
        }
        if address.scheme_str() == Some("https") {
            return self.secure(stream, remote, address).await;
        }
        Ok(Dialled { socket: Box::new(stream.into_inner()), remote })
    }

    /// TLS with the server at the other end of a proxy's line.
    async fn secure<S>(&self, stream: S, remote: Option<SocketAddr>, address: &Uri) -> Result<Dialled, BoxError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let host = address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
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
    /// Made once, as the store of certificates is.
    static SYSTEM: LazyLock<Result<Arc<ClientConfig>, String>> =
        LazyLock::new(|| config_of(Arc::new(system_roots().clone())));
    match trust {
        Trust::Nobody => config_of(Arc::new(RootCertStore::empty())),
        Trust::System => SYSTEM.clone(),
        Trust::Roots(roots) => config_of(Arc::clone(roots)),
        #[cfg(test)]
        Trust::Only(pem) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates(pem));
            config_of(Arc::new(roots))
        }
    }
}

fn config_of(roots: Arc<RootCertStore>) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Those of the system; read once, since it takes long on some systems.
pub(super) fn system_roots() -> &'static RootCertStore {
    static ROOTS: LazyLock<RootCertStore> = LazyLock::new(read_system_roots);
    &ROOTS
}

fn read_system_roots() -> RootCertStore {
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
