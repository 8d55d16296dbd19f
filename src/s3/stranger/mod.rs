//! The stranger: asks for a link as somebody would who knows nothing but the link.
//!
//! A client of its own, with its own connections: no signer, no cookies, no client certificate, no redirect followed but
//! the one from `http://` to the very same address over TLS, no header that a browser's first visit would not have, but for its name. The path goes out byte by byte as it
//! stands in the link. Of what comes back, headers and at most 8 KiB of an error's body are looked at.

mod answer;
mod reach;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::classify::kind_of_chain;
use super::dial::{DialConfig, Proxies, Trust};
use super::pool::Pool;
use super::proxies::{Names, ProxyRules, Way};
use crate::model::{AskedBy, FailureKind, Met, NoAnswer, Reach, StrangerAnswer, Voice};

/// For one link: connecting, HEAD and one-byte GET together.
const LIMIT: Duration = Duration::from_secs(5);
/// Idle connections are closed soon: nobody knows when the next link is asked for.
const POOL_IDLE: Duration = Duration::from_secs(10);
/// Longest wait for the addresses of a host behind a proxy.
const LOOK_UP: Duration = Duration::from_secs(2);
/// They hold for so long.
const LOOK_UP_HOLDS: Duration = Duration::from_mins(1);
/// What it calls itself.
const USER_AGENT: &str = concat!("Bucketdrop/", env!("CARGO_PKG_VERSION"), " (link check)");

/// What answers from this computer or a private network prove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NearAnswers {
    /// That it opens from here, and no more.
    #[default]
    OnlyHere,
    /// As much as any other: for tests, whose world is one computer.
    CountAsWorld,
}

/// How a link is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// By HEAD, and where that says too little by a GET for one byte.
    Plain,
    /// By a GET for one byte only: the signature is for GET.
    Signed,
}

/// What a stranger is made with.
#[derive(Clone, Default)]
pub struct StrangerConfig {
    /// What near answers prove.
    pub near_answers: NearAnswers,
    /// For one link in all; 5 s without.
    pub limit: Option<Duration>,
    #[cfg(test)]
    pub(crate) trust_only: Option<Vec<u8>>,
}

impl StrangerConfig {
    /// With a limit for one link in all.
    pub fn new(near_answers: NearAnswers, limit: Duration) -> Self {
        Self {
            near_answers,
            limit: Some(limit),
            #[cfg(test)]
            trust_only: None,
        }
    }
}

/// The client. It opens nothing before it is first asked.
pub struct Stranger {
    config: StrangerConfig,
    /// For this computer's own addresses: never through a proxy.
    near: OnceLock<Result<Pool, String>>,
    /// Through the environment's proxies, where there are any.
    far: OnceLock<Result<Pool, String>>,
    /// Which addresses go through them: the very rules of the connector.
    proxies: ProxyRules,
    /// The host that was looked up last, when, and where it is.
    looked_up: Mutex<Option<(String, Instant, Reach)>>,
}

impl fmt::Debug for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stranger")
    }
}

impl Stranger {
    /// Asks nothing yet.
    pub fn new(config: StrangerConfig) -> Self {
        let (near, far) = (OnceLock::new(), OnceLock::new());
        Self { config, near, far, proxies: ProxyRules::of_environment(), looked_up: Mutex::default() }
    }

    /// Asks for one link, in 5 s at most. Dropping the future closes the connection.
    pub async fn ask(&self, address: &str, asking: Asking) -> Met {
        // The first time, the system's certificates are read: that is no fault of the host's.
        if let Err(nothing) = self.connector(address) {
            return Met::Nothing(nothing);
        }
        let limit = self.config.limit.unwrap_or(LIMIT);
        match tokio::time::timeout(limit, self.ask_for(address, asking)).await {
            Ok(met) => met,
            Err(_elapsed) => Met::Nothing(NoAnswer::Timeout),
        }
    }

    /// Asks by a GET for one byte whether what HEAD has opened really does; in the same time, and as droppable.
    pub async fn ask_by_get(&self, address: &str, head: StrangerAnswer) -> Met {
        let limit = self.config.limit.unwrap_or(LIMIT);
        match tokio::time::timeout(limit, self.send("GET", address)).await {
            Ok(Ok(got)) if self.may_be_of_a_proxy(address, &got.answer) => Met::Nothing(NoAnswer::Garbled),
            Ok(Ok(got)) => Met::Answer(answer::both(Some(head), got.answer)),
            Ok(Err(nothing)) => Met::Nothing(nothing),
            Err(_elapsed) => Met::Nothing(NoAnswer::Timeout),
        }
    }

    async fn ask_for(&self, address: &str, asking: Asking) -> Met {
        match self.ask_both(address, asking).await {
            Met::Answer(answer) if self.may_be_of_a_proxy(address, &answer) => Met::Nothing(NoAnswer::Garbled),
            met => met,
        }
    }

    /// A proxy that is asked in the server's place may refuse by itself, with a page of its own: that says nothing of
    /// the link. What a storage or its CDN says over TLS, no proxy can say.
    fn may_be_of_a_proxy(&self, address: &str, answer: &StrangerAnswer) -> bool {
        let is_unsigned_refusal = answer.status == 403 && answer.code.is_none() && answer.voice != Voice::Storage;
        let is_near = reach::is_loopback_name(reach::host_of(address));
        is_unsigned_refusal && !is_near && matches!(self.way(address), Some(Way::Forward(_)))
    }

    async fn ask_both(&self, address: &str, asking: Asking) -> Met {
        let head = match asking {
            Asking::Plain => match self.send("HEAD", address).await {
                Ok(head) if answer::says_all(&head) => return Met::Answer(head.answer),
                Ok(head) => Some(head.answer),
                Err(nothing) => return Met::Nothing(nothing),
            },
            Asking::Signed => None,
        };
        match (self.send("GET", address).await, head) {
            (Ok(got), head) => Met::Answer(answer::both(head, got.answer)),
            // What HEAD has said still stands.
            (Err(_), Some(head)) if !matches!(head.status, 200..=299) => Met::Answer(head),
            (Err(nothing), _) => Met::Nothing(nothing),
        }
    }

    /// A redirect to the same address over TLS is followed, as every browser does, and noted in the answer; no other is.
    async fn send(&self, method: &str, address: &str) -> Result<answer::Seen, NoAnswer> {
        let seen = self.send_once(method, address).await?;
        match &seen.over_tls {
            Some(over_tls) => {
                let mut there = self.send_once(method, over_tls).await?;
                there.answer.over_tls = Some(reach::origin_of(over_tls));
                Ok(there)
            }
            None => Ok(seen),
        }
    }

    async fn send_once(&self, method: &str, address: &str) -> Result<answer::Seen, NoAnswer> {
        let host = reach::host_of(address);
        let is_near = reach::is_loopback_name(host);
        let connector = self.connector(address)?;
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_method(method).map_err(|_error| NoAnswer::Garbled)?;
        request.set_uri(address).map_err(|_error| NoAnswer::NoSuchHost)?;
        request.headers_mut().insert("user-agent", USER_AGENT);
        request.headers_mut().insert("accept", "*/*");
        if method == "GET" {
            request.headers_mut().insert("range", "bytes=0-0");
        }
        let connection = CaptureSmithyConnection::new();
        request.add_extension(connection.clone());
        let response = connector.call(request).await.map_err(|error| no_answer(&error))?;
        let is_direct = is_near || matches!(self.way(address), Some(Way::Direct));
        let reach = match self.config.near_answers {
            NearAnswers::CountAsWorld => Reach::World,
            NearAnswers::OnlyHere if is_direct => {
                reach::reach_of(host, connection.get().and_then(|peer| peer.remote_addr()))
            }
            // Behind a proxy the address that answers is the proxy's. Only of what opens it matters where it is.
            NearAnswers::OnlyHere if matches!(response.status().as_u16(), 200..=299 | 416) => {
                self.reach_through_proxy(address).await
            }
            NearAnswers::OnlyHere => Reach::BehindProxy,
        };
        let by = if method == "GET" { AskedBy::Get } else { AskedBy::Head };
        answer::read(response, address, reach, by).await
    }

    /// Looks the host up, where its name alone does not tell; once for all links of a host that are asked for together.
    async fn reach_through_proxy(&self, address: &str) -> Reach {
        // Who leaves names to the proxy wants nobody here to be asked for them.
        let is_hidden = matches!(self.way(address), Some(Way::Socks(socks)) if socks.names == Names::AtProxy);
        if is_hidden || reach::is_told_by_name(address) {
            return reach::reach_through_proxy(address, &[]);
        }
        let host = reach::host_of(address);
        let mut looked_up = self.looked_up.lock().await;
        if let Some((known, at, reach)) = &*looked_up
            && known == host
            && at.elapsed() < LOOK_UP_HOLDS
        {
            return *reach;
        }
        // Of names that this network does not know, the answer may take long, or not come at all.
        let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, 443))).await;
        let found: Vec<IpAddr> =
            found.into_iter().flatten().flatten().map(|address: SocketAddr| address.ip()).collect();
        let reach = reach::reach_through_proxy(address, &found);
        *looked_up = Some((host.to_owned(), Instant::now(), reach));
        reach
    }

    /// By which way an address that is not this computer's own is asked; `None` if there is none.
    fn way(&self, address: &str) -> Option<Way> {
        self.proxies.way(&address.parse::<Uri>().ok()?).ok()
    }

    /// This computer's own addresses never go through a proxy.
    fn connector(&self, address: &str) -> Result<&Pool, NoAnswer> {
        let is_near = reach::is_loopback_name(reach::host_of(address));
        usable(if is_near {
            self.near.get_or_init(|| self.config.connect_by(Proxies::None))
        } else {
            self.far.get_or_init(|| self.config.connect_by(Proxies::OfEnvironment))
        })
    }
}

fn usable(made: &Result<Pool, String>) -> Result<&Pool, NoAnswer> {
    made.as_ref().map_err(|error| {
        tracing::error!(%error, "links cannot be checked");
        NoAnswer::Unreachable
    })
}

impl StrangerConfig {
    /// With the system's roots: whoever gets a link does not have the file of authorities that a connection may trust.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "tests trust certificates of their own"))]
    fn connect_by(&self, proxies: Proxies) -> Result<Pool, String> {
        #[cfg(not(test))]
        let trust = Trust::System;
        #[cfg(test)]
        let trust = self.trust_only.clone().map_or(Trust::System, Trust::Only);
        Pool::new(&DialConfig { trust, proxies, limit: LIMIT }, POOL_IDLE)
    }
}

/// Why nothing came.
fn no_answer(error: &ConnectorError) -> NoAnswer {
    use FailureKind as K;
    match kind_of_chain(error) {
        Some(K::TlsExpired | K::TlsWrongName) => NoAnswer::BadCertificate,
        Some(K::TlsNotTrusted) => NoAnswer::UntrustedCertificate,
        Some(K::HostNotFound) => NoAnswer::NoSuchHost,
        Some(K::Timeout) => NoAnswer::Timeout,
        Some(K::NotS3) => NoAnswer::Garbled,
        _ => NoAnswer::Unreachable,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
