//! A window with nothing but dialogs: the model is made up, actions are collected instead of carried out.

use crate::support::harness;
use bucketdrop::locale::Lang;
use bucketdrop::model::{
    AppModel, BucketName, Command, Connection, ConnectionId, CredentialSource, EngineSnapshot, Event, Location, Prefix,
    Region, Service, Settings,
};
use bucketdrop::ui::actions::{Action, Actions};
use bucketdrop::ui::dialogs::{Dialog, Dialogs, dialogs_ui};
use bucketdrop::ui::theme;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// What the harness holds.
#[derive(Default)]
pub(super) struct Stage {
    pub(super) model: AppModel,
    pub(super) dialogs: Dialogs,
    pub(super) actions: Vec<Action>,
}

/// How the window looks.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    pub(super) lang: Lang,
    pub(super) theme: egui::Theme,
    pub(super) size: [f32; 2],
    pub(super) scale: f32,
}

impl Default for Looks {
    fn default() -> Self {
        Self { lang: Lang::En, theme: egui::Theme::Light, size: [1280.0, 800.0], scale: 1.0 }
    }
}

impl Stage {
    pub(super) fn apply(&mut self, event: &Event) {
        self.model.apply(event);
        let mut actions = Actions::new();
        self.dialogs.apply(event, &self.model, &mut actions);
        self.carry_out(&mut actions);
    }

    fn carry_out(&mut self, actions: &mut Actions) {
        for action in actions.take() {
            match action {
                Action::ShowDialog(dialog) => self.dialogs.show(dialog, &self.model),
                action => self.actions.push(action),
            }
        }
    }

    /// Commands sent so far; forgets them.
    pub(super) fn take_commands(&mut self) -> Vec<Command> {
        let taken = std::mem::take(&mut self.actions);
        let (commands, others): (Vec<_>, Vec<_>) =
            taken.into_iter().partition(|action| matches!(action, Action::Command(_)));
        self.actions = others;
        commands
            .into_iter()
            .filter_map(|action| match action {
                Action::Command(command) => Some(command),
                _ => None,
            })
            .collect()
    }

    /// The one command sent since the last look.
    #[track_caller]
    pub(super) fn the_command(&mut self) -> Command {
        let mut commands = self.take_commands();
        assert_eq!(commands.len(), 1, "exactly one command: {commands:?}");
        commands.remove(0)
    }
}

pub(super) fn connection() -> Connection {
    Connection {
        name: "Studio AWS".into(),
        region: Region::new("ap-northeast-2").unwrap(),
        credentials: CredentialSource::Keychain { access_key_id: "AKIAIOSFODNN7EXAMPLE".into() },
        ..Connection::plain(ConnectionId::new("c-1"), Service::AmazonS3)
    }
}

pub(super) fn location() -> Location {
    Location {
        connection: ConnectionId::new("c-1"),
        bucket: BucketName::new("weandb").unwrap(),
        prefix: Prefix::new("photos/2026/"),
    }
}

/// A model with one connection, open.
pub(super) fn model() -> AppModel {
    let mut model = AppModel::default();
    model.apply(&Event::Started(Box::new(EngineSnapshot {
        connections: vec![connection()],
        settings: Settings::default(),
        warnings: Vec::new(),
        settings_path: "/home/user/.config/bucketdrop/settings.toml".into(),
        log_folder: "/home/user/.local/state/bucketdrop/log".into(),
    })));
    let request = bucketdrop::model::RequestId::next();
    model.note_opening(ConnectionId::new("c-1"), request);
    model
}

/// A window with this dialog open.
pub(super) fn open(dialog: Dialog) -> Harness<'static, Stage> {
    let mut harness = empty(Looks::default());
    show(&mut harness, dialog);
    harness
}

pub(super) fn show(harness: &mut Harness<'_, Stage>, dialog: Dialog) {
    let stage = harness.state_mut();
    stage.dialogs.show(dialog, &stage.model);
    harness.run();
}

/// A window without dialogs.
pub(super) fn empty(looks: Looks) -> Harness<'static, Stage> {
    let stage = Stage { model: model(), ..Stage::default() };
    harness(looks.size, looks.theme, looks.lang).with_pixels_per_point(looks.scale).build_ui_state(
        |ui, stage: &mut Stage| {
            backdrop_ui(ui);
            let mut actions = Actions::new();
            dialogs_ui(ui, &stage.model, &mut stage.dialogs, &mut actions);
            stage.carry_out(&mut actions);
        },
        stage,
    )
}

/// Something behind the dialogs, so that pictures show the dimming.
fn backdrop_ui(ui: &mut egui::Ui) {
    let tokens = theme::tokens(ui);
    let rect = ui.ctx().content_rect();
    ui.painter().rect_filled(rect, 0.0, tokens.background);
    let mut sidebar = rect;
    sidebar.set_width(232.0);
    ui.painter().rect_filled(sidebar, 0.0, tokens.sidebar);
}

/// Tells the window something of the engine, and draws until it is quiet.
pub(super) fn tell(harness: &mut Harness<'_, Stage>, event: impl std::borrow::Borrow<Event>) {
    harness.state_mut().apply(event.borrow());
    harness.run();
}

pub(super) fn click(harness: &mut Harness<'_, Stage>, role: egui::accesskit::Role, label: &str) {
    harness.get_by_role_and_label(role, label).click();
    harness.run();
}

pub(super) fn click_button(harness: &mut Harness<'_, Stage>, label: &str) {
    click(harness, egui::accesskit::Role::Button, label);
}

/// Puts text into the field of this name, in place of what is there.
pub(super) fn fill(harness: &mut Harness<'_, Stage>, role: egui::accesskit::Role, label: &str, text: &str) {
    harness.get_by_role_and_label(role, label).focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.get_by_role_and_label(role, label).type_text(text);
    harness.run();
}

pub(super) fn press(harness: &mut Harness<'_, Stage>, key: egui::Key) {
    harness.key_press(key);
    harness.run();
}

/// Everything the accessibility tree says, in one text.
pub(super) fn spoken(harness: &Harness<'_, Stage>) -> String {
    let mut all = String::new();
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        for words in [node.label(), node.value(), node.description(), node.placeholder().map(str::to_owned)] {
            all.push_str(&words.unwrap_or_default());
            all.push('\n');
        }
    }
    all
}

/// Whether a button can be pressed.
pub(super) fn is_enabled(harness: &Harness<'_, Stage>, label: &str) -> bool {
    let button = harness.get_by_role_and_label(egui::accesskit::Role::Button, label);
    !button.accesskit_node().is_disabled()
}

/// What has the keyboard.
pub(super) fn focused(harness: &Harness<'_, Stage>) -> String {
    let found = harness.root().children_recursive().find(egui_kittest::Node::is_focused);
    found.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}
