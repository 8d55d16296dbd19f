//! TCP to whichever of a host's addresses answers first. The next one is begun beside those before it, which go on: one
//! behind which nobody answers holds nothing up, and on a slow line, or when a packet is lost, each still has all the time
//! that is left.

use std::collections::VecDeque;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// After so long without an answer the next address is begun. On most lines one round trip takes less, so that no second
/// connection is opened in vain.
const NEXT_AFTER: Duration = Duration::from_millis(400);

/// Why no address was reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotReached {
    /// The address is none that could be dialled.
    #[error("invalid address: no host")]
    NoHost,
    /// Nobody knows where the host is.
    #[error("dns error")]
    Unknown(#[source] Box<dyn Error + Send + Sync>),
    /// All have refused; what the last one did.
    #[error("tcp connect error")]
    Refused(#[source] io::Error),
}

/// Opens TCP connections to hosts. It sets no limit of its own: dropping a call gives it up.
#[derive(Clone, Debug)]
pub(super) struct Connector<R = GaiResolver> {
    resolver: R,
}

impl Connector {
    /// Asks the system where hosts are.
    pub(super) fn new() -> Self {
        Self { resolver: GaiResolver::new() }
    }
}

impl<R> Service<Uri> for Connector<R>
where
    R: Service<Name> + Clone + Send + 'static,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
    R::Future: Send,
{
    type Response = TokioIo<TcpStream>;
    type Error = NotReached;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NotReached>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), NotReached>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let resolver = self.resolver.clone();
        Box::pin(async move {
            let host = to.host().map(|host| host.trim_start_matches('[').trim_end_matches(']')).unwrap_or_default();
            let standard_port = if to.scheme_str() == Some("https") { 443 } else { 80 };
            let port = to.port_u16().unwrap_or(standard_port);
            let found = match host.parse::<IpAddr>() {
                Ok(address) => vec![address],
                Err(_name) => resolve(resolver, host).await?,
            };
            let stream = first_of(in_turn(found, port)).await?;
            stream.set_nodelay(true).map_err(NotReached::Refused)?;
            Ok(TokioIo::new(stream))
        })
    }
}

async fn resolve<R>(mut resolver: R, host: &str) -> Result<Vec<IpAddr>, NotReached>
where
    R: Service<Name>,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let name = host.parse::<Name>().map_err(|_invalid| NotReached::NoHost)?;
    let unknown = |error: R::Error| NotReached::Unknown(error.into());
    poll_fn(|cx| resolver.poll_ready(cx)).await.map_err(unknown)?;
    Ok(resolver.call(name).await.map_err(unknown)?.map(|found| found.ip()).collect())
}

/// In the system's order, but the two kinds by turns: often one of them leads nowhere.
fn in_turn(found: Vec<IpAddr>, port: u16) -> VecDeque<SocketAddr> {
    let is_first_kind = found.first().is_some_and(IpAddr::is_ipv6);
    let (first, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|ip| ip.is_ipv6() == is_first_kind);
    let (mut first, mut other, mut all) = (first.into_iter(), other.into_iter(), VecDeque::new());
    loop {
        let pair = [first.next(), other.next()];
        if pair == [None, None] {
            return all;
        }
        all.extend(pair.into_iter().flatten().map(|ip| SocketAddr::new(ip, port)));
    }
}

async fn first_of(mut waiting: VecDeque<SocketAddr>) -> Result<TcpStream, NotReached> {
    let mut refused = NotReached::NoHost;
    let mut under_way = FuturesUnordered::new();
    loop {
        if let Some(next) = waiting.pop_front() {
            under_way.push(TcpStream::connect(next));
        }
        let is_last = waiting.is_empty();
        tokio::select! {
            answer = under_way.next() => match answer {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => refused = NotReached::Refused(error),
                None => return Err(refused),
            },
            () = tokio::time::sleep(NEXT_AFTER), if !is_last => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_addresses_take_turns_and_the_systems_order_stays() {
        let found = ["::1", "::2", "::3", "10.0.0.1"].map(|ip| ip.parse().unwrap());
        let shown = in_turn(found.to_vec(), 443).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown, ["[::1]:443", "10.0.0.1:443", "[::2]:443", "[::3]:443"]);
        assert_eq!(in_turn(Vec::new(), 443), []);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod slow_lines {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::net::Ipv4Addr;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// Every host is there, and there.
    #[derive(Clone)]
    struct Fixed(Vec<SocketAddr>);

    impl Service<Name> for Fixed {
        type Response = std::vec::IntoIter<SocketAddr>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _name: Name) -> Self::Future {
            ready(Ok(self.0.clone().into_iter()))
        }
    }

    /// An address that takes connections no more and refuses none: its line is full, and nobody takes from it. What keeps
    /// it so is given along.
    async fn silent_address(ip: Ipv4Addr, port: u16) -> std::io::Result<(SocketAddr, TcpListener, Vec<TcpStream>)> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((ip, port).into())?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let mut waiting = Vec::new();
        while let Ok(stream) = tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
            waiting.push(stream?);
        }
        Ok((address, listener, waiting))
    }

    fn uri(port: u16) -> Uri {
        format!("http://two-addresses.example:{port}/").parse().unwrap()
    }

    #[tokio::test]
    async fn an_address_behind_which_nobody_answers_does_not_hold_the_next_one_up() {
        let there = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let next = there.local_addr().unwrap();
        let (silent, _listener, _waiting) = silent_address(Ipv4Addr::new(127, 0, 0, 2), next.port()).await.unwrap();
        let mut tcp = Connector { resolver: Fixed(vec![silent, next]) };
        let stream = tcp.call(uri(next.port())).await.unwrap();
        assert_eq!(stream.inner().peer_addr().unwrap(), next);
    }

    #[tokio::test]
    async fn an_address_that_answers_late_is_not_given_up_for_those_that_do_not_answer() {
        let (slow, listener, _waiting) = silent_address(Ipv4Addr::LOCALHOST, 0).await.unwrap();
        let others = (2..9).map(|last| silent_address(Ipv4Addr::new(127, 0, 0, last), slow.port()));
        let silent = futures_util::future::try_join_all(others).await.unwrap();
        let all = std::iter::once(slow).chain(silent.iter().map(|(address, ..)| *address)).collect();
        let mut tcp = Connector { resolver: Fixed(all) };
        let mut dialling = tcp.call(uri(slow.port()));
        // The first packet is lost; the system sends another one after a second.
        assert!(futures_util::poll!(&mut dialling).is_pending());
        while tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_ok() {}
        let stream = dialling.await.unwrap();
        assert_eq!(stream.inner().peer_addr().unwrap(), slow);
    }
}
