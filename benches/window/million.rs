//! What a frame costs with a million files in the queue: `cargo bench --bench window -- --million [FILES]`.
//!
//! Nothing is made up here: the engine, its journal and the embedded storage run beside the window, on the same
//! processors, while a folder of that many files is walked, queued and uploaded, and the drawer is scrolled at 60 frames a
//! second. A frame is layout and tessellation; nothing is painted. On Linux the memory is told, too: what window, engine,
//! journal and storage take together, at most, over what they took before.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bucketdrop::engine::{Engine, EngineConfig, EngineHandle, JournalUse, Reporting, SystemClock};
use bucketdrop::model::{BatchId, BucketName, Command, ConnectionId, Location, Prefix, PutOptions};
use bucketdrop::platform::{Home, MemoryStore};
use bucketdrop::ui::drop_target::DropSupport;
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::{App, AppDeps, Start};
use egui::accesskit::Role;
use egui::{MouseWheelUnit, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::{Results, SIZE, fake, ms};

/// How many files, unless told otherwise.
pub(super) const FILES: u64 = 1_000_000;
const PER_FOLDER: u64 = 1_000;
const FRAME: Duration = Duration::from_micros(16_667);
/// Frames with the whole queue on hand: half a minute of scrolling.
const FRAMES: usize = 1_800;
/// How long the folder may take to be walked and queued.
const PATIENCE: Duration = Duration::from_mins(5);
/// What a million queued files may take over an idle program.
const MOST_OVER_IDLE_MIB: u64 = 150;

struct Watched {
    window: Harness<'static, App>,
    engine: Arc<EngineHandle>,
    due: Instant,
}

/// A real engine with its journal, and what a window beside it is made of.
pub(super) fn engine_and_window(home: &Home, connection: &str) -> (Arc<EngineHandle>, AppDeps) {
    home.ensure().unwrap();
    let waker = LateWaker::default();
    let config = EngineConfig {
        home: home.clone(),
        secret_store: Arc::new(MemoryStore::default()),
        reporting: Reporting::Counts,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Keep,
    };
    let engine = Arc::new(Engine::start(config, waker.waker()).unwrap());
    let start = Start { connection: Some(connection.to_owned()), drops: DropSupport::Works, ..Start::default() };
    let (front, chooser) = (Box::new(Arc::clone(&engine)), Box::new(fake::Chooser::default()));
    (engine, AppDeps { engine: front, chooser, waker, start })
}

impl Watched {
    fn start(home: &Home) -> Self {
        let (engine, deps) = engine_and_window(home, "local");
        let window = Harness::builder()
            .with_size(SIZE)
            .with_theme(egui::Theme::Light)
            .with_step_dt(1.0 / 60.0)
            .build_eframe(move |cc| App::new(cc, deps));
        Self { window, engine, due: Instant::now() }
    }

    /// The next frame, when it is due: what the program does in it, without painting.
    fn frame(&mut self) -> Duration {
        self.due = (self.due + FRAME).max(Instant::now());
        std::thread::sleep(self.due - Instant::now());
        let started = Instant::now();
        self.window.step();
        let output = self.window.output();
        let (shapes, scale) = (output.shapes.clone(), output.pixels_per_point);
        std::hint::black_box(self.window.ctx.tessellate(shapes, scale));
        started.elapsed()
    }

    fn wait(&mut self, what: &str, is_there: impl Fn(&App) -> bool) -> Vec<Duration> {
        let started = Instant::now();
        let mut took = Vec::new();
        while !is_there(self.window.state()) {
            assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
            took.push(self.frame());
        }
        took
    }

    fn wheel(&mut self, unit: MouseWheelUnit, delta: Vec2) {
        self.window.event(egui::Event::MouseWheel {
            unit,
            delta,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        });
    }

    /// Makes the drawer as high as it goes, so that as many rows as can be are on the screen, and points at them.
    fn pull_up_the_drawer(&mut self) {
        let head = self.window.query_all_by_role(Role::Tab).next().unwrap().rect();
        let edge = egui::pos2(head.center().x + 200.0, head.top() - 11.0);
        let button = |pressed, pos| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        let top = egui::pos2(edge.x, 120.0);
        for event in
            [egui::Event::PointerMoved(edge), button(true, edge), egui::Event::PointerMoved(top), button(false, top)]
        {
            self.window.event(event);
            self.frame();
            self.frame();
        }
        self.window.event(egui::Event::PointerMoved(egui::pos2(edge.x, SIZE[1] - 100.0)));
        self.frame();
    }
}

fn make_files(root: &Path, files: u64) {
    for number in 0..files {
        let folder = root.join(format!("folder-{:05}", number / PER_FOLDER));
        if number % PER_FOLDER == 0 {
            std::fs::create_dir(&folder).unwrap();
        }
        std::fs::File::create(folder.join(format!("file-{number:07}.bin"))).unwrap();
    }
}

/// Frames while a folder of so many files is walked and queued, and while all of it stands in the drawer.
pub(super) fn scrolling(results: &mut Results, files: u64) {
    let scratch = tempfile::tempdir_in("/var/tmp").unwrap();
    let folder = scratch.path().join("many");
    std::fs::create_dir(&folder).unwrap();
    println!("making {files} files …");
    make_files(&folder, files);

    let mut watched = Watched::start(&Home::under(scratch.path().join("home")));
    watched.wait("the embedded storage", |app| app.model().open.as_ref().is_some_and(|open| open.buckets.is_some()));
    let to = Location {
        connection: ConnectionId::local(),
        bucket: BucketName::new("my-files").unwrap(),
        prefix: Prefix::root(),
    };
    let (batch, options) = (BatchId::next(), Box::new(PutOptions::default()));
    let idle = PeakMemory::from_now_on();
    watched.engine.send(Command::Enqueue { batch, paths: vec![folder], to, options });
    watched.wait("the first rows", |app| app.model().transfers.counts.active > 0);
    watched.pull_up_the_drawer();
    let of_all = move |app: &App| {
        let counts = app.model().transfers.counts;
        counts.active + counts.done + counts.failed
    };
    let queueing = watched.wait("the whole queue", |app| of_all(app) >= files);
    tell(results, "frames while the folder is walked and queued", &queueing);

    let counts = watched.window.state().model().transfers.counts;
    println!("{} wait, {} are done, {} failed", counts.active, counts.done, counts.failed);
    let mut took = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        let down = if frame % 600 < 300 { -1.0 } else { 1.0 };
        match frame * 3 / FRAMES {
            0 => watched.wheel(MouseWheelUnit::Point, vec2(0.0, 60.0 * down)),
            1 => watched.wheel(MouseWheelUnit::Point, vec2(0.0, 6_000.0 * down)),
            _ => watched.wheel(MouseWheelUnit::Page, vec2(0.0, 400.0 * down)),
        }
        took.push(watched.frame());
    }
    let shown = &watched.window.state().model().transfers;
    println!("rows at hand: {} from {} on, of {}", shown.rows.len(), shown.first_index, shown.counts.active);
    tell(results, "frames while the whole queue is uploaded and scrolled", &took);
    idle.tell(results);
    watched.engine.shutdown(Duration::from_secs(10));
}

/// What this process took when it had nothing to do; the kernel keeps its peak from then on. Nothing where there is no
/// `/proc`.
struct PeakMemory {
    idle_kib: Option<u64>,
}

impl PeakMemory {
    fn from_now_on() -> Self {
        std::fs::write("/proc/self/clear_refs", "5").ok();
        Self { idle_kib: Self::kib("VmRSS:") }
    }

    fn kib(field: &str) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        status.lines().find(|line| line.starts_with(field))?.split_whitespace().nth(1)?.parse().ok()
    }

    fn tell(&self, results: &mut Results) {
        let Some((idle_kib, peak_kib)) = self.idle_kib.zip(Self::kib("VmHWM:")) else { return };
        let over_mib = peak_kib.saturating_sub(idle_kib) / 1024;
        let measured = format!("{over_mib} MiB over {}", idle_kib / 1024);
        let bar = format!("{MOST_OVER_IDLE_MIB} MiB");
        results.add("memory with the whole queue, over idle, at most", measured, bar, over_mib <= MOST_OVER_IDLE_MIB);
    }
}

fn tell(results: &mut Results, what: &'static str, took: &[Duration]) {
    let mut times = took.to_vec();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 1000).min(times.len() - 1)];
    let (median, p99, slowest) = (at(500), at(990), at(1000));
    println!("{what}: {} frames; median {}, slowest {}", took.len(), ms(median), ms(slowest));
    results.add(what, format!("99 % within {}", ms(p99)), "99 % under 16.7 ms".into(), p99 < FRAME);
}
