//! `bucketdrop-cli`: starts the engine without a window and carries one command out.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Waker;
use std::time::Duration;

use anyhow::Context as _;
use bucketdrop::cli::{self, Bell, Cli, EnginePort, FAILED, News, NotTaken, Window};
use bucketdrop::engine::{Engine, EngineConfig, EngineError, EngineHandle, JournalUse, Reporting, SystemClock};
use bucketdrop::model::{Command, Event, Failure};
use bucketdrop::platform::{
    self, Home, Instance, InstanceClient, PlatformError, SystemKeychain, listen_for_signals, logging, process,
};
use clap::Parser as _;

/// Ctrl-C has to be through within two seconds. Unfinished uploads stay for `resume`.
const LEAVE_WITHIN: Duration = Duration::from_millis(1800);
const _: () = assert!(LEAVE_WITHIN.as_millis() < 2_000);

fn main() -> ExitCode {
    // Wrong usage ends here, with exit status 2.
    let cli = Cli::parse();
    match run(&cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => ExitCode::from(tell(&cli, &error)),
    }
}

/// Why the command did not even begin; gives its exit status.
fn tell(cli: &Cli, error: &anyhow::Error) -> u8 {
    let of_engine = error.downcast_ref().and_then(|error| match error {
        EngineError::Home(error) => Some(error),
        EngineError::Threads(_) => None,
    });
    if let Some(error) = of_engine.or_else(|| error.downcast_ref::<PlatformError>()) {
        return cli::cannot_begin(&cli.global, &error.to_failure());
    }
    eprintln!("error: {error:#}");
    FAILED
}

fn run(cli: &Cli) -> anyhow::Result<u8> {
    process::harden();
    let home = Home::from_env()?;
    home.ensure()?;
    let _log = logging::init(&home, logging::Console::Silent);
    let bell = Bell::new();
    let mut leave = cli::leave(Arc::clone(&bell));
    listen_for_signals(move |signal| leave(signal.exit_status())).context("cannot listen for Ctrl-C")?;
    let running = if cli.works_on_queue() { Instance::find_running(&home)? } else { None };
    let window = running.map(|client| Running::new(client, bell.waker()));
    let journal = if cli.works_on_queue() { JournalUse::KeepWaiting } else { JournalUse::None };
    let config = EngineConfig {
        home,
        secret_store: Arc::new(SystemKeychain::new()),
        reporting: Reporting::EachTransfer,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal,
    };
    let engine = Port { engine: Engine::start(config, bell.waker())?, window };
    let mut printer = cli::printer(&cli.global);
    let status = cli::run(&engine, &bell, &mut printer, cli);
    engine.engine.shutdown(LEAVE_WITHIN);
    Ok(status)
}

/// The engine as the command line sees it.
struct Port {
    engine: EngineHandle,
    window: Option<Running>,
}

impl EnginePort for Port {
    fn send(&self, command: Command) {
        self.engine.send(command);
    }

    fn drain_events(&self) -> Vec<Event> {
        self.engine.drain_events()
    }

    fn keeps_journal(&self) -> bool {
        self.engine.keeps_journal()
    }

    fn window(&self) -> Option<&dyn Window> {
        self.window.as_ref().map(|running| running as &dyn Window)
    }
}

/// The Bucketdrop that runs already, and what it tells.
struct Running {
    client: InstanceClient,
    teller: Sender<News>,
    told: Receiver<News>,
    waker: Waker,
}

impl Running {
    fn new(client: InstanceClient, waker: Waker) -> Self {
        let (teller, told) = mpsc::channel();
        Self { client, teller, told, waker }
    }

    fn hear(&self) -> impl FnMut(platform::News) + Send + 'static {
        let (teller, waker) = (self.teller.clone(), self.waker.clone());
        move |news| {
            let news = match news {
                platform::News::Told(words) => News::Told(words),
                platform::News::Over => News::Over,
            };
            // Nobody listens any more only when the program ends.
            teller.send(news).ok();
            waker.wake_by_ref();
        }
    }
}

impl Window for Running {
    fn upload(&self, paths: &[PathBuf], job: String) -> Result<(), NotTaken> {
        self.client.upload(paths, job, self.hear()).map_err(|error| {
            let failure = Box::new(error.to_failure());
            match error {
                PlatformError::InstanceUnclear { .. } => NotTaken::Unclear(failure),
                _ => NotTaken::Refused(failure),
            }
        })
    }

    fn news(&self) -> Vec<News> {
        self.told.try_iter().collect()
    }

    fn resume(&self) -> Result<(), Failure> {
        self.client.resume(self.hear()).map_err(|error| error.to_failure())
    }
}
