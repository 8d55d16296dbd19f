//! A line between a client and a server that does what real lines do: delays, trickles, cuts, resets, stalls, turns
//! bits over, forgets idle connections. It is told what to do while it runs.
//!
//! Use it from a test binary by `#[path = "../line/mod.rs"] mod line;`. [`Line::start`] is called inside a tokio runtime; a line listens
//! on the loopback interface only, and ends when it is dropped. Signed requests pass: the host they are signed for is
//! the line's own, and the embedded storage goes by what the request says.

mod pump;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use pump::Pump;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// How a connection ends or hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// An RST to both ends: what they had not read is lost.
    Reset,
    /// A FIN to both ends.
    Close,
    /// Nothing moves any more in either direction, for ever; the client's window closes.
    Stall,
    /// The server's answer turns into bytes that are no HTTP, then a FIN.
    Garbage,
}

/// One thing that happens to a connection, when so many bytes have passed in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accident {
    pub(crate) way: Way,
    pub(crate) after_bytes: u64,
    pub(crate) cut: Cut,
}

/// How the line is. The default is a good one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Added in each direction: 25 ms make a round trip of 50 ms.
    pub(crate) one_way: Duration,
    /// Per connection and direction.
    pub(crate) bytes_per_sec: Option<u64>,
    /// New connections get nowhere: accepted, never read.
    pub(crate) swallows: bool,
    /// Up, all connections together carry only what [`Line::allow`] lets through: a line by a clock that tests move, made
    /// by [`Line::start_thin`].
    pub(crate) metered: bool,
}

/// A connection that is open, and what can be done to it.
#[derive(Clone, Default)]
struct Open {
    killed: CancellationToken,
    forgotten: CancellationToken,
}

struct Shared {
    manner: watch::Sender<Manner>,
    accidents: Mutex<Vec<(u32, Accident)>>,
    flips: Mutex<Vec<(Way, u64)>>,
    connections: Mutex<Vec<Open>>,
    accepted: AtomicU64,
    most_open: AtomicU64,
    up_bytes: AtomicU64,
    /// What a metered line may still carry up.
    allowed_bytes: watch::Sender<u64>,
    first_bytes: Mutex<Vec<u8>>,
    moved: Notify,
}

/// A running line.
pub(crate) struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

impl Line {
    /// A good line from any free port of 127.0.0.1 to `server`.
    pub(crate) fn start(server: SocketAddr) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), server)
    }

    /// The same from a given address, e.g. `[::1]:0`.
    pub(crate) fn start_at(at: SocketAddr, server: SocketAddr) -> Self {
        // Small, so that a stall closes the client's window soon.
        Self::start_with_buffer(at, server, 64 * 1024)
    }

    /// A line that can be metered: it holds next to nothing itself. In a larger buffer, which the system empties as a
    /// whole, bytes leave the client in a few great leaps with standstills between, as on no real line.
    pub(crate) fn start_thin(server: SocketAddr) -> Self {
        Self::start_with_buffer("127.0.0.1:0".parse().unwrap(), server, 8 * 1024)
    }

    fn start_with_buffer(at: SocketAddr, server: SocketAddr, buffer_bytes: u32) -> Self {
        let socket = if at.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }.unwrap();
        socket.set_recv_buffer_size(buffer_bytes).unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(at).unwrap();
        Self::take_over(socket.listen(1024).unwrap(), server)
    }

    /// The same where somebody listens already: there is no moment at which the port is free for others.
    pub(crate) fn take_over(listener: TcpListener, server: SocketAddr) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            manner: watch::channel(Manner::default()).0,
            accidents: Mutex::default(),
            flips: Mutex::default(),
            connections: Mutex::default(),
            accepted: AtomicU64::new(0),
            most_open: AtomicU64::new(0),
            up_bytes: AtomicU64::new(0),
            allowed_bytes: watch::channel(0).0,
            first_bytes: Mutex::default(),
            moved: Notify::new(),
        });
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&shared))).abort_handle();
        Self { address, shared, accepting }
    }

    /// `http://ADDRESS`
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the line is like this, also for connections that are open.
    pub(crate) fn set_manner(&self, manner: Manner) {
        self.shared.manner.send_replace(manner);
    }

    /// From now on a metered line may carry so many bytes up; what was allowed before and not used is gone.
    pub(crate) fn allow(&self, bytes: u64) {
        self.shared.allowed_bytes.send_replace(bytes);
    }

    /// What it may still carry up.
    pub(crate) fn allowance(&self) -> u64 {
        *self.shared.allowed_bytes.borrow()
    }

    /// The next `connections` connections meet with this.
    pub(crate) fn plan(&self, connections: u32, accident: Accident) {
        self.shared.accidents.lock().unwrap().push((connections, accident));
    }

    /// Forgets what was planned for connections to come.
    pub(crate) fn heal(&self) {
        self.shared.accidents.lock().unwrap().clear();
    }

    /// The next connection has the lowest bit of this byte turned over.
    pub(crate) fn flip_bit(&self, way: Way, at_byte: u64) {
        self.shared.flips.lock().unwrap().push((way, at_byte));
    }

    /// Resets every connection that is open now.
    pub(crate) fn kill_all(&self) {
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            connection.killed.cancel();
        }
    }

    /// Forgets every connection that is open now, as routers do: open at both ends, dead in between.
    pub(crate) fn forget_all(&self) {
        for connection in &*self.shared.connections.lock().unwrap() {
            connection.forgotten.cancel();
        }
    }

    /// Connections accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// The most connections that were open at a time.
    pub(crate) fn most_open(&self) -> u64 {
        self.shared.most_open.load(Ordering::SeqCst)
    }

    /// Bytes taken from clients so far.
    pub(crate) fn up_bytes(&self) -> u64 {
        self.shared.up_bytes.load(Ordering::SeqCst)
    }

    /// The first 4 KiB that each connection took from its client, one behind the other.
    pub(crate) fn first_bytes(&self) -> Vec<u8> {
        self.shared.first_bytes.lock().unwrap().clone()
    }

    /// Waits until so many bytes have been taken from clients. There is no time limit: put one around it.
    pub(crate) async fn wait_for_up_bytes(&self, bytes: u64) {
        loop {
            let moved = self.shared.moved.notified();
            if self.up_bytes() >= bytes {
                return;
            }
            moved.await;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
        self.kill_all();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        let open = Open::default();
        let mut all = shared.connections.lock().unwrap();
        all.retain(|connection| !connection.killed.is_cancelled());
        all.push(open.clone());
        shared.most_open.fetch_max(all.len() as u64, Ordering::SeqCst);
        drop(all);
        tokio::spawn(carry(client, server, Arc::clone(&shared), open));
    }
}

/// The accidents and flips of the next connection.
fn fate(shared: &Shared) -> (Option<Accident>, Vec<(Way, u64)>) {
    let mut accidents = shared.accidents.lock().unwrap();
    let accident = accidents.first_mut().map(|(left, accident)| {
        *left = left.saturating_sub(1);
        *accident
    });
    accidents.retain(|(left, _)| *left > 0);
    (accident, std::mem::take(&mut *shared.flips.lock().unwrap()))
}

async fn carry(mut client: TcpStream, server: SocketAddr, shared: Arc<Shared>, open: Open) {
    let Open { killed: token, forgotten } = open;
    let (accident, flips) = fate(&shared);
    if shared.manner.borrow().swallows {
        token.cancelled().await;
        client.set_zero_linger().ok();
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).ok();
    }
    let pump = |way| Pump {
        way,
        accident: accident.filter(|accident| accident.way == way),
        flip_at: flips.iter().find(|(of, _)| *of == way).map(|(_, at)| *at),
        shared: Arc::clone(&shared),
    };
    let ended = {
        let ((client_in, client_out), (server_in, server_out)) = (client.split(), server.split());
        tokio::select! {
            ended = async { tokio::try_join!(pump(Way::Up).run(client_in, server_out),
                                             pump(Way::Down).run(server_in, client_out)) } => ended,
            () = token.cancelled() => Err(Cut::Reset),
            () = forgotten.cancelled() => Err(Cut::Stall),
        }
    };
    let Err(cut) = ended else {
        token.cancel();
        return;
    };
    end(cut, client, server, &token).await;
}

async fn end(cut: Cut, mut client: TcpStream, server: TcpStream, token: &CancellationToken) {
    match cut {
        Cut::Stall => token.cancelled().await,
        Cut::Reset => {}
        Cut::Close | Cut::Garbage => {
            if cut == Cut::Garbage {
                let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
                client.write_all(&noise).await.ok();
            }
            client.shutdown().await.ok();
            drop(server);
            // Closing with bytes unread would be a reset.
            let mut rest = tokio::io::sink();
            tokio::select! {
                _ = tokio::io::copy(&mut client, &mut rest) => {}
                () = token.cancelled() => {}
            }
            return;
        }
    }
    for stream in [client, server] {
        stream.set_zero_linger().ok();
    }
}
