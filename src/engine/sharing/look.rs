//! Looking whether a change was made whose answer was lost.

use super::objects::{Opened, still_open};
use super::refused;
use super::store::{Body, Record, Records};
use crate::engine::objects::boxed;
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::policy::{self, Closing};
use crate::model::{Event, Failure, FailureKind, RequestId, SharingId, SharingStands};

/// A change that nobody answered may take effect for so long.
const MAY_ARRIVE_FOR: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

impl Tools {
    /// Finds out whether a change stands. One that was not made is forgotten once it can arrive no more; until then, and
    /// where nobody answers, it stays written down, so that it can still be taken back.
    pub(crate) async fn look_at_sharing(self, request: RequestId, change: SharingId) {
        let _turn = self.sharing.0.turn.lock().await;
        let result = self.find_out(change).await;
        self.sink.send(Event::SharingFound { request, change, result });
    }

    async fn find_out(&self, id: SharingId) -> Result<SharingStands, Box<Failure>> {
        let record = self.sharing.with(move |records: &Records| records.find(id)).await?;
        let record = record.ok_or_else(|| Box::new(Failure::new(FailureKind::Internal).detail("no such change")))?;
        let session = self.sessions.get(&record.connection).await?;
        let stands = stands(&session, &record).await?;
        // Whatever was known of links may be wrong.
        self.checks.forget_bucket(&record.connection, &record.bucket);
        if stands {
            return Ok(SharingStands::Made(Box::new(record.to_change(id))));
        }
        // A request may still be on its way, and a change be seen late: what was tried just now stays in the list, where
        // taking it back does no harm.
        if self.clock.now().duration_since(record.made_at) >= MAY_ARRIVE_FOR {
            self.sharing.with(move |records: &Records| records.forget(id)).await?;
        }
        Ok(SharingStands::NotMade)
    }
}

/// Whether anything of a change is on the server.
async fn stands(session: &Session, record: &Record) -> Result<bool, Box<Failure>> {
    let (store, bucket) = (&session.store, &record.bucket);
    match &record.body {
        Body::Policy { statement, before, after, .. } => {
            let now = store.bucket_policy(bucket).await.map_err(boxed)?;
            match policy::close(now.as_deref(), statement, before.as_deref(), after) {
                Ok(Closing::AlreadyGone) => Ok(false),
                Ok(Closing::Put(_) | Closing::Delete) => Ok(true),
                Err(_problem) => {
                    Err(refused(FailureKind::PolicyUnreadable, bucket, "the policy cannot be looked into"))
                }
            }
        }
        Body::Acl { keys, versions } => {
            let objects = Opened::of(keys.clone(), versions.clone());
            still_open(store, bucket, objects).await.map_err(boxed)
        }
    }
}
