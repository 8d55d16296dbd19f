//! The log: one file a day, kept for a week, and on request the error stream. Every line passes [`redact`]'s filter,
//! whatever wrote it.

mod redaction;
mod rolling;

use std::io;
use std::path::Path;
use std::str::FromStr as _;

use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::Home;
use redaction::Redacting;
pub use redaction::redact;
use rolling::RollingFile;

/// Whether log lines are also written to the error stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Console {
    /// To the file only.
    #[default]
    Silent,
    /// To the error stream as well.
    Stderr,
}

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT_FILTER: &str = "warn,bucketdrop=info";

/// Crates that log headers, bodies, signatures or bytes below `info`. `RUST_LOG` cannot raise them.
const TALKATIVE: [&str; 14] = [
    "aws_",
    "aws_smithy",
    "hyper",
    "h2",
    "rustls",
    "reqwest",
    "s3s",
    "tower",
    "want",
    "zbus",
    "zvariant",
    "secret_service",
    "keyring",
    "zbus_secret_service_keyring_store",
];

/// Keeps the log going; what is not written yet is written when it is dropped, at the end of `main`.
#[must_use = "dropping it ends the log"]
pub struct LogGuard {
    _file: Option<WorkerGuard>,
    /// Why there is no log file.
    problem: Option<io::Error>,
}

impl LogGuard {
    /// Why there is no log file, if there is none. The program runs all the same.
    pub fn problem(&self) -> Option<&io::Error> {
        self.problem.as_ref()
    }
}

/// Starts the log for the whole process, once. Makes the log folder; without one, only the console is written to.
/// The filter comes from `RUST_LOG`.
pub fn init(home: &Home, console: Console) -> LogGuard {
    let (writer, file, problem) = match open_file(home.log_dir()) {
        Ok((writer, guard)) => (Some(writer), Some(guard), None),
        Err(error) => (None, None, Some(error)),
    };
    let file_layer = writer.map(layer);
    let console_layer = (console == Console::Stderr).then(|| layer(io::stderr));
    let set = tracing_subscriber::registry().with(file_layer).with(console_layer).try_init();
    if let Err(error) = set {
        return LogGuard { _file: None, problem: Some(io::Error::other(error)) };
    }
    if let Some(error) = &problem {
        tracing::warn!(%error, folder = %home.log_dir().display(), "no log file");
    }
    LogGuard { _file: file, problem }
}

fn open_file(folder: &Path) -> io::Result<(tracing_appender::non_blocking::NonBlocking, WorkerGuard)> {
    super::paths::make_private_dir(folder)?;
    let file = RollingFile::open(folder, rolling::today)?;
    Ok(NonBlockingBuilder::default().thread_name("log").finish(file))
}

/// A layer that writes plain lines through the redaction, under the filter and its caps.
fn layer<S, W>(writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let wanted = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let filter = EnvFilter::from_str(wanted.as_deref().unwrap_or(DEFAULT_FILTER))
        .unwrap_or_else(|_error| EnvFilter::new(DEFAULT_FILTER));
    tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Redacting::new(writer))
        .with_filter(filter.and(filter_fn(is_harmless)))
        .boxed()
}

/// Whether a crate's records may be logged at this level.
fn is_harmless(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || !is_talkative(metadata.target())
}

fn is_talkative(target: &str) -> bool {
    TALKATIVE.iter().any(|name| target.strip_prefix(name).is_some_and(|rest| name.ends_with('_') || is_border(rest)))
}

/// Whether a crate's name ends here: `hyper::proto` and `hyper_util` count, `hyperion` does not.
fn is_border(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c == ':' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talkative_crates_are_known_by_their_targets() {
        for target in ["aws_sigv4::http_request", "hyper::proto::h1::io", "hyper_util::client", "h2::codec", "rustls"] {
            assert!(is_talkative(target), "{target}");
        }
        for target in ["bucketdrop::engine", "h2o", "awesome", "hyperion", ""] {
            assert!(!is_talkative(target), "{target}");
        }
    }
}
