//! ACLs as data: canned ones, lists of grants, and what a request asks for.
//!
//! The index keeps a canned ACL by its name, as it always did, and any other as a JSON list of grants.

use http::HeaderMap;
use s3s::dto::{Grant as WireGrant, Grantee as WireGrantee, ObjectCannedACL, Permission as WirePermission, Type};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::evaluate::is_canonical_id;

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// Most grants of one ACL.
const MOST_GRANTS: usize = 100;

/// Names that S3 knows, for objects or buckets.
const CANNED: [&str; 8] = [
    ObjectCannedACL::PRIVATE,
    ObjectCannedACL::PUBLIC_READ,
    ObjectCannedACL::PUBLIC_READ_WRITE,
    ObjectCannedACL::AUTHENTICATED_READ,
    ObjectCannedACL::AWS_EXEC_READ,
    ObjectCannedACL::BUCKET_OWNER_READ,
    ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL,
    "log-delivery-write",
];

/// An ACL of an object or a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::local_storage) enum Acl {
    /// By the name of a canned one.
    Canned(String),
    /// By who is given what.
    Grants(Vec<Grant>),
}

/// Somebody is given something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::local_storage) struct Grant {
    to: Grantee,
    may: Permission,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Grantee {
    /// An account, by its canonical id.
    Id(String),
    AllUsers,
    AuthenticatedUsers,
    LogDelivery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Permission {
    FullControl,
    Read,
    Write,
    ReadAcp,
    WriteAcp,
}

impl Permission {
    fn name(self) -> &'static str {
        match self {
            Self::FullControl => WirePermission::FULL_CONTROL,
            Self::Read => WirePermission::READ,
            Self::Write => WirePermission::WRITE,
            Self::ReadAcp => WirePermission::READ_ACP,
            Self::WriteAcp => WirePermission::WRITE_ACP,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::FullControl, Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp];
        all.into_iter().find(|permission| permission.name() == name)
    }
}

/// Whose a thing is, by canonical ids.
#[derive(Clone, Copy, Debug)]
pub(in crate::local_storage) struct Owners<'a> {
    /// Of the object, or of the bucket where its own ACL is meant.
    pub of_it: &'a str,
    pub of_the_bucket: &'a str,
}

impl Acl {
    pub(in crate::local_storage) fn private() -> Self {
        Self::Canned(ObjectCannedACL::PRIVATE.to_owned())
    }

    /// As the index keeps it.
    pub(in crate::local_storage) fn from_column(column: &str) -> Self {
        if column.starts_with('[') {
            // What cannot be read gives nothing to anyone.
            return serde_json::from_str(column).map_or_else(|_error| Self::private(), Self::Grants);
        }
        Self::Canned(column.to_owned())
    }

    /// As the index keeps it.
    pub(in crate::local_storage) fn to_column(&self) -> String {
        match self {
            Self::Canned(name) => name.clone(),
            Self::Grants(grants) => serde_json::to_string(grants).unwrap_or_else(|_error| "private".to_owned()),
        }
    }

    /// A canned ACL by its name.
    fn canned(name: &str) -> S3Result<Self> {
        if CANNED.contains(&name) {
            return Ok(Self::Canned(name.to_owned()));
        }
        Err(s3_error!(InvalidArgument, "The canned ACL {name} is not known."))
    }

    /// Who is given what.
    pub(super) fn grants(&self, owners: Owners<'_>) -> Vec<Grant> {
        let name = match self {
            Self::Grants(grants) => return grants.clone(),
            Self::Canned(name) => name.as_str(),
        };
        let grant = |to, may| Grant { to, may };
        let bucket_owner = || Grantee::Id(owners.of_the_bucket.to_owned());
        let mut grants = vec![grant(Grantee::Id(owners.of_it.to_owned()), Permission::FullControl)];
        match name {
            ObjectCannedACL::PUBLIC_READ => grants.push(grant(Grantee::AllUsers, Permission::Read)),
            ObjectCannedACL::PUBLIC_READ_WRITE => {
                grants.push(grant(Grantee::AllUsers, Permission::Read));
                grants.push(grant(Grantee::AllUsers, Permission::Write));
            }
            ObjectCannedACL::AUTHENTICATED_READ => grants.push(grant(Grantee::AuthenticatedUsers, Permission::Read)),
            "log-delivery-write" => {
                grants.push(grant(Grantee::LogDelivery, Permission::Write));
                grants.push(grant(Grantee::LogDelivery, Permission::ReadAcp));
            }
            ObjectCannedACL::BUCKET_OWNER_READ if owners.of_it != owners.of_the_bucket => {
                grants.push(grant(bucket_owner(), Permission::Read));
            }
            ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL if owners.of_it != owners.of_the_bucket => {
                grants.push(grant(bucket_owner(), Permission::FullControl));
            }
            _ => {}
        }
        grants
    }

    /// As an answer has them.
    pub(in crate::local_storage) fn wire_grants(&self, owners: Owners<'_>) -> Vec<WireGrant> {
        self.grants(owners).into_iter().map(Grant::into_wire).collect()
    }

    /// Whether everybody, or everybody with an account, is given something.
    pub(in crate::local_storage) fn is_public(&self) -> bool {
        let nobody = Owners { of_it: "", of_the_bucket: "" };
        self.grants(nobody).iter().any(|grant| matches!(grant.to, Grantee::AllUsers | Grantee::AuthenticatedUsers))
    }

    /// Whether anyone but the bucket's owner is given something.
    pub(in crate::local_storage) fn gives_to_others(&self) -> bool {
        let own = Owners { of_it: super::caller::OWN_ID, of_the_bucket: super::caller::OWN_ID };
        self.grants(own).iter().any(|grant| grant.to != Grantee::Id(super::caller::OWN_ID.to_owned()))
    }

    /// Whether it leaves everything to the bucket's owner, as it must be where ACLs are off.
    pub(in crate::local_storage) fn is_bucket_owner_full_control(&self) -> bool {
        match self {
            Self::Canned(name) => name == ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL,
            Self::Grants(grants) => {
                let owner = Grantee::Id(super::caller::OWN_ID.to_owned());
                matches!(grants.as_slice(), [Grant { to, may: Permission::FullControl }] if *to == owner)
            }
        }
    }

    /// Whether a caller is given a permission. `ignoring_public`: what is given to all does not count.
    pub(super) fn allows(&self, wanted: Permission, who: Who<'_>, owners: Owners<'_>) -> bool {
        self.grants(owners).iter().any(|grant| {
            let includes = match &grant.to {
                Grantee::Id(id) => who.canonical_id == Some(id),
                Grantee::AllUsers => who.groups == Groups::Count,
                Grantee::AuthenticatedUsers => who.groups == Groups::Count && who.canonical_id.is_some(),
                Grantee::LogDelivery => false,
            };
            includes && (grant.may == wanted || grant.may == Permission::FullControl)
        })
    }

    /// Of an `AccessControlPolicy`.
    pub(in crate::local_storage) fn from_wire(grants: &[WireGrant]) -> S3Result<Self> {
        if grants.len() > MOST_GRANTS {
            return Err(malformed());
        }
        let grants = grants.iter().map(Grant::from_wire).collect::<S3Result<Vec<_>>>()?;
        Ok(Self::Grants(grants).simplified())
    }

    /// By the name of the canned ACL that says the same, where there is one.
    fn simplified(self) -> Self {
        let own = Owners { of_it: super::caller::OWN_ID, of_the_bucket: super::caller::OWN_ID };
        let mut names = CANNED.iter().map(|name| Self::Canned((*name).to_owned()));
        names.find(|canned| canned.grants(own) == self.grants(own)).unwrap_or(self)
    }
}

/// Who an ACL is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who<'a> {
    pub canonical_id: Option<&'a str>,
    pub groups: Groups,
}

/// Whether grants to everybody count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    Count,
    AreIgnored,
}

fn malformed() -> S3Error {
    s3_error!(
        MalformedACLError,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
}

impl Grant {
    fn into_wire(self) -> WireGrant {
        let group = |uri: &str| WireGrantee {
            type_: Type::from_static(Type::GROUP),
            uri: Some(uri.to_owned()),
            id: None,
            display_name: None,
            email_address: None,
        };
        let grantee = match self.to {
            Grantee::AllUsers => group(ALL_USERS),
            Grantee::AuthenticatedUsers => group(AUTHENTICATED_USERS),
            Grantee::LogDelivery => group(LOG_DELIVERY),
            Grantee::Id(id) => WireGrantee {
                type_: Type::from_static(Type::CANONICAL_USER),
                uri: None,
                display_name: Some(id.clone()),
                id: Some(id),
                email_address: None,
            },
        };
        WireGrant { grantee: Some(grantee), permission: Some(WirePermission::from_static(self.may.name())) }
    }

    fn from_wire(grant: &WireGrant) -> S3Result<Self> {
        let grantee = grant.grantee.as_ref().ok_or_else(malformed)?;
        let may = grant.permission.as_ref().and_then(|name| Permission::from_name(name.as_str()));
        let to = match (&grantee.id, &grantee.uri, &grantee.email_address) {
            (Some(id), None, None) => Grantee::of("id", id)?,
            (None, Some(uri), None) => Grantee::of("uri", uri)?,
            (None, None, Some(address)) => Grantee::of("emailAddress", address)?,
            _ => return Err(malformed()),
        };
        Ok(Self { to, may: may.ok_or_else(malformed)? })
    }
}

impl Grantee {
    /// As grant headers name somebody.
    fn of(kind: &str, value: &str) -> S3Result<Self> {
        match (kind, value) {
            ("id", id) if is_canonical_id(id) => Ok(Self::Id(id.to_owned())),
            ("id", _) => Err(s3_error!(InvalidArgument, "Invalid id")),
            ("uri", ALL_USERS) => Ok(Self::AllUsers),
            ("uri", AUTHENTICATED_USERS) => Ok(Self::AuthenticatedUsers),
            ("uri", LOG_DELIVERY) => Ok(Self::LogDelivery),
            ("uri", _) => Err(s3_error!(InvalidArgument, "Invalid group uri")),
            ("emailAddress", _) => {
                let text = "The e-mail address you provided does not match any account on record.";
                Err(s3_error!(UnresolvableGrantByEmailAddress, "{text}"))
            }
            _ => Err(s3_error!(InvalidArgument, "Argument format not recognized")),
        }
    }
}

/// The ACL that a request's headers ask for; `None` when they say nothing of it.
pub(in crate::local_storage) fn of_headers(headers: &HeaderMap) -> S3Result<Option<Acl>> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let mut grants = Vec::new();
    let fields = [
        ("x-amz-grant-full-control", Permission::FullControl),
        ("x-amz-grant-read", Permission::Read),
        ("x-amz-grant-write", Permission::Write),
        ("x-amz-grant-read-acp", Permission::ReadAcp),
        ("x-amz-grant-write-acp", Permission::WriteAcp),
    ];
    for (name, may) in fields {
        for field in text(name).into_iter().flat_map(|value| value.split(',')) {
            let (kind, value) = field.trim().split_once('=').unwrap_or((field, ""));
            grants.push(Grant { to: Grantee::of(kind.trim(), value.trim().trim_matches('"'))?, may });
        }
    }
    match (text("x-amz-acl"), grants.is_empty()) {
        (Some(_), false) => {
            Err(s3_error!(InvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed"))
        }
        (Some(name), true) => Acl::canned(name).map(Some),
        (None, false) => Ok(Some(Acl::Grants(grants).simplified())),
        (None, true) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Owners<'_> = Owners { of_it: "bucketdrop", of_the_bucket: "bucketdrop" };

    #[test]
    fn canned_acls_come_back_from_their_grants() {
        for name in [ObjectCannedACL::PRIVATE, ObjectCannedACL::PUBLIC_READ, ObjectCannedACL::AUTHENTICATED_READ] {
            let acl = Acl::canned(name).unwrap();
            assert_eq!(Acl::from_wire(&acl.wire_grants(OWN)).unwrap(), acl);
            assert_eq!(Acl::from_column(&acl.to_column()), acl);
        }
    }

    #[test]
    fn headers_name_grantees() {
        let headers = |fields: &[(&'static str, &str)]| {
            fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        let all = format!("uri=\"{ALL_USERS}\"");
        let acl = of_headers(&headers(&[("x-amz-grant-read", &all)])).unwrap().unwrap();
        assert!(acl.is_public() && acl.gives_to_others());
        assert_eq!(Acl::from_column(&acl.to_column()), acl);
        let both = format!("id=\"bucketdrop\", {all}");
        let acl = of_headers(&headers(&[("x-amz-grant-full-control", "id=bucketdrop"), ("x-amz-grant-read", &all)]));
        assert_eq!(acl.unwrap().unwrap(), Acl::canned("public-read").unwrap(), "{both}");
        assert_eq!(of_headers(&HeaderMap::new()).unwrap(), None);
        for (name, value) in [
            ("x-amz-grant-read", "id=nobody"),
            ("x-amz-grant-read", "uri=http://example.com/"),
            ("x-amz-grant-read", "emailAddress=a@example.com"),
            ("x-amz-acl", "everyone"),
        ] {
            assert!(of_headers(&headers(&[(name, value)])).is_err(), "{name}: {value}");
        }
        assert!(of_headers(&headers(&[("x-amz-acl", "private"), ("x-amz-grant-read", &all)])).is_err());
    }

    #[test]
    fn a_list_of_grants_gives_what_it_says() {
        let acl = Acl::Grants(vec![Grant { to: Grantee::Id("another-account".into()), may: Permission::Read }]);
        let who = |canonical_id| Who { canonical_id, groups: Groups::Count };
        assert!(acl.allows(Permission::Read, who(Some("another-account")), OWN));
        assert!(!acl.allows(Permission::Read, who(None), OWN));
        assert!(!acl.allows(Permission::Write, who(Some("another-account")), OWN));
        let all = Acl::canned("public-read").unwrap();
        assert!(all.allows(Permission::Read, who(None), OWN));
        assert!(!all.allows(Permission::Read, Who { canonical_id: None, groups: Groups::AreIgnored }, OWN));
    }
}
