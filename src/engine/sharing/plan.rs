//! Working out what opening something would change, and what would keep strangers out all the same.

use super::about;
use crate::engine::objects::{Pages, boxed};
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::policy::{self, Opening, PublicPrefix};
use crate::model::{
    AclUse, BucketFacts, BucketName, ConnectionId, Event, Failure, FailureKind, Layer, OpenWhat, PaidBy, Prefix,
    RequestId, SharingPlan,
};
use crate::s3::S3Store;

/// Pages of 1,000 keys that are counted at most.
const MOST_PAGES: usize = 10;

impl Tools {
    /// Works out what opening something would change. Reads only.
    pub(crate) async fn plan_sharing(
        self,
        request: RequestId,
        connection: ConnectionId,
        bucket: BucketName,
        what: OpenWhat,
    ) {
        let result = match self.sessions.get(&connection).await {
            Ok(session) => plan(&session, connection, bucket, what).await.map(Box::new),
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::SharingPlanned { request, result });
    }
}

async fn plan(
    session: &Session,
    connection: ConnectionId,
    bucket: BucketName,
    what: OpenWhat,
) -> Result<SharingPlan, Box<Failure>> {
    let store = &session.store;
    let wanted = match &what {
        OpenWhat::Prefix(prefix) => Some(wanted(session, &bucket, prefix).await),
        OpenWhat::Objects(_) => None,
    };
    let facts = store.bucket_access(&bucket).await;
    let empty = SharingPlan {
        connection,
        bucket: bucket.clone(),
        what,
        policy_before: None,
        statement: None,
        policy_after: None,
        objects: 0,
        is_more: false,
        blocked_by: Vec::new(),
    };
    let Some(wanted) = wanted else {
        let objects = if let OpenWhat::Objects(keys) = &empty.what { keys.len() as u64 } else { 0 };
        return Ok(SharingPlan { objects, blocked_by: block_acls(&facts), ..empty });
    };
    let current = store.bucket_policy(&bucket).await.map_err(boxed)?;
    let opening = policy::open(current.as_deref(), &wanted).map_err(|problem| about(&bucket, &problem))?;
    let policy_before = current.as_deref().map(policy::indented);
    let (statement, policy_after) = match opening {
        Opening::Add(opened) => (Some(opened.statement), Some(opened.after)),
        Opening::AlreadyOpen => (None, policy_before.clone()),
    };
    let (objects, is_more) = count(store, &bucket, &wanted.prefix).await?;
    let mut blocked_by = block_policies(&facts);
    if current.as_deref().is_some_and(|policy| policy::denies_strangers(policy, &wanted)) {
        blocked_by.push(Layer::Policy);
    }
    Ok(SharingPlan { policy_before, statement, policy_after, objects, is_more, blocked_by, ..empty })
}

/// A prefix in the words of the bucket's policy, which names the partition that the bucket is in.
pub(super) async fn wanted(session: &Session, bucket: &BucketName, prefix: &Prefix) -> PublicPrefix {
    let region = session.regions().get(bucket).unwrap_or_else(|| session.connection().region.clone());
    PublicPrefix::in_bucket(session.connection(), bucket, &region, prefix)
}

/// What keeps strangers out in spite of a policy, or refuses the policy.
fn block_policies(facts: &BucketFacts) -> Vec<Layer> {
    let switches = facts.switches.unwrap_or_default();
    let mut layers = Vec::new();
    if switches.block_public_policy || switches.restrict_public_buckets {
        layers.push(Layer::PublicAccessBlock);
    }
    if facts.paid_by == Some(PaidBy::Reader) {
        layers.push(Layer::RequesterPays);
    }
    layers
}

/// The same for access control lists.
fn block_acls(facts: &BucketFacts) -> Vec<Layer> {
    let switches = facts.switches.unwrap_or_default();
    let mut layers = Vec::new();
    if switches.block_public_acls || switches.ignore_public_acls {
        layers.push(Layer::PublicAccessBlock);
    }
    if facts.acl_use == Some(AclUse::Off) {
        layers.push(Layer::Ownership);
    }
    if facts.paid_by == Some(PaidBy::Reader) {
        layers.push(Layer::RequesterPays);
    }
    layers
}

/// Objects below a prefix, as far as they are counted, and whether there are more. Keys that may not list know of
/// none, and that there may be any number; so there may be where a server does not give the rest of its list.
async fn count(store: &S3Store, bucket: &BucketName, prefix: &Prefix) -> Result<(u64, bool), Box<Failure>> {
    let mut pages = Pages::new(store, bucket, prefix.as_str());
    let mut objects = 0;
    for _page in 0..MOST_PAGES {
        match pages.next().await {
            Ok(Some(page)) => objects += page.entries.len() as u64,
            Ok(None) => return Ok((objects, false)),
            Err(failure) if matches!(failure.kind, FailureKind::AccessDenied | FailureKind::ListingCutShort) => {
                return Ok((objects, true));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok((objects, !pages.is_done()))
}
