//! The window's program: drains the engine, lets the views draw, carries out what they asked for. Nothing here waits.

use std::path::PathBuf;
use std::time::Duration;

use super::actions::Actions;
use super::dialogs::{Dialog, Dialogs, toasts::Toasts};
use super::drag_pointer::{self, DragPointer, FollowPointer};
use super::drop_target::DropSupport;
use super::engine_link::EngineLink;
use super::frame_rate::LateWaker;
use super::pickers::{FileChooser, Pickers};
use super::system_theme::{self, SystemTheme, WatchColorScheme};
use super::ui_state::UiState;
use super::unread_drag::{self, UnreadDrags, WatchDrags};
use super::{effects, ending, frame_rate, layout, paste, reactions, shortcuts, text, theme};
use crate::locale::Lang;
use crate::model::{AppModel, ColorScheme, ConnectionId, QueueHold, Settings};

/// What the window is started with.
pub struct AppDeps {
    /// The engine, already running.
    pub engine: Box<dyn EngineLink>,
    /// Opens the system's file choosers.
    pub chooser: Box<dyn FileChooser>,
    /// Connected to the window, so that the engine can wake it.
    pub waker: LateWaker,
    /// What the command line said.
    pub start: Start,
}

/// What the window does first.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Files to upload, given as arguments.
    pub files: Vec<PathBuf>,
    /// A connection to open, by name or id.
    pub connection: Option<String>,
    /// Whether files can be dropped here.
    pub drops: DropSupport,
    /// Follows the pointer while files hover, where the toolkit does not.
    pub follow_pointer: Option<FollowPointer>,
    /// Watches for drags that the toolkit does not take over, or calls by other names.
    pub watch_drags: Option<WatchDrags>,
    /// Listens to the desktop for light or dark, where the toolkit does not.
    pub watch_color_scheme: Option<WatchColorScheme>,
}

/// Whether the window may close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Only after asking, if transfers are under way.
    #[default]
    AskWhenBusy,
    /// The user has said so.
    Sure,
}

/// What ties the window to the system.
pub struct Shell {
    /// Opens file choosers.
    pub chooser: Box<dyn FileChooser>,
    /// Those that are open.
    pub pickers: Pickers,
    /// Whether the window may close.
    pub closing: Closing,
    /// What to do first, until it is done.
    pub start: Start,
    /// The connection of the last run, to be opened again.
    pub last_connection: Option<ConnectionId>,
    /// The window's title as it was last set.
    title: String,
    /// Settings whose looks are in use.
    applied: Option<(crate::model::Language, crate::model::ThemeChoice)>,
    /// Where files of other programs hover.
    drag_pointer: DragPointer,
    /// What was dragged over the window in vain.
    pub(super) unread_drags: UnreadDrags,
    /// What the desktop says of light and dark.
    system_theme: SystemTheme,
}

/// The window.
pub struct App {
    pub(super) engine: Box<dyn EngineLink>,
    pub(super) model: AppModel,
    pub(super) ui: UiState,
    pub(super) dialogs: Dialogs,
    pub(super) toasts: Toasts,
    pub(super) shell: Shell,
}

/// Under this name the window's own storage remembers the last connection.
const LAST_CONNECTION: &str = "last-connection";

impl App {
    /// How long the program waits for the engine after the window is gone.
    pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(3);

    /// Sets the window up: fonts, colours, wake-up. The first frame can be painted right after.
    pub fn new(cc: &eframe::CreationContext<'_>, deps: AppDeps) -> Self {
        theme::install(&cc.egui_ctx);
        // Where the system has no opinion, as on plain X11.
        system_theme::fall_back_on(&cc.egui_ctx, ColorScheme::NoPreference);
        deps.waker.connect(&cc.egui_ctx);
        let last_connection = cc.storage.and_then(|storage| storage.get_string(LAST_CONNECTION));
        let mut ui = UiState { handed_over: deps.start.files.clone(), ..UiState::default() };
        ui.drop.support = deps.start.drops;
        let mut app = Self {
            engine: deps.engine,
            model: AppModel::default(),
            ui,
            dialogs: Dialogs::default(),
            toasts: Toasts::default(),
            shell: Shell {
                chooser: deps.chooser,
                pickers: Pickers::default(),
                closing: Closing::default(),
                drag_pointer: DragPointer::of(cc, deps.start.follow_pointer),
                unread_drags: UnreadDrags::of(
                    drag_pointer::x11_window(cc),
                    deps.start.watch_drags,
                    frame_rate::waker(&cc.egui_ctx),
                ),
                system_theme: SystemTheme::of(deps.start.watch_color_scheme, frame_rate::waker(&cc.egui_ctx)),
                start: deps.start,
                last_connection: last_connection.filter(|id| !id.is_empty()).map(ConnectionId::new),
                title: String::new(),
                applied: None,
            },
        };
        app.apply_looks(&cc.egui_ctx);
        app
    }

    /// The read model, for tests.
    pub fn model(&self) -> &AppModel {
        &self.model
    }

    /// Takes over colours and language when the settings changed.
    fn apply_looks(&mut self, ctx: &egui::Context) {
        let Settings { language, theme: colours, .. } = self.model.settings;
        if self.shell.applied != Some((language, colours)) {
            theme::apply_choice(ctx, colours);
            text::set_lang(ctx, Lang::resolve(language));
            self.shell.applied = Some((language, colours));
        }
    }

    /// Says in the window's title which folder is shown.
    fn apply_title(&mut self, ctx: &egui::Context) {
        let title = layout::title(ctx, &self.model);
        if title != self.shell.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.shell.title = title;
        }
    }

    /// Keeps the window open and asks, while something is under way.
    fn guard_close(&mut self, ctx: &egui::Context) {
        let is_asked_to_close = ctx.input(|input| input.viewport().close_requested());
        if !is_asked_to_close || self.shell.closing == Closing::Sure || !self.is_busy() {
            return;
        }
        ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        self.ask_to_quit();
    }

    /// Whether transfers are under way, which quitting would stop.
    pub(super) fn is_busy(&self) -> bool {
        // What was dropped while nothing can be written down is in no list yet, and would be gone.
        let is_dropped = |hold: &QueueHold| matches!(hold, QueueHold::JournalStalled(_));
        let transfers = &self.model.transfers;
        transfers.counts.active > 0 || transfers.holds.iter().any(is_dropped)
    }

    /// Opens the question whether to leave, once.
    pub(super) fn ask_to_quit(&mut self) {
        self.dialogs.show(Dialog::Quit, &self.model);
    }
}

/// Whether another program gets the focus, which may then use the clipboard.
fn loses_focus(events: &[egui::Event]) -> bool {
    events.contains(&egui::Event::WindowFocused(false))
}

/// How often something was put on the clipboard in this frame.
fn copies(ctx: &egui::Context) -> usize {
    let is_copy = |command: &&egui::OutputCommand| matches!(command, egui::OutputCommand::CopyText(_));
    ctx.output(|output| output.commands.iter().filter(is_copy).count())
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        let mut actions = Actions::new();
        if ctx.input(|input| loses_focus(&input.events)) {
            self.ui.links.put_on_clipboard(None);
        }
        for event in self.engine.drain_events() {
            self.model.apply(&event);
            self.dialogs.apply(&event, &self.model, &mut actions);
            reactions::react(self, ctx, event, &mut actions);
        }
        for (purpose, picked) in self.shell.pickers.poll(ctx) {
            reactions::picked(purpose, picked, &mut actions);
        }
        unread_drag::tell(self, ctx);
        self.shell.system_theme.follow(ctx);
        self.apply_looks(ctx);
        self.apply_title(ctx);
        self.guard_close(ctx);
        ending::leave_when_quiet(self, ctx, &mut actions);
        effects::carry_out(self, ctx, frame, actions);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let mut actions = Actions::new();
        let dialogs = if self.dialogs.is_open() { shortcuts::Dialogs::Open } else { shortcuts::Dialogs::None };
        shortcuts::push_pressed(ui.ctx(), &self.model, &self.ui, dialogs, &mut actions);
        let copies = copies(ui.ctx());
        layout::window_ui(ui, self, &mut actions);
        let title = self.shell.title.clone();
        // The toolkit gives the window's node a title on the screen only.
        ui.ctx().accesskit_node_builder(egui::accesskit_root_id(), |node| node.set_label(title));
        if copies != self::copies(ui.ctx()) {
            // A text field has put something there.
            self.ui.links.put_on_clipboard(None);
        }
        if !actions.is_empty() {
            // What they change is drawn although nothing else happens: a drop is followed by no event.
            frame_rate::paint_soon(ui.ctx());
        }
        effects::carry_out(self, ui.ctx(), frame, actions);
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        if loses_focus(&raw_input.events) {
            self.ui.links.put_on_clipboard(None);
        }
        self.ui.drop.forget_lost_drag(raw_input, self.shell.drag_pointer.during_drag());
        self.shell.drag_pointer.add_to(ctx, raw_input);
        paste::translate_for_text_fields(ctx, raw_input);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        let id = self.model.open.as_ref().map(|open| open.id.as_str()).unwrap_or_default();
        storage.set_string(LAST_CONNECTION, id.to_owned());
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.engine.shutdown(Self::SHUTDOWN_LIMIT);
    }
}
