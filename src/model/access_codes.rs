//! Stable names of layers and findings: for JSON, and between processes.

use super::{Finding, Layer};

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 8] = [
        Self::PublicAccessBlock,
        Self::Ownership,
        Self::Policy,
        Self::ObjectAcl,
        Self::Encryption,
        Self::StorageClass,
        Self::RequesterPays,
        Self::Version,
    ];

    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::PublicAccessBlock => "public-access-block",
            Self::Ownership => "ownership",
            Self::Policy => "policy",
            Self::ObjectAcl => "object-acl",
            Self::Encryption => "encryption",
            Self::StorageClass => "storage-class",
            Self::RequesterPays => "requester-pays",
            Self::Version => "version",
        }
    }

    /// The layer of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.code() == code)
    }
}

impl Finding {
    /// Every finding.
    pub const ALL: [Self; 31] = [
        Self::NotBlocked,
        Self::NewPoliciesRefused,
        Self::NewAclsRefused,
        Self::AclsIgnored,
        Self::StrangersRefused,
        Self::AllBlocked,
        Self::AclsOff,
        Self::AclsOn,
        Self::OwnedByBucket,
        Self::OwnedElsewhere,
        Self::NoPolicy,
        Self::PolicyOpens,
        Self::PolicyDoesNotOpen,
        Self::PolicyDenies,
        Self::PolicyOpensForSome,
        Self::PolicyMayDeny,
        Self::PolicyBroken,
        Self::AclOpens,
        Self::AclDoesNotOpen,
        Self::NoLists,
        Self::PlainOrManaged,
        Self::Kms,
        Self::CustomerKey,
        Self::AtHand,
        Self::Archived,
        Self::OwnerPays,
        Self::ReadersPay,
        Self::Current,
        Self::DeleteMarker,
        Self::Unknown,
        Self::NotAsked,
    ];

    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBlocked => "not-blocked",
            Self::NewPoliciesRefused => "new-policies-refused",
            Self::NewAclsRefused => "new-acls-refused",
            Self::AclsIgnored => "acls-ignored",
            Self::StrangersRefused => "strangers-refused",
            Self::AllBlocked => "all-blocked",
            Self::AclsOff => "acls-off",
            Self::AclsOn => "acls-on",
            Self::OwnedByBucket => "owned-by-bucket",
            Self::OwnedElsewhere => "owned-elsewhere",
            Self::NoPolicy => "no-policy",
            Self::PolicyOpens => "policy-opens",
            Self::PolicyDoesNotOpen => "policy-does-not-open",
            Self::PolicyDenies => "policy-denies",
            Self::PolicyOpensForSome => "policy-opens-for-some",
            Self::PolicyMayDeny => "policy-may-deny",
            Self::PolicyBroken => "policy-broken",
            Self::AclOpens => "acl-opens",
            Self::AclDoesNotOpen => "acl-does-not-open",
            Self::NoLists => "no-lists",
            Self::PlainOrManaged => "plain-or-managed",
            Self::Kms => "kms",
            Self::CustomerKey => "customer-key",
            Self::AtHand => "at-hand",
            Self::Archived => "archived",
            Self::OwnerPays => "owner-pays",
            Self::ReadersPay => "readers-pay",
            Self::Current => "current",
            Self::DeleteMarker => "delete-marker",
            Self::Unknown => "unknown",
            Self::NotAsked => "not-asked",
        }
    }

    /// The finding of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_of_its_own() {
        for layer in Layer::ALL {
            assert_eq!(Layer::from_code(layer.code()), Some(layer));
        }
        for finding in Finding::ALL {
            assert_eq!(Finding::from_code(finding.code()), Some(finding));
        }
        assert_eq!((Layer::from_code(""), Finding::from_code("no such")), (None, None));
    }
}
