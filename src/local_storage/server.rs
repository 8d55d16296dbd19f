//! The accept loop, connections, and how they end.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::faults::Outage;
use super::gate::Gate;

/// How long a shutdown waits for requests in flight.
const GRACE: Duration = Duration::from_secs(10);

/// Everything that runs. Dropping it stops accepting.
#[derive(Debug)]
pub(super) struct Server {
    stop: CancellationToken,
    abort: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Accepts connections in a task of its own. `gate` is given what tells it to end.
    /// `outages` are followed where a plan may order some.
    pub(super) fn start(
        listener: TcpListener,
        outages: Option<watch::Receiver<Outage>>,
        gate: impl FnOnce(CancellationToken) -> Gate,
    ) -> Self {
        let server =
            Self { stop: CancellationToken::new(), abort: CancellationToken::new(), tasks: TaskTracker::new() };
        let gate = gate(server.stop.clone());
        let (stop, abort, tasks) = (server.stop.clone(), server.abort.clone(), server.tasks.clone());
        let mut outages = Outages(outages);
        server.tasks.spawn(async move {
            let mut listener = listener;
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    () = outages.until(|now| now == Outage::Refusing) => {
                        let Some(again) = refuse(listener, &mut outages, &stop).await else { return };
                        listener = again;
                        continue;
                    }
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, _)) => {
                        let ends = Ends { stop: stop.clone(), abort: abort.clone(), outages: outages.clone() };
                        tasks.spawn(converse(stream, gate.clone(), ends));
                    }
                    Err(error) => {
                        // Out of file handles, mostly; others will be closed soon.
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        });
        server
    }

    /// Lets requests in flight finish, then closes what is left.
    pub(super) async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("closing connections that do not end");
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The outages that a plan orders; without a plan there are none.
#[derive(Clone)]
struct Outages(Option<watch::Receiver<Outage>>);

impl Outages {
    /// Resolves when the present outage is such a one; never without a plan.
    async fn until(&mut self, mut is_such: impl FnMut(Outage) -> bool) {
        let seen = match &mut self.0 {
            Some(outages) => outages.wait_for(|now| is_such(*now)).await.is_ok(),
            None => false,
        };
        if !seen {
            std::future::pending::<()>().await;
        }
    }
}

/// Nobody listens on the port until the outage is over; it stays ours, so that nobody else gets it. `None` when the
/// server is to end.
async fn refuse(listener: TcpListener, outages: &mut Outages, stop: &CancellationToken) -> Option<TcpListener> {
    let address = listener.local_addr().ok()?;
    drop(listener);
    let kept = bound(address).inspect_err(|error| tracing::error!(%error, "the port is gone")).ok()?;
    tokio::select! {
        () = stop.cancelled() => return None,
        () = outages.until(|now| now != Outage::Refusing) => {}
    }
    kept.listen(1024).inspect_err(|error| tracing::error!(%error, "the port is gone")).ok()
}

/// A socket that has the port and refuses who comes.
fn bound(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // Connections of before still have it, too.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// What ends a connection or lets it stand still.
struct Ends {
    stop: CancellationToken,
    abort: CancellationToken,
    outages: Outages,
}

async fn converse(stream: TcpStream, gate: Gate, ends: Ends) {
    let Ends { stop, abort, outages } = ends;
    let (mut closing, mut silent, mut moving) = (outages.clone(), outages.clone(), outages);
    let is_closing = |now| matches!(now, Outage::Refusing | Outage::Closing);
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set nodelay");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_mins(2))
        .serve_connection(TokioIo::new(stream), gate);
    let mut connection = std::pin::pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            () = closing.until(is_closing) => return,
            () = silent.until(|now| now == Outage::Silent) => {
                tokio::select! {
                    () = moving.until(|now| now != Outage::Silent) => {}
                    () = abort.cancelled() => return,
                    () = stop.cancelled() => return,
                }
            }
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = abort.cancelled() => return,
        }
    }
}

/// `BUCKET.localhost` names a bucket in the host; every other host means path style.
pub(super) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        Ok(match name.strip_suffix(".localhost") {
            Some(bucket) => VirtualHost::new("localhost").with_bucket(bucket.to_ascii_lowercase()),
            None => VirtualHost::new(host),
        })
    }
}
