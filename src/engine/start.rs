//! Starting: reads the settings, makes the threads, hands everything to the actor.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, UnboundedSender};

use super::actor::{Actor, Inbox, Picture};
use super::ahead::PageAhead;
use super::book::{Book, Unread};
use super::checking::Checks;
use super::connection_use::Uses;
use super::decisions::Decisions;
use super::download::DownloadShared;
use super::far::Far;
use super::handle::{Ended, EngineHandle};
use super::health::HealthBook;
use super::holding::Holding;
use super::lessons::Lessons;
use super::link_history::LinkHistory;
use super::local::{InstanceRole, LocalService};
use super::orphans::Orphans;
use super::pace::Bandwidth;
use super::pasted::Pasted;
use super::progress::TotalRate;
use super::queue::Queue;
use super::recovery;
use super::sessions::{SessionNews, Sessions};
use super::sharing::Sharing;
use super::sink::EventSink;
use super::source::Devices;
use super::telling::WalksAgain;
use super::tools::Tools;
use super::upload::{BufferPool, Patience, PublicWays, RetryPolicy, UploadShared, UploadThreads};
use super::when_done::Ending;
use super::{Clock, EngineConfig, EngineError, Tuning, sink};
use crate::model::{CredentialSource, EngineSnapshot, Event, Notice, RowsWanted, Severity};
use crate::platform::{Home, Keychain, SecretStore, SettingsFile, remove_old_opened};
use crate::s3::StrangerConfig;

/// Parts of scans that may wait for the actor.
const SCANNED_WAITING: usize = 8;
/// No wait between two tries is longer.
const LONGEST_RETRY_WAIT: Duration = Duration::from_secs(8);

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
    #[expect(clippy::too_many_lines, reason = "one list of everything the engine is made of")]
    pub fn start_tuned(config: EngineConfig, tuning: Tuning, waker: Waker) -> Result<EngineHandle, EngineError> {
        config.home.ensure().map_err(EngineError::Home)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let runtime = runtime(cores).map_err(EngineError::Threads)?;
        let (sink, events) = sink::channel(waker, tuning.most_unread_events);
        let (reporting, instance) = (config.reporting, config.instance);
        let found = recovery::open(&config.home, &config.journal, &*config.clock);
        let journal = found.journal;
        let keeps_journal = found.restored.is_some() || found.late.is_some();
        let role = if instance.is_some() { InstanceRole::First } else { InstanceRole::Guest };
        let base = Base { home: config.home, store: config.secret_store, clock: config.clock, sink, role };
        let (session_news, sessions_in) = mpsc::unbounded_channel();
        let (uses, uses_in) = mpsc::unbounded_channel();
        let tools = tools(base, tuning, &runtime, (session_news, Uses::new(uses)));
        for failure in found.failures {
            tools.sink.notice_failure(failure);
        }
        if let Some(failure) = found.not_kept {
            tools.sink.send(Event::QueueNotKept(Box::new(failure)));
        }
        let learnt = found.restored.as_ref().map(|restored| restored.learnt.clone()).unwrap_or_default();
        tools.sessions.keep_learnt_with(Arc::new(Lessons::new(learnt, journal.clone())));
        let orphans = Orphans::new(journal.clone(), Arc::clone(&tools.clock), tools.book.clone());

        let (commands, commands_in) = mpsc::unbounded_channel();
        let (upload_news, uploads) = mpsc::unbounded_channel();
        let (download_news, downloads) = mpsc::unbounded_channel();
        let (scanned, scanned_in) = mpsc::channel(SCANNED_WAITING);
        let patience = patience(&tools, tuning);
        let health = patience.health.clone();
        let (sessions, pool) = (tools.sessions.clone(), BufferPool::new(tuning.buffer_bytes));
        let upload_shared = UploadShared {
            patience: patience.clone(),
            pool,
            sessions,
            journal: journal.clone(),
            orphans: orphans.clone(),
            sink: tools.sink.clone(),
            public: PublicWays::default(),
            checks: tools.checks.clone(),
            devices: Devices::default(),
            far: tools.far.clone(),
            quiet_for: tuning.source_quiet_for,
            news: upload_news,
        };
        let download_shared = DownloadShared { patience, sessions: tools.sessions.clone(), news: download_news };
        let pasted = Pasted::below(tools.home.pasted_dir());
        let threads = if tuning.upload_threads == 0 { cores.clamp(2, 4) } else { tuning.upload_threads };
        let upload_threads = UploadThreads::start(threads, &upload_shared).map_err(EngineError::Threads)?;
        let actor = Actor {
            tools,
            reporting,
            asked_early: found.late.is_some().then(Vec::new),
            wake: found.wake,
            journal_health: journal.health(),
            journal: journal.clone(),
            orphans,
            queue: Queue::journalled(),
            upload_threads,
            upload_shared,
            download_shared,
            scanned,
            running: BTreeMap::new(),
            kept: BTreeMap::new(),
            earlier: BTreeMap::new(),
            recording: BTreeMap::new(),
            cancelling: BTreeMap::new(),
            folders: VecDeque::new(),
            last_folder: 0,
            batches: BTreeMap::new(),
            handed: BTreeMap::new(),
            walks: WalksAgain::default(),
            unfilled: Vec::new(),
            unread: None,
            decisions: Decisions::default(),
            receipts: super::receipts::ReceiptLog::default(),
            ended_batches: BTreeMap::new(),
            rows_wanted: RowsWanted::default(),
            total: TotalRate::default(),
            picture: Picture::default(),
            health,
            holding: Holding::default(),
            missing_buckets: super::missing_buckets::MissingBuckets::default(),
            standing: super::standing::Standing::default(),
            when_done: Ending::default(),
            away: super::away::Away::default(),
            pasted,
            cleaning: super::connection_use::Cleaning::default(),
            stoppable: BTreeMap::new(),
            listing: None,
            inspecting: None,
        };
        let inbox = Inbox {
            commands: commands_in,
            uploads,
            downloads,
            scanned: scanned_in,
            instance,
            recorded: found.recorded,
            journal_health: journal.health(),
            restored: found.restored,
            late: found.late,
            wake: found.wake,
            sessions: sessions_in,
            uses: uses_in,
        };
        let ended = Ended::default();
        let has_ended = ended.clone();
        runtime.spawn(async move {
            actor.run(inbox).await;
            has_ended.set();
        });
        Ok(EngineHandle { commands, events, ended, keeps_journal, runtime: Mutex::new(Some(runtime)) })
    }
}

/// How patient work is with lines and servers.
fn patience(tools: &Tools, tuning: Tuning) -> Patience {
    let retry = RetryPolicy {
        first_wait: tuning.first_retry_wait,
        longest_wait: LONGEST_RETRY_WAIT,
        give_up_after: tuning.give_up_after,
    };
    let bandwidth = Bandwidth::new(Arc::clone(&tools.clock));
    bandwidth.set_plan(tools.book.settings().bandwidth);
    let health = HealthBook::new(Arc::clone(&tools.clock), bandwidth);
    Patience { clock: Arc::clone(&tools.clock), retry, health }
}

fn runtime(cores: usize) -> std::io::Result<Runtime> {
    let numbers = AtomicUsize::new(0);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.clamp(2, 4))
        .thread_name_fn(move || format!("engine-{}", numbers.fetch_add(1, Ordering::Relaxed)))
        .enable_all()
        .build()
}

struct Base {
    home: Home,
    store: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    sink: EventSink,
    role: InstanceRole,
}

/// Reads the settings, says what was found, and makes what requests need.
fn tools(base: Base, tuning: Tuning, runtime: &Runtime, to_actor: (UnboundedSender<SessionNews>, Uses)) -> Tools {
    let (news, uses) = to_actor;
    let Base { home, store, clock, sink, role } = base;
    let (file, loaded) = SettingsFile::load(home.settings_file());
    let snapshot = EngineSnapshot {
        connections: loaded.connections.clone(),
        settings: loaded.settings.clone(),
        warnings: loaded.warnings,
        settings_path: home.settings_file(),
        log_folder: home.log_dir().to_owned(),
    };
    let settings_path = snapshot.settings_path.clone();
    let uses_keychain = snapshot.connections.iter().any(|c| matches!(c.credentials, CredentialSource::Keychain { .. }));
    sink.send(Event::Started(Box::new(snapshot)));
    if let Some(broken) = loaded.broken.clone() {
        sink.notice_failure(broken);
    }
    if loaded.is_open_to_others {
        // Whoever can write there can send uploads elsewhere.
        let notice = Notice::message(Severity::Warning, "notice-settings-open-to-others");
        sink.notice(notice.with("path", settings_path.display()));
    }
    let unread = Unread { all: loaded.broken, entries: loaded.skipped_connections };
    let book = Book::new(file, loaded.settings, loaded.connections, loaded.local_port, unread);
    let keychain = Keychain::with_limit(store, tuning.keychain_limit);
    let local = LocalService::new(home.clone(), book.clone(), keychain.clone(), sink.clone(), role);
    if role == InstanceRole::First {
        let opened = home.open_dir();
        runtime.spawn_blocking(move || remove_old_opened(&opened));
    }
    let sessions = Sessions::new(book.clone(), keychain.clone(), local.clone(), runtime.handle().clone(), news);
    let stranger = StrangerConfig::new(tuning.near_answers, tuning.link_limit);
    let checks = Checks::new(stranger, Arc::clone(&clock), runtime.handle().clone());
    let history = LinkHistory::new(home.links_file(), sink.clone());
    let sharing = Sharing::new(home.sharing_file(), sink.clone());
    let far = Far::new(Arc::clone(&clock), tuning.mounts, tuning.before_share);
    let (suspend, keep_awake) = (tuning.suspend, tuning.keep_awake);
    let ahead = PageAhead::default();
    let tools = Tools {
        home,
        book,
        keychain,
        local,
        sessions,
        uses,
        counts: super::deletion::Counts::default(),
        plans: super::plans::Plans::default(),
        checks,
        history,
        sink,
        clock,
        ahead,
        far,
        sharing,
        suspend,
        keep_awake,
    };
    if uses_keychain {
        // Early, so that a keychain that does not answer is known before it is needed.
        let tools = tools.clone();
        runtime.spawn(async move {
            let state = tools.keychain.check().await;
            tools.sink.send(Event::KeychainChanged(Box::new(state)));
        });
    }
    tools
}
