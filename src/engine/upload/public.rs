//! Uploads that are to be public: by whichever way their bucket allows, found out once for each batch. What the
//! bucket refuses fails no upload; it is told once, with its reason. The same of any other access control list that
//! was chosen, where the bucket takes none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::file::{Halt, Upload};
use crate::engine::checking::WhyNotPublic;
use crate::model::policy::{PublicPrefix, may_be_open};
use crate::model::{
    AclUse, BatchId, BucketFacts, Connection, Event, Failure, FailureKind, ObjectRef, PolicyFact, PutOptions,
    UploadAccess, public_url,
};
use crate::s3::{Destination, S3Error, S3Store};

/// The list that lets anyone read.
const PUBLIC_READ: &str = "public-read";
/// The one that also buckets take that take no others
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>).
const OWNER_FULL_CONTROL: &str = "bucket-owner-full-control";

/// How what a batch uploads becomes public, or gets the list that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicWay {
    /// Each object by its own list, sent with it.
    Header,
    /// The policy opens it already.
    Policy,
    /// Not at all.
    Refused(Box<Failure>),
}

/// The ways of all batches under way. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublicWays(Arc<Mutex<BTreeMap<BatchId, Slot>>>);

#[derive(Debug, Default)]
struct Slot {
    /// As the bucket's settings say; whoever comes second waits for whoever asks.
    found: Arc<OnceCell<PublicWay>>,
    /// As a write was answered, which counts for more.
    refused: Option<Box<Failure>>,
    /// One of its objects was asked for, or what its bucket does with lists.
    is_checked: bool,
    is_told: bool,
}

impl PublicWays {
    fn with<T>(&self, batch: BatchId, work: impl FnOnce(&mut Slot) -> T) -> T {
        work(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(batch).or_default())
    }

    /// Forgets a batch that is through.
    pub(crate) fn forget(&self, batch: BatchId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&batch);
    }
}

impl Upload {
    /// Finds out how this upload becomes public, if that is wanted. A list that the user chose is sent and nothing is
    /// asked before; once the bucket has refused it, the batch goes on without.
    pub(super) async fn find_public_way(&mut self, store: &S3Store) -> Result<(), Halt> {
        let options = &self.job.spec.options;
        if options.acl.is_some() {
            let refused = self.context.shared.public.with(self.job.batch, |slot| slot.refused.clone());
            self.public = match refused {
                Some(failure) => Some(PublicWay::Refused(failure)),
                None => has_public_list(options).then_some(PublicWay::Header),
            };
            return Ok(());
        }
        if options.access != UploadAccess::Public {
            return Ok(());
        }
        let ways = self.context.shared.public.clone();
        let (found, refused) = ways.with(self.job.batch, |slot| (Arc::clone(&slot.found), slot.refused.clone()));
        let way = found
            .get_or_try_init(|| async {
                let facts = Box::pin(store.bucket_access(&self.job.spec.to.bucket)).await;
                // What was not answered because of a stop says nothing.
                if self.control.is_stopped() { Err(Halt::Stopped) } else { Ok(self.judge_bucket(store, &facts)) }
            })
            .await?;
        self.public = Some(match refused {
            Some(failure) => PublicWay::Refused(failure),
            // A name that the user gave may lie elsewhere in the bucket; the write itself finds out.
            None if *way == PublicWay::Policy && !self.key.as_str().starts_with(self.job.spec.to.prefix.as_str()) => {
                PublicWay::Header
            }
            None => way.clone(),
        });
        Ok(())
    }

    fn judge_bucket(&self, store: &S3Store, facts: &BucketFacts) -> PublicWay {
        let (to, connection) = (&self.job.spec.to, store.connection());
        let region = store.regions().get(&to.bucket).unwrap_or_else(|| connection.region.clone());
        way_of(facts, &PublicPrefix::in_bucket(connection, &to.bucket, &region, &to.prefix))
    }

    /// The options of the object's write: with the list that opens it, where that is the way.
    pub(super) fn put_options(&self) -> Arc<PutOptions> {
        let options = &self.job.spec.options;
        if options.acl.is_none() && self.public == Some(PublicWay::Header) {
            return Arc::new(PutOptions { acl: Some(PUBLIC_READ.to_owned()), ..(**options).clone() });
        }
        if options.acl.is_some() && matches!(self.public, Some(PublicWay::Refused(_))) {
            return Arc::new(without_list(options));
        }
        Arc::clone(options)
    }

    /// After a refused write: whether it may have been for the list that goes with it. Then it does not any more, and
    /// the write is to be made again, once.
    pub(super) fn leaves_list_out(&mut self, to: &mut Destination, error: &S3Error) -> bool {
        let may_be_the_list = if self.job.spec.options.acl.is_some() {
            // Of one that the user chose only a refusal that is surely about it: else the list may be meant to be needed.
            let names_it = || error.detail().to_ascii_lowercase().contains("x-amz-acl");
            error.kind() == FailureKind::AclNotSupported || error.kind() == FailureKind::Unsupported && names_it()
        } else {
            self.public == Some(PublicWay::Header)
                && matches!(
                    error.kind(),
                    FailureKind::AclNotSupported
                        | FailureKind::PublicAccessBlocked
                        | FailureKind::AccessDenied
                        | FailureKind::Unsupported
                )
        };
        if to.options.acl.is_none() || !may_be_the_list {
            return false;
        }
        let failure = error.to_failure();
        let failure = match failure.kind {
            // Without the list the write goes through, or this is not what is told.
            FailureKind::AccessDenied => failure.with("action", "s3:PutObjectAcl"),
            FailureKind::Unsupported => Failure { kind: FailureKind::AclNotSupported, ..failure },
            _ => failure,
        };
        tracing::info!(kind = ?failure.kind, "an access control list was refused; once more without one");
        self.public = Some(PublicWay::Refused(Box::new(failure)));
        to.options = Arc::new(without_list(&self.job.spec.options));
        true
    }

    /// The object was written by this run, with what was to go with it.
    pub(super) fn note_list_sent(&mut self, to: &Destination) {
        self.list_sent = to.options.acl.is_some();
    }

    /// The object is stored: makes sure that it is public if it was an earlier run that wrote it, asks for one object
    /// of each batch as a stranger would, and tells once for each batch what is not public, or has no list.
    pub(super) async fn settle_public(&mut self) {
        let Some(failure) = self.missed_list().await else { return };
        let is_refused = matches!(self.public, Some(PublicWay::Refused(_)));
        let is_first = self.context.shared.public.with(self.job.batch, |slot| {
            if is_refused {
                slot.refused.get_or_insert_with(|| failure.clone());
            }
            !std::mem::replace(&mut slot.is_told, true)
        });
        if !is_first {
            return;
        }
        let (batch, to) = (self.job.batch, &self.job.spec.to);
        let failure = failure.with("bucket", &to.bucket).with("prefix", &to.prefix);
        let chosen = self.job.spec.options.acl.as_deref();
        let is_to_open = !is_other_list(chosen);
        let because = if is_to_open { self.why_not_public().await } else { WhyNotPublic::Unknown };
        self.context.shared.sink.send(told_of(batch, chosen, failure, because));
    }

    /// Why the object is not public that was to be, or lies there without the list that was chosen; `None` if all is as
    /// was wanted.
    async fn missed_list(&mut self) -> Option<Box<Failure>> {
        let is_chosen = self.job.spec.options.acl.is_some();
        // One that the user chose went with the write of the earlier run, unless it was refused.
        if !is_chosen
            && self.public == Some(PublicWay::Header)
            && !self.list_sent
            && let Some(store) = self.store.clone()
            && let Err(error) = self.open_stored(&store).await
        {
            self.public = Some(PublicWay::Refused(Box::new(error.to_failure())));
        }
        match &self.public {
            Some(PublicWay::Refused(failure)) => Some(failure.clone()),
            // Some services take a list and do not heed it, and an account may block what its bucket does not.
            Some(PublicWay::Header | PublicWay::Policy) => {
                let stays_private = self.stays_private().await;
                stays_private.then(|| Box::new(Failure::new(FailureKind::StaysPrivate)))
            }
            None if is_chosen && !self.list_sent => {
                let has_no_lists = self.bucket_has_no_lists().await;
                has_no_lists.then(|| Box::new(Failure::new(FailureKind::AclNotSupported)))
            }
            None => None,
        }
    }

    /// Whether the bucket has refused the list of a write that an earlier run made. Asked once for each batch.
    async fn bucket_has_no_lists(&self) -> bool {
        let Some(store) = self.store.as_ref().filter(|_| self.is_first_to_check()) else { return false };
        let is_taken = self.job.spec.options.acl.as_deref() == Some(OWNER_FULL_CONTROL);
        !is_taken && Box::pin(store.bucket_access(&self.job.spec.to.bucket)).await.acl_use == Some(AclUse::Off)
    }

    /// Whether nobody has asked yet what became of the batch's lists, nor is to stop.
    fn is_first_to_check(&self) -> bool {
        !self.control.is_stopped()
            && self.context.shared.public.with(self.job.batch, |slot| !std::mem::replace(&mut slot.is_checked, true))
    }

    /// Whether a stranger is refused this object at the service's own address. Asked once for each batch.
    async fn stays_private(&self) -> bool {
        let Some(store) = self.store.as_ref().filter(|_| self.is_first_to_check()) else { return false };
        let bucket = &self.job.spec.to.bucket;
        let bare = Connection { link_domains: Vec::new(), ..store.connection().clone() };
        match public_url(&bare, bucket, store.regions().get(bucket).as_ref(), &self.key) {
            Ok(address) => self.context.shared.checks.refuses_strangers(address).await,
            Err(_no_address) => false,
        }
    }

    /// Which layers refuse strangers this object, for all of its batch.
    async fn why_not_public(&self) -> WhyNotPublic {
        let to = &self.job.spec.to;
        let object = ObjectRef { connection: to.connection.clone(), bucket: to.bucket.clone(), key: self.key.clone() };
        let shared = &self.context.shared;
        let found = self.control.unless_stopped(async {
            match shared.sessions.get(&object.connection).await {
                Ok(session) => shared.checks.why_not_public(session, object).await,
                Err(_told_by_others) => WhyNotPublic::Unknown,
            }
        });
        // Told to stop, nothing was found out either.
        found.await.unwrap_or(WhyNotPublic::Unknown)
    }

    async fn open_stored(&self, store: &S3Store) -> Result<(), S3Error> {
        let bucket = &self.job.spec.to.bucket;
        let acl = store.read_object_acl(bucket, &self.key, None).await?;
        if acl.opens() { Ok(()) } else { store.open_object(bucket, &self.key, &acl).await }
    }
}

/// What is told of a batch whose objects miss the list that opens them, or the one that was chosen.
fn told_of(batch: BatchId, chosen: Option<&str>, failure: Failure, because: WhyNotPublic) -> Event {
    let is_list_missed_only = is_other_list(chosen) || because == WhyNotPublic::Opens;
    match chosen {
        // Where a policy opens it all the same, it is public.
        Some(list) if is_list_missed_only && failure.kind == FailureKind::AclNotSupported => {
            let failure = Failure { kind: FailureKind::AclLeftOut, retryable: false, ..failure };
            Event::AclLeftOut { batch, failure: Box::new(failure.with("name", list)) }
        }
        _ => {
            let because = match because {
                WhyNotPublic::Layers(layers) => Some(layers),
                WhyNotPublic::Opens | WhyNotPublic::Unknown => None,
            };
            Event::PublicRefused { batch, failure: Box::new(failure), because }
        }
    }
}

/// Whether the user chose a list that lets strangers read.
fn has_public_list(options: &PutOptions) -> bool {
    options.acl.is_some() && !is_other_list(options.acl.as_deref())
}

/// Whether this is one that does not.
fn is_other_list(chosen: Option<&str>) -> bool {
    chosen.is_some_and(|list| !matches!(list, PUBLIC_READ | "public-read-write"))
}

fn without_list(options: &PutOptions) -> PutOptions {
    PutOptions { acl: None, ..options.clone() }
}

/// What is not known does not keep anybody from trying.
fn way_of(facts: &BucketFacts, prefix: &PublicPrefix) -> PublicWay {
    let switches = facts.switches.unwrap_or_default();
    let opens = match &facts.policy {
        PolicyFact::Text(policy) => may_be_open(&policy.to_string(), prefix),
        _ => false,
    };
    let refused = |kind| PublicWay::Refused(Box::new(Failure::new(kind)));
    if opens && !switches.restrict_public_buckets {
        PublicWay::Policy
    } else if switches.block_public_acls || switches.ignore_public_acls {
        refused(FailureKind::PublicAccessBlocked)
    } else if facts.acl_use == Some(AclUse::Off) {
        let kind = if opens { FailureKind::PublicAccessBlocked } else { FailureKind::AclNotSupported };
        refused(kind)
    } else {
        PublicWay::Header
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, Prefix, PublicAccessSwitches};

    #[test]
    fn only_where_it_opens_all_the_same_a_public_list_is_merely_left_out() {
        let of = |chosen: &str, because| {
            let failure = Failure::new(FailureKind::AclNotSupported);
            match told_of(BatchId::next(), Some(chosen), failure, because) {
                Event::AclLeftOut { .. } => "left out".to_owned(),
                Event::PublicRefused { because, .. } => format!("not public: {because:?}"),
                other => panic!("{other:?}"),
            }
        };
        for list in [PUBLIC_READ, "public-read-write"] {
            assert_eq!(of(list, WhyNotPublic::Opens), "left out");
            assert_eq!(of(list, WhyNotPublic::Unknown), "not public: None", "nothing was found out");
            assert_eq!(of(list, WhyNotPublic::Layers(Vec::new())), "not public: Some([])");
        }
        assert_eq!(of("authenticated-read", WhyNotPublic::Unknown), "left out");
    }

    #[test]
    fn the_way_is_the_one_that_the_bucket_allows() {
        let prefix = PublicPrefix {
            arn_start: "arn:aws:s3:::".to_owned(),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::new("a/"),
        };
        let policy = |resource: &str| {
            PolicyFact::Text(serde_json::json!({"Statement": {"Effect": "Allow", "Principal": "*",
                "Action": "s3:GetObject", "Resource": resource}}))
        };
        let way = |facts: BucketFacts| match way_of(&facts, &prefix) {
            PublicWay::Header => "header".to_owned(),
            PublicWay::Policy => "policy".to_owned(),
            PublicWay::Refused(failure) => failure.kind.code(),
        };
        let off = || BucketFacts { acl_use: Some(AclUse::Off), ..BucketFacts::default() };
        let switches = |blocks, restricts| PublicAccessSwitches {
            block_public_acls: blocks,
            restrict_public_buckets: restricts,
            ..PublicAccessSwitches::default()
        };
        assert_eq!(way(BucketFacts::default()), "header");
        assert_eq!(way(off()), "acl-not-supported");
        assert_eq!(way(BucketFacts { policy: policy("arn:aws:s3:::bucket/*"), ..off() }), "policy");
        assert_eq!(way(BucketFacts { policy: policy("arn:aws:s3:::bucket/a/b/*"), ..off() }), "acl-not-supported");
        let blocked = BucketFacts { switches: Some(switches(true, false)), ..BucketFacts::default() };
        assert_eq!(way(blocked.clone()), "public-access-blocked");
        assert_eq!(way(BucketFacts { policy: policy("*"), ..blocked }), "policy");
        let restricted = BucketFacts { switches: Some(switches(false, true)), policy: policy("*"), ..off() };
        assert_eq!(way(restricted.clone()), "public-access-blocked");
        assert_eq!(way(BucketFacts { acl_use: Some(AclUse::On), ..restricted }), "header");
    }
}
