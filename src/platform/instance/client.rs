//! The side of a later start.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::protocol::{self, Answer, MAX_MESSAGE_BYTES, Message};
use super::{ANSWER_WITHIN, LentStorage, Place, transport};
use crate::platform::PlatformError;

/// What is told of an upload is read in so many bytes at a time: of small files there is a good deal at once.
const FOLLOWED_BYTES: usize = 64 * 1024;

/// How long the first one may take to say whether it has taken what it was told to take; it decides within two seconds.
const DECIDED_WITHIN: Duration = Duration::from_secs(5);

/// The way to the Bucketdrop that runs already. Calls block, but not longer than three seconds; then they fail with
/// [`PlatformError::InstanceSilent`], and whether the first one still does what it was asked is not known. Only an upload
/// is never done after that.
#[derive(Clone, Debug)]
pub struct InstanceClient {
    socket: Option<PathBuf>,
    lock: PathBuf,
}

impl InstanceClient {
    pub(super) fn new(place: Place) -> Self {
        Self { socket: place.socket, lock: place.lock }
    }

    /// Hands files over to be uploaded, and asks the window to come to the front. Relative paths are made absolute,
    /// since the first one runs in another folder.
    pub fn hand_over(&self, paths: &[PathBuf]) -> Result<(), PlatformError> {
        let paths = paths.iter().map(|path| {
            let path = std::path::absolute(path).unwrap_or_else(|_error| path.clone());
            protocol::path_to_text(&path)
        });
        self.expect_done(&Message::OpenFiles { paths: paths.collect() })
    }

    /// Hands an upload over: what, and where to and how in the engine's words. How it fares is heard from then on, on a
    /// thread of its own, until [`News::Over`]; nothing is heard if this fails. An end of this process ends only the
    /// hearing.
    ///
    /// Fails with [`PlatformError::InstanceConfused`] if the first one does not take it, with
    /// [`PlatformError::InstanceSilent`] if it does not answer, and never will take it then, and with
    /// [`PlatformError::InstanceUnclear`] if it may have taken it.
    pub fn upload(
        &self,
        paths: &[PathBuf],
        job: String,
        hear: impl FnMut(News) + Send + 'static,
    ) -> Result<(), PlatformError> {
        let paths = paths.iter().map(|path| protocol::path_to_text(path)).collect();
        self.ask_and_hear(&Message::Upload { paths, job, follow: true }, hear)
    }

    /// Asks the first one to go on with its queue. How that fares is heard as with [`InstanceClient::upload`]; one of an
    /// earlier version tells nothing.
    pub fn resume(&self, hear: impl FnMut(News) + Send + 'static) -> Result<(), PlatformError> {
        self.ask_and_hear(&Message::Resume { follow: true }, hear)
    }

    fn ask_and_hear(
        &self,
        question: &Message,
        mut hear: impl FnMut(News) + Send + 'static,
    ) -> Result<(), PlatformError> {
        let follow = move |stream: transport::Caller| {
            // Whatever ends it, nothing more will come.
            let wait = transport::wait_without_limit(&stream);
            let mut stream = io::BufReader::with_capacity(FOLLOWED_BYTES, stream);
            while wait.is_ok()
                && let Ok(frame) = read_frame(&mut stream)
                && let Ok(text) = serde_json::from_slice(&frame)
            {
                hear(News::Told(text));
            }
            hear(News::Over);
        };
        match self.ask(question, follow)? {
            Answer::Done => Ok(()),
            _ => Err(confused("not what was asked for")),
        }
    }

    /// Asks the window to open the connection of this name.
    pub fn open_connection(&self, name: &str) -> Result<(), PlatformError> {
        self.expect_done(&Message::OpenConnection { name: name.to_owned() })
    }

    /// Asks the window to come to the front.
    pub fn show(&self) -> Result<(), PlatformError> {
        self.expect_done(&Message::Show)
    }

    /// Borrows the first one's embedded storage; `None` if it has none running.
    pub fn borrow_local_storage(&self) -> Result<Option<LentStorage>, PlatformError> {
        match self.ask(&Message::LendLocalStorage, drop)? {
            Answer::Lent(lent) => {
                let storage = lent.to_storage().ok_or_else(|| confused("an address that is none"))?;
                crate::platform::logging::redact(&storage.credentials.secret_access_key);
                Ok(Some(storage))
            }
            Answer::NothingToLend => Ok(None),
            Answer::Done | Answer::Ready | Answer::NotUnderstood => Err(confused("not what was asked for")),
        }
    }

    fn expect_done(&self, message: &Message) -> Result<(), PlatformError> {
        match self.ask(message, drop)? {
            Answer::Done => Ok(()),
            _ => Err(confused("not what was asked for")),
        }
    }

    /// Asks from a thread of its own, since not every system can limit how long a pipe blocks. After a "done" that came
    /// in time, the thread goes on with `then`.
    fn ask(
        &self,
        message: &Message,
        then: impl FnOnce(transport::Caller) + Send + 'static,
    ) -> Result<Answer, PlatformError> {
        let Some(socket) = self.socket.clone() else {
            return Err(PlatformError::InstanceSilent { path: self.lock.clone() });
        };
        let silent = || PlatformError::InstanceSilent { path: socket.clone() };
        let frame = protocol::framed(message).ok_or_else(|| confused("the question was too long"))?;
        let (sender, receiver) = mpsc::channel();
        let path = socket.clone();
        let deadline = Instant::now() + ANSWER_WITHIN;
        let decided = Arc::new(AtomicBool::new(false));
        let goes = Arc::clone(&decided);
        std::thread::Builder::new()
            .name("instance-client".to_owned())
            .spawn(move || {
                let (answer, stream) = match exchange(&path, &frame, deadline, &goes) {
                    Ok((text, stream)) => (Ok(text), Some(stream)),
                    Err(error) => (Err(error), None),
                };
                let is_done = answer.as_ref().is_ok_and(|text| matches!(parsed(text), Some(Answer::Done)));
                // Nobody listens any more once the time is up.
                let is_heard = sender.send(answer).is_ok();
                if let Some(stream) = stream.filter(|_| is_done && is_heard) {
                    then(stream);
                }
            })
            .map_err(|source| PlatformError::InstanceUnusable { path: socket.clone(), source })?;
        let mut answered = receiver.recv_timeout(ANSWER_WITHIN);
        // From here on either the time is up or the thread may say "go", never both.
        let has_gone = decided.swap(true, Ordering::AcqRel);
        if has_gone && answered.is_err() {
            answered = receiver.recv_timeout(DECIDED_WITHIN);
        }
        match answered {
            Ok(Ok(text)) => parsed(&text).ok_or_else(|| confused("not in words known here")),
            Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(PlatformError::InstanceUnusable { path: socket, source: error })
            }
            Ok(Err(_)) | Err(_) if has_gone => Err(PlatformError::InstanceUnclear { path: socket }),
            Ok(Err(_)) | Err(_) => Err(silent()),
        }
    }
}

/// What is heard of an upload that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Something happened, in the engine's words.
    Told(String),
    /// Nothing more comes: all was told, or the first one has ended or lost this one.
    Over,
}

/// An answer; what is in it may be secret, so nothing is said of one that cannot be read.
fn parsed(text: &[u8]) -> Option<Answer> {
    serde_json::from_slice(text).ok()
}

fn confused(detail: &str) -> PlatformError {
    PlatformError::InstanceConfused { detail: detail.to_owned() }
}

/// Sends one question and reads one answer. The first one may have its lock but not yet its socket, so connecting is
/// tried until the deadline. Where it asks whether to go on, that is said unless `decided` is set already, and sets it.
fn exchange(
    socket: &Path,
    frame: &[u8],
    deadline: Instant,
    decided: &AtomicBool,
) -> io::Result<(Zeroizing<Vec<u8>>, transport::Caller)> {
    let mut stream = loop {
        match transport::connect(socket, deadline) {
            Ok(stream) => break stream,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_not_yet) => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    stream.write_all(frame)?;
    stream.flush()?;
    let mut text = read_frame(&mut stream)?;
    if matches!(parsed(&text), Some(Answer::Ready)) {
        transport::wait_without_limit(&stream)?;
        if decided.swap(true, Ordering::AcqRel) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.write_all(&[protocol::GO])?;
        stream.flush()?;
        text = read_frame(&mut stream)?;
    }
    Ok((text, stream))
}

fn read_frame(stream: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_MESSAGE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Zeroizing::new(Vec::new());
    let came = stream.take(u64::from(length)).read_to_end(&mut text)?;
    if u64::try_from(came).ok() == Some(u64::from(length)) {
        Ok(text)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
