//! Saving, testing, copying, deleting and opening connections.

use std::sync::Arc;

use super::draft;
use super::sessions::Session;
use super::tools::Tools;
use crate::model::{
    Bucket, Connection, ConnectionDraft, ConnectionId, CredentialSource, Credentials, Event, Failure, FailureKind,
    KeychainState, Notice, OpenTransfers, RequestId, SavedSecret, Secret, SecretPlace, Severity, TestLine, TestReport,
};
use crate::platform::KeychainError;
use crate::s3::{KeySource, RegionCache, S3Store, StoreParams};

/// A connection that is being saved, as far as its keys are concerned.
#[derive(Clone, Copy)]
struct KeyChange<'a> {
    draft: &'a ConnectionDraft,
    /// As it is to be.
    connection: &'a Connection,
    /// As it was, if it is known already.
    old: Option<&'a Connection>,
    /// The same where the change leads its transfers elsewhere.
    left: Option<&'a Connection>,
    place: SecretPlace,
}

/// What undoes a change of keys.
#[derive(Default)]
struct Written {
    /// The keys that were there before.
    replaced: Option<Credentials>,
    /// Whether the new ones are in memory beside those that the keychain keeps.
    only_in_memory: bool,
}

/// For a deletion the advice is another one.
fn deleting(failure: Failure) -> Failure {
    failure.with("deleting", "yes")
}

/// What was taken of a connection that is being deleted.
struct TakenSecret {
    /// The keys; `None` if there were none, or none that could be read.
    keys: Option<Credentials>,
    is_sure: Sure,
}

/// Whether a secret is known to be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sure {
    /// No keychain has it.
    Gone,
    /// There is no keychain here now. One that was here before may have it.
    PerhapsLeft,
}

impl Tools {
    /// Checks and keeps a draft. The secret goes first: a connection without its secret is never saved.
    pub(crate) async fn save_connection(
        self,
        request: RequestId,
        draft: Box<ConnectionDraft>,
        place: SecretPlace,
        open: OpenTransfers,
    ) {
        let result = self.save(&draft, place, open).await.map(Box::new).map_err(Box::new);
        if let Err(failure) = &result
            && failure.kind.is_of_keychain()
        {
            self.sink.send(Event::KeychainChanged(Box::new(KeychainState::Unavailable((**failure).clone()))));
        }
        self.sink.send(Event::ConnectionSaved { request, result });
    }

    async fn save(
        &self,
        draft: &ConnectionDraft,
        place: SecretPlace,
        open: OpenTransfers,
    ) -> Result<Connection, Failure> {
        let id = draft.id.clone().unwrap_or_else(new_id);
        let old = self.book.find(&id).ok();
        let place = Self::place(draft, old.as_ref(), place);
        let saved = saved_secret(old.as_ref());
        let connection = draft.check(id, place, saved).map_err(|problems| draft::to_failure(&problems))?;
        let left = old.as_ref().filter(|old| old.leads_elsewhere(&connection));
        if let Some(left) = left {
            self.settle_transfers(left, open).await?;
        }
        let change = KeyChange { draft, connection: &connection, old: old.as_ref(), left, place };
        let written = self.write_keys(&change).await?;
        self.keep(&change, written, open).await?;
        self.sessions.forget(&connection.id).await;
        Ok(connection)
    }

    /// Brings the keychain to what the connection is to be, and gives what undoes that.
    async fn write_keys(&self, change: &KeyChange<'_>) -> Result<Written, Failure> {
        let KeyChange { draft, connection, old, .. } = *change;
        if keeps_keys(draft, connection, old) {
            // A name or an address is no business of the keychain's, which may be away.
            return Ok(Written::default());
        }
        if let Some(credentials) = self.new_credentials(draft, connection).await? {
            return self.write_new_keys(change, &credentials).await;
        }
        if old.is_some_and(has_keys) && !has_keys(connection) {
            // The keys are not used any more; a keychain that does not answer keeps them for now.
            self.keychain.delete(&connection.id).await.ok();
        }
        Ok(Written::default())
    }

    async fn write_new_keys(&self, change: &KeyChange<'_>, credentials: &Credentials) -> Result<Written, Failure> {
        let (id, place) = (&change.connection.id, change.place);
        let is_in_memory = self.keychain.is_this_run_only(id);
        let may_be_refused = change.left.is_some_and(has_keys);
        let replaced = if may_be_refused && (place == SecretPlace::Keychain || is_in_memory) {
            // What cannot be read cannot be put back, and is no reason to refuse new keys.
            self.keychain.load(id).await.ok().flatten()
        } else {
            None
        };
        self.keychain.save(id, credentials, place).await.map_err(|error| error.to_failure())?;
        if place == SecretPlace::Keychain {
            self.sink.send(Event::KeychainChanged(Box::new(KeychainState::Ready)));
        }
        Ok(Written { replaced, only_in_memory: place == SecretPlace::ThisRunOnly && !is_in_memory })
    }

    /// Keeps the connection itself; where that is refused, the keys are as they were before.
    async fn keep(&self, change: &KeyChange<'_>, written: Written, open: OpenTransfers) -> Result<(), Failure> {
        // The keychain may have taken its time, and other processes hand files over whenever they like.
        let settled = match change.left {
            Some(left) => self.settle_transfers(left, open).await,
            None => Ok(()),
        };
        let kept = match settled {
            Ok(()) => self.book.keep_connection(change.connection.clone()).await,
            refused => refused,
        };
        if kept.is_err() {
            if written.only_in_memory {
                self.keychain.forget_this_run(&change.connection.id);
            }
            self.put_back(change.old, written.replaced).await;
        }
        kept
    }

    /// Keys that were written for a change that is not made after all: the connection's old ones take their place again.
    async fn put_back(&self, old: Option<&Connection>, replaced: Option<Credentials>) {
        let Some((old, replaced)) = old.zip(replaced) else { return };
        let place = match old.credentials {
            CredentialSource::ThisRunOnly { .. } => SecretPlace::ThisRunOnly,
            _ => SecretPlace::Keychain,
        };
        if let Err(error) = self.keychain.save(&old.id, &replaced, place).await {
            tracing::error!(%error, "the keys of a connection that stays as it was could not be put back");
            // What goes through the connection can go on until the program ends, and that it ends there is told.
            self.keychain.hold_this_run(&old.id, replaced);
            self.sink.notice_failure(error.to_failure());
        }
        // Whoever asked for the keys meanwhile got none, or the wrong ones.
        self.sessions.forget(&old.id).await;
    }

    /// A secret that is kept as it is also stays where it is.
    fn place(draft: &ConnectionDraft, old: Option<&Connection>, wanted: SecretPlace) -> SecretPlace {
        let keeps_secret = draft.secret_access_key.is_empty();
        match old.map(|old| &old.credentials) {
            Some(CredentialSource::ThisRunOnly { .. }) if keeps_secret => SecretPlace::ThisRunOnly,
            Some(CredentialSource::Keychain { .. }) if keeps_secret => SecretPlace::Keychain,
            _ => wanted,
        }
    }

    /// The keys to write; `None` if there are none or if they stay as they are. With an empty secret the saved one
    /// is taken, so that a changed access key id or session token is kept with it.
    async fn new_credentials(
        &self,
        draft: &ConnectionDraft,
        connection: &Connection,
    ) -> Result<Option<Credentials>, Failure> {
        let Some(access_key_id) = connection.access_key_id() else { return Ok(None) };
        let typed = draft.secret_access_key.expose().trim();
        let token = Some(draft.session_token.expose().trim()).filter(|token| !token.is_empty()).map(Secret::new);
        if !typed.is_empty() {
            let access_key_id = access_key_id.to_owned();
            return Ok(Some(Credentials {
                access_key_id,
                secret_access_key: Secret::new(typed),
                session_token: token,
            }));
        }
        let saved = self.keychain.load(&connection.id).await.map_err(|error| error.to_failure())?;
        let Some(saved) = saved else {
            return Err(draft::to_failure(&[crate::model::DraftProblem::Secret]));
        };
        if saved.access_key_id == access_key_id && token.is_none() {
            return Ok(None);
        }
        let session_token = token.or(saved.session_token);
        Ok(Some(Credentials { access_key_id: access_key_id.to_owned(), session_token, ..saved }))
    }

    /// Tries a draft; nothing is kept.
    pub(crate) async fn test_connection(self, request: RequestId, draft: Box<ConnectionDraft>) {
        let report = match self.test(&draft).await {
            Ok(report) => report,
            Err(failure) => TestReport { lines: vec![TestLine::Problem(failure)] },
        };
        self.sink.send(Event::ConnectionTested { request, report: Box::new(report) });
    }

    async fn test(&self, draft: &ConnectionDraft) -> Result<TestReport, Failure> {
        let id = draft.id.clone().unwrap_or_else(|| ConnectionId::new("draft"));
        let old = self.book.find(&id).ok();
        // A test needs no name yet.
        let mut draft = draft.clone();
        if draft.name.trim().is_empty() {
            "test".clone_into(&mut draft.name);
        }
        let place = Self::place(&draft, old.as_ref(), SecretPlace::Keychain);
        let connection =
            draft.check(id, place, saved_secret(old.as_ref())).map_err(|problems| draft::to_failure(&problems))?;
        let keys = match self.new_credentials(&draft, &connection).await? {
            Some(credentials) => KeySource::Static(credentials),
            None => self.sessions.keys(&connection).await?,
        };
        let scopes = connection.scopes.clone();
        let params = StoreParams { connection, keys, regions: RegionCache::new() };
        let store = S3Store::connect(params).await.map_err(|error| error.to_failure())?;
        Ok(store.probe(&scopes).await)
    }

    /// Copies a connection with its secret.
    pub(crate) async fn duplicate_connection(self, request: RequestId, id: ConnectionId, name: String) {
        let result = self.duplicate(&id, name).await.map(Box::new).map_err(Box::new);
        self.sink.send(Event::ConnectionSaved { request, result });
    }

    async fn duplicate(&self, id: &ConnectionId, name: String) -> Result<Connection, Failure> {
        let mut copy = self.book.find(id)?;
        if copy.id.is_local() {
            return Err(Failure::new(FailureKind::Unsupported));
        }
        let place = match copy.credentials {
            CredentialSource::ThisRunOnly { .. } => SecretPlace::ThisRunOnly,
            _ => SecretPlace::Keychain,
        };
        if let KeySource::Static(credentials) = self.sessions.keys(&copy).await? {
            copy.id = new_id();
            self.keychain.save(&copy.id, &credentials, place).await.map_err(|error| error.to_failure())?;
        } else {
            copy.id = new_id();
        }
        copy.name = name;
        self.book.keep_connection(copy.clone()).await?;
        Ok(copy)
    }

    /// Forgets a connection and its secret. The secret goes first: none is left behind without a connection. Its
    /// transfers go before, while what they have left on the server can still be removed; a keychain that does not answer
    /// leaves them as they are.
    pub(crate) async fn delete_connection(self, request: RequestId, id: ConnectionId, open: OpenTransfers) {
        let open = if open == OpenTransfers::Follow { OpenTransfers::Ask } else { open };
        let result = self.delete(&id, open).await.map_err(Box::new);
        self.sink.send(Event::ConnectionDeleted { request, id, result });
    }

    async fn delete(&self, id: &ConnectionId, open: OpenTransfers) -> Result<(), Failure> {
        let connection = self.book.find(id)?;
        if open == OpenTransfers::Cancel {
            // Nothing is cancelled for a deletion that the keychain will not let happen.
            self.read_secret(&connection).await.map_err(deleting)?;
        }
        self.settle_transfers(&connection, open).await?;
        let taken = self.take_secret(&connection).await.map_err(deleting)?;
        // The keychain may have taken its time, and other processes hand files over whenever they like. Of those nobody
        // has said that they may go.
        let removed = match self.settle_transfers(&connection, OpenTransfers::Ask).await {
            Ok(()) => self.book.remove_connection(id).await,
            refused => refused,
        };
        if let Err(failure) = removed {
            self.put_back(Some(&connection), taken.keys).await;
            return Err(failure);
        }
        self.sessions.forget(id).await;
        if taken.is_sure == Sure::PerhapsLeft {
            self.sink.notice(Notice::message(Severity::Warning, "notice-secret-perhaps-left"));
        }
        if id.is_local() {
            self.local.stop().await;
        }
        Ok(())
    }

    /// The keys in the keychain; `None` if there are none, only a record that says nothing, or no keychain.
    async fn read_secret(&self, connection: &Connection) -> Result<Option<Credentials>, Failure> {
        if !matches!(connection.credentials, CredentialSource::Keychain { .. }) {
            return Ok(None);
        }
        match self.keychain.load(&connection.id).await {
            Ok(kept) => Ok(kept),
            // A record that says nothing cannot be put back, and is no reason to keep a connection.
            Err(KeychainError::Unreadable { .. } | KeychainError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.to_failure()),
        }
    }

    /// Takes a connection's keys out of the keychain and out of memory. A keychain that is not there cannot be asked, now
    /// or later: that is no reason to keep a connection.
    async fn take_secret(&self, connection: &Connection) -> Result<TakenSecret, Failure> {
        let id = &connection.id;
        if !matches!(connection.credentials, CredentialSource::Keychain { .. }) {
            // Nothing but memory holds these.
            let held =
                if self.keychain.is_this_run_only(id) { self.keychain.load(id).await.ok().flatten() } else { None };
            self.keychain.delete(id).await.ok();
            return Ok(TakenSecret { keys: held, is_sure: Sure::Gone });
        }
        let keys = self.read_secret(connection).await?;
        match self.keychain.delete(id).await {
            Ok(()) => Ok(TakenSecret { keys, is_sure: Sure::Gone }),
            Err(KeychainError::Missing { .. }) => Ok(TakenSecret { keys, is_sure: Sure::PerhapsLeft }),
            Err(error) => Err(error.to_failure()),
        }
    }

    /// Gets the keys, then the buckets. A connection that may not list buckets is open all the same.
    pub(crate) async fn open_connection(self, request: RequestId, id: ConnectionId) {
        // Opening again is the user's way to try again: with keys read anew.
        self.sessions.forget(&id).await;
        let session = match self.sessions.get(&id).await {
            Ok(session) => session,
            Err(failure) => {
                if failure.kind.is_of_keychain() {
                    self.sessions.note_closed(&id, &failure);
                    let state = KeychainState::Unavailable((*failure).clone());
                    self.sink.send(Event::KeychainChanged(Box::new(state)));
                }
                self.sink.send(Event::ConnectionOpened { request, id, result: Err(failure) });
                return;
            }
        };
        let buckets = buckets(&session).await;
        let opened = match &buckets {
            Err(failure) if failure.kind != FailureKind::AccessDenied => Err(Box::new(failure.clone())),
            _ => Ok(Box::new(session.connection().clone())),
        };
        let result = buckets.map_err(Box::new);
        self.sink.send(Event::ConnectionOpened { request, id: id.clone(), result: opened });
        self.sink.send(Event::BucketsListed { request, connection: id, result });
    }

    /// Lists the buckets.
    pub(crate) async fn list_buckets(self, request: RequestId, connection: ConnectionId) {
        let result = match self.sessions.get(&connection).await {
            Ok(session) => buckets(&session).await.map_err(Box::new),
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::BucketsListed { request, connection, result });
    }

    /// Names of the profiles in `~/.aws`.
    pub(crate) async fn list_aws_profiles(self, request: RequestId) {
        let read = tokio::task::spawn_blocking(super::aws_profiles::read).await;
        let result = read.unwrap_or_else(|error| Err(Failure::new(FailureKind::Internal).detail(error)));
        self.sink.send(Event::AwsProfilesListed { request, result: result.map_err(Box::new) });
    }
}

/// The buckets a connection names, without asking; else those the server lists.
async fn buckets(session: &Arc<Session>) -> Result<Vec<Bucket>, Failure> {
    let scopes = &session.connection().scopes;
    if scopes.is_empty() {
        return session.store.list_buckets().await.map_err(|error| error.to_failure());
    }
    let mut buckets: Vec<Bucket> = Vec::new();
    for scope in scopes {
        if !buckets.iter().any(|known| known.name == scope.bucket) {
            let region = session.regions().get(&scope.bucket);
            buckets.push(Bucket { name: scope.bucket.clone(), created: None, region });
        }
    }
    Ok(buckets)
}

fn new_id() -> ConnectionId {
    ConnectionId::new(uuid::Uuid::new_v4().simple().to_string())
}

fn has_keys(connection: &Connection) -> bool {
    connection.access_key_id().is_some()
}

/// Whether the keys that the keychain has stay as they are.
fn keeps_keys(draft: &ConnectionDraft, connection: &Connection, old: Option<&Connection>) -> bool {
    let is_kept = |old: &Connection| matches!(old.credentials, CredentialSource::Keychain { .. });
    let types_nothing =
        draft.secret_access_key.expose().trim().is_empty() && draft.session_token.expose().trim().is_empty();
    let is_same_key = |old: &Connection| old.access_key_id() == connection.access_key_id();
    types_nothing && has_keys(connection) && old.is_some_and(|old| is_kept(old) && is_same_key(old))
}

fn saved_secret(old: Option<&Connection>) -> SavedSecret {
    if old.is_some_and(has_keys) { SavedSecret::Present } else { SavedSecret::Absent }
}
