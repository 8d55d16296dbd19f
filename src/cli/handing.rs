//! A Bucketdrop that runs already keeps the journal: uploads are handed to it, where it can carry them out as they
//! were meant, and followed to their end.

use std::ffi::OsString;
use std::path::PathBuf;

use super::args::{ResumeArgs, UploadArgs};
use super::client::{Client, Stop};
use super::json::Line;
use crate::engine::{FollowedQueue, HandedUpload, handed_text};
use crate::locale::{Lang, text};
use crate::model::{Connection, CredentialSource, Failure, Location, PutOptions, UnfinishedBatch};

/// The Bucketdrop that runs already.
pub trait Window {
    /// Hands an upload over: what, and where to and how in the engine's words. From then on there is [`Window::news`].
    fn upload(&self, paths: &[PathBuf], job: String) -> Result<(), NotTaken>;
    /// What it has told since of what was handed over; never waits.
    fn news(&self) -> Vec<News>;
    /// Lets it go on with its queue. From then on there is [`Window::news`].
    fn resume(&self) -> Result<(), Failure>;
}

/// What became of an upload that was offered and not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum NotTaken {
    /// It will not be carried out there, for this reason.
    Refused(Box<Failure>),
    /// Nobody knows whether it will.
    Unclear(Box<Failure>),
}

/// How it fares, what was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Something happened, in the engine's words.
    Told(String),
    /// Nothing more comes.
    Over,
}

/// Why an upload is done here although a Bucketdrop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhyNot {
    /// Limits are for a run of its own.
    Limits,
    /// What was stored is written down by whoever stores it.
    Receipt,
    /// Its keys come from this process's environment.
    Keys,
    /// It was offered, and not taken.
    Refused,
}

impl WhyNot {
    fn words(self, lang: Lang) -> String {
        match self {
            Self::Limits => text(lang, "cli-not-handed-limits"),
            Self::Receipt => text(lang, "cli-not-handed-receipt"),
            Self::Keys => text(lang, "cli-not-handed-keys"),
            Self::Refused => text(lang, "cli-not-handed-refused"),
        }
    }
}

/// Whether the Bucketdrop that runs carries an upload out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handing {
    Taken,
    /// It has to be done here; why was told, if one runs at all.
    DoneHere,
}

/// What is offered to the Bucketdrop that runs.
pub(super) struct Offer<'a> {
    pub(super) args: &'a UploadArgs,
    pub(super) paths: &'a [PathBuf],
    pub(super) handed: &'a HandedUpload,
    /// What the upload goes through as it is described here, saved or not.
    pub(super) through: Option<&'a Connection>,
}

/// Hands an upload to the Bucketdrop that runs, if one does.
pub(super) fn upload(client: &mut Client<'_>, offer: &Offer<'_>) -> Result<Handing, Stop> {
    let Some(window) = client.window() else { return Ok(Handing::DoneHere) };
    let why_not = match own_ways(offer.args).or_else(|| own_keys(offer.through, std::env::vars_os())) {
        Some(why) => why,
        None => match window.upload(offer.paths, handed_text(offer.handed)) {
            Ok(()) => {
                told(client, "upload", Some(&offer.handed.to))?;
                client.printer.remark(&client.printer.words("cli-handed-over", &[]))?;
                return Ok(Handing::Taken);
            }
            Err(NotTaken::Refused(failure)) => {
                tracing::warn!(detail = failure.detail, "an upload is not handed over");
                WhyNot::Refused
            }
            // Done here, it could be done twice.
            Err(NotTaken::Unclear(failure)) => return Err(Stop::Failed(failure)),
        },
    };
    let reason = why_not.words(client.printer.lang);
    client.printer.remark(&client.printer.words("cli-not-handed-over", &[("reason", &reason)]))?;
    Ok(Handing::DoneHere)
}

/// Lets the Bucketdrop that runs go on, if one does, and gives what it goes on with. Its limits and receipts are its own,
/// which is said where others were asked for.
pub(super) fn resume(
    client: &mut Client<'_>,
    args: &ResumeArgs,
) -> Result<Option<(FollowedQueue, Vec<UnfinishedBatch>)>, Stop> {
    let Some(window) = client.window() else { return Ok(None) };
    window.resume().map_err(Box::new)?;
    told(client, "resume", None)?;
    client.printer.remark(&client.printer.words("cli-resume-handed-over", &[]))?;
    if args.jobs.is_some() || args.bandwidth.is_some() {
        client.printer.complaint(&client.printer.words("cli-resume-without-limits", &[]))?;
    }
    if args.receipt.is_some() {
        client.printer.complaint(&client.printer.words("cli-resume-without-receipt", &[]))?;
    }
    client.handed_queue().map(Some)
}

fn told(client: &mut Client<'_>, command: &str, to: Option<&Location>) -> Result<(), Stop> {
    let (bucket, prefix) = (to.map(|to| to.bucket.as_str()), to.map(|to| to.prefix.as_str()));
    Ok(client.printer.only_json(&Line::HandedOver { command, bucket, prefix })?)
}

/// Options that are for a run of its own.
fn own_ways(args: &UploadArgs) -> Option<WhyNot> {
    if args.jobs.is_some() || args.bandwidth.is_some() {
        return Some(WhyNot::Limits);
    }
    args.receipt.is_some().then_some(WhyNot::Receipt)
}

/// Keys that another process does not have, since they come from the environment of this one.
fn own_keys(
    connection: Option<&Connection>,
    mut environment: impl Iterator<Item = (OsString, OsString)>,
) -> Option<WhyNot> {
    let is_chain = matches!(connection?.credentials, CredentialSource::AwsChain { .. });
    let names_aws = |name: &OsString| name.to_string_lossy().starts_with("AWS_");
    let is_own = is_chain && environment.any(|(name, _value)| names_aws(&name));
    is_own.then_some(WhyNot::Keys)
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
