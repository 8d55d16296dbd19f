//! Keys that have expired in the middle of a command: those of the standard AWS chain are read anew, since roles, logins
//! and programs that write profiles renew them; others end the command.

use super::client::{Client, Stop};
use crate::model::{Command, Connection, CredentialSource, Failure, RequestId};

/// So often without a file that arrives; keys that were just read and are refused as well are as good as none.
const MOST_IN_VAIN: u32 = 3;

/// Whether keys are being read anew, and how often that was in vain.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    asked: Option<RequestId>,
    in_vain: u32,
}

impl Renewal {
    /// The keys of a connection have expired: asks for them anew, or stops the command.
    pub(super) fn begin(
        &mut self,
        client: &mut Client<'_>,
        connection: Option<&Connection>,
        failure: &Failure,
    ) -> Result<(), Stop> {
        if self.asked.is_some() {
            return Ok(());
        }
        let renews = |connection: &&Connection| matches!(connection.credentials, CredentialSource::AwsChain { .. });
        let Some(connection) = connection.filter(renews).filter(|_| self.in_vain < MOST_IN_VAIN) else {
            return Err(Stop::Failed(Box::new(failure.clone())));
        };
        if self.in_vain == 0 {
            client.printer.remark(&client.printer.words("cli-renewing", &[]))?;
        }
        self.in_vain += 1;
        let request = RequestId::next();
        self.asked = Some(request);
        client.send(if connection.id.is_from_command_line() {
            Command::UseConnection { request, connection: Box::new(connection.clone()), credentials: None }
        } else {
            Command::OpenConnection { request, id: connection.id.clone() }
        });
        Ok(())
    }

    /// Whether this is the answer that is waited for.
    pub(super) fn is_of(&self, request: RequestId) -> bool {
        self.asked == Some(request)
    }

    /// The answer is there.
    pub(super) fn answered(&mut self) {
        self.asked = None;
    }

    /// A file has arrived: the keys are good.
    pub(super) fn worked(&mut self) {
        self.in_vain = 0;
    }
}
