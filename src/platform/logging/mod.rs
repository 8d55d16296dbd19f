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
const TALKATIVE: [&str; 13] = [
    "aws_",
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
    let file_layer = writer.map(|writer| layer(writer, wanted_filter()));
    let console_layer = (console == Console::Stderr).then(|| layer(io::stderr, wanted_filter()));
    let set = tracing_subscriber::registry().with(file_layer).with(console_layer).try_init();
    if let Err(error) = set {
        return LogGuard { _file: None, problem: Some(io::Error::other(error)) };
    }
    if let Some(error) = &problem {
        tracing::warn!(%error, folder = %home.log_dir().display(), "no log file");
    }
    LogGuard { _file: file, problem }
}

/// Lines that may wait for the disk. Room for all of them is taken at the start.
const MOST_WAITING_LINES: usize = 4096;

fn open_file(folder: &Path) -> io::Result<(tracing_appender::non_blocking::NonBlocking, WorkerGuard)> {
    super::paths::make_private_dir(folder)?;
    let file = RollingFile::open(folder, rolling::today)?;
    Ok(NonBlockingBuilder::default().thread_name("log").buffered_lines_limit(MOST_WAITING_LINES).finish(file))
}

/// What `RUST_LOG` asks for, else the default.
fn wanted_filter() -> EnvFilter {
    let wanted = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    EnvFilter::from_str(wanted.as_deref().unwrap_or(DEFAULT_FILTER))
        .unwrap_or_else(|_error| EnvFilter::new(DEFAULT_FILTER))
}

/// A layer that writes plain lines through the redaction, under a filter and the caps that hold for every filter.
fn layer<S, W>(writer: W, filter: EnvFilter) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
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
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::model::Secret;

    #[test]
    fn talkative_crates_are_known_by_their_targets() {
        for target in ["aws_sigv4::http_request", "hyper::proto::h1::io", "hyper_util::client", "h2::codec", "rustls"] {
            assert!(is_talkative(target), "{target}");
        }
        for target in ["bucketdrop::engine", "h2o", "awesome", "hyperion", ""] {
            assert!(!is_talkative(target), "{target}");
        }
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What stands in a log where everything was asked for.
    fn logged_at_trace(work: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let everything = layer(move || writer.clone(), EnvFilter::new("trace,aws_sigv4=trace,hyper=trace"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(everything), work);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_filter_raises_the_crates_that_log_requests() {
        let log = logged_at_trace(|| {
            tracing::trace!(target: "aws_sigv4::http_request", "canonical request: HIDDEN");
            tracing::debug!(target: "hyper::proto::h1", "flushed HIDDEN");
            tracing::debug!(target: "aws_smithy_runtime::client", body = "HIDDEN");
            tracing::warn!(target: "aws_smithy_runtime::retries", "a warning stays");
            tracing::trace!(target: "bucketdrop::engine", "our own words stay");
        });
        assert!(!log.contains("HIDDEN"), "{log}");
        assert!(log.contains("a warning stays") && log.contains("our own words stay"), "{log}");
    }

    #[test]
    fn every_record_is_one_line_without_secrets() {
        redact(&Secret::new("a very secret value"));
        let log = logged_at_trace(|| {
            tracing::info!(key = "a very secret value", "field");
            tracing::info!("message with a very secret value");
            tracing::info!(url = "https://h/?X-Amz-Signature=HIDDEN&x=1", "link");
            tracing::info!(name = "a\nb\u{1b}[31m", "name\n2026 ERROR forged");
            let span = tracing::info_span!("span", key = "a very secret value");
            span.in_scope(|| tracing::info!("in a span"));
        });
        assert!(!log.contains("very secret") && !log.contains("HIDDEN"), "{log}");
        assert_eq!(log.lines().count(), 5, "{log}");
        assert!(!log.contains('\u{1b}'), "{log}");
    }

    #[test]
    fn the_log_folder_is_made_and_written_to() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("logs");
        let (mut writer, guard) = open_file(&folder).unwrap();
        io::Write::write_all(&mut writer, b"a line\n").unwrap();
        drop(guard);
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(&files[0]).unwrap(), b"a line\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
