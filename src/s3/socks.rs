//! Through a SOCKS5 proxy (RFC 1928), with a name and a password where it wants them (RFC 1929).
//!
//! Written here since the client library's own has errors that cannot be told from each other, looks names up while
//! its thread waits, and offers a proxy that wants no login nothing else.

use std::io;
use std::net::{IpAddr, SocketAddr};

use http::Uri;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::proxies::{Names, ProxyTrouble, Socks, Unusable};

/// Where a proxy listens that is named without a port.
pub(super) const DEFAULT_PORT: u16 = 1080;
/// Longest name, password or host that a message can hold.
pub(super) const LONGEST_BYTES: usize = 255;

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const NO_LOGIN: u8 = 0;
const NAME_AND_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Why there is no way through.
#[derive(Debug)]
pub(super) enum SocksError {
    /// The line to the proxy, or from there to the server.
    Line(io::Error),
    /// The proxy itself.
    Proxy(ProxyTrouble),
}

impl From<io::Error> for SocksError {
    fn from(error: io::Error) -> Self {
        Self::Line(error)
    }
}

/// Asks the proxy at the other end of `stream` for a line to the host of an address. Once it is through, what is
/// written goes there. Bytes are read one message at a time, none too many.
pub(super) async fn pass<S>(stream: &mut S, socks: &Socks, address: &Uri) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let target = target_of(socks.names, address).await?;
    greet(stream, socks).await?;
    let mut request = vec![VERSION, CONNECT, 0];
    request.extend(target);
    stream.write_all(&request).await?;
    stream.flush().await?;
    let [version, answer, _reserved, kind] = read(stream).await?;
    if version != VERSION {
        return Err(no_socks(socks));
    }
    refusal(answer)?;
    // Where the proxy's own end is, and its port: nothing for us, but it must be read.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(no_socks(socks)),
    };
    stream.read_exact(&mut vec![0; length + 2]).await?;
    Ok(())
}

/// Agrees on how to log in, and does.
async fn greet<S>(stream: &mut S, socks: &Socks) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let login = socks.proxy.raw_auth().filter(|(name, password)| !name.is_empty() || !password.is_empty());
    let greeting: &[u8] =
        if login.is_some() { &[VERSION, 2, NO_LOGIN, NAME_AND_PASSWORD] } else { &[VERSION, 1, NO_LOGIN] };
    stream.write_all(greeting).await?;
    stream.flush().await?;
    match (read(stream).await?, login) {
        ([VERSION, NO_LOGIN], _) => Ok(()),
        ([VERSION, NAME_AND_PASSWORD], Some((name, password))) => {
            let mut message = vec![LOGIN_VERSION];
            with_length(&mut message, name)?;
            with_length(&mut message, password)?;
            stream.write_all(&message).await?;
            stream.flush().await?;
            match read(stream).await? {
                [_, 0] => Ok(()),
                [..] => Err(SocksError::Proxy(ProxyTrouble::Login)),
            }
        }
        // None of what was offered.
        ([VERSION, _], _) => Err(SocksError::Proxy(ProxyTrouble::Login)),
        _ => Err(no_socks(socks)),
    }
}

/// Host and port in the proxy's form; the name is looked up here first if that is wanted.
async fn target_of(names: Names, address: &Uri) -> Result<Vec<u8>, SocksError> {
    let host = address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = address.port_u16().unwrap_or(if address.scheme_str() == Some("https") { 443 } else { 80 });
    let ip = match (host.parse::<IpAddr>(), names) {
        (Ok(ip), _) => Some(ip),
        (Err(_), Names::AtProxy) => None,
        (Err(_), Names::Here) => {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
            // One address is all that a request takes, and more proxies reach the older kind.
            let found = found.iter().find(|found| found.is_ipv4()).or(found.first());
            Some(found.ok_or_else(|| io::Error::other("failed to lookup address"))?.ip())
        }
    };
    let mut target = Vec::new();
    match ip {
        Some(IpAddr::V4(ip)) => {
            target.push(IPV4);
            target.extend(ip.octets());
        }
        Some(IpAddr::V6(ip)) => {
            target.push(IPV6);
            target.extend(ip.octets());
        }
        None => {
            target.push(NAME);
            with_length(&mut target, host)?;
        }
    }
    target.extend(port.to_be_bytes());
    Ok(target)
}

fn with_length(message: &mut Vec<u8>, text: &str) -> Result<(), SocksError> {
    let too_long = |_error| SocksError::Line(io::Error::from(io::ErrorKind::InvalidInput));
    message.push(u8::try_from(text.len()).map_err(too_long)?);
    message.extend(text.as_bytes());
    Ok(())
}

async fn read<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> Result<[u8; N], SocksError> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// What the proxy says of the server.
fn refusal(answer: u8) -> Result<(), SocksError> {
    use io::ErrorKind as K;
    let (kind, text) = match answer {
        0 => return Ok(()),
        2 => (K::HostUnreachable, "the rules of the SOCKS proxy do not allow this host"),
        3 => (K::NetworkUnreachable, "the SOCKS proxy cannot reach that network"),
        4 => (K::HostUnreachable, "the SOCKS proxy cannot reach this host"),
        5 => (K::ConnectionRefused, "the host has refused the SOCKS proxy’s connection"),
        6 => (K::TimedOut, "the SOCKS proxy has waited for the host in vain"),
        _ => (K::HostUnreachable, "the SOCKS proxy has failed"),
    };
    Err(SocksError::Line(io::Error::new(kind, text)))
}

fn no_socks(socks: &Socks) -> SocksError {
    SocksError::Proxy(ProxyTrouble::Unusable { variable: socks.variable, why: Unusable::SpeaksNoSocks })
}

#[cfg(test)]
#[path = "socks_tests.rs"]
mod tests;
