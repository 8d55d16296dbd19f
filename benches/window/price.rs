//! A window that nothing paints, for one upload: `cargo bench --bench window -- --price PATH`, run by `benches/window-price`.
//!
//! Its engine, home and settings are those of the program; frames come when the program would paint, with their layout
//! and tessellation. What a rasteriser adds to that is the machine's. Says `ready` when the connection is open, begins
//! the upload at a line on its standard input, and ends at the end of that.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use bucketdrop::engine::EngineHandle;
use bucketdrop::model::{BatchId, BucketName, Command, ConnectionId, Location, Prefix, PutOptions};
use bucketdrop::platform::Home;
use bucketdrop::ui::App;
use egui_kittest::Harness;

use super::SIZE;
use super::million::engine_and_window;

/// The connection in the settings that `price.py` writes, and the bucket to which it uploads.
const CONNECTION: &str = "bench";

enum Signal {
    Paint(Instant),
    Upload,
    End,
}

struct Unpainted {
    window: Harness<'static, App>,
    engine: Arc<EngineHandle>,
    signals: Receiver<Signal>,
    is_ready: bool,
    frames: u64,
}

/// Uploads `path` when it is told to.
pub(super) fn run(path: &Path) {
    let home = std::env::var_os("BUCKETDROP_HOME").map(PathBuf::from).unwrap();
    let mut unpainted = Unpainted::start(&Home::under(home));
    unpainted.follow(path);
    println!("{} frames", unpainted.frames);
    unpainted.engine.shutdown(Duration::from_secs(10));
}

impl Unpainted {
    fn start(home: &Home) -> Self {
        let (engine, deps) = engine_and_window(home, CONNECTION);
        let (sender, signals) = channel();
        let paint = sender.clone();
        let window = Harness::builder().with_size(SIZE).with_theme(egui::Theme::Light).build_eframe(move |cc| {
            cc.egui_ctx.set_request_repaint_callback(move |wish| {
                paint.send(Signal::Paint(Instant::now() + wish.delay)).ok();
            });
            App::new(cc, deps)
        });
        let listen = move || {
            for line in std::io::stdin().lock().lines() {
                if line.is_ok() {
                    sender.send(Signal::Upload).ok();
                }
            }
            sender.send(Signal::End).ok();
        };
        std::thread::Builder::new().name("orders".to_owned()).spawn(listen).unwrap();
        Self { window, engine, signals, is_ready: false, frames: 0 }
    }

    /// Paints nothing, whenever something is to be painted.
    fn follow(&mut self, path: &Path) {
        let mut due = Some(Instant::now());
        loop {
            let signal = match due {
                Some(due) => self.signals.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => self.signals.recv().map_err(RecvTimeoutError::from),
            };
            match signal {
                Ok(Signal::Paint(at)) => due = Some(due.map_or(at, |due| due.min(at))),
                Ok(Signal::Upload) => self.upload(path.to_path_buf()),
                Ok(Signal::End) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    due = None;
                    self.frame();
                }
            }
        }
    }

    fn frame(&mut self) {
        self.frames += 1;
        self.window.step();
        let output = self.window.output();
        let (shapes, scale) = (output.shapes.clone(), output.pixels_per_point);
        std::hint::black_box(self.window.ctx.tessellate(shapes, scale));
        let model = self.window.state().model();
        if !self.is_ready && model.open.as_ref().is_some_and(|open| open.id.as_str() == CONNECTION) {
            self.is_ready = true;
            println!("ready");
        }
    }

    fn upload(&self, path: PathBuf) {
        let to = Location {
            connection: ConnectionId::new(CONNECTION),
            bucket: BucketName::new(CONNECTION).unwrap(),
            prefix: Prefix::root(),
        };
        let options = Box::new(PutOptions::default());
        self.engine.send(Command::Enqueue { batch: BatchId::next(), paths: vec![path], to, options });
    }
}
