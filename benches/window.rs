//! What the window costs: `cargo bench --bench window`. Every figure stands beside its bar or beside the same work done
//! the plain way in the same run, since figures of different machines cannot be compared. A missed bar fails the run.
//!
//! Nothing is painted: layout and tessellation are what the program can do something about. `-- --million` measures the
//! drawer with a million files in a real queue instead; `benches/window-price` uses `-- --price`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program that measures and tells"
)]

#[expect(dead_code, reason = "made for the tests, which need more of it")]
#[path = "../tests/ui/fake.rs"]
mod fake;
#[path = "window/links.rs"]
mod links;
#[path = "window/million.rs"]
mod million;
#[path = "window/price.rs"]
mod price;

use std::time::{Duration, Instant};

use bucketdrop::model::{
    AppModel, ConnectionId, Entry, Event, ListingState, ObjectPage, PageToken, RequestId, SortColumn, SortDirection,
    TransferCounts, TransferId, TransferKind, TransferRow, TransferState, TransferTab, TransfersView,
};
use bucketdrop::ui::actions::Actions;
use bucketdrop::ui::browser::browser_ui;
use bucketdrop::ui::ui_state::UiState;
use bucketdrop::ui::{format, theme};
use egui::{Context, MouseWheelSource, MouseWheelUnit, RawInput, TouchPhase, Ui, pos2, vec2};
use egui_extras::{Column, TableBuilder};

const ROWS: usize = 100_000;
const SIZE: [f32; 2] = [1280.0, 800.0];
const FRAMES: usize = 240;
const FRAME_SECS: f64 = 1.0 / 60.0;

fn main() {
    let mut results = Results::default();
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--million") {
        let files = arguments.get(at + 1).and_then(|files| files.parse().ok());
        million::scrolling(&mut results, files.unwrap_or(million::FILES));
        results.tell();
        return;
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--price") {
        price::run(std::path::Path::new(&arguments[at + 1]));
        return;
    }
    table(&mut results);
    filter(&mut results);
    uploading(&mut results);
    idle(&mut results);
    links::copying(&mut results);
    results.tell();
}

/// One figure and what it is held to.
struct Figure {
    what: &'static str,
    measured: String,
    bar: String,
    is_kept: bool,
}

#[derive(Default)]
struct Results(Vec<Figure>);

impl Results {
    #[expect(clippy::fn_params_excessive_bools, reason = "the verdict is what is added")]
    fn add(&mut self, what: &'static str, measured: String, bar: String, is_kept: bool) {
        self.0.push(Figure { what, measured, bar, is_kept });
    }

    /// A frame of a window that answers at once: 16 ms.
    fn add_limit(&mut self, what: &'static str, slowest: Duration) {
        self.add(what, format!("{} at worst", ms(slowest)), "under 16 ms".into(), slowest.as_millis() < 16);
    }

    fn tell(&self) {
        println!("\n{:<62} {:>28}  {:<22}", "what", "measured", "bar");
        for figure in &self.0 {
            let verdict = if figure.is_kept { "ok" } else { "MISSED" };
            println!("{:<62} {:>28}  {:<22} {verdict}", figure.what, figure.measured, figure.bar);
        }
        if !self.0.iter().all(|figure| figure.is_kept) {
            std::process::exit(1);
        }
    }
}

/// A window without a screen, at 60 frames a second of its own time.
struct Bare {
    ctx: Context,
    secs: f64,
}

impl Bare {
    fn new() -> Self {
        let ctx = Context::default();
        theme::install(&ctx);
        ctx.set_theme(egui::Theme::Light);
        Self { ctx, secs: 0.0 }
    }

    /// Time of one frame, layout and tessellation.
    fn frame(&mut self, events: Vec<egui::Event>, draw: impl FnMut(&mut Ui)) -> Duration {
        self.secs += FRAME_SECS;
        let input = RawInput {
            screen_rect: Some(egui::Rect::from_min_size(pos2(0.0, 0.0), SIZE.into())),
            time: Some(self.secs),
            events,
            ..RawInput::default()
        };
        let started = Instant::now();
        let mut output = self.ctx.run_ui(input, draw);
        let shapes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = started.elapsed();
        assert!(!shapes.is_empty(), "something is drawn");
        output.textures_delta.clear();
        took
    }

    /// Times of frames in which the table is scrolled, the first few left out.
    fn scrolling(&mut self, mut draw: impl FnMut(&mut Ui)) -> Vec<Duration> {
        let wheel = || egui::Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, -330.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        };
        let over = egui::Event::PointerMoved(pos2(600.0, 400.0));
        for _ in 0..20 {
            self.frame(vec![over.clone()], &mut draw);
        }
        (0..FRAMES).map(|_| self.frame(vec![over.clone(), wheel()], &mut draw)).collect()
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// A model that shows a folder of so many objects.
fn model_of(rows: usize) -> AppModel {
    let mut model = AppModel::default();
    model.connections.push(fake::connection());
    let request = RequestId::next();
    model.note_opening(ConnectionId::new("studio"), request);
    model.apply(&Event::ConnectionOpened {
        request,
        id: ConnectionId::new("studio"),
        result: Ok(Box::new(fake::connection())),
    });
    let (at, request) = (fake::folder("weandb", "big/"), RequestId::next());
    model.note_browsing(at.clone(), request);
    let page: ObjectPage = fake::page_of(rows, None);
    model.apply(&Event::ObjectsListed { request, at: Box::new(at), result: Ok(Box::new(page)) });
    let browsing = model.browsing.as_ref().unwrap();
    assert_eq!((browsing.listing.entries.len(), &browsing.listing.state), (rows, &ListingState::Complete));
    model
}

/// The object table against a bare table of egui_extras with the same rows, in turns so that both meet the same machine.
fn table(results: &mut Results) {
    let model = model_of(ROWS);
    let mut state = UiState::default();
    let entries = &model.browsing.as_ref().unwrap().listing.entries;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    let (mut our_window, mut plain_window) = (Bare::new(), Bare::new());
    for _ in 0..3 {
        ours.extend(our_window.scrolling(|ui| {
            let mut actions = Actions::new();
            browser_ui(ui, &model, &mut state, &mut actions);
        }));
        plain.extend(plain_window.scrolling(|ui| plain_table(ui, entries)));
    }
    let (ours, plain) = (median(ours), median(plain));
    let ratio = ours.as_secs_f64() / plain.as_secs_f64();
    let measured = format!("{ratio:.2} x ({} / {})", ms(ours), ms(plain));
    results.add(
        "100,000 rows scrolled, against a bare egui_extras table",
        measured,
        "at most 2 x".into(),
        ratio <= 2.0,
    );
}

fn plain_table(ui: &mut Ui, entries: &[Entry]) {
    TableBuilder::new(ui)
        .column(Column::remainder().clip(true))
        .columns(Column::initial(120.0), 4)
        .header(28.0, |mut header| {
            for name in ["Name", "Size", "Modified", "Class", "Access"] {
                header.col(|ui| {
                    ui.label(name);
                });
            }
        })
        .body(|body| {
            body.rows(theme::size::ROW, entries.len(), |mut row| {
                let Some(Entry::Object(object)) = entries.get(row.index()) else { return };
                row.col(|ui| {
                    ui.label(object.key.name());
                });
                row.col(|ui| {
                    let size = object.size_bytes.unwrap_or_default();
                    ui.label(format::bytes(size, bucketdrop::model::SizeUnits::Decimal));
                });
                row.col(|ui| {
                    ui.label(object.modified.map(format::date_time).unwrap_or_default());
                });
                row.col(|ui| {
                    ui.label(object.storage_class.as_deref().unwrap_or_default());
                });
                row.col(|ui| {
                    ui.label("");
                });
            });
        });
}

/// Typing, sorting and clearing over rows that came page by page, as they come from a server: what a frame costs when the
/// filter was never used before, at its worst later, and while pages still arrive.
fn filter(results: &mut Results) {
    let mut first = Duration::ZERO;
    for letter in ["f", "9", "가", "nothing"] {
        let mut folder = Growing::new();
        folder.grow_to(ROWS);
        first = first.max(folder.typing(letter));
    }
    results.add_limit("the first letter typed over 100,000 rows, never filtered before", first);

    let mut folder = Growing::new();
    folder.grow_to(ROWS);
    let typed = ["f", "fi", "file", "file-", "file-0", "file-09", "file-0999", "9", "99", "가", "가을", "nothing", ""];
    let slowest = typed.map(|typed| folder.typing(typed)).into_iter().max().unwrap_or_default();
    results.add_limit("any letter, and clearing the filter", slowest);

    let slowest = folder.sorting().max(folder.sorting_with("0"));
    results.add_limit("sorting by any column, both ways, filtered and not", slowest);

    folder.select_all();
    results.add_limit("a letter with every row selected", folder.typing("file"));

    let mut folder = Growing::new();
    folder.grow_to(ROWS - 20 * PAGE);
    let slowest = ["f", "9", "가", ""].map(|typed| {
        let typing = folder.typing(typed);
        typing.max((0..5).map(|_| folder.page()).max().unwrap_or_default())
    });
    results.add_limit("a page that arrives, and letters between pages", slowest.into_iter().max().unwrap_or_default());
}

/// Rows in a page, as servers send them.
const PAGE: usize = 1000;

/// A folder on screen whose pages arrive one by one; every second name is Korean, every tenth of those decomposed.
struct Growing {
    model: AppModel,
    state: UiState,
    window: Bare,
    random: u64,
}

impl Growing {
    fn new() -> Self {
        let mut state = UiState::default();
        (state.browser.sort_column, state.browser.sort_direction) = (SortColumn::Size, SortDirection::Descending);
        let mut model = model_of(0);
        model.note_browsing(fake::folder("weandb", "grown/"), RequestId::next());
        Self { model, state, window: Bare::new(), random: 0x9E37_79B9_7F4A_7C15 }
    }

    /// One frame, layout and tessellation.
    fn frame(&mut self) -> Duration {
        let Self { model, state, window, .. } = self;
        window.frame(Vec::new(), |ui| {
            let mut actions = Actions::new();
            browser_ui(ui, model, state, &mut actions);
        })
    }

    /// The next page is taken in and shown: the time of both.
    fn page(&mut self) -> Duration {
        let browsing = self.model.browsing.as_ref().unwrap();
        let (at, from) = (browsing.listing.at.clone(), browsing.listing.entries.len());
        let request = if from == 0 { browsing.request } else { RequestId::next() };
        if from > 0 {
            self.model.note_loading_more(request).unwrap();
        }
        let entries = (from..from + PAGE).map(|n| self.entry(n)).collect();
        let next = Some(PageToken(format!("after {}", from + PAGE)));
        let result = Ok(Box::new(ObjectPage { entries, next }));
        let event = Event::ObjectsListed { request, at: Box::new(at), result };
        let started = Instant::now();
        self.model.apply(&event);
        started.elapsed() + self.frame()
    }

    fn grow_to(&mut self, rows: usize) {
        for _ in 0..rows / PAGE {
            self.page();
        }
        assert_eq!(self.model.browsing.as_ref().unwrap().listing.entries.len(), rows);
        // What a page leaves for the frames after it is not the letter's.
        for _ in 0..5 {
            self.frame();
        }
    }

    /// Sizes are in no order at all: the dearest case of sorting.
    fn entry(&mut self, n: usize) -> Entry {
        let name = match n % 20 {
            7 => format!("grown/file-{n:06} \u{1100}\u{1161}\u{110b}\u{1173}\u{11af}.bin"),
            n if n % 2 == 1 => format!("grown/file-{n:06} 경복궁 가을.bin"),
            _ => format!("grown/file-{n:06}.bin"),
        };
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let class = ["STANDARD", "STANDARD_IA", "GLACIER_IR"][n % 3];
        fake::object(&name, self.random >> 30, "2026-11-18T05:02:00Z", class)
    }

    fn typing(&mut self, typed: &str) -> Duration {
        typed.clone_into(&mut self.state.browser.filter);
        self.frame()
    }

    fn sorting(&mut self) -> Duration {
        let columns = [SortColumn::Name, SortColumn::Size, SortColumn::Modified, SortColumn::Class];
        let directions = [SortDirection::Ascending, SortDirection::Descending];
        let orders = columns.into_iter().flat_map(|column| directions.map(|direction| (column, direction)));
        let frame = |(column, direction)| {
            (self.state.browser.sort_column, self.state.browser.sort_direction) = (column, direction);
            self.frame()
        };
        orders.map(frame).max().unwrap_or_default()
    }

    fn sorting_with(&mut self, typed: &str) -> Duration {
        self.typing(typed);
        let slowest = self.sorting();
        self.typing("");
        slowest
    }

    fn select_all(&mut self) {
        let Self { model, state, .. } = self;
        let entries = &model.browsing.as_ref().unwrap().listing.entries;
        state.browser.selection.select_range(entries.iter().map(Entry::full_key), "");
        self.frame();
    }
}

/// The whole window while eight files go up and a folder of 100,000 rows is open: ten pictures a second come from the engine.
fn uploading(results: &mut Results) {
    let at = fake::folder("weandb", "big/");
    let mut stage = fake::Stage::showing(fake::Setup::default(), &at, fake::page_of(ROWS, None));
    let mut times = Vec::new();
    for round in 0..FRAMES as u64 {
        stage.wire.tell(Event::Transfers(Box::new(view(&at, round))));
        let started = Instant::now();
        stage.window.step();
        let output = stage.window.output();
        let (shapes, scale) = (output.shapes.clone(), output.pixels_per_point);
        std::hint::black_box(stage.window.ctx.tessellate(shapes, scale));
        times.push(started.elapsed());
    }
    let frame = median(times);
    let share = frame.as_secs_f64() * 10.0 * 100.0;
    let measured = format!("{share:.1} % of a core ({} each)", ms(frame));
    results.add("whole window, ten frames a second while uploading", measured, "under 5 %".into(), share < 5.0);
}

fn view(at: &bucketdrop::model::Location, round: u64) -> TransfersView {
    let row = |n: u64| TransferRow {
        batch: bucketdrop::model::BatchId::next(),
        id: TransferId::next(),
        kind: TransferKind::Upload,
        path: format!("/data/file-{n}.bin").into(),
        object: at.object(bucketdrop::model::ObjectKey::new(format!("big/file-{n}.bin"))),
        state: TransferState::Active,
        done_bytes: round * 1_000_000,
        total_bytes: 1_000_000_000,
        rate_bytes_per_sec: 84_000_000,
    };
    TransfersView {
        tab: TransferTab::Active,
        rows: (0..8).map(row).collect(),
        counts: TransferCounts { active: 8, moving: 8, ..TransferCounts::default() },
        rate_bytes_per_sec: 118_000_000 + round * 1_000,
        remaining: Some(Duration::from_secs(118)),
        rate_history: (0..60).map(|second| second + round).collect(),
        ..TransfersView::default()
    }
}

/// A folder on screen and nothing to do: nobody may ask for another frame.
fn idle(results: &mut Results) {
    let at = fake::folder("weandb", "big/");
    let mut stage = fake::Stage::showing(fake::Setup::default(), &at, fake::page_of(ROWS, None));
    stage.window.run();
    let asked: usize = (0..60).map(|_| usize::from(asks_for_another(&mut stage))).sum();
    results.add("frames asked for in 60 idle frames", asked.to_string(), "none".into(), asked == 0);
}

fn asks_for_another(stage: &mut fake::Stage) -> bool {
    stage.window.step();
    let viewports = &stage.window.output().viewport_output;
    viewports.values().any(|viewport| viewport.repaint_delay < Duration::from_hours(1))
}
