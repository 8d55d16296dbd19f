//! How a plan bends the rules for one request: what the gate tells the handlers, through the request's extensions.
//! Without a plan nothing is bent.

use http::{Extensions, StatusCode};

use super::checksums::{Algorithm, ChecksumKind, StoredChecksum};
use super::encryption::Encryption;
use super::faults::{Checksums, Conditions, Etags, Profile};
use super::requests::WriteCondition;

/// What is different from Amazon for one request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Handling {
    pub profile: Profile,
    /// This byte of the body, counted round and round, arrives with its lowest bit turned over.
    pub flip_bit_at: Option<u64>,
}

impl Handling {
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().copied().unwrap_or_default()
    }

    /// Whether digests that clients send are compared.
    pub(super) fn verifies(&self) -> bool {
        matches!(self.profile.checksums, Checksums::Verified | Checksums::Refused(_))
    }

    /// Whether what the client claims is kept in place of what was computed.
    pub(super) fn believes(&self) -> bool {
        self.profile.checksums == Checksums::IgnoredAndEchoed
    }

    /// The checksum that is kept and told, of one that was computed. `was_sent`: the client had sent one.
    pub(super) fn told(&self, computed: Option<StoredChecksum>, was_sent: WasSent) -> Option<StoredChecksum> {
        let told = match self.profile.checksums {
            Checksums::Verified | Checksums::IgnoredAndEchoed => true,
            Checksums::Ignored => false,
            Checksums::Refused(_) => was_sent == WasSent::Yes,
        };
        computed.filter(|_| told)
    }

    /// The checksum that a multipart upload is started with.
    pub(super) fn started_with(&self, wanted: Option<(Algorithm, ChecksumKind)>) -> Option<(Algorithm, ChecksumKind)> {
        wanted.filter(|_| self.profile.checksums != Checksums::Ignored)
    }

    pub(super) fn condition(&self, given: WriteCondition) -> WriteCondition {
        if self.profile.conditions == Conditions::Ignored { WriteCondition::default() } else { given }
    }

    /// The ETag to keep in place of the one that MD5 gives.
    pub(super) fn etag(&self, computed: String, encryption: Option<&Encryption>) -> String {
        if self.profile.etags == Etags::Random || encryption.is_some_and(Encryption::hides_md5) {
            format!("{:032x}", rand::random::<u128>())
        } else {
            computed
        }
    }
}

/// The status of an answer to which the protocol layer gives always the same; goes along in its extensions.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrueStatus(pub StatusCode);

/// Whether the client had sent a checksum of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WasSent {
    Yes,
    No,
}

impl WasSent {
    pub(super) fn of<T>(given: Option<&T>) -> Self {
        if given.is_some() { Self::Yes } else { Self::No }
    }
}
