//! The page of a listing that will most likely be asked for next: asked for while the one before it is shown.
//!
//! One at a time, of the latest listing. A page that nobody wants soon is dropped, since a folder may change; so is one
//! that could not be had: then it is asked for again, and that answer is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::sessions::Session;
use crate::model::{Location, ObjectPage, PageToken};
use crate::s3::{Grouping, S3Error};

/// Older pages are not shown.
const MOST_AGE: Duration = Duration::from_secs(30);
/// As many as S3 gives.
pub(super) const PAGE_KEYS: u16 = 1000;

/// Which page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) at: Location,
    pub(crate) grouping: Grouping,
    pub(crate) after: PageToken,
    /// Of the session: a connection that was changed may show something else.
    pub(crate) generation: u64,
}

#[derive(Debug)]
struct Ahead {
    wanted: Wanted,
    asked: Duration,
    page: AbortOnDropHandle<Result<ObjectPage, S3Error>>,
}

/// The page ahead; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageAhead(Arc<Mutex<Option<Ahead>>>);

impl PageAhead {
    /// Asks for a page, in place of another one that was asked for ahead.
    pub(crate) fn ask(&self, session: Arc<Session>, wanted: Wanted, now: Duration) {
        let Wanted { at, grouping, after, .. } = wanted.clone();
        let page = tokio::spawn(async move {
            session.store.list_objects(&at.bucket, at.prefix.as_str(), grouping, Some(&after), PAGE_KEYS).await
        });
        let ahead = Ahead { wanted, asked: now, page: AbortOnDropHandle::new(page) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
    }

    /// The page, once it is there, if it is this one that was asked for.
    pub(crate) async fn take(&self, wanted: &Wanted, now: Duration) -> Option<ObjectPage> {
        let ahead = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ahead = ahead.filter(|ahead| ahead.wanted == *wanted && now.saturating_sub(ahead.asked) < MOST_AGE)?;
        ahead.page.await.ok()?.ok()
    }
}
