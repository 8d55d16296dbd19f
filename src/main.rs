//! The window's program: settles who runs, where the window is shown and what paints it, starts the engine, then hands
//! over to [`bucketdrop::ui`]. `bucketdrop-cli` is the same engine without a window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bucketdrop::engine::{Engine, EngineConfig, EngineError, EngineHandle, JournalUse, Reporting, SystemClock};
use bucketdrop::locale::{Lang, failure_advice, failure_title, text, text_with};
use bucketdrop::model::{DisplayChoice, Failure, FailureKind, Language, RendererChoice};
use bucketdrop::platform::{
    APP_ID, EndSignal, Home, Instance, InstanceServer, PlatformError, SettingsFile, SystemKeychain, listen_for_signals,
    logging, process,
};
#[cfg(target_os = "linux")]
use bucketdrop::platform::{PointerWatch, watch_color_scheme, watch_drags};
use bucketdrop::ui::drag_pointer::FollowPointer;
use bucketdrop::ui::drop_target::DropSupport;
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::pickers::SystemChooser;
use bucketdrop::ui::system_theme::WatchColorScheme;
use bucketdrop::ui::unread_drag::WatchDrags;
use bucketdrop::ui::{App, AppDeps, Start, display};
use clap::Parser;

/// Uploads a file to the embedded storage without a window; printed where no window can be shown.
const WITHOUT_WINDOW: &str =
    "cargo run --release --bin bucketdrop-cli -- --connection local upload FILE s3://my-files/";

/// A window that was told to close is gone by then.
const CLOSED_BY: Duration = Duration::from_secs(2);

/// Follows the pointer while files are dragged over the window.
#[cfg(target_os = "linux")]
const FOLLOW_POINTER: Option<FollowPointer> = Some(|window, moved| {
    let watch = PointerWatch::start(window, move || moved.wake_by_ref());
    Box::new(move || watch.position())
});
#[cfg(not(target_os = "linux"))]
const FOLLOW_POINTER: Option<FollowPointer> = None;

/// Watches for drags that the window toolkit does not take over.
#[cfg(target_os = "linux")]
const WATCH_DRAGS: Option<WatchDrags> = Some(|window, told| {
    if let Some(window) = window {
        watch_drags(window, told);
    }
});
#[cfg(not(target_os = "linux"))]
const WATCH_DRAGS: Option<WatchDrags> = None;

/// Listens to the desktop for light or dark.
#[cfg(target_os = "linux")]
const WATCH_COLOR_SCHEME: Option<WatchColorScheme> = Some(watch_color_scheme);
#[cfg(not(target_os = "linux"))]
const WATCH_COLOR_SCHEME: Option<WatchColorScheme> = None;

/// Gets files into S3 and hands out their links.
#[derive(Debug, Parser)]
#[command(name = "bucketdrop", version)]
struct Args {
    /// Files and folders to upload; the window asks where to.
    files: Vec<PathBuf>,
    /// Open this saved connection, or `local` for the embedded storage.
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Display server on Linux: auto, x11 or wayland. Files cannot be dropped on wayland.
    #[arg(long, value_name = "SERVER", value_parser = display::parse_display)]
    display: Option<DisplayChoice>,
    /// What paints: auto, glow or wgpu.
    #[arg(long, value_name = "RENDERER", value_parser = display::parse_renderer)]
    renderer: Option<RendererChoice>,
}

fn main() -> ExitCode {
    process::harden();
    let mut lang = Lang::resolve(Language::System);
    match run(Args::parse(), &mut lang) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bucketdrop: {}", told(lang, &error));
            ExitCode::FAILURE
        }
    }
}

/// Why there is no window, and what to do about it.
fn told(lang: Lang, error: &anyhow::Error) -> String {
    let of_engine = error.downcast_ref().and_then(|error| match error {
        EngineError::Home(error) => Some(error),
        EngineError::Threads(_) => None,
    });
    let failure = match of_engine.or_else(|| error.downcast_ref::<PlatformError>()) {
        Some(error) => error.to_failure(),
        None => Failure::new(FailureKind::Internal).detail(format!("{error:#}")),
    };
    let (title, advice) = (failure_title(lang, &failure), failure_advice(lang, &failure));
    let told = format!("{}. {advice}", title.trim_end_matches('.'));
    // Whoever is asked to report it needs to see what.
    if failure.kind == FailureKind::Internal { format!("{told}\n  {}", failure.detail) } else { told }
}

/// `lang` is the settings' own as soon as those are read.
fn run(args: Args, lang: &mut Lang) -> anyhow::Result<ExitCode> {
    let home = Home::from_env()?;
    home.ensure()?;
    let _log = logging::init(&home, logging::Console::Silent);
    log_panics();
    let (_, saved) = SettingsFile::load(home.settings_file());
    *lang = Lang::resolve(saved.settings.language);
    let lang = *lang;
    let files: Vec<PathBuf> = args.files.iter().filter_map(|file| std::path::absolute(file).ok()).collect();

    let server = match Instance::claim(&home)? {
        Instance::First(server) => server,
        Instance::Second(client) => {
            if let Some(name) = &args.connection {
                client.open_connection(name)?;
            }
            if files.is_empty() { client.show() } else { client.hand_over(&files) }?;
            eprintln!("{}", text(lang, "already-running"));
            return Ok(ExitCode::SUCCESS);
        }
    };
    let asked_by = if args.display.is_some() { display::AskedBy::Option } else { display::AskedBy::Setting };
    let display = match display::pick(args.display.unwrap_or(saved.settings.display)) {
        Ok(display) => display,
        Err(why) => {
            eprintln!("{}\n  {WITHOUT_WINDOW}", why.told(lang, asked_by));
            return Ok(ExitCode::FAILURE);
        }
    };
    let drops = if display.has_file_drops() { DropSupport::Works } else { DropSupport::Missing };
    let start = Start {
        files,
        connection: args.connection,
        drops,
        follow_pointer: FOLLOW_POINTER,
        watch_drags: WATCH_DRAGS,
        watch_color_scheme: WATCH_COLOR_SCHEME,
    };
    let renderer = args.renderer.unwrap_or(saved.settings.renderer);
    let waker = LateWaker::default();
    let engine = start_engine(&home, server, &waker)?;
    let left = leave_on_signals(&engine, &waker)?;
    let shown = show(&home, display, renderer, &engine, &waker, &start);
    engine.shutdown(App::SHUTDOWN_LIMIT);
    if let status @ 1.. = left.load(Ordering::Acquire) {
        return Ok(ExitCode::from(status));
    }
    if let Err(reason) = shown {
        tracing::error!(reason, "no window");
        eprintln!("{}\n  {WITHOUT_WINDOW}", text_with(lang, "no-window", &[("reason", &reason)]));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn start_engine(home: &Home, server: InstanceServer, waker: &LateWaker) -> anyhow::Result<Arc<EngineHandle>> {
    let config = EngineConfig {
        home: home.clone(),
        secret_store: Arc::new(SystemKeychain::new()),
        reporting: Reporting::Counts,
        instance: Some(server),
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Keep,
    };
    Ok(Arc::new(Engine::start(config, waker.waker())?))
}

/// A signal to end closes the window in order and asks nothing: what is under way is in the journal. Gives the exit
/// status that such a signal calls for; 0 until one comes. A second one ends at once.
fn leave_on_signals(engine: &Arc<EngineHandle>, waker: &LateWaker) -> anyhow::Result<Arc<AtomicU8>> {
    let left = Arc::new(AtomicU8::new(0));
    let (engine, waker, asked) = (Arc::clone(engine), waker.clone(), Arc::clone(&left));
    let heard = move |signal: EndSignal| {
        let status = signal.exit_status();
        if asked.swap(status, Ordering::AcqRel) != 0 {
            std::process::exit(i32::from(status));
        }
        let (engine, waker) = (Arc::clone(&engine), waker.clone());
        let leave = move || {
            engine.shutdown(App::SHUTDOWN_LIMIT);
            waker.close();
            // A window that no longer answers, or that never came, keeps nobody.
            std::thread::sleep(CLOSED_BY);
            std::process::exit(i32::from(status));
        };
        if let Err(error) = std::thread::Builder::new().name("leave".to_owned()).spawn(leave) {
            tracing::error!(%error, "the program ends without closing its window");
            std::process::exit(i32::from(status));
        }
    };
    listen_for_signals(heard).context("cannot listen for signals")?;
    Ok(left)
}

/// Shows the window with the first renderer that works, and returns when it is closed. The error says of each renderer
/// why it does not.
fn show(
    home: &Home,
    display: display::Display,
    choice: RendererChoice,
    engine: &Arc<EngineHandle>,
    waker: &LateWaker,
    start: &Start,
) -> Result<(), String> {
    display::with_first_that_works(display::renderers(choice), |renderer| {
        let (engine, waker, start) = (Arc::clone(engine), waker.clone(), start.clone());
        let options = display::options(APP_ID, home.data_dir().join("window.ron"), display, renderer);
        let create = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
            let deps = AppDeps { engine: Box::new(engine), chooser: Box::new(SystemChooser), waker, start };
            Ok(Box::new(App::new(cc, deps)))
        };
        eframe::run_native("Bucketdrop", options, Box::new(create))
    })
}

/// A panic of any thread goes into the log, too; the default hook only prints.
fn log_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "panic");
        print(panic);
    }));
}
