//! Starting: reads the settings, makes the threads, hands everything to the actor.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::mpsc;

use super::actor::{Actor, Inbox, Picture};
use super::book::Book;
use super::decisions::Decisions;
use super::download::DownloadShared;
use super::handle::{Ended, EngineHandle};
use super::local::{LocalService, Standing};
use super::progress::TotalRate;
use super::queue::Queue;
use super::sessions::Sessions;
use super::tools::Tools;
use super::upload::{BufferPool, RetryPolicy, UploadShared, UploadThreads};
use super::{EngineConfig, EngineError, Tuning, sink};
use crate::model::{CredentialSource, EngineSnapshot, Event, RowsWanted};
use crate::platform::{Keychain, SettingsFile};

/// Parts of scans that may wait for the actor.
const SCANNED_WAITING: usize = 8;

/// Starts engines.
#[derive(Debug)]
pub struct Engine;

impl Engine {
    /// Starts an engine; `waker` is woken with every event. Reads the settings file and so blocks on the disk.
    /// The first event is [`Event::Started`].
    pub fn start(config: EngineConfig, waker: Waker) -> Result<EngineHandle, EngineError> {
        Self::start_tuned(config, Tuning::default(), waker)
    }

    /// The same with other limits, for tests and measurements.
    pub fn start_tuned(config: EngineConfig, tuning: Tuning, waker: Waker) -> Result<EngineHandle, EngineError> {
        config.home.ensure().map_err(EngineError::Home)?;
        let (file, loaded) = SettingsFile::load(config.home.settings_file());
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let numbers = AtomicUsize::new(0);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores.clamp(2, 4))
            .thread_name_fn(move || format!("engine-{}", numbers.fetch_add(1, Ordering::Relaxed)))
            .enable_all()
            .build()
            .map_err(EngineError::Threads)?;

        let (sink, events) = sink::channel(waker);
        let snapshot = EngineSnapshot {
            connections: loaded.connections.clone(),
            settings: loaded.settings.clone(),
            warnings: loaded.warnings,
            settings_path: config.home.settings_file(),
            log_folder: config.home.log_dir().to_owned(),
        };
        let uses_keychain =
            snapshot.connections.iter().any(|c| matches!(c.credentials, CredentialSource::Keychain { .. }));
        sink.send(Event::Started(Box::new(snapshot)));

        let book = Book::new(file, loaded.settings, loaded.connections, loaded.local_port);
        let keychain = Keychain::with_limit(config.secret_store, tuning.keychain_limit);
        let standing = if config.instance.is_some() { Standing::First } else { Standing::Guest };
        let local = LocalService::new(config.home.clone(), book.clone(), keychain.clone(), sink.clone(), standing);
        let sessions = Sessions::new(book.clone(), keychain.clone(), local.clone(), runtime.handle().clone());
        let tools = Tools { home: config.home, book, keychain, local, sessions, sink, clock: config.clock };

        let (commands, commands_in) = mpsc::unbounded_channel();
        let (upload_news, uploads) = mpsc::unbounded_channel();
        let (download_news, downloads) = mpsc::unbounded_channel();
        let (scanned, scanned_in) = mpsc::channel(SCANNED_WAITING);
        let retry = RetryPolicy {
            first_wait: tuning.first_retry_wait,
            longest_wait: Duration::from_secs(8),
            give_up_after: tuning.give_up_after,
        };
        let upload_shared = UploadShared {
            clock: Arc::clone(&tools.clock),
            pool: BufferPool::new(tuning.buffer_bytes),
            retry,
            sessions: tools.sessions.clone(),
            news: upload_news,
        };
        let download_shared = DownloadShared {
            clock: Arc::clone(&tools.clock),
            retry,
            sessions: tools.sessions.clone(),
            news: download_news,
        };
        let threads = if tuning.upload_threads == 0 { cores.clamp(2, 4) } else { tuning.upload_threads };
        let upload_threads = UploadThreads::start(threads, &upload_shared).map_err(EngineError::Threads)?;
        let actor = Actor {
            tools: tools.clone(),
            reporting: config.reporting,
            queue: Queue::default(),
            upload_threads,
            upload_shared,
            download_shared,
            scanned,
            running: HashMap::new(),
            kept: HashMap::new(),
            batches: HashMap::new(),
            decisions: Decisions::default(),
            rows_wanted: RowsWanted::default(),
            total: TotalRate::default(),
            picture: Picture::default(),
            stoppable: HashMap::new(),
            listing: None,
            inspecting: None,
        };
        let inbox = Inbox { commands: commands_in, uploads, downloads, scanned: scanned_in, instance: config.instance };
        let ended = Ended::default();
        let has_ended = ended.clone();
        runtime.spawn(async move {
            actor.run(inbox).await;
            has_ended.set();
        });
        if uses_keychain {
            runtime.spawn(async move {
                let state = tools.keychain.check().await;
                tools.sink.send(Event::KeychainChanged(Box::new(state)));
            });
        }
        Ok(EngineHandle { commands, events, ended, runtime: Mutex::new(Some(runtime)) })
    }
}
