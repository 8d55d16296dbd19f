//! Between the values of the program and those of SQLite: paths and keys as raw bytes, times, codes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use rusqlite::{Error, Row};
use serde_json::{Value as Json, json};

use super::types::{BatchStage, JobStage};
use crate::engine::queue::Naming;
use crate::model::{
    ConflictPolicy, FAILURE_VALUES, Failure, FailureKind, Gathered, ObjectKey, PutOptions, SkipReason, UploadAccess,
    Verified, VerifyWish,
};

/// A name or path as bytes: as they are on Unix, UTF-16 on Windows.
#[cfg(unix)]
pub(crate) fn os_bytes(text: &OsStr) -> std::borrow::Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt as _;
    text.as_bytes().into()
}

#[cfg(unix)]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes.to_vec())
}

/// A name or path as bytes: as they are on Unix, UTF-16 on Windows.
#[cfg(windows)]
pub(crate) fn os_bytes(text: &OsStr) -> std::borrow::Cow<'_, [u8]> {
    use std::os::windows::ffi::OsStrExt as _;
    text.encode_wide().flat_map(u16::to_le_bytes).collect::<Vec<u8>>().into()
}

#[cfg(windows)]
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    use std::os::windows::ffi::OsStringExt as _;
    let wide: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    OsString::from_wide(&wide)
}

/// Several paths in one value, each after its length.
pub(super) fn path_list(paths: &[PathBuf]) -> Vec<u8> {
    let mut list = Vec::new();
    for path in paths {
        let bytes = os_bytes(path.as_os_str());
        list.extend((bytes.len() as u64).to_le_bytes());
        list.extend_from_slice(&bytes);
    }
    list
}

/// The reverse of [`path_list`].
pub(super) fn paths(mut list: &[u8]) -> FromSqlResult<Vec<PathBuf>> {
    let mut paths = Vec::new();
    while let Some((len, rest)) = list.split_first_chunk::<8>() {
        let len = usize::try_from(u64::from_le_bytes(*len)).unwrap_or(usize::MAX);
        let (bytes, rest) = rest.split_at_checked(len).ok_or(FromSqlError::InvalidType)?;
        paths.push(PathBuf::from(os_string(bytes)));
        list = rest;
    }
    if list.is_empty() { Ok(paths) } else { Err(FromSqlError::InvalidType) }
}

/// A point in time as a value: nanoseconds where they fit, else sixteen bytes.
pub(super) fn time(time: Timestamp) -> ToSqlOutput<'static> {
    let ns = time.as_nanosecond();
    ToSqlOutput::Owned(match i64::try_from(ns) {
        Ok(ns) => Value::Integer(ns),
        Err(_too_far) => Value::Blob(ns.to_le_bytes().to_vec()),
    })
}

/// The same for one that may be missing.
pub(super) fn maybe_time(maybe: Option<Timestamp>) -> ToSqlOutput<'static> {
    maybe.map_or(ToSqlOutput::Owned(Value::Null), time)
}

/// A column as SQLite has it, with its number for errors.
pub(super) fn read<T>(
    row: &Row<'_>,
    column: usize,
    convert: impl FnOnce(ValueRef<'_>) -> FromSqlResult<T>,
) -> Result<T, Error> {
    let value = row.get_ref(column)?;
    let kind = value.data_type();
    convert(value).map_err(|error| Error::FromSqlConversionFailure(column, kind, Box::new(error)))
}

pub(super) fn as_time(value: ValueRef<'_>) -> FromSqlResult<Timestamp> {
    as_maybe_time(value)?.ok_or(FromSqlError::InvalidType)
}

pub(super) fn as_maybe_time(value: ValueRef<'_>) -> FromSqlResult<Option<Timestamp>> {
    let ns = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(ns) => i128::from(ns),
        ValueRef::Blob(bytes) => i128::from_le_bytes(bytes.try_into().map_err(|_error| FromSqlError::InvalidType)?),
        _ => return Err(FromSqlError::InvalidType),
    };
    Timestamp::from_nanosecond(ns).map(Some).map_err(|_error| FromSqlError::InvalidType)
}

pub(super) fn as_os_string(value: ValueRef<'_>) -> FromSqlResult<OsString> {
    Ok(os_string(value.as_blob()?))
}

/// UTF-8 that is kept as bytes.
pub(super) fn as_key_text(value: ValueRef<'_>) -> FromSqlResult<String> {
    String::from_utf8(value.as_blob()?.to_vec()).map_err(|error| FromSqlError::Other(Box::new(error)))
}

pub(super) fn as_maybe_key(value: ValueRef<'_>) -> FromSqlResult<Option<ObjectKey>> {
    match value {
        ValueRef::Null => Ok(None),
        value => as_key_text(value).map(ObjectKey::new).map(Some),
    }
}

/// SQLite's numbers are signed: sizes never reach so far.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn as_unsigned(value: ValueRef<'_>) -> FromSqlResult<u64> {
    u64::try_from(value.as_i64()?).map_err(|_error| FromSqlError::OutOfRange(value.as_i64().unwrap_or_default()))
}

/// Checksums and numbers of files use all their bits, so their sign means nothing.
pub(super) fn bits(number: u64) -> i64 {
    number.cast_signed()
}

pub(super) fn as_maybe_bits(value: ValueRef<'_>) -> FromSqlResult<Option<u64>> {
    Ok(value.as_i64_or_null()?.map(i64::cast_unsigned))
}

pub(super) fn naming_code(naming: Naming) -> i64 {
    match naming {
        Naming::Exact => 0,
        Naming::Lossy => 1,
    }
}

pub(super) fn as_naming(value: ValueRef<'_>) -> FromSqlResult<Naming> {
    match value.as_i64()? {
        0 => Ok(Naming::Exact),
        1 => Ok(Naming::Lossy),
        other => Err(FromSqlError::OutOfRange(other)),
    }
}

pub(super) fn batch_stage_code(stage: BatchStage) -> i64 {
    match stage {
        BatchStage::Filling => 0,
        BatchStage::Filled => 1,
        BatchStage::Reported => 2,
    }
}

pub(super) fn as_batch_stage(value: ValueRef<'_>) -> FromSqlResult<BatchStage> {
    match value.as_i64()? {
        0 => Ok(BatchStage::Filling),
        1 => Ok(BatchStage::Filled),
        2 => Ok(BatchStage::Reported),
        other => Err(FromSqlError::OutOfRange(other)),
    }
}

/// The stage's part of a job's state.
pub(super) fn stage_code(stage: JobStage) -> i64 {
    match stage {
        JobStage::Untouched => 2,
        JobStage::Putting => 3,
        JobStage::Creating => 4,
        JobStage::Uploading => 5,
        JobStage::Completing => 6,
        JobStage::Verifying => 7,
    }
}

pub(super) fn stage_of(code: i64) -> FromSqlResult<JobStage> {
    Ok(match code {
        2 => JobStage::Untouched,
        3 => JobStage::Putting,
        4 => JobStage::Creating,
        5 => JobStage::Uploading,
        6 => JobStage::Completing,
        7 => JobStage::Verifying,
        other => return Err(FromSqlError::OutOfRange(other)),
    })
}

/// The place in [`ConflictPolicy::ALL`].
pub(super) fn policy_code(policy: ConflictPolicy) -> i64 {
    let place = ConflictPolicy::ALL.iter().position(|known| *known == policy);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
}

pub(super) fn as_maybe_policy(value: ValueRef<'_>) -> FromSqlResult<Option<ConflictPolicy>> {
    let Some(code) = value.as_i64_or_null()? else { return Ok(None) };
    let place = usize::try_from(code).ok().and_then(|place| ConflictPolicy::ALL.get(place));
    place.copied().map(Some).ok_or(FromSqlError::OutOfRange(code))
}

/// A level that this program does not know proves nothing to it.
pub(super) fn verified_of(code: &str) -> Verified {
    Verified::from_code(code).unwrap_or(Verified::Unverified)
}

pub(crate) fn skip_json(reason: &SkipReason) -> String {
    let (code, text) = match reason {
        SkipReason::SystemFile => ("system-file", None),
        SkipReason::Excluded => ("excluded", None),
        SkipReason::SymbolicLink => ("symbolic-link", None),
        SkipReason::SpecialFile => ("special-file", None),
        SkipReason::Unreadable(words) => ("unreadable", Some(words.as_str())),
        SkipReason::Missing => ("missing", None),
        SkipReason::DeadLink => ("dead-link", None),
        SkipReason::EmptyFolder => ("empty-folder", None),
        SkipReason::Exists => ("exists", None),
        SkipReason::NotNewer => ("not-newer", None),
        SkipReason::NameDeclined => ("name-declined", None),
        SkipReason::SameKey(key) => ("same-key", Some(key.as_str())),
        SkipReason::CameLater => ("came-later", None),
    };
    json!({ "code": code, "text": text }).to_string()
}

pub(crate) fn skip_of(text: &str) -> FromSqlResult<SkipReason> {
    let value = parse(text)?;
    let words = || value.get("text").and_then(Json::as_str).unwrap_or_default().to_owned();
    Ok(match value.get("code").and_then(Json::as_str) {
        Some("system-file") => SkipReason::SystemFile,
        Some("excluded") => SkipReason::Excluded,
        Some("symbolic-link") => SkipReason::SymbolicLink,
        Some("special-file") => SkipReason::SpecialFile,
        Some("unreadable") => SkipReason::Unreadable(words()),
        Some("missing") => SkipReason::Missing,
        Some("dead-link") => SkipReason::DeadLink,
        Some("empty-folder") => SkipReason::EmptyFolder,
        Some("exists") => SkipReason::Exists,
        Some("not-newer") => SkipReason::NotNewer,
        Some("name-declined") => SkipReason::NameDeclined,
        Some("same-key") => SkipReason::SameKey(ObjectKey::new(words())),
        Some("came-later") => SkipReason::CameLater,
        _ => return Err(FromSqlError::InvalidType),
    })
}

pub(crate) fn failure_json(failure: &Failure) -> String {
    json!({
        "kind": failure.kind.code(), "args": failure.args, "detail": failure.detail, "retryable": failure.retryable
    })
    .to_string()
}

pub(crate) fn failure_of(text: &str) -> FromSqlResult<Failure> {
    let value = parse(text)?;
    let code = value.get("kind").and_then(Json::as_str).unwrap_or_default();
    let kind = FailureKind::ALL.iter().copied().find(|kind| kind.code() == code).unwrap_or(FailureKind::Internal);
    let mut failure = Failure::new(kind).detail(value.get("detail").and_then(Json::as_str).unwrap_or_default());
    failure.retryable = value.get("retryable").and_then(Json::as_bool).unwrap_or(failure.retryable);
    for pair in value.get("args").and_then(Json::as_array).into_iter().flatten() {
        let name =
            pair.get(0).and_then(Json::as_str).and_then(|name| FAILURE_VALUES.iter().find(|known| **known == name));
        if let (Some(name), Some(text)) = (name, pair.get(1).and_then(Json::as_str)) {
            failure = failure.with(name, text);
        }
    }
    Ok(failure)
}

/// What a PUT is made with, as text.
pub(crate) fn options_json(options: &PutOptions) -> String {
    json!({
        "on_conflict": options.on_conflict.code(),
        "content_type": options.content_type,
        "cache_control": options.cache_control,
        "metadata": options.metadata,
        "tags": options.tags,
        "storage_class": options.storage_class,
        "acl": options.acl,
        "encryption": options.encryption,
        "exclude": options.exclude,
        "gathered": options.gathered.code(),
        "access": options.access.code(),
        "verify": options.verify.map(VerifyWish::code),
    })
    .to_string()
}

/// The reverse.
pub(crate) fn options_of(text: &str) -> FromSqlResult<PutOptions> {
    let mut value = parse(text)?;
    let code = value.get("on_conflict").and_then(Json::as_str).unwrap_or_default();
    let on_conflict = ConflictPolicy::from_code(code).ok_or(FromSqlError::InvalidType)?;
    let mut take = |name: &str| value.get_mut(name).map(Json::take).unwrap_or_default();
    Ok(PutOptions {
        on_conflict,
        content_type: from_json(take("content_type"))?,
        cache_control: from_json(take("cache_control"))?,
        metadata: from_json(take("metadata"))?,
        tags: from_json(take("tags"))?,
        storage_class: from_json(take("storage_class"))?,
        acl: from_json(take("acl"))?,
        encryption: from_json(take("encryption"))?,
        exclude: from_json(take("exclude"))?,
        // Older rows do not tell.
        gathered: take("gathered").as_str().and_then(Gathered::from_code).unwrap_or_default(),
        // Written since public uploads exist; older rows ask for nothing.
        access: take("access").as_str().and_then(UploadAccess::from_code).unwrap_or_default(),
        verify: take("verify").as_str().and_then(VerifyWish::from_code),
    })
}

fn from_json<T: serde::de::DeserializeOwned>(value: Json) -> FromSqlResult<T> {
    serde_json::from_value(value).map_err(|error| FromSqlError::Other(Box::new(error)))
}

fn parse(text: &str) -> FromSqlResult<Json> {
    serde_json::from_str(text).map_err(|error| FromSqlError::Other(Box::new(error)))
}

/// A path as one value.
pub(super) fn path_bytes(path: &Path) -> std::borrow::Cow<'_, [u8]> {
    os_bytes(path.as_os_str())
}
