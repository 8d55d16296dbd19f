//! The other end of the window's wire: takes commands, tells events, chooses files without a desktop.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bucketdrop::model::{
    Bucket, BucketName, Command, Connection, ConnectionId, CredentialSource, EngineSnapshot, Entry, Event, Language,
    Location, Object, ObjectKey, ObjectPage, PageToken, Prefix, Region, RequestId, Service, Settings,
};
use bucketdrop::ui::drop_target::DropSupport;
use bucketdrop::ui::engine_link::EngineLink;
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::pickers::{Choice, FileChooser};
use bucketdrop::ui::ui_state::PathPurpose;
use bucketdrop::ui::{App, AppDeps, Start};
use egui_kittest::Harness;

/// Both ends of the wire.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    commands: Arc<Mutex<Vec<Command>>>,
    events: Arc<Mutex<VecDeque<Event>>>,
}

impl Wire {
    /// Tells the window something.
    pub(crate) fn tell(&self, event: Event) {
        self.events.lock().unwrap().push_back(event);
    }

    /// Everything the window has asked for since the last call.
    pub(crate) fn commands(&self) -> Vec<Command> {
        std::mem::take(&mut self.commands.lock().unwrap())
    }

    /// The request of the last command that `pick` accepts; the commands stay.
    pub(crate) fn last_request(&self, pick: impl Fn(&Command) -> Option<RequestId>) -> RequestId {
        let commands = self.commands.lock().unwrap();
        commands.iter().rev().find_map(pick).unwrap()
    }
}

impl EngineLink for Wire {
    fn send(&self, command: Command) {
        self.commands.lock().unwrap().push(command);
    }

    fn drain_events(&self) -> Vec<Event> {
        self.events.lock().unwrap().drain(..).collect()
    }

    fn shutdown(&self, _limit: Duration) {}
}

/// A chooser that answers at once.
#[derive(Clone, Default)]
pub(crate) struct Chooser {
    /// What the user "chooses"; `None` cancels.
    pub(crate) answer: Option<Vec<PathBuf>>,
}

impl FileChooser for Chooser {
    fn open(&self, _purpose: &PathPurpose, _title: String, _frame: &eframe::Frame) -> Choice {
        let answer = self.answer.clone();
        Box::pin(async move { answer })
    }
}

/// A file of another program, dropped.
#[derive(Debug)]
pub(crate) struct Dropped(pub(crate) PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window must not read files".to_owned())
    }
}

pub(crate) fn connection() -> Connection {
    Connection {
        name: "Studio AWS".to_owned(),
        region: Region::new("ap-northeast-2").unwrap(),
        credentials: CredentialSource::Keychain { access_key_id: "AKIAIOSFODNN7EXQ7JM".to_owned() },
        ..Connection::plain(ConnectionId::new("studio"), Service::AmazonS3)
    }
}

pub(crate) fn folder(bucket: &str, prefix: &str) -> Location {
    Location {
        connection: ConnectionId::new("studio"),
        bucket: BucketName::new(bucket).unwrap(),
        prefix: Prefix::new(prefix),
    }
}

pub(crate) fn bucket(name: &str, region: &str) -> Bucket {
    Bucket { name: BucketName::new(name).unwrap(), created: None, region: Region::new(region) }
}

pub(crate) fn object(key: &str, size_bytes: u64, modified: &str, class: &str) -> Entry {
    Entry::Object(Object {
        key: ObjectKey::new(key),
        size_bytes: Some(size_bytes),
        modified: Some(modified.parse().unwrap()),
        etag: Some("9b2c6f0d1a3e4b5c6d7e8f90a1b2e41f-9".into()),
        storage_class: Some(class.into()),
    })
}

/// The folder of the design's picture.
pub(crate) fn page_of_the_picture() -> ObjectPage {
    let at = |name: &str| format!("photos/2026/{name}");
    let entries = vec![
        Entry::Prefix(Prefix::new(at("감사 자료"))),
        Entry::Prefix(Prefix::new(at("thumbnails"))),
        object(&at("(before) Player actions features.csv"), 18_400_000, "2026-11-17T00:11:00Z", "STANDARD"),
        object(
            &at("(before) Social interaction diversity features.csv"),
            7_900_000,
            "2026-11-17T00:11:00Z",
            "STANDARD",
        ),
        object(&at("2026 Q3 report + appendix.pdf"), 1_100_000, "2026-10-02T09:40:00Z", "STANDARD_IA"),
        object(&at("README.md"), 3_400, "2026-09-12T07:33:00Z", "STANDARD"),
        object(&at("boto3-objective.png"), 182_000, "2026-11-18T04:58:00Z", "STANDARD"),
        object(&at("keynote.mp4"), 2_310_000_000, "2026-09-30T02:25:00Z", "GLACIER_IR"),
        object(&at("site-backup-2026-09.tar.zst"), 48_000_000_000, "2026-09-29T17:00:00Z", "DEEP_ARCHIVE"),
        object(&at("경복궁 가을.jpg"), 4_200_000, "2026-11-18T05:02:00Z", "STANDARD"),
    ];
    ObjectPage { entries, next: None }
}

pub(crate) fn page_of(count: usize, next: Option<&str>) -> ObjectPage {
    let entry = |n| object(&format!("big/file-{n:06}.bin"), n as u64, "2026-11-18T05:02:00Z", "STANDARD");
    ObjectPage { entries: (0..count).map(entry).collect(), next: next.map(|token| PageToken(token.to_owned())) }
}

/// How the window is started.
pub(crate) struct Setup {
    pub(crate) settings: Settings,
    pub(crate) connections: Vec<Connection>,
    pub(crate) chooser: Chooser,
    pub(crate) start: Start,
    pub(crate) size: [f32; 2],
    pub(crate) theme: egui::Theme,
    /// Pixels per point.
    pub(crate) scale: f32,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: Settings { language: Language::English, ..Settings::default() },
            connections: vec![connection()],
            chooser: Chooser::default(),
            start: Start { drops: DropSupport::Works, ..Start::default() },
            size: [1280.0, 800.0],
            theme: egui::Theme::Light,
            scale: 1.0,
        }
    }
}

/// The window, driven by names, with the wire's other end in the test's hand.
pub(crate) struct Stage {
    pub(crate) wire: Wire,
    pub(crate) window: Harness<'static, App>,
}

impl Stage {
    /// The window as it stands after the engine has started.
    pub(crate) fn new(setup: Setup) -> Self {
        let wire = Wire::default();
        wire.tell(Event::Started(Box::new(EngineSnapshot {
            connections: setup.connections,
            settings: setup.settings,
            warnings: Vec::new(),
            settings_path: PathBuf::from("settings.toml"),
            log_folder: PathBuf::from("logs"),
        })));
        let deps = AppDeps {
            engine: Box::new(wire.clone()),
            chooser: Box::new(setup.chooser),
            waker: LateWaker::default(),
            start: setup.start,
        };
        let window = Harness::builder()
            .with_size(setup.size)
            .with_theme(setup.theme)
            .with_pixels_per_point(setup.scale)
            .with_step_dt(1.0 / 60.0)
            .with_os(egui::os::OperatingSystem::Nix)
            .build_eframe(move |cc| App::new(cc, deps));
        let mut stage = Self { wire, window };
        stage.window.run();
        stage
    }

    /// The window with the connection open and its buckets listed.
    pub(crate) fn connected(setup: Setup) -> Self {
        let start = Start { connection: Some("Studio AWS".to_owned()), ..setup.start.clone() };
        let opened = setup.connections.first().cloned().unwrap_or_else(connection);
        let mut stage = Self::new(Setup { start, ..setup });
        let request = stage.wire.last_request(|command| match command {
            Command::OpenConnection { request, .. } => Some(*request),
            _ => None,
        });
        let id = ConnectionId::new("studio");
        stage.wire.tell(Event::ConnectionOpened { request, id: id.clone(), result: Ok(Box::new(opened)) });
        let buckets = vec![
            bucket("weandb", "ap-northeast-2"),
            bucket("hibernationproject", "ap-northeast-2"),
            bucket("team-media-prod", "ap-northeast-1"),
            bucket("logs-archive", "ap-northeast-2"),
        ];
        stage.wire.tell(Event::BucketsListed { request, connection: id, result: Ok(buckets) });
        stage.window.run();
        stage
    }

    /// The window with this page on screen.
    pub(crate) fn showing(setup: Setup, at: &Location, page: ObjectPage) -> Self {
        let mut stage = Self::connected(setup);
        stage.go_to(at);
        stage.answer_listing(Ok(page));
        stage
    }

    /// Types a folder into the breadcrumb.
    pub(crate) fn go_to(&mut self, at: &Location) {
        self.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
        self.window.run();
        self.window.event(egui::Event::Text(format!("{}/{}", at.bucket, at.prefix)));
        self.window.run();
        self.window.key_press(egui::Key::Enter);
        self.window.run();
    }

    /// Answers the last question for a folder.
    pub(crate) fn answer_listing(&mut self, result: Result<ObjectPage, bucketdrop::model::Failure>) {
        let (request, at) = {
            let commands = self.wire.commands.lock().unwrap();
            let asked = commands.iter().rev().find_map(|command| match command {
                Command::ListObjects { request, at, .. } => Some((*request, at.clone())),
                _ => None,
            });
            asked.unwrap()
        };
        let result = result.map(Box::new).map_err(Box::new);
        self.wire.tell(Event::ObjectsListed { request, at: Box::new(at), result });
        self.window.run();
    }

    /// Chooses the command of the palette that these words find first.
    pub(crate) fn by_palette(&mut self, typed: &str) {
        self.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
        self.window.run();
        self.window.event(egui::Event::Text(typed.to_owned()));
        self.window.run();
        self.window.key_press(egui::Key::Enter);
        self.window.run();
    }

    /// Whether these words stand somewhere in the window.
    pub(crate) fn says(&self, words: &str) -> bool {
        use egui_kittest::kittest::Queryable as _;
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    /// Writes what the window looks like, for the eye.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("BUCKETDROP_PICTURES") else { return };
        let image = self.window.render().unwrap();
        image.save(PathBuf::from(folder).join(format!("{name}.png"))).unwrap();
    }
}
