//! Keys from the command that a profile of `~/.aws` names (`credential_process`): which it is, whether it may be run, and
//! what it says. The SDK would run it unasked, and wait for it as long as it takes; here it is run only where the user
//! has allowed it, and ended after [`LIMIT`].
//!
//! Only a profile's own command is looked at. One that another profile takes on a role with (`source_profile`) is not run.

use std::fmt;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use aws_config::profile::Profile;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use serde::Deserialize;
use zeroize::Zeroize as _;

use crate::model::KeyCommand;

/// Longest time a command may take.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// No answer is longer.
const MOST_BYTES: u64 = 64 * 1024;
/// So much of what it complains of is told.
const MOST_COMPLAINT_CHARS: usize = 200;
/// What goes before the command where a profile has several sources of keys, in the order of Amazon's own tools.
const STRONGER: [&str; 7] = [
    "role_arn",
    "credential_source",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "login_session",
];

/// The command that a profile gets its keys from; `None` if it gets them in another way.
pub(super) fn of_profile(profile: &Profile) -> Option<String> {
    let is_weaker = STRONGER.iter().any(|name| profile.get(name).is_some());
    profile.get("credential_process").filter(|_| !is_weaker).map(str::to_owned)
}

/// Why a command gave no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandProblem {
    /// Nobody has allowed it; the whole command, to be judged by.
    #[error("the profile's command was not run, since nobody has allowed it")]
    NotAllowed { command: String },
    /// It was run. Of the command only the program: what comes after may be secret.
    #[error("external process: {reason}")]
    Failed { program: String, reason: String },
}

impl CommandProblem {
    /// The command, as far as it may be shown.
    pub(super) fn command(&self) -> &str {
        match self {
            Self::NotAllowed { command } => command,
            Self::Failed { program, .. } => program,
        }
    }
}

/// Gives the keys that a command tells.
pub(super) struct KeysOfCommand {
    command: String,
    may_run: KeyCommand,
    limit: Duration,
}

impl fmt::Debug for KeysOfCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeysOfCommand").field("may_run", &self.may_run).finish_non_exhaustive()
    }
}

impl KeysOfCommand {
    pub(super) fn new(command: String, may_run: KeyCommand) -> Self {
        Self { command, may_run, limit: LIMIT }
    }

    async fn keys(&self) -> provider::Result {
        if self.may_run == KeyCommand::Refused {
            let problem = CommandProblem::NotAllowed { command: self.command.clone() };
            return Err(CredentialsError::provider_error(problem));
        }
        let (command, limit) = (self.command.clone(), self.limit);
        let ran = tokio::task::spawn_blocking(move || run(&command, limit)).await;
        let told = ran.unwrap_or_else(|error| Err(error.to_string()));
        told.and_then(|mut told| {
            let keys = keys_in(&told);
            told.zeroize();
            keys
        })
        .map_err(|reason| {
            let program = self.command.split_whitespace().next().unwrap_or_default().to_owned();
            CredentialsError::provider_error(CommandProblem::Failed { program, reason })
        })
    }
}

impl ProvideCredentials for KeysOfCommand {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.keys())
    }
}

/// Runs it by the system's shell, as Amazon's own tools do; what it has written, or why that is nothing.
fn run(command: &str, limit: Duration) -> Result<Vec<u8>, String> {
    let mut shell = shell(command);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().map_err(|error| error.to_string())?;
    let (out, complaint) = (child.stdout.take().map(read_beside), child.stderr.take().map(read_beside));
    let status = wait(&mut child, limit)?;
    let whole =
        |reading: Option<Reading>| reading.and_then(|reading| reading.recv_timeout(limit).ok()).unwrap_or_default();
    let (out, complaint) = (whole(out), whole(complaint));
    if status.success() {
        return Ok(out);
    }
    let complaint: String = String::from_utf8_lossy(&complaint).trim().chars().take(MOST_COMPLAINT_CHARS).collect();
    Err(format!("{status}: {complaint}"))
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt as _;
    let mut shell = Command::new("cmd.exe");
    // Whole, in one more pair of quotes, which is what it takes off again.
    shell.arg("/C").raw_arg(format!("\"{command}\""));
    shell
}

type Reading = std::sync::mpsc::Receiver<Vec<u8>>;

/// Reads on a thread of its own, so that neither stream holds the other up.
fn read_beside(stream: impl Read + Send + 'static) -> Reading {
    let (sender, reading) = std::sync::mpsc::channel();
    let read = move || {
        let mut bytes = Vec::new();
        // What could be read until an error says enough.
        stream.take(MOST_BYTES).read_to_end(&mut bytes).ok();
        sender.send(bytes).ok();
    };
    // Without a thread nothing is read, and the command has told nothing.
    std::thread::Builder::new().name("key-command".to_owned()).spawn(read).ok();
    reading
}

fn wait(child: &mut Child, limit: Duration) -> Result<std::process::ExitStatus, String> {
    let end = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(LOOK_EVERY),
            Ok(None) => {
                // It may end by itself in this moment.
                child.kill().ok();
                child.wait().ok();
                return Err(format!("it did not end within {} s", limit.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// What a command says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

/// Nothing of what was told gets into the reason.
fn keys_in(told: &[u8]) -> Result<Credentials, String> {
    let told: Told = serde_json::from_slice(told).map_err(|_secret| "its answer is not what was agreed".to_owned())?;
    if told.version != 1 {
        return Err(format!("its answer is of version {}, and only 1 is known", told.version));
    }
    let ends = told.expiration.map(|end| end.parse::<jiff::Timestamp>()).transpose();
    let ends = ends.map_err(|error| format!("the end of its keys is no time: {error}"))?.map(SystemTime::from);
    Ok(Credentials::new(told.access_key_id, told.secret_access_key, told.session_token, ends, "credential_process"))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::s3::classify::{chain_text, kind_of_credentials};

    async fn keys(command: &str, limit: Duration) -> provider::Result {
        KeysOfCommand { limit, ..KeysOfCommand::new(command.to_owned(), KeyCommand::Allowed) }.keys().await
    }

    #[tokio::test]
    async fn a_command_tells_keys_and_their_end() {
        let told = r#"{"Version": 1, "AccessKeyId": "id", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": "2040-05-26T12:34:56Z", "Other": 1}"#;
        let keys = keys(&format!("echo '{told}'"), LIMIT).await.unwrap();
        assert_eq!((keys.access_key_id(), keys.secret_access_key(), keys.session_token()), ("id", "s", Some("t")));
        let ends: jiff::Timestamp = "2040-05-26T12:34:56Z".parse().unwrap();
        assert_eq!(keys.expiry(), Some(SystemTime::from(ends)));
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_without_a_secret() {
        let short = Duration::from_millis(200);
        for (command, limit, reason) in [
            ("echo no card >&2; exit 3", LIMIT, "no card"),
            ("echo '{\"Version\": 1, \"SecretAccessKey\": \"hush\"}'", LIMIT, "not what was agreed"),
            ("echo '{\"Version\": 2, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"hush\"}'", LIMIT, "version 2"),
            ("no-such-program --token hush", LIMIT, "not found"),
            ("exec sleep 60", short, "did not end"),
        ] {
            let error = keys(command, limit).await.unwrap_err();
            assert_eq!(kind_of_credentials(&error), FailureKind::CredentialProcessFailed, "{command}");
            let text = chain_text(&error);
            assert!(text.contains(reason) && !text.contains("hush"), "{command}: {text}");
        }
    }

    #[tokio::test]
    async fn nothing_is_run_that_nobody_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("pwned");
        let command = format!("touch {}", mark.display());
        let error = KeysOfCommand::new(command, KeyCommand::Refused).keys().await.unwrap_err();
        assert_eq!(kind_of_credentials(&error), FailureKind::CredentialProcessOff);
        assert!(!mark.exists());
    }
}
