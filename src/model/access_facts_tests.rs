//! What layers say, and what follows from them.

use super::*;
use serde_json::json;

fn wanted<'a>(bucket: &'a BucketName, key: &'a ObjectKey) -> WantedObject<'a> {
    WantedObject { bucket, key, transport: LinkTransport::Tls }
}

fn findings(bucket: &BucketFacts, object: ObjectFacts) -> Vec<LayerFinding> {
    let (name, key) = (BucketName::new("b").unwrap(), ObjectKey::new("a/k"));
    layers(bucket, &object, wanted(&name, &key))
}

fn open_policy() -> PolicyFact {
    PolicyFact::Text(json!({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"
    }}))
}

#[test]
fn what_may_not_be_read_is_unknown() {
    let found = findings(&BucketFacts::default(), ObjectFacts::default());
    assert_eq!(found.len(), 8);
    assert!(found.iter().all(|layer| layer.finding == Finding::Unknown));
    assert_eq!(why_private(&found), PrivateBecause::PrivateOrMissing);
}

#[test]
fn reasons_follow_from_the_layers() {
    use PrivateBecause as P;
    let all = PublicAccessSwitches {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
    let off = PublicAccessSwitches::default();
    let closed = ObjectFacts { acl: Some(AclGrant::DoesNotOpen), ..ObjectFacts::default() };
    let opened = ObjectFacts { acl: Some(AclGrant::Opens), ..ObjectFacts::default() };
    let bucket = |switches, acl_use, policy| BucketFacts {
        switches: Some(switches),
        acl_use: Some(acl_use),
        policy,
        ..BucketFacts::default()
    };
    let cases = [
        (bucket(all, AclUse::Off, PolicyFact::Absent), closed, P::PublicAccessBlocked),
        (bucket(off, AclUse::Off, PolicyFact::Absent), closed, P::NothingOpensIt),
        (bucket(off, AclUse::Off, PolicyFact::Absent), opened, P::NothingOpensIt),
        (bucket(off, AclUse::On, PolicyFact::Absent), closed, P::NothingOpensIt),
        (bucket(off, AclUse::On, PolicyFact::Absent), opened, P::PerhapsBlocked),
        (bucket(off, AclUse::Off, open_policy()), closed, P::PerhapsBlocked),
        (bucket(off, AclUse::On, PolicyFact::Unknown), closed, P::PrivateOrMissing),
        (
            bucket(PublicAccessSwitches { ignore_public_acls: true, ..off }, AclUse::On, PolicyFact::Absent),
            opened,
            P::PublicAccessBlocked,
        ),
        (
            bucket(off, AclUse::Off, open_policy()),
            ObjectFacts { encryption: Some(ObjectEncryption::Kms), ..closed },
            P::Encrypted,
        ),
        (
            BucketFacts { paid_by: Some(PaidBy::Reader), ..bucket(off, AclUse::Off, open_policy()) },
            closed,
            P::RequesterPays,
        ),
    ];
    for (bucket, object, expected) in cases {
        assert_eq!(why_private(&findings(&bucket, object)), expected, "{bucket:?} {object:?}");
    }
}

#[test]
fn a_list_that_was_not_read_is_not_always_one_that_keys_may_not_look_at() {
    let found = |acl| {
        let found = findings(&BucketFacts::default(), ObjectFacts { acl, ..ObjectFacts::default() });
        found.into_iter().find(|layer| layer.layer == Layer::ObjectAcl).unwrap().finding
    };
    assert_eq!(found(None), Finding::Unknown);
    assert_eq!(found(Some(AclGrant::NoAnswer)), Finding::NotAsked);
    assert_eq!(found(Some(AclGrant::NoLists)), Finding::NoLists);
    let bucket = BucketFacts { policy: PolicyFact::Absent, acl_use: Some(AclUse::On), ..BucketFacts::default() };
    let layers = findings(&bucket, ObjectFacts { acl: Some(AclGrant::NoLists), ..ObjectFacts::default() });
    assert_eq!(why_private(&layers), PrivateBecause::NothingOpensIt);
    let verdict = Verdict::Private(PrivateBecause::NothingOpensIt);
    let offered = ways(&verdict, &layers, &ObjectKey::new("k"), Signing::Possible);
    assert!(!offered.contains(&ShareWay::PublicObject), "there are none: {offered:?}");
}

#[test]
fn what_was_not_answered_is_not_what_keys_may_not_look_at() {
    let own = [Layer::Encryption, Layer::StorageClass, Layer::Version];
    let of = |object| -> Vec<(Layer, Finding)> {
        let found = findings(&BucketFacts::default(), object).into_iter().map(|found| (found.layer, found.finding));
        found.filter(|(layer, _)| own.contains(layer) || *layer == Layer::ObjectAcl).collect()
    };
    let silent = ObjectFacts { unread: Unread::NoAnswer, ..ObjectFacts::default() };
    let expected: Vec<_> = own.into_iter().map(|layer| (layer, Finding::NotAsked)).collect();
    assert_eq!(of(silent)[1..], expected, "a timeout is no refusal");
    // Of what is not there, the list is not there either.
    let missing = ObjectFacts { unread: Unread::Missing, acl: Some(AclGrant::NoAnswer), ..ObjectFacts::default() };
    for (newest, expected) in [
        (Some(NewestVersion::Nothing), vec![]),
        (Some(NewestVersion::DeleteMarker), vec![(Layer::Version, Finding::DeleteMarker)]),
        (Some(NewestVersion::NoAnswer), vec![(Layer::Version, Finding::NotAsked)]),
        (None, vec![(Layer::Version, Finding::Unknown)]),
    ] {
        assert_eq!(of(ObjectFacts { newest, ..missing }), expected);
    }
}

#[test]
fn what_another_account_owns_is_covered_by_no_policy() {
    use PrivateBecause as P;
    let on = BucketFacts {
        switches: Some(PublicAccessSwitches::default()),
        acl_use: Some(AclUse::On),
        policy: open_policy(),
        ..BucketFacts::default()
    };
    let closed = ObjectFacts { acl: Some(AclGrant::DoesNotOpen), ..ObjectFacts::default() };
    let of = |bucket: &BucketFacts, owner| why_private(&findings(bucket, ObjectFacts { owner, ..closed }));
    assert_eq!(of(&on, Some(ObjectOwner::Another)), P::OtherOwner);
    assert_eq!(of(&on, Some(ObjectOwner::Bucket)), P::PerhapsBlocked, "by the account");
    assert_eq!(of(&on, None), P::PrivateOrMissing, "it may be either");
    let off = BucketFacts { acl_use: Some(AclUse::Off), ..on.clone() };
    assert_eq!(of(&off, None), P::PerhapsBlocked, "the bucket's owner owns everything");
    let restricted = PublicAccessSwitches { restrict_public_buckets: true, ..PublicAccessSwitches::default() };
    let restricted = BucketFacts { switches: Some(restricted), ..on.clone() };
    assert_eq!(of(&restricted, Some(ObjectOwner::Another)), P::PublicAccessBlocked);
    let nothing_opens = BucketFacts { policy: PolicyFact::Absent, ..on.clone() };
    assert_eq!(of(&nothing_opens, Some(ObjectOwner::Another)), P::NothingOpensIt);

    let found = findings(&on, ObjectFacts { owner: Some(ObjectOwner::Another), ..closed });
    let verdict = Verdict::Private(P::OtherOwner);
    let offered = ways(&verdict, &found, &ObjectKey::new("k"), Signing::Possible);
    assert_eq!(offered, [ShareWay::TakeOver, ShareWay::ExpiringLink]);
    let first = decisive_first(found, &verdict)[0];
    assert_eq!((first.layer, first.finding), (Layer::Ownership, Finding::OwnedElsewhere));
}

#[test]
fn what_is_not_needed_keeps_nobody_out() {
    let open = PolicyFact::Text(json!({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"
    }}));
    let closed = ObjectFacts {
        acl: Some(AclGrant::DoesNotOpen),
        encryption: Some(ObjectEncryption::Kms),
        ..ObjectFacts::default()
    };
    let of = |bucket: &BucketFacts, object: ObjectFacts, verdict: &Verdict, finding: Finding| {
        let found = findings(bucket, object);
        let layer = *found.iter().find(|layer| layer.finding == finding).unwrap();
        bearing(layer, &found, verdict)
    };
    let encrypted = Verdict::Private(PrivateBecause::Encrypted);
    let off = BucketFacts { acl_use: Some(AclUse::Off), policy: open, ..BucketFacts::default() };
    assert_eq!(of(&off, closed, &encrypted, Finding::AclsOff), Bearing::Allows);
    assert_eq!(of(&off, closed, &encrypted, Finding::AclDoesNotOpen), Bearing::Allows);
    assert_eq!(of(&off, closed, &encrypted, Finding::Kms), Bearing::Refuses);
    assert_eq!(of(&off, closed, &Verdict::Public, Finding::Kms), Bearing::Allows, "it opens");
    let none = BucketFacts { policy: PolicyFact::Absent, ..off.clone() };
    let private = Verdict::Private(PrivateBecause::NothingOpensIt);
    assert_eq!(of(&none, closed, &private, Finding::AclsOff), Bearing::Refuses);
    assert_eq!(of(&none, closed, &private, Finding::NoPolicy), Bearing::Refuses);
    let listed = ObjectFacts { acl: Some(AclGrant::Opens), ..closed };
    assert_eq!(of(&none, listed, &private, Finding::NoPolicy), Bearing::Refuses, "lists are off");
    let on = BucketFacts { acl_use: Some(AclUse::On), ..none };
    assert_eq!(of(&on, listed, &encrypted, Finding::NoPolicy), Bearing::Allows);
    assert_eq!(of(&on, listed, &encrypted, Finding::Unknown), Bearing::Unknown);
}

#[test]
fn nothing_is_offered_that_is_blocked_or_does_not_exist() {
    let key = ObjectKey::new("a/k");
    let prefix = || ShareWay::PublicPrefix(key.parent());
    let nothing_opens = Verdict::Private(PrivateBecause::NothingOpensIt);
    let blocked = Verdict::Private(PrivateBecause::PerhapsBlocked);
    let (link, domain, list) = (ShareWay::ExpiringLink, ShareWay::Domain, ShareWay::PublicObject);
    let cases: [(&Verdict, &[Finding], Vec<ShareWay>); 7] = [
        (&nothing_opens, &[Finding::AclsOn], vec![link.clone(), prefix(), list.clone(), domain.clone()]),
        (&nothing_opens, &[Finding::AclsOn, Finding::NewPoliciesRefused], vec![link.clone(), list, domain.clone()]),
        (&nothing_opens, &[Finding::AclsOn, Finding::NewAclsRefused], vec![link.clone(), prefix(), domain.clone()]),
        (&nothing_opens, &[Finding::AclsOn, Finding::AclsIgnored], vec![link.clone(), prefix(), domain.clone()]),
        (&nothing_opens, &[Finding::StrangersRefused, Finding::AclsOff], vec![link.clone(), domain.clone()]),
        (&nothing_opens, &[Finding::AclsOn, Finding::AllBlocked], vec![link.clone(), domain.clone()]),
        // The account's own block, which no request tells.
        (&blocked, &[Finding::AclsOn, Finding::NotBlocked], vec![link, domain]),
    ];
    for (verdict, findings, expected) in cases {
        let layers: Vec<LayerFinding> =
            findings.iter().map(|finding| LayerFinding { layer: Layer::Policy, finding: *finding }).collect();
        assert_eq!(ways(verdict, &layers, &key, Signing::Possible), expected, "{findings:?}");
    }
    assert!(prefix().exists_at(Service::AmazonS3) && !prefix().exists_at(Service::BackblazeB2));
    assert!(ShareWay::PublicObject.exists_at(Service::GoogleCloud) && !prefix().exists_at(Service::GoogleCloud));
    assert!(!ShareWay::PublicObject.exists_at(Service::CloudflareR2));
    assert!(ShareWay::ExpiringLink.exists_at(Service::CloudflareR2));
}

#[test]
fn what_decides_comes_first_and_ways_fit() {
    let bucket = BucketFacts { acl_use: Some(AclUse::On), policy: PolicyFact::Absent, ..BucketFacts::default() };
    let found = findings(&bucket, ObjectFacts { acl: Some(AclGrant::DoesNotOpen), ..ObjectFacts::default() });
    let verdict = Verdict::Private(why_private(&found));
    let key = ObjectKey::new("a/k");
    let offered = ways(&verdict, &found, &key, Signing::Possible);
    let prefix = ShareWay::PublicPrefix(key.parent());
    assert_eq!(offered, [ShareWay::ExpiringLink, prefix, ShareWay::PublicObject, ShareWay::Domain]);
    assert_eq!(decisive_first(found, &verdict).first().map(|layer| layer.layer), Some(Layer::Policy));
    assert!(ways(&Verdict::Public, &[], &key, Signing::Possible).is_empty());
    assert_eq!(ways(&Verdict::Private(PrivateBecause::Encrypted), &[], &key, Signing::NoKeys), [ShareWay::ReEncrypt]);
}

/// A policy that denies on a condition, after what it allows.
fn denied_to_some(condition: &Value, allowed: Option<&Value>) -> PolicyFact {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition});
    let statements: Vec<&Value> = allowed.into_iter().chain([&deny]).collect();
    PolicyFact::Text(json!({"Statement": statements}))
}

#[test]
fn a_denial_under_conditions_is_the_reason_and_cannot_be_outdone() {
    use PrivateBecause as P;
    let bucket = |policy| BucketFacts {
        switches: Some(PublicAccessSwitches::default()),
        acl_use: Some(AclUse::On),
        policy,
        ..BucketFacts::default()
    };
    let closed = ObjectFacts { acl: Some(AclGrant::DoesNotOpen), ..ObjectFacts::default() };
    let opened = ObjectFacts { acl: Some(AclGrant::Opens), ..ObjectFacts::default() };
    let allow = json!({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"
    });
    for condition in [
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringNotLike": {"aws:Referer": "https://example.com/*"}}),
        json!({"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}}),
    ] {
        for (allowed, object, expected) in [
            (Some(&allow), closed, P::PolicyMayDeny),
            (Some(&allow), opened, P::PolicyMayDeny),
            (None, opened, P::PolicyMayDeny),
            (None, closed, P::NothingOpensIt),
        ] {
            let found = findings(&bucket(denied_to_some(&condition, allowed)), object);
            assert_eq!(why_private(&found), expected, "{condition} {allowed:?} {object:?}");
            let verdict = Verdict::Private(expected);
            let offered = ways(&verdict, &found, &ObjectKey::new("a/k"), Signing::Possible);
            assert!(!offered.contains(&ShareWay::PublicObject), "{offered:?}");
            assert!(!offered.iter().any(|way| matches!(way, ShareWay::PublicPrefix(_))), "{offered:?}");
            assert_eq!(offered.first(), Some(&ShareWay::ExpiringLink));
            let first = decisive_first(found, &verdict)[0];
            assert_eq!(first.finding == Finding::PolicyMayDeny, expected == P::PolicyMayDeny, "{first:?}");
        }
    }
    let for_some = PolicyFact::Text(json!({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    }}));
    assert_eq!(why_private(&findings(&bucket(for_some), closed)), P::OpensForSome);
}

#[test]
fn no_link_is_signed_for_what_wants_signatures_of_its_own() {
    let offered = |reason| ways(&Verdict::NoAddress(reason), &[], &ObjectKey::new("k"), Signing::Possible);
    assert_eq!(offered(NoAddress::MultiRegion), [ShareWay::Domain]);
    assert_eq!(offered(NoAddress::NeedsDomain), [ShareWay::ExpiringLink, ShareWay::Domain]);
}

#[test]
fn what_is_archived_is_restored_first() {
    let bucket = BucketFacts { acl_use: Some(AclUse::On), policy: PolicyFact::Absent, ..BucketFacts::default() };
    let object = ObjectFacts {
        acl: Some(AclGrant::DoesNotOpen),
        storage: Some(ObjectStorage::Archived),
        ..ObjectFacts::default()
    };
    let found = findings(&bucket, object);
    let offered = |verdict| ways(&verdict, &found, &ObjectKey::new("k"), Signing::Possible);
    let private = offered(Verdict::Private(why_private(&found)));
    assert_eq!(private[..2], [ShareWay::Restore, ShareWay::ExpiringLink]);
    assert_eq!(offered(Verdict::Private(PrivateBecause::Archived)), [ShareWay::Restore]);
    assert!(offered(Verdict::Public).is_empty());
}

#[test]
fn a_broken_policy_and_no_answer_have_findings_of_their_own() {
    let policy = |policy, not_asked: &[Layer]| {
        let facts = BucketFacts {
            switches: Some(PublicAccessSwitches::default()),
            acl_use: Some(AclUse::On),
            policy,
            not_asked: not_asked.to_vec(),
            ..BucketFacts::default()
        };
        let found = findings(&facts, ObjectFacts::default());
        let verdict = Verdict::Private(why_private(&found));
        let offered = ways(&verdict, &found, &ObjectKey::new("a/k"), Signing::Possible);
        let offers_policy = offered.iter().any(|way| matches!(way, ShareWay::PublicPrefix(_)));
        let of_policy = found.iter().find(|found| found.layer == Layer::Policy).unwrap().finding;
        (of_policy, offers_policy, why_private(&found))
    };
    let unclear = PrivateBecause::PrivateOrMissing;
    assert_eq!(policy(PolicyFact::Broken, &[]), (Finding::PolicyBroken, false, unclear));
    assert_eq!(policy(PolicyFact::Unknown, &[Layer::Policy]), (Finding::NotAsked, false, unclear));
    assert_eq!(policy(PolicyFact::Unknown, &[Layer::RequesterPays]), (Finding::Unknown, true, unclear));
}
