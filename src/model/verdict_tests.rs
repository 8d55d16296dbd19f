//! Every row of the table of verdicts, and what must never be said.

use super::*;
use crate::model::{Access, Layer};

fn answer(status: u16) -> StrangerAnswer {
    StrangerAnswer {
        status,
        code: None,
        message: None,
        size_bytes: None,
        etag: None,
        region: None,
        leads: None,
        over_tls: None,
        from: AnswerFrom::Server,
        voice: Voice::Unclear,
        by: AskedBy::Get,
        reach: Reach::World,
    }
}

fn good() -> StrangerAnswer {
    StrangerAnswer { size_bytes: Some(5), etag: Some("e1".into()), ..answer(200) }
}

fn error(status: u16, code: &str, message: &str) -> StrangerAnswer {
    StrangerAnswer { code: Some(code.into()), message: Some(message.into()), ..answer(status) }
}

fn there() -> KnownObject {
    KnownObject::There { size_bytes: Some(5), etag: Some("e1".into()) }
}

fn layers(findings: &[Finding]) -> Vec<LayerFinding> {
    findings.iter().map(|finding| LayerFinding { layer: Layer::Policy, finding: *finding }).collect()
}

struct Case {
    kind: LinkKind,
    way: LinkWay,
    object: KnownObject,
    storage: Option<ObjectStorage>,
    layers: Vec<LayerFinding>,
    origin: Option<Verdict>,
    line: LineState,
    transport: LinkTransport,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            kind: LinkKind::Public,
            way: LinkWay::Service,
            object: there(),
            storage: None,
            layers: Vec::new(),
            origin: None,
            line: LineState::Works,
            transport: LinkTransport::Tls,
        }
    }
}

impl Case {
    fn judge(&self, met: &Met) -> Verdict {
        let facts = LinkFacts {
            kind: self.kind,
            way: self.way,
            object: &self.object,
            storage: self.storage,
            layers: &self.layers,
            origin: self.origin.as_ref(),
            line: self.line,
            transport: self.transport,
        };
        judge(met, &facts)
    }

    fn of(&self, answer: StrangerAnswer) -> Verdict {
        self.judge(&Met::Answer(answer))
    }
}

fn plain(answer: StrangerAnswer) -> Verdict {
    Case::default().of(answer)
}

fn domain() -> Case {
    Case { way: LinkWay::Domain, ..Case::default() }
}

fn object(object: KnownObject) -> Case {
    Case { object, ..Case::default() }
}

fn because(findings: &[Finding]) -> Verdict {
    Case { layers: layers(findings), ..Case::default() }.of(error(403, "AccessDenied", "Access Denied"))
}

#[test]
fn what_opens() {
    assert_eq!(plain(good()), Verdict::Public);
    assert_eq!(plain(StrangerAnswer { status: 206, ..good() }), Verdict::Public);
    assert_eq!(domain().of(good()), Verdict::Public);
    let empty = KnownObject::There { size_bytes: Some(0), etag: None };
    let none = StrangerAnswer { size_bytes: Some(0), voice: Voice::Storage, ..answer(416) };
    assert_eq!(object(empty).of(none), Verdict::Public);
    let by_a_storage = StrangerAnswer { voice: Voice::Storage, ..good() };
    assert_eq!(object(KnownObject::Unknown).of(by_a_storage), Verdict::Public);
    for (reach, only) in [
        (Reach::Loopback, OnlyHere::Loopback),
        (Reach::PrivateNetwork, OnlyHere::PrivateNetwork),
        (Reach::BehindProxy, OnlyHere::ThroughProxy),
    ] {
        assert_eq!(plain(StrangerAnswer { reach, ..good() }), Verdict::OnlyFromHere(only));
    }
}

#[test]
fn what_opens_for_this_network_only() {
    use Finding as F;
    let here = Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic);
    let by = |findings: &[Finding]| Case { layers: layers(findings), ..Case::default() }.of(good());
    assert_eq!(by(&[F::PolicyOpensForSome, F::AclDoesNotOpen]), here);
    assert_eq!(by(&[F::PolicyDoesNotOpen, F::AclsOff]), here);
    assert_eq!(by(&[F::PolicyOpensForSome, F::AclOpens, F::AclsOff]), here);
    assert_eq!(by(&[F::PolicyOpensForSome, F::AclOpens, F::AclsOn]), Verdict::Public);
    assert_eq!(by(&[F::PolicyDoesNotOpen, F::Unknown]), Verdict::Public);
    assert_eq!(by(&[F::NoPolicy, F::AclDoesNotOpen]), Verdict::Public);
    let behind_a_cdn = Case { layers: layers(&[F::PolicyDoesNotOpen, F::AclsOff]), ..domain() };
    assert_eq!(behind_a_cdn.of(good()), Verdict::Public);
}

#[test]
fn something_else_opens() {
    for other in [
        StrangerAnswer { size_bytes: Some(6), ..good() },
        StrangerAnswer { etag: Some("e2".into()), ..good() },
        StrangerAnswer { size_bytes: Some(700), etag: None, ..answer(200) },
    ] {
        assert_eq!(plain(other.clone()), Verdict::OtherContent);
        assert_eq!(domain().of(other), Verdict::OtherContent);
    }
    for known in [KnownObject::Missing, KnownObject::Deleted, KnownObject::NoBucket] {
        assert_eq!(object(known).of(good()), Verdict::OtherContent);
    }
    // Nothing to hold it against.
    let odd = Verdict::Unknown(UnknownBecause::OddAnswer);
    assert_eq!(Case { object: KnownObject::Unknown, ..domain() }.of(good()), odd);
    assert_eq!(object(KnownObject::Unknown).of(good()), odd, "a page of a proxy may have a tag as well");
    assert_eq!(plain(answer(200)), odd);
    assert_eq!(object(KnownObject::Unknown).of(answer(200)), odd);
}

#[test]
fn refusals_have_their_reasons() {
    use Finding as F;
    use PrivateBecause as P;
    assert_eq!(because(&[F::AllBlocked]), Verdict::Private(P::PublicAccessBlocked));
    assert_eq!(because(&[F::PolicyOpens, F::StrangersRefused]), Verdict::Private(P::PublicAccessBlocked));
    assert_eq!(because(&[F::AclsOff, F::NoPolicy]), Verdict::Private(P::NothingOpensIt));
    assert_eq!(because(&[]), Verdict::Private(P::Unexplained), "our own keys have just found it");
    let unseen = object(KnownObject::Unknown).of(error(403, "AccessDenied", "Access Denied"));
    assert_eq!(unseen, Verdict::Private(P::PrivateOrMissing));
    assert_eq!(because(&[F::PolicyOpens, F::Kms]), Verdict::Private(P::Encrypted));
    assert_eq!(because(&[F::PolicyOpens, F::ReadersPay]), Verdict::Private(P::RequesterPays));
    assert_eq!(because(&[F::PolicyDenies]), Verdict::Private(P::PolicyDenies));
    assert_eq!(plain(error(403, "InvalidObjectState", "")), Verdict::Private(P::Archived));
    let kms = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.";
    assert_eq!(plain(error(400, "InvalidArgument", kms)), Verdict::Private(P::Encrypted));
    assert_eq!(plain(error(400, "InvalidArgument", "Authorization")), Verdict::Private(P::NeverServedHere));
}

#[test]
fn what_is_not_there() {
    use NotFoundBecause as N;
    let none = || error(404, "NoSuchKey", "The specified key does not exist.");
    assert_eq!(plain(none()), Verdict::NotFound(N::WrongAddress));
    assert_eq!(object(KnownObject::Deleted).of(none()), Verdict::NotFound(N::Deleted));
    assert_eq!(object(KnownObject::Missing).of(none()), Verdict::NotFound(N::Missing));
    assert_eq!(object(KnownObject::Unknown).of(none()), Verdict::NotFound(N::Unclear));
    // Without the right to list, strangers are refused what is not there.
    assert_eq!(object(KnownObject::Missing).of(error(403, "AccessDenied", "")), Verdict::NotFound(N::Missing));
    assert_eq!(object(KnownObject::Deleted).of(error(403, "AccessDenied", "")), Verdict::NotFound(N::Deleted));
    assert_eq!(plain(error(404, "NoSuchBucket", "")), Verdict::NotFound(N::NoSuchBucket));
    assert_eq!(plain(error(400, "IllegalLocationConstraintException", "")), Verdict::NotFound(N::NoSuchBucket));
    let elsewhere = StrangerAnswer { region: Region::new("eu-west-1"), ..answer(301) };
    assert_eq!(plain(elsewhere), Verdict::NotFound(N::NoSuchBucket));
}

#[test]
fn a_domain_that_fails_is_told_from_its_origin() {
    let refused = || error(403, "AccessDenied", "");
    let at = |origin| Case { origin: Some(origin), ..domain() };
    let cached = StrangerAnswer { from: AnswerFrom::Cache, ..answer(404) };
    assert_eq!(at(Verdict::Public).of(cached), Verdict::OnlyAtOrigin);
    assert_eq!(at(Verdict::Public).of(answer(404)), Verdict::NotFound(NotFoundBecause::WrongAddress));
    assert_eq!(at(Verdict::Public).of(refused()), Verdict::OnlyAtOrigin);
    assert_eq!(at(Verdict::OnlyFromHere(OnlyHere::Loopback)).of(refused()), Verdict::OnlyAtOrigin);
    let private = Verdict::Private(PrivateBecause::NothingOpensIt);
    assert_eq!(at(private.clone()).of(answer(404)), Verdict::NotFound(NotFoundBecause::WrongAddress));
    assert_eq!(at(private).of(refused()), Verdict::Private(PrivateBecause::Unexplained));
    // A challenge of the CDN's, or its own rule: opening the bucket would be the wrong cure.
    for status in [401, 403] {
        let by_itself = Verdict::Private(PrivateBecause::DomainRefuses);
        let blocked = Case { layers: layers(&[Finding::AllBlocked]), ..domain() };
        assert_eq!(blocked.of(answer(status)), by_itself);
        assert_eq!(at(Verdict::Private(PrivateBecause::NothingOpensIt)).of(answer(status)), by_itself);
        assert_eq!(at(Verdict::Public).of(answer(status)), Verdict::OnlyAtOrigin);
        assert!(!needs_reason(&by_itself));
        let offered = crate::model::ways(
            &by_itself,
            &layers(&[Finding::AclsOn]),
            &crate::model::ObjectKey::new("a/k"),
            crate::model::Signing::Possible,
        );
        assert_eq!(offered, [crate::model::ShareWay::ExpiringLink, crate::model::ShareWay::Domain]);
    }
    let redirect = StrangerAnswer { leads: Some(Leads::To("login.example.com".into())), ..answer(302) };
    let within = StrangerAnswer { leads: Some(Leads::Within), ..answer(302) };
    assert_eq!(at(Verdict::Public).of(within.clone()), Verdict::RedirectsWithin);
    assert_eq!(plain(within), Verdict::RedirectsWithin);
    assert_eq!(at(Verdict::Public).of(redirect), Verdict::RedirectsTo { host: "login.example.com".into() });
}

#[test]
fn signed_links() {
    use PrivateBecause as P;
    let signed = Case { kind: LinkKind::Presigned, ..Case::default() };
    assert_eq!(signed.of(StrangerAnswer { status: 206, ..good() }), Verdict::Public);
    assert_eq!(signed.of(error(403, "AccessDenied", "Request has expired")), Verdict::Private(P::Expired));
    assert_eq!(signed.of(error(400, "ExpiredToken", "")), Verdict::Private(P::Expired));
    assert_eq!(signed.of(error(403, "AccessDenied", "Access Denied")), Verdict::Private(P::KeysMayNotRead));
    for (code, message, expected) in [
        ("AccessDenied", "Request is not yet valid", P::WrongClock),
        (
            "RequestTimeTooSkewed",
            "The difference between the request time and the server's is too large.",
            P::WrongClock,
        ),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match", P::WrongSignature),
        ("AccessDenied", "not authorized … with an explicit deny in a resource-based policy", P::DeniedToKeys),
        ("AccessDenied", "not authorized … because no identity-based policy allows the action", P::KeysMayNotRead),
        ("InvalidAccessKeyId", "", P::KeysMayNotRead),
    ] {
        assert_eq!(signed.of(error(403, code, message)), Verdict::Private(expected), "{code} {message}");
    }
    assert_eq!(signed.of(error(400, "SignatureDoesNotMatch", "")), Verdict::Private(P::WrongSignature));
    assert_eq!(signed.of(error(400, "InvalidAccessKeyId", "")), Verdict::Private(P::KeysMayNotRead));
    assert_eq!(signed.of(error(403, "InvalidObjectState", "")), Verdict::Private(P::Archived));
    let missing = Case { kind: LinkKind::Presigned, object: KnownObject::Missing, ..Case::default() };
    assert_eq!(missing.of(answer(404)), Verdict::NotFound(NotFoundBecause::Missing));
}

#[test]
fn what_is_not_known_is_not_called_private() {
    use UnknownBecause as U;
    for (status, expected) in [
        (429, U::ServerError),
        (500, U::ServerError),
        (503, U::ServerError),
        (408, U::Timeout),
        (511, U::Unreachable),
        (204, U::OddAnswer),
        (405, U::OddAnswer),
        (418, U::OddAnswer),
        (302, U::OddAnswer),
    ] {
        assert_eq!(plain(answer(status)), Verdict::Unknown(expected), "{status}");
    }
    let nothing = |nothing| Case::default().judge(&Met::Nothing(nothing));
    assert_eq!(nothing(NoAnswer::Timeout), Verdict::Unknown(U::Timeout));
    assert_eq!(nothing(NoAnswer::Unreachable), Verdict::Unknown(U::Unreachable));
    assert_eq!(nothing(NoAnswer::Garbled), Verdict::Unknown(U::OddAnswer));
    assert_eq!(nothing(NoAnswer::BadCertificate), Verdict::BadCertificate);
    assert_eq!(nothing(NoAnswer::UntrustedCertificate), Verdict::UntrustedCertificate);
    assert_eq!(nothing(NoAnswer::NoSuchHost), Verdict::NoSuchHost);
    let offline = Case { line: LineState::Unclear, ..Case::default() };
    assert_eq!(offline.judge(&Met::Nothing(NoAnswer::NoSuchHost)), Verdict::Unknown(U::Unreachable));
    assert_eq!(offline.judge(&Met::Nothing(NoAnswer::BadCertificate)), Verdict::Unknown(U::Unreachable));
    assert_eq!(offline.judge(&Met::Nothing(NoAnswer::UntrustedCertificate)), Verdict::Unknown(U::Unreachable));
    let without_keys = Case { line: LineState::NotTried, ..Case::default() };
    assert_eq!(without_keys.judge(&Met::Nothing(NoAnswer::BadCertificate)), Verdict::BadCertificate);
}

/// Over everything that can come together: nothing is public without an answer that opens and is the object.
#[test]
fn public_needs_an_answer_that_is_this_object() {
    let objects = [there(), KnownObject::Missing, KnownObject::Deleted, KnownObject::NoBucket, KnownObject::Unknown];
    let mut public = 0;
    for status in 100..=599 {
        for kind in [LinkKind::Public, LinkKind::Presigned] {
            for way in [LinkWay::Service, LinkWay::Domain] {
                for object in &objects {
                    for etag in [None, Some("e1"), Some("e2")] {
                        for reach in [Reach::World, Reach::Loopback, Reach::PrivateNetwork] {
                            let case = Case { kind, way, object: object.clone(), ..Case::default() };
                            let answer = StrangerAnswer { etag: etag.map(Into::into), reach, ..answer(status) };
                            if case.of(answer).access() == Access::Public {
                                public += 1;
                                assert!(matches!(status, 200 | 206) && reach == Reach::World && etag.is_some());
                                assert!(*object == there() && etag == Some("e1") || *object == KnownObject::Unknown);
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(public > 0);
}

#[test]
fn a_page_of_something_between_is_no_refusal() {
    let page = || StrangerAnswer { voice: Voice::Page, ..answer(403) };
    let another = Verdict::Unknown(UnknownBecause::AnotherAnswered);
    assert_eq!(plain(page()), another);
    assert_eq!(object(KnownObject::Missing).of(page()), another, "nor an answer about the object");
    assert_eq!(Case { kind: LinkKind::Presigned, ..Case::default() }.of(page()), another);
    assert_eq!(another.access(), Access::Unknown);
    // Over TLS an own domain speaks for itself, in whatever form.
    assert_eq!(domain().of(page()), Verdict::Private(PrivateBecause::DomainRefuses));
    assert_eq!(Case { transport: LinkTransport::Plain, ..domain() }.of(page()), another);
    // Nothing says that it was another one.
    assert_eq!(plain(answer(403)), Verdict::Private(PrivateBecause::Unexplained));
}

#[test]
fn a_head_alone_opens_nothing_that_may_be_archived() {
    let by_head = || StrangerAnswer { by: AskedBy::Head, ..good() };
    let stored = |storage| Case { storage, ..Case::default() };
    assert_eq!(stored(Some(ObjectStorage::AtHand)).of(by_head()), Verdict::Public);
    for storage in [None, Some(ObjectStorage::Archived)] {
        assert_eq!(stored(storage).of(by_head()), Verdict::Unknown(UnknownBecause::NotProven));
        assert!(needs_get(&Met::Answer(by_head()), storage) && !needs_get(&Met::Answer(good()), storage));
        assert_eq!(stored(storage).of(good()), Verdict::Public, "restored, or of a readable class");
    }
    assert!(!needs_get(&Met::Answer(StrangerAnswer { by: AskedBy::Head, ..answer(403) }), None));
}

#[test]
fn the_length_alone_proves_nothing() {
    let untagged = |size_bytes| StrangerAnswer { size_bytes: Some(size_bytes), ..answer(200) };
    let not_proven = Verdict::Unknown(UnknownBecause::NotProven);
    assert_eq!(domain().of(untagged(5)), not_proven, "other bytes of this length");
    assert_eq!(plain(untagged(5)), not_proven);
    let by_a_storage = || StrangerAnswer { voice: Voice::Storage, ..untagged(5) };
    assert_eq!(plain(by_a_storage()), Verdict::Public, "at its own address");
    assert_eq!(domain().of(by_a_storage()), not_proven);
    assert_eq!(domain().of(untagged(6)), Verdict::OtherContent);
    let empty = || KnownObject::There { size_bytes: Some(0), etag: Some("e1".into()) };
    assert_eq!(Case { object: empty(), ..domain() }.of(untagged(0)), not_proven, "an empty page");
    assert_eq!(object(empty()).of(StrangerAnswer { size_bytes: Some(0), ..answer(416) }), not_proven);
}

#[test]
fn what_a_network_says_for_itself_is_not_the_buckets_word() {
    let by_itself = Verdict::Private(PrivateBecause::DomainRefuses);
    let blocked = || Case { layers: layers(&[Finding::AllBlocked]), ..domain() };
    assert_eq!(
        blocked().of(error(403, "MissingKey", "Missing Key-Pair-Id query parameter or cookie value")),
        by_itself
    );
    let own = StrangerAnswer { voice: Voice::Delivery, ..error(403, "AccessDenied", "Access denied") };
    assert_eq!(blocked().of(own), by_itself);
    let passed_on = StrangerAnswer { voice: Voice::Storage, ..error(403, "AccessDenied", "Access Denied") };
    assert_eq!(blocked().of(passed_on), Verdict::Private(PrivateBecause::PublicAccessBlocked));
}

#[test]
fn a_gateway_without_a_code_is_not_the_accounts_block() {
    let open =
        || Case { layers: layers(&[Finding::NotBlocked, Finding::PolicyOpens, Finding::AclsOff]), ..Case::default() };
    assert_eq!(open().of(answer(403)), Verdict::Private(PrivateBecause::Unexplained));
    let perhaps = Verdict::Private(PrivateBecause::PerhapsBlocked);
    assert_eq!(open().of(error(403, "AccessDenied", "")), perhaps);
    assert_eq!(open().of(StrangerAnswer { voice: Voice::Storage, ..answer(403) }), perhaps);
}

#[test]
fn a_cache_may_be_older_than_the_object() {
    let cached = || StrangerAnswer { from: AnswerFrom::Cache, ..answer(404) };
    let private = || Some(Verdict::Private(PrivateBecause::NothingOpensIt));
    let at = |origin| Case { origin, ..domain() };
    assert_eq!(at(private()).of(cached()), Verdict::NotFound(NotFoundBecause::Cached));
    assert_eq!(at(private()).of(answer(404)), Verdict::NotFound(NotFoundBecause::WrongAddress));
    let missing = Case { object: KnownObject::Missing, ..at(private()) };
    assert_eq!(missing.of(cached()), Verdict::NotFound(NotFoundBecause::Missing));
}

#[test]
fn what_opens_by_a_redirect_to_tls_is_not_called_public() {
    let led = || StrangerAnswer { over_tls: Some("https://cdn.example.com".to_owned()), ..good() };
    let over_tls = Verdict::OpensOverTls { origin: "https://cdn.example.com".to_owned() };
    assert_eq!(plain(led()), over_tls);
    assert!(over_tls.access() == Access::Unknown && !over_tls.is_failure());
    for (asked_for, opens) in [
        ("http://cdn.example.com/a%20b?x=1#y", Some("https://cdn.example.com/a%20b?x=1#y")),
        ("http://cdn.example.com:8080/a", Some("https://cdn.example.com/a")),
        ("http://cdn.example.com", Some("https://cdn.example.com")),
        ("", None),
    ] {
        assert_eq!(over_tls.over_tls(asked_for).as_deref(), opens, "{asked_for}");
    }
    assert_eq!(Verdict::Public.over_tls("http://cdn.example.com/a"), None);
    // What is refused there is refused.
    let refused = StrangerAnswer { over_tls: led().over_tls, ..error(403, "AccessDenied", "") };
    assert!(matches!(plain(refused), Verdict::Private(_)));
    assert_eq!(plain(good()), Verdict::Public);
}

#[test]
fn only_a_refusal_is_called_private() {
    let refused = Verdict::Private(PrivateBecause::Unexplained);
    assert!(refused.access() == Access::Private && refused.is_failure());
    for verdict in [
        Verdict::NoSuchHost,
        Verdict::NotFound(NotFoundBecause::Missing),
        Verdict::NotFound(NotFoundBecause::NoSuchBucket),
        Verdict::RedirectsTo { host: "login.example.com".into() },
        Verdict::RedirectsWithin,
        Verdict::OtherContent,
        Verdict::BadCertificate,
        Verdict::UntrustedCertificate,
    ] {
        assert!(verdict.access() == Access::Unknown && verdict.is_failure(), "{verdict:?}");
    }
    assert!(!Verdict::Public.is_failure() && !Verdict::Unknown(UnknownBecause::Timeout).is_failure());
}
