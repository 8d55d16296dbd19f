//! The thread that talks to the store, one call after the other, so that no two prompts are open at once.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{KeychainError, SecretStore, lock};
use crate::model::Secret;

type Answer = Result<Option<Secret>, KeychainError>;
/// Answers to [`Action::Load`] that came after their caller had left, by account; each is used once.
type LateAnswers = Arc<Mutex<HashMap<String, Option<Secret>>>>;

/// One call to the store.
pub(super) struct Job {
    account: String,
    action: Action,
}

enum Action {
    /// Write the record, read it back, compare.
    Save(Secret),
    Load,
    Delete,
    /// Remove the record if it is still this one.
    TakeBack(Secret),
}

impl Job {
    pub(super) fn save(account: String, record: Secret) -> Self {
        Self { account, action: Action::Save(record) }
    }

    pub(super) fn load(account: String) -> Self {
        Self { account, action: Action::Load }
    }

    pub(super) fn delete(account: String) -> Self {
        Self { account, action: Action::Delete }
    }

    pub(super) fn take_back(account: String, record: Secret) -> Self {
        Self { account, action: Action::TakeBack(record) }
    }
}

struct Envelope {
    job: Job,
    /// `None` where nobody waits.
    reply: Option<oneshot::Sender<Answer>>,
}

/// The handle of the thread; the thread ends when the last handle is gone and its last call has come back.
pub(super) struct Worker {
    store: Arc<dyn SecretStore>,
    late: LateAnswers,
    jobs: OnceLock<Result<Sender<Envelope>, KeychainError>>,
}

impl Worker {
    pub(super) fn new(store: Arc<dyn SecretStore>) -> Self {
        Self { store, late: LateAnswers::default(), jobs: OnceLock::new() }
    }

    /// Hands a job over and waits for its answer, but not longer than `limit`.
    pub(super) async fn ask(&self, job: Job, limit: Duration) -> Answer {
        let late = lock(&self.late).remove(&job.account);
        if let (Action::Load, Some(record)) = (&job.action, late) {
            return Ok(record);
        }
        let (reply, answer) = oneshot::channel();
        self.send(Envelope { job, reply: Some(reply) })?;
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_closed)) => Err(stopped()),
            Err(_elapsed) => Err(KeychainError::Silent),
        }
    }

    /// Hands a job over; what becomes of it is only logged.
    pub(super) fn tell(&self, job: Job) {
        if let Err(error) = self.send(Envelope { job, reply: None }) {
            tracing::warn!(%error, "the keychain was not told");
        }
    }

    fn send(&self, envelope: Envelope) -> Result<(), KeychainError> {
        let jobs = self.jobs.get_or_init(|| self.start()).as_ref().map_err(Clone::clone)?;
        jobs.send(envelope).map_err(|_secret| stopped())
    }

    fn start(&self) -> Result<Sender<Envelope>, KeychainError> {
        let (jobs, inbox) = channel();
        let (store, late) = (Arc::clone(&self.store), Arc::clone(&self.late));
        std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || run(store.as_ref(), &late, &inbox))
            .map_err(|error| KeychainError::Failed { detail: format!("no thread for it: {error}") })?;
        Ok(jobs)
    }
}

fn stopped() -> KeychainError {
    KeychainError::Failed { detail: "its thread has ended".to_owned() }
}

fn run(store: &dyn SecretStore, late: &LateAnswers, inbox: &Receiver<Envelope>) {
    while let Ok(Envelope { job, reply }) = inbox.recv() {
        // Nobody waits any more: a prompt for it would come out of nowhere.
        if reply.as_ref().is_some_and(oneshot::Sender::is_closed) {
            continue;
        }
        let is_load = matches!(job.action, Action::Load);
        let answer = carry_out(store, &job);
        // What came late before this call is out of date after it.
        lock(late).remove(&job.account);
        let unheard = match reply {
            Some(reply) => reply.send(answer).err(),
            None => Some(answer),
        };
        match unheard {
            Some(Ok(record)) if is_load => {
                lock(late).insert(job.account, record);
            }
            Some(Err(error)) => tracing::warn!(%error, "the keychain answered after its caller had left"),
            Some(Ok(_)) | None => {}
        }
    }
}

fn carry_out(store: &dyn SecretStore, job: &Job) -> Answer {
    match &job.action {
        Action::Load => store.read(&job.account),
        Action::Delete => store.delete(&job.account).map(|()| None),
        Action::TakeBack(record) => match store.read(&job.account)? {
            Some(read) if read == *record => store.delete(&job.account).map(|()| None),
            Some(_) | None => Ok(None),
        },
        Action::Save(record) => {
            store.write(&job.account, record.expose())?;
            let detail = match store.read(&job.account)? {
                Some(read) if read == *record => return Ok(None),
                Some(_) => "it gave back something else than was written",
                None => "it took the record and does not have it",
            };
            Err(KeychainError::Failed { detail: detail.to_owned() })
        }
    }
}
