//! `bucketdrop-cli`: starts the engine without a window and carries one command out.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bucketdrop::cli::{self, Bell, Cli, EnginePort, FAILED};
use bucketdrop::engine::{Engine, EngineConfig, EngineHandle, JournalUse, Reporting, SystemClock};
use bucketdrop::model::{Command, Event};
use bucketdrop::platform::{Home, SystemKeychain, logging, process};
use clap::Parser as _;

/// Ctrl-C has to be through within two seconds; unfinished uploads are cleaned up on the server as far as that allows.
const LEAVE_WITHIN: Duration = Duration::from_millis(1800);

fn main() -> ExitCode {
    // Wrong usage ends here, with exit status 2.
    let cli = Cli::parse();
    match run(&cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<u8> {
    process::harden();
    let home = Home::from_env()?;
    home.ensure()?;
    let _log = logging::init(&home, logging::Console::Silent);
    let bell = Bell::new();
    cli::listen_for_interrupts(Arc::clone(&bell)).context("cannot listen for Ctrl-C")?;
    let config = EngineConfig {
        home,
        secret_store: Arc::new(SystemKeychain::new()),
        reporting: Reporting::EachTransfer,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::None,
    };
    let engine = Port(Engine::start(config, bell.waker())?);
    let mut printer = cli::printer(&cli.global);
    let status = cli::run(&engine, &bell, &mut printer, cli);
    engine.0.shutdown(LEAVE_WITHIN);
    Ok(status)
}

/// The engine as the command line sees it.
struct Port(EngineHandle);

impl EnginePort for Port {
    fn send(&self, command: Command) {
        self.0.send(command);
    }

    fn drain_events(&self) -> Vec<Event> {
        self.0.drain_events()
    }
}
