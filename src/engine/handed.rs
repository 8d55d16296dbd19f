//! Uploads that another process of the same user hands over: their form on the way, and how they are taken.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::journal::{Change, options_json, options_of};
use super::recovery::{connection_json, connection_of};
use crate::model::{
    BatchId, BucketName, Connection, ConnectionId, CredentialSource, Location, Prefix, PutOptions, TransferId,
};
use crate::platform::TakenReply;

/// An upload for the Bucketdrop that runs already; its paths travel beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedUpload {
    /// Where it goes.
    pub to: Location,
    /// How.
    pub options: PutOptions,
    /// The connection if it is not a saved one. It has no secret: keys come from the chain, or none are needed.
    pub connection: Option<Connection>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    connection: String,
    /// As the journal has connections that the settings do not hold.
    described: Option<String>,
    bucket: String,
    prefix: String,
    options: String,
}

/// The upload as text, without secrets.
pub fn handed_text(upload: &HandedUpload) -> String {
    let written = Written {
        connection: upload.to.connection.as_str().to_owned(),
        described: upload.connection.as_ref().map(connection_json),
        bucket: upload.to.bucket.as_str().to_owned(),
        prefix: upload.to.prefix.as_str().to_owned(),
        options: options_json(&upload.options),
    };
    // Plain texts always become JSON.
    serde_json::to_string(&written).unwrap_or_default()
}

/// The reverse; `None` for what no Bucketdrop sends.
fn handed_of(text: &str) -> Option<HandedUpload> {
    let written: Written = serde_json::from_str(text).ok()?;
    let id = ConnectionId::new(written.connection);
    let connection = match written.described {
        Some(json) => Some(connection_of(&id, &json)?),
        None => None,
    };
    let bucket = BucketName::new(&written.bucket).ok()?;
    let to = Location { connection: id, bucket, prefix: Prefix::new(&written.prefix) };
    Some(HandedUpload { to, options: options_of(&written.options).ok()?, connection })
}

/// An upload that was handed over and is being written down. Whoever dies before that has taken nothing.
#[derive(Debug)]
pub(super) struct Handed {
    batch: BatchId,
    paths: Vec<PathBuf>,
    to: Location,
    options: Arc<PutOptions>,
    reply: TakenReply,
}

impl Handed {
    /// Whether it is to go through this connection.
    pub(super) fn goes_through(&self, connection: &ConnectionId) -> bool {
        self.to.connection == *connection
    }
}

impl Actor {
    /// Takes what another process hands over, once it is written down; refused if it cannot be read, if its connection
    /// is not known here, and while nothing can be written.
    pub(super) fn take_handed(&mut self, paths: Vec<PathBuf>, text: &str, reply: TakenReply) {
        let Some(HandedUpload { to, options, connection }) = handed_of(text) else {
            tracing::warn!("an upload was handed over that cannot be read");
            return;
        };
        let is_known = to.connection.is_local() || self.tools.book.find(&to.connection).is_ok();
        match connection {
            // What is known here stays as it is, whatever another process says.
            _ if is_known => {}
            Some(connection) if needs_no_secret(&connection) => self.tools.bring(connection),
            _ => {
                tracing::warn!(id = to.connection.as_str(), "an upload was handed over for an unknown connection");
                return;
            }
        }
        if self.is_stalled() {
            tracing::warn!("an upload was handed over while the journal cannot be written");
            return;
        }
        let (batch, options) = (BatchId::next(), self.with_defaults(options));
        let begins = self.new_batch(batch, paths.clone(), &to, &options);
        // A number that no transfer has.
        let token = TransferId::next();
        self.handed.insert(token, Handed { batch, paths, to, options, reply });
        self.journal.record_now(begins, token);
    }

    /// An upload that was handed over is written down: now it is queued. `false` if this names none.
    pub(super) fn handed_durable(&mut self, token: TransferId) -> bool {
        let Some(handed) = self.handed.remove(&token) else { return false };
        let Handed { batch, paths, to, options, reply } = handed;
        if let Some(teller) = reply.taken() {
            self.tools.sink.followers().add(batch, to.clone(), teller);
            self.fill(batch, paths, &to, &options);
        } else {
            tracing::warn!("an upload was handed over by a process that did not wait");
            self.journal.note(Change::BatchReported { batch });
        }
        true
    }

    /// The engine ends: what is not written down is not taken.
    pub(super) fn refuse_handed(&mut self) {
        for handed in std::mem::take(&mut self.handed).into_values() {
            self.journal.note(Change::BatchReported { batch: handed.batch });
        }
    }
}

fn needs_no_secret(connection: &Connection) -> bool {
    matches!(connection.credentials, CredentialSource::AwsChain { .. } | CredentialSource::Anonymous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Addressing, ConflictPolicy, Endpoint, Gathered, Payer, Region, SaidBy, Service};

    #[test]
    fn an_upload_arrives_as_it_was_sent() {
        let id = ConnectionId::new("command-line-1");
        let credentials = CredentialSource::AwsChain {
            profile: Some("work".to_owned()),
            region: SaidBy::User,
            endpoint: SaidBy::User,
        };
        let connection = Connection {
            name: "aws".to_owned(),
            endpoint: Endpoint::parse("http://127.0.0.1:9000").ok(),
            region: Region::new("eu-central-1").unwrap(),
            addressing: Addressing::Path,
            payer: Payer::Requester,
            credentials,
            ..Connection::plain(id.clone(), Service::Other)
        };
        let to = Location { connection: id, bucket: BucketName::new("b-1").unwrap(), prefix: Prefix::new("p/한/") };
        let options = PutOptions {
            on_conflict: ConflictPolicy::Rename,
            gathered: Gathered::ByName,
            metadata: vec![("k".to_owned(), "v".to_owned())],
            ..PutOptions::default()
        };
        let sent = HandedUpload { to, options, connection: Some(connection) };
        assert_eq!(handed_of(&handed_text(&sent)), Some(sent.clone()));
        let saved = HandedUpload { connection: None, ..sent };
        assert_eq!(handed_of(&handed_text(&saved)), Some(saved));
        assert_eq!(handed_of("{}"), None);
    }
}
