//! What a plan tells while requests come and go, and outages of the whole server.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::local_storage::operation::Asked;

/// What the whole server does to connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outage {
    /// There is none.
    #[default]
    None,
    /// Nobody listens on the port, and connections that were open are closed.
    Refusing,
    /// Connections are accepted and closed at once, also those that were open.
    Closing,
    /// Connections are accepted, nothing is read and nothing is answered; those that were open stand still.
    Silent,
}

/// A moment of a request, as the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireEvent {
    /// Counts the events of this plan, from 1.
    pub number: u64,
    /// S3 name of the operation.
    pub operation: &'static str,
    /// Bucket, where there is one.
    pub bucket: Option<String>,
    /// Key, where there is one.
    pub key: Option<String>,
    /// Part number, where there is one.
    pub part_number: Option<u32>,
    /// How often the same request had come, this one included.
    pub attempt: u32,
    /// What happens now.
    pub kind: EventKind,
}

/// The moments of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Its head is read; nothing is done yet.
    Arrived,
    /// The last byte of its body is read; not told of requests without a body, nor of those that break off.
    BodyRead,
    /// What was asked is done; the answer is about to leave.
    Answering,
}

impl WireEvent {
    pub(super) fn arrival(asked: &Asked, attempt: u32) -> Self {
        Self {
            number: 0,
            operation: asked.operation,
            bucket: asked.bucket.clone(),
            key: asked.key.clone(),
            part_number: asked.part_number,
            attempt,
            kind: EventKind::Arrived,
        }
    }
}

type Callback = Arc<dyn Fn(&WireEvent) + Send + Sync>;

/// Who listens.
#[derive(Default)]
pub(super) struct Ears {
    callback: Mutex<Option<Callback>>,
    count: Arc<AtomicU64>,
}

impl fmt::Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ears").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Ears {
    pub(super) fn set(&self, callback: Callback) {
        *self.callback.lock().unwrap_or_else(PoisonError::into_inner) = Some(callback);
    }

    pub(super) fn of(&self, event: WireEvent) -> RequestEvents {
        let callback = self.callback.lock().unwrap_or_else(PoisonError::into_inner).clone();
        RequestEvents {
            told: callback.map(|callback| Arc::new(Told { callback, count: Arc::clone(&self.count), event })),
        }
    }
}

/// The events of one request.
#[derive(Clone, Default)]
pub(in crate::local_storage) struct RequestEvents {
    told: Option<Arc<Told>>,
}

struct Told {
    callback: Callback,
    count: Arc<AtomicU64>,
    event: WireEvent,
}

impl fmt::Debug for RequestEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestEvents").finish_non_exhaustive()
    }
}

impl RequestEvents {
    pub(in crate::local_storage) fn tell(&self, kind: EventKind) {
        if let Some(told) = &self.told {
            let number = told.count.fetch_add(1, Ordering::SeqCst) + 1;
            (told.callback)(&WireEvent { number, kind, ..told.event.clone() });
        }
    }
}
