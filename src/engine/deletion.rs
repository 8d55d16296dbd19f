//! Deleting objects: those of folders as they were counted and shown, and none that have come since.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::objects::{KEYS_AT_ONCE, PACE, Pages, boxed, stopped};
use super::tools::{Pace, Tools};
use crate::model::{Entry, Event, Failure, FailureKind, Location, ObjectKey, Prefix, RequestId, Target};
use crate::platform::{KeySpool, PlatformError};
use crate::s3::S3Store;

/// Failures told by name.
const MOST_FAILURES_TOLD: usize = 100;
/// Counts that wait for an answer at a time; older ones are forgotten.
const MOST_COUNTS: usize = 8;
/// Objects that came meanwhile are counted up to here.
const MOST_CAME: usize = 10_000;

/// The keys below folders that were counted, until the user has agreed or not. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Mutex<VecDeque<(RequestId, KeySpool)>>>);

impl Counts {
    /// Keeps what a count has found.
    pub(super) fn keep(&self, request: RequestId, keys: KeySpool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.push_back((request, keys));
        if counts.len() > MOST_COUNTS {
            counts.pop_front();
        }
    }

    /// Gives it back, once.
    pub(super) fn take(&self, request: RequestId) -> Option<KeySpool> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = counts.iter().position(|(known, _)| *known == request)?;
        counts.remove(at).map(|(_, keys)| keys)
    }
}

/// What is to be deleted.
#[derive(Debug)]
pub(crate) struct Deletable {
    /// The folder the targets are in.
    pub(crate) at: Location,
    /// What.
    pub(crate) targets: Vec<Target>,
    /// The count that was shown.
    pub(crate) counted: RequestId,
}

impl Tools {
    /// Deletes objects, and of folders what was counted. Stopped, the request under way may still take effect on the
    /// server; what is deleted stays so.
    pub(crate) async fn delete_objects(self, request: RequestId, what: Deletable, stop: CancellationToken) {
        let Deletable { at, targets, counted } = what;
        let keys = self.counts.take(counted);
        let mut deletion = Deletion { request, at, deleted: 0, came: 0, failed: Vec::new(), pace: None };
        let result = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            result = deletion.run(&self, targets, keys) => result,
        };
        deletion.tell(&self, Some(result));
    }
}

struct Deletion {
    request: RequestId,
    at: Location,
    deleted: u64,
    came: u64,
    failed: Vec<(ObjectKey, Failure)>,
    pace: Option<Pace>,
}

impl Deletion {
    async fn run(
        &mut self,
        tools: &Tools,
        targets: Vec<Target>,
        counted: Option<KeySpool>,
    ) -> Result<(), Box<Failure>> {
        let session = tools.sessions.get(&self.at.connection).await?;
        self.pace = Some(Pace::new(tools.clock.clone(), PACE));
        let mut single: Vec<ObjectKey> = Vec::new();
        let mut folders = Vec::new();
        for target in targets {
            match target {
                Target::Object(key) => single.push(key),
                Target::Folder(prefix) => folders.push(prefix),
            }
        }
        let counted = match counted {
            Some(keys) => keys,
            None if folders.is_empty() => KeySpool::new(tools.home.cache_dir()),
            None => return Err(Box::new(Failure::new(FailureKind::Internal).detail("the folders were not counted"))),
        };
        for keys in single.chunks(KEYS_AT_ONCE) {
            self.delete(tools, &session.store, keys).await?;
        }
        let mut reader = counted.read().map_err(told)?;
        loop {
            // A few hundred kilobytes of a file that was just written.
            let keys = tokio::task::block_in_place(|| reader.next_keys(KEYS_AT_ONCE)).map_err(told)?;
            if keys.is_empty() {
                break;
            }
            let keys: Vec<ObjectKey> = keys.into_iter().map(ObjectKey::new).collect();
            self.delete(tools, &session.store, &keys).await?;
        }
        drop(reader);
        self.look_for_others(&session.store, &folders, &counted).await;
        Ok(())
    }

    /// Counts what is still below the folders and was not meant to go. That it cannot be counted changes nothing of the
    /// deletion, which is through.
    async fn look_for_others(&mut self, store: &S3Store, folders: &[Prefix], counted: &KeySpool) {
        let others = async {
            let mut others = BTreeSet::new();
            for prefix in folders {
                let mut pages = Pages::new(store, &self.at.bucket, prefix.as_str());
                let mut held = 0;
                while let Some(page) = pages.next().await? {
                    others.extend(page.entries.into_iter().filter_map(|entry| match entry {
                        Entry::Object(object) => Some(object.key.as_str().to_owned()),
                        Entry::Prefix(_) => None,
                    }));
                    // Those that were counted and stayed take no room from the others.
                    if others.len() >= held + MOST_CAME {
                        others = without(others, counted)?;
                        held = others.len();
                    }
                    if held >= MOST_CAME {
                        return Ok(others);
                    }
                }
            }
            without(others, counted)
        };
        let counted: Result<_, Box<Failure>> = others.await;
        match counted {
            Ok(others) => self.came = others.len() as u64,
            Err(failure) => tracing::info!(kind = ?failure.kind, "what came during a deletion is not counted"),
        }
    }

    async fn delete(&mut self, tools: &Tools, store: &S3Store, keys: &[ObjectKey]) -> Result<(), Box<Failure>> {
        let stayed = store.delete_objects(&self.at.bucket, keys).await.map_err(boxed)?;
        tools.checks.forget_bucket(&self.at.connection, &self.at.bucket);
        self.deleted += (keys.len() - stayed.len().min(keys.len())) as u64;
        let room = MOST_FAILURES_TOLD.saturating_sub(self.failed.len());
        self.failed.extend(stayed.into_iter().take(room).map(|(key, error)| (key, error.to_failure())));
        if self.pace.as_mut().is_some_and(Pace::is_due) {
            self.tell(tools, None);
        }
        Ok(())
    }

    fn tell(&self, tools: &Tools, end: Option<Result<(), Box<Failure>>>) {
        tools.sink.send(Event::ObjectsDeleted {
            request: self.request,
            at: Box::new(self.at.clone()),
            deleted: self.deleted,
            came: self.came,
            failed: self.failed.clone(),
            end,
        });
    }
}

/// Those of `keys` that were not counted: what was, and is there, could not be deleted, or a listing is late.
fn without(mut keys: BTreeSet<String>, counted: &KeySpool) -> Result<BTreeSet<String>, Box<Failure>> {
    if keys.is_empty() {
        return Ok(keys);
    }
    tokio::task::block_in_place(|| {
        let mut reader = counted.read().map_err(told)?;
        loop {
            let some = reader.next_keys(KEYS_AT_ONCE).map_err(told)?;
            if some.is_empty() {
                return Ok(keys);
            }
            for key in some {
                keys.remove(&key);
            }
        }
    })
}

/// As people are told of it.
#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
#[expect(clippy::unnecessary_box_returns, reason = "results carry boxed failures")]
pub(super) fn told(error: PlatformError) -> Box<Failure> {
    Box::new(error.to_failure())
}
