//! Whose fault a failure is: the file's own, the line's, the server's, or the keys'.

use std::time::Duration;

use crate::model::FailureKind;

/// Whom a failure concerns, and what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// This file only.
    File,
    /// The line or the server; passes by itself.
    Line,
    /// The server asks for less; passes by itself.
    Throttle,
    /// The session's keys; new ones help, and some renew themselves.
    Keys,
    /// The connection as it is set up, or the server's own state; seldom passes by itself, so it is asked rarely.
    Setup,
    /// The connection as it is set up; asking again would only be refused again, or lock an account.
    Refusal,
}

impl Concern {
    /// By the cause.
    pub(crate) fn of(kind: FailureKind) -> Self {
        use FailureKind as K;
        match kind {
            K::Offline
            | K::HostNotFound
            | K::ConnectionRefused
            | K::Timeout
            | K::ServerError
            | K::LoginPage
            | K::NotS3 => Self::Line,
            // This computer itself asks for less.
            K::Throttled | K::OutOfHandles => Self::Throttle,
            K::ExpiredToken
            | K::InvalidToken
            | K::NoCredentials
            | K::CredentialsUnreadable
            | K::SsoSignedOut
            | K::RoleRefused
            | K::CredentialProcessFailed => Self::Keys,
            // The keychain's service may just be starting, or its prompt be open.
            K::TlsNotTrusted
            | K::TlsWrongName
            | K::TlsExpired
            | K::CaFileUnreadable
            | K::CaFileInvalid
            | K::ClockSkew
            | K::StorageFull
            | K::LocalStorageFailed
            | K::KeychainMissing
            | K::KeychainSilent
            | K::KeychainFailed => Self::Setup,
            // The prompt of one that is locked was turned down: to ask again would open another one. Nor does a settings
            // file mend itself.
            K::UnknownAccessKey
            | K::WrongSecret
            | K::ProxyLogin
            | K::ProxyUnusable
            | K::EndpointInvalid
            // Nothing names the place of requests, or the endpoint is one of a single bucket.
            | K::EndpointMissing
            | K::EndpointHoldsBucket
            | K::AwsSettingInvalid
            | K::FipsUnavailable
            | K::LocalStorageIndexMissing
            | K::LocalStorageIndexDamaged
            | K::SecretMissing
            | K::KeychainLocked
            | K::SettingsUnreadable
            | K::SettingsEntries => Self::Refusal,
            _ => Self::File,
        }
    }

    /// Whether it passes by itself, so that the very request is repeated by its owner.
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::Line | Self::Throttle)
    }

    /// Whether the connection stands still because of it, so that its transfers go back into the queue.
    pub(crate) fn stops_connection(self) -> bool {
        matches!(self, Self::Keys | Self::Setup | Self::Refusal)
    }

    /// When to ask again after a number of failed tries; `None` for never.
    pub(super) fn retry_after(self, tries: u32) -> Option<Duration> {
        const LONGEST: Duration = Duration::from_mins(1);
        match self {
            Self::File | Self::Refusal => None,
            Self::Keys | Self::Setup => Some(LONGEST),
            Self::Line | Self::Throttle => Some(Duration::from_secs(1 << tries.min(6)).min(LONGEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute() {
        let waits: Vec<u64> = (0..9).map(|tries| Concern::Line.retry_after(tries).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(Concern::of(FailureKind::WrongSecret).retry_after(0), None);
    }

    #[test]
    fn an_endpoint_that_names_no_place_or_one_bucket_only_is_no_files_fault() {
        for kind in [FailureKind::EndpointInvalid, FailureKind::EndpointMissing, FailureKind::EndpointHoldsBucket] {
            assert_eq!(Concern::of(kind), Concern::Refusal, "{kind:?}");
        }
    }

    #[test]
    fn what_is_known_to_pass_is_never_the_connections_end() {
        for kind in FailureKind::ALL {
            let concern = Concern::of(*kind);
            assert!(!(concern.passes() && concern.stops_connection()), "{kind:?}");
            let own_reasons = [FailureKind::ChecksumMismatch, FailureKind::SourceChanged, FailureKind::SourceSilent];
            if kind.is_retryable() && !own_reasons.contains(kind) {
                assert!(concern.passes(), "{kind:?}");
            }
        }
    }
}
