//! The side of the first one.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::protocol::{self, Answer, Lent, MAX_MESSAGE_BYTES, Message};
use super::transport::{Listener, Stream};
use super::{LentStorage, Request, transport};
use crate::platform::PlatformError;

/// Requests that may wait; more connections than this wait in the socket.
const WAITING_REQUESTS: usize = 16;
/// News that an asker has not read yet; room for many files that end at once.
const UNREAD_NEWS: usize = 1 << 18;
/// The same in bytes: one that has stopped to read must not fill the memory of the one that tells.
const UNREAD_BYTES: usize = 64 * 1024 * 1024;
/// So many of them leave in one go.
const MOST_AT_ONCE: usize = 256;
/// What is not taken by then is refused: the asker waits.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);
/// One question with its answer takes no longer.
const SERVED_WITHIN: Duration = Duration::from_secs(8);
/// Pause after a failed accept, for example when no file handle is left.
const PAUSE_AFTER_FAULT: Duration = Duration::from_millis(200);

/// Holds the lock and hears what later starts want. Dropped, it lets go of lock and socket.
#[derive(Debug)]
pub struct InstanceServer {
    state: State,
    socket: Option<PathBuf>,
    /// Kept open, and so locked, until the socket is gone.
    _lock: File,
}

#[derive(Debug)]
enum State {
    /// Bound; begins to listen with the first [`InstanceServer::accept`].
    Bound(Option<Listener>),
    Listening {
        requests: mpsc::Receiver<Heard>,
        task: JoinHandle<()>,
    },
    /// There is no socket here that is short enough for the system: later starts go unheard.
    Deaf,
}

/// A request, and what tells the asker that it was taken.
#[derive(Debug)]
struct Heard {
    request: Request,
    taken: Option<oneshot::Sender<()>>,
}

/// The way back for [`Request::LendLocalStorage`]. Dropped, it says that there is nothing to lend.
#[derive(Debug)]
pub struct LendReply(oneshot::Sender<Option<LentStorage>>);

/// The way back for [`Request::Upload`] and [`Request::Resume`]. Dropped, it says that the request was not taken.
#[derive(Debug)]
pub struct TakenReply {
    reply: oneshot::Sender<Following>,
    hearing: Hearing,
}

/// Whether an asker wants to hear how that fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    Wanted,
    NotWanted,
}

/// What an asker hears after it was told that its upload is taken; `None` if it wants to hear nothing.
type Following = Option<Untold>;

/// News on their way to an asker.
#[derive(Debug)]
struct Untold {
    news: mpsc::Receiver<String>,
    /// Of what was told and has not left yet.
    bytes: Arc<AtomicUsize>,
}

impl TakenReply {
    /// Says that it was taken. Gives the way to tell how it fares, on which nothing arrives if that is not wanted;
    /// `None` if the asker has left: it has been told nothing, and may see to it itself.
    #[must_use]
    pub fn taken(self) -> Option<Teller> {
        let (teller, untold) = way();
        let following = (self.hearing == Hearing::Wanted).then_some(untold);
        self.reply.send(following).is_ok().then_some(teller)
    }
}

/// Tells an asker how its upload fares. Dropped, it says that all is told.
#[derive(Debug)]
pub struct Teller {
    news: mpsc::Sender<String>,
    unread_bytes: Arc<AtomicUsize>,
}

fn way() -> (Teller, Untold) {
    let (sender, news) = mpsc::channel(UNREAD_NEWS);
    let bytes = Arc::new(AtomicUsize::new(0));
    (Teller { news: sender, unread_bytes: Arc::clone(&bytes) }, Untold { news, bytes })
}

impl Teller {
    /// One whose news nobody passes on: the receiver is what an asker would hear.
    #[cfg(test)]
    pub(crate) fn for_test() -> (Self, mpsc::Receiver<String>) {
        let (teller, untold) = way();
        (teller, untold.news)
    }

    /// Tells something, in the engine's words; never waits. `false` if nobody listens any more, or reads so slowly that
    /// too much has piled up: then there is no use in telling more.
    #[must_use]
    pub fn tell(&self, news: String) -> bool {
        let length = news.len();
        let unread = self.unread_bytes.fetch_add(length, Ordering::Relaxed);
        unread.saturating_add(length) <= UNREAD_BYTES && self.news.try_send(news).is_ok()
    }

    /// Whether somebody listens.
    pub fn is_heard(&self) -> bool {
        !self.news.is_closed()
    }
}

impl LendReply {
    /// Lends the storage, or says that there is none. An asker that has left is no error.
    pub fn send(self, storage: Option<LentStorage>) {
        self.0.send(storage).ok();
    }
}

impl InstanceServer {
    pub(super) fn bind(lock: File, socket: Option<PathBuf>) -> Result<Self, PlatformError> {
        let state = if let Some(path) = &socket {
            let listener = Listener::bind(path)
                .map_err(|source| PlatformError::InstanceUnusable { path: path.clone(), source })?;
            State::Bound(Some(listener))
        } else {
            tracing::warn!("the data folder's path is too long for a socket: later starts go unheard");
            State::Deaf
        };
        Ok(Self { state, socket, _lock: lock })
    }

    /// The next request; never ends by itself. Needs a tokio runtime with I/O and time, always the same one.
    /// Cancel safe: a request is either returned or waits for the next call.
    pub async fn accept(&mut self) -> Request {
        if let State::Bound(listener) = &mut self.state
            && let Some(listener) = listener.take()
        {
            let (sender, requests) = mpsc::channel(WAITING_REQUESTS);
            self.state = State::Listening { requests, task: tokio::spawn(listen(listener, sender)) };
        }
        if let State::Listening { requests, .. } = &mut self.state
            && let Some(Heard { request, taken }) = requests.recv().await
        {
            if let Some(taken) = taken {
                // An asker that has left has been told that this one is silent; its files are taken all the same.
                taken.send(()).ok();
            }
            return request;
        }
        std::future::pending().await
    }
}

impl Drop for InstanceServer {
    fn drop(&mut self) {
        if let State::Listening { task, .. } = &self.state {
            task.abort();
        }
        // While the lock is still held: afterwards a socket of this name may be another process's.
        if let Some(path) = &self.socket {
            transport::remove(path);
        }
    }
}

async fn listen(mut listener: Listener, requests: mpsc::Sender<Heard>) {
    loop {
        match listener.next().await {
            Ok(stream) => {
                let requests = requests.clone();
                // Each on its own: one that says nothing must not hold up the others.
                tokio::spawn(async move {
                    let followed = match tokio::time::timeout(SERVED_WITHIN, serve(stream, requests)).await {
                        Ok(Ok(Some((stream, news)))) => follow(stream, news).await,
                        Ok(Ok(None)) => Ok(()),
                        Ok(Err(error)) => Err(error),
                        Err(elapsed) => Err(elapsed.into()),
                    };
                    if let Err(error) = followed {
                        tracing::debug!(%error, "a later start has left or took too long");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the socket for later starts fails");
                tokio::time::sleep(PAUSE_AFTER_FAULT).await;
            }
        }
    }
}

/// Reads one question and answers it. What the asker hears from then on, if anything, is given back.
async fn serve(mut stream: Stream, requests: mpsc::Sender<Heard>) -> io::Result<Option<(Stream, Untold)>> {
    let length = stream.read_u32_le().await?;
    if length > MAX_MESSAGE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    (&mut stream).take(u64::from(length)).read_to_end(&mut text).await?;
    let (answer, following) = match serde_json::from_slice(&text) {
        Ok(Message::Upload { paths, job, follow }) => match absolute(&paths) {
            Some(paths) => {
                is_still_wanted(&mut stream).await?;
                offer(follow.into(), &requests, |reply| Request::Upload { paths, job, reply }).await
            }
            None => (Answer::NotUnderstood, None),
        },
        Ok(Message::Resume { follow }) => offer(follow.into(), &requests, Request::Resume).await,
        Ok(message) => (answer(message, &requests).await, None),
        Err(_unknown) => (Answer::NotUnderstood, None),
    };
    let frame = protocol::framed(&answer).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(&frame).await?;
    stream.flush().await?;
    if let Some(news) = following {
        return Ok(Some((stream, news)));
    }
    stream.shutdown().await?;
    Ok(None)
}

/// Passes on how an upload fares until all is told or the asker has left.
async fn follow(stream: Stream, mut untold: Untold) -> io::Result<()> {
    let (mut asker, mut stream) = tokio::io::split(stream);
    let mut nothing = [0; 1];
    let (mut told, mut frames) = (Vec::new(), Vec::new());
    loop {
        let count = tokio::select! {
            count = untold.news.recv_many(&mut told, MOST_AT_ONCE) => count,
            // It says nothing more: what can be read is its end.
            _left = asker.read(&mut nothing) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        if count == 0 {
            return stream.shutdown().await;
        }
        // What came together leaves together: small files would be a write each else.
        frames.clear();
        let mut bytes = 0;
        for told in told.drain(..) {
            bytes += told.len();
            frames.extend_from_slice(&protocol::framed(&told).ok_or(io::ErrorKind::InvalidData)?);
        }
        stream.write_all(&frames).await?;
        stream.flush().await?;
        untold.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl From<bool> for Hearing {
    fn from(follow: bool) -> Self {
        if follow { Self::Wanted } else { Self::NotWanted }
    }
}

/// Fails if the asker has given up meanwhile, as it may have while this process was stopped or still starting: it does
/// itself then what it asked for.
async fn is_still_wanted(stream: &mut Stream) -> io::Result<()> {
    let frame = protocol::framed(&Answer::Ready).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(&frame).await?;
    stream.flush().await?;
    match stream.read_u8().await? {
        protocol::GO => Ok(()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Says "done" only once the request is taken, and "not" only if it never will be.
async fn offer(
    hearing: Hearing,
    requests: &mpsc::Sender<Heard>,
    request: impl FnOnce(TakenReply) -> Request,
) -> (Answer, Following) {
    let (reply, mut taken) = oneshot::channel();
    let request = request(TakenReply { reply, hearing });
    if requests.send(Heard { request, taken: None }).await.is_err() {
        return (Answer::NotUnderstood, None);
    }
    let following = match tokio::time::timeout(TAKEN_WITHIN, &mut taken).await {
        Ok(following) => following.ok(),
        Err(_elapsed) => {
            taken.close();
            taken.try_recv().ok()
        }
    };
    following.map_or((Answer::NotUnderstood, None), |following| (Answer::Done, following))
}

async fn answer(message: Message, requests: &mpsc::Sender<Heard>) -> Answer {
    match message {
        Message::Show => hand_in(Request::Show, requests).await,
        Message::OpenConnection { name } => hand_in(Request::OpenConnection(name), requests).await,
        Message::OpenFiles { paths } => match absolute(&paths) {
            Some(paths) => hand_in(Request::OpenFiles(paths), requests).await,
            None => Answer::NotUnderstood,
        },
        // [`offer`] answers them.
        Message::Upload { .. } | Message::Resume { .. } => Answer::NotUnderstood,
        Message::LendLocalStorage => {
            let (reply, storage) = oneshot::channel();
            let request = Request::LendLocalStorage(LendReply(reply));
            if requests.send(Heard { request, taken: None }).await.is_err() {
                return Answer::NothingToLend;
            }
            match storage.await {
                Ok(Some(storage)) => Answer::Lent(Lent::new(&storage)),
                Ok(None) | Err(_) => Answer::NothingToLend,
            }
        }
    }
}

/// Paths as they were sent; `None` if one is not whole: it would depend on the folder this process happens to run in.
fn absolute(paths: &[String]) -> Option<Vec<PathBuf>> {
    let paths = paths.iter().map(|text| protocol::path_from_text(text)).collect::<Option<Vec<_>>>()?;
    paths.iter().all(|path| path.is_absolute()).then_some(paths)
}

/// Says "done" only when the program has really taken the request.
async fn hand_in(request: Request, requests: &mpsc::Sender<Heard>) -> Answer {
    let (taken, was_taken) = oneshot::channel();
    let handed_in = requests.send(Heard { request, taken: Some(taken) }).await.is_ok();
    if handed_in && was_taken.await.is_ok() { Answer::Done } else { Answer::NotUnderstood }
}
