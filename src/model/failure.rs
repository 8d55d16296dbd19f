//! What people are told when something did not work.

use std::fmt;

/// The cause, as a person would name it. Each kind has a title and an advice in every language
/// (`assets/i18n/*/errors.ftl`, ids `failure-KIND` and `failure-KIND-advice`; `errors-cli.ftl` has another advice for some).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each variant's sentence stands in errors.ftl, the single place for it")]
pub enum FailureKind {
    AccessDenied,
    RequesterPays,
    UnknownAccessKey,
    WrongSecret,
    ExpiredToken,
    InvalidToken,
    NoCredentials,
    CredentialsUnreadable,
    SsoSignedOut,
    RoleRefused,
    CredentialProcessOff,
    CredentialProcessFailed,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    ListingCutShort,
    WrongRegion,
    NotS3,
    EndpointMissing,
    EndpointInvalid,
    AwsSettingInvalid,
    FipsUnavailable,
    EndpointHoldsBucket,
    LoginPage,
    ClockSkew,
    TlsNotTrusted,
    TlsWrongName,
    TlsExpired,
    CaFileUnreadable,
    CaFileInvalid,
    HostNotFound,
    ConnectionRefused,
    Offline,
    Timeout,
    Throttled,
    ServerError,
    ProxyLogin,
    ProxyUnusable,
    BucketExists,
    BucketOwnedByOther,
    BucketNotEmpty,
    InvalidBucketName,
    InvalidKey,
    KeyOutOfReach,
    KeyTooLong,
    TooLarge,
    AlreadyExists,
    ChecksumMismatch,
    DataCorrupted,
    NoEntityTag,
    NothingStored,
    PartsRefused,
    BodyRefused,
    ObjectReplaced,
    ChecksumUnsupported,
    AclNotSupported,
    PublicAccessBlocked,
    StaysPrivate,
    AclLeftOut,
    AlreadyPublic,
    PolicyUnreadable,
    PolicyCannotName,
    PolicyTooLong,
    PolicyChanged,
    PolicyRefused,
    SharingUnwritable,
    Archived,
    StorageFull,
    Unsupported,
    Unverified,
    SourceMissing,
    SourceUnreadable,
    SourceAway,
    SourceSilent,
    SourceTooSlow,
    OutOfHandles,
    SourceChanged,
    SourceSizeWrong,
    SourceNotAFile,
    SourceNameNotUnicode,
    SourceSameKey,
    NotAReceipt,
    ReceiptMissing,
    ReceiptIncomplete,
    PartsRemain,
    TargetExists,
    TargetUnwritable,
    TargetNameUnsafe,
    DiskFull,
    SettingsUnwritable,
    FolderUnusable,
    JournalFull,
    JournalUnwritable,
    JournalUnreadable,
    JournalReadOnly,
    JournalDamaged,
    JournalMended,
    JournalNewer,
    JournalInUse,
    JournalLeftBeside,
    HandOverUnclear,
    InstanceSilent,
    SettingsUnreadable,
    SettingsEntries,
    KeychainMissing,
    KeychainLocked,
    KeychainSilent,
    KeychainFailed,
    SecretMissing,
    ConnectionMissing,
    ConnectionInUse,
    DraftInvalid,
    LocalStorageFailed,
    LocalStorageIndexMissing,
    LocalStorageIndexDamaged,
    NoFileChooser,
    NoProgramForFile,
    NoBrowser,
    SleepRefused,
    Cancelled,
    Internal,
}

/// Name of the value that says how many seconds a server wants to be left alone.
pub const RETRY_AFTER_SECS: &str = "retry-after-secs";

/// Name of the value that is the file of certificate authorities that a connection trusts.
pub const CA_FILE: &str = "ca-file";

/// Every name that a failure gives a value. What is read back from the journal, or told by another process, keeps values
/// of these names only.
pub const FAILURE_VALUES: &[&str] = &[
    "action",
    "bucket",
    "bytes",
    CA_FILE,
    "command",
    "connection",
    "count",
    "deleting",
    "failed",
    "field",
    "folder",
    "host",
    "hours",
    "id",
    "key",
    "limit",
    "line",
    "maybe-https",
    "minutes",
    "missing",
    "most_bytes",
    "name",
    "open",
    "option",
    "path",
    "port",
    "prefix",
    "profile",
    "reason",
    "region",
    "requester-pays",
    RETRY_AFTER_SECS,
    "setting",
    "share",
    "size",
    "stands-damaged",
    "suggestion",
    "typed",
    "until",
    "wants-https",
];

/// One refusal or fault, with what it was about. The words are looked up by the front end in its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The cause.
    pub kind: FailureKind,
    /// Values for the sentences, of the names in [`FAILURE_VALUES`].
    pub args: Vec<(&'static str, String)>,
    /// Raw code, message and request id, one click away and for copying. Never a secret.
    pub detail: String,
    /// Whether trying again without changing anything can help.
    pub retryable: bool,
}

impl Failure {
    /// A failure with nothing but its kind.
    pub fn new(kind: FailureKind) -> Self {
        Self { kind, args: Vec::new(), detail: String::new(), retryable: kind.is_retryable() }
    }

    /// Adds a value for the sentences; a later value of the same name wins.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.retain(|(known, _)| *known != name);
        self.args.push((name, value.to_string()));
        self
    }

    /// Sets the raw detail.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = detail.to_string();
        self
    }
}

impl Failure {
    /// How many seconds the server has asked to be left alone; `None` if it has not.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.args.iter().find(|(name, _)| *name == RETRY_AFTER_SECS)?.1.parse().ok()
    }
}

impl FailureKind {
    /// Whether nobody who could serve the request has answered it.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::Offline | Self::HostNotFound | Self::ConnectionRefused | Self::Timeout)
    }

    /// Whether every request through the connection meets this until something of it is changed: its keys are refused, or
    /// what stands at its address cannot be trusted or is no S3.
    pub fn is_of_connection(self) -> bool {
        matches!(
            self,
            Self::UnknownAccessKey
                | Self::WrongSecret
                | Self::ExpiredToken
                | Self::InvalidToken
                | Self::NoCredentials
                | Self::CredentialsUnreadable
                | Self::SsoSignedOut
                | Self::RoleRefused
                | Self::CredentialProcessOff
                | Self::CredentialProcessFailed
                | Self::NotS3
                | Self::EndpointMissing
                | Self::EndpointInvalid
                | Self::EndpointHoldsBucket
                | Self::LoginPage
                | Self::ClockSkew
                | Self::TlsNotTrusted
                | Self::TlsWrongName
                | Self::TlsExpired
                | Self::ProxyLogin
                | Self::ProxyUnusable
        )
    }

    /// Whether the keychain could not be asked now: what it keeps is not lost.
    pub fn is_of_keychain(self) -> bool {
        matches!(self, Self::KeychainMissing | Self::KeychainLocked | Self::KeychainSilent | Self::KeychainFailed)
    }

    /// Whether a connection, or its keys, could not be read now: what is queued for it waits.
    pub fn is_unread_connection(self) -> bool {
        self.is_of_keychain() || matches!(self, Self::SettingsUnreadable | Self::SettingsEntries)
    }

    /// Whether the cause is known to pass by itself.
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Offline
                | Self::HostNotFound
                | Self::ConnectionRefused
                | Self::Timeout
                | Self::Throttled
                | Self::OutOfHandles
                | Self::ServerError
                | Self::ChecksumMismatch
                | Self::SourceChanged
                | Self::SourceSilent
        )
    }

    /// The kind in the form that `--json` and text ids use: `access-denied`.
    pub fn code(self) -> String {
        let mut code = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !code.is_empty() {
                code.push('-');
            }
            code.push(c.to_ascii_lowercase());
        }
        code
    }

    /// Every kind, for the test that each has its sentences.
    pub const ALL: &'static [Self] = &[
        Self::AccessDenied,
        Self::RequesterPays,
        Self::UnknownAccessKey,
        Self::WrongSecret,
        Self::ExpiredToken,
        Self::InvalidToken,
        Self::NoCredentials,
        Self::CredentialsUnreadable,
        Self::SsoSignedOut,
        Self::RoleRefused,
        Self::CredentialProcessOff,
        Self::CredentialProcessFailed,
        Self::NoSuchBucket,
        Self::NoSuchKey,
        Self::NoSuchUpload,
        Self::ListingCutShort,
        Self::WrongRegion,
        Self::NotS3,
        Self::EndpointMissing,
        Self::EndpointInvalid,
        Self::AwsSettingInvalid,
        Self::FipsUnavailable,
        Self::EndpointHoldsBucket,
        Self::LoginPage,
        Self::ClockSkew,
        Self::TlsNotTrusted,
        Self::TlsWrongName,
        Self::TlsExpired,
        Self::CaFileUnreadable,
        Self::CaFileInvalid,
        Self::HostNotFound,
        Self::ConnectionRefused,
        Self::Offline,
        Self::Timeout,
        Self::Throttled,
        Self::ServerError,
        Self::ProxyLogin,
        Self::ProxyUnusable,
        Self::BucketExists,
        Self::BucketOwnedByOther,
        Self::BucketNotEmpty,
        Self::InvalidBucketName,
        Self::InvalidKey,
        Self::KeyOutOfReach,
        Self::KeyTooLong,
        Self::TooLarge,
        Self::AlreadyExists,
        Self::ChecksumMismatch,
        Self::DataCorrupted,
        Self::NoEntityTag,
        Self::NothingStored,
        Self::PartsRefused,
        Self::BodyRefused,
        Self::ObjectReplaced,
        Self::ChecksumUnsupported,
        Self::AclNotSupported,
        Self::PublicAccessBlocked,
        Self::StaysPrivate,
        Self::AclLeftOut,
        Self::AlreadyPublic,
        Self::PolicyUnreadable,
        Self::PolicyCannotName,
        Self::PolicyTooLong,
        Self::PolicyChanged,
        Self::PolicyRefused,
        Self::SharingUnwritable,
        Self::Archived,
        Self::StorageFull,
        Self::Unsupported,
        Self::Unverified,
        Self::SourceMissing,
        Self::SourceUnreadable,
        Self::SourceAway,
        Self::SourceSilent,
        Self::SourceTooSlow,
        Self::OutOfHandles,
        Self::SourceChanged,
        Self::SourceSizeWrong,
        Self::SourceNotAFile,
        Self::SourceNameNotUnicode,
        Self::SourceSameKey,
        Self::NotAReceipt,
        Self::ReceiptMissing,
        Self::ReceiptIncomplete,
        Self::PartsRemain,
        Self::TargetExists,
        Self::TargetUnwritable,
        Self::TargetNameUnsafe,
        Self::DiskFull,
        Self::SettingsUnwritable,
        Self::FolderUnusable,
        Self::JournalFull,
        Self::JournalUnwritable,
        Self::JournalUnreadable,
        Self::JournalReadOnly,
        Self::JournalDamaged,
        Self::JournalMended,
        Self::JournalNewer,
        Self::JournalInUse,
        Self::JournalLeftBeside,
        Self::HandOverUnclear,
        Self::InstanceSilent,
        Self::SettingsUnreadable,
        Self::SettingsEntries,
        Self::KeychainMissing,
        Self::KeychainLocked,
        Self::KeychainSilent,
        Self::KeychainFailed,
        Self::SecretMissing,
        Self::ConnectionMissing,
        Self::ConnectionInUse,
        Self::DraftInvalid,
        Self::LocalStorageFailed,
        Self::LocalStorageIndexMissing,
        Self::LocalStorageIndexDamaged,
        Self::NoFileChooser,
        Self::NoProgramForFile,
        Self::NoBrowser,
        Self::SleepRefused,
        Self::Cancelled,
        Self::Internal,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case() {
        assert_eq!(FailureKind::AccessDenied.code(), "access-denied");
        assert_eq!(FailureKind::NotS3.code(), "not-s3");
    }
}
