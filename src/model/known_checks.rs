//! What strangers were answered, as far as it is kept: the checks of this run, the buckets of which they say that
//! something is open or closed, and the regions that they teach. It lives in [`AppModel`].

use std::collections::BTreeSet;

use super::{
    AppModel, BucketName, ConnectionId, LinkCheck, LinkKind, ObjectKey, ObjectRef, Region, Verdict, public_url,
    region_in_address,
};

/// Checks of links that are kept; when there are more, all are forgotten, since they hold for minutes only.
const MOST_CHECKS: usize = 20_000;

impl AppModel {
    /// Keeps these checks in place of older ones of the same objects.
    pub(super) fn keep_checks(&mut self, checks: &[LinkCheck]) {
        if self.checks.len() + checks.len() > MOST_CHECKS {
            self.forget_all_checks();
        }
        let mut changed = BTreeSet::new();
        // What a signed link does says nothing of strangers who have none.
        for check in checks.iter().filter(|check| check.kind == LinkKind::Public) {
            self.learn_region(check);
            let place = (check.object.connection.clone(), check.object.bucket.clone());
            let before = self.checks.insert(check.object.clone(), check.clone());
            let (is, was) = (Some(stance(&check.verdict)), before.map(|before| stance(&before.verdict)));
            match is {
                Some(Stance::Opens) => self.opened.insert(place.clone()),
                Some(Stance::Refuses) => self.closed.insert(place.clone()),
                _ => false,
            };
            if was.is_some() && was != is {
                changed.insert(place);
            }
        }
        for (connection, bucket) in changed {
            self.look_again(&connection, &bucket);
        }
    }

    /// Whether strangers can read in a bucket of the open connection, as the checks that are kept say; `None` where they
    /// say nothing.
    pub fn bucket_access(&self, bucket: &BucketName) -> Option<BucketAccess> {
        let place = (self.open.as_ref()?.id.clone(), bucket.clone());
        if self.opened.contains(&place) {
            return Some(BucketAccess::HasPublic);
        }
        self.closed.contains(&place).then_some(BucketAccess::OnlyPrivate)
    }

    /// To give reasons, the link was asked for once more.
    pub(super) fn explained(&mut self, check: &LinkCheck) {
        if self.checks.get(&check.object).is_none_or(|known| known.checked_at <= check.checked_at) {
            self.keep_checks(std::slice::from_ref(check));
        }
    }

    /// Forgets the check of one object.
    pub(super) fn forget_check(&mut self, object: &ObjectRef) {
        self.forget_checks(&object.connection, &object.bucket, |key| *key == object.key);
    }

    /// Forgets every check.
    pub(super) fn forget_all_checks(&mut self) {
        self.checks.clear();
        self.opened.clear();
        self.closed.clear();
    }

    /// Forgets the checks of these objects of a bucket.
    pub(super) fn forget_checks(
        &mut self,
        connection: &ConnectionId,
        bucket: &BucketName,
        is_gone: impl Fn(&ObjectKey) -> bool,
    ) {
        let is_there = |object: &ObjectRef| object.connection == *connection && object.bucket == *bucket;
        self.checks.retain(|object, _| !(is_there(object) && is_gone(&object.key)));
        self.look_again(connection, bucket);
    }

    /// A bucket has something open, or closed, for as long as a check says so.
    fn look_again(&mut self, connection: &ConnectionId, bucket: &BucketName) {
        let is_there = |object: &ObjectRef| object.connection == *connection && object.bucket == *bucket;
        let checks = self.checks.values().filter(|check| is_there(&check.object));
        let stances: Vec<Stance> = checks.map(|check| stance(&check.verdict)).collect();
        let place = (connection.clone(), bucket.clone());
        if !stances.contains(&Stance::Opens) {
            self.opened.remove(&place);
        }
        if !stances.contains(&Stance::Refuses) {
            self.closed.remove(&place);
        }
    }

    /// A check that was led to another region teaches where the bucket is, so that its links lead there from now on.
    fn learn_region(&mut self, check: &LinkCheck) {
        let ObjectRef { connection: id, bucket, key } = &check.object;
        let Some(connection) = self.known_connection(id) else { return };
        let is_asked = |region: Option<&Region>| public_url(connection, bucket, region, key).ok();
        if is_asked(self.region_of(id, bucket)).is_some_and(|url| url == check.address) {
            return;
        }
        let Some(region) = region_in_address(&check.address) else { return };
        // Only what is an address of ours but for the region.
        if is_asked(Some(&region)).is_some_and(|url| url == check.address) {
            self.regions.insert((id.clone(), bucket.clone()), region);
        }
    }
}

/// Whether strangers can read in a bucket, as far as links into it were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketAccess {
    /// At least one link opened for anyone.
    HasPublic,
    /// None did, and at least one was refused.
    OnlyPrivate,
}

/// What a verdict says of the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stance {
    Opens,
    Refuses,
    SaysNothing,
}

fn stance(verdict: &Verdict) -> Stance {
    match verdict {
        Verdict::Public => Stance::Opens,
        Verdict::Private(_) => Stance::Refuses,
        _ => Stance::SaysNothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CheckProgress, Connection, Event, Failure, FailureKind, Location, Prefix, RequestId, Service, Target,
    };

    fn check_at(address: &str) -> LinkCheck {
        LinkCheck {
            object: ObjectRef {
                connection: ConnectionId::new("studio"),
                bucket: BucketName::new("weandb").unwrap(),
                key: ObjectKey::new("a"),
            },
            kind: LinkKind::Public,
            verdict: Verdict::Public,
            status: Some(200),
            address: address.to_owned(),
            checked_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn amazon() -> Connection {
        Connection {
            name: "Studio".to_owned(),
            region: Region::new("us-east-1").unwrap(),
            ..Connection::plain(ConnectionId::new("studio"), Service::AmazonS3)
        }
    }

    fn checked(model: &mut AppModel, request: RequestId, address: &str) {
        let (progress, end) = (CheckProgress::default(), Some(Ok(())));
        model.apply(&Event::LinksChecked { request, checks: vec![check_at(address)], progress, end });
    }

    #[test]
    fn a_check_that_was_led_to_another_region_teaches_it_and_a_tried_address_nothing() {
        let mut model = AppModel { connections: vec![amazon()], ..AppModel::default() };
        let bucket = BucketName::new("weandb").unwrap();
        let trying = RequestId::next();
        model.note_trying(trying);
        checked(&mut model, trying, "https://cdn.example.com/a");
        assert!(model.checks.is_empty() && model.trying.is_empty());
        for elsewhere in ["https://cdn.example.com/a", "https://other.s3.eu-west-1.amazonaws.com/a"] {
            checked(&mut model, RequestId::next(), elsewhere);
            assert_eq!(model.region_of(&amazon().id, &bucket), None, "{elsewhere}");
        }
        checked(&mut model, RequestId::next(), "https://weandb.s3.eu-west-1.amazonaws.com/a");
        assert_eq!(model.region_of(&amazon().id, &bucket).map(Region::as_str), Some("eu-west-1"));
        assert_eq!(model.checks.len(), 1);
        let saved = Ok(Box::new(amazon()));
        model.apply(&Event::ConnectionSaved { request: RequestId::next(), result: saved });
        assert!(model.checks.is_empty(), "its links may lead elsewhere now");
    }

    #[test]
    fn a_bucket_has_something_open_for_as_long_as_a_check_says_so() {
        let studio = amazon().id;
        let bucket = BucketName::new("weandb").unwrap();
        let place = (studio.clone(), bucket.clone());
        let told = |model: &mut AppModel, key: &str, verdict: Verdict| {
            let mut check = check_at("https://weandb.s3.us-east-1.amazonaws.com/x");
            (check.object.key, check.verdict) = (ObjectKey::new(key), verdict);
            let (progress, end) = (CheckProgress::default(), Some(Ok(())));
            model.apply(&Event::LinksChecked { request: RequestId::next(), checks: vec![check], progress, end });
        };
        let deleted = |model: &mut AppModel, targets: Vec<Target>, failed: &[&str], end| {
            let request = RequestId::next();
            model.note_deleting(request, targets);
            let stayed = |key: &&str| (ObjectKey::new(*key), Failure::new(FailureKind::AccessDenied));
            let failed = failed.iter().map(stayed).collect();
            let at = Box::new(Location { connection: studio.clone(), bucket: bucket.clone(), prefix: Prefix::root() });
            model.apply(&Event::ObjectsDeleted { request, at, deleted: 1, came: 0, failed, end: Some(end) });
        };
        let mut model = AppModel { connections: vec![amazon()], ..AppModel::default() };
        told(&mut model, "a", Verdict::Public);
        told(&mut model, "d/b", Verdict::Public);
        told(&mut model, "a", Verdict::NoSuchHost);
        assert!(model.opened.contains(&place), "the other one is open still");
        let folder = || vec![Target::Folder(Prefix::new("d"))];
        deleted(&mut model, folder(), &[], Err(Box::new(Failure::new(FailureKind::Offline))));
        deleted(&mut model, folder(), &["d/b"], Ok(()));
        deleted(&mut model, vec![Target::Object(ObjectKey::new("d"))], &[], Ok(()));
        assert!(model.opened.contains(&place) && model.checks.len() == 2, "it may be there still");
        deleted(&mut model, folder(), &[], Ok(()));
        assert!(!model.opened.contains(&place) && model.checks.len() == 1);
        told(&mut model, "a", Verdict::Public);
        assert!(model.opened.contains(&place));
        deleted(&mut model, vec![Target::Object(ObjectKey::new("a"))], &[], Ok(()));
        assert!(model.opened.is_empty() && model.checks.is_empty());
        told(&mut model, "a", Verdict::Public);
        model.apply(&Event::ConnectionDeleted { request: RequestId::next(), id: studio.clone(), result: Ok(()) });
        assert!(model.opened.is_empty(), "nothing is known of it any more");
    }

    #[test]
    fn a_bucket_is_called_private_only_where_strangers_were_refused_and_nothing_opened() {
        use crate::model::PrivateBecause::Unexplained;
        let bucket = BucketName::new("weandb").unwrap();
        let mut model = AppModel { connections: vec![amazon()], ..AppModel::default() };
        model.note_opening(amazon().id, RequestId::next());
        let told = |model: &mut AppModel, key: &str, verdict: Verdict| {
            let mut check = check_at("https://weandb.s3.us-east-1.amazonaws.com/x");
            (check.object.key, check.verdict) = (ObjectKey::new(key), verdict);
            model.keep_checks(&[check]);
            model.bucket_access(&bucket)
        };
        assert_eq!(model.bucket_access(&bucket), None);
        assert_eq!(told(&mut model, "a", Verdict::NoSuchHost), None, "no answer is not called private");
        assert_eq!(told(&mut model, "a", Verdict::Private(Unexplained)), Some(BucketAccess::OnlyPrivate));
        assert_eq!(told(&mut model, "b", Verdict::Public), Some(BucketAccess::HasPublic));
        assert_eq!(told(&mut model, "b", Verdict::Private(Unexplained)), Some(BucketAccess::OnlyPrivate));
        assert_eq!(told(&mut model, "b", Verdict::Public), Some(BucketAccess::HasPublic));
        assert_eq!(told(&mut model, "a", Verdict::NoSuchHost), Some(BucketAccess::HasPublic));
        let object = ObjectRef { connection: amazon().id, bucket: bucket.clone(), key: ObjectKey::new("b") };
        model.apply(&Event::LinkOutdated(Box::new(object)));
        assert_eq!((model.bucket_access(&bucket), model.closed.len()), (None, 0), "nobody knows any more");
    }

    #[test]
    fn nothing_is_kept_of_an_object_that_was_replaced_or_may_be_open_to_others_now() {
        let mut model = AppModel { connections: vec![amazon()], ..AppModel::default() };
        let address = "https://weandb.s3.us-east-1.amazonaws.com/a";
        let object = check_at(address).object;
        checked(&mut model, RequestId::next(), address);
        let other = ObjectRef { key: ObjectKey::new("b"), ..object.clone() };
        model.apply(&Event::LinkOutdated(Box::new(other)));
        assert_eq!((model.checks.len(), model.opened.len()), (1, 1));
        model.apply(&Event::LinkOutdated(Box::new(object)));
        assert!(model.checks.is_empty() && model.opened.is_empty());
        checked(&mut model, RequestId::next(), address);
        let failed = Err(Box::new(Failure::new(FailureKind::Offline)));
        model.apply(&Event::SharingApplied { request: RequestId::next(), result: failed });
        assert!(model.checks.is_empty() && model.opened.is_empty(), "nobody knows how far it came");
    }
}
