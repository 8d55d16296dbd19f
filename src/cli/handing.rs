//! A Bucketdrop that runs already keeps the journal: uploads are handed to it, where it can carry them out as they
//! were meant.

use std::ffi::OsString;
use std::path::PathBuf;

use super::args::UploadArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use crate::engine::{HandedUpload, handed_text};
use crate::model::{Connection, CredentialSource, Failure, Location, PutOptions};

/// The Bucketdrop that runs already.
pub trait Window {
    /// Hands an upload over: what, and where to and how in the engine's words.
    fn upload(&self, paths: &[PathBuf], job: String) -> Result<(), Failure>;
    /// Lets it go on with its queue.
    fn resume(&self) -> Result<(), Failure>;
}

/// Hands an upload to the Bucketdrop that runs, if one does. `None` if it has to be done here; why was told.
pub(super) fn upload(
    client: &mut Client<'_>,
    args: &UploadArgs,
    paths: &[PathBuf],
    handed: &HandedUpload,
) -> Result<Option<Outcome>, Stop> {
    let Some(window) = client.window() else { return Ok(None) };
    let why_not = match own_ways(args).or_else(|| own_keys(handed.connection.as_ref(), std::env::vars_os())) {
        Some(why) => why,
        None => match window.upload(paths, handed_text(handed)) {
            Ok(()) => return told(client, "upload", Some(&handed.to)).map(Some),
            Err(failure) => {
                tracing::warn!(detail = failure.detail, "an upload is not handed over");
                "it does not take this upload"
            }
        },
    };
    client.printer.remark(&format!("A Bucketdrop is running, but {why_not}: this upload is done here."))?;
    Ok(None)
}

/// Lets the Bucketdrop that runs go on, if one does.
pub(super) fn resume(client: &mut Client<'_>) -> Result<Option<Outcome>, Stop> {
    let Some(window) = client.window() else { return Ok(None) };
    window.resume().map_err(Box::new)?;
    told(client, "resume", None).map(Some)
}

fn told(client: &mut Client<'_>, command: &str, to: Option<&Location>) -> Result<Outcome, Stop> {
    let (bucket, prefix) = (to.map(|to| to.bucket.as_str()), to.map(|to| to.prefix.as_str()));
    client.printer.only_json(&Line::HandedOver { command, bucket, prefix })?;
    client.printer.remark(match command {
        "resume" => "The Bucketdrop that is running goes on with its queue; its window shows how far it is.",
        _ => "The Bucketdrop that is running takes this upload; its window shows how far it is, and has the links.",
    })?;
    Ok(Outcome::AllDone)
}

/// Options that are for a run of its own.
fn own_ways(args: &UploadArgs) -> Option<&'static str> {
    let limits = args.jobs.is_some() || args.bandwidth.is_some();
    if limits {
        return Some("--jobs and --bandwidth are for uploads of this command only");
    }
    if args.check {
        return Some("--check has to wait for the links");
    }
    args.receipt.is_some().then_some("--receipt has to wait for the end")
}

/// Keys that another process does not have, since they come from the environment of this one.
fn own_keys(
    connection: Option<&Connection>,
    mut environment: impl Iterator<Item = (OsString, OsString)>,
) -> Option<&'static str> {
    let is_chain = matches!(connection?.credentials, CredentialSource::AwsChain { .. });
    let names_aws = |name: &OsString| name.to_string_lossy().starts_with("AWS_");
    let is_own = is_chain && environment.any(|(name, _value)| names_aws(&name));
    is_own.then_some("this upload's keys come from the environment (AWS_…)")
}

/// What goes over.
pub(super) fn handed(to: Location, options: PutOptions, connection: Option<Connection>) -> HandedUpload {
    HandedUpload { to, options, connection }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::connect::aws_chain;

    #[test]
    fn keys_of_the_environment_stay_here() {
        let chain = aws_chain(&crate::cli::GlobalArgs::default()).unwrap();
        let variable = |name: &str| std::iter::once((OsString::from(name), OsString::from("x")));
        assert!(own_keys(Some(&chain), variable("AWS_ACCESS_KEY_ID")).is_some());
        assert!(own_keys(Some(&chain), variable("HOME")).is_none());
        let anonymous = Connection { credentials: CredentialSource::Anonymous, ..chain };
        assert!(own_keys(Some(&anonymous), variable("AWS_PROFILE")).is_none());
        assert!(own_keys(None, variable("AWS_PROFILE")).is_none());
    }
}
