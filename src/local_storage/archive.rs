//! Archived objects: they are listed and described like others, and read only once they are restored.

use http::StatusCode;
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput, StorageClass, Tier};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::errors::custom;
use super::faults::Restores;
use super::handling::TrueStatus;
use super::index::{BucketRow, ObjectRow, Write};
use super::requests::{http_date, now_ms};
use super::service::Storage;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A copy that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Restore {
    /// When, in milliseconds since 1970.
    pub asked_ms: i64,
    /// For how long it stays.
    pub days: i32,
}

/// Where an archived object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotArchived,
    Archived,
    UnderWay,
    RestoredUntil(i64),
}

fn state(object: &ObjectRow, restores: Restores) -> State {
    if !matches!(object.storage_class.as_str(), StorageClass::GLACIER | StorageClass::DEEP_ARCHIVE) {
        return State::NotArchived;
    }
    match &object.detail.restore {
        None => State::Archived,
        Some(_) if restores == Restores::UnderWay => State::UnderWay,
        Some(Restore { asked_ms, days }) => {
            // To the midnight after the last day, as Amazon has it.
            let until = ((asked_ms + (i64::from(*days) + 1) * DAY_MS) / DAY_MS) * DAY_MS;
            if until > now_ms() { State::RestoredUntil(until) } else { State::Archived }
        }
    }
}

/// Refuses to read what is archived and not restored.
pub(super) fn check_readable(storage: &Storage, object: &ObjectRow) -> S3Result<()> {
    match state(object, storage.surroundings().restores) {
        State::NotArchived | State::RestoredUntil(_) => Ok(()),
        State::Archived | State::UnderWay => {
            let text = "The operation is not valid for the object's storage class";
            Err(s3_error!(InvalidObjectState, "{text}"))
        }
    }
}

/// The same for the source of a copy, which has a code of its own.
pub(super) fn check_copyable(storage: &Storage, object: &ObjectRow) -> S3Result<()> {
    let told = |_error: S3Error| {
        let text = "The source object of the COPY action is not in the active tier";
        custom(StatusCode::FORBIDDEN, "ObjectNotInActiveTierError", text)
    };
    check_readable(storage, object).map_err(told)
}

/// What `x-amz-restore` says of an object.
pub(super) fn told(storage: &Storage, object: &ObjectRow) -> Option<String> {
    match state(object, storage.surroundings().restores) {
        State::NotArchived | State::Archived => None,
        State::UnderWay => Some("ongoing-request=\"true\"".to_owned()),
        State::RestoredUntil(until) => Some(format!("ongoing-request=\"false\", expiry-date=\"{}\"", http_date(until))),
    }
}

pub(super) async fn restore(
    storage: &Storage,
    req: S3Request<RestoreObjectInput>,
) -> S3Result<S3Response<RestoreObjectOutput>> {
    let input = req.input;
    let asked = input.restore_request.ok_or_else(malformed)?;
    let days = asked.days.filter(|days| *days >= 1).ok_or_else(malformed)?;
    let tier = asked.tier.or(asked.glacier_job_parameters.map(|parameters| parameters.tier));
    let is_expedited = tier.is_some_and(|tier| tier.as_str() == Tier::EXPEDITED);
    let restores = storage.surroundings().restores;
    let change = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        let mut object = ObjectRow::require(write.conn, bucket.id, &input.key, input.version_id.as_deref())?;
        let status = match state(&object, restores) {
            State::NotArchived => {
                let text = "Restore is not allowed for the object's current storage class";
                return Err(s3_error!(InvalidObjectState, "{text}"));
            }
            State::UnderWay => {
                return Err(s3_error!(RestoreAlreadyInProgress, "Object restore is already in progress"));
            }
            State::Archived if is_expedited && object.storage_class == StorageClass::DEEP_ARCHIVE => {
                let text = "Retrieval option is not supported by this storage class";
                return Err(s3_error!(InvalidArgument, "{text}"));
            }
            State::Archived => StatusCode::ACCEPTED,
            State::RestoredUntil(_) => StatusCode::OK,
        };
        object.detail.restore = Some(Restore { asked_ms: now_ms(), days });
        write.update_object(bucket.id, &input.key, &object)?;
        Ok(status)
    };
    let status = storage.index.write(Vec::new(), change).await?;
    let mut answer = S3Response::new(RestoreObjectOutput::default());
    answer.extensions.insert(TrueStatus(status));
    Ok(answer)
}

fn malformed() -> S3Error {
    let text = "The XML you provided was not well-formed or did not validate against our published schema";
    s3_error!(MalformedXML, "{text}")
}
